"""Layers for Python's operators and the functions of ``tf.*`` on `KerasTensor`s."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import Any

from tensorlet import ops
from tensorlet.core.symbolic import Kind, add_kind
from tensorlet.dtypes import DType
from tensorlet.errors import InvalidArgumentError, TracingError
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.keras_tensor import KerasTensor, keras_tensors, set_operator_layer
from tensorlet.keras.naming import unique_name
from tensorlet.ops.conversion import convert_together
from tensorlet.registry import register

#: Maps TensorFlow's path of an operation to the operation.
_OPERATIONS = {
    "__operators__.add": ops.add,
    "__operators__.getitem": ops.getitem,
    "linalg.matmul": ops.matmul,
    "math.abs": ops.abs,
    "math.floordiv": ops.floordiv,
    "math.floormod": ops.floormod,
    "math.greater": ops.greater,
    "math.greater_equal": ops.greater_equal,
    "math.less": ops.less,
    "math.less_equal": ops.less_equal,
    "math.logical_and": ops.logical_and,
    "math.logical_not": ops.logical_not,
    "math.logical_or": ops.logical_or,
    "math.multiply": ops.multiply,
    "math.negative": ops.negative,
    "math.not_equal": ops.not_equal,
    "math.pow": ops.pow,
    "math.subtract": ops.subtract,
    "math.truediv": ops.divide,
}


#: Maps the last part of a path in TensorFlow to the name of the operation here, where they differ.
_OTHER_NAMES = {"mod": "floormod", "realdiv": "divide", "rint": "round", "swish": "silu", "truediv": "divide"}
#: Modules whose functions a path may name.
_MODULES = (
    "keras.activations", "keras.losses", "keras.backend.mathematics", "keras.backend.networks",
    "keras.backend.shapes",
)  # fmt: skip


@register("layer", "TFOpLambda", "SlicingOpLambda")
class TFOpLambda(Layer):
    """Wraps one function as a layer, such as ``2 * x`` and ``tf.exp(x)`` in a functional model.

    Args:
        function: the path of the function, such as ``"math.multiply"``.
        name, options: the arguments of `Layer`.
        operation: the function itself; by default it is looked up.

    Raises:
        InvalidArgumentError: if the path does not name a function of tensors.

    >>> import tensorlet as tf
    >>> x = tf.keras.Input(shape=(3,))
    >>> model = tf.keras.Model(x, tf.exp(0.0 * x[:, 1:]))
    >>> model(tf.constant([[1.0, 2.0, 3.0]])).numpy()
    array([[1., 1.]], dtype=float32)
    """

    config_names = ("function",)
    converts_inputs = False

    def __init__(
        self,
        function: str,
        name: str | None = None,
        operation: Callable[..., Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name=name or _name_of(function), **options)
        self.function = function
        self._operation = operation or _find(function)
        self.built = True

    @property
    def searches_lengths(self) -> bool:  # type: ignore[override]
        """Whether it is a function of Keras 3, whose shapes may be any that are possible."""
        return self.function.startswith("keras.ops")

    @property
    def is_operator(self) -> bool:
        """Whether the function is one of Python's operators."""
        return self.function in _OPERATIONS

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Applies the function; operands may be numbers, arrays and tensors of any kind."""
        if keras_tensors((args, kwargs)):
            return self._call_symbolically(*self._named(args, kwargs))
        return self.call(*args, **kwargs)

    def _named(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Names all arguments but the first, as in the configuration of a model."""
        if self.function in _OPERATIONS or (len(args) == 1 and not kwargs):
            return args, kwargs
        try:
            given = inspect.signature(self._operation).bind(*args, **kwargs).arguments
        except TypeError:  # the call itself raises a better message
            return args, kwargs
        kinds = inspect.signature(self._operation).parameters
        if any(kinds[name].kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD for name in given):
            return args, kwargs
        given.pop("name", None)
        first, *others = given
        return (given[first],), {name: given[name] for name in others}

    def call(self, *operands: Any, **options: Any) -> Any:
        """Applies the function."""
        if self.function == "__operators__.getitem":
            tensor, key = operands
            parts = key if isinstance(key, tuple | list) else (key,)
            return ops.getitem(tensor, tuple(_slice_from_config(part) for part in parts))
        if self.is_operator and len(operands) == 2 and not options:
            operands = tuple(convert_together(operands))  # as `1 + x`, where the tensor decides the dtype
        return self._operation(*operands, **options)


