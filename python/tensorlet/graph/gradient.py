"""Reverse-mode differentiation of the operations that a tape has recorded.

Gradient rules consist of operations, which the interpreter in force runs at once
or records in a graph. An outer tape that is still recording sees them too, which
makes second derivatives possible.

Source: A. Griewank and A. Walther, "Evaluating Derivatives", chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from tensorlet.ops.gradient_rows import sum_of
from tensorlet.ops.registry import Operation, Tensor


class TapeEntry(Protocol):
    """What a tape keeps of a call: of one operation, or of a function with a gradient rule of its own."""

    @property
    def inputs(self) -> Sequence[Tensor]:
        """The tensors that the call was given."""

    @property
    def outputs(self) -> Sequence[Tensor]:
        """The tensors that it returned."""

    @property
    def pull_back(self) -> Callable[[Sequence[Tensor | None]], Sequence[Tensor | None]]:
        """The function from the gradients of the outputs to those of the inputs."""


class Record:
    """One recorded call of an operation: enough to run its gradient rule."""

    __slots__ = ("attributes", "inputs", "operation", "outputs")

    def __init__(
        self, operation: Operation, inputs: Sequence[Tensor], attributes: dict[str, Any], output: Tensor
    ) -> None:
        self.operation = operation
        self.inputs = inputs
        self.attributes = attributes
        self.outputs: tuple[Tensor, ...] = (output,)

    def pull_back(self, upstream: Sequence[Tensor | None]) -> Sequence[Tensor | None]:
        """Computes the gradients of the inputs from those of the outputs, or functions that do."""
        rule = self.operation.gradient
        if rule is None:
            return (None,) * len(self.inputs)
        return rule(upstream[0], self.outputs[0], *self.inputs, **self.attributes)


def evaluated(gradient: Tensor | Callable[[], Tensor]) -> Tensor:
    """Returns a gradient that a rule gave, computed now if the rule gave a function."""
    return gradient() if callable(gradient) else gradient


def backpropagate(
    records: Sequence[TapeEntry], targets: Sequence[tuple[Tensor, Tensor]], wanted: set[int]
) -> dict[int, Tensor]:
    """Propagates the gradients of the targets back to everything that they depend on.

    Args:
        records: in the order of recording; each has ``inputs``, ``outputs`` and ``pull_back``.
        targets: pairs of a tensor and its upstream gradient.
        wanted: the ids of tensors through or into which gradients flow.

    Returns:
        The gradients, by the id of the tensor.
    """
    gradients: dict[int, Tensor] = {}

    def add(tensor: Tensor, gradient: Tensor) -> None:
        key = id(tensor)
        gradients[key] = sum_of(gradients[key], gradient) if key in gradients else gradient

    for tensor, upstream in targets:
        add(tensor, upstream)
    for record in reversed(records):
        upstream_of = [gradients.get(id(output)) for output in record.outputs]
        if all(upstream is None for upstream in upstream_of):
            continue
        for tensor, gradient in zip(record.inputs, record.pull_back(upstream_of), strict=True):
            if gradient is not None and id(tensor) in wanted:
                add(tensor, evaluated(gradient))
    return gradients
