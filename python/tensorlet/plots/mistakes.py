"""The predictions that are surely wrong: the mistakes that a classifier makes with the most confidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.errors import ShapeError
from tensorlet.localization import translate as _
from tensorlet.localization.width import width_of
from tensorlet.plots import figures
from tensorlet.plots.arguments import numeric

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tensorlet.type_aliases import ArrayLike, PathLike


def wrong_predictions(
    images: ArrayLike,
    labels: ArrayLike,
    probabilities: ArrayLike,
    *,
    most: int = 25,
    class_names: Sequence[str] | None = None,
    path: PathLike | None = None,
) -> Figure:
    """Plots the images that are classified wrongly, the most confident mistakes first.

    Each has a caption such as ``7 → 1 (93%)``: the true class is 7, the predicted one 1 with a probability
    of 93%; the probability of the true class is shown below.

    Args:
        images: shape ``(rows, height, width)``, with a last axis of 1, 3 or 4 channels too; or ``(rows, pixels)``
            with a square number of pixels.
        labels: the true classes, integers of shape ``(rows,)``.
        probabilities: the predicted probabilities, of shape ``(rows, classes)``.
        most: the largest number of images to show.
        class_names: a name for each class.
        path: a file to save the figure to (.png, .svg, .pdf).

    Returns:
        The figure. If there are no mistakes, it says so.

    Raises:
        ShapeError: if the shapes do not match.
        ImportError: if matplotlib is not installed.
        OSError: if the file cannot be written.

    >>> import numpy as np
    >>> from tensorlet import plots
    >>> figure = plots.wrong_predictions(np.zeros((2, 8, 8)), [0, 1], [[0.9, 0.1], [0.8, 0.2]])
    >>> [axes.get_title() for axes in figure.axes]
    ['1 → 0 (80%)']
    """
    pictures, truth, chances = _checked(images, labels, probabilities)
    names = figures.short_names(
        figures.class_names_for(chances.shape[1], class_names, "wrong_predictions"), 16
    )
    surest, wrong = _surest(truth, chances, most)
    columns = min(max(len(surest), 1), 5)
    rows = max(-(-len(surest) // columns), 1)
    wide = max(map(width_of, names))  # Korean letters are twice as wide
    figure = figures.new_figure(max(1.6, 0.17 * wide + 1.2) * columns, 1.95 * rows + 0.4)
    title = _("{wrong:,} of {all:,} wrong; the most confident mistakes (true → predicted)")
    if columns < 5:
        title = _("{wrong:,} of {all:,} wrong")
    figure.suptitle(
        title.format(wrong=wrong, all=len(truth)), fontsize=11, fontweight="bold", color=figures.INK
    )
    panels = figures.panels(figure, max(len(surest), 1), 5)
    for panel in panels:
        panel.set_axis_off()
    for panel, row in zip(panels, surest, strict=False):
        true, taken = int(truth[row]), int(chances[row].argmax())
        picture = pictures[row]
        panel.imshow(picture, cmap="gray_r" if picture.ndim == 2 else None)
        caption = f"{names[true]} → {names[taken]} ({chances[row, taken]:.0%})"
        panel.set_title(caption, fontsize=10, color=figures.VALIDATION, pad=3)
        panel.text(
            0.5, -0.03, f"{names[true]}: {_percent(chances[row, true])}", transform=panel.transAxes,
            ha="center", va="top", fontsize=8, color=figures.QUIET,
        )  # fmt: skip
    return figures.finish(figure, path)


def wrong_predictions_text(
    labels: ArrayLike,
    probabilities: ArrayLike,
    *,
    most: int = 10,
    class_names: Sequence[str] | None = None,
) -> str:
    """Lists the wrong predictions as text, the most confident mistakes first.

    Args:
        labels: the true classes, integers of shape ``(rows,)``.
        probabilities: the predicted probabilities, of shape ``(rows, classes)``.
        most: the largest number of rows to list.
        class_names: a name for each class.

    Raises:
        ShapeError: if the shapes do not match.

    >>> from tensorlet import plots
    >>> print(plots.wrong_predictions_text([0, 1], [[0.9, 0.1], [0.8, 0.2]]))
    1 of 2 wrong; the most confident mistakes:
    row 1: 1 → 0 (80%), 1: 20%
    """
    _pictures, truth, chances = _checked(
        np.zeros((numeric(labels, "wrong_predictions_text", "the labels").size, 1, 1)), labels, probabilities
    )
    names = figures.class_names_for(chances.shape[1], class_names, "wrong_predictions_text")
    surest, wrong = _surest(truth, chances, most)
    head = _("{wrong:,} of {all:,} wrong").format(wrong=wrong, all=len(truth))
    lines = [head + (_("; the most confident mistakes:") if wrong else ".")]
    for row in surest:
        true, taken = int(truth[row]), int(chances[row].argmax())
        lines.append(
            f"{_('row {row}').format(row=row)}: {names[true]} → {names[taken]} ({chances[row, taken]:.0%}), "
            f"{names[true]}: {_percent(chances[row, true])}"
        )
    return "\n".join(lines)


def _surest(truth: np.ndarray, chances: np.ndarray, most: int) -> tuple[np.ndarray, int]:
    """The rows of the most confident mistakes, and the number of all mistakes."""
    predicted = chances.argmax(axis=1)
    wrong = np.flatnonzero(predicted != truth)
    order = np.argsort(-chances[wrong, predicted[wrong]], kind="stable")
    return wrong[order][: max(most, 1)], len(wrong)


def _percent(chance: float) -> str:
    return f"{chance:.0%}" if chance >= 0.01 else "< 1%"


def _checked(
    images: ArrayLike, labels: ArrayLike, probabilities: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns images of shape (rows, height, width[, channels]), labels and probabilities, with equal rows."""
    pictures = numeric(images, "wrong_predictions", "the images")
    truth = numeric(labels, "wrong_predictions", "the labels")
    chances = numeric(probabilities, "wrong_predictions", "the probabilities")
    if pictures.ndim == 2:
        side = round(pictures.shape[1] ** 0.5)
        if side * side == pictures.shape[1]:
            pictures = pictures.reshape(-1, side, side)
    if pictures.ndim == 4 and pictures.shape[-1] == 1:
        pictures = pictures[..., 0]
    shaped = pictures.ndim == 3 or (pictures.ndim == 4 and pictures.shape[-1] in (3, 4))
    fits = shaped and truth.ndim == 1 and chances.ndim == 2 and chances.size > 0
    if not fits or not len(pictures) == len(truth) == len(chances):
        raise ShapeError(
            f"wrong_predictions: images have shape {pictures.shape}, labels {truth.shape} and probabilities "
            f"{chances.shape}; expected (rows, height, width), (rows,) and (rows, classes) with equal numbers of "
            "rows. Labels are integers; convert one-hot rows with argmax(axis=1)."
        )
    truth = truth.astype(np.int64)
    if truth.min() < 0 or truth.max() >= chances.shape[1]:
        raise ShapeError(
            f"wrong_predictions: the labels are from {truth.min()} to {truth.max()}, but the probabilities have "
            f"{chances.shape[1]} columns, for classes 0 to {chances.shape[1] - 1}."
        )
    return pictures, truth, chances
