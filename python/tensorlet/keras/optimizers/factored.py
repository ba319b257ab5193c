"""Adafactor, which keeps the squared gradients of a matrix as one row and one column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.variable import Variable
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.keras.optimizers.learning_rate import LearningRate
    from tensorlet.ops.registry import Tensor


@register("optimizer")
class Adafactor(Optimizer):
    """Steps along the gradient, divided by the root of its mean square, for which a matrix needs little memory.

    The mean squares of a matrix are the product of the means of its rows and of its columns. At step t the means decay
    with ``1 - t**beta_2_decay``; the size of a step is ``max(epsilon_2, rms(w)) * min(learning_rate, 1 / sqrt(t))``,
    and steps with a root mean square above ``clip_threshold`` are made shorter.

    Source: Shazeer and Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost", 2018.

    Args:
        learning_rate: a number or a schedule.
        beta_2_decay: the exponent of the decay.
        epsilon_1: is added to squared gradients.
        epsilon_2: the least root mean square that weights count with.
        clip_threshold: the largest root mean square of a step.
        relative_step: whether a number as the learning rate is limited to ``1 / sqrt(t)``.
        weight_decay, name: see `Optimizer`.
        **options: the other arguments of `Optimizer`.

    >>> import tensorlet as tf
    >>> w = tf.Variable([1.0, 1.0])
    >>> _ = tf.keras.optimizers.Adafactor(learning_rate=0.5).apply_gradients([(tf.constant([5.0, -0.1]), w)])
    >>> w.numpy()  # half of the root mean square of w, for any gradient
    array([0.5, 1.5], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        weight_decay: float | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, weight_decay=weight_decay, name=name, **options)
        self.beta_2_decay = beta_2_decay
        self.epsilon_1 = epsilon_1
        self.epsilon_2 = epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = relative_step

    def slot_names(self) -> Sequence[str]:
        return ("r", "c", "v")

    def slot_names_of(self, variable: Variable) -> Sequence[str]:
        """The slots of a variable: rows and columns only for matrices."""
        return self.slot_names() if len(variable.shape) >= 2 else ("v",)

    def initial_slot(self, variable: Variable, name: str) -> np.ndarray:
        """Returns zeros: a row, a column, or the shape of the variable."""
        shape = tuple(int(length) for length in variable.shape)
        shapes = {"r": shape[:-1], "c": (*shape[:-2], *shape[-1:])}
        return np.zeros(shapes.get(name, shape), variable.dtype.numpy)

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        t = ops.cast(self.iterations + 1, variable.dtype)
        # `epsilon_1` is below what float32 holds beside other numbers, but keeps zeros from the quotient.
        squares = ops.square(gradient) + self.epsilon_1
        decay = 1.0 - ops.pow(t, self.beta_2_decay)
        v = self.slot(variable, "v")
        if len(variable.shape) >= 2:
            r, c = self.slot(variable, "r"), self.slot(variable, "c")
            r.assign(decay * r + (1.0 - decay) * ops.reduce_mean(squares, -1))
            c.assign(decay * c + (1.0 - decay) * ops.reduce_mean(squares, -2))
            part = r.read_value() / ops.reduce_mean(r.read_value(), -1, True)
            v.assign(ops.expand_dims(part, -1) * ops.expand_dims(c.read_value(), -2))
        else:
            v.assign(decay * v + (1.0 - decay) * squares)
        step = gradient / ops.sqrt(v.read_value())
        step = step / ops.maximum(_root_mean_square(step) / self.clip_threshold, 1.0)
        size = ops.maximum(_root_mean_square(variable.read_value()), self.epsilon_2)
        variable.assign_sub(size * ops.minimum(learning_rate, 1.0 / ops.sqrt(t)) * step)

    def get_config(self) -> dict[str, Any]:
        names = ("beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold", "relative_step")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _root_mean_square(x: Tensor) -> Tensor:
    return ops.sqrt(ops.reduce_mean(ops.square(x)))
