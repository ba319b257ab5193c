"""`tf.cond`, `tf.case` and `tf.switch_case`: branches that depend on tensors.

Outside a traced function, Python branches. Inside one, each branch becomes a graph of its own; see `subgraphs`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core import active_tapes
from tensorlet.core.concrete_function import pack_outputs
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.subgraphs import (
    Branch,
    RecordedCall,
    SubgraphNode,
    add_node,
    applied,
    differentiate,
    filled,
    trace_branch,
)
from tensorlet.core.tensor import Operators
from tensorlet.core.tracing import Trace, current_trace
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.graph import ir
from tensorlet.ops.registry import convert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tensorlet.ops.registry import Tensor
    from tensorlet.type_aliases import AnyTensor, Scalar, TensorLike


def cond(
    pred: Scalar | AnyTensor, true_fn: Callable[[], Any], false_fn: Callable[[], Any], name: str | None = None
) -> Any:
    """Runs one of two functions.

    Args:
        pred: a scalar bool.
        true_fn, false_fn: functions without arguments that return the same structure,
            shapes and dtypes.

    Raises:
        ShapeError: if ``pred`` is not a scalar, or the results of the two functions differ in structure,
            shape or dtype.

    >>> import tensorlet as tf
    >>> x = tf.constant(3.0)
    >>> tf.cond(x > 2.0, lambda: x * 10.0, lambda: x).numpy().item()
    30.0
    """
    trace = current_trace()
    if not isinstance(pred, Operators):
        return true_fn() if pred else false_fn()
    chosen = convert(pred)
    if chosen.spec.size != 1:
        raise ShapeError(
            f"tf.cond: pred has shape {chosen.shape}, but a scalar is expected. "
            "Use tf.where to select element by element."
        )
    if trace is None or chosen.node.kind == ir.CONSTANT:
        return true_fn() if bool(chosen) else false_fn()
    if trace.computes_both_branches:
        return _selected(chosen, true_fn(), false_fn())
    branches = [trace_branch(trace, true_fn), trace_branch(trace, false_fn)]
    if branches[0].specs != branches[1].specs:
        raise ShapeError(
            f"tf.cond: true_fn returns {[str(spec) for spec in branches[0].specs]} and false_fn "
            f"{[str(spec) for spec in branches[1].specs]}. Both must return tensors of the same shapes and dtypes."
        )
    return pack_outputs(branches[0].structure, stage_choice(trace, chosen, branches))


def stage_choice(trace: Trace, pred: Tensor, branches: Sequence[Branch]) -> list[Any]:
    """The results of one of two sub-graphs of the same specs; variables that they assign are assigned in the trace.

    Args:
        trace: the trace under way.
        pred: a tensor of one truth value.
        branches: if it is true, and if not.
    """
    _carry_updates(trace, branches)
    changed = _updated(branches)
    outputs = _choose(pred, branches, [trace.tensor_of(node) for branch in branches for node in branch.takes])
    results = outputs[: len(outputs) - len(changed)]
    for reference, tensor in zip(changed, outputs[len(results) :], strict=True):
        trace.assign_variable(reference.deref(), tensor)
    return results


def _selected(pred: Tensor, first: object, second: object) -> Any:
    """Selects the results of one of two functions, both of which were computed.

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
    """Adds each variable that a branch assigns to the results of both branches."""
    changed = _updated(branches)
    for branch in branches:
        inputs, outputs = list(branch.graph.inputs), list(branch.graph.outputs)
        for reference in changed:
            node = branch.updates.get(reference)
            if node is None:
                outside = trace.variable_value(reference.deref()).node
                node = ir.Node(ir.INPUT, outside.spec, value=len(inputs), name=outside.name)
                inputs.append(node)
                branch.takes.append(outside)
            outputs.append(node)
        branch.graph = ir.Graph(inputs, outputs)


def _choose(pred: Tensor, branches: Sequence[Branch], taken: Sequence[Any]) -> list[Any]:
    """Branches between two sub-graphs, whose inputs are ``taken``, and records the call on the tapes."""
    count = len(branches[0].takes)
    halves = [list(taken[:count]), list(taken[count:])]
    trace = current_trace()
    if trace is None:
        chosen = 0 if bool(pred) else 1
        graph = branches[chosen].graph
        return applied(graph, halves[chosen])

    def reference(chosen: np.ndarray, *arrays: np.ndarray) -> list[np.ndarray]:
        return branches[0].run(arrays[:count]) if bool(chosen) else branches[1].run(arrays[count:])

    graphs = (branches[0].graph, branches[1].graph)
    node = SubgraphNode("cond", reference, lambda pred, *inputs: _choose(pred, branches, inputs), graphs)
    outputs = add_node(trace, node, [pred.node, *(tensor.node for tensor in taken)], branches[0].specs)

    def pull_back(upstream: Sequence[Any]) -> list[Any]:
        weights = filled(outputs, upstream)
        gradients = [
            _gradient_function(branch, own, weights) for branch, own in zip(branches, halves, strict=True)
        ]
        zeros = [[ops.zeros_like(tensor) for tensor in own] for own in halves]
        first = cond(pred, gradients[0], lambda: zeros[0])
        second = cond(pred, lambda: zeros[1], gradients[1])
        return [None, *first, *second]

    active_tapes.record_call(trace, RecordedCall([pred, *taken], outputs, pull_back))
    return outputs


def _gradient_function(
    branch: Branch, taken: Sequence[Any], weights: Sequence[Any]
) -> Callable[[], list[Any]]:
    def gradient() -> list[Any]:
        return differentiate(
            branch.graph, [convert(tensor) for tensor in taken], [convert(w) for w in weights]
        )

    return gradient


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
            raise InvalidArgumentError("tf.case got neither conditions nor a default. Pass at least one.")
        return default()
    (pred, chosen), rest = pairs[0], pairs[1:]
    if not rest and default is None:
        return chosen()
    return cond(pred, chosen, lambda: case(rest, default))


def switch_case(
    branch_index: TensorLike,
    branch_fns: Mapping[int, Callable[[], Any]]
    | Sequence[Callable[[], Any]]
    | Sequence[tuple[int, Callable[[], Any]]],
    default: Callable[[], Any] | None = None,
    name: str = "switch_case",
) -> Any:
    """Runs the function at an index; for an index out of range, ``default`` or else the last function.

    Args:
        branch_index: an integer, or a scalar integer tensor.
        branch_fns: functions without arguments: a list, a dictionary by index, or pairs of an index and a function.
        default: a function without arguments.
        name: ignored.

    >>> import tensorlet as tf
    >>> tf.switch_case(tf.constant(1), [lambda: tf.constant(10), lambda: tf.constant(20)]).numpy().item()
    20
    """
    numbered = branch_fns.items() if isinstance(branch_fns, dict) else enumerate(branch_fns)
    pairs = [one if isinstance(one, tuple) else (number, one) for number, one in numbered]
    functions = sorted(pairs, key=lambda pair: int(pair[0]))
    index = convert(branch_index)
    last = default or functions[-1][1]
    return case([(ops.equal(index, number), function) for number, function in functions], last)
