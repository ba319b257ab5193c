"""The perceptron rule, step by step, for a line that a student can compare with an own one."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tensorlet.playground.errors import PlaygroundError

MOST_POINTS = 200
MOST_EPOCHS = 200
MOST_STEPS = 2000


class Step(NamedTuple):
    """A correction: the row that was on the wrong side, the weights (w1, w2, b) after it, and the mistakes left."""

    row: int
    weights: tuple[float, float, float]
    mistakes: int


def train_perceptron(
    points: np.ndarray, labels: np.ndarray, start: tuple[float, float, float], rate: float
) -> list[Step]:
    """Follows the perceptron rule until no point is on the wrong side, or for 200 epochs.

    For each point on the wrong side, ``w += rate * t * x`` and ``b += rate * t``, where t is 1 or −1.
    A point belongs to class 1 if ``w1*x1 + w2*x2 + b >= 0``.

    Args:
        points: the points, of shape [rows, 2].
        labels: 0 or 1 for each.
        start: the first weights and bias.
        rate: the learning rate.

    Returns:
        The corrections in their order; the last one leaves no mistakes if the rule has found a line.

    Source: F. Rosenblatt, "The perceptron", Psychological Review 65, 1958.

    >>> points = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float64")
    >>> train_perceptron(points, np.array([0, 0, 0, 1]), (0.0, 0.0, 0.0), 1.0)[-1]
    Step(row=1, weights=(2.0, 1.0, -3.0), mistakes=0)
    """
    weights = np.array(start, "float64")
    inputs = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    targets = np.where(labels == 1, 1.0, -1.0)
    steps: list[Step] = []
    for _ in range(MOST_EPOCHS):
        wrong = 0
        for row, (x, target) in enumerate(zip(inputs, targets, strict=True)):
            if (1.0 if x @ weights >= 0 else -1.0) != target:
                wrong += 1
                weights = weights + rate * target * x
                left = mistakes_of(points, labels, weights)
                steps.append(Step(row, (float(weights[0]), float(weights[1]), float(weights[2])), left))
                if len(steps) == MOST_STEPS:
                    return steps
        if not wrong:
            break
    return steps


def mistakes_of(points: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> int:
    """The number of points on the wrong side of a line.

    >>> mistakes_of(np.array([[0.0, 0.0], [2.0, 0.0]]), np.array([0, 1]), np.array([1.0, 0.0, -1.0]))
    0
    """
    return int(((points @ weights[:2] + weights[2] >= 0) != (labels == 1)).sum())


def answer(arguments: dict[str, Any]) -> dict[str, Any]:
    """The command ``perceptron`` of the page.

    Args:
        arguments: ``points`` ([x, y, class] each), ``start`` (w1, w2, b) and ``rate``.

    Raises:
        PlaygroundError: for other forms, or too many points.
    """
    try:
        table = np.array(arguments["points"], "float64").reshape(-1, 3)
        start = tuple(float(value) for value in arguments.get("start", (0, 0, 0)))
        rate = float(arguments.get("rate", 1.0))
        valid = len(start) == 3 and 0 < rate <= 100 and 2 <= len(table) <= MOST_POINTS
        valid = valid and bool(
            np.isfinite(table).all() and np.isfinite(start).all() and np.abs(table).max() < 1e6
        )
    except (KeyError, TypeError, ValueError):
        valid = False
    if not valid:
        raise PlaygroundError(
            "perceptron",
            f"The perceptron needs 2 to {MOST_POINTS} points [x, y, class], three first weights and a rate above 0.",
            most=MOST_POINTS,
        )
    labels = (table[:, 2] >= 0.5).astype(int)
    steps = train_perceptron(table[:, :2], labels, start, rate)  # type: ignore[arg-type]
    first = mistakes_of(table[:, :2], labels, np.array(start))
    return {
        "steps": [step._asdict() for step in steps],
        "mistakes": first,
        "separated": not (steps or first) or (bool(steps) and steps[-1].mistakes == 0),
    }
