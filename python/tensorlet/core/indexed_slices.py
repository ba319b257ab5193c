"""`tf.IndexedSlices`: some rows of a tensor that is zero elsewhere."""

from __future__ import annotations

from typing import Any

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.core.tensor import Operators, Tensor
from tensorlet.dtypes import DType
from tensorlet.errors import InvalidArgumentError
from tensorlet.ops.arguments import static_integers
from tensorlet.ops.gradient_rows import rows_of
from tensorlet.ops.registry import Spec, convert, interpreting


class _ByRows(type):
    """Gradients that are known by rows count as `IndexedSlices`."""

    def __instancecheck__(cls, instance: object) -> bool:
        return super().__instancecheck__(instance) or (
            isinstance(instance, Tensor) and rows_of(instance) is not None
        )


class IndexedSlices(Operators, metaclass=_ByRows):
    """Rows of a tensor and their indices; rows with the same index are added.

    A function of tensors that is given one takes the whole tensor, and so does an optimizer. The gradient of
    `tf.gather` is a whole tensor in Tensorlet: `tf.convert_to_tensor` gives the same from either. It is still an
    instance of this class, with its ``values``, ``indices`` and ``dense_shape``; optimizers use them where Keras 2
    makes a difference, see the legacy optimizers and ``clipnorm``.

    Args:
        values: the rows, [count, ...].
        indices: their numbers, [count].
        dense_shape: the shape of the whole tensor; needed to convert it.

    >>> import tensorlet as tf
    >>> rows = tf.IndexedSlices(tf.constant([[1.0], [2.0], [4.0]]), tf.constant([0, 2, 0]), tf.constant([3, 1]))
    >>> tf.convert_to_tensor(rows).numpy().tolist()
    [[5.0], [0.0], [2.0]]
    """

    __slots__ = ("dense_shape", "indices", "values")

    def __init__(self, values: Any, indices: Any, dense_shape: Any = None) -> None:
        self.values: Tensor = convert(values)
        self.indices: Tensor = convert(indices)
        self.dense_shape: Tensor | None = None if dense_shape is None else convert(dense_shape)

    @property
    def dtype(self) -> DType:
        """The element type."""
        return self.values.dtype

    @property
    def shape(self) -> TensorShape:
        """The shape of the whole tensor; its first length is None if it is not known."""
        if self.dense_shape is None:
            return TensorShape([None, *self.values.shape[1:]])
        return TensorShape(static_integers("tf.IndexedSlices", "dense_shape", self.dense_shape))

    @property
    def spec(self) -> Spec:
        """Shape and dtype of the whole tensor."""
        if self.dense_shape is None:
            raise InvalidArgumentError(
                "Tensor conversion requested for tf.IndexedSlices without dense_shape. Give the shape of the whole "
                "tensor: tf.IndexedSlices(values, indices, dense_shape=[rows, ...])."
            )
        return Spec(tuple(self.shape), self.dtype)

    def read_variable(self, reader: Any) -> Any:
        """The whole tensor, as operations read it."""
        with interpreting(reader):
            return ops.unsorted_segment_sum(self.values, self.indices, self.spec.shape[0])

    def __repr__(self) -> str:
        return f"IndexedSlices(indices={self.indices!r}, values={self.values!r}, dense_shape={self.dense_shape!r})"
