"""How callbacks read and set the learning rate of an optimizer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet.errors import warn_user
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.optimizers.schedules.base import LearningRateSchedule

if TYPE_CHECKING:
    from tensorlet.keras.optimizers.base import Optimizer


def _name_in_logs() -> str:
    """The name of the learning rate in the logs and the history."""
    return "learning_rate" if keras_generation() == 3 else "lr"


def add_learning_rates(logs: dict[str, Any], optimizer: Optimizer) -> None:
    """Adds the learning rate to the logs; of several optimizers, with their names."""
    rates = {one.name: learning_rate(one) for one in optimizer.single_optimizers()}
    if len(rates) == 1:
        logs[_name_in_logs()] = next(iter(rates.values()))
    else:
        logs.update({f"{_name_in_logs()}_{name}": rate for name, rate in rates.items()})


def learning_rate(optimizer: Optimizer) -> float:
    """Returns the learning rate of the optimizer as a number; that of a schedule is the current one."""
    rate = optimizer.learning_rate
    return float(rate() if callable(rate) and not isinstance(rate, LearningRateSchedule) else rate)


def set_learning_rate(optimizer: Optimizer, rate: float, who: str) -> None:
    """Sets the learning rate of the optimizer.

    A schedule computes it for each step. In Keras 2 a callback has no effect then, which is said once.

    Raises:
        TypeError: if it follows a schedule, in Keras 3.
    """
    schedule = optimizer.learning_rate
    if not callable(schedule) or keras_generation() == 3:
        optimizer.learning_rate = rate
        return
    warn_user(
        f"{who} has no effect: the learning rate follows {type(schedule).__name__}, which computes it for each step. "
        "Use either the callback or the schedule."
    )
