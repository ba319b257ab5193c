"""`tf.RaggedTensorSpec`: the form of a ragged tensor, such as an element of a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet.core.ragged_tensor import RaggedTensor
from tensorlet.core.shape import TensorShape
from tensorlet.dtypes import DType, as_dtype, float32, int64
from tensorlet.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, ShapeLike


class RaggedTensorSpec:
    """The shape, dtype and number of ragged axes of a ragged tensor.

    Args:
        shape: the lengths of the axes; None for ragged axes, and for any length. None if the rank is unknown.
        dtype: of the values.
        ragged_rank: the number of ragged axes; by default all but the first. With 0, values are ordinary tensors:
            rows of a ragged tensor, which `tf.data.Dataset.batch` stacks into ragged tensors.
        row_splits_dtype: of the offsets of the rows, int64 or int32. Tensorlet's own offsets are int64.
        flat_values_spec: ignored.

    Raises:
        InvalidArgumentError: if there are not more axes than ragged ones, or the rank is unknown without
            ``ragged_rank``.

    >>> import tensorlet as tf
    >>> tf.data.Dataset.from_tensor_slices(tf.ragged.constant([[1, 2], [3]])).batch(2).element_spec
    RaggedTensorSpec(TensorShape([None, None]), tf.int32, 1, tf.int64)
    """

    __slots__ = ("dtype", "flat_values_spec", "ragged_rank", "row_splits_dtype", "shape")
    #: The class of the values.
    value_type = RaggedTensor

    def __init__(
        self,
        shape: ShapeLike | None = None,
        dtype: DTypeLike = float32,
        ragged_rank: int | None = None,
        row_splits_dtype: DTypeLike = int64,
        flat_values_spec: object = None,
    ) -> None:
        self.shape = TensorShape(shape)
        self.dtype: DType = as_dtype(dtype)
        self.row_splits_dtype: DType = as_dtype(row_splits_dtype)
        self.flat_values_spec = flat_values_spec
        rank = self.shape.rank
        if ragged_rank is None:
            if rank is None:
                raise InvalidArgumentError(
                    "RaggedTensorSpec: the shape has an unknown rank, so ragged_rank is needed: the number of ragged "
                    "axes."
                )
            ragged_rank = rank - 1
        if rank is not None and ragged_rank >= rank:
            raise InvalidArgumentError(
                f"RaggedTensorSpec: ragged_rank is {ragged_rank}, but the shape has {rank} axes. Expected less than "
                "the number of axes, since the first axis is never ragged."
            )
        self.ragged_rank = int(ragged_rank)

    @classmethod
    def from_value(cls, value: RaggedTensor) -> RaggedTensorSpec:
        """The spec of a ragged tensor."""
        return cls(value.shape, value.dtype, value.ragged_rank)

    def is_compatible_with(self, other: object) -> bool:
        """Whether a value or spec matches: a ragged tensor, or a tensor if there are no ragged axes."""
        rank = other.ragged_rank if isinstance(other, RaggedTensor | RaggedTensorSpec) else 0
        found: Any = other
        return (
            hasattr(other, "shape")
            and rank == self.ragged_rank
            and as_dtype(found.dtype) is self.dtype
            and self.shape.is_compatible_with(found.shape)
        )

    def with_first_axis(self, length: int | None) -> RaggedTensorSpec:
        """The spec of several such values in one, as batches have."""
        shape = None if self.shape.rank is None else TensorShape((length, *self.shape))
        return RaggedTensorSpec(shape, self.dtype, self.ragged_rank + 1, self.row_splits_dtype)

    def without_first_axis(self) -> RaggedTensorSpec:
        """The spec of the rows."""
        shape = None if self.shape.rank is None else TensorShape(tuple(self.shape)[1:])
        return RaggedTensorSpec(shape, self.dtype, self.ragged_rank - 1, self.row_splits_dtype)

    def _key(self) -> tuple[Any, ...]:
        return (self.shape, self.dtype, self.ragged_rank, self.row_splits_dtype)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RaggedTensorSpec) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return (
            f"RaggedTensorSpec({self.shape!r}, {self.dtype!r}, {self.ragged_rank}, {self.row_splits_dtype!r})"
        )
