"""The gradient of a loop of known length: what its forward loop keeps, and the loop that runs backwards.

The gradient rule of the body is traced once. What does not depend on the gradients from above is known in the forward
loop, which then stacks it: products and functions are not computed again. Cheap element-wise results are, where their
inputs are kept anyway.

The gradient of something that is the same in each round, such as a recurrent matrix, is a sum over all rounds. Where
each term is linear in something that is kept, the sum is computed after the loop: ``sum_t h_t^T g_t`` is one product
of all rounds' ``h`` and ``g``.

Source: A. Griewank and A. Walther, "Evaluating Derivatives", chapter 4: a reversal of the loop with stored results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from tensorlet import ops
from tensorlet.core import active_tapes
from tensorlet.core.subgraphs import applied
from tensorlet.core.tape import GradientTape
from tensorlet.core.tracing import Trace
from tensorlet.graph import ir
from tensorlet.ops.registry import Tensor, interpreting, operation

#: Operations that are computed again in the backward loop if what they read is there.
CHEAP = frozenset(
    (
        "abs", "add", "broadcast_to", "cast", "concat", "divide", "equal", "greater", "greater_equal", "identity",
        "is_finite", "is_inf", "is_nan", "less", "less_equal", "logical_and", "logical_not", "logical_or", "maximum",
        "minimum", "multiply", "negative", "not_equal", "pad", "reshape", "sign", "slice", "square", "stop_gradient",
        "subtract", "where",
    )
)  # fmt: skip


class Layout(NamedTuple):
    """How many of a body's inputs and first outputs are states, and how many inputs are rows of stacked tensors.

    The inputs of a body are its states, its rows, and whatever is the same in each round.
    """

    states: int
    rows: int


#: From the node of one round to the tensor of all rounds, the total over the rounds.
Lookup: TypeAlias = Callable[[ir.Node], Tensor]


class Lookups(NamedTuple):
    """Where a total finds its parts: stacks of all rounds, values that are the same in each, and sums of the loop."""

    stack: Lookup
    fixed: Lookup
    summed: Lookup


#: Computes a total over all rounds after the loop.
Total: TypeAlias = Callable[[Lookups], Tensor]


class Gradients:
    """The gradient rule of a body, traced, and its nodes sorted by what they depend on.

    Args:
        outer: the trace that the loop belongs to.
        body: one round.
        layout: of its inputs.
        upstream: for each output behind the states, whether it has a gradient.

    Attributes:
        inputs: stand-ins for the body's inputs.
        outputs: the body's outputs, computed from these.
        weights: stand-ins for the gradients of the outputs at ``flows``.
        flows: positions of the outputs through which gradients flow.
        found: for each input, the node of its gradient, or None.
        late: the ids of the nodes that depend on the weights.
        fixed: the ids of the nodes that are the same in each round.
    """

    def __init__(self, outer: Trace, body: ir.Graph, layout: Layout, upstream: Sequence[bool]) -> None:
        trace = Trace(outer.name, outer)
        self.layout = layout
        self.flows = [
            position
            for position, node in enumerate(body.outputs)
            if node.dtype.is_floating and (position < layout.states or upstream[position - layout.states])
        ]
        with interpreting(trace), active_tapes.paused():
            inputs = [trace.add_input(node.spec, node.name) for node in body.inputs]
            sources = [tensor for tensor in inputs if tensor.dtype.is_floating]
            with GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(sources)
                outputs = [ops.identity(tensor) for tensor in applied(body, inputs)]
            weights = [trace.add_input(outputs[position].spec, "upstream") for position in self.flows]
            targets = [outputs[position] for position in self.flows]
            gradients = iter(tape.gradient(targets, sources, weights))
        found = [next(gradients) if tensor.dtype.is_floating else None for tensor in inputs]
        self.inputs = [tensor.node for tensor in inputs]
        self.outputs = [_plain(tensor.node) for tensor in outputs]
        self.weights = [tensor.node for tensor in weights]
        self.found: list[ir.Node | None] = [None if one is None else one.node for one in found]
        order = ir.in_order([node for node in self.found if node is not None])
        self.late = _reached(order, self.weights)
        changing = _reached(order, self.inputs[: layout.states + layout.rows])
        self.fixed = {
            id(node)
            for node in order
            if id(node) not in self.late and id(node) not in changing and _is_repeatable(node)
        }
        self.rows = {id(node) for node in self.inputs[layout.states : layout.states + layout.rows]}

    def is_free(self, node: ir.Node) -> bool:
        """Whether the backward loop has a value without keeping it: a constant, a row, or the same in each round."""
        return node.kind == ir.CONSTANT or id(node) in self.rows or id(node) in self.fixed


def _plain(node: ir.Node) -> ir.Node:
    """What an identity shows."""
    while node.is_op("identity"):
        (node,) = node.inputs
    return node


def _is_repeatable(node: ir.Node) -> bool:
    return node.kind != ir.APPLY or bool(node.operation.deterministic)  # type: ignore[union-attr]


def _reached(order: Iterable[ir.Node], starts: Iterable[ir.Node]) -> set[int]:
    """The ids of the nodes that depend on others, and of these."""
    reached = {id(node) for node in starts}
    for node in order:
        if any(id(other) in reached for other in node.inputs):
            reached.add(id(node))
    return reached


class Plan:
    """What the forward loop keeps, and what the backward loop computes.

    Args:
        gradients: the traced gradient rule.

    Attributes:
        totals: for each input that is the same in each round, how its gradient is computed after the loop.
        summed: nodes that the backward loop sums up.
        stacked: nodes of the backward loop that it stacks.
        kept: nodes that the forward loop stacks.
        taken: nodes that are the same in each round and read by the backward loop.
    """

    def __init__(self, gradients: Gradients) -> None:
        self._own = gradients
        self.summed: list[ir.Node] = []
        self.stacked: list[ir.Node] = []
        self.kept: list[ir.Node] = []
        self.taken: list[ir.Node] = []
        self._again: set[int] = set()
        wanted_stacks: list[ir.Node] = []
        states, rows = gradients.layout
        self.totals = [
            None if node is None else self._total(node, wanted_stacks)
            for node in gradients.found[states + rows :]
        ]
        for node in gradients.found[states : states + rows]:
            if node is not None:
                _add(self.stacked, node)
        for node in wanted_stacks:
            if id(node) in gradients.late:
                _add(self.stacked, node)
            elif id(node) not in gradients.rows:
                _add(self.kept, node)
        carried = [node for node in gradients.found[:states] if node is not None]
        self._roots = [*carried, *self.summed, *self.stacked]
        self._keep(self._border())

    # Totals over all rounds:

    def _total(self, node: ir.Node, stacks: list[ir.Node]) -> Total:
        """How the sum of a node over all rounds is computed; nodes whose stacks it needs are added to ``stacks``."""
        rule = _TOTALS.get(node.operation.name) if node.operation is not None else None
        found = rule(self, node, stacks) if rule is not None and id(node) not in self._own.fixed else None
        if found is not None:
            return found
        _add(self.summed, node)
        return lambda lookups: lookups.summed(node)

    def _changes(self, node: ir.Node) -> bool:
        return node.kind != ir.CONSTANT and id(node) not in self._own.fixed

    def _of_product(self, node: ir.Node, stacks: list[ir.Node]) -> Total | None:
        """``sum_t a_t^T b_t`` is one product of the rows of all rounds."""
        a, b = node.inputs
        plain = node.attributes["transpose_a"] and not node.attributes["transpose_b"] and len(node.shape) == 2
        if not plain or not self._changes(a) or not self._changes(b):
            return None
        _add(stacks, a)
        _add(stacks, b)

        def total(lookups: Lookups) -> Tensor:
            left, right = (ops.reshape(lookups.stack(one), (-1, one.shape[1])) for one in (a, b))
            return ops.matmul(left, right, transpose_a=True)

        return total

    def _of_sum(self, node: ir.Node, stacks: list[ir.Node]) -> Total | None:
        (terms,) = node.inputs
        if not self._changes(terms):
            return None
        _add(stacks, terms)
        axes = [0, *(axis + 1 for axis in node.attributes["axis"])]
        return lambda lookups: ops.reshape(ops.reduce_sum(lookups.stack(terms), axes), node.shape)

    def _of_addition(self, node: ir.Node, stacks: list[ir.Node]) -> Total | None:
        if any(other.shape != node.shape for other in node.inputs):
            return None
        if not any(self._is_worth_moving(other) for other in node.inputs):
            return None
        one, other = (self._total(term, stacks) for term in node.inputs)
        return lambda lookups: ops.add(one(lookups), other(lookups))

    def _of_linear(self, node: ir.Node, stacks: list[ir.Node]) -> Total | None:
        """An operation that is linear in its first input, and whose other inputs are the same in each round."""
        if any(self._changes(other) for other in node.inputs[1:]):
            return None
        if node.is_op("pad") and (node.inputs[1].kind != ir.CONSTANT or node.inputs[1].value.any()):
            return None
        if not self._is_worth_moving(node.inputs[0]):
            return None
        inner = self._total(node.inputs[0], stacks)

        def total(lookups: Lookups) -> Tensor:
            others = [lookups.fixed(other) for other in node.inputs[1:]]
            return operation(node.operation.name)(inner(lookups), *others, **node.attributes)  # type: ignore[union-attr]

        return total

    def _is_worth_moving(self, node: ir.Node) -> bool:
        """Whether something of a term can be computed after the loop."""
        while node.is_op(*_LINEAR):
            node = node.inputs[0]
        return node.is_op("matmul", "reduce_sum", "add")

    # What the forward loop keeps:

    def _border(self) -> list[ir.Node]:
        """The early nodes that late ones in the loop read."""
        late = self._own.late
        border: dict[int, ir.Node] = {}
        for node in _order_until(self._roots, lambda node: id(node) not in late):
            if id(node) not in late:
                border[id(node)] = node
        return list(border.values())

    def _keep(self, border: Sequence[ir.Node]) -> None:
        cheap = [node for node in border if node.is_op(*CHEAP) and not self._own.is_free(node)]
        for node in border:
            if self._own.is_free(node):
                self._take(node)
            elif not node.is_op(*CHEAP):
                _add(self.kept, node)
        known = {id(node) for node in self.kept}
        for node in cheap:
            parts = _order_until([node], lambda one: not one.is_op(*CHEAP) or self._own.is_free(one))
            leaves = [one for one in parts if not one.is_op(*CHEAP) or self._own.is_free(one)]
            bases = [one for one in leaves if not self._own.is_free(one)]
            missing = sum(_bytes(one) for one in bases if id(one) not in known)
            if id(node) in known or missing > _bytes(node):
                _add(self.kept, node)
                known.add(id(node))
                continue
            for one in leaves:
                if self._own.is_free(one):
                    self._take(one)
                else:
                    _add(self.kept, one)
                    known.add(id(one))

    def _take(self, node: ir.Node) -> None:
        if id(node) in self._own.fixed and node.kind != ir.CONSTANT:
            _add(self.taken, node)


def _bytes(node: ir.Node) -> int:
    return node.spec.size * node.dtype.size


def _add(nodes: list[ir.Node], node: ir.Node) -> None:
    if not any(other is node for other in nodes):
        nodes.append(node)


def _order_until(roots: Iterable[ir.Node], ends: Callable[[ir.Node], bool]) -> list[ir.Node]:
    """The nodes that the roots need, each after its inputs, without what lies behind nodes at which it ends."""
    done: set[int] = set()
    order: list[ir.Node] = []
    stack = [(root, False) for root in roots]
    while stack:
        node, inputs_done = stack.pop()
        if id(node) in done:
            continue
        if inputs_done or ends(node):
            done.add(id(node))
            order.append(node)
        else:
            stack.append((node, True))
            stack.extend((other, False) for other in node.inputs if id(other) not in done)
    return order


#: Operations that are linear in their first input.
_LINEAR = ("broadcast_to", "identity", "negative", "pad", "reshape", "slice", "transpose")
_TOTALS: dict[str, Callable[[Plan, ir.Node, list[ir.Node]], Total | None]] = {
    "matmul": Plan._of_product,
    "reduce_sum": Plan._of_sum,
    "add": Plan._of_addition,
    **dict.fromkeys(_LINEAR, Plan._of_linear),
}


class Backward(NamedTuple):
    """The body of the loop that runs backwards.

    Attributes:
        body: one round. Its states are the gradients of the forward loop's floating states, then the sums; its rows
            are the gradients of outputs, the forward loop's rows, and what that one has kept.
        states: the positions of the floating states.
        shapes: the specs of the sums.
    """

    body: ir.Graph
    states: list[int]
    sums: list[ir.Node]


def backward_body(gradients: Gradients, plan: Plan) -> Backward:
    """The body of the loop that runs backwards; see `Backward`."""
    states, rows = gradients.layout
    floating = [position for position in gradients.flows if position < states]
    sums = [ir.Node(ir.INPUT, node.spec, name="sum") for node in plan.summed]
    given = [
        *gradients.weights[: len(floating)],
        *gradients.weights[len(floating) :],
        *gradients.inputs[states : states + rows],
        *plan.kept,
        *plan.taken,
    ]
    stand_ins = [ir.Node(ir.INPUT, node.spec, name=node.name) for node in given]
    new = {id(node): stand_in for node, stand_in in zip(given, stand_ins, strict=True)}
    inputs = [*stand_ins[: len(floating)], *sums, *stand_ins[len(floating) :]]
    for position, node in enumerate(inputs):
        node.value = position
    following = [gradients.found[position] for position in floating]
    roots = [node for node in [*following, *plan.summed, *plan.stacked] if node is not None]
    for node in _order_until(roots, lambda node: id(node) in new):
        if id(node) not in new:
            new[id(node)] = ir.with_inputs(node, tuple(new[id(other)] for other in node.inputs))
    add = operation("add")
    outputs = [
        ir.constant(np.zeros(gradients.weights[place].shape, gradients.weights[place].dtype.numpy))
        if node is None
        else new[id(node)]
        for place, node in enumerate(following)
    ]
    outputs += [ir.apply(add, own, new[id(node)]) for own, node in zip(sums, plan.summed, strict=True)]
    outputs += [new[id(node)] for node in plan.stacked]
    return Backward(ir.Graph(inputs, outputs), floating, plan.summed)


def values_of(nodes: Sequence[ir.Node], inputs: Sequence[ir.Node], tensors: Sequence[Any]) -> list[Any]:
    """The values of nodes that are the same in each round, computed outside of the loop."""
    return applied(ir.Graph(inputs, nodes), tensors)