#: The names of operators in Keras 3, where they are not the last part of the path.
_NAMES_IN_KERAS_3 = {
    "getitem": "get_item", "truediv": "true_divide", "floordiv": "floor_divide", "floormod": "mod", "pow": "power",
}  # fmt: skip


def _name_of(function: str) -> str:
    """The name of the layer of a function, to which none is given: ``tf.math.pow``, in Keras 3 ``power``."""
    if keras_generation() == 2:
        return unique_name(f"tf.{function}")
    last = function.rpartition(".")[2]
    return unique_name(_NAMES_IN_KERAS_3.get(last, last))


#: Keras 3's functions of tensors, whose modules import the layers.
_KERAS_3 = ("keras.ops", "keras.ops.image", "keras.ops.linalg", "keras.ops.nn", "keras.ops.numpy")


def _find(path: str) -> Callable[..., Any]:
    """Returns the function of tensors at a path; only modules of this package are imported."""
    if path in _OPERATIONS:
        found: Any = _OPERATIONS[path]
        return found
    module, _, last = path.rpartition(".")
    places: list[Any] = []
    if not module.startswith("keras"):
        places = [ops.random, ops.stateless_random] if module == "random" else [ops]
    elif module in _KERAS_3:
        places = [importlib.import_module(f"tensorlet.{module}")]
    elif module == "keras.backend" or module in _MODULES:
        places = [importlib.import_module(f"tensorlet.{one}") for one in _MODULES if one.startswith(module)]
    for place in places:
        found = getattr(place, _OTHER_NAMES.get(last, last), None)
        if callable(found) and not last.startswith("_") and not inspect.isclass(found):
            return found
    raise InvalidArgumentError(
        f"TFOpLambda: tf.{path} is not a supported function of tensors. Use a custom layer "
        "or a tf.keras.layers.Lambda layer."
    )


def _slice_from_config(part: object) -> Any:
    """Restores a slice, which JSON stores as a dictionary."""
    if isinstance(part, dict):
        return slice(part.get("start"), part.get("stop"), part.get("step"))
    return part


def operand_config(value: object) -> Any:
    """Converts an operand that is not a `KerasTensor` to a value for the configuration of a model."""
    if isinstance(value, slice):
        return {"start": value.start, "stop": value.stop, "step": value.step}
    if value is Ellipsis:
        raise InvalidArgumentError("x[...] cannot be stored in a configuration. Write x[:, :] with all axes.")
    if isinstance(value, tuple | list):
        return [operand_config(item) for item in value]
    if isinstance(value, dict):
        return {key: operand_config(item) for key, item in value.items()}
    if isinstance(value, DType):
        return value.name
    if hasattr(value, "numpy"):
        value = value.numpy()
    return value.tolist() if hasattr(value, "tolist") else value


def _apply_operator(path: str, *operands: Any) -> Any:
    return TFOpLambda(path)(*operands)


def _as_layer(path: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Calls a function on `KerasTensor`s, as a layer."""
    try:
        return TFOpLambda(path, operation=function)(*args, **kwargs)
    except TracingError as error:
        raise TracingError(
            f"tf.{path} on {keras_tensors((args, kwargs))[0]!r}: {error} In a functional model, put this "
            "computation into the method call(self, x) of a custom layer, where x.shape is known."
        ) from None


def _is_in(structure: object) -> bool:
    """Whether nested arguments contain a `KerasTensor`, whatever else they contain."""
    if isinstance(structure, dict):
        structure = tuple(structure.values())
    if isinstance(structure, list | tuple):
        return any(_is_in(item) for item in structure)
    return isinstance(structure, KerasTensor)


add_kind(Kind(_is_in, _as_layer))
set_operator_layer(_apply_operator)
