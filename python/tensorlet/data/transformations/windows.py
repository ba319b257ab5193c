"""`Dataset.window`: elements that are datasets of consecutive elements."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, SupportsIndex

from tensorlet.core.nest import flatten, pack_like
from tensorlet.data.pipeline import BaseDataset, Pipeline, Transformation, whole_number
from tensorlet.data.sources import TensorSlices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tensorlet.core.signature import TensorSpec
    from tensorlet.data.row_numbers import RowStream


class Windowed(Transformation):
    """See `Dataset.window`.

    Args:
        source: the pipeline below.
        size, shift, stride, drop_remainder: see `Dataset.window`.
        as_dataset: creates a dataset from a pipeline.
    """

    shown_name = "_WindowDataset"

    def __init__(
        self,
        source: Pipeline,
        size: SupportsIndex,
        shift: SupportsIndex | None,
        stride: SupportsIndex,
        drop_remainder: bool,
        as_dataset: Callable[[Pipeline], BaseDataset],
    ) -> None:
        super().__init__(source)
        self._as_dataset = as_dataset
        self._size = whole_number(size, "window: size", 1)
        self._shift = self._size if shift is None else whole_number(shift, "window: shift", 1)
        self._stride = whole_number(stride, "window: stride", 1)
        self._drop = bool(drop_remainder)

    @property
    def element_spec(self) -> Any:
        """Datasets of the parts of the elements."""
        specs = self.source.element_spec
        return pack_like(specs, [self._as_dataset(Window([], spec)) for spec in flatten(specs)])

    def count(self) -> int:
        count = self.source.count()
        if count < 0:
            return count
        reach = (self._size - 1) * self._stride + 1
        if self._drop:
            return max((count - reach) // self._shift + 1, 0) if count >= reach else 0
        return -(-count // self._shift)

    def one_by_one(self) -> Iterator[Any]:
        rows = self.source.rows()
        if rows is not None and rows.plain and not rows.functions:
            yield from self._of_rows(rows)
            return
        reach = (self._size - 1) * self._stride + 1
        items = self.source.elements()
        held: list[Any] = []
        while True:
            held += islice(items, max(reach - len(held), 0))
            if not held or (self._drop and len(held) < reach):
                return
            yield self._window(held[: reach : self._stride])
            missing = self._shift - len(held)
            held = held[self._shift :]
            if missing > 0:
                next(islice(items, missing, missing), None)

    def _of_rows(self, rows: RowStream) -> Iterator[Any]:
        """Windows over rows of arrays, which are views of them."""
        reach = (self._size - 1) * self._stride + 1
        length = len(rows.columns[0])
        for start in range(0, length - reach + 1 if self._drop else length, self._shift):
            part = slice(start, start + reach, self._stride)
            windows = [self._as_dataset(WindowOfRows(column[part])) for column in rows.columns]
            yield pack_like(rows.structure, windows)

    def _window(self, elements: list[Any]) -> Any:
        """One element: a dataset for each part of the elements below."""
        specs = self.source.element_spec
        columns = zip(*(flatten(element) for element in elements), strict=True)
        windows = [Window(list(column), spec) for column, spec in zip(columns, flatten(specs), strict=True)]
        return pack_like(specs, [self._as_dataset(window) for window in windows])


class WindowOfRows(TensorSlices):
    """A window of consecutive rows of an array."""

    shown_name = "_VariantDataset"


class Window(Pipeline):
    """A window of consecutive elements.

    Args:
        tensors: the elements.
        spec: the spec of an element.
    """

    shown_name = "_VariantDataset"

    def __init__(self, tensors: list[Any], spec: TensorSpec) -> None:
        self._tensors = tensors
        self._spec = spec

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return self._spec

    def count(self) -> int:
        return len(self._tensors)

    def one_by_one(self) -> Iterator[Any]:
        return iter(self._tensors)
