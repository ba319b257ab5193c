"""Datasets that call the user's functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from tensorlet.core import active_tapes, random_state
from tensorlet.core.eager import EAGER
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.signature import TensorSpec
from tensorlet.core.tensor import EagerTensor
from tensorlet.data.dataset import Dataset
from tensorlet.data.elements import called, eager_element, mapped_specs, merged, spec_of
from tensorlet.data.options import UNKNOWN_CARDINALITY
from tensorlet.data.row_numbers import BatchStream, Block, RowStream, as_numbers
from tensorlet.data.transformations import Derived, whole
from tensorlet.data.vectorization import Lifted, Stage, lifted
from tensorlet.dtypes import bool_
from tensorlet.errors import InvalidArgumentError, TensorletError
from tensorlet.ops.registry import interpreting

#: Lengths that stand for unknown ones while a function's result is looked at.
STAND_INS = (2, 3)
#: Datasets that are open at a time where nobody says how many.
CYCLE_LENGTH = 16


class WithFunction(Derived):
    """A dataset whose elements a function makes.

    Args:
        source: the dataset whose elements go in.
        function: the user's.
    """

    def __init__(self, source: Dataset, function: Callable[..., Any]) -> None:
        super().__init__(source)
        if not callable(function):
            raise TypeError(
                f"{self.shown_name[1:].replace('Dataset', '').lower()} got {type(function).__name__}, expected a "
                "function of an element, such as lambda x, y: (x / 255, y)."
            )
        self._function = function


class Mapped(WithFunction):
    """See `Dataset.map`."""

    def __init__(self, source: Dataset, function: Callable[..., Any], parallel: Any = None) -> None:
        self.shown_name = "_MapDataset" if parallel is None else "_ParallelMapDataset"
        super().__init__(source, function)
        self._specs: Any = None
        self._stage = Stage(function)
        self._lifted: Lifted | None = None
        self._is_looked_at = False

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the function's results."""
        if self._specs is None:
            for_rows = self._for_rows() if self._source._rows() is not None else None
            self._specs = result_spec(self._of, self._source) if for_rows is None else for_rows.element_spec
        return self._specs

    def _for_rows(self) -> Lifted | None:
        """The function for stacked rows, if it can be had."""
        if not self._is_looked_at:
            self._is_looked_at = True
            self._lifted = lifted(self._function, self._source.element_spec)
        return self._lifted

    def _rows(self) -> RowStream | None:
        found = self._source._rows()
        function = None if found is None else self._for_rows()
        if found is None or function is None:
            return None
        return RowStream(found.columns, found.structure, found.blocks, functions=(*found.functions, function))

    def _batches(self) -> BatchStream | None:
        found = self._source._batches()
        if found is None:
            return None
        return BatchStream(found.columns, found.structure, found.picks, (*found.functions, self._stage))

    def _of(self, element: Any) -> Any:
        return called(self._function, element)

    def _one_by_one(self) -> Iterator[Any]:
        return map(self._of, self._source._elements())


def result_spec(function: Callable[[Any], Any], source: Dataset) -> Any:
    """The spec of a function's results, seen on stand-ins of zeros, else on the first element.

    Lengths that change with the unknown ones of the source are unknown.
    """
    counters = dict(random_state.STATE.counters)
    specs = source.element_spec
    leaves = flatten(specs)
    unknown = any(not _is_known(spec) for spec in leaves)
    try:
        found = [spec_of(function(_stand_in(specs, length))) for length in STAND_INS[: 1 + unknown]]
    except (TensorletError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError):
        element = next(source._elements(), None)
        if element is None:
            raise
        found = [spec_of(function(element))]
    finally:
        random_state.STATE.counters.clear()
        random_state.STATE.counters.update(counters)
    if len(found) == 1:
        return found[0]
    pairs = zip(flatten(found[0]), flatten(found[1]), strict=True)
    return pack_like(found[0], [merged(first, second) for first, second in pairs])


def _is_known(spec: Any) -> bool:
    return not hasattr(spec, "element_spec") and spec.shape.rank is not None and spec.shape.is_fully_defined()


def _stand_in(specs: Any, length: int) -> Any:
    """An element of zeros."""

    def zeros(spec: Any) -> Any:
        if hasattr(spec, "element_spec"):  # a window
            return spec
        if spec.shape.rank is None:
            raise InvalidArgumentError(f"The shape of {spec} is unknown.")
        shape = [length if one is None else one for one in spec.shape]
        return EagerTensor(np.zeros(shape, spec.dtype.numpy))

    return mapped_specs(zeros, specs)


class Filtered(WithFunction):
    """See `Dataset.filter`."""

    shown_name = "_FilterDataset"

    def __init__(self, source: Dataset, function: Callable[..., Any]) -> None:
        super().__init__(source, function)
        self._lifted: Lifted | None = None
        self._is_looked_at = False

    def _count(self) -> int:
        return UNKNOWN_CARDINALITY

    def _rows(self) -> RowStream | None:
        """Row numbers of the rows that are kept, if the predicate can be asked about many at a time."""
        found = self._source._rows()
        if found is None:
            return None
        if not self._is_looked_at:
            self._is_looked_at = True
            self._lifted = lifted(self._function, self._source.element_spec)
        predicate = self._lifted
        if predicate is None or predicate.element_spec != TensorSpec((), bool_):
            return None

        def blocks() -> Iterator[Block]:
            for numbers, element in found.chunks():
                with interpreting(EAGER), active_tapes.paused():
                    kept = predicate(element)._array
                yield as_numbers(numbers)[kept]

        return RowStream(found.columns, found.structure, blocks, functions=found.functions)

    def _one_by_one(self) -> Iterator[Any]:
        return (element for element in self._source._elements() if truth(self._function, element, "filter"))


