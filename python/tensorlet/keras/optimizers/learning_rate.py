"""The learning rate of an optimizer: a variable, a schedule or a function."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tensorlet import ops
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.config import float_dtype
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.optimizers.schedules.base import LearningRateSchedule
from tensorlet.keras.optimizers.slots import WithSlots
from tensorlet.keras.registry import SCHEDULES
from tensorlet.keras.variables import named_variable

if TYPE_CHECKING:
    from tensorlet.ops.registry import Tensor
    from tensorlet.type_aliases import Config, FloatLike

#: A number, a schedule, a function without arguments that returns the rate, or the configuration of a schedule.
LearningRate: TypeAlias = "FloatLike | LearningRateSchedule | Callable[[], FloatLike] | Config"


def _changes_by_itself(value: object) -> bool:
    """Whether a learning rate is a schedule or a function rather than a number."""
    return isinstance(value, LearningRateSchedule) or (callable(value) and not hasattr(value, "dtype"))


class WithLearningRate(WithSlots):
    """The part of `Optimizer` that handles the learning rate."""

    _learning_rate: Any
    _rate_of_this_step: Any
    #: What the variables of the step under way share; see `_once_in_a_step`.
    _shared: dict[Hashable, tuple[object, Tensor]] | None = None

    def _build_learning_rate(self, learning_rate: LearningRate) -> Any:
        """Returns a variable for a number; schedules and functions are returned unchanged."""
        if isinstance(learning_rate, dict):
            learning_rate = SCHEDULES.deserialize(learning_rate)
        if _changes_by_itself(learning_rate):
            if isinstance(learning_rate, LearningRateSchedule):
                learning_rate._optimizer = self
            return learning_rate
        rate = self._checked_rate(learning_rate)
        return named_variable(
            self._path_of("learning_rate"), np.asarray(rate, float_dtype().numpy), trainable=False
        )

    def _checked_rate(self, value: object) -> float:
        try:
            rate = float("" if isinstance(value, str) else value)  # type: ignore[arg-type]  # any other type is refused below
        except (TypeError, ValueError):
            given = f"the string {value!r}" if isinstance(value, str) else repr(value)
            raise InvalidArgumentError(
                f"{self.name}: learning_rate is {given}, expected a number such as 0.001, or a schedule from "
                "tf.keras.optimizers.schedules."
            ) from None
        if not rate >= 0.0:
            raise InvalidArgumentError(
                f"{self.name}: learning_rate is {rate}, expected a number of at least 0: a negative value increases "
                "the loss."
            )
        return rate

    @property
    def learning_rate(self) -> Any:
        """The learning rate: a `Variable`, or the schedule or function that was passed; see `CurrentRate`.

        In `update_step`, it is the learning rate of the current step.

        >>> import tensorlet as tf
        >>> optimizer = tf.keras.optimizers.Adam(0.5)
        >>> optimizer.learning_rate = 0.25
        >>> float(optimizer.learning_rate)
        0.25
        """
        return self._learning_rate if self._rate_of_this_step is None else self._rate_of_this_step

    @learning_rate.setter
    def learning_rate(self, value: LearningRate) -> None:
        if _changes_by_itself(value) or isinstance(value, dict):
            self._learning_rate = self._build_learning_rate(value)
        elif isinstance(self._learning_rate, Variable):
            if hasattr(value, "read_variable") or hasattr(value, "spec"):
                self._learning_rate.assign(ops.cast(value, self._learning_rate.dtype))
            else:
                self._learning_rate.assign(self._checked_rate(value))
        else:
            raise TypeError(
                f"{self.name} was created with a learning-rate schedule, so its learning rate cannot be set to "
                f"{value!r}. Create the optimizer with a number, or assign another schedule."
            )

    def current_learning_rate(self) -> Any:
        """Returns the learning rate of the next step as a scalar; a schedule is evaluated for it.

        >>> import tensorlet as tf
        >>> decay = tf.keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5)
        >>> round(float(tf.keras.optimizers.SGD(decay).current_learning_rate()), 6)
        0.1
        """
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            rate = rate(self._iterations)
        elif not isinstance(rate, Variable):
            rate = rate()
        return ops.cast(rate, rate.dtype if isinstance(rate, Variable) else float_dtype())

    def shown_learning_rate(self) -> Any:
        """Returns what the learning rate reads as between two steps.

        For a schedule that is the rate of the last step in Keras 2, and that of the next step in Keras 3.
        """
        rate = self._learning_rate
        if keras_generation() == 3 or not isinstance(rate, LearningRateSchedule):
            return self.current_learning_rate()
        return ops.cast(rate(ops.maximum(self._iterations - 1, 0)), float_dtype())

    def _once_in_a_step(self, key: Hashable, of: object, compute: Callable[[], Tensor]) -> Tensor:
        """What is the same for all variables of a step, computed for the first one; ``of``: from what."""
        if self._shared is None:  # `update_step` is called by itself
            return compute()
        known = self._shared.get(key)
        if known is None or known[0] is not of:
            known = self._shared[key] = of, compute()
        return known[1]

    def _serialize_hyperparameter(self, value: LearningRate) -> Any:
        """Converts a number, schedule or function to its form in a configuration."""
        if isinstance(value, LearningRateSchedule):
            return SCHEDULES.serialize(value)
        return float(value() if callable(value) and _changes_by_itself(value) else value)  # type: ignore[arg-type]
