"""Transformations that stack elements into batches, or unbatch them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, SupportsIndex, TypeVar

import numpy as np

from tensorlet.core.buffers import array_of
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.ragged_spec import RaggedTensorSpec
from tensorlet.core.ragged_tensor import RaggedTensor
from tensorlet.core.tensor import EagerTensor
from tensorlet.data import row_numbers as orders
from tensorlet.data.elements import (
    LeafSpec,
    mapped_specs,
    refuse_windows,
    stacked,
    with_first_axis,
    without_first_axis,
)
from tensorlet.data.options import UNKNOWN_CARDINALITY
from tensorlet.data.pipeline import Pipeline, Transformation, whole_number
from tensorlet.data.row_numbers import BatchStream, RowStream
from tensorlet.errors import InvalidArgumentError

Item = TypeVar("Item")


class Batched(Transformation):
    """See `Dataset.batch`."""

    shown_name = "_BatchDataset"
    #: Whether elements of different shapes become ragged tensors, although their specs say nothing of it.
    may_differ = False

    def __init__(self, source: Pipeline, size: SupportsIndex, drop_remainder: bool) -> None:
        super().__init__(source)
        refuse_windows(source.element_spec, "batch")
        self._size = whole_number(size, "batch: batch_size", 1)
        self._drop = bool(drop_remainder)

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the batches; the first length is None if the last one may be smaller."""
        length = self._size if self._drop else None
        return mapped_specs(lambda spec: with_first_axis(spec, length), self.source.element_spec)

    def count(self) -> int:
        count = self.source.count()
        if count < 0:
            return count
        return count // self._size if self._drop else -(-count // self._size)

    def batches(self) -> BatchStream | None:
        rows = self.source.rows()
        if rows is None:
            return None
        blocks = rows.blocks
        return BatchStream(
            rows.columns,
            rows.structure,
            lambda: orders.rebatched(blocks(), self._size, self._drop),
            rows.functions,
        )

    def one_by_one(self) -> Iterator[Any]:
        specs = self.source.element_spec
        for group in grouped(self.source.elements(), self._size, self._drop):
            yield stacked(group, specs, self.may_differ)


def grouped(items: Iterable[Item], size: int, drop_remainder: bool) -> Iterator[list[Item]]:
    """The items in lists of ``size``; the last list may be shorter."""
    items = iter(items)
    while group := list(islice(items, size)):
        if drop_remainder and len(group) < size:
            return
        yield group


class PaddedBatch(Batched):
    """See `Dataset.padded_batch`."""

    shown_name = "_PaddedBatchDataset"

    def __init__(
        self, source: Pipeline, size: SupportsIndex, shapes: object, values: object, drop_remainder: bool
    ) -> None:
        refuse_windows(source.element_spec, "padded_batch")
        super().__init__(source, whole_number(size, "padded_batch: batch_size", 1), drop_remainder)
        specs = flatten(source.element_spec)
        if any(isinstance(spec, RaggedTensorSpec) for spec in specs):
            raise TypeError(
                f"padded_batch: the elements are rows of ragged tensors ({source.element_spec}), but tensors are "
                "expected. Use batch(size), which makes ragged tensors, and then map(lambda rows: rows.to_tensor())."
            )
        self._shapes = [None] * len(specs) if shapes is None else _shapes_of(shapes, source.element_spec)
        self._values: list[Any] = [0] * len(specs) if values is None else flatten(values)
        if len(self._values) == 1:
            self._values *= len(specs)
        if len(self._shapes) != len(specs) or len(self._values) != len(specs):
            raise InvalidArgumentError(
                f"padded_batch got {len(self._shapes)} padded_shapes and {len(self._values)} padding_values, but one "
                f"for each part of an element is expected: {source.element_spec}."
            )

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the batches."""
        specs = self.source.element_spec
        padded = []
        for spec, shape in zip(flatten(specs), self._shapes, strict=True):
            lengths = spec.shape if shape is None else [None if n in (None, -1) else int(n) for n in shape]
            padded.append(type(spec)(lengths, spec.dtype))
        length = self._size if self._drop else None
        return pack_like(specs, [with_first_axis(spec, length) for spec in padded])

    def batches(self) -> None:
        return None

    def one_by_one(self) -> Iterator[Any]:
        for group in grouped(self.source.elements(), self._size, self._drop):
            columns = zip(*(flatten(element) for element in group), strict=True)
            leaves = [
                EagerTensor(_padded([array_of(tensor) for tensor in column], shape, value))
                for column, shape, value in zip(columns, self._shapes, self._values, strict=True)
            ]
            yield pack_like(group[0], leaves)


def _shapes_of(shapes: Any, specs: object) -> list[Any]:
    """The padded shapes of the leaves; a leaf's shape may be a list, so `flatten` cannot be used."""
    if isinstance(specs, dict):
        return [shape for name in sorted(specs) for shape in _shapes_of(shapes[name], specs[name])]
    if isinstance(specs, tuple):
        return [shape for part, spec in zip(shapes, specs, strict=False) for shape in _shapes_of(part, spec)]
    return [shapes]


