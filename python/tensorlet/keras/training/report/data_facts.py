"""What a few rows of the training data show: their range, missing values, the shares of the classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tensorlet.core.nest import flatten

if TYPE_CHECKING:
    from tensorlet.keras.training.data_adapter.adapter import DataAdapter
    from tensorlet.keras.training.step.steps import Steps

#: The rows, and the numbers in each of them, that are looked at.
ROWS, WIDTH = 64, 4096
#: The labels that are counted, and the most classes.
LABELS, CLASSES = 20_000, 1000


class InputFacts(NamedTuple):
    """What some rows of an input show.

    Attributes:
        low, high: the smallest and the largest number.
        mean, deviation: over all numbers.
        not_finite: how many numbers are NaN or infinite.
        scale: how much the deviations of the columns differ: the largest divided by the smallest that is not 0.
    """

    low: float
    high: float
    mean: float
    deviation: float
    not_finite: int
    scale: float


@dataclass
class DataFacts:
    """What some rows of the training data show.

    Attributes:
        rows: the number of rows.
        inputs: the inputs, in order.
        classes: how often each class occurs; empty if the labels are not classes.
        targets: the number of different labels that are not classes, up to the number of rows looked at.
        deviation: the standard deviation of the labels.
        lowest, highest: the smallest and the largest label of those looked at; None if they are not numbers.
    """

    rows: int
    inputs: list[InputFacts] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    targets: int = 0
    deviation: float = 0.0
    lowest: float | None = None
    highest: float | None = None


def facts_of(model: Steps, data: DataAdapter) -> DataFacts | None:
    """Returns the facts of training data; None for batches and text. They are cached for the same arrays."""
    columns = getattr(data, "columns", None)
    if not columns or getattr(data, "stages", None) or data.holds_text:
        return None
    key = tuple([(id(column), column.shape, column.item(0)) for column in columns])
    cached = model._programs.facts
    if cached is not None and cached[0] == key:  # the same arrays
        found: DataFacts = cached[1]
        return found
    scales = getattr(data, "scales", [None] * len(columns))
    facts = _facts(data.structure, columns, scales)  # type: ignore[attr-defined]
    model._programs.facts = (key, facts)
    return facts


def _facts(
    structure: tuple[object, ...], columns: list[np.ndarray], scales: Sequence[float | None]
) -> DataFacts:
    inputs = len(flatten(structure[0]))
    # Pixels divided by 255 are kept as bytes while they are trained with; the facts are about what the user passed.
    seen = [_input_facts(column, scale) for column, scale in zip(columns, scales, strict=True)][:inputs]
    facts = DataFacts(len(columns[0]), seen)
    if len(structure) > 1 and len(flatten(structure[1])) == 1:
        _add_labels(facts, columns[inputs])
    return facts


def _sample(column: np.ndarray, most: int) -> np.ndarray:
    return column[:: max(1, len(column) // most)][:most]


def _input_facts(column: np.ndarray, scale: float | None) -> InputFacts:
    numbers = _sample(column, ROWS).reshape(min(len(column), ROWS), -1)[:, :WIDTH].astype(np.float64)
    if scale is not None:
        numbers /= scale
    finite = np.isfinite(numbers)
    if not finite.all():
        missing = int(numbers.size - finite.sum())
        numbers = np.where(finite, numbers, 0.0)
    else:
        missing = 0
    deviations = numbers.std(0)
    used = deviations[deviations > 0]
    differs = float(used.max() / used.min()) if used.size else 1.0
    return InputFacts(
        float(numbers.min()),
        float(numbers.max()),
        float(numbers.mean()),
        float(numbers.std()),
        missing,
        differs,
    )


def _add_labels(facts: DataFacts, labels: np.ndarray) -> None:
    sample = _sample(labels, LABELS)
    numbers = sample[np.isfinite(sample)] if sample.dtype.kind == "f" else sample
    if numbers.size and numbers.dtype.kind in "biuf":
        facts.lowest, facts.highest = float(numbers.min()), float(numbers.max())
    if sample.ndim == 2 and sample.shape[1] > 1:  # one column for each class
        if sample.shape[1] <= CLASSES and np.array_equal(sample.sum(1), np.ones(len(sample))):
            facts.classes = np.bincount(sample.argmax(1), minlength=sample.shape[1]).tolist()
        return
    flat = sample.reshape(-1)
    if flat.dtype.kind == "f":
        flat = flat[np.isfinite(flat)]
    if not flat.size or flat.dtype.kind not in "biuf":
        return
    low, high = float(flat.min()), float(flat.max())
    if low >= 0 and high < CLASSES and (flat.dtype.kind in "biu" or bool(np.all(flat == np.floor(flat)))):
        facts.classes = np.bincount(flat.astype(np.int64)).tolist()
    facts.targets = len(np.unique(flat[:CLASSES]))
    facts.deviation = float(flat.std())
