"""``tf.saved_model``: objects with variables and traced functions in a folder, in a form of Tensorlet's own.

The folder holds ``saved_model.json``, which says what it is and holds the graphs of the functions, ``arrays.npz`` with
variables and constants, or for Keras models the file ``model.keras``. TensorFlow does not read it, and
TensorFlow's own folders are not read. Nothing in the files is code.
"""

from __future__ import annotations

import importlib
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.checkpoint.module import Module
from tensorlet.checkpoint.object_graph import children
from tensorlet.checkpoint.saved_graph import described, rebuilt
from tensorlet.core.concrete_function import Concrete, pack_outputs, unpack_outputs
from tensorlet.core.eager import EAGER
from tensorlet.core.function import Function
from tensorlet.core.open_lengths import has_open_length
from tensorlet.core.tracing import replay
from tensorlet.core.variable import Variable
from tensorlet.errors import FileFormatError, InvalidArgumentError, NotFoundError, ShapeError, warn_user
from tensorlet.formats.array_archive import read_arrays
from tensorlet.formats.atomic import write_atomically
from tensorlet.formats.checksums import sealed, unsealed
from tensorlet.graph import ir
from tensorlet.ops.registry import convert

if TYPE_CHECKING:
    from tensorlet.type_aliases import PathLike

_FORM = "saved model of Tensorlet"
_ABOUT = "Written by tf.saved_model.save of Tensorlet. tf.saved_model.load of Tensorlet reads it; TensorFlow does not."
_FILE, _ARRAYS, _KERAS = "saved_model.json", "arrays.npz", "model.keras"
DEFAULT_SERVING_SIGNATURE_DEF_KEY = "serving_default"


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
        obj.save(os.path.join(folder, _KERAS))
        _write(folder, {"keras": True}, {})
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
        for number, concrete in enumerate(_traced(function)):
            saved = described(concrete.graph, variables, f"functions/{name}/{number}", arrays)
            _, structure = unpack_outputs(_as_numbers(concrete))
            functions.setdefault(name, []).append({**saved, "structure": structure})
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


def _as_numbers(concrete: Concrete) -> Any:
    """The result of a function with the positions of its tensors in their places."""
    count = len(concrete.graph.outputs)
    return pack_outputs(concrete.structure, list(range(count)))


class LoadedModule(Module):
    """What `load` returns: variables and functions as attributes.

    Attributes:
        signatures: the functions that were saved as signatures, by name.
    """

    def __init__(self) -> None:
        super().__init__(name="loaded_module")
        self.signatures: dict[str, Callable[..., Any]] = {}


class LoadedFunction:
    """A saved function: it takes tensors of the shapes that it was traced for.

    Args:
        name: of the function.
        graphs: one for each of these shapes, and the structure of its result.
    """

    def __init__(self, name: str, graphs: list[tuple[ir.Graph, Any]]) -> None:
        self.__name__ = name
        self._graphs = graphs

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The result for some tensors."""
        given = [*args, *kwargs.values()]
        for graph, structure in self._graphs:
            if len(graph.inputs) != len(given):
                continue
            tensors = [convert(one, node.dtype) if not hasattr(one, "dtype") else convert(one)
                       for one, node in zip(given, graph.inputs, strict=True)]  # fmt: skip
            if all(tensor.spec == node.spec for tensor, node in zip(tensors, graph.inputs, strict=True)):
                return self._run(graph, structure, tensors)
        takes = " or ".join(", ".join(str(node.spec) for node in graph.inputs) for graph, _ in self._graphs)
        shown = ", ".join(str(convert(one).spec) for one in given)
        raise ShapeError(f"The saved function '{self.__name__}' takes {takes}, but got {shown}.")

    @staticmethod
    def _run(graph: ir.Graph, structure: Any, tensors: list[Any]) -> Any:
        values = {id(node): tensor for node, tensor in zip(graph.inputs, tensors, strict=True)}
        for node in graph.nodes():
            if node.kind == ir.VARIABLE:
                values[id(node)] = convert(node.value)
        whole = ir.Graph(graph.inputs, [*graph.outputs, *(node for _, node in graph.updates)])
        found = replay(whole, values)
        for (variable, _), value in zip(graph.updates, found[len(graph.outputs) :], strict=True):
            variable.assign(value)
        return _packed(structure, found)


def _packed(structure: Any, tensors: list[Any]) -> Any:
    if isinstance(structure, dict):
        return {key: _packed(one, tensors) for key, one in structure.items()}
    if isinstance(structure, list):
        return [_packed(one, tensors) for one in structure]
    return tensors[structure] if isinstance(structure, int) else structure


def load(export_dir: PathLike, tags: object = None, options: object = None) -> Any:
    """The object that `save` has written: a Keras model, or a module with the same variables and functions.

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
            models: Any = importlib.import_module("tensorlet.keras.models")
            return models.load_model(os.path.join(folder, _KERAS))
        return _module(about, read_arrays(os.path.join(folder, _ARRAYS)))
    except (AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError) as error:
        raise FileFormatError(f"saved_model.load: the files in {folder!r} are damaged ({error}).") from None


def _module(about: dict[str, Any], arrays: Any) -> LoadedModule:
    loaded = LoadedModule()
    variables = []
    for place, entry in enumerate(about["variables"]):
        value = EAGER.convert(arrays[f"variables/{place}"])
        name = str(entry["name"]).removesuffix(":0")
        variables.append(Variable(value, trainable=bool(entry["trainable"]), name=name))
        _place(loaded, entry["path"].split("/"), variables[-1])
    for name, saved in about["functions"].items():
        graphs = [(rebuilt(one, variables, arrays), one["structure"]) for one in saved]
        function = LoadedFunction(name, graphs)
        if name in about["signatures"]:
            loaded.signatures[name] = function
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
