"""The current value of a schedule that belongs to an optimizer."""

from __future__ import annotations

from typing import Any

import numpy as np


class CurrentRate:
    """Lets a schedule that belongs to an optimizer be used as a number.

    ``optimizer.learning_rate`` returns the schedule, which can be read as a number or called with a step. The number is
    the rate of the last step, as in Keras 2; in programs for Keras 3, that of the next step, as there.

    >>> import tensorlet as tf
    >>> decay = tf.keras.optimizers.schedules.ExponentialDecay(0.5, decay_steps=1, decay_rate=0.5)
    >>> optimizer = tf.keras.optimizers.SGD(decay)
    >>> _ = optimizer.apply_gradients([(tf.constant(1.0), tf.Variable(1.0))])
    >>> float(optimizer.learning_rate), float(optimizer.learning_rate(3))
    (0.5, 0.0625)
    """

    _optimizer: Any = None

    def read_variable(self, reader: object) -> Any:
        """Returns the rate as a tensor; called by operations."""
        if self._optimizer is None:
            raise TypeError(
                f"{type(self).__name__} has a value for each step, and no optimizer uses it yet. Call it with a step: "
                "schedule(step). To give it to an optimizer, assign it: optimizer.learning_rate = schedule."
            )
        return self._optimizer.shown_learning_rate()

    def numpy(self) -> Any:
        """Returns the rate as a NumPy scalar."""
        return self.read_variable(None).numpy()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.numpy(), dtype)

    def __float__(self) -> float:
        return float(self.numpy())

    def __format__(self, spec: str) -> str:
        return format(float(self), spec) if spec else str(self)