class TakenWhile(WithFunction):
    """See `Dataset.take_while`."""

    shown_name = "_TakeWhileDataset"

    def _count(self) -> int:
        return UNKNOWN_CARDINALITY

    def _one_by_one(self) -> Iterator[Any]:
        for element in self._source._elements():
            if not truth(self._function, element, "take_while"):
                return
            yield element


def truth(predicate: Callable[..., Any], element: Any, method: str) -> bool:
    """What a predicate says of an element.

    Raises:
        InvalidArgumentError: if that is no single truth value.
    """
    found = called(predicate, element)
    if not isinstance(found, EagerTensor) or found._array.dtype.kind != "b" or found._array.ndim:
        shown = found.spec if isinstance(found, EagerTensor) else type(found).__name__
        raise InvalidArgumentError(
            f"{method}: the function returned {shown}, expected a single truth value (a bool scalar), as comparisons "
            "give it. For several values use tf.reduce_all or tf.reduce_any."
        )
    return bool(found._array)


class FlatMapped(WithFunction):
    """See `Dataset.flat_map`."""

    shown_name = "_FlatMapDataset"

    def __init__(self, source: Dataset, function: Callable[..., Any]) -> None:
        super().__init__(source, function)
        self._specs: Any = None

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements of the function's datasets."""
        if self._specs is None:
            first = next(self._source._elements(), None)
            if first is None:
                raise InvalidArgumentError(
                    f"{self.shown_name}: the dataset is empty, so nobody can say what its elements look like."
                )
            self._specs = self._opened(first).element_spec
        return self._specs

    def _count(self) -> int:
        return UNKNOWN_CARDINALITY

    def _opened(self, element: Any) -> Dataset:
        found = called(self._function, element)
        if not isinstance(found, Dataset):
            raise TypeError(
                f"{'flat_map' if type(self) is FlatMapped else 'interleave'}: the function returned "
                f"{type(found).__name__}, expected a dataset; for single elements use map."
            )
        return found

    def _one_by_one(self) -> Iterator[Any]:
        for element in self._source._elements():
            yield from self._opened(element)._elements()


class Interleaved(FlatMapped):
    """See `Dataset.interleave`."""

    def __init__(
        self, source: Dataset, function: Callable[..., Any], cycle: Any, block: Any, parallel: Any
    ) -> None:
        self.shown_name = "_InterleaveDataset" if parallel is None else "_ParallelInterleaveDataset"
        super().__init__(source, function)
        self._cycle = CYCLE_LENGTH if cycle in (None, -1) else whole(cycle, "interleave: cycle_length", 1)
        self._block = 1 if block is None else whole(block, "interleave: block_length", 1)

    def _one_by_one(self) -> Iterator[Any]:
        waiting = self._source._elements()
        places = [self._opened(element)._elements() for element in islice(waiting, self._cycle)]
        while places:
            still = []
            for place in places:
                group = list(islice(place, self._block))
                yield from group
                if len(group) == self._block:
                    still.append(place)
                else:
                    still += [self._opened(element)._elements() for element in islice(waiting, 1)]
            places = still


class Scanned(WithFunction):
    """See `Dataset.scan`."""

    shown_name = "_ScanDataset"

    def __init__(self, source: Dataset, state: Any, function: Callable[..., Any]) -> None:
        super().__init__(source, function)
        self._state = eager_element(state)

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the function's results."""
        return result_spec(lambda element: self._next(self._state, element)[1], self._source)

    def _next(self, state: Any, element: Any) -> tuple[Any, Any]:
        found = called(self._function, (state, element))
        if not isinstance(found, tuple) or len(found) != 2:
            raise InvalidArgumentError(
                "scan: the function did not return two things. Expected (next state, element)."
            )
        return found

    def _one_by_one(self) -> Iterator[Any]:
        state = self._state
        for element in self._source._elements():
            state, result = self._next(state, element)
            yield result


class Unique(Derived):
    """See `Dataset.unique`."""

    shown_name = "_UniqueDataset"

    def _count(self) -> int:
        return UNKNOWN_CARDINALITY

    def _one_by_one(self) -> Iterator[Any]:
        seen = set()
        for element in self._source._elements():
            key = tuple((tensor._array.shape, tensor._array.tobytes()) for tensor in flatten(element))
            if key not in seen:
                seen.add(key)
                yield element


def reduced(dataset: Dataset, state: Any, function: Callable[..., Any]) -> Any:
    """See `Dataset.reduce`."""
    state = eager_element(state)
    for element in dataset._elements():
        state = called(function, (state, element))
    return state


def applied(dataset: Dataset, function: Callable[[Any], Any]) -> Dataset:
    """See `Dataset.apply`."""
    found = function(dataset)
    if not isinstance(found, Dataset):
        raise TypeError(
            f"apply: the function returned {type(found).__name__}, expected a dataset: "
            "lambda dataset: dataset.take(2)."
        )
    return found


def single_element(dataset: Dataset) -> Any:
    """See `Dataset.get_single_element`."""
    found = list(islice(dataset._elements(), 2))
    if len(found) != 1:
        raise InvalidArgumentError(
            f"get_single_element: the dataset has {'no element' if not found else 'more than one element'}, expected "
            "exactly one."
        )
    return found[0]
