"""`tf.cond` and `tf.while_loop`: choices and loops that depend on tensors.

Outside a traced function they are Python's own. Inside one, each branch or body
becomes a graph of its own, held by one node. A graph with such a node runs on the
reference backend, and the branches and bodies on the backend in force.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.backends.dispatch import compile_graph
from tensorlet.backends.programs import Executable
from tensorlet.core import active_tapes
from tensorlet.core.concrete_function import pack_outputs, unpack_outputs
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tape import GradientTape
from tensorlet.core.tensor import Operators
from tensorlet.core.tracing import Trace, current_trace, replay
from tensorlet.dtypes import int32
from tensorlet.errors import InvalidArgumentError, ShapeError, TracingError
from tensorlet.graph import ir
from tensorlet.ops.registry import Spec, convert, interpreting


class Branch:
    """A sub-graph: takes the outer values in ``takes`` (after any values of its own)."""

    def __init__(self, trace: Trace, outputs: Sequence[Any], structure: Any) -> None:
        self.graph = trace.graph(outputs)
        self.graph.updates = []
        self.structure = structure
        self.updates = dict(trace.updates)
        self.takes = [outside for outside, _ in trace.lifted]
        for variable, value in trace.reads:
            active_tapes.variable_read(trace.outer, variable, value)
        self._name = trace.name
        self._compiled: Executable | None = None

    @property
    def specs(self) -> list[Spec]:
        """What it returns."""
        return [node.spec for node in self.graph.outputs]

    def run(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Runs the sub-graph on arrays for its inputs."""
        if self._compiled is None:
            # The function that holds this branch has given its warning already.
            self._compiled = compile_graph(self.graph, self._name, quiet=True)
        return self._compiled.run([np.asarray(array, order="C") for array in arrays], [])


class _Node:
    """An operation that holds sub-graphs and has several results; `_Item` picks one of them."""

    deterministic = False
    gradient = None

    def __init__(self, name: str, reference: Callable[..., Any], again: Callable[..., Any]) -> None:
        self.name = name
        self.reference = reference
        #: Applies the same sub-graphs to other inputs, under the interpreter in force.
        self.again = again


_ITEM = _Node("item", lambda results, index: results[index], lambda results, index: results[index])


def _add_node(trace: Trace, operation: _Node, inputs: Sequence[ir.Node], specs: Sequence[Spec]) -> list[Any]:
    """The result tensors of a node with several results."""
    whole = ir.Node(ir.APPLY, Spec((), int32), operation=operation, inputs=inputs, scope=trace.scope)  # type: ignore[arg-type]
    return [
        trace.tensor_of(
            ir.Node(ir.APPLY, spec, operation=_ITEM, inputs=[whole], attributes={"index": index})  # type: ignore[arg-type]
        )
        for index, spec in enumerate(specs)
    ]


class _Recorded:
    """A call as tapes keep it."""

    def __init__(self, inputs: Sequence[Any], outputs: Sequence[Any], pull_back: Callable[..., Any]) -> None:
        self.inputs = list(inputs)
        self.outputs = tuple(outputs)
        self.pull_back = pull_back


def _trace_branch(outer: Trace, body: Callable[[], Any]) -> Branch:
    trace = Trace(outer.name, outer, outer.may_create_variables)
    with interpreting(trace), active_tapes.paused():
        outputs, structure = unpack_outputs(body())
    return Branch(trace, outputs, structure)


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any], name: str | None = None) -> Any:
    """Runs one of two functions.

    Args:
        pred: a scalar truth value.
        true_fn, false_fn: functions without arguments that return the same structure,
            shapes and dtypes.

    Raises:
        ShapeError: if ``pred`` is no scalar, or the two return different things.

    >>> import tensorlet as tf
    >>> x = tf.constant(3.0)
    >>> tf.cond(x > 2.0, lambda: x * 10.0, lambda: x).numpy().item()
    30.0
    """
    trace = current_trace()
    if not isinstance(pred, Operators):
        return true_fn() if pred else false_fn()
    pred = convert(pred)
    if pred.spec.size != 1:
        raise ShapeError(
            f"tf.cond: pred has the shape {pred.shape}, expected one truth value. "
            "Use tf.where to choose element by element."
        )
    if trace is None or pred.node.kind == ir.CONSTANT:
        return true_fn() if bool(pred) else false_fn()
    if trace.computes_both_branches:
        return _selected(pred, true_fn(), false_fn())
    branches = [_trace_branch(trace, true_fn), _trace_branch(trace, false_fn)]
    _carry_updates(trace, branches)
    if branches[0].specs != branches[1].specs:
        raise ShapeError(
            f"tf.cond: true_fn returns {[str(spec) for spec in branches[0].specs]} and false_fn "
            f"{[str(spec) for spec in branches[1].specs]}. Both must return tensors of the same shapes and dtypes."
        )
    changed = _updated(branches)
    outputs = _choose(pred, branches, [trace.tensor_of(node) for branch in branches for node in branch.takes])
    results = outputs[: len(outputs) - len(changed)]
    for reference, tensor in zip(changed, outputs[len(results) :], strict=True):
        trace.assign_variable(reference.deref(), tensor)
    return pack_outputs(branches[0].structure, results)


