"""`tf.sparse`: tensors that store only their nonzero elements. The arithmetic itself is dense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.registry import Tensor, TensorLike, convert

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorlet.dtypes import DType
    from tensorlet.type_aliases import AnyTensor, ArrayLike, AxisLike, DTypeLike, Scalar, ShapeLike


class SparseTensor:
    """A tensor stored as the indices and values of its nonzero elements.

    Args:
        indices: the index of each value, int64, of shape [values, axes].
        values: the nonzero values, of shape [values].
        dense_shape: the shape of the dense tensor, of shape [axes].

    Raises:
        ShapeError: if the numbers of indices and values differ.

    >>> import tensorlet as tf
    >>> x = tf.sparse.SparseTensor([[0, 1], [1, 0]], [3.0, 4.0], [2, 2])
    >>> tf.sparse.to_dense(x).numpy().tolist()
    [[0.0, 3.0], [4.0, 0.0]]
    """

    def __init__(self, indices: TensorLike, values: TensorLike, dense_shape: TensorLike) -> None:
        self._places = (
            np.asarray(convert(indices)).astype(np.int64).reshape(-1, len(np.asarray(convert(dense_shape))))
        )
        self.values: Tensor = convert(values)
        self._lengths = tuple(int(length) for length in np.asarray(convert(dense_shape)))
        if len(self._places) != self.values.shape[0]:
            raise ShapeError(
                f"SparseTensor: there are {len(self._places)} indices and {self.values.shape[0]} values. Expected one "
                "row of indices for each value."
            )

    @property
    def indices(self) -> Tensor:
        """The indices of the values, of shape [values, axes]."""
        return convert(self._places)

    @property
    def dense_shape(self) -> Tensor:
        """The lengths of the axes, int64."""
        return convert(np.array(self._lengths, np.int64))

    @property
    def shape(self) -> TensorShape:
        """The lengths of the axes."""
        return TensorShape(self._lengths)

    @property
    def dtype(self) -> DType:
        """The dtype of the values."""
        return self.values.dtype

    def get_shape(self) -> TensorShape:
        """The same as `shape`."""
        return self.shape

    def with_values(self, new_values: TensorLike) -> SparseTensor:
        """Returns a tensor with the same indices and other values."""
        return SparseTensor(self._places, new_values, self._lengths)

    def __mul__(self, other: AnyTensor | ArrayLike) -> SparseTensor:
        dense = (
            other
            if not np.ndim(other)  # type: ignore[arg-type]  # tensors have it
            else ops.gather_nd(ops.broadcast_to(other, self._lengths), self._places)
        )
        return self.with_values(self.values * dense)

    __rmul__ = __mul__

    def __truediv__(self, other: AnyTensor | ArrayLike) -> SparseTensor:
        return self * (1.0 / convert(other))

    def __repr__(self) -> str:
        return f"SparseTensor(indices={self.indices!s}, values={self.values!s}, dense_shape={self.dense_shape!s})"


def to_dense(
    sp_input: SparseTensor,
    default_value: Scalar | bytes | str | AnyTensor | None = None,
    validate_indices: bool = True,
    name: str | None = None,
) -> Tensor:
    """Returns the dense tensor, with ``default_value`` (0 by default) at all other indices.

    Raises:
        InvalidArgumentError: if an index is out of range.
    """
    _check("to_dense", sp_input)
    places, lengths = sp_input._places, sp_input._lengths
    if len(places) and ((places < 0) | (places >= np.array(lengths))).any():
        raise InvalidArgumentError(
            f"tf.sparse.to_dense: an index is out of range for the shape {list(lengths)}."
        )
    if default_value is None and sp_input.dtype.name not in ("string", "bool"):
        return ops.scatter_nd(places, sp_input.values, lengths)
    filler = (
        ops.zeros([], sp_input.dtype) if default_value is None else convert(default_value, sp_input.dtype)
    )
    flat = np.full(int(np.prod(lengths)), len(places), np.int64)
    if len(places):
        flat[np.ravel_multi_index(tuple(places.T), lengths)] = np.arange(len(places))
    return ops.reshape(ops.gather(ops.concat([sp_input.values, ops.reshape(filler, [1])], 0), flat), lengths)


def from_dense(tensor: TensorLike, name: str | None = None) -> SparseTensor:
    """Returns the nonzero elements of a dense tensor.

    >>> import tensorlet as tf
    >>> tf.sparse.from_dense([[0, 5], [0, 0]]).indices.numpy().tolist()
    [[0, 1]]
    """
    dense = convert(tensor)
    array = np.asarray(dense)
    places = np.argwhere(array != (b"" if array.dtype.kind == "O" else 0))
    return SparseTensor(places, ops.gather_nd(dense, places), dense.shape)


def _check(function: str, value: object) -> None:
    if not isinstance(value, SparseTensor):
        raise TypeError(
            f"tf.sparse.{function}: the input is of type {type(value).__name__}, expected a SparseTensor, such as "
            "tf.sparse.from_dense(x)."
        )


def reorder(sp_input: SparseTensor, name: str | None = None) -> SparseTensor:
    """Returns the tensor with its indices in ascending order."""
    _check("reorder", sp_input)
    order = np.lexsort(sp_input._places.T[::-1])
    return SparseTensor(sp_input._places[order], ops.gather(sp_input.values, order), sp_input._lengths)


def sparse_dense_matmul(
    sp_a: SparseTensor | TensorLike,
    b: SparseTensor | TensorLike,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    name: str | None = None,
) -> Tensor:
    """Returns the product of two matrices, one of which is sparse.

    >>> import tensorlet as tf
    >>> x = tf.sparse.SparseTensor([[0, 1]], [2.0], [2, 2])
    >>> tf.sparse.sparse_dense_matmul(x, [[1.0], [5.0]]).numpy().tolist()
    [[10.0], [0.0]]
    """
    left = to_dense(sp_a) if isinstance(sp_a, SparseTensor) else sp_a
    right = to_dense(b) if isinstance(b, SparseTensor) else b
    return ops.matmul(left, right, transpose_a=adjoint_a, transpose_b=adjoint_b)


def add(a: Any, b: SparseTensor | TensorLike, threshold: float = 0) -> Any:
    """Returns the sum: sparse if both tensors are, dense otherwise.

    A sparse sum has an element wherever one of the two has one, except those whose size is below the threshold.
    """
    if isinstance(a, SparseTensor) and isinstance(b, SparseTensor):
        places = np.unique(np.concatenate([a._places, b._places]), axis=0)
        found = SparseTensor(places, ops.gather_nd(to_dense(a) + to_dense(b), places), a._lengths)
        return retain(found, ops.abs(found.values) >= threshold) if threshold else found
    return (to_dense(a) if isinstance(a, SparseTensor) else a) + (
        to_dense(b) if isinstance(b, SparseTensor) else b
    )


def _reduction(name: str) -> Callable[..., Any]:
    def reduce(
        sp_input: SparseTensor, axis: AxisLike = None, keepdims: bool = False, output_is_sparse: bool = False,
        name: str | None = None,
    ) -> Any:  # fmt: skip
        found = getattr(ops, f"reduce_{kind}")(to_dense(sp_input), axis, keepdims)
        return from_dense(found) if output_is_sparse else found

    kind = name
    reduce.__name__ = f"reduce_{kind}"
    reduce.__doc__ = f"`tf.reduce_{kind}` of a sparse tensor; elements that are not stored count as 0."
    return reduce


reduce_sum = _reduction("sum")
reduce_max = _reduction("max")


def _moved(function: str, sp_input: SparseTensor, move: Callable[[Tensor], Tensor]) -> SparseTensor:
    """What a function that moves the elements of dense tensors makes of a sparse one."""
    _check(function, sp_input)
    # Positions are moved instead of values, so that a stored 0 is kept.
    numbers = to_dense(sp_input.with_values(np.arange(1, len(sp_input._places) + 1)))
    moved = np.asarray(move(numbers))
    places = np.argwhere(moved)
    return SparseTensor(places, ops.gather(sp_input.values, moved[moved != 0] - 1), moved.shape)


def transpose(
    sp_input: SparseTensor, perm: Sequence[int] | None = None, name: str | None = None
) -> SparseTensor:
    """`tf.transpose` of a sparse tensor."""
    return _moved("transpose", sp_input, lambda dense: ops.transpose(dense, perm))


def reshape(sp_input: SparseTensor, shape: ShapeLike, name: str | None = None) -> SparseTensor:
    """`tf.reshape` of a sparse tensor."""
    return _moved("reshape", sp_input, lambda dense: ops.reshape(dense, shape))


def expand_dims(sp_input: SparseTensor, axis: int | None = None, name: str | None = None) -> SparseTensor:
    """`tf.expand_dims` of a sparse tensor; by default the new axis is the last one."""
    return _moved("expand_dims", sp_input, lambda dense: ops.expand_dims(dense, -1 if axis is None else axis))


def slice_of(
    sp_input: SparseTensor, start: Sequence[int], size: Sequence[int], name: str | None = None
) -> SparseTensor:
    """The part of a sparse tensor from ``start`` on; a size that reaches beyond the end is cut.

    >>> import tensorlet as tf
    >>> tf.sparse.slice(tf.sparse.eye(4), [1, 0], [2, 9]).indices.numpy().tolist()
    [[0, 1], [1, 2]]
    """
    _check("slice", sp_input)
    first = np.asarray(convert(start))
    lengths = np.minimum(np.asarray(convert(size)), np.asarray(sp_input._lengths) - first)
    return _moved("slice", sp_input, lambda dense: ops.slice(dense, first, np.maximum(lengths, 0)))


def concat(
    axis: int, sp_inputs: Sequence[SparseTensor], expand_nonconcat_dims: bool = False, name: str | None = None
) -> SparseTensor:
    """Concatenates sparse tensors along an axis.

    Args:
        axis: the axis.
        sp_inputs: tensors whose lengths are equal along the other axes.
        expand_nonconcat_dims: let the lengths along the other axes differ; the largest ones hold.
        name: ignored.

    Raises:
        ShapeError: if other lengths differ.

    >>> import tensorlet as tf
    >>> x = tf.sparse.eye(2)
    >>> tf.sparse.concat(1, [x, x]).shape
    TensorShape([2, 4])
    """
    places, offset = [], 0
    for one in sp_inputs:
        _check("concat", one)
        moved = one._places.copy()
        moved[:, axis] += offset
        offset += one._lengths[axis]
        places.append(moved)
    lengths = np.max([one._lengths for one in sp_inputs], 0).tolist()
    lengths[axis] = offset
    others = {tuple(np.delete(one._lengths, axis).tolist()) for one in sp_inputs}
    if len(others) > 1 and not expand_nonconcat_dims:
        raise ShapeError(
            f"tf.sparse.concat: the tensors have the shapes {[list(one._lengths) for one in sp_inputs]}, but only the "
            f"lengths along axis {axis} may differ. expand_nonconcat_dims=True takes the largest of the others."
        )
    values = ops.concat([one.values for one in sp_inputs], 0)
    return reorder(SparseTensor(np.concatenate(places), values, lengths))


def eye(
    num_rows: int, num_columns: int | None = None, dtype: DTypeLike = "float32", name: str | None = None
) -> SparseTensor:
    """Returns a sparse matrix with ones on the diagonal.

    >>> import tensorlet as tf
    >>> tf.sparse.eye(2).values.numpy().tolist()
    [1.0, 1.0]
    """
    width = num_rows if num_columns is None else num_columns
    count = min(num_rows, width)
    return SparseTensor(np.arange(count)[:, None].repeat(2, 1), ops.ones([count], dtype), [num_rows, width])


def map_values(op: Callable[..., Any], *args: Any, **kwargs: Any) -> SparseTensor:
    """Applies a function to the values of sparse tensors that have the same indices.

    >>> import tensorlet as tf
    >>> tf.sparse.map_values(tf.square, tf.sparse.eye(2) * 3.0).values.numpy().tolist()
    [9.0, 9.0]
    """
    first = next(value for value in (*args, *kwargs.values()) if isinstance(value, SparseTensor))

    def values(one: object) -> Any:
        return one.values if isinstance(one, SparseTensor) else one

    return first.with_values(op(*map(values, args), **{name: values(one) for name, one in kwargs.items()}))


def retain(sp_input: SparseTensor, to_retain: TensorLike) -> SparseTensor:
    """Returns the elements for which ``to_retain`` is True."""
    _check("retain", sp_input)
    kept = np.asarray(convert(to_retain))
    return SparseTensor(sp_input._places[kept], ops.boolean_mask(sp_input.values, kept), sp_input._lengths)


def softmax(sp_input: SparseTensor, name: str | None = None) -> SparseTensor:
    """Returns the softmax of the stored values over the last axis."""
    _check("softmax", sp_input)
    _, rows = np.unique(sp_input._places[:, :-1], axis=0, return_inverse=True)
    rows = rows.reshape(-1)
    count = int(rows.max(initial=-1)) + 1
    largest = ops.gather(ops.unsorted_segment_max(sp_input.values, rows, count), rows)
    powers = ops.exp(sp_input.values - ops.stop_gradient(largest))
    return sp_input.with_values(powers / ops.gather(ops.unsorted_segment_sum(powers, rows, count), rows))
