"""Ragged tensors: rows of different lengths, stored as their concatenated values and the offsets of the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.registry import Tensor, TensorLike, convert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tensorlet.dtypes import DType


class RaggedTensor:
    """A tensor whose rows differ in length; created by `tf.ragged.constant` or one of the ``from_...`` methods.

    Args:
        values: a tensor of shape [values, ...], or a ragged tensor, whose rows are grouped.
        row_splits: the offsets of the rows, of shape [rows + 1]. Row ``i`` is
            ``values[row_splits[i]:row_splits[i + 1]]``.

    Arithmetic accepts scalars and ragged tensors with the same row lengths.

    >>> import tensorlet as tf
    >>> rows = tf.ragged.constant([[1, 2], [], [3]])
    >>> rows
    <tf.RaggedTensor [[1, 2], [], [3]]>
    >>> (rows * 10)[0].numpy().tolist(), rows.row_lengths().numpy().tolist()
    ([10, 20], [2, 0, 1])
    """

    def __init__(self, values: Any, row_splits: np.ndarray) -> None:
        self.values = values
        self._splits = row_splits

    @property
    def flat_values(self) -> Any:
        """The values as one tensor."""
        return self.values.flat_values if isinstance(self.values, RaggedTensor) else self.values

    @property
    def row_splits(self) -> Tensor:
        """The offsets at which rows start and end, int64, of shape [rows + 1]."""
        return convert(self._splits)

    @property
    def nested_row_splits(self) -> tuple[Tensor, ...]:
        """The `row_splits` of all ragged axes, outermost first."""
        inner = self.values.nested_row_splits if isinstance(self.values, RaggedTensor) else ()
        return (self.row_splits, *inner)

    @property
    def dtype(self) -> DType:
        """The dtype of the values."""
        return self.flat_values.dtype

    @property
    def ragged_rank(self) -> int:
        """The number of ragged axes."""
        return 1 + (self.values.ragged_rank if isinstance(self.values, RaggedTensor) else 0)

    @property
    def shape(self) -> TensorShape:
        """The lengths of the axes; None for ragged ones."""
        return TensorShape((len(self), None, *self.values.shape[1:]))

    def get_shape(self) -> TensorShape:
        """The same as `shape`."""
        return self.shape

    def nrows(self) -> Tensor:
        """The number of rows, int64."""
        return convert(np.asarray(len(self), np.int64))

    def row_lengths(self, axis: int = 1) -> Any:
        """The length of each row, int64; for ``axis=2``, of each inner row."""
        if axis == 2 and isinstance(self.values, RaggedTensor):
            return RaggedTensor(self.values.row_lengths(), self._splits)
        return convert(np.diff(self._splits))

    def row_starts(self) -> Tensor:
        """The offset at which each row starts."""
        return convert(self._splits[:-1])

    def row_limits(self) -> Tensor:
        """The offset at which each row ends."""
        return convert(self._splits[1:])

    def value_rowids(self) -> Tensor:
        """The index of the row of each value."""
        return convert(self._row_ids())

    def _row_ids(self) -> np.ndarray:
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self._splits))

    def bounding_shape(self) -> Tensor:
        """The shape of the smallest dense tensor that holds all rows."""
        longest = int(np.diff(self._splits).max(initial=0))
        inner = self.values.shape[1:]
        if isinstance(self.values, RaggedTensor):
            inner = np.asarray(self.values.bounding_shape())[1:]
        return convert(np.array([len(self), longest, *inner], np.int64))

    def with_values(self, values: Any) -> RaggedTensor:
        """Returns a tensor with the same row lengths and other values."""
        return RaggedTensor(values, self._splits)

    def with_flat_values(self, values: Any) -> RaggedTensor:
        """Returns a tensor with the same row lengths and other `flat_values`."""
        inner = self.values
        return self.with_values(inner.with_flat_values(values) if isinstance(inner, RaggedTensor) else values)

    def to_tensor(
        self,
        default_value: TensorLike | None = None,
        name: str | None = None,
        shape: Sequence[int | None] | None = None,
    ) -> Tensor:
        """Returns a dense tensor in which short rows are padded.

        Args:
            default_value: the padding; 0, False or the empty string by default.
            name: ignored.
            shape: the shape of the result; by default that of the longest rows.

        >>> import tensorlet as tf
        >>> tf.ragged.constant([[1], [2, 3]]).to_tensor().numpy().tolist()
        [[1, 0], [2, 3]]
        """
        lengths = [int(length) for length in np.asarray(self.bounding_shape())]
        for axis, length in enumerate(() if shape is None else shape):
            lengths[axis] = lengths[axis] if length is None else int(length)
        values = self.values
        if isinstance(values, RaggedTensor):
            values = values.to_tensor(default_value, shape=[None, *lengths[2:]])
        filler = (
            ops.zeros([], values.dtype) if default_value is None else convert(default_value, values.dtype)
        )
        with_filler = ops.concat(
            [values, ops.broadcast_to(filler, [1, *[int(one) for one in values.shape[1:]]])], 0
        )
        places = np.full(lengths[:2], len(values), np.int64)
        for row, (start, stop) in enumerate(zip(self._splits[:-1], self._splits[1:], strict=True)):
            if row < len(places):
                kept = min(int(stop - start), lengths[1])
                places[row, :kept] = np.arange(start, start + kept)
        return ops.gather(with_filler, places)

    def to_list(self) -> list[Any]:
        """The rows as nested Python lists."""
        inner = (
            self.values.to_list()
            if isinstance(self.values, RaggedTensor)
            else np.asarray(self.values).tolist()
        )
        return [inner[start:stop] for start, stop in zip(self._splits[:-1], self._splits[1:], strict=True)]

    def numpy(self) -> np.ndarray:
        """Returns an object array of the rows, or an ordinary array if all rows have the same length."""
        rows = [row.numpy() for row in self]
        if len({row.shape for row in rows}) <= 1:
            return np.array(rows)
        found = np.empty(len(rows), object)
        found[:] = rows
        return found

    def __len__(self) -> int:
        return len(self._splits) - 1

    def __iter__(self) -> Iterator[Any]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, key: object) -> Any:
        first, *rest = key if isinstance(key, tuple) else (key,)
        if isinstance(first, slice):
            rows = range(len(self))[first]
            if rows.step == 1 and not rest:
                return self._rows(rows.start, max(rows.start, rows.stop))
            parts = [self._row(row) for row in rows]
            if rest:
                parts = [part[tuple(rest)] for part in parts]
                if not any(isinstance(one, slice) for one in rest[:1]):
                    return ops.stack(parts)
            return stack_rows(parts) if parts else self._rows(0, 0)
        row = int(first) + (len(self) if int(first) < 0 else 0)
        if not 0 <= row < len(self):
            raise InvalidArgumentError(
                f"RaggedTensor: row {int(first)} is out of range for {len(self)} rows."
            )
        return self._row(row)[tuple(rest)] if rest else self._row(row)

    def _row(self, row: int) -> Any:
        return self.values[int(self._splits[row]) : int(self._splits[row + 1])]

    def _rows(self, start: int, stop: int) -> RaggedTensor:
        splits = self._splits[start : stop + 1]
        return RaggedTensor(self.values[int(splits[0]) : int(splits[-1])], splits - splits[0])

    def __repr__(self) -> str:
        return f"<tf.RaggedTensor {self.to_list()!r}>"

    @classmethod
    def from_row_splits(
        cls, values: Any, row_splits: TensorLike, name: str | None = None, validate: bool = True
    ) -> Any:
        """Creates a tensor from the offsets at which rows start and end."""
        splits = np.asarray(convert(row_splits)).astype(np.int64)
        values = values if isinstance(values, RaggedTensor) else convert(values)
        if splits.ndim != 1 or not splits.size or splits[0] != 0 or (np.diff(splits) < 0).any():
            raise InvalidArgumentError(
                f"RaggedTensor: row_splits is {splits.tolist()}, expected ascending integers that start with 0."
            )
        if splits[-1] != len(values):
            raise ShapeError(
                f"RaggedTensor: row_splits ends with {splits[-1]}, but there are {len(values)} values."
            )
        return cls(values, splits)

    @classmethod
    def from_row_lengths(
        cls, values: Any, row_lengths: TensorLike, name: str | None = None, validate: bool = True
    ) -> Any:
        """Creates a tensor from the lengths of its rows."""
        lengths = np.asarray(convert(row_lengths)).astype(np.int64)
        return cls.from_row_splits(values, np.concatenate([[0], np.cumsum(lengths)]))

    @classmethod
    def from_row_starts(
        cls, values: Any, row_starts: TensorLike, name: str | None = None, validate: bool = True
    ) -> Any:
        """Creates a tensor from the offsets at which rows start."""
        starts = np.asarray(convert(row_starts)).astype(np.int64)
        return cls.from_row_splits(values, np.append(starts, len(values)))

    @classmethod
    def from_row_limits(
        cls, values: Any, row_limits: TensorLike, name: str | None = None, validate: bool = True
    ) -> Any:
        """Creates a tensor from the offsets at which rows end."""
        return cls.from_row_splits(values, np.insert(np.asarray(convert(row_limits)).astype(np.int64), 0, 0))

    @classmethod
    def from_value_rowids(
        cls,
        values: Any,
        value_rowids: TensorLike,
        nrows: Any = None,
        name: str | None = None,
        validate: bool = True,
    ) -> Any:
        """Creates a tensor from the row index of each value, in ascending order."""
        ids = np.asarray(convert(value_rowids)).astype(np.int64)
        count = int(nrows) if nrows is not None else int(ids.max(initial=-1)) + 1
        return cls.from_row_lengths(values, np.bincount(ids, minlength=count))

    @classmethod
    def from_tensor(
        cls,
        tensor: TensorLike,
        lengths: Any = None,
        padding: Any = None,
        ragged_rank: int = 1,
        **ignored: Any,
    ) -> Any:
        """Creates a tensor from a dense one: rows are cut to ``lengths``, or lose trailing ``padding``.

        Args:
            tensor: of shape [rows, length, ...].
            lengths: of the rows, of shape [rows].
            padding: the value at the end of short rows.
            ragged_rank: the number of ragged axes; with more than one, rows keep their lengths.
            ignored: ``name`` and ``row_splits_dtype``.

        >>> import tensorlet as tf
        >>> tf.RaggedTensor.from_tensor([[1, 2, 0], [3, 0, 0]], padding=0)
        <tf.RaggedTensor [[1, 2], [3]]>
        """
        array = convert(tensor)
        if ragged_rank > 1:
            return _of_equal_rows(array, ragged_rank)
        rows, width = int(array.shape[0]), int(array.shape[1])
        kept = np.full(rows, width) if lengths is None else np.asarray(convert(lengths))
        if padding is not None:
            numbers = np.asarray(array)
            other = numbers.reshape(rows, width, -1) != np.asarray(padding)
            kept = width - np.argmax(np.append(other.any(-1), np.ones((rows, 1), bool), 1)[:, ::-1][:, 1:], 1)
            kept = np.where(other.any((1, 2)), kept, 0)
        return from_row_lengths(ops.boolean_mask(array, np.arange(width) < kept[:, None]), kept)


def from_row_lengths(values: Any, lengths: Sequence[int] | np.ndarray) -> RaggedTensor:
    """Creates a ragged tensor from the lengths of its rows."""
    return RaggedTensor(
        values, np.concatenate([[0], np.cumsum(np.asarray(lengths, np.int64))]).astype(np.int64)
    )


def _of_equal_rows(array: Tensor, ragged_rank: int) -> RaggedTensor:
    shape = [int(length) for length in array.shape]
    count = int(np.prod(shape[: ragged_rank + 1]))
    values: Any = ops.reshape(array, [count, *shape[ragged_rank + 1 :]])
    for axis in range(ragged_rank, 0, -1):
        values = from_row_lengths(values, [shape[axis]] * int(np.prod(shape[:axis])))
    return values


def stack_rows(rows: Sequence[Any]) -> RaggedTensor:
    """Creates a ragged tensor from its rows, which are tensors or ragged tensors."""
    lengths = [len(row) for row in rows]
    if not isinstance(rows[0], RaggedTensor):
        return from_row_lengths(ops.concat(list(rows), 0), lengths)
    return from_row_lengths(concat_rows(rows), lengths)


def concat_rows(parts: Sequence[Any]) -> RaggedTensor:
    """Creates a ragged tensor of the rows of several ones, which have the same number of ragged axes."""
    values = [part.values for part in parts]
    joined = concat_rows(values) if isinstance(values[0], RaggedTensor) else ops.concat(values, 0)
    return from_row_lengths(joined, np.concatenate([np.diff(part._splits) for part in parts]))


def map_flat_values(op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Applies a function to the values of ragged tensors.

    >>> import tensorlet as tf
    >>> tf.ragged.map_flat_values(tf.square, tf.ragged.constant([[1, 2], [3]]))
    <tf.RaggedTensor [[1, 4], [9]]>
    """
    ragged = [value for value in (*args, *kwargs.values()) if isinstance(value, RaggedTensor)]
    if not ragged:
        return op(*args, **kwargs)
    rows = [[split.numpy().tolist() for split in one.nested_row_splits] for one in ragged]
    if any(one != rows[0] for one in rows):
        raise ShapeError(
            f"Ragged tensors with the row lengths {[np.diff(one[0]).tolist() for one in rows]} were combined. Expected "
            "equal row lengths: convert them to dense tensors of one shape with to_tensor(shape=...)."
        )

    def flat(value: object) -> Any:
        return value.flat_values if isinstance(value, RaggedTensor) else value

    return ragged[0].with_flat_values(
        op(*map(flat, args), **{name: flat(value) for name, value in kwargs.items()})
    )


def _binary(name: str, reflected: bool = False) -> Callable[[Any, Any], Any]:
    function = getattr(ops, name)

    def method(self: RaggedTensor, other: TensorLike | RaggedTensor) -> Any:
        pair = (other, self) if reflected else (self, other)
        return map_flat_values(function, *pair)

    return method


for _method, _operation in {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floordiv", "mod": "floormod",
    "pow": "pow",
}.items():  # fmt: skip
    setattr(RaggedTensor, f"__{_method}__", _binary(_operation))
    setattr(RaggedTensor, f"__r{_method}__", _binary(_operation, reflected=True))
for _method, _operation in {
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal", "ne": "not_equal",
}.items():  # fmt: skip
    setattr(RaggedTensor, f"__{_method}__", _binary(_operation))
RaggedTensor.__hash__ = None  # type: ignore[assignment]
