"""One step of learning: contrastive divergence, momentum, weight decay and sparsity, as operations of the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.function import Function
from tensorlet.core.variable import Variable
from tensorlet.rbm.equations import Draw, Parameters, contrastive_divergence, seeded

if TYPE_CHECKING:
    from typing import Protocol

    class Machine(Protocol):
        """What a step needs of an `RBM`."""

        units: int
        k: int
        persistent: bool
        learning_rate: float
        momentum: float
        weight_decay: float
        sparsity_target: float | None
        sparsity_cost: float
        kernel: Variable
        bias: Variable
        visible_bias: Variable

        @property
        def parameters(self) -> Parameters:
            """The weights."""


#: How slowly the mean activity for the sparsity follows the batches.
SPARSITY_DECAY = 0.9


class Learner:
    """The step of a machine, and the variables that belong to the training and not to the machine.

    Args:
        machine: the machine, whose weights the step changes.
        batch_size: the number of persistent chains.
        seed: of the random numbers.
        draw: draws the random numbers; by default those of the engine.

    Attributes:
        step: the traced function of one batch of rows; it returns nothing.
    """

    def __init__(self, machine: Machine, batch_size: int, seed: int | None, draw: Draw | None = None) -> None:
        self._machine = machine
        self._draw = seeded(seed) if draw is None else draw
        self._weights = (machine.kernel, machine.visible_bias, machine.bias)
        self._velocities = [_zeros(weight.shape) for weight in self._weights] if machine.momentum else []
        self._chains = _zeros((batch_size, machine.units)) if machine.persistent else None
        self._activity: Variable | None = None
        if machine.sparsity_target is not None:
            self._activity = _zeros((machine.units,))
            self._activity.assign(np.full(machine.units, machine.sparsity_target, np.float32))
        self.step = Function(self._step)

    def _step(self, visible: Any) -> dict[str, Any]:
        machine = self._machine
        rows = int(visible.shape[0])
        chains = None if self._chains is None else self._chains[:rows]
        found = contrastive_divergence(machine.parameters, visible, machine.k, self._draw, chains)
        gradients = [found.kernel, found.visible_bias, found.hidden_bias]
        if machine.weight_decay:
            gradients[0] = gradients[0] - machine.weight_decay * machine.kernel
        if self._activity is not None:
            # Source: Hinton's guide, section 11: the derivative of the cross-entropy is target - activity.
            mean = ops.reduce_mean(found.hidden, axis=0)
            activity = SPARSITY_DECAY * self._activity + (1.0 - SPARSITY_DECAY) * mean
            pull = machine.sparsity_cost * (machine.sparsity_target - activity)
            gradients[0] = gradients[0] + ops.reduce_mean(visible, axis=0)[:, None] * pull[None, :]
            gradients[2] = gradients[2] + pull
            self._activity.assign(activity)
        self._update(gradients)
        if self._chains is not None:
            ended = found.chains
            if rows < int(self._chains.shape[0]):  # the last, smaller batch moves some of the chains
                ended = ops.concat([ended, self._chains[rows:]], axis=0)
            self._chains.assign(ended)
        return {}

    def _update(self, gradients: list[Any]) -> None:
        rate = self._machine.learning_rate
        if not self._velocities:
            for weight, gradient in zip(self._weights, gradients, strict=True):
                weight.assign_add(rate * gradient)
            return
        for weight, velocity, gradient in zip(self._weights, self._velocities, gradients, strict=True):
            new = self._machine.momentum * velocity + rate * gradient
            velocity.assign(new)
            weight.assign_add(new)


def _zeros(shape: Any) -> Variable:
    return Variable(np.zeros(tuple(shape), np.float32), trainable=False)
