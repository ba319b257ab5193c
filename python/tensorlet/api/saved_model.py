"""``tf.saved_model``: objects with variables and traced functions in a folder, in a form of Tensorlet's own.

The folder holds ``saved_model.json``, which says what it is and holds the graphs of the functions, and ``arrays.npz``
with variables and constants. For Keras models it also holds the file ``model.keras``; the functions are those of
inference, for programs without the classes of the model. TensorFlow does not read it, and TensorFlow's own folders
are not read. Nothing in the files is code.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.api.saved_functions import LoadedFunction, Signature, describe_concrete, describe_open
from tensorlet.api.saved_keras import DEFAULT_SIGNATURE, MODEL_FILE, describe_model, load_model
from tensorlet.checkpoint.module import Module
from tensorlet.checkpoint.object_graph import children
from tensorlet.core.concrete_function import Concrete
from tensorlet.core.eager import EAGER
from tensorlet.core.function import Function
from tensorlet.core.open_lengths import OpenConcrete, has_open_length
from tensorlet.core.signature import TensorSpec
from tensorlet.core.variable import Variable
from tensorlet.errors import FileFormatError, InvalidArgumentError, NotFoundError, warn_user
from tensorlet.formats.array_archive import read_arrays
from tensorlet.formats.atomic import write_atomically
from tensorlet.formats.checksums import sealed, unsealed

if TYPE_CHECKING:
    from tensorlet.type_aliases import PathLike

_FORM = "saved model of Tensorlet"
_ABOUT = "Written by tf.saved_model.save of Tensorlet. tf.saved_model.load of Tensorlet reads it; TensorFlow does not."
_FILE, _ARRAYS = "saved_model.json", "arrays.npz"
DEFAULT_SERVING_SIGNATURE_DEF_KEY = DEFAULT_SIGNATURE


def save(obj: Any, export_dir: PathLike, signatures: Any = None, options: object = None) -> None:
    """Writes an object into a folder: its variables, and its functions as far as they have been traced.

    Args:
        obj: a `tf.Module` or another object with variables, or a Keras model.
        export_dir: the folder.
        signatures: functions by name, or one function, that are saved as well.
        options: ignored.

    Raises:
        InvalidArgumentError: for functions with loops or choices of tensors.

    >>> import tensorlet as tf, tempfile
    >>> class Line(tf.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.slope = tf.Variable(3.0)
    ...     @tf.function(input_signature=[tf.TensorSpec([2])])
    ...     def at(self, x):
    ...         return self.slope * x
    >>> folder = tempfile.mkdtemp()
    >>> tf.saved_model.save(Line(), folder)
    >>> tf.saved_model.load(folder).at([1.0, 2.0]).numpy()
    array([3., 6.], dtype=float32)
    """
    folder = os.fspath(export_dir)
    os.makedirs(folder, exist_ok=True)
    if hasattr(obj, "compute_output_shape") and hasattr(obj, "save") and hasattr(obj, "layers"):
        obj.save(os.path.join(folder, MODEL_FILE))
        _write(folder, *describe_model(obj))
        return
    paths = dict(_variables(obj, ""))
    variables = list(paths.values())
    arrays = {f"variables/{place}": variable.numpy() for place, variable in enumerate(variables)}
    given = signatures if isinstance(signatures, Mapping) else {DEFAULT_SERVING_SIGNATURE_DEF_KEY: signatures}
    named = {
        **_functions(obj),
        **{name: function for name, function in given.items() if function is not None},
    }
    functions: dict[str, list[Any]] = {}
    for name, function in named.items():
        saved = _described(function, name, variables, arrays)
        if saved:
            functions[name] = saved
    about = {
        "variables": [
            {"path": path, "dtype": one.dtype.name, "trainable": one.trainable, "name": one.path}
            for path, one in paths.items()
        ],
        "functions": functions,
        "signatures": sorted(name for name, function in given.items() if function is not None),
    }
    _write(folder, about, arrays)


def _write(folder: str, about: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    content = io.BytesIO()
    np.savez(content, **arrays)  # type: ignore[arg-type]
    write_atomically(os.path.join(folder, _ARRAYS), content.getvalue())
    text = json.dumps(sealed({"format": _FORM, "version": 1, "about": _ABOUT, **about}), indent=1)
    write_atomically(os.path.join(folder, _FILE), text.encode())


def _variables(obj: Any, path: str) -> Iterator[tuple[str, Variable]]:
    """The variables of an object by their paths, each once."""
    seen: set[int] = set()

    def walk(value: Any, path: str) -> Iterator[tuple[str, Variable]]:
        if id(value) in seen:
            return
        seen.add(id(value))
        if isinstance(value, Variable):
            yield path, value
            return
        for name, child in children(value):
            yield from walk(child, f"{path}/{name}" if path else name)

    return walk(obj, path)


def _functions(obj: Any) -> dict[str, Any]:
    """The functions of an object that have been traced, or say what they take."""
    names = [name for name in dir(type(obj)) if isinstance(getattr(type(obj), name, None), Function)]
    names += [name for name, value in vars(obj).items() if isinstance(value, Function)]
    return {name: getattr(obj, name) for name in dict.fromkeys(names)}


def _described(
    function: Any, name: str, variables: list[Variable], arrays: dict[str, np.ndarray]
) -> list[dict[str, Any]]:
    """The graphs of a function: one for any number of rows if its signature says so, or those that were traced."""
    place = f"functions/{name}"
    signature = list(getattr(function, "input_signature", None) or ())
    if isinstance(function, OpenConcrete):
        signature = [one for one in function.structured_input_signature[0] if isinstance(one, TensorSpec)]
    if signature and _open_in_rows(signature):
        body = getattr(function, "python_function", function)
        try:
            return [describe_open(body, signature, variables, place, arrays)]
        except InvalidArgumentError:
            if isinstance(function, OpenConcrete):
                raise
    return [
        describe_concrete(concrete, variables, f"{place}/{number}", arrays)
        for number, concrete in enumerate(_traced(function))
    ]


def _open_in_rows(signature: list[Any]) -> bool:
    """Whether each argument is a tensor, and the lengths that a signature leaves open are first ones."""
    shapes = [one.shape for one in signature if isinstance(one, TensorSpec)]
    known = len(shapes) == len(signature) and all(shape.rank is not None for shape in shapes)
    return (
        known
        and any(shape.rank and shape[0] is None for shape in shapes)
        and not any(None in list(shape)[1:] for shape in shapes)
    )


def _traced(function: Any) -> list[Concrete]:
    if isinstance(function, Concrete):
        return [function]
    if not isinstance(function, Function):
        raise InvalidArgumentError(
            f"saved_model.save: a signature is of type {type(function).__name__}, expected a tf.function."
        )
    if not function._concretes and has_open_length(function.input_signature):
        warn_user(
            f"saved_model.save: '{function.name}' is not saved, since it has not been called, and its input_signature "
            "leaves lengths open. Call it first, for the shapes that it will be used with."
        )
    elif not function._concretes and function.input_signature is not None:
        function.get_concrete_function()
    return list(function._concretes.values())


class LoadedModule(Module):
    """What `load` returns: variables and functions as attributes. The functions of ``signatures`` give dictionaries.

    Attributes:
        signatures: the functions that were saved as signatures, by name.
    """

    def __init__(self) -> None:
        super().__init__(name="loaded_module")
        self.signatures: dict[str, Callable[..., Any]] = {}


class CallableModule(LoadedModule):
    """A loaded module that can be called, since it was saved with a traced ``__call__``."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the saved function ``__call__``."""
        return vars(self)["__call__"](*args, **kwargs)


def load(export_dir: PathLike, tags: object = None, options: object = None) -> Any:
    """The object that `save` has written: a Keras model, or a module with the same variables and functions.

    A Keras model whose classes the program does not have is loaded as a function of inference, which takes any number
    of rows: `loaded(x)`, or `loaded.signatures["serving_default"](x)`, which gives a dictionary.

    Args:
        export_dir: the folder.
        tags, options: ignored.

    Raises:
        NotFoundError: if there is no such folder.
        FileFormatError: if it holds something else, such as a SavedModel of TensorFlow.
    """
    folder = os.fspath(export_dir)
    if not os.path.isdir(folder):
        raise NotFoundError(f"saved_model.load: there is no folder {folder!r}.")
    if not os.path.exists(os.path.join(folder, _FILE)):
        what = "not a folder of tf.saved_model.save."
        if os.path.exists(os.path.join(folder, "saved_model.pb")):
            what = (
                "a SavedModel of TensorFlow, which is not supported: save the model there with "
                "model.save('model.keras'), and load that file."
            )
        raise FileFormatError(f"saved_model.load: {folder!r} is {what}")
    try:
        with open(os.path.join(folder, _FILE), encoding="utf-8") as file:
            about = json.load(file)
        if about.get("format") != _FORM:
            raise ValueError("another format")
        about = unsealed(about)
        if about.get("keras"):
            return load_model(folder, about, os.path.join(folder, _ARRAYS))
        return _module(about, read_arrays(os.path.join(folder, _ARRAYS)))
    except FileFormatError:
        raise
    except (AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError) as error:
        raise FileFormatError(f"saved_model.load: the files in {folder!r} are damaged ({error}).") from None


def _module(about: dict[str, Any], arrays: Any) -> LoadedModule:
    loaded = (CallableModule if "__call__" in about["functions"] else LoadedModule)()
    variables = []
    for place, entry in enumerate(about["variables"]):
        value = EAGER.convert(arrays[f"variables/{place}"])
        name = str(entry["name"]).removesuffix(":0")
        variables.append(Variable(value, trainable=bool(entry["trainable"]), name=name))
        _place(loaded, entry["path"].split("/"), variables[-1])
    for name, saved in about["functions"].items():
        function = LoadedFunction(name, saved, variables, arrays)
        if name in about["signatures"]:
            loaded.signatures[name] = Signature(function)
        else:
            setattr(loaded, name, function)
    return loaded


def _place(holder: Any, path: list[str], variable: Variable) -> None:
    """Sets an attribute of an attribute; modules between are made."""
    first, *rest = path
    if not rest:
        setattr(holder, first, variable)
        return
    if not hasattr(holder, first):
        setattr(holder, first, Module(name=first if first.isidentifier() else None))
    _place(getattr(holder, first), rest, variable)


def contains_saved_model(export_dir: PathLike) -> bool:
    """Whether a folder holds what `save` writes."""
    return os.path.exists(os.path.join(os.fspath(export_dir), _FILE))


class SaveOptions:
    """Options of `save`, which have no effect."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Accepts the arguments of TensorFlow's class."""
