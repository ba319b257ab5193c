"""Transformations that apply user-defined functions to elements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, SupportsIndex

import numpy as np

from tensorlet.core import active_tapes, random_state
from tensorlet.core.buffers import array_of
from tensorlet.core.eager import EAGER
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.ragged_spec import RaggedTensorSpec
from tensorlet.core.ragged_tensor import RaggedTensor
from tensorlet.core.signature import TensorSpec
from tensorlet.core.tensor import EagerTensor
from tensorlet.data.elements import LeafSpec, called, eager_element, mapped_specs, merged, spec_of
from tensorlet.data.options import UNKNOWN_CARDINALITY
from tensorlet.data.pipeline import BaseDataset, Pipeline, Transformation
from tensorlet.data.row_numbers import BatchStream, Block, RowStream, as_numbers
from tensorlet.data.vectorization import Stage, VectorizedFunction, vectorized
from tensorlet.dtypes import bool_, string
from tensorlet.errors import InvalidArgumentError, TensorletError
from tensorlet.ops.registry import interpreting

#: What replaces unknown elements to find the form of a function's results: lengths, numbers and texts. Where results
#: differ in a length, it is unknown.
STAND_INS: tuple[tuple[int, int, bytes], ...] = ((2, 0, b""), (3, 1, b"a b"))


class WithFunction(Transformation):
    """A transformation by a function of elements.

    Args:
        source: the pipeline of its arguments.
        function: the user-defined function.
    """

    def __init__(self, source: Pipeline, function: Callable[..., Any]) -> None:
        super().__init__(source)
        if not callable(function):
            raise TypeError(
                f"{self.shown_name[1:].replace('Dataset', '').lower()} got {type(function).__name__}, but a "
                "function of an element is expected, such as lambda x, y: (x / 255, y)."
            )
        self._function = function


class OnceVectorized:
    """A function that is vectorized when it is first needed.

    Args:
        function: the user-defined function.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._found: VectorizedFunction | None = None
        self._is_tried = False

    def function(self, specs: object) -> VectorizedFunction | None:
        """The function for stacked elements; None if it has to be called for each element.

        Args:
            specs: the specs of one element.
        """
        if not self._is_tried:
            self._is_tried = True
            self._found = vectorized(self._function, specs)
        return self._found


class Mapped(WithFunction):
    """See `Dataset.map`."""

    def __init__(
        self, source: Pipeline, function: Callable[..., Any], parallel: SupportsIndex | None = None
    ) -> None:
        self.shown_name = "_MapDataset" if parallel is None else "_ParallelMapDataset"
        super().__init__(source, function)
        self._specs: Any = None
        self._stage = Stage(function)
        self._vectorized = OnceVectorized(function)

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the function's results."""
        if self._specs is None:
            has_rows = self.source.rows() is not None
            for_rows = self._vectorized.function(self.source.element_spec) if has_rows else None
            self._specs = result_spec(self._of, self.source) if for_rows is None else for_rows.element_spec
        return self._specs

    def rows(self) -> RowStream | None:
        found = self.source.rows()
        if found is None:
            return None
        function = self._vectorized.function(self.source.element_spec)
        if function is None:
            return None
        return RowStream(found.columns, found.structure, found.blocks, functions=(*found.functions, function))

    def batches(self) -> BatchStream | None:
        found = self.source.batches()
        if found is None:
            return None
        return BatchStream(found.columns, found.structure, found.picks, (*found.functions, self._stage))

    def _of(self, element: object) -> Any:
        return called(self._function, element)

    def one_by_one(self) -> Iterator[Any]:
        return map(self._of, self.source.elements())


def result_spec(function: Callable[[Any], Any], source: Pipeline) -> Any:
    """The spec of a function's results, determined by calling it on zeros and ones, or else on the first element.

    Lengths that depend on unknown lengths of the source, or on values, are unknown.
    """
    counters = dict(random_state.STATE.counters)
    specs = source.element_spec
    try:
        found = spec_of(function(_stand_in(specs, *STAND_INS[0])))
        with suppress(*_FAULTS):
            found = _both(found, spec_of(function(_stand_in(specs, *STAND_INS[1]))))
    except _FAULTS:
        element = next(source.elements(), None)
        if element is None:
            raise
        found = spec_of(function(element))
    finally:
        random_state.STATE.counters.clear()
        random_state.STATE.counters.update(counters)
    return found


#: What user-defined functions raise for zeros and ones.
_FAULTS = (TensorletError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError)


