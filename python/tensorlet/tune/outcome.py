"""What a search has found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

#: Two-sided quantiles for 95 % of Student's distribution, for 1 to 10 degrees of freedom, and of the normal one.
STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
NORMAL = 1.96


class Trial(NamedTuple):
    """A configuration that has been tried.

    Attributes:
        configuration: its values.
        seed: the seed of its weights and of the order of its rows.
        epochs: the number of epochs that it got to.
        history: the values of each epoch, by name.
        value: the objective after its last epoch; infinite if its loss was not finite.
    """

    configuration: Mapping[str, Any]
    seed: int
    epochs: int
    history: Mapping[str, list[float]]
    value: float


@dataclass
class Outcome:
    """The outcome of a search.

    Attributes:
        objective: what was compared, such as ``"val_loss"``.
        greater: whether more of it is better.
        trials: all trials; those that got furthest first, and of these the best.
        repeats: the objective of the best configuration with other seeds.
        model: the best configuration's model, trained with the first of these seeds.
        seconds: the time of the search.
    """

    objective: str
    greater: bool
    trials: list[Trial]
    repeats: list[float] = field(default_factory=list)
    model: Any = None
    seconds: float = 0.0

    @property
    def best(self) -> Trial:
        """The best of the trials that got furthest."""
        return self.trials[0]

    @property
    def interval(self) -> tuple[float, float, float]:
        """The mean of the objective over seeds, and the interval of 95 % of that mean (Student's t)."""
        return mean_interval(self.repeats)

    def to_json(self) -> dict[str, Any]:
        """Returns everything but the model as plain values."""
        mean, low, high = self.interval
        return {
            "objective": self.objective,
            "best": dict(self.best.configuration),
            "mean": mean,
            "low": low,
            "high": high,
            "repeats": self.repeats,
            "seconds": self.seconds,
            "trials": [
                {
                    "configuration": dict(one.configuration),
                    "seed": one.seed,
                    "epochs": one.epochs,
                    "value": one.value if math.isfinite(one.value) else None,
                    "history": {
                        name: [_finite(value) for value in values] for name, values in one.history.items()
                    },
                }
                for one in self.trials
            ],
        }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def mean_interval(values: list[float]) -> tuple[float, float, float]:
    """Returns the mean of some values, and the ends of its interval of 95 %.

    >>> [round(one, 2) for one in mean_interval([1.0, 2.0, 3.0])]
    [2.0, -0.48, 4.48]
    """
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, -math.inf, math.inf
    freedom = len(values) - 1
    quantile = STUDENT[freedom - 1] if freedom <= len(STUDENT) else NORMAL
    half = quantile * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return mean, mean - half, mean + half
