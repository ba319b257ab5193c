"""Finding a learning rate: a short training whose rate grows from step to step."""

from __future__ import annotations

import math
import warnings
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tensorlet.playground.dataset import Dataset
from tensorlet.playground.network import compiled_model, labels_for, output_of
from tensorlet.playground.settings import NetworkSettings

LOWEST, HIGHEST = 1e-5, 10.0
STEPS = 120


class FoundRate(NamedTuple):
    """The curve and what follows from it.

    Attributes:
        rates, losses: the learning rate of each step, and the smoothed loss after it.
        best: the suggested learning rate.
    """

    rates: list[float]
    losses: list[float]
    best: float


def find_rate(settings: NetworkSettings, data: Dataset) -> FoundRate:
    """Trains a copy of a network while its learning rate grows from 1e-5 to 10, and suggests a rate.

    The suggestion is where the loss falls most steeply over the logarithm of the rate. Training stops when the
    loss is four times the smallest one.

    Source: L. N. Smith, "Cyclical Learning Rates for Training Neural Networks", 2017, section 3.3.

    >>> from tensorlet.playground.dataset import make_dataset
    >>> from tensorlet.playground.settings import DataSettings
    >>> found = find_rate(NetworkSettings(optimizer="sgd"), make_dataset(DataSettings("moons")))
    >>> 0.001 < found.best < 5
    True
    """
    output = output_of(settings.loss, len(data.classes))
    model = compiled_model(replace(settings, rate=LOWEST), data.x.shape[1], output)
    labels = labels_for(output, data.y_train)
    rng = np.random.default_rng(settings.seed)
    rates: list[float] = []
    losses: list[float] = []
    mean = 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for step in range(STEPS):
            rate = LOWEST * (HIGHEST / LOWEST) ** (step / (STEPS - 1))
            model.optimizer.learning_rate.assign(rate)
            rows = rng.choice(data.training, min(settings.batch, data.training), replace=False)
            loss = float(model.train_on_batch(data.x_train[rows], labels[rows])[0])
            if not math.isfinite(loss):
                break
            mean = 0.85 * mean + 0.15 * loss
            smooth = mean / (1 - 0.85 ** (step + 1))
            if losses and smooth > 4 * min(losses):
                break
            rates.append(rate)
            losses.append(smooth)
    return FoundRate(rates, losses, _steepest(rates, losses))


def _steepest(rates: list[float], losses: list[float]) -> float:
    """The rate at the steepest fall before the smallest loss, rounded to one digit."""
    end = int(np.argmin(losses)) + 1
    if end < 6:
        return 0.01
    slopes = np.gradient(np.array(losses[:end]), np.log(rates[:end]))
    best = rates[4 + int(np.argmin(slopes[4:]))]
    return float(f"{best:.1g}")