def _both(first: object, second: object) -> Any:
    """The spec of results that match one of two specs; the first if they have different structures."""
    pairs = list(zip(flatten(first), flatten(second), strict=True))
    if any(isinstance(one, BaseDataset) for pair in pairs for one in pair):
        return first
    return pack_like(first, [merged(*pair) for pair in pairs])


def _stand_in(specs: object, length: int, number: int, text: bytes) -> Any:
    """An element of equal numbers and texts."""

    def filled(spec: LeafSpec | BaseDataset) -> EagerTensor | RaggedTensor | BaseDataset:
        if isinstance(spec, BaseDataset):  # a window
            return spec
        if spec.shape.rank is None:
            raise InvalidArgumentError(f"The shape of {spec} is unknown.")
        shape = [length if one is None else one for one in spec.shape]
        values = EagerTensor(np.full(shape, text if spec.dtype is string else number, spec.dtype.numpy))
        if isinstance(spec, RaggedTensorSpec) and spec.ragged_rank > 0:
            ragged: RaggedTensor = RaggedTensor.from_tensor(values, ragged_rank=spec.ragged_rank)
            return ragged
        return values

    return mapped_specs(filled, specs)


class Filtered(WithFunction):
    """See `Dataset.filter`."""

    shown_name = "_FilterDataset"

    def __init__(self, source: Pipeline, function: Callable[..., Any]) -> None:
        super().__init__(source, function)
        self._vectorized = OnceVectorized(function)

    def count(self) -> int:
        return UNKNOWN_CARDINALITY

    def rows(self) -> RowStream | None:
        """The rows that are kept, if the predicate can be called on many rows at a time."""
        found = self.source.rows()
        if found is None or not found.is_repeatable():  # kept rows are read a second time
            return None
        predicate = self._vectorized.function(self.source.element_spec)
        if predicate is None or predicate.element_spec != TensorSpec((), bool_):
            return None

        def blocks() -> Iterator[Block]:
            for numbers, element in found.chunks():
                with interpreting(EAGER), active_tapes.paused():
                    kept = array_of(predicate(element))
                yield as_numbers(numbers)[kept]

        return RowStream(found.columns, found.structure, blocks, functions=found.functions)

    def one_by_one(self) -> Iterator[Any]:
        return (element for element in self.source.elements() if truth(self._function, element, "filter"))


class TakenWhile(WithFunction):
    """See `Dataset.take_while`."""

    shown_name = "_TakeWhileDataset"

    def count(self) -> int:
        return UNKNOWN_CARDINALITY

    def one_by_one(self) -> Iterator[Any]:
        for element in self.source.elements():
            if not truth(self._function, element, "take_while"):
                return
            yield element


def truth(predicate: Callable[..., Any], element: object, method: str) -> bool:
    """The result of a predicate.

    Raises:
        InvalidArgumentError: if it is not a bool scalar.
    """
    found = called(predicate, element)
    if not isinstance(found, EagerTensor) or array_of(found).dtype.kind != "b" or array_of(found).ndim:
        shown = found.spec if isinstance(found, EagerTensor) else type(found).__name__
        raise InvalidArgumentError(
            f"{method}: the function returned {shown}, but a bool scalar is expected, such as the result of "
            "a comparison. Reduce several values with tf.reduce_all or tf.reduce_any."
        )
    return bool(array_of(found))


class Scanned(WithFunction):
    """See `Dataset.scan`."""

    shown_name = "_ScanDataset"

    def __init__(self, source: Pipeline, state: object, function: Callable[..., Any]) -> None:
        super().__init__(source, function)
        self._state = eager_element(state)

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the function's results."""
        return result_spec(lambda element: self._next(self._state, element)[1], self.source)

    def _next(self, state: object, element: object) -> tuple[Any, Any]:
        found = called(self._function, (state, element))
        if not isinstance(found, tuple) or len(found) != 2:
            raise InvalidArgumentError(
                f"scan: the function returned {type(found).__name__}, but a tuple (next state, element) is expected."
            )
        return found

    def one_by_one(self) -> Iterator[Any]:
        state = self._state
        for element in self.source.elements():
            state, result = self._next(state, element)
            yield result


class Unique(Transformation):
    """See `Dataset.unique`."""

    shown_name = "_UniqueDataset"

    def count(self) -> int:
        return UNKNOWN_CARDINALITY

    def one_by_one(self) -> Iterator[Any]:
        seen = set()
        for element in self.source.elements():
            key = tuple(_content(array_of(tensor)) for tensor in flatten(element))
            if key not in seen:
                seen.add(key)
                yield element


def _content(array: np.ndarray) -> tuple[Any, ...]:
    """The values of an array as a key of a dictionary."""
    return (array.shape, tuple(array.reshape(-1)) if array.dtype.kind == "O" else array.tobytes())
