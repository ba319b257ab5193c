"""Pictures of weights: of the classes of a softmax regression, and the filters of a convolution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import ShapeError
from tensorlet.localization import translate as _
from tensorlet.plots import figures
from tensorlet.plots.arguments import numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tensorlet.keras.layers.base import Layer
    from tensorlet.type_aliases import ArrayLike, PathLike


def weight_images(
    weights: ArrayLike | Layer,
    *,
    shape: tuple[int, int] | None = None,
    class_names: Sequence[str] | None = None,
    most: int = 64,
    path: PathLike | None = None,
) -> Figure:
    """Plots the weights of each unit as an image: where ink is evidence for the unit, and where against it.

    Args:
        weights: a `Dense` layer, or an array, variable or tensor of shape ``(pixels, units)``, such as ``(784, 10)``.
        shape: the height and width of the images; by default a square.
        class_names: a name for each unit; by default its number.
        most: the largest number of units to show.
        path: a file to save the figure to (.png, .svg, .pdf).

    Raises:
        ShapeError: if there are not two axes, or the number of pixels does not fit ``shape``.
        ImportError: if matplotlib is not installed.
        OSError: if the file cannot be written.

    >>> import numpy as np
    >>> from tensorlet import plots
    >>> figure = plots.weight_images(np.random.default_rng(0).normal(size=(784, 10)))
    >>> figure.axes[3].get_title()
    '3'
    """
    table = _kernel(weights, "weight_images")
    side = round(table.shape[0] ** 0.5) if table.ndim == 2 else 0
    height, width = shape or (side, side)
    if table.ndim != 2 or height * width != table.shape[0] or table.size == 0:
        raise ShapeError(
            f"weight_images: the weights have shape {table.shape}; expected (pixels, units) with "
            + (f"{height} x {width} pixels." if shape else "a square number of pixels, such as (784, 10).")
            + ("" if shape else " Otherwise pass shape=(height, width).")
        )
    names = figures.class_names_for(table.shape[1], class_names, "weight_images")
    shown = min(table.shape[1], max(most, 1))
    figure, panels = _grid(shown, 5 if shown <= 10 else 8)
    limit = _limit(table)
    for number, panel in enumerate(panels):
        image = panel.imshow(table[:, number].reshape(height, width), cmap="RdBu_r", vmin=-limit, vmax=limit)
        panel.set_title(
            names[number], fontsize=12 if shown <= 10 else 8, fontweight="bold", color=figures.INK
        )
    _bar(figure, panels, image, _("against  ←  weight  →  for"))
    return figures.finish(figure, path)


def filters(weights: ArrayLike | Layer, *, most: int = 64, path: PathLike | None = None) -> Figure:
    """Plots the filters of a convolution.

    Filters of three channels are drawn in colour; of others, the mean over the channels is drawn.

    Args:
        weights: a `Conv2D` layer, or a kernel of shape ``(height, width, channels, filters)``.
        most: the largest number of filters to show.
        path: a file to save the figure to (.png, .svg, .pdf).

    Raises:
        ShapeError: if the kernel does not have four axes.

    >>> import numpy as np
    >>> from tensorlet import plots
    >>> figure = plots.filters(np.random.default_rng(0).normal(size=(5, 5, 1, 6)))
    >>> len(figure.axes)  # six filters and the scale
    7
    """
    kernel = _kernel(weights, "filters")
    if kernel.ndim != 4 or kernel.size == 0:
        raise ShapeError(
            f"filters: the kernel has shape {kernel.shape}; expected (height, width, channels, filters), that of "
            "Conv2D. Use weight_images for Dense layers."
        )
    shown = min(kernel.shape[3], max(most, 1))
    figure, panels = _grid(shown, 8)
    coloured = kernel.shape[2] == 3
    limit = _limit(kernel if coloured else kernel.mean(axis=2))
    for number, panel in enumerate(panels):
        one = kernel[..., number]
        if coloured:
            panel.imshow(np.clip(one / (2 * limit) + 0.5, 0, 1))
        else:
            image = panel.imshow(one.mean(axis=2), cmap="RdBu_r", vmin=-limit, vmax=limit)
        panel.set_title(str(number), fontsize=8, color=figures.QUIET)
    if not coloured:
        _bar(
            figure,
            panels,
            image,
            _("weight") if kernel.shape[2] == 1 else _("weight, mean over the channels"),
        )
    return figures.finish(figure, path)


def _kernel(weights: Any, caller: str) -> np.ndarray:
    """The array of a kernel, or the kernel of a layer."""
    found = getattr(weights, "kernel", weights)
    if hasattr(weights, "get_weights") and found is weights:
        raise ShapeError(
            f"The layer '{weights.name}' ({type(weights).__name__}) has no kernel, or is not built yet. Pass a "
            "Dense or Conv2D layer after the model has been built, or an array."
        )
    return numeric(found, caller, "the weights").astype(np.float64)


def _limit(values: np.ndarray) -> float:
    """One scale for all images, symmetric around zero, and robust to a few extreme pixels."""
    finite = np.abs(values[np.isfinite(values)])
    return float(np.percentile(finite, 99.5)) if finite.any() else 1.0


def _grid(count: int, most_columns: int) -> tuple[Figure, list[Axes]]:
    columns = min(count, most_columns)
    size = 1.75 if most_columns <= 5 else 1.1
    figure = figures.new_figure(size * columns + 1.0, (size + 0.25) * -(-count // columns) + 0.3)
    panels = figures.panels(figure, count, columns)
    for panel in panels:
        panel.set_axis_off()
    return figure, panels


def _bar(figure: Figure, panels: list[Axes], image: Any, label: str) -> None:
    bar = figure.colorbar(image, ax=list(figure.axes), shrink=0.8, aspect=28, pad=0.02)
    bar.set_label(label, color=figures.QUIET, fontsize=9)
    bar.ax.tick_params(colors=figures.QUIET, labelsize=8)
    bar.outline.set_visible(False)