def _padded(arrays: list[np.ndarray], shape: Iterable[int | None] | None, value: object) -> np.ndarray:
    """Pads arrays with a value to the same shape, and stacks them."""
    longest = [max(lengths) for lengths in zip(*(array.shape for array in arrays), strict=True)]
    wanted = longest
    if shape is not None:
        wanted = [most if n in (None, -1) else int(n) for most, n in zip(longest, list(shape), strict=True)]
        if any(most > length for most, length in zip(longest, wanted, strict=True)):
            raise InvalidArgumentError(
                f"padded_batch: an element of shape {longest} does not fit into the padded shape {wanted}. Use "
                "a larger padded shape, or None for the length of the longest element."
            )
    if arrays[0].dtype.kind == "O" and value == 0:
        value = b""
    fill = np.asarray(value.numpy() if hasattr(value, "numpy") else value).astype(arrays[0].dtype)
    found = np.full((len(arrays), *wanted), fill)
    for row, array in enumerate(arrays):
        place: tuple[Any, ...] = (row, *map(slice, array.shape))
        found[place] = array
    return found


class Unbatched(Transformation):
    """See `Dataset.unbatch`."""

    shown_name = "_UnbatchDataset"

    def __init__(self, source: Pipeline) -> None:
        super().__init__(source)
        refuse_windows(source.element_spec, "unbatch")
        self._specs = mapped_specs(without_first_axis, source.element_spec)

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the rows."""
        return self._specs

    def count(self) -> int:
        lengths = {spec.shape[0] for spec in flatten(self.source.element_spec) if spec.shape.rank}
        count = self.source.count()
        if count < 0:
            return count
        length = next(iter(lengths), None)
        return UNKNOWN_CARDINALITY if len(lengths) != 1 or length is None else count * length

    def rows(self) -> RowStream | None:
        batches = self.source.batches()
        if batches is None or not all(function.row_wise for function in batches.functions):
            return None
        return RowStream(batches.columns, batches.structure, batches.picks, functions=batches.functions)

    def one_by_one(self) -> Iterator[Any]:
        for element in self.source.elements():
            parts = [part if isinstance(part, RaggedTensor) else array_of(part) for part in flatten(element)]
            if len({len(part) for part in parts}) > 1:
                raise InvalidArgumentError(
                    "unbatch: the parts of an element have "
                    f"{' and '.join(str(len(part)) for part in parts)} rows, but all need the same number."
                )
            for row in range(len(parts[0])):
                yield pack_like(element, [_row(part, row) for part in parts])


def _row(part: np.ndarray | RaggedTensor, row: int) -> Any:
    return part[row] if isinstance(part, RaggedTensor) else EagerTensor(part[row, ...])


class RaggedBatched(Batched):
    """See `Dataset.ragged_batch`."""

    may_differ = True


class Ragged(Transformation):
    """The elements of another pipeline, whose parts of unknown lengths count as ragged; see `Dataset.ragged_batch`."""

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return mapped_specs(_as_ragged, self.source.element_spec)

    def rows(self) -> RowStream | None:
        is_ragged = any(isinstance(spec, RaggedTensorSpec) for spec in flatten(self.element_spec))
        return None if is_ragged else self.source.rows()

    def one_by_one(self) -> Iterator[Any]:
        specs = self.element_spec
        ranks = [spec.ragged_rank if isinstance(spec, RaggedTensorSpec) else 0 for spec in flatten(specs)]
        for element in self.source.elements():
            parts = zip(flatten(element), ranks, strict=True)
            yield pack_like(specs, [_with_ragged_axes(part, rank) for part, rank in parts])


def _as_ragged(spec: LeafSpec) -> LeafSpec:
    if isinstance(spec, RaggedTensorSpec) or spec.shape.rank is None or spec.shape.is_fully_defined():
        return spec
    rank = max(axis for axis, length in enumerate(spec.shape) if length is None)
    return RaggedTensorSpec(spec.shape, spec.dtype, rank)


def _with_ragged_axes(part: object, rank: int) -> Any:
    if rank < 1 or isinstance(part, RaggedTensor):
        return part
    return RaggedTensor.from_tensor(part, ragged_rank=rank)