def _selected(pred: Any, first: Any, second: Any) -> Any:
    """The results of one of two functions, both of which were computed.

    Raises:
        ShapeError: if they differ in shape or dtype.
    """
    mine, theirs = ([convert(part) for part in flatten(results)] for results in (first, second))
    if [part.spec for part in mine] != [part.spec for part in theirs]:
        raise ShapeError("tf.cond: both functions must return tensors of the same shapes and dtypes.")
    scalar = ops.reshape(pred, ())
    return pack_like(first, [ops.where(scalar, one, other) for one, other in zip(mine, theirs, strict=True)])


def _updated(branches: Sequence[Branch]) -> list[Any]:
    return list(dict.fromkeys(reference for branch in branches for reference in branch.updates))


def _carry_updates(trace: Trace, branches: Sequence[Branch]) -> None:
    """A variable that either branch assigns becomes one more result of both."""
    for reference in _updated(branches):
        for branch in branches:
            node = branch.updates.get(reference)
            if node is None:
                outside = trace.variable_value(reference.deref()).node
                node = ir.Node(ir.INPUT, outside.spec, value=len(branch.graph.inputs), name=outside.name)
                branch.graph.inputs.append(node)
                branch.takes.append(outside)
            branch.graph.outputs.append(node)


def _choose(pred: Any, branches: Sequence[Branch], taken: Sequence[Any]) -> list[Any]:
    """A choice between two sub-graphs, whose inputs are ``taken``; and its record for the tapes."""
    count = len(branches[0].takes)
    halves = [list(taken[:count]), list(taken[count:])]
    trace = current_trace()
    if trace is None:
        chosen = 0 if bool(pred) else 1
        graph = branches[chosen].graph
        return _applied(graph, halves[chosen])

    def reference(chosen: np.ndarray, *arrays: np.ndarray) -> list[np.ndarray]:
        return branches[0].run(arrays[:count]) if bool(chosen) else branches[1].run(arrays[count:])

    node = _Node("cond", reference, lambda pred, *inputs: _choose(pred, branches, inputs))
    outputs = _add_node(trace, node, [pred.node, *(tensor.node for tensor in taken)], branches[0].specs)

    def pull_back(upstream: Sequence[Any]) -> list[Any]:
        weights = _filled(outputs, upstream)
        gradients = [
            _gradient_function(branch, own, weights) for branch, own in zip(branches, halves, strict=True)
        ]
        zeros = [[ops.zeros_like(tensor) for tensor in own] for own in halves]
        first = cond(pred, gradients[0], lambda: zeros[0])
        second = cond(pred, lambda: zeros[1], gradients[1])
        return [None, *first, *second]

    active_tapes.record_call(trace, _Recorded([pred, *taken], outputs, pull_back))
    return outputs


def _filled(outputs: Sequence[Any], upstream: Sequence[Any]) -> list[Any]:
    return [
        ops.zeros_like(output) if weight is None else weight
        for output, weight in zip(outputs, upstream, strict=True)
    ]


def _gradient_function(
    branch: Branch, taken: Sequence[Any], weights: Sequence[Any]
) -> Callable[[], list[Any]]:
    def gradient() -> list[Any]:
        return _differentiate(
            branch.graph, [convert(tensor) for tensor in taken], [convert(w) for w in weights]
        )

    return gradient


def _differentiate(graph: ir.Graph, inputs: Sequence[Any], weights: Sequence[Any]) -> list[Any]:
    """The gradients of a graph's inputs; zeros where nothing flows."""
    with GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(list(inputs))
        outputs = _applied(graph, inputs)
    return list(tape.gradient(outputs, list(inputs), list(weights), "zero"))


