"""``for`` over a dataset in a converted function: one node, whose body is a graph for each shape of the elements.

Every run of the function goes over the dataset anew. The first run uses the iterator whose first element the body was
traced with, so that no element is lost. Elements of another shape, such as a smaller last batch, have the body traced
again: with the names of the function as they were before the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from types import CellType
from typing import Any

import numpy as np

from tensorlet.core import active_tapes
from tensorlet.core.autograph.carried import Carried
from tensorlet.core.autograph.statements import State, staged
from tensorlet.core.buffers import array_of
from tensorlet.core.eager import EAGER
from tensorlet.core.loops import LoopTrace
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.subgraphs import Branch, RecordedCall, SubgraphNode, add_node
from tensorlet.core.tracing import Trace
from tensorlet.dtypes import int64
from tensorlet.errors import TracingError
from tensorlet.graph import ir
from tensorlet.ops.registry import Spec, convert, interpreting


def for_dataset(
    trace: Trace, dataset: Any, body: Callable[[Any], None], go_on: Callable[[], Any] | None, state: State
) -> None:
    """``for element in dataset: body(element)``, as long as ``go_on()``."""
    with interpreting(EAGER), active_tapes.paused():
        elements = iter(dataset)
        first = next(elements, None)
    if first is not None:
        DatasetLoop(trace, dataset, body, go_on, state).stage(first, elements)


class DatasetLoop:
    """A loop over a dataset.

    Args:
        outer: the trace of the function.
        dataset: what it goes over.
        body, go_on, state: as for `for_statement`.
    """

    def __init__(
        self,
        outer: Trace,
        dataset: Any,
        body: Callable[[Any], None],
        go_on: Callable[[], Any] | None,
        state: State,
    ) -> None:
        self._outer = outer
        self._dataset = dataset
        self._body = body
        self._go_on = go_on
        self._state = state
        self._first = state.get()
        self._carried = Carried(state.names, self._first[: state.kept])
        self._updates = dict(outer.updates)
        self._cells = [(cell, _contents(cell)) for cell in _cells_of([body, go_on, *state.functions()])]
        self._waiting: Iterator[Any] | None = None
        self._branches: dict[Any, tuple[Branch, list[int]]] = {}
        self._changing: list[Any] = []
        self._question: Branch | None = None
        self._takes: list[ir.Node] = []
        self._following: list[Any] = []
        self._specs: list[Spec] = []

    def stage(self, first: Any, elements: Iterator[Any]) -> None:
        """Makes the node.

        Args:
            first: the first element.
            elements: the rest, for the first run.
        """
        outer, state = self._outer, self._state
        key = _key_of(first)

        def trace_first() -> LoopTrace:
            self._specs = [tensor.spec for tensor in self._carried.first()]
            return self._trace_body(first)

        traced = self._carried.run(trace_first)
        self._changing = list(traced.updates)
        branch = self._finished(traced)
        self._takes = branch.takes
        self._branches[key] = branch, list(range(len(branch.takes)))
        if self._go_on is not None:
            self._question = self._trace_question()
        starts = [outer.variable_value(reference.deref()) for reference in self._changing]
        values = [*self._carried.first(), *starts, outer.convert(np.asarray(0, np.int64))]
        asked = self._question.takes if self._question is not None else []
        taken = [*values, *(outer.tensor_of(node) for node in [*asked, *self._takes])]
        self._waiting = chain([first], elements)

        def reference(*arrays: np.ndarray) -> list[np.ndarray]:
            return self._run(list(arrays[: len(values)]), arrays[len(values) :], len(asked))

        node = SubgraphNode("dataset_loop", reference, _no_gradient, (branch.graph,))
        last = add_node(outer, node, [outer.convert(one).node for one in taken], [one.spec for one in values])
        active_tapes.record_call(outer, RecordedCall(taken, last, _no_gradient))
        count = len(self._specs)
        for changed, tensor in zip(self._changing, last[count:], strict=False):
            outer.assign_variable(changed.deref(), tensor)
        state.set([*self._carried.values(last[:count]), *self._first[state.kept :]])

    # Tracing.

    def _trace_body(self, element: Any) -> LoopTrace:
        """The body for elements of one shape; its results are in ``self._following``."""
        specs = self._specs
        leaves = [leaf.spec for leaf in flatten(element)]
        trace = LoopTrace(self._outer, [*specs, *leaves])
        count, state = len(specs), self._state
        with interpreting(trace), active_tapes.paused():
            state.set([*self._carried.values(trace.own[:count]), *self._first[state.kept :]])
            self._body(pack_like(element, trace.own[count:]))
            self._following = self._carried.following(state.get()[: state.kept])
        self._carried.check([tensor.spec for tensor in self._following])
        return trace

    def _finished(self, trace: LoopTrace) -> Branch:
        if set(trace.updates) - set(self._changing):
            name = next(iter(set(trace.updates) - set(self._changing))).deref().name
            raise TracingError(
                f"A loop over a dataset assigns the variable '{name}' only for elements of some shapes. Assign it "
                "for all, or use batches of one size (drop_remainder=True)."
            )
        with interpreting(trace), active_tapes.paused():
            changed = [trace.variable_value(reference.deref()) for reference in self._changing]
            number = trace.round if trace.round is not None else trace.add_input(Spec((), int64), "round")
            trace.round = number
            outputs = [*self._following, *changed, number + np.asarray(1, np.int64)]
        return trace.finished(outputs, self._changing, counted=True)

    def _trace_question(self) -> Branch:
        trace = LoopTrace(self._outer, self._specs)
        with interpreting(trace), active_tapes.paused():
            self._state.set([*self._carried.values(trace.own), *self._first[self._state.kept :]])
            answer = self._go_on()  # type: ignore[misc]
            condition = staged(answer, "`break`")
            verdict = convert(bool(answer)) if condition is None else condition
        return trace.finished([verdict], self._changing, counted=True)

    @contextmanager
    def _as_before(self) -> Iterator[None]:
        """A ``with`` block in which the function's names and variables are what they were before the loop."""
        cells = [(cell, _contents(cell)) for cell, _ in self._cells]
        updates, self._outer.updates = self._outer.updates, dict(self._updates)
        try:
            for cell, value in self._cells:
                _fill(cell, value)
            yield
        finally:
            self._outer.updates = updates
            for cell, value in cells:
                _fill(cell, value)

    # Running.

    def _run(self, values: list[np.ndarray], taken: Sequence[np.ndarray], asked: int) -> list[np.ndarray]:
        with interpreting(EAGER), active_tapes.paused():
            elements, self._waiting = self._waiting or iter(self._dataset), None
            count = len(values) - len(self._changing) - 1
            for_body = taken[asked:]
            while self._question is None or bool(self._question.run([*values, *taken[:asked]])[0]):
                element = next(elements, None)
                if element is None:
                    break
                branch, places = self._branch_for(element)
                rows = [array_of(leaf) for leaf in flatten(element)]
                used = [for_body[place] for place in places]
                values = branch.run([*values[:count], *rows, *values[count:], *used])
        return values

    def _branch_for(self, element: Any) -> tuple[Branch, list[int]]:
        key = _key_of(element)
        if key not in self._branches:
            with self._as_before():
                branch = self._finished(self._trace_body(element))
            self._branches[key] = branch, [_place(node, self._takes) for node in branch.takes]
        return self._branches[key]


def _place(node: ir.Node, nodes: Sequence[ir.Node]) -> int:
    for place, one in enumerate(nodes):
        if one is node:
            return place
    raise TracingError(
        f"A loop over a dataset uses '{node.name}' only for elements of some shapes. Use batches of one size "
        "(drop_remainder=True)."
    )


def _key_of(element: Any) -> Any:
    return tuple((tuple(leaf.shape), leaf.dtype.name) for leaf in flatten(element))


def _cells_of(functions: Sequence[Callable[..., Any] | None]) -> list[CellType]:
    """The cells in which the functions keep the names of the function around them."""
    cells = [cell for one in functions for cell in getattr(one, "__closure__", None) or ()]
    return list({id(cell): cell for cell in cells}.values())


_EMPTY = object()


def _contents(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return _EMPTY


def _fill(cell: CellType, value: Any) -> None:
    if value is not _EMPTY:
        cell.cell_contents = value
    elif _contents(cell) is not _EMPTY:
        del cell.cell_contents


def _no_gradient(*_: Any) -> Any:
    raise TracingError(
        "No gradient flows through a loop over a dataset inside a tf.function. Use a tf.GradientTape inside the loop, "
        "or loop outside of the function."
    )
