"""`KerasTensor`: the symbolic tensor of a functional model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from tensorlet.core.shape import TensorShape
from tensorlet.dtypes import DType, as_dtype
from tensorlet.errors import InvalidArgumentError, TracingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np

    from tensorlet.keras.layers.base import Layer
    from tensorlet.type_aliases import DTypeLike


class Node:
    """One call of a layer on `KerasTensor`s.

    Attributes:
        layer: the layer.
        args, kwargs: the arguments of the call, with the `KerasTensor`s among them.
        inputs: the `KerasTensor`s among the arguments.
        outputs: the `KerasTensor`s that the call returned, in order.
        output_structure: the structure of the layer's result, such as a list or dictionary.
        index: the position of the call among those of the layer.
    """

    def __init__(
        self,
        layer: Layer,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        inputs: list[KerasTensor],
        index: int,
    ) -> None:
        self.layer = layer
        self.args = args
        self.kwargs = kwargs
        self.inputs = inputs
        self.outputs: list[KerasTensor] = []
        self.output_structure: Any = None
        self.index = index


def _operator(path: str) -> Callable[..., Any]:
    def forward(self: KerasTensor, *others: Any) -> Any:
        return _apply(path, self, *others)

    return forward


def _reflected(path: str) -> Callable[..., Any]:
    def backward(self: KerasTensor, other: object) -> Any:
        return _apply(path, other, self)

    return backward


#: Creates the layer for an operator and calls it; set by `tensorlet.keras.layers.operators`, which imports layers.
_operator_layers: list[Callable[..., Any]] = []


def set_operator_layer(apply: Callable[..., Any]) -> None:
    """Defines what ``x + y`` on `KerasTensor`s does.

    Args:
        apply: called with the path of the operator, such as ``"math.multiply"``, and the operands.
    """
    _operator_layers[:] = [apply]


def _apply(path: str, *operands: Any) -> Any:
    return _operator_layers[0](path, *operands)


class KerasTensor:
    """A symbolic tensor of a functional model, with a shape and a dtype but without values.

    `tf.keras.Input` creates one; calling a layer on it returns another. Python's operators, indexing
    and the functions of ``tf.*`` also accept it, and create layers.

    Attributes:
        shape: the lengths of the axes; None for the batch axis if the number of examples is not fixed.
        dtype: the element type.
        name: the name of the layer that created it.
        node: the call that created it; None if it was made by itself, to ask a layer for the shape of its output.
        known: the values of integers that follow from shapes, as `OpenSpec` has them; None for all others.

    >>> import tensorlet as tf
    >>> x = tf.keras.Input(shape=(3,))
    >>> (2.0 * x + 1.0).shape
    TensorShape([None, 3])
    >>> tf.reduce_sum(tf.square(x), axis=1).shape
    TensorShape([None])
    """

    #: Makes NumPy defer to this class for ``array * keras_tensor``.
    __array_ufunc__ = None

    #: Sparse and ragged tensors are not part of functional models.
    sparse = ragged = False

    def __init__(
        self,
        shape: Sequence[int | None],
        dtype: DTypeLike = "float32",
        name: str | None = None,
        node: Any = None,
        position: int = 0,
        known: Sequence[np.ndarray] | None = None,
        **ignored: object,
    ) -> None:
        if (
            ignored.keys() - {"sparse", "ragged", "record_history"}
            or ignored.get("sparse")
            or ignored.get("ragged")
        ):
            raise InvalidArgumentError(
                f"KerasTensor got {', '.join(sorted(ignored))}. It takes shape, dtype and name, and is never sparse or "
                "ragged."
            )
        self.shape = TensorShape(shape)
        self.dtype: DType = as_dtype(dtype)
        self.name = name or "keras_tensor"
        self.node = node
        self.position = position
        self.known = known

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def _keras_history(self) -> tuple[Any, int, int]:
        """The layer that created it, the index of the call, and the index among its outputs."""
        return self.node.layer, self.node.index, self.position

    def get_shape(self) -> TensorShape:
        """Returns the lengths of the axes."""
        return self.shape

    __add__, __radd__ = _operator("__operators__.add"), _reflected("__operators__.add")
    __sub__, __rsub__ = _operator("math.subtract"), _reflected("math.subtract")
    __mul__, __rmul__ = _operator("math.multiply"), _reflected("math.multiply")
    __truediv__, __rtruediv__ = _operator("math.truediv"), _reflected("math.truediv")
    __floordiv__, __rfloordiv__ = _operator("math.floordiv"), _reflected("math.floordiv")
    __mod__, __rmod__ = _operator("math.floormod"), _reflected("math.floormod")
    __pow__, __rpow__ = _operator("math.pow"), _reflected("math.pow")
    __matmul__, __rmatmul__ = _operator("linalg.matmul"), _reflected("linalg.matmul")
    __and__, __rand__ = _operator("math.logical_and"), _reflected("math.logical_and")
    __or__, __ror__ = _operator("math.logical_or"), _reflected("math.logical_or")
    __lt__, __le__ = _operator("math.less"), _operator("math.less_equal")
    __gt__, __ge__ = _operator("math.greater"), _operator("math.greater_equal")
    __neg__, __abs__ = _operator("math.negative"), _operator("math.abs")
    __invert__ = _operator("math.logical_not")
    __getitem__ = _operator("__operators__.getitem")

    def read_variable(self, reader: object) -> NoReturn:
        """Raises an error; operations call this to get the values."""
        raise TracingError(
            f"{self!r} has no values: it represents the data of a functional model. "
            "Use layers, Python's operators (x * 2, x[:, 0]) and functions such as tf.sqrt on it; wrap "
            "other computations in a layer, for example tf.keras.layers.Lambda(lambda t: my_function(t))(x)."
        )

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NoReturn:
        self.read_variable(None)

    def __getattr__(self, name: str) -> NoReturn:
        # Python calls this for missing attributes only.
        text = f"A KerasTensor has no attribute '{name}'."
        if name in ("numpy", "eval", "item", "tolist"):
            text += " It has no values: call the model on data to get values."
        raise AttributeError(text, name=name, obj=self)

    def __bool__(self) -> NoReturn:
        raise TracingError(
            f"{self!r} has no values, so it cannot be used with Python's `if`, `and`, `or` and `not`. "
            "Use tf.where inside a layer to choose between values."
        )

    def __len__(self) -> NoReturn:
        raise TypeError(f"The length of {self!r} is unknown: it is the number of examples. Use x.shape.")

    def __iter__(self) -> Iterator[Any]:
        count = self.shape[0] if self.shape else None
        if count is None:
            raise TypeError(f"{self!r} cannot be iterated over: the length of its first axis is unknown.")
        return (self[number] for number in range(count))

    def __repr__(self) -> str:
        origin = f" (created by layer '{self.node.layer.name}')" if self.node is not None else ""
        return f"<KerasTensor: shape={self.shape} dtype={self.dtype.name}{origin}>"


def keras_tensors(structure: object) -> list[KerasTensor]:
    """Returns the `KerasTensor`s in nested lists, tuples and dictionaries, in order."""
    if isinstance(structure, KerasTensor):
        return [structure]
    if isinstance(structure, list | tuple):
        return [tensor for item in structure for tensor in keras_tensors(item)]
    if isinstance(structure, dict):
        return [tensor for key in sorted(structure) for tensor in keras_tensors(structure[key])]
    return []


def replaced(structure: object, change: Callable[[KerasTensor], Any]) -> Any:
    """Returns the structure with ``change`` applied to each `KerasTensor`."""
    if isinstance(structure, KerasTensor):
        return change(structure)
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return type(structure)(*(replaced(item, change) for item in structure))
    if isinstance(structure, list | tuple):
        return type(structure)(replaced(item, change) for item in structure)
    if isinstance(structure, dict):
        return {key: replaced(item, change) for key, item in structure.items()}
    return structure
