"""Transformations whose functions return datasets: `Dataset.flat_map` and `Dataset.interleave`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, SupportsIndex

from tensorlet.data.elements import called
from tensorlet.data.options import UNKNOWN_CARDINALITY
from tensorlet.data.pipeline import BaseDataset, Pipeline, whole_number
from tensorlet.data.transformations.mapping import WithFunction
from tensorlet.errors import InvalidArgumentError

#: The number of datasets that `interleave` reads at a time by default.
CYCLE_LENGTH = 16


class FlatMapped(WithFunction):
    """See `Dataset.flat_map`."""

    shown_name = "_FlatMapDataset"

    def __init__(self, source: Pipeline, function: Callable[..., Any]) -> None:
        super().__init__(source, function)
        self._specs: Any = None

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements of the function's datasets."""
        if self._specs is None:
            first = next(self.source.elements(), None)
            if first is None:
                raise InvalidArgumentError(
                    f"{self.shown_name}: the dataset is empty, so the form of its elements cannot be determined."
                )
            self._specs = self._opened(first).element_spec
        return self._specs

    def count(self) -> int:
        return UNKNOWN_CARDINALITY

    def _opened(self, element: object) -> Pipeline:
        """The pipeline of the dataset that the function returns for an element."""
        found = called(self._function, element)
        if not isinstance(found, BaseDataset):
            raise TypeError(
                f"{'flat_map' if type(self) is FlatMapped else 'interleave'}: the function returned "
                f"{type(found).__name__}, but a dataset is expected. To return single elements use map."
            )
        return found._pipeline

    def one_by_one(self) -> Iterator[Any]:
        for element in self.source.elements():
            yield from self._opened(element).elements()


class Interleaved(FlatMapped):
    """See `Dataset.interleave`."""

    def __init__(
        self,
        source: Pipeline,
        function: Callable[..., Any],
        cycle: SupportsIndex | None,
        block: SupportsIndex | None,
        parallel: SupportsIndex | None,
    ) -> None:
        self.shown_name = "_InterleaveDataset" if parallel is None else "_ParallelInterleaveDataset"
        super().__init__(source, function)
        self._cycle = (
            CYCLE_LENGTH if cycle in (None, -1) else whole_number(cycle, "interleave: cycle_length", 1)
        )
        self._block = 1 if block is None else whole_number(block, "interleave: block_length", 1)

    def one_by_one(self) -> Iterator[Any]:
        waiting = self.source.elements()
        places = [self._opened(element).elements() for element in islice(waiting, self._cycle)]
        while places:
            still = []
            for place in places:
                group = list(islice(place, self._block))
                yield from group
                if len(group) == self._block:
                    still.append(place)
                else:
                    still += [self._opened(element).elements() for element in islice(waiting, 1)]
            places = still