def case(
    pred_fn_pairs: Sequence[tuple[Any, Callable[[], Any]]],
    default: Callable[[], Any] | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> Any:
    """Runs the function of the first true condition.

    >>> import tensorlet as tf
    >>> x = tf.constant(5)
    >>> tf.case([(x < 3, lambda: tf.constant(1)), (x < 9, lambda: tf.constant(2))],
    ...         default=lambda: tf.constant(3)).numpy().item()
    2
    """
    pairs = list(pred_fn_pairs)
    if not pairs:
        if default is None:
            raise InvalidArgumentError("tf.case got no conditions and no default. Give it at least one.")
        return default()
    (pred, chosen), rest = pairs[0], pairs[1:]
    if not rest and default is None:
        return chosen()
    return cond(pred, chosen, lambda: case(rest, default))


def switch_case(
    branch_index: Any, branch_fns: Any, default: Callable[[], Any] | None = None, name: str = "switch_case"
) -> Any:
    """Runs the function with that number; the last one (or ``default``) for any other number.

    >>> import tensorlet as tf
    >>> tf.switch_case(tf.constant(1), [lambda: tf.constant(10), lambda: tf.constant(20)]).numpy().item()
    20
    """
    pairs = branch_fns.items() if isinstance(branch_fns, dict) else enumerate(branch_fns)
    functions = [(number, function) for number, function in pairs]
    index = convert(branch_index)
    last = default or functions[-1][1]
    return case([(ops.equal(index, number), function) for number, function in functions], last)


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any = None,
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
    takes = [[trace.tensor_of(node) for node in branch.takes] for branch in (test, step)]
    return pack_like(loop_vars, _loop(test, step, first, takes[0], takes[1], limit))


def _run_loop(cond: Callable[..., Any], body: Callable[..., Any], values: Any, limit: float) -> Any:
    """A loop outside traced functions: Python's."""
    done = 0
    while done < limit and bool(cond(*values)):
        following = body(*values)
        following = following if isinstance(following, list | tuple) else [following]
        values = pack_like(values, [convert(value) for value in flatten(list(following))])
        done += 1
    return values


def _trace_loop(outer: Trace, function: Callable[..., Any], values: Any, expected: list[Spec]) -> Branch:
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


def _loop(
    test: Branch, step: Branch, first: list[Any], test_takes: list[Any], step_takes: list[Any], limit: float
) -> list[Any]:
    """A loop over sub-graphs, from the values ``first``; and its record for the tapes."""
    count, split = len(first), len(first) + len(test_takes)
    trace = current_trace()
    if trace is None:
        return list(
            _run_loop(
                lambda *values: _applied(test.graph, [*values, *test_takes])[0],
                lambda *values: _applied(step.graph, [*values, *step_takes]),
                first,
                limit,
            )
        )

    def states(arrays: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
        """The loop's values before each round, and after the last."""
        history = [list(arrays[:count])]
        while len(history) <= limit and bool(test.run([*history[-1], *arrays[count:split]])[0]):
            history.append(step.run([*history[-1], *arrays[split:]]))
        return history

    def again(*inputs: Any) -> list[Any]:
        return _loop(test, step, list(inputs[:count]), list(inputs[count:split]), list(inputs[split:]), limit)

    taken = [*first, *test_takes, *step_takes]
    nodes = [tensor.node for tensor in taken]
    loop = _Node("while_loop", lambda *arrays: states(arrays)[-1], again)
    outputs = _add_node(trace, loop, nodes, [tensor.spec for tensor in first])

    def pull_back(upstream: Sequence[Any]) -> list[Any]:
        weights = _filled(outputs, upstream)
        backward = _loop_gradient(trace, step)

        def reference(*arrays: np.ndarray) -> list[np.ndarray]:
            values, above = arrays[: len(taken)], list(arrays[len(taken) :])
            outer = values[split:]
            totals = [np.zeros_like(array) for array in outer]
            for state in reversed(states(values)[:-1]):
                found = backward.run([*state, *outer, *above])
                above = found[:count]
                totals = [total + more for total, more in zip(totals, found[count:], strict=True)]
            return [*above, *totals]

        node = _Node("while_loop_gradient", reference, _no_second_derivative)
        specs = [tensor.spec for tensor in [*first, *step_takes]]
        found = _add_node(trace, node, [*nodes, *(weight.node for weight in weights)], specs)
        active_tapes.record_call(trace, _Recorded([*taken, *weights], found, _no_second_derivative))
        return [*found[:count], *[None] * len(test_takes), *found[count:]]

    active_tapes.record_call(trace, _Recorded(taken, outputs, pull_back))
    return outputs


def _no_second_derivative(*_: Any) -> Any:
    raise TracingError(
        "The gradient of a tf.while_loop inside a tf.function cannot be differentiated again. "
        "Take second derivatives outside the tf.function, or write the rounds out with a Python for loop."
    )


def _applied(graph: ir.Graph, inputs: Sequence[Any]) -> list[Any]:
    return replay(graph, {id(node): tensor for node, tensor in zip(graph.inputs, inputs, strict=True)})


def _loop_gradient(outer: Trace, step: Branch) -> Branch:
    """From a round's values, what it takes from outside and upstream gradients, to gradients."""
    trace = Trace(outer.name, outer)
    with interpreting(trace), active_tapes.paused():
        inputs = [trace.add_input(node.spec) for node in step.graph.inputs]
        weights = [trace.add_input(spec) for spec in step.specs]
        gradients = _differentiate(step.graph, inputs, weights)
    return Branch(trace, gradients, None)
