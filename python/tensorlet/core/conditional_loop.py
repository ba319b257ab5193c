"""Loops that go on as long as a condition holds, as nodes of a graph, and their gradients.

There are three ways to the gradient. A loop whose number of rounds follows from constants is one of known length. One
with a maximum number of rounds is differentiated as a loop of that many, of which the last ones change nothing. Any
other keeps its states in Python, on the reference backend; its gradient can be differentiated again, since it is
then computed by loops that find each state anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core import active_tapes
from tensorlet.core.loop_gradient import Layout
from tensorlet.core.loop_rounds import known_rounds
from tensorlet.core.recurrent_loop import Loop
from tensorlet.core.subgraphs import (
    Branch,
    RecordedCall,
    SubgraphNode,
    add_node,
    applied,
    differentiate,
    filled,
)
from tensorlet.core.tape import GradientTape
from tensorlet.core.tracing import Trace, current_trace
from tensorlet.graph import ir
from tensorlet.ops.registry import Tensor, convert, interpreting

#: Bytes of states that are kept for the gradient of a loop with a maximum number of rounds.
MOST_KEPT_BYTES = 1 << 28

#: Stages a loop: from the first values, the condition and the step to the last values.
Staged = Callable[[Sequence[Tensor], Callable[..., Any], Callable[..., Any]], Sequence[Any]]


class ConditionalLoop:
    """A loop over sub-graphs.

    Args:
        test: the condition for another iteration.
        step: one iteration.
        limit: the maximum number of iterations.
        count: the number of loop variables.
        split: the position of the first outer value that ``step`` takes, after those of ``test``.
        stage: stages further loops, for the gradient's gradient.
    """

    def __init__(
        self, test: Branch, step: Branch, limit: float, count: int, split: int, stage: Staged
    ) -> None:
        self.test = test
        self.step = step
        self.limit = limit
        self.count = count
        self.split = split
        self._stage = stage

    @property
    def form(self) -> tuple[object, ...]:
        """What tells it from other loops, besides the sub-graphs."""
        return self.limit, self.count, self.split

    def apply(self, *taken: Tensor) -> list[Any]:
        """The final values: computed at once, or as a node of the current trace; recorded on the tapes."""
        trace = current_trace()
        if trace is None:
            return self._eager(taken)
        own = [trace.convert(tensor) for tensor in taken]
        nodes = [tensor.node for tensor in own]
        takes = nodes[self.count : self.split], nodes[self.split :]
        rounds = known_rounds(self.test.graph, self.step.graph, nodes[: self.count], takes, self.limit)
        if rounds is not None:
            loop = Loop(self.step.graph, Layout(self.count, 0), rounds, reverse=False)
            return loop.apply(*own[: self.count], *own[self.split :])
        graphs = (self.test.graph, self.step.graph)
        node = SubgraphNode(
            "while_loop", lambda *arrays: self.states(arrays, keep=False)[-1], self.apply, graphs, self
        )
        outputs = add_node(trace, node, nodes, [one.spec for one in own[: self.count]])

        def pull_back(upstream: Sequence[Tensor | None]) -> list[Tensor | None]:
            return self._gradients(trace, own, filled(outputs, upstream))

        active_tapes.record_call(trace, RecordedCall(own, outputs, pull_back))
        return outputs

    def _eager(self, taken: Sequence[Tensor]) -> list[Tensor]:
        values = list(taken[: self.count])
        done = 0
        while done < self.limit and bool(self._asked(values, taken)):
            values = self._stepped(values, taken)
            done += 1
        return values

    def _asked(self, values: Sequence[Tensor], taken: Sequence[Tensor]) -> Tensor:
        """Whether there is another round."""
        return applied(self.test.graph, [*values, *taken[self.count : self.split]])[0]

    def _stepped(self, values: Sequence[Tensor], taken: Sequence[Tensor]) -> list[Tensor]:
        """The values after another round."""
        return applied(self.step.graph, [*values, *taken[self.split :]])

    def states(self, arrays: Sequence[np.ndarray], keep: bool) -> list[list[np.ndarray]]:
        """The loop variables before each iteration, and after the last one; only the final values unless ``keep``."""
        history = [list(arrays[: self.count])]
        for_test, for_step = arrays[self.count : self.split], arrays[self.split :]
        done = 0
        while done < self.limit and bool(self.test.run([*history[-1], *for_test])[0]):
            following = self.step.run([*history[-1], *for_step])
            if keep:
                history.append(following)
            else:
                history[-1] = following
            done += 1
        return history

    # Gradients:

    def _gradients(
        self, trace: Trace, taken: Sequence[Tensor], weights: Sequence[Tensor]
    ) -> list[Tensor | None]:
        """The gradients of everything that the loop takes, from those of its final values."""
        kept = sum(node.spec.size * node.dtype.size for node in self.step.graph.nodes())
        if self.limit * kept <= MOST_KEPT_BYTES:
            return self._bounded(taken, weights)
        if any(tape.interpreter is current_trace() for tape in active_tapes.recording()):
            return self._found_anew(taken, weights)
        return self._kept_in_python(trace, taken, weights)

    def _bounded(self, taken: Sequence[Tensor], weights: Sequence[Tensor]) -> list[Tensor | None]:
        """As a loop of ``limit`` rounds; those after the last one start from the first values, and change nothing."""
        trace = current_trace()
        assert trace is not None
        body = Trace(trace.name, trace)
        count = self.count
        with interpreting(body), active_tapes.paused():
            active = body.add_input(convert(np.asarray(True)).spec)
            states = [body.add_input(tensor.spec) for tensor in taken[:count]]
            fixed = [body.add_input(tensor.spec) for tensor in taken]
            goes_on = ops.logical_and(active, ops.reshape(ops.cast(self._asked(states, fixed), bool), ()))
            safe = [ops.where(goes_on, state, start) for state, start in zip(states, fixed, strict=False)]
            new = self._stepped(safe, fixed)
            states = [ops.where(goes_on, one, state) for one, state in zip(new, states, strict=True)]
        graph = ir.Graph(body.inputs, [goes_on.node, *(state.node for state in states)])
        loop = Loop(graph, Layout(1 + count, 0), int(self.limit), reverse=False)
        # A tensor may be taken twice, and has a gradient at each place.
        own = [ops.identity(tensor) for tensor in taken]
        sources = [tensor for tensor in own if tensor.dtype.is_floating]
        with GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(sources)
            results = loop.apply(convert(np.asarray(True)), *own[:count], *own)[1:]
        pairs = [(one, weight) for one, weight in zip(results, weights, strict=True) if one.dtype.is_floating]
        found = iter(tape.gradient([one for one, _ in pairs], sources, [weight for _, weight in pairs]))
        gradients = [next(found) if tensor.dtype.is_floating else None for tensor in taken]
        return self._unless_it_never_ran(taken, weights, gradients)

    def _unless_it_never_ran(
        self, taken: Sequence[Tensor], weights: Sequence[Tensor], gradients: Sequence[Tensor | None]
    ) -> list[Tensor | None]:
        """The first values may be none that a round can start from; then there is no round."""
        ran = ops.reshape(ops.cast(self._asked(taken[: self.count], taken), bool), ())
        without = [*weights, *(ops.zeros_like(tensor) for tensor in taken[self.count :])]
        return [
            None if gradient is None else ops.where(ran, gradient, other)
            for gradient, other in zip(gradients, without, strict=True)
        ]

    def _kept_in_python(
        self, trace: Trace, taken: Sequence[Tensor], weights: Sequence[Tensor]
    ) -> list[Tensor | None]:
        """With all states kept, by a node that runs on the reference backend."""
        backward = _gradient_of_step(trace, self.step)

        def reference(*arrays: np.ndarray) -> list[np.ndarray]:
            values, above = arrays[: len(taken)], list(arrays[len(taken) :])
            outer = values[self.split :]
            totals = [np.zeros_like(array) for array in outer]
            for state in reversed(self.states(values, keep=True)[:-1]):
                found = backward.run([*state, *outer, *above])
                above = found[: self.count]
                totals = [total + more for total, more in zip(totals, found[self.count :], strict=True)]
            return [*above, *totals]

        def again(*tensors: Tensor) -> list[Tensor | None]:
            found = self._found_anew(tensors[: len(taken)], tensors[len(taken) :])
            return [*found[: self.count], *found[self.split :]]

        node = SubgraphNode("while_loop_gradient", reference, again)
        specs = [tensor.spec for tensor in [*taken[: self.count], *taken[self.split :]]]
        inputs = [trace.convert(tensor).node for tensor in [*taken, *weights]]
        found = add_node(trace, node, inputs, specs)
        return [*found[: self.count], *[None] * (self.split - self.count), *found[self.count :]]

    def _found_anew(self, taken: Sequence[Tensor], weights: Sequence[Tensor]) -> list[Tensor | None]:
        """By loops from the last round to the first, in each of which another loop finds the states anew."""
        count, zero = self.count, convert(np.asarray(0, np.int64))
        one = np.asarray(1, np.int64)
        values, fixed = list(taken[:count]), taken[self.split :]

        def goes_on(own: Sequence[Tensor]) -> Any:
            return ops.logical_and(ops.less(own[0], self._most()), self._asked(own[1:], taken))

        rounds = self._stage(
            [zero, *values], goes_on, lambda own: [own[0] + one, *self._stepped(own[1:], taken)]
        )[0]

        def back(own: Sequence[Tensor]) -> list[Any]:
            place = own[0] - one
            state = self._stage(
                [zero, *values],
                lambda inner: ops.less(inner[0], place),
                lambda inner: [inner[0] + one, *self._stepped(inner[1:], taken)],
            )[1:]
            found = differentiate(self.step.graph, [*state, *map(convert, fixed)], own[1 : 1 + count])
            totals = [total + more for total, more in zip(own[1 + count :], found[count:], strict=True)]
            return [place, *found[:count], *totals]

        totals = [ops.zeros_like(tensor) for tensor in fixed]
        found = self._stage([rounds, *weights, *totals], lambda own: ops.greater(own[0], zero), back)[1:]
        return [*found[:count], *[None] * (self.split - count), *found[count:]]

    def _most(self) -> Any:
        return np.asarray(min(self.limit, np.iinfo(np.int64).max), np.int64)


def _gradient_of_step(outer: Trace, step: Branch) -> Branch:
    """The gradient of an iteration, from its loop variables, outer values and upstream gradients."""
    trace = Trace(outer.name, outer)
    with interpreting(trace), active_tapes.paused():
        inputs = [trace.add_input(node.spec) for node in step.graph.inputs]
        weights = [trace.add_input(spec) for spec in step.specs]
        gradients = differentiate(step.graph, inputs, weights)
    return Branch(trace, gradients, None)
