"""What a schedule is worth now: at the step that its optimizer takes next."""

from __future__ import annotations

from typing import Any

import numpy as np


class RateNow:
    """The part of a schedule that answers as a number, once an optimizer has it.

    ``optimizer.learning_rate`` gives the schedule; newer programs read a number from it, older ones call it.

    >>> import tensorlet as tf
    >>> decay = tf.keras.optimizers.schedules.ExponentialDecay(0.5, decay_steps=1, decay_rate=0.5)
    >>> optimizer = tf.keras.optimizers.SGD(decay)
    >>> _ = optimizer.apply_gradients([(tf.constant(1.0), tf.Variable(1.0))])
    >>> float(optimizer.learning_rate), float(optimizer.learning_rate(3))
    (0.25, 0.0625)
    """

    _optimizer: Any = None

    def read_variable(self, reader: object) -> Any:
        """The rate as a tensor (operations call this)."""
        if self._optimizer is None:
            raise TypeError(
                f"{type(self).__name__} has a value for each step, and no optimizer says which step it is. Call it: "
                "schedule(step)."
            )
        return self._optimizer.current_learning_rate()

    def numpy(self) -> Any:
        """The rate as a NumPy number."""
        return self.read_variable(None).numpy()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.numpy(), dtype)

    def __float__(self) -> float:
        return float(self.numpy())

    def __format__(self, spec: str) -> str:
        return format(float(self), spec) if spec else str(self)
