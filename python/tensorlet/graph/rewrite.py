"""Rewrites made while a graph is built, before it is differentiated.

A rule sees an operation about to be applied and may put a better-behaved one in
its place. Because the tape records what stands in the graph, the gradients are
better-behaved as well: the lecture's ``-sum(Y * log(softmax(z)))`` becomes the
log-softmax, which gives no NaN where a probability has underflowed to zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorlet.graph.ir import Node
from tensorlet.ops.registry import Tensor, operation


def _log_of_softmax(node: Node, tensor_of: Callable[[Node], Tensor]) -> Tensor:
    return operation("log_softmax")(tensor_of(node.inputs[0]))


def _log_of_sigmoid(node: Node, tensor_of: Callable[[Node], Tensor]) -> Tensor:
    return -operation("softplus")(-tensor_of(node.inputs[0]))


#: (the operation, the operation that made its only input): what to do in their place.
RULES: dict[tuple[str, str], Callable[[Node, Callable[[Node], Tensor]], Tensor]] = {
    ("log", "softmax"): _log_of_softmax,
    ("log", "sigmoid"): _log_of_sigmoid,
}


def rewritten(name: str, inputs: list[Any], tensor_of: Callable[[Node], Tensor]) -> Tensor | None:
    """The tensor to use in place of applying the operation; None if no rule fits."""
    if len(inputs) != 1 or inputs[0].node.operation is None:
        return None
    rule = RULES.get((name, inputs[0].node.operation.name))
    return rule(inputs[0].node, tensor_of) if rule else None
