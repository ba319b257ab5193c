"""Rewrites that are applied while a graph is built, before it is differentiated.

A rule sees an operation that is about to be applied and may replace it with a
numerically more stable one. Because the tape records the new operation, the gradients
are more stable as well: ``-sum(Y * log(softmax(z)))`` becomes a log-softmax, which
gives no NaN where a probability has underflowed to zero.
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


#: (the operation, the operation that computed its only input) -> the replacement.
RULES: dict[tuple[str, str], Callable[[Node, Callable[[Node], Tensor]], Tensor]] = {
    ("log", "softmax"): _log_of_softmax,
    ("log", "sigmoid"): _log_of_sigmoid,
}


def rewritten(name: str, inputs: list[Any], tensor_of: Callable[[Node], Tensor]) -> Tensor | None:
    """The tensor that replaces the result of the operation; None if no rule matches."""
    if len(inputs) != 1 or inputs[0].node.operation is None:
        return None
    rule = RULES.get((name, inputs[0].node.operation.name))
    return rule(inputs[0].node, tensor_of) if rule else None
