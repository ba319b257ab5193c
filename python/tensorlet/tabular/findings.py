"""What is remarkable about the data and the models: leaking columns, rare classes, over-fitting ..."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tensorlet.localization import plural
from tensorlet.localization import translate as _
from tensorlet.tabular.columns.encoder import NUMBERS
from tensorlet.tabular.measures import Measure
from tensorlet.tabular.problem import PICTURES, Problem

#: A class with fewer rows than this is rare.
RARE = 20
#: The share of the commonest class from which on the classes are unbalanced.
UNBALANCED = 0.8
#: A column that alone predicts this share of unseen rows (or of the variance) gives the answer away.
GIVEN_AWAY = 0.99
#: The number of intervals into which a column of numbers is divided for this.
INTERVALS = 50
#: Accuracy on the training rows minus that on the test rows (or R²) from which on a model over-fits.
GAP = 0.1
#: Inputs whose mean or deviation exceeds this are far from unit scale.
LARGE = 100.0
FEW_ROWS = 200


@dataclass
class Finding:
    """Something that the user should know.

    Attributes:
        code: a short name that does not change.
        level: "warning" or "note".
        text: what was found, with numbers.
        fix: what to do.
    """

    code: str
    level: str
    text: str
    fix: str

    def to_json(self) -> dict[str, str]:
        """Returns the attributes as a dictionary."""
        return asdict(self)


def of_data(problem: Problem) -> Iterator[Finding]:
    """Yields what is remarkable about the data."""
    yield from _leaks(problem)
    yield from _classes(problem)
    yield from _duplicates(problem)
    if len(problem.labels) < FEW_ROWS:
        yield Finding(
            "few-rows", "note",
            _("There are only {rows} rows, {test} of them for the test: the intervals are wide.").format(
                rows=len(problem.labels), test=len(problem.split.test)
            ),
            _("More rows make the results more certain."),
        )  # fmt: skip
    yield from _scales(problem)
    for column in problem.columns:
        if column.role == "input" and column.missing > 0.5 * column.count:
            yield Finding(
                "mostly-missing", "note",
                _("Column '{name}' has no value in {share:.0%} of the rows.").format(
                    name=column.name, share=column.missing / column.count
                ),
                _("Check whether it is of use: --ignore '{name}' leaves it out.").format(name=column.name),
            )  # fmt: skip


def _leaks(problem: Problem) -> Iterator[Finding]:
    if problem.encoder is None:
        return
    known = np.concatenate([problem.split.validation, problem.split.test])
    base = _score_of_constant(problem, known)
    for name, values in _single_columns(problem):
        score = _score_alone(problem, values, known)
        if score >= GIVEN_AWAY and base < 0.9:
            measure = (
                _("predicts the right class in {score:.1%} of unseen rows")
                if problem.target.classes
                else _("explains {score:.1%} of the variance of unseen rows")
            )
            yield Finding(
                "leak", "warning",
                _("Column '{name}' alone {measure}: it may give the answer away.").format(
                    name=name, measure=measure.format(score=score)
                ),
                _("If its value is not known when you want to predict, leave it out: --ignore '{name}'").format(
                    name=name
                ),
            )  # fmt: skip


def _single_columns(problem: Problem) -> Iterator[tuple[str, np.ndarray]]:
    """Yields each input column as whole numbers: its code, or the interval that its number is in."""
    assert problem.encoder is not None
    positions = {name: index for index, name in enumerate(problem.encoder.number_names)}
    places: dict[str, int] = {}
    for column in problem.encoder.columns:
        if column.kind == "category":
            group = problem.encoder.group_of(column)
            index = places.get(group, 0)
            places[group] = index + 1
            yield column.name, problem.inputs[group][:, index]
        else:
            index = positions[problem.encoder.parts[column.name][0]]
            numbers = problem.inputs[NUMBERS][:, index]
            edges = np.unique(
                np.quantile(numbers[problem.split.train], np.linspace(0, 1, INTERVALS + 1)[1:-1])
            )
            yield column.name, np.searchsorted(edges, numbers)


def _score_alone(problem: Problem, values: np.ndarray, rows: np.ndarray) -> float:
    """Returns the accuracy, or R², of the best guess for each value of a column, on rows that it has not seen."""
    train, labels = problem.split.train, problem.labels
    _distinct, codes = np.unique(values, return_inverse=True)
    count = int(codes.max()) + 1
    classes = len(problem.target.classes)
    if classes:
        if count * classes > 20_000_000:
            return 0.0
        table = np.bincount(codes[train] * classes + labels[train], minlength=count * classes).reshape(
            count, classes
        )
        return float((table.argmax(1)[codes[rows]] == labels[rows]).mean())
    sums, counts = np.bincount(codes[train], labels[train], count), np.bincount(codes[train], minlength=count)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), labels[train].mean())
    variance = labels[rows].var()
    return float(1 - ((means[codes[rows]] - labels[rows]) ** 2).mean() / variance) if variance else 0.0


def _score_of_constant(problem: Problem, rows: np.ndarray) -> float:
    if not problem.target.classes:
        return 0.0
    return float(np.bincount(problem.labels[rows]).max() / len(rows))


def _classes(problem: Problem) -> Iterator[Finding]:
    names = problem.target.classes
    if not names:
        return
    counts = problem.class_rows
    rare = [(int(count), name) for count, name in zip(counts, names, strict=True) if count < RARE]
    if rare:
        shown = ", ".join(f"'{name}' ({count})" for count, name in sorted(rare)[:5]) + (
            ", …" if len(rare) > 5 else ""
        )
        yield Finding(
            "rare-class", "warning",
            plural(
                "{count} class has fewer than {rare} rows: {names}.",
                "{count} classes have fewer than {rare} rows: {names}.",
                len(rare),
            ).format(count=len(rare), rare=RARE, names=shown),
            _("Collect more rows of it, or join it with another class. Look at the balanced accuracy and at the "
              "confusion matrix."),
        )  # fmt: skip
    most = int(counts.argmax())
    if counts[most] > UNBALANCED * counts.sum():
        yield Finding(
            "unbalanced", "warning",
            _("{share:.0%} of the rows are of the class '{name}', so a high accuracy says little.").format(
                share=counts[most] / counts.sum(), name=names[most]
            ),
            _("Look at the balanced accuracy and at macro-F1."),
        )  # fmt: skip


def _duplicates(problem: Problem) -> Iterator[Finding]:
    if PICTURES in problem.inputs and next(iter(problem.inputs.values()))[0].size > 1 << 16:
        return
    rows = [
        np.ascontiguousarray(array).reshape(len(array), -1).view(np.uint8)
        for array in problem.inputs.values()
    ]
    labels = np.ascontiguousarray(problem.labels).reshape(len(problem.labels), -1).view(np.uint8)
    joined = np.ascontiguousarray(
        np.concatenate([*(row.reshape(len(row), -1) for row in rows), labels], axis=1)
    )
    keys = joined.view(f"V{joined.shape[1]}").ravel()
    known = {key.tobytes() for key in keys[problem.split.train]}
    count = sum(key.tobytes() in known for key in keys[problem.split.test])
    share = count / len(problem.split.test)
    if count and share >= 0.01:
        yield Finding(
            "duplicates", "warning" if share >= 0.05 else "note",
            _("{count} rows of the test ({share:.0%}) occur in the training rows too, with the same target.").format(
                count=f"{count:,}", share=share
            ),
            _("If they are copies of the same thing, remove them, or keep them together with --group COLUMN: the "
              "results look better than they are."),
        )  # fmt: skip


def _scales(problem: Problem) -> Iterator[Finding]:
    far = [
        column
        for column in problem.columns
        if column.role == "input" and column.kind == "number" and abs(column.mean) + column.deviation > LARGE
    ]
    if far:
        largest = max(far, key=lambda column: abs(column.mean) + column.deviation)
        yield Finding(
            "scale", "note",
            _("Inputs far from unit scale: {count}, such as '{name}' with mean {mean:.4g} and deviation "
              "{deviation:.4g}.").format(
                count=len(far), name=largest.name, mean=largest.mean, deviation=largest.deviation
            ),
            _("The model normalizes them itself. In a program of your own, add a Normalization layer: without it, "
              "training is slow or fails."),
        )  # fmt: skip


def of_model(
    problem: Problem,
    measures: dict[str, Measure],
    training: dict[str, float],
    base: dict[str, Measure],
    predicted: np.ndarray,
) -> Iterator[Finding]:
    """Yields what is remarkable about a model.

    Args:
        problem: the data.
        measures: its measures on the test rows.
        training: its accuracy or R² on the training rows, by name.
        base: the measures of the baseline.
        predicted: its predictions for the test rows.
    """
    name = "accuracy" if problem.target.classes else "r2"
    found, gap = measures[name], training[name] - measures[name].value
    title = _("accuracy") if problem.target.classes else "R²"
    if gap > GAP and training[name] > found.high:
        yield Finding(
            "over-fitting", "warning",
            _("Over-fitting: {title} {training:.3f} on the training rows, but {test:.3f} on the test rows.").format(
                title=title, training=training[name], test=found.value
            ),
            _("More rows, fewer columns, or the linear model generalize better."),
        )  # fmt: skip
    if found.low <= base[name].value:
        yield Finding(
            "no-better", "warning",
            _("The model is not clearly better than the baseline: {title} {value:.3f} [{low:.3f}, {high:.3f}] against "
              "{base:.3f}.").format(
                title=title, value=found.value, low=found.low, high=found.high, base=base[name].value
            ),
            _("The columns may say nothing about the target, or there are too few rows."),
        )  # fmt: skip
    yield from _constant(problem, predicted)


def _constant(problem: Problem, predicted: np.ndarray) -> Iterator[Finding]:
    test = problem.labels[problem.split.test]
    if problem.target.classes:
        guesses = np.unique(predicted.argmax(1))
        if len(guesses) == 1 and len(np.unique(test)) > 1:
            yield Finding(
                "constant", "warning",
                _("The model predicts the class '{name}' for every row of the test.").format(
                    name=problem.target.classes[guesses[0]]
                ),
                _("It has learned only which class is the commonest."),
            )  # fmt: skip
    elif predicted.std() < 0.01 * test.std():
        yield Finding(
            "constant", "warning",
            _("The model predicts nearly the same number, {value:.4g}, for every row.").format(value=predicted.mean()),
            _("It has learned only the mean."),
        )  # fmt: skip


def of_learning_rate(
    rate: float | None, tried: list[tuple[float, float]], chosen: float
) -> Iterator[Finding]:
    """Yields a warning if the learning rate that the user gave is outside the range that the range test found."""
    if rate is None or not tried:
        return
    highest: Any = min(tried, key=lambda pair: pair[1])[0]
    if rate > highest or rate < chosen / 100:
        yield Finding(
            "learning-rate", "warning",
            _("The learning rate {rate:g} is outside its range: the loss falls fastest between {low:.2g} and "
              "{high:.2g}.").format(rate=rate, low=chosen / 10, high=highest),
            _("Leave out --learning-rate, or use {chosen:.2g}.").format(chosen=chosen),
        )  # fmt: skip
