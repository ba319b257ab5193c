"""`tf.while_loop`: loops that depend on tensors.

Outside a traced function it is Python's own loop. Inside one, its test and its body become graphs; see `subgraphs`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core import active_tapes
from tensorlet.core.concrete_function import unpack_outputs
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.subgraphs import (
    Branch,
    RecordedCall,
    SubgraphNode,
    add_node,
    applied,
    differentiate,
    filled,
)
from tensorlet.core.tracing import Trace, current_trace
from tensorlet.errors import ShapeError, TracingError
from tensorlet.ops.registry import Spec, Tensor, convert, interpreting

if TYPE_CHECKING:
    from tensorlet.type_aliases import Nested, TensorLike


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Nested[TensorLike],
    shape_invariants: object = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    maximum_iterations: int | None = None,
    name: str | None = None,
) -> Any:
    """Repeats ``body`` while ``cond`` holds.

    Args:
        cond: takes the loop's values, returns a scalar truth value.
        body: takes the loop's values, returns the next ones, of the same shapes and dtypes.
        loop_vars: the first values, in any nested structure.
        maximum_iterations: the most repetitions.

    Returns:
        The last values, in the structure of ``loop_vars``.

    >>> import tensorlet as tf
    >>> i, total = tf.while_loop(lambda i, s: i < 5, lambda i, s: (i + 1, s + i), (tf.constant(0), tf.constant(0)))
    >>> total.numpy().item()
    10
    """
    trace = current_trace()
    limit = float("inf") if maximum_iterations is None else int(maximum_iterations)
    values = pack_like(loop_vars, [convert(value) for value in flatten(loop_vars)])
    if trace is None:
        return _run_loop(cond, body, values, limit)
    first = flatten(values)
    test = _trace_loop(trace, cond, values, [])
    step = _trace_loop(trace, body, values, [tensor.spec for tensor in first])
    takes = [trace.tensor_of(node) for branch in (test, step) for node in branch.takes]
    loop = _Loop(test, step, limit, len(first), len(first) + len(test.takes))
    return pack_like(loop_vars, loop.apply(*first, *takes))


def _run_loop(
    cond: Callable[..., Any], body: Callable[..., Any], values: Sequence[Tensor], limit: float
) -> Any:
    """A loop outside traced functions: Python's."""
    done = 0
    while done < limit and bool(cond(*values)):
        following = body(*values)
        following = following if isinstance(following, list | tuple) else [following]
        values = pack_like(values, [convert(value) for value in flatten(list(following))])
        done += 1
    return values


def _trace_loop(
    outer: Trace, function: Callable[..., Any], values: Sequence[Tensor], expected: list[Spec]
) -> Branch:
    trace = Trace(outer.name, outer, outer.may_create_variables)
    with interpreting(trace), active_tapes.paused():
        own = [trace.add_input(tensor.spec) for tensor in flatten(values)]
        result = function(*pack_like(values, own))
        outputs, structure = unpack_outputs(flatten(result))
    branch = Branch(trace, outputs, structure)
    if branch.updates:
        name = next(iter(branch.updates)).deref().name
        raise TracingError(
            f"The variable '{name}' is assigned inside tf.while_loop. Make its value one of the loop's values "
            "(loop_vars), and assign the result after the loop."
        )
    if expected and branch.specs != expected:
        raise ShapeError(
            f"tf.while_loop: the body returns {[str(spec) for spec in branch.specs]}, but the loop's values are "
            f"{[str(spec) for spec in expected]}. Shapes and dtypes must stay the same from round to round."
        )
    return branch


class _Loop:
    """A loop over sub-graphs.

    Args:
        test: whether there is another round.
        step: one round.
        limit: the most rounds.
        count: how many values the loop has.
        split: where the values that ``step`` takes from outside begin, after those of ``test``.
    """

    def __init__(self, test: Branch, step: Branch, limit: float, count: int, split: int) -> None:
        self.test = test
        self.step = step
        self.limit = limit
        self.count = count
        self.split = split

    def apply(self, *taken: Tensor) -> list[Tensor]:
        """The last values: at once, or as a node of the trace under way, with its record for the tapes."""
        first, test_takes, step_takes = (
            taken[: self.count],
            taken[self.count : self.split],
            taken[self.split :],
        )
        trace = current_trace()
        if trace is None:
            return list(
                _run_loop(
                    lambda *values: applied(self.test.graph, [*values, *test_takes])[0],
                    lambda *values: applied(self.step.graph, [*values, *step_takes]),
                    list(first),
                    self.limit,
                )
            )
        node = SubgraphNode("while_loop", lambda *arrays: self.states(arrays)[-1], self.apply)
        outputs = add_node(trace, node, [one.node for one in taken], [one.spec for one in first])

        def pull_back(upstream: Sequence[Tensor | None]) -> list[Tensor | None]:
            return self.gradients(trace, taken, filled(outputs, upstream))

        active_tapes.record_call(trace, RecordedCall(taken, outputs, pull_back))
        return outputs

    def states(self, arrays: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
        """The loop's values before each round, and after the last."""
        history = [list(arrays[: self.count])]
        for_test, for_step = arrays[self.count : self.split], arrays[self.split :]
        while len(history) <= self.limit and bool(self.test.run([*history[-1], *for_test])[0]):
            history.append(self.step.run([*history[-1], *for_step]))
        return history

    def gradients(
        self, trace: Trace, taken: Sequence[Tensor], weights: Sequence[Tensor]
    ) -> list[Tensor | None]:
        """From the gradients of the last values to those of everything that the loop takes."""
        backward = _loop_gradient(trace, self.step)

        def reference(*arrays: np.ndarray) -> list[np.ndarray]:
            values, above = arrays[: len(taken)], list(arrays[len(taken) :])
            outer = values[self.split :]
            totals = [np.zeros_like(array) for array in outer]
            for state in reversed(self.states(values)[:-1]):
                found = backward.run([*state, *outer, *above])
                above = found[: self.count]
                totals = [total + more for total, more in zip(totals, found[self.count :], strict=True)]
            return [*above, *totals]

        node = SubgraphNode("while_loop_gradient", reference, _no_second_derivative)
        specs = [tensor.spec for tensor in [*taken[: self.count], *taken[self.split :]]]
        found = add_node(trace, node, [tensor.node for tensor in [*taken, *weights]], specs)
        active_tapes.record_call(trace, RecordedCall([*taken, *weights], found, _no_second_derivative))
        return [*found[: self.count], *[None] * (self.split - self.count), *found[self.count :]]


def _no_second_derivative(*_: object) -> Any:
    raise TracingError(
        "The gradient of a tf.while_loop inside a tf.function cannot be differentiated again. "
        "Take second derivatives outside the tf.function, or write the rounds out with a Python for loop."
    )


def _loop_gradient(outer: Trace, step: Branch) -> Branch:
    """From a round's values, what it takes from outside and upstream gradients, to gradients."""
    trace = Trace(outer.name, outer)
    with interpreting(trace), active_tapes.paused():
        inputs = [trace.add_input(node.spec) for node in step.graph.inputs]
        weights = [trace.add_input(spec) for spec in step.specs]
        gradients = differentiate(step.graph, inputs, weights)
    return Branch(trace, gradients, None)
