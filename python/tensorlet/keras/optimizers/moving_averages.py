"""The moving averages of variables that an optimizer keeps with ``use_ema=True``.

Source: B. T. Polyak and A. B. Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.optimizers.learning_rate import WithLearningRate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorlet.core.variable import Variable


class WithMovingAverages(WithLearningRate):
    """The part of `Optimizer` that keeps moving averages of the variables."""

    ema_momentum: float
    ema_overwrite_frequency: int | None

    def _average(self, variables: list[Variable]) -> None:
        """Updates the moving averages, and sets the variables to them in steps where this is due."""
        share: Any = self.ema_momentum
        if keras_generation() == 3:  # there, the averages begin with the weights after the first step
            share = ops.where(ops.equal(self.iterations, 0), 0.0, share)
        for variable in variables:
            average = self.slot(variable, "average")
            average.assign(share * average + (1.0 - share) * variable)
            if self.ema_overwrite_frequency:
                due = ops.equal((self.iterations + 1) % self.ema_overwrite_frequency, 0)
                variable.assign(ops.where(due, average, variable))

    def averaged(self, variables: Sequence[Variable]) -> list[Variable]:
        """Those of the variables of which a moving average is kept, the slot ``"average"``."""
        return list(variables) if self.use_ema else []

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Sets variables to their moving averages, at the end of training with ``use_ema=True``."""
        if self.use_ema:
            for variable in var_list:
                variable.assign(self.slot(variable, "average"))
