"""Python's operators on `KerasTensor`s, as layers."""

from __future__ import annotations

from typing import Any

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers.base import REGISTRY, Layer
from tensorlet.keras.layers.keras_tensor import keras_tensors
from tensorlet.keras.naming import unique_name

#: TensorFlow's path of an operation -> the operation.
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
    "math.pow": ops.pow,
    "math.subtract": ops.subtract,
    "math.truediv": ops.divide,
}


@REGISTRY.register("TFOpLambda", "SlicingOpLambda")
class TFOpLambda(Layer):
    """One operation as a layer: what ``2 * x`` becomes in a functional model.

    Args:
        function: the operation's path, such as ``"math.multiply"``.
        name, options: as for every layer.

    Raises:
        InvalidArgumentError: for an operation that has no operator.

    >>> import tensorlet as tf
    >>> x = tf.keras.Input(shape=(3,))
    >>> model = tf.keras.Model(x, 2.0 * x[:, 1:])
    >>> model(tf.constant([[1.0, 2.0, 3.0]])).numpy()
    array([[4., 6.]], dtype=float32)
    """

    config_names = ("function",)
    converts_inputs = False

    def __init__(self, function: str, name: str | None = None, **options: Any) -> None:
        if function not in _OPERATIONS:
            raise InvalidArgumentError(
                f"TFOpLambda: there is no operator '{function}'. Use a tf.keras.layers.Lambda layer for other "
                f"operations. Operators: {', '.join(sorted(_OPERATIONS))}."
            )
        super().__init__(name=name or unique_name(f"tf.{function}"), **options)
        self.function = function
        self.built = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Applies the operation; the operands may be numbers, arrays and tensors of any kind."""
        if keras_tensors((args, kwargs)):
            return self._call_symbolically(args, kwargs)
        return self.call(*args, **kwargs)

    def call(self, *operands: Any) -> Any:
        """The operation itself."""
        if self.function == "__operators__.getitem":
            tensor, key = operands
            parts = key if isinstance(key, tuple | list) else (key,)
            return ops.getitem(tensor, tuple(_slice_from_config(part) for part in parts))
        operation: Any = _OPERATIONS[self.function]
        return operation(*operands)


def _slice_from_config(part: Any) -> Any:
    """A slice, also where it went through a JSON file as a dictionary."""
    if isinstance(part, dict):
        return slice(part.get("start"), part.get("stop"), part.get("step"))
    return part


def operand_config(value: Any) -> Any:
    """An operand that is no `KerasTensor`, as it stands in a model's configuration."""
    if isinstance(value, slice):
        return {"start": value.start, "stop": value.stop, "step": value.step}
    if value is Ellipsis:
        raise InvalidArgumentError("x[...] cannot be written into a configuration. Write x[:, :] in full.")
    if isinstance(value, tuple | list):
        return [operand_config(item) for item in value]
    if isinstance(value, dict):
        return {key: operand_config(item) for key, item in value.items()}
    if hasattr(value, "numpy"):
        value = value.numpy()
    return value.tolist() if hasattr(value, "tolist") else value
