"""Loops of known length over the rows of tensors, with a gradient: what recurrent layers are built on.

Eagerly, Python loops. In a traced function the whole loop is one node that holds the graph of a round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from tensorlet import ops
from tensorlet.backends.dispatch import compile_graph
from tensorlet.backends.programs import Executable
from tensorlet.core import active_tapes
from tensorlet.core.loop_gradient import Backward, Gradients, Layout, Lookups, Plan, backward_body, values_of
from tensorlet.core.loop_trace import LoopTrace
from tensorlet.core.subgraphs import ITEM, RecordedCall, SubgraphNode, add_node, applied
from tensorlet.core.tracing import Trace, current_trace
from tensorlet.errors import ShapeError
from tensorlet.graph import ir
from tensorlet.ops.registry import Spec, Tensor, convert, interpreting

#: One round: from the states and a row of each input to the next states and the outputs.
Step: TypeAlias = Callable[[list[Any], list[Any]], tuple[Sequence[Any], Sequence[Any]]]


def scan(
    step: Step, states: Sequence[Any], inputs: Sequence[Any], *, reverse: bool = False
) -> tuple[list[Any], list[Any]]:
    """Carries states over the rows of tensors, and stacks the outputs of all rounds.

    Args:
        step: ``step(states, rows) -> (states, outputs)``, lists of tensors. The next states have the shapes and dtypes
            of the states. It may read tensors and variables from outside, assign variables and draw random numbers.
        states: the first states.
        inputs: tensors of shape ``[rounds, ...]``, at least one.
        reverse: whether to begin with the last row. Outputs are stacked at the place of their row either way.

    Returns:
        The last states, and the outputs, each of shape ``[rounds, ...]``.

    Raises:
        ShapeError: if the inputs differ in length, or (as `ChangingStatesError`) the states change their shape or
            dtype.

    >>> import tensorlet as tf
    >>> from tensorlet.core.recurrent_loop import scan
    >>> last, totals = scan(lambda s, x: ([s[0] + x[0]], [s[0] + x[0]]), [tf.constant(0.0)], [tf.constant([1.0, 2.0])])
    >>> last[0].numpy().item(), totals[0].numpy()
    (3.0, array([1., 3.], dtype=float32))
    """
    rows = [convert(value) for value in inputs]
    return scan_rounds(step, [convert(state) for state in states], rows, _length(rows), reverse)


def _length(rows: Sequence[Tensor]) -> int:
    shapes = [tuple(row.shape) for row in rows]
    if not shapes or not all(shapes) or len({shape[0] for shape in shapes}) != 1:
        raise ShapeError(
            f"A loop over rows got tensors of the shapes {shapes}, but it needs at least one, and all need a first "
            "axis of the same length. Put the axis of time in front, as with tf.transpose."
        )
    return int(shapes[0][0])


def scan_rounds(
    step: Step, states: Sequence[Tensor], rows: Sequence[Tensor], length: int, reverse: bool = False
) -> tuple[list[Any], list[Any]]:
    """`scan` over tensors, with the number of rounds, so that it needs no inputs."""
    outer = current_trace()
    if outer is None and length:
        return _run(step, list(states), rows, length, reverse)
    trace = _traced(outer or Trace("scan"), step, states, rows)
    taken = [*states, *trace.starts, *rows, *trace.takes]
    loop = Loop(trace.body, Layout(len(states) + len(trace.starts), len(rows)), length, reverse)
    results = loop.apply(*taken)
    last = results[len(states) : len(states) + len(trace.starts)]
    for reference, tensor in zip(trace.changing, last, strict=False):
        outer.assign_variable(reference.deref(), tensor)  # type: ignore[union-attr]
    return results[: len(states)], results[len(states) + len(trace.starts) :]


def _run(
    step: Step, states: list[Any], rows: Sequence[Tensor], length: int, reverse: bool
) -> tuple[list[Any], list[Any]]:
    """A loop outside of traced functions, run by Python."""
    columns: list[list[Any]] = []
    parts = [ops.unstack(tensor) for tensor in rows]
    for place in _order(length, reverse):
        before = [state.spec for state in states]
        following, outputs = step(states, [part[place] for part in parts])
        states = [convert(state) for state in following]
        _check_states(before, [state.spec for state in states])
        columns.append([convert(output) for output in outputs])
    if reverse:
        columns.reverse()
    return states, [ops.stack(list(column)) for column in zip(*columns, strict=True)]


def _order(length: int, reverse: bool) -> range:
    return range(length - 1, -1, -1) if reverse else range(length)


class ChangingStatesError(ShapeError):
    """The states of a loop change their shape or dtype from round to round."""


def _check_states(expected: Sequence[Spec], found: Sequence[Spec]) -> None:
    if list(found) != list(expected):
        raise ChangingStatesError(
            f"The step of a loop returns states {[str(spec) for spec in found]}, but was given "
            f"{[str(spec) for spec in expected]}. Shapes and dtypes of states must stay the same from round to round."
        )


class _Traced(NamedTuple):
    """A traced round; what it needs besides states and rows.

    Attributes:
        body: the graph.
        starts: first values of variables that it changes, and of the number of the round.
        takes: values that are the same in each round.
        changing: the variables that it changes, by reference.
    """

    body: ir.Graph
    starts: list[Any]
    takes: list[Any]
    changing: list[Any]


def _traced(outer: Trace, step: Step, states: Sequence[Tensor], rows: Sequence[Tensor]) -> _Traced:
    specs = [state.spec for state in states]
    trace = LoopTrace(outer, [*specs, *(Spec(row.spec.shape[1:], row.spec.dtype) for row in rows)])
    count = len(states)
    with interpreting(trace), active_tapes.paused():
        following, outputs = step(list(trace.own[:count]), list(trace.own[count:]))
        following, outputs = [convert(state) for state in following], [convert(one) for one in outputs]
        _check_states(specs, [state.spec for state in following])
        changing = list(trace.updates)
        following += [trace.tensor_of(trace.updates[reference]) for reference in changing]
        if trace.round is not None:
            following.append(trace.round + np.asarray(1, np.int64))
    starts: list[Any] = [outer.variable_value(reference.deref()) for reference in changing]
    if trace.round is not None:
        starts.append(outer.convert(np.asarray(0, np.int64)))
    branch = trace.finished([*following, *outputs], changing, trace.round is not None)
    own = branch.graph.inputs
    last = len(trace.own) + len(starts)
    # `finished` puts the variables behind the rows; here they are states.
    inputs = [*own[:count], *own[len(trace.own) : last], *own[count : len(trace.own)], *own[last:]]
    for position, node in enumerate(inputs):
        node.value = position
    body = ir.Graph(inputs, branch.graph.outputs)
    return _Traced(body, starts, [outer.tensor_of(node) for node in branch.takes], changing)


class Loop(SubgraphNode):
    """A loop of known length, as the operation of a node.

    Its inputs are the first states, the stacked rows, and what is the same in each round; its results are the last
    states and the stacked outputs.

    Args:
        body: one round.
        layout: of the body's inputs.
        length: the number of rounds.
        reverse: whether it begins with the last rows.
    """

    def __init__(self, body: ir.Graph, layout: Layout, length: int, reverse: bool) -> None:
        super().__init__("scan", self._reference, self.apply, (body,))
        self.layout = layout
        self.length = length
        self.reverse = reverse
        self._compiled: tuple[ir.Graph, Executable] | None = None

    @property
    def body(self) -> ir.Graph:
        """One round."""
        return self.graphs[0]

    @property
    def form(self) -> tuple[object, ...]:
        """What tells it from other loops, besides the body."""
        return self.layout, self.length, self.reverse

    def specs(self) -> list[Spec]:
        """The specs of the results."""
        states = self.layout.states
        outputs = self.body.outputs
        stacked = [Spec((self.length, *node.shape), node.dtype) for node in outputs[states:]]
        return [*(node.spec for node in outputs[:states]), *stacked]

    def apply(self, *taken: Tensor) -> list[Any]:
        """The results: computed at once, or as a node of the current trace; recorded on the tapes."""
        trace = current_trace()
        if trace is None:
            return self._eager(taken)
        own = [trace.convert(tensor) for tensor in taken]
        loop = Loop(self.body, self.layout, self.length, self.reverse)
        outputs = add_node(trace, loop, [tensor.node for tensor in own], loop.specs())
        whole = outputs[0].node.inputs[0] if outputs else None

        def pull_back(upstream: Sequence[Tensor | None]) -> list[Tensor | None]:
            return loop._gradients(trace, whole, own, upstream)

        active_tapes.record_call(trace, RecordedCall(own, outputs, pull_back))
        return outputs

    def _eager(self, taken: Sequence[Any]) -> list[Any]:
        states, rows = self.layout
        fixed = list(taken[states + rows :])

        def step(own: list[Any], row: list[Any]) -> tuple[list[Any], list[Any]]:
            found = applied(self.body, [*own, *row, *fixed])
            return found[:states], found[states:]

        if self.length == 0:
            return [*taken[:states], *(ops.zeros(spec.shape, spec.dtype) for spec in self.specs()[states:])]
        last, outputs = _run(
            step, list(taken[:states]), taken[states : states + rows], self.length, self.reverse
        )
        return [*last, *outputs]

    def _reference(self, *arrays: np.ndarray) -> list[np.ndarray]:
        states, rows = self.layout
        own, stacks, fixed = list(arrays[:states]), arrays[states : states + rows], arrays[states + rows :]
        results = [np.empty(spec.shape, spec.dtype.numpy) for spec in self.specs()[states:]]
        run = self._executable().run if self.length else None
        for place in _order(self.length, self.reverse):
            given = [*own, *(stack[place] for stack in stacks), *fixed]
            found = run([np.asarray(array, order="C") for array in given], [])  # type: ignore[misc]
            own = found[:states]
            for result, value in zip(results, found[states:], strict=True):
                result[place] = value
        return [*own, *results]

    def _executable(self) -> Executable:
        if self._compiled is None or self._compiled[0] is not self.body:
            # The function that holds the loop has already warned.
            self._compiled = self.body, compile_graph(self.body, "scan", quiet=True)
        return self._compiled[1]

    # The gradient:

    def _gradients(
        self, trace: Trace, whole: ir.Node | None, taken: Sequence[Any], upstream: Sequence[Tensor | None]
    ) -> list[Tensor | None]:
        states = self.layout.states
        flows = [one is not None for one in upstream[states:]]
        # An earlier gradient of a persistent tape may have added results.
        flows += [False] * (len(self.body.outputs) - states - len(flows))
        gradients = Gradients(trace, self.body, self.layout, flows)
        plan = Plan(gradients)
        backward = backward_body(gradients, plan)
        kept = self._keep(trace, whole, taken, gradients, plan)
        return _Reversed(self, gradients, plan, backward).run(taken, upstream, kept)

    def _keep(
        self,
        trace: Trace,
        whole: ir.Node | None,
        taken: Sequence[Any],
        gradients: Gradients,
        plan: Plan,
    ) -> list[Tensor]:
        """The stacks that the forward loop keeps for the backward one: further results of the loop itself."""
        states, outputs = self.layout.states, list(gradients.outputs)
        places = []
        for node in plan.kept:
            known = [place for place in range(states, len(outputs)) if outputs[place] is node]
            places.append(known[0] if known else len(outputs))
            if not known:
                outputs.append(node)
        body = ir.Graph(gradients.inputs, outputs)
        if whole is None or any(tape.interpreter is current_trace() for tape in active_tapes.recording()):
            # The stacks depend on the inputs, and a tape that records wants to know how: a loop that it sees.
            results = Loop(body, self.layout, self.length, self.reverse).apply(*taken)
            return [results[place] for place in places]
        self.graphs = (body,)
        specs = self.specs()
        return [trace.tensor_of(_item(whole, place, specs[place])) for place in places]


def _item(whole: ir.Node, place: int, spec: Spec) -> ir.Node:
    return ir.Node(ir.APPLY, spec, operation=ITEM, inputs=[whole], attributes={"index": place})  # type: ignore[arg-type]


class _Reversed:
    """The loop that runs backwards, and the sums after it."""

    def __init__(self, loop: Loop, gradients: Gradients, plan: Plan, backward: Backward) -> None:
        self._loop = loop
        self._gradients = gradients
        self._plan = plan
        self._backward = backward

    def run(
        self, taken: Sequence[Any], upstream: Sequence[Tensor | None], kept: Sequence[Tensor]
    ) -> list[Tensor | None]:
        """The gradients of everything that the loop takes."""
        (states, rows), plan = self._loop.layout, self._plan
        floating, fixed = self._backward.states, taken[states + rows :]
        first = [
            ops.zeros_like(taken[place]) if upstream[place] is None else upstream[place] for place in floating
        ]
        first += [ops.zeros(node.shape, node.dtype) for node in plan.summed]
        above = [upstream[place] for place in self._gradients.flows if place >= states]
        stacks = [*above, *taken[states : states + rows], *kept]
        own = values_of(plan.taken, self._gradients.inputs[states + rows :], fixed)
        layout = Layout(len(first), len(stacks))
        loop = Loop(self._backward.body, layout, self._loop.length, not self._loop.reverse)
        results = loop.apply(*first, *stacks, *own)
        lookups = self._lookups(taken, results, kept)
        found: list[Tensor | None] = [None] * len(taken)
        for place, result in zip(floating, results, strict=False):
            found[place] = None if self._gradients.found[place] is None else result
        for place in range(states, states + rows):
            node = self._gradients.found[place]
            found[place] = None if node is None else lookups.stack(node)
        for place, total in enumerate(plan.totals):
            found[states + rows + place] = None if total is None else total(lookups)
        return found

    def _lookups(self, taken: Sequence[Any], results: Sequence[Any], kept: Sequence[Tensor]) -> Lookups:
        states, rows = self._loop.layout
        plan, inputs = self._plan, self._gradients.inputs
        sums = results[len(self._backward.states) :]
        stacks = {
            id(node): stack
            for node, stack in zip(inputs[states:], taken[states : states + rows], strict=False)
        }
        stacks.update({id(node): stack for node, stack in zip(plan.kept, kept, strict=True)})
        stacks.update(
            {id(node): one for node, one in zip(plan.stacked, sums[len(plan.summed) :], strict=True)}
        )
        totals = {id(node): one for node, one in zip(plan.summed, sums, strict=False)}

        def fixed(node: ir.Node) -> Tensor:
            (value,) = values_of([node], inputs[states + rows :], taken[states + rows :])
            return value

        return Lookups(lambda node: stacks[id(node)], fixed, lambda node: totals[id(node)])
