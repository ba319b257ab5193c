"""`tf.ragged`: how ragged tensors are made, and what functions of tensors do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.nest import flatten
from tensorlet.core.ragged_tensor import (
    RaggedTensor,
    concat_rows,
    from_row_lengths,
    map_flat_values,
    stack_rows,
)
from tensorlet.core.symbolic import Kind, add_kind
from tensorlet.dtypes import as_dtype, int64
from tensorlet.errors import InvalidArgumentError
from tensorlet.ops.conversion import to_array
from tensorlet.ops.registry import TensorLike, convert

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorlet.type_aliases import DTypeLike


def constant(
    pylist: Any, dtype: DTypeLike | None = None, ragged_rank: int | None = None, inner_shape: Any = None,
    name: str | None = None, row_splits_dtype: DTypeLike = int64,
) -> Any:  # fmt: skip
    """A ragged tensor of nested Python lists.

    Args:
        pylist: nested lists, whose rows may differ in length; numbers or text.
        dtype: of the values.
        ragged_rank: the number of ragged axes; by default all but the first.
        inner_shape: ignored.
        name: ignored.
        row_splits_dtype: ignored; places are int64.

    >>> import tensorlet as tf
    >>> tf.ragged.constant([["a"], ["b", "c"]])
    <tf.RaggedTensor [[b'a'], [b'b', b'c']]>
    """
    depth = _depth(pylist)
    if depth < 2:
        return convert(pylist, None if dtype is None else as_dtype(dtype))
    rank = depth - 1 if ragged_rank is None else ragged_rank
    splits, level = [], list(pylist)
    for _ in range(rank):
        splits.append([len(row) for row in level])
        level = [item for row in level for item in row]
    wanted = None if dtype is None else as_dtype(dtype)
    values: Any = convert(
        to_array(level, wanted) if level else np.empty(0, (wanted or as_dtype("float32")).numpy)
    )
    for lengths in reversed(splits):
        values = from_row_lengths(values, lengths)
    return values


def _depth(value: object) -> int:
    if isinstance(value, np.ndarray):
        return value.ndim
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list | tuple) else 0


#: Functions that work on each element by itself.
_ELEMENTWISE = frozenset({
    "abs", "acos", "acosh", "add", "asin", "asinh", "atan", "atanh", "cast", "ceil", "clip_by_value", "cos", "cosh",
    "divide", "divide_no_nan", "elu", "equal", "erf", "exp", "expm1", "floor", "floordiv", "floormod", "gelu",
    "greater", "greater_equal", "identity", "is_finite", "is_inf", "is_nan", "leaky_relu", "less", "less_equal",
    "log", "log1p", "log_sigmoid", "logical_and", "logical_not", "logical_or", "logical_xor", "maximum", "minimum",
    "mod", "multiply", "multiply_no_nan", "negative", "not_equal", "ones_like", "pow", "reciprocal", "relu",
    "relu6", "round", "rsqrt", "selu", "sigmoid", "sign", "silu", "sin", "sinh", "softplus", "softsign", "sqrt",
    "square", "squared_difference", "subtract", "tan", "tanh", "truediv", "where", "xdivy", "xlogy", "zeros_like",
})  # fmt: skip
#: Reductions of ragged tensors: the function's path -> that of the rows' sums and so on, by segments.
_BY_ROWS = {
    "math.reduce_max": "unsorted_segment_max", "math.reduce_mean": "unsorted_segment_mean",
    "math.reduce_min": "unsorted_segment_min", "math.reduce_prod": "unsorted_segment_prod",
    "math.reduce_sum": "unsorted_segment_sum",
}  # fmt: skip


def _on_ragged(path: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A function of tensors, called on ragged tensors."""
    if path == "concat":
        return _concat(*args, **kwargs)
    rows = args[0] if args else next(iter(kwargs.values()))
    if path in _BY_ROWS and isinstance(rows, RaggedTensor):
        axis = args[1] if len(args) > 1 else kwargs.get("axis")
        if axis is None:
            return function(rows.flat_values)
        if axis == 1 or (axis == -1 and rows.ragged_rank == 1 and len(rows.values.shape) == 1):
            return getattr(ops, _BY_ROWS[path])(rows.values, rows._row_ids(), len(rows))
        if isinstance(rows.values, RaggedTensor):
            return rows.with_values(function(rows.values, axis - 1 if axis > 0 else axis))
    if path == "expand_dims" and (args[1] if len(args) > 1 else kwargs.get("axis")) == 0:
        return from_row_lengths(rows, [len(rows)])
    if path.rpartition(".")[2] not in _ELEMENTWISE:
        raise InvalidArgumentError(
            f"tf.{path} does not take ragged tensors. Turn them into ordinary ones first: x.to_tensor(), or take "
            "x.flat_values."
        )
    return map_flat_values(function, *args, **kwargs)


def _concat(values: Sequence[Any], axis: int = 0, name: str | None = None) -> RaggedTensor:
    rows = [value if isinstance(value, RaggedTensor) else RaggedTensor.from_tensor(value) for value in values]
    if axis == 0:
        return concat_rows(rows)
    return stack_rows([ops.concat(list(parts), axis - 1) for parts in zip(*rows, strict=True)])


def stack(values: Sequence[TensorLike], axis: int = 0, name: str | None = None) -> RaggedTensor:
    """Tensors of different lengths as the rows of a ragged tensor.

    >>> import tensorlet as tf
    >>> tf.ragged.stack([tf.constant([1, 2]), tf.constant([3])])
    <tf.RaggedTensor [[1, 2], [3]]>
    """
    return stack_rows([value if isinstance(value, RaggedTensor) else convert(value) for value in values])


def range_rows(
    starts: TensorLike, limits: TensorLike | None = None, deltas: TensorLike = 1, **ignored: Any
) -> RaggedTensor:
    """Rows of integers: `tf.ragged.range`.

    >>> import tensorlet as tf
    >>> tf.ragged.range([2, 0, 3])
    <tf.RaggedTensor [[0, 1], [], [0, 1, 2]]>
    """
    first = np.zeros_like(convert(starts)) if limits is None else np.asarray(convert(starts))
    last = np.asarray(convert(starts if limits is None else limits))
    rows = [
        np.arange(*one, dtype=last.dtype)
        for one in zip(*map(np.atleast_1d, np.broadcast_arrays(first, last, deltas)), strict=True)
    ]
    return from_row_lengths(convert(np.concatenate(rows)), [len(row) for row in rows])


def boolean_mask(data: Any, mask: Any, name: str | None = None) -> Any:
    """The values at which the mask is True; each row keeps its own.

    >>> import tensorlet as tf
    >>> tf.ragged.boolean_mask([[1, 2], [3, 4]], [[True, False], [True, True]])
    <tf.RaggedTensor [[1], [3, 4]]>
    """
    rows = data if isinstance(data, RaggedTensor) else RaggedTensor.from_tensor(data)
    kept = mask if isinstance(mask, RaggedTensor) else RaggedTensor.from_tensor(mask)
    flags = np.asarray(kept.flat_values)
    lengths = np.bincount(kept._row_ids(), flags, len(kept)).astype(np.int64)
    return from_row_lengths(ops.boolean_mask(rows.flat_values, flags), lengths)


add_kind(
    Kind(lambda arguments: any(isinstance(leaf, RaggedTensor) for leaf in flatten(arguments)), _on_ragged)
)
