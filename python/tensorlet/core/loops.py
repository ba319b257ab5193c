"""`tf.while_loop`: loops that depend on tensors.

Outside a traced function, Python loops. Inside one, the condition and the body become graphs; see `subgraphs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core import active_tapes
from tensorlet.core.conditional_loop import ConditionalLoop
from tensorlet.core.loop_trace import LoopTrace
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import Operators
from tensorlet.core.tracing import Trace, current_trace
from tensorlet.dtypes import int64
from tensorlet.errors import ShapeError, TracingError
from tensorlet.ops.registry import Spec, Tensor, convert, interpreting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import SupportsIndex

    from tensorlet.type_aliases import Nested, TensorLike


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Nested[TensorLike],
    shape_invariants: object = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    maximum_iterations: SupportsIndex | Operators | None = None,
    name: str | None = None,
) -> Any:
    """Repeats ``body`` while ``cond`` holds.

    Args:
        cond: takes the loop variables, returns a scalar bool.
        body: takes the loop variables, returns their next values, of the same shapes and dtypes. `tf.Variable`s
            that it assigns keep their values from one iteration to the next.
        loop_vars: the initial values, in any nested structure.
        shape_invariants: shapes with None where a length may change. Inside a `tf.function` such a loop is
            written out round by round, so ``cond`` must not depend on values that are only known later.
        maximum_iterations: the maximum number of iterations.

    Returns:
        The final values, in the structure of ``loop_vars``.

    Raises:
        ShapeError: if the body changes a shape or dtype.

    >>> import tensorlet as tf
    >>> i, total = tf.while_loop(lambda i, s: i < 5, lambda i, s: (i + 1, s + i), (tf.constant(0), tf.constant(0)))
    >>> total.numpy().item()
    10
    """
    trace = current_trace()
    if not isinstance(loop_vars, list | tuple):
        loop_vars = [loop_vars]
    values = pack_like(loop_vars, [convert(value) for value in flatten(loop_vars)])
    if isinstance(maximum_iterations, Operators):
        return _limited(cond, body, values, maximum_iterations)
    limit = float("inf") if maximum_iterations is None else int(maximum_iterations)
    if trace is None or shape_invariants is not None:
        return run_loop(cond, body, values, limit)

    def test(own: Sequence[Tensor]) -> Any:
        return cond(*pack_like(values, own))

    def step(own: Sequence[Tensor]) -> list[Any]:
        return flatten(body(*pack_like(values, own)))

    return pack_like(loop_vars, stage_loop(trace, flatten(values), test, step, lambda: limit))


def _limited(cond: Callable[..., Any], body: Callable[..., Any], values: Any, most: Operators) -> Any:
    """A loop whose greatest number of rounds is a tensor: it counts them itself."""
    limit = ops.cast(most, int64)

    def test(done: Tensor, inner: Sequence[Any]) -> Any:
        return ops.logical_and(ops.less(done, limit), cond(*inner))

    def step(done: Tensor, inner: Sequence[Any]) -> Any:
        following = body(*inner)
        leaves = flatten(following if isinstance(following, list | tuple) else [following])
        return done + 1, pack_like(inner, leaves)

    return while_loop(test, step, (convert(np.asarray(0, np.int64)), values))[1]


def run_loop(
    cond: Callable[..., Any], body: Callable[..., Any], values: Sequence[Tensor], limit: float
) -> Any:
    """A loop outside traced functions, run by Python."""
    done = 0
    while done < limit and bool(cond(*values)):
        following = body(*values)
        following = following if isinstance(following, list | tuple) else [following]
        values = pack_like(values, [convert(value) for value in flatten(list(following))])
        done += 1
    return values


def stage_loop(
    outer: Trace,
    first: Sequence[Tensor],
    test: Callable[[Sequence[Tensor]], Any],
    step: Callable[[Sequence[Tensor]], Sequence[Any]],
    limit: Callable[[], float],
    check: Callable[[list[Spec]], None] | None = None,
) -> list[Tensor]:
    """A loop as one node of a trace.

    Args:
        outer: the trace.
        first: the first values.
        test: from the values to whether there is another round.
        step: from the values to the next ones.
        limit: the most rounds; asked after the step has been traced.
        check: is given the specs of the values after a round; it raises the error if they are wrong.

    Returns:
        The last values. Variables that the step assigns have their last values in the trace.
    """
    specs = [tensor.spec for tensor in first]
    body = LoopTrace(outer, specs)
    with interpreting(body), active_tapes.paused():
        following = [convert(value) for value in step(body.own)]
    (check or _check_specs(specs))([tensor.spec for tensor in following])
    question = LoopTrace(outer, specs)
    with interpreting(question), active_tapes.paused():
        verdict = convert(test(question.own))
    if question.updates:
        name = next(iter(question.updates)).deref().name
        raise TracingError(
            f"The condition of a loop assigns the variable '{name}'. Assign it in the body of the loop."
        )
    changing = list(body.updates)
    starts = [outer.variable_value(reference.deref()) for reference in changing]
    following += [body.tensor_of(body.updates[reference]) for reference in changing]
    counted = body.round is not None or question.round is not None
    if counted:
        starts.append(outer.convert(np.asarray(0, np.int64)))
        if body.round is None:
            body.round = body.add_input(Spec((), int64), "round")
        with interpreting(body), active_tapes.paused():
            following.append(body.round + np.asarray(1, np.int64))
    branches = question.finished([verdict], changing, counted), body.finished(following, changing, counted)
    everything = [*first, *starts]
    takes = [outer.tensor_of(node) for branch in branches for node in branch.takes]
    split = len(everything) + len(branches[0].takes)
    loop = ConditionalLoop(*branches, limit(), len(everything), split, _staged_again)
    last = loop.apply(*everything, *takes)
    for reference, tensor in zip(changing, last[len(first) :], strict=False):
        outer.assign_variable(reference.deref(), tensor)
    return last[: len(first)]


def _check_specs(expected: list[Spec]) -> Callable[[list[Spec]], None]:
    def check(found: list[Spec]) -> None:
        if found != expected:
            raise ShapeError(
                f"tf.while_loop: the body returns {[str(spec) for spec in found]}, but the loop's values are "
                f"{[str(spec) for spec in expected]}. Shapes and dtypes must stay the same from round to round. If "
                "a length changes and the number of rounds is known while tracing, say so with shape_invariants."
            )

    return check


def _staged_again(
    first: Sequence[Tensor], test: Callable[[Sequence[Tensor]], Any], step: Callable[[Sequence[Tensor]], Any]
) -> Sequence[Any]:
    """A loop for a gradient, in the trace under way or at once."""
    trace = current_trace()
    if trace is not None:
        return stage_loop(trace, first, test, step, lambda: float("inf"))
    return list(run_loop(lambda *own: test(own), lambda *own: step(own), list(first), float("inf")))
