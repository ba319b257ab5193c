"""Transformations that group elements by a key, and that draw from several datasets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tensorlet.core.buffers import array_of
from tensorlet.core.eager import EAGER
from tensorlet.core.nest import flatten
from tensorlet.core.signature import TensorSpec
from tensorlet.core.tensor import EagerTensor
from tensorlet.data.elements import called
from tensorlet.data.options import UNKNOWN_CARDINALITY
from tensorlet.data.pipeline import BaseDataset, Pipeline, Transformation
from tensorlet.data.row_numbers import Shuffler
from tensorlet.data.transformations.combining import Concatenated
from tensorlet.data.transformations.mapping import WithFunction
from tensorlet.dtypes import int64
from tensorlet.errors import InvalidArgumentError

#: Numbers from `Shuffler.numbers` are integers below this.
_RANGE = float(1 << 32)


class Elements(Pipeline):
    """Some elements, in a list.

    Args:
        elements: of one structure.
        specs: of each of them.
    """

    def __init__(self, elements: Sequence[Any], specs: Any) -> None:
        self._elements = elements
        self._specs = specs

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return self._specs

    def count(self) -> int:
        return len(self._elements)

    def one_by_one(self) -> Iterator[Any]:
        return iter(self._elements)


class GroupedByWindow(WithFunction):
    """See `Dataset.group_by_window`."""

    shown_name = "_GroupByWindowDataset"

    def __init__(
        self,
        source: Pipeline,
        key: Callable[..., Any],
        reduce: Callable[[EagerTensor, Any], Any],
        size: Callable[[int], int],
        dataset_of: Callable[[Pipeline], Any],
    ) -> None:
        super().__init__(source, key)
        self._reduce = reduce
        self._size = size
        self._dataset_of = dataset_of
        self._specs: Any = None

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements of the function's datasets."""
        if self._specs is None:
            first = next(self.source.elements(), None)
            if first is None:
                raise InvalidArgumentError(
                    "group_by_window: the dataset is empty, so the form of its elements cannot be determined."
                )
            self._specs = self._reduced(self._key(first), [first]).element_spec
        return self._specs

    def count(self) -> int:
        return UNKNOWN_CARDINALITY

    def _key(self, element: Any) -> int:
        return int(called(self._function, element))

    def _reduced(self, key: int, group: list[Any]) -> Pipeline:
        window = self._dataset_of(Elements(group, self.source.element_spec))
        found = self._reduce(EAGER.convert(key, int64), window)
        if not isinstance(found, BaseDataset):
            raise TypeError(
                f"group_by_window: reduce_func returned {type(found).__name__}, expected a dataset, such as "
                "window.batch(size)."
            )
        return found._pipeline

    def one_by_one(self) -> Iterator[Any]:
        groups: dict[int, list[Any]] = {}
        for element in self.source.elements():
            key = self._key(element)
            group = groups.setdefault(key, [])
            group.append(element)
            if len(group) >= self._size(key):
                yield from self._reduced(key, groups.pop(key)).elements()
        for key in sorted(groups):
            yield from self._reduced(key, groups[key]).elements()


class Resampled(WithFunction):
    """See `Dataset.rejection_resample`."""

    shown_name = "_RejectionResampleDataset"

    def __init__(
        self, source: Pipeline, class_of: Callable[..., Any], wanted: Any, initial: Any, seed: int | None
    ) -> None:
        super().__init__(source, class_of)
        self._wanted = np.asarray(wanted, float)
        self._initial = None if initial is None else np.asarray(initial, float)
        self._shuffler = Shuffler(seed, True)

    @property
    def element_spec(self) -> Any:
        """The class, and the specification of the element."""
        return (TensorSpec((), int64), self.source.element_spec)

    def count(self) -> int:
        return UNKNOWN_CARDINALITY

    def one_by_one(self) -> Iterator[Any]:
        seen: Counter[int] = Counter()
        draws = self._shuffler.numbers()
        for element in self.source.elements():
            found = called(self._function, element)
            kind = int(found)
            seen[kind] += 1
            if next(draws) / _RANGE < self._acceptance(kind, seen):
                yield (EAGER.convert(np.int64(kind)), element)

    def _acceptance(self, kind: int, seen: Counter[int]) -> float:
        """The probability that an element of a class is kept; 1 for the class that is rarest relative to its target."""
        given = self._initial
        if given is None:
            given = np.array([seen[one] for one in range(len(self._wanted))], float)
        ratios = np.divide(self._wanted, given, out=np.zeros_like(self._wanted), where=given > 0)
        return float(ratios[kind] / ratios.max()) if ratios.max() > 0 else 0.0


class Sampled(Transformation):
    """See `Dataset.sample_from_datasets` and `Dataset.choose_from_datasets`.

    Args:
        pipelines: of the datasets, whose elements have one form.
        choices: starts an iteration: the numbers of the datasets to take an element of; it gets the datasets that
            are not empty yet.
        stops: whether the end of one dataset is the end of all.
    """

    shown_name = "_DirectedInterleaveDataset"

    def __init__(
        self, pipelines: list[Pipeline], choices: Callable[[list[bool]], Iterator[int]], stops: bool
    ) -> None:
        super().__init__(pipelines[0])
        self._pipelines = pipelines
        self._choices = choices
        self._stops = stops
        self._joined = pipelines[0]
        for other in pipelines[1:]:
            holder = BaseDataset()
            holder._pipeline = other
            self._joined = Concatenated(self._joined, holder)  # which checks that they have one form

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements; lengths in which the datasets differ are None."""
        return self._joined.element_spec

    def count(self) -> int:
        return UNKNOWN_CARDINALITY

    def one_by_one(self) -> Iterator[Any]:
        places = [pipeline.elements() for pipeline in self._pipelines]
        open_ones = [True] * len(places)
        for choice in self._choices(open_ones):
            if not 0 <= choice < len(places):
                raise InvalidArgumentError(
                    f"choose_from_datasets: the choice is {choice}, but there are {len(places)} datasets: 0 to "
                    f"{len(places) - 1}."
                )
            element = next(places[choice], None) if open_ones[choice] else None
            if element is not None:
                yield element
                continue
            open_ones[choice] = False
            if self._stops or not any(open_ones):
                return


def drawn(weights: Sequence[float], shuffler: Shuffler) -> Callable[[list[bool]], Iterator[int]]:
    """The choices of `Sampled` at random: each dataset with its weight, among those that are not empty."""

    def choices(open_ones: list[bool]) -> Iterator[int]:
        for number in shuffler.numbers():
            parts = np.where(open_ones, weights, 0.0)
            if not parts.sum() > 0:
                return
            yield int(np.searchsorted(np.cumsum(parts) / parts.sum(), number / _RANGE, side="right"))

    return choices


def chosen(choices: Pipeline) -> Callable[[list[bool]], Iterator[int]]:
    """The choices of `Sampled` that a dataset of numbers makes."""

    def numbers(open_ones: list[bool]) -> Iterator[int]:
        return (int(array_of(flatten(one)[0])) for one in choices.elements())

    return numbers
