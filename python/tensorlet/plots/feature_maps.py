"""What the convolutional layers of a model make of one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.localization import translate as _
from tensorlet.plots import figures
from tensorlet.plots.networks import LayerProbe

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tensorlet.keras.models.model import Model
    from tensorlet.type_aliases import ArrayLike, PathLike

#: The maps beside each other, and the size of one in inches.
COLUMNS, SIZE = 8, 1.05


def feature_maps(
    model: Model,
    picture: ArrayLike,
    *,
    layers: Sequence[str] | None = None,
    most: int = 16,
    path: PathLike | None = None,
) -> Figure:
    """Plots the outputs of the layers of a convolutional network for one picture, each channel as a picture.

    Args:
        model: a `Sequential` or functional model.
        picture: one input of the model, such as [height, width, channels].
        layers: the names of the layers to show; by default all whose outputs are pictures, but those that only
            scale, normalize or drop values.
        most: the most channels of a layer to show.
        path: a file to save the figure to (.png, .svg, .pdf).

    Raises:
        InvalidArgumentError: if the model has no such layers.
        ShapeError: if the picture does not fit the model.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> from tensorlet import plots
    >>> layers = [tf.keras.layers.Conv2D(3, 3, input_shape=(8, 8, 1)), tf.keras.layers.MaxPooling2D()]
    >>> figure = plots.feature_maps(tf.keras.Sequential(layers), np.ones((8, 8, 1)))
    >>> len(figure.axes)  # the picture, and three channels of two layers
    7
    """
    one = np.asarray(picture)
    rank = len(model.input_shape)
    if one.ndim == rank and len(one) == 1:
        one = one[0]
    if one.ndim != rank - 1:
        raise ShapeError(
            f"feature_maps: the picture has shape {one.shape}, but the model takes {tuple(model.input_shape[1:])}. "
            "Pass one example, such as x_test[0]."
        )
    found = [
        (name, output[0])
        for name, output in LayerProbe(model, one[None])(one[None])
        if output.ndim == 4 and (name in layers if layers is not None else _is_shown(model, name))
    ]
    if not found:
        raise InvalidArgumentError(
            "feature_maps: the model has no layers whose outputs are pictures. Use plots.activations for Dense layers."
        )
    counts = [min(output.shape[2], max(most, 1)) for _, output in found]
    return figures.finish(_draw(one, found, counts), path)


def _is_shown(model: Model, name: str) -> bool:
    kind = type(model.get_layer(name)).__name__
    return any(word in kind for word in ("Conv", "Pool", "Activation", "Add", "Concatenate", "Up"))


def _draw(one: np.ndarray, found: Sequence[tuple[str, np.ndarray]], counts: Sequence[int]) -> Figure:
    rows = [-(-count // COLUMNS) for count in counts]
    figure = figures.new_figure(SIZE * (COLUMNS + 1) + 0.6, (SIZE + 0.04) * sum(rows) + 0.32 * len(rows))
    bands = figure.subfigures(len(rows), 1, height_ratios=[count + 0.3 for count in rows], squeeze=False)[
        :, 0
    ]
    for number, (band, (name, output), count) in enumerate(zip(bands, found, counts, strict=True)):
        height, width, channels = output.shape
        text = _("{name}: {channels} channels of {height} x {width}").format(
            name=name, channels=channels, height=height, width=width
        )
        if count < channels:
            text += _(", {count} of them").format(count=count)
        band.suptitle(text, x=0.015, ha="left", fontsize=10, fontweight="bold", color=figures.INK)
        grid = band.subplots(rows[number], COLUMNS + 1, squeeze=False)
        for axes in grid.ravel():
            axes.set_axis_off()
        if number == 0:
            _show(grid[0, 0], one if one.ndim == 3 else one[..., None])
        low, high = float(output.min()), float(output.max())
        for channel in range(count):
            axes = grid[channel // COLUMNS, channel % COLUMNS + 1]
            axes.imshow(output[..., channel], cmap="magma", vmin=low, vmax=high if high > low else low + 1)
        for axes in {*grid.ravel()} - {axes for axes in grid.ravel() if axes.images}:
            axes.remove()
    return figure


def _show(axes: Axes, picture: np.ndarray) -> None:
    picture = picture.astype(np.float64)
    span = picture.max() - picture.min()
    scaled = (picture - picture.min()) / (span or 1.0)
    axes.imshow(scaled if picture.shape[2] == 3 else scaled.mean(axis=2), cmap="gray_r", vmin=0, vmax=1)
