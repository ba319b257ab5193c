"""Plots of training and its results, saved as PNG files.

They require matplotlib, which the extra ``plot`` installs (``pip install 'tensorlet[plot]'``); it
is imported when the first plot is drawn. No window is opened, so no display is needed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.plots.output_folder import writable_folder

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tensorlet.type_aliases import ArrayLike

DOTS_PER_INCH = 150
TRAINING = "#1f5fa8"
VALIDATION = "#d1662b"
INK = "#222222"
QUIET = "#777777"


def learning_curves(history: object, path: str | os.PathLike[str]) -> Path:
    """Plots each metric over the epochs, one panel per metric.

    Args:
        history: the result of ``run_epochs`` or ``fit``, or its dictionary from names to one value per
            epoch. ``val_loss`` is drawn in the panel of ``loss``, dashed.
        path: the PNG file to write; missing folders are created.

    Returns:
        The path of the file.

    Raises:
        InvalidArgumentError: if there are no metrics or no epochs.
        ImportError: if matplotlib is not installed.
        OSError: if the file cannot be written.

    >>> import tensorlet as tf, tempfile
    >>> from tensorlet.plots import training_plots as plots
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     plots.learning_curves({"loss": [2.3, 0.5, 0.4]}, f"{folder}/curves.png").name
    'curves.png'
    """
    metrics: Any = getattr(history, "history", history)
    names = [name for name in metrics if not (name.startswith("val_") and name[4:] in metrics)]
    if not names or not all(len(metrics[name]) for name in names):
        raise InvalidArgumentError(
            f"learning_curves: the history contains {dict(metrics)}; expected at least one metric with one value per "
            "epoch. Train for one epoch or more."
        )
    figure = _figure(4.6 * len(names), 3.4)
    for place, name in enumerate(names, start=1):
        axes = figure.add_subplot(1, len(names), place)
        _curve(axes, metrics[name], "training", TRAINING, "-")
        if f"val_{name}" in metrics:
            _curve(axes, metrics[f"val_{name}"], "validation", VALIDATION, "--")
            axes.legend(frameon=False, fontsize=9)
        _dress_curves(axes, name, len(metrics[name]))
    return _save(figure, path)


def _curve(axes: Axes, values: Sequence[float], label: str, colour: str, style: str) -> None:
    epochs = np.arange(1, len(values) + 1)
    marker = "o" if len(values) <= 30 else None
    axes.plot(epochs, values, style, color=colour, label=label, marker=marker, markersize=3.5, linewidth=1.8)
    if not np.isfinite(values[-1]):
        axes.plot([], [], " ", label=f"{label} ended at {values[-1]}")
        axes.legend(frameon=False, fontsize=9)
        return
    falls = len(values) > 1 and values[-1] < values[-2]  # the label is on the side away from the curve
    axes.annotate(
        f"{values[-1]:.4f}",
        (float(epochs[-1]), float(values[-1])),
        xytext=(0, -8 if falls else 8),
        textcoords="offset points",
        va="top" if falls else "bottom",
        ha="right",
        color=colour,
        fontsize=9,
    )


def _dress_curves(axes: Axes, name: str, epochs: int) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_title(name, loc="left", fontsize=11, fontweight="bold", color=INK)
    axes.set_xlabel("epoch", color=QUIET)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set_xlim(0.5 if epochs == 1 else 1 - 0.02 * epochs, epochs + (0.5 if epochs == 1 else 0.02 * epochs))
    axes.margins(y=0.15)
    axes.grid(axis="y", color="#e4e4e4", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=QUIET, labelsize=9)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color("#bbbbbb")


def weight_images(weights: ArrayLike, path: str | os.PathLike[str]) -> Path:
    """Plots the weights of each class as an image: where ink is evidence for the class, and where against it.

    Args:
        weights: an array, variable or tensor of shape ``(pixels, classes)``, such as ``(784, 10)``, where
            the number of pixels is a square.
        path: the PNG file to write; missing folders are created.

    Returns:
        The path of the file.

    Raises:
        ShapeError: if there are not two axes, or the number of pixels is not a square.
        ImportError: if matplotlib is not installed.
        OSError: if the file cannot be written.
    """
    table = np.asarray(weights, dtype=np.float64)
    side = round(table.shape[0] ** 0.5) if table.ndim == 2 else 0
    if table.ndim != 2 or side * side != table.shape[0] or table.size == 0:
        raise ShapeError(
            f"weight_images: the weights have shape {table.shape}; expected (pixels, classes) with a square number of "
            "pixels, such as (784, 10)."
        )
    classes = table.shape[1]
    columns = min(classes, 5)
    rows = -(-classes // columns)
    # One scale for all classes, symmetric around zero, and robust to a few extreme pixels.
    finite = np.abs(table[np.isfinite(table)])
    limit = float(np.percentile(finite, 99.5)) if finite.any() else 1.0
    figure = _figure(1.75 * columns + 1.0, 2.0 * rows + 0.3)
    panels = np.atleast_1d(figure.subplots(rows, columns)).ravel()
    pictures = []
    for panel in panels:
        panel.set_axis_off()
    for number, panel in enumerate(panels[:classes]):
        image = table[:, number].reshape(side, side)
        pictures.append(panel.imshow(image, cmap="RdBu_r", vmin=-limit, vmax=limit))
        panel.set_title(str(number), fontsize=12, fontweight="bold", color=INK)
    bar = figure.colorbar(pictures[0], ax=list(panels), shrink=0.8, aspect=28, pad=0.02)
    bar.set_label("against  ←  weight  →  for", color=QUIET, fontsize=9)
    bar.ax.tick_params(colors=QUIET, labelsize=8)
    bar.outline.set_visible(False)
    return _save(figure, path)


def confusion_matrix(matrix: ArrayLike, path: str | os.PathLike[str]) -> Path:
    """Plots a confusion matrix: rows are the true classes, columns the predicted ones.

    Correct predictions are blue, wrong ones orange; the more frequent they are, the darker.

    Args:
        matrix: counts, shape ``(classes, classes)``.
        path: the PNG file to write; missing folders are created.

    Returns:
        The path of the file.

    Raises:
        ShapeError: if the matrix is not square, or empty.
        ImportError: if matplotlib is not installed.
        OSError: if the file cannot be written.
    """
    counts = _square(matrix, "confusion_matrix")
    classes = len(counts)
    right = np.eye(classes, dtype=bool)
    mistakes = np.where(right, 0, counts)
    worst = max(int(mistakes.max()), 1)
    figure = _figure(0.55 * classes + 1.4, 0.55 * classes + 1.2)
    axes = figure.add_subplot()
    axes.imshow(np.ma.masked_equal(np.sqrt(mistakes / worst), 0), cmap="Oranges", vmin=0, vmax=1.25)
    axes.imshow(np.ma.masked_array(np.full(counts.shape, 0.8), ~right), cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        strong = row == column or mistakes[row, column] > 0.55 * worst
        colour = "white" if strong else (INK if count else "#cccccc")
        axes.text(column, row, f"{count}", ha="center", va="center", color=colour, fontsize=9)
    share = f"{np.trace(counts) / max(counts.sum(), 1):.2%}"
    axes.set_title(
        f"{np.trace(counts):,} of {counts.sum():,} correct ({share})",
        fontsize=11,
        fontweight="bold",
        color=INK,
    )
    axes.set_xlabel("predicted", color=QUIET)
    axes.set_ylabel("true", color=QUIET)
    axes.set_xticks(range(classes))
    axes.set_yticks(range(classes))
    axes.set_xticks(np.arange(classes - 1) + 0.5, minor=True)
    axes.set_yticks(np.arange(classes - 1) + 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="both", length=0, colors=INK)
    axes.spines[:].set_visible(False)
    return _save(figure, path)


def confusion_table(matrix: ArrayLike) -> str:
    """Formats a confusion matrix as text: true classes in rows, predicted ones in columns, zeros as dots.

    The last column is the recall of each class.

    Args:
        matrix: counts, shape ``(classes, classes)``.

    Raises:
        ShapeError: if the matrix is not square, or empty.

    >>> import tensorlet as tf
    >>> from tensorlet.plots import training_plots as plots
    >>> print(plots.confusion_table([[9, 1], [0, 10]]))
    true\\predicted   0   1
                 0   9   1   90.0%
                 1   .  10  100.0%
    """
    counts = _square(matrix, "confusion_table")
    head = "true\\predicted"
    width = max(len(str(counts.max())), len(str(len(counts)))) + 2
    lines = [head + "".join(f"{column:>{width}}" for column in range(len(counts)))]
    for number, row in enumerate(counts):
        cells = "".join(f"{count or '.':>{width}}" for count in row.tolist())
        share = f"{row[number] / row.sum():.1%}" if row.sum() else "-"
        lines.append(f"{number:>{len(head)}}{cells}{share:>8}")
    return "\n".join(lines)


def wrong_predictions(
    images: ArrayLike,
    labels: ArrayLike,
    probabilities: ArrayLike,
    path: str | os.PathLike[str],
    most: int = 25,
) -> Path:
    """Plots the images that are classified wrongly, the most confident mistakes first.

    Each has a caption such as ``7 → 1 (93%)``: the true class is 7, the predicted one 1 with a probability
    of 93%; the probability of the true class is shown below.

    Args:
        images: shape ``(rows, height, width)`` or ``(rows, pixels)`` with a square number of
            pixels.
        labels: the true classes, integers of shape ``(rows,)``.
        probabilities: the predicted probabilities, of shape ``(rows, classes)``.
        path: the PNG file to write; missing folders are created.
        most: the largest number of images to show.

    Returns:
        The path of the file. If there are no mistakes, the plot says so.

    Raises:
        ShapeError: if the shapes do not match.
        ImportError: if matplotlib is not installed.
        OSError: if the file cannot be written.
    """
    pictures, truth, chances = _checked_predictions(images, labels, probabilities)
    predicted = chances.argmax(axis=1)
    wrong = np.flatnonzero(predicted != truth)
    surest = wrong[np.argsort(-chances[wrong, predicted[wrong]], kind="stable")][: max(most, 1)]
    columns = min(max(len(surest), 1), 5)
    rows = max(-(-len(surest) // columns), 1)
    figure = _figure(1.6 * columns, 1.95 * rows + 0.4)
    title = f"{len(wrong):,} of {len(truth):,} wrong; the most confident mistakes (true → predicted)"
    if columns < 5:
        title = f"{len(wrong):,} of {len(truth):,} wrong"
    figure.suptitle(title, fontsize=11, fontweight="bold", color=INK)
    panels = np.atleast_1d(figure.subplots(rows, columns)).ravel()
    for panel in panels:
        panel.set_axis_off()
    for panel, row in zip(panels, surest, strict=False):
        true, taken = int(truth[row]), int(predicted[row])
        panel.imshow(pictures[row], cmap="gray_r")
        panel.set_title(f"{true} → {taken} ({chances[row, taken]:.0%})", fontsize=10, color=VALIDATION, pad=3)
        panel.text(
            0.5,
            -0.03,
            f"{true}: {_percent(chances[row, true])}",
            transform=panel.transAxes,
            ha="center",
            va="top",
            fontsize=8,
            color=QUIET,
        )
    return _save(figure, path)


def _percent(chance: float) -> str:
    return f"{chance:.0%}" if chance >= 0.01 else "< 1%"


def _checked_predictions(
    images: ArrayLike, labels: ArrayLike, probabilities: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns images with three axes, labels and probabilities, all with the same number of rows."""
    pictures, truth, chances = np.asarray(images), np.asarray(labels), np.asarray(probabilities)
    if pictures.ndim == 2:
        side = round(pictures.shape[1] ** 0.5)
        if side * side == pictures.shape[1]:
            pictures = pictures.reshape(-1, side, side)
    fits = pictures.ndim == 3 and truth.ndim == 1 and chances.ndim == 2 and chances.size > 0
    if not fits or not len(pictures) == len(truth) == len(chances):
        raise ShapeError(
            f"wrong_predictions: images have shape {pictures.shape}, labels {truth.shape} and probabilities "
            f"{chances.shape}; expected (rows, height, width), (rows,) and (rows, classes) with equal numbers of "
            "rows. Labels are integers; convert one-hot rows with argmax(axis=1)."
        )
    return pictures, truth, chances


def _square(matrix: ArrayLike, caller: str) -> np.ndarray:
    counts = np.asarray(matrix)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.size == 0:
        raise ShapeError(
            f"{caller}: the matrix has shape {counts.shape}; expected (classes, classes). "
            "Use tf.math.confusion_matrix(labels, predictions)."
        )
    return counts


def _figure(width: float, height: float) -> Figure:
    """Creates an empty figure of a size in inches, independent of pyplot's global state."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "Plots require matplotlib, which could not be imported "
            f"({error}). Install it: pip install 'tensorlet[plot]'"
        ) from error
    return Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained", facecolor="white")


def _save(figure: Figure, path: str | os.PathLike[str]) -> Path:
    target = Path(path)
    writable_folder(target.parent)
    figure.savefig(target, format="png", bbox_inches="tight", pad_inches=0.15)
    return target
