"""Plots of what a classifier predicts: the confusion matrix, the ROC curve and the calibration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.errors import InvalidArgumentError, OutOfRangeError, ShapeError
from tensorlet.localization import translate as _
from tensorlet.plots import figures
from tensorlet.plots.arguments import numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tensorlet.type_aliases import ArrayLike, PathLike

#: More classes are not labelled one by one.
MOST_CELLS_WITH_NUMBERS = 26


def confusion_matrix(
    labels: ArrayLike,
    predictions: ArrayLike | None = None,
    *,
    class_names: Sequence[str] | None = None,
    path: PathLike | None = None,
) -> Figure:
    """Plots a confusion matrix: rows are the true classes, columns the predicted ones.

    Correct predictions are blue, wrong ones orange; the more frequent they are, the darker.

    Args:
        labels: the true classes, integers of shape ``(rows,)`` or one-hot ``(rows, classes)``. Without
            ``predictions``, this is the matrix itself: counts of shape ``(classes, classes)``.
        predictions: the predicted classes of shape ``(rows,)``, or probabilities of shape ``(rows, classes)``;
            of one column, the probability of class 1.
        class_names: a name for each class.
        path: a file to save the figure to (.png, .svg, .pdf).

    Raises:
        ShapeError: if the shapes do not fit.
        ImportError: if matplotlib is not installed.
        OSError: if the file cannot be written.

    >>> from tensorlet import plots
    >>> figure = plots.confusion_matrix([0, 1, 1, 0], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.7, 0.3]])
    >>> figure.axes[0].get_title()
    '3 of 4 correct (75.00%)'
    """
    counts = _counts(labels, predictions, "confusion_matrix")
    classes = len(counts)
    names = figures.short_names(figures.class_names_for(classes, class_names, "confusion_matrix"))
    right = np.eye(classes, dtype=bool)
    mistakes = np.where(right, 0, counts)
    worst = max(int(mistakes.max()), 1)
    cell = max(0.55, 0.09 * max(map(len, names)))
    figure = figures.new_figure(min(cell * classes + 1.4, 12), min(cell * classes + 1.2, 12))
    axes = figure.add_subplot()
    axes.imshow(np.ma.masked_equal(np.sqrt(mistakes / worst), 0), cmap="Oranges", vmin=0, vmax=1.25)
    axes.imshow(np.ma.masked_array(np.full(counts.shape, 0.8), ~right), cmap="Blues", vmin=0, vmax=1)
    if classes <= MOST_CELLS_WITH_NUMBERS:
        _numbers(axes, counts, mistakes, worst)
    share = f"{np.trace(counts) / max(counts.sum(), 1):.2%}"
    axes.set_title(
        _("{right:,} of {all:,} correct ({share})").format(
            right=np.trace(counts), all=counts.sum(), share=share
        ),
        fontsize=11,
        fontweight="bold",
        color=figures.INK,
    )
    axes.set_xlabel(_("predicted"), color=figures.QUIET)
    axes.set_ylabel(_("true"), color=figures.QUIET)
    axes.set_xticks(range(classes), names, rotation=90 if max(map(len, names)) > 6 else 0)
    axes.set_yticks(range(classes), names)
    axes.set_xticks(np.arange(classes - 1) + 0.5, minor=True)
    axes.set_yticks(np.arange(classes - 1) + 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="both", length=0, colors=figures.INK)
    axes.spines[:].set_visible(False)
    return figures.finish(figure, path)


def _numbers(axes: Axes, counts: np.ndarray, mistakes: np.ndarray, worst: int) -> None:
    for (row, column), count in np.ndenumerate(counts):
        strong = row == column or mistakes[row, column] > 0.55 * worst
        ink = "white" if strong else (figures.INK if count else "#cccccc")
        axes.text(column, row, f"{count}", ha="center", va="center", color=ink, fontsize=9)


def confusion_matrix_text(
    labels: ArrayLike, predictions: ArrayLike | None = None, *, class_names: Sequence[str] | None = None
) -> str:
    """Formats a confusion matrix as text: true classes in rows, predicted ones in columns, zeros as dots.

    The last column is the recall of each class.

    Args:
        labels, predictions, class_names: see `confusion_matrix`.

    Raises:
        ShapeError: if the shapes do not fit.

    >>> from tensorlet import plots
    >>> print(plots.confusion_matrix_text([[9, 1], [0, 10]]))
    true\\predicted   0   1
                 0   9   1   90.0%
                 1   .  10  100.0%
    """
    counts = _counts(labels, predictions, "confusion_matrix_text")
    names = figures.class_names_for(len(counts), class_names, "confusion_matrix_text")
    head = "true\\predicted"
    left = max(len(head), *map(len, names))
    width = max(len(str(counts.max())), *map(len, names)) + 2
    width = max(width, len(str(len(counts))) + 2)
    lines = [f"{head:>{left}}" + "".join(f"{name:>{width}}" for name in names)]
    for number, row in enumerate(counts):
        cells = "".join(f"{count or '.':>{width}}" for count in row.tolist())
        share = f"{row[number] / row.sum():.1%}" if row.sum() else "-"
        lines.append(f"{names[number]:>{left}}{cells}{share:>8}")
    return "\n".join(lines)


def _counts(labels: ArrayLike, predictions: ArrayLike | None, caller: str) -> np.ndarray:
    """The confusion matrix."""
    if predictions is None:
        counts = numeric(labels, caller, "the matrix")
        if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.size == 0:
            raise ShapeError(
                f"{caller}: the matrix has shape {counts.shape}; expected (classes, classes). "
                "Pass the labels and the predictions, or tf.math.confusion_matrix(labels, predictions)."
            )
        return counts
    truth, predicted = _classes(labels, caller), _classes(predictions, caller)
    if truth.shape != predicted.shape or not truth.size:
        raise ShapeError(
            f"{caller}: there are {len(truth)} labels and {len(predicted)} predictions; expected as many, one or more."
        )
    if min(truth.min(), predicted.min()) < 0:
        raise OutOfRangeError(
            f"{caller}: a class is {min(truth.min(), predicted.min())}; expected 0, 1, 2, ..."
        )
    scores = numeric(predictions, caller, "the predictions")
    classes = max(
        int(truth.max()) + 1, int(predicted.max()) + 1, scores.shape[1] if scores.ndim == 2 else 2, 2
    )
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (truth, predicted), 1)
    return counts


def _classes(values: ArrayLike, caller: str) -> np.ndarray:
    """Class numbers of shape (rows,), from class numbers, one-hot rows or probabilities."""
    found = numeric(values, caller, "the labels and predictions")
    if found.ndim == 2 and found.shape[1] > 1:
        return found.argmax(axis=1)
    if found.ndim == 2:
        found = found[:, 0]
    if found.ndim != 1:
        raise ShapeError(
            f"{caller} got values of shape {found.shape}, expected (rows,) for classes or (rows, classes)."
        )
    if found.dtype.kind == "f" and not np.array_equal(found, np.floor(found)):
        return (found > 0.5).astype(np.int64)  # probabilities of class 1
    return found.astype(np.int64)


def roc_curve(
    labels: ArrayLike,
    scores: ArrayLike,
    *,
    class_names: Sequence[str] | None = None,
    path: PathLike | None = None,
) -> Figure:
    """Plots the ROC curve: the share of positives that are found, against the share of false alarms.

    With several classes there is one curve for each class against all others. The legend has the area under each
    curve (AUC): the probability that a positive row has a larger score than a negative one.

    Args:
        labels: the true classes, integers of shape ``(rows,)`` or one-hot ``(rows, classes)``.
        scores: shape ``(rows,)`` or ``(rows, 1)``: the larger, the more likely class 1; or ``(rows, classes)``.
        class_names: a name for each class.
        path: a file to save the figure to (.png, .svg, .pdf).

    Raises:
        ShapeError: if the shapes do not fit.
        InvalidArgumentError: if all rows are positive, or all negative.

    Source: T. Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27 (2006).

    >>> from tensorlet import plots
    >>> figure = plots.roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    >>> figure.axes[0].get_legend().get_texts()[0].get_text()
    'AUC 0.7500'
    """
    truth, chances = _scored(labels, scores, "roc_curve")
    beside = chances.shape[1] > 6  # inside of the panel, a long legend would cover the curves
    figure = figures.new_figure(7.4 if beside else 4.8, 4.4)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color=figures.FAINT, linewidth=1, linestyle=":")
    names = figures.short_names(figures.class_names_for(max(chances.shape[1], 2), class_names, "roc_curve"))
    drawn = 0
    for number in range(chances.shape[1]):
        positive = truth == (number if chances.shape[1] > 1 else 1)
        if positive.all() or not positive.any():
            continue
        false_alarms, found, area = roc_points(positive, chances[:, number])
        label = f"AUC {area:.4f}" if chances.shape[1] == 1 else f"{names[number]}: AUC {area:.4f}"
        axes.plot(
            false_alarms,
            found,
            figures.line_style(number),
            color=figures.colour(number),
            linewidth=1.8,
            label=label,
        )
        drawn += 1
    if not drawn:
        raise InvalidArgumentError(
            "roc_curve: all rows are of one class; expected rows of two or more classes."
        )
    figures.title(axes, _("ROC curve"))
    figures.dress(axes, _("false positive rate"), _("true positive rate"))
    axes.set_aspect("equal")
    place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)} if beside else {"loc": "lower right"}
    axes.legend(frameon=False, fontsize=9, ncols=-(-drawn // 20) if beside else 1, **place)
    return figures.finish(figure, path)


def roc_points(positive: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """The points of a ROC curve, and the area under it.

    Args:
        positive: whether each row is positive.
        scores: the score of each row; rows of equal score are taken together.

    >>> import numpy as np
    >>> roc_points(np.array([False, True]), np.array([0.2, 0.9]))[2]
    1.0
    """
    order = np.argsort(-scores, kind="stable")
    ordered, hits = scores[order], positive[order]
    ends = np.flatnonzero(np.append(np.diff(ordered) != 0, True))
    found = np.append(0, np.cumsum(hits)[ends]) / max(int(hits.sum()), 1)
    alarms = np.append(0, np.cumsum(~hits)[ends]) / max(int((~hits).sum()), 1)
    area = float(np.sum(np.diff(alarms) * (found[1:] + found[:-1]) / 2))
    return alarms, found, area


def calibration(
    labels: ArrayLike, probabilities: ArrayLike, *, bins: int = 10, path: PathLike | None = None
) -> Figure:
    """Plots how often a classifier is right, against how sure it is.

    Rows are grouped by the probability of the predicted class (for one column, of class 1). A calibrated classifier
    is on the diagonal: of the predictions made with 80%, 80% are right. Below it, the classifier is too sure. The
    title has the expected calibration error (ECE): the mean distance from the diagonal.

    Args:
        labels: the true classes, integers of shape ``(rows,)`` or one-hot ``(rows, classes)``.
        probabilities: shape ``(rows, classes)``; or ``(rows,)`` or ``(rows, 1)``, the probabilities of class 1.
        bins: the number of groups, of equal width.
        path: a file to save the figure to (.png, .svg, .pdf).

    Raises:
        ShapeError: if the shapes do not fit.
        InvalidArgumentError: if a probability is not from 0 to 1, or ``bins`` is less than 1.

    Source: C. Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.

    >>> from tensorlet import plots
    >>> figure = plots.calibration([1, 1, 0, 1], [0.75, 0.75, 0.75, 0.75], bins=2)
    >>> figure.axes[0].get_title("left")
    'calibration error (ECE) 0.0000'
    """
    truth, chances = _scored(labels, probabilities, "calibration")
    if bins < 1 or not ((chances >= 0) & (chances <= 1)).all():
        raise InvalidArgumentError(
            f"calibration: the values are from {chances.min():.4g} to {chances.max():.4g}, and bins={bins}; expected "
            "probabilities from 0 to 1 (after a softmax or sigmoid), and one bin or more."
        )
    one = chances.shape[1] == 1
    sure = chances[:, 0] if one else chances.max(axis=1)
    right = truth == 1 if one else chances.argmax(axis=1) == truth
    sizes, confidence, accuracy = calibration_groups(sure, right, bins)
    error = float(np.sum(sizes * np.abs(accuracy - confidence)) / sizes.sum())
    figure = figures.new_figure(4.8, 5.2)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    upper.plot([0, 1], [0, 1], color=figures.FAINT, linewidth=1, linestyle=":")
    upper.plot(confidence, accuracy, "o-", color=figures.TRAINING, linewidth=1.8, markersize=5)
    upper.vlines(confidence, confidence, accuracy, color=figures.VALIDATION, linewidth=1.4)
    figures.title(upper, _("calibration error (ECE) {error:.4f}").format(error=error))
    figures.dress(upper, "", _("share of class 1") if one else _("share of correct predictions"))
    upper.set_ylim(-0.03, 1.03)
    lower.hist(sure, bins=bins, range=(0, 1), color=figures.TRAINING, rwidth=0.9)
    figures.dress(lower, _("predicted probability"), _("rows"))
    return figures.finish(figure, path)


def calibration_groups(
    sure: np.ndarray, right: np.ndarray, bins: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The number of rows, mean probability and share of correct ones of each group that has rows."""
    group = np.minimum((sure * bins).astype(np.int64), bins - 1)
    sizes = np.bincount(group, minlength=bins)
    filled = sizes > 0
    confidence = np.bincount(group, sure, bins)[filled] / sizes[filled]
    accuracy = np.bincount(group, right, bins)[filled] / sizes[filled]
    return sizes[filled], confidence, accuracy


def _scored(labels: ArrayLike, scores: ArrayLike, caller: str) -> tuple[np.ndarray, np.ndarray]:
    """Class numbers of shape (rows,), and scores of shape (rows, columns)."""
    truth = numeric(labels, caller, "the labels")
    chances = numeric(scores, caller, "the predictions").astype(np.float64)
    chances = chances[:, None] if chances.ndim == 1 else chances
    if truth.ndim == 2:
        truth = truth.argmax(axis=1) if truth.shape[1] > 1 else truth[:, 0]
    if chances.ndim != 2 or truth.ndim != 1 or len(truth) != len(chances) or not len(truth):
        raise ShapeError(
            f"{caller}: the labels have shape {np.asarray(labels).shape} and the predictions "
            f"{np.asarray(scores).shape}; expected (rows,) and (rows,) or (rows, classes), with equal numbers of rows."
        )
    if chances.shape[1] == 2 and set(np.unique(truth)) <= {0, 1}:
        return truth, chances if caller == "calibration" else chances[:, 1:]
    return truth, chances
