"""The units that dropout drops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.localization import translate as _
from tensorlet.plots import figures
from tensorlet.plots.arguments import numeric
from tensorlet.plots.diagrams import ACROSS, MOST_UNITS, RADIUS, canvas, height_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tensorlet.keras.models.model import Model
    from tensorlet.type_aliases import ArrayLike, PathLike

DROPPED = "#c44e3b"


def dropped_units(masks: Model | Sequence[ArrayLike], *, path: PathLike | None = None) -> Figure:
    """Draws which units a step of training drops: crossed out, without their connections.

    Args:
        masks: a `Sequential` model with `Dropout` layers, for which one row of masks is drawn at random; or one mask
            for each layer, of shape ``(units,)``, where 0 or False is dropped, such as
            ``[np.ones(4), [1, 0, 1, 0], np.ones(2)]``.
        path: a file to save the figure to (.png, .svg, .pdf).

    Layers of more than 16 units are drawn as a field of squares, without connections.

    Raises:
        InvalidArgumentError: if the model has no `Dropout` layer or is not built, or a mask is empty.

    Source: N. Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 15 (2014).

    >>> from tensorlet import plots
    >>> figure = plots.dropped_units([[1, 1], [1, 0, 1], [1]])
    """
    titles, kept = _masks_of(masks)
    if max(map(len, kept)) > MOST_UNITS:
        return figures.finish(_fields(titles, kept), path)
    figure, axes = canvas([len(mask) for mask in kept], above=1.1, below=0.15)
    for place in range(1, len(kept)):
        _connect(axes, kept[place - 1], kept[place], place)
    for place, mask in enumerate(kept):
        for number, alive in enumerate(mask):
            _draw_unit(axes, ACROSS * place, height_of(number, len(mask)), bool(alive))
        axes.text(
            ACROSS * place, height_of(0, max(map(len, kept))) + 0.75, titles[place], ha="center", fontsize=10,
            fontweight="bold", color=figures.INK,
        )  # fmt: skip
    return figures.finish(figure, path)


def dropout_masks(model: Model) -> list[tuple[str, np.ndarray]]:
    """Draws the masks of one training step for one row: for each layer of units its name, and which units are kept.

    Args:
        model: a built `Sequential` model of Dense layers with `Dropout` between them.

    Raises:
        InvalidArgumentError: if it has no `Dropout` layer or is not built.
    """
    found: list[tuple[str, np.ndarray]] = []
    layers: list[Any] = model.layers
    for layer in layers:
        kernel = getattr(layer, "kernel", None)
        if kernel is not None and len(kernel.shape) == 2:
            if not found:
                found.append((_("input"), np.ones(kernel.shape[0], bool)))
            found.append((layer.name, np.ones(kernel.shape[1], bool)))
        elif type(layer).__name__ == "Dropout" and model.built:
            size = int(layer.output.shape[-1])
            mask = np.asarray(layer(np.ones((1, size), np.float32), training=True))[0] != 0
            found = [*found[:-1], (found[-1][0], mask)] if found else [(_("input"), mask)]
    if not found or not any(type(layer).__name__ == "Dropout" for layer in layers):
        raise InvalidArgumentError(
            f"dropped_units: '{model.name}' has no Dropout layer after Dense layers, or is not built. Build it with an "
            "input_shape, or pass masks."
        )
    return found


def _masks_of(masks: Any) -> tuple[list[str], list[np.ndarray]]:
    if hasattr(masks, "layers"):
        found = dropout_masks(masks)
        return [_title(name, mask) for name, mask in found], [mask for _, mask in found]
    if not isinstance(masks, Sequence):
        raise InvalidArgumentError(
            f"dropped_units got {type(masks).__name__}, expected a model, or a list with one mask for each layer."
        )
    kept = [np.atleast_1d(np.squeeze(numeric(mask, "dropped_units", "a mask"))) != 0 for mask in masks]
    if not kept or any(mask.ndim != 1 or not mask.size for mask in kept):
        raise InvalidArgumentError(
            f"dropped_units got masks of shapes {[mask.shape for mask in kept]}, expected (units,) for each layer."
        )
    return [_title("", mask) for mask in kept], kept


def _title(name: str, mask: np.ndarray) -> str:
    count = (
        ""
        if mask.all()
        else _("{dropped} of {all} dropped").format(dropped=int((~mask).sum()), all=mask.size)
    )
    return "\n".join(part for part in (name, count) if part)


def _draw_unit(axes: Axes, x: float, y: float, alive: bool) -> None:
    from matplotlib.patches import Circle

    edge = figures.INK if alive else figures.FAINT
    fill = "#dbe8f5" if alive else "white"
    axes.add_patch(
        Circle(
            (x, y),
            RADIUS * 0.8,
            facecolor=fill,
            edgecolor=edge,
            linewidth=1.4,
            linestyle="-" if alive else ":",
            zorder=2,
        )
    )
    if not alive:
        arm = RADIUS * 0.55
        for slope in (1, -1):
            axes.plot(
                [x - arm, x + arm], [y - slope * arm, y + slope * arm], color=DROPPED, linewidth=2, zorder=3
            )


def _connect(axes: Axes, before: np.ndarray, after: np.ndarray, place: int) -> None:
    for source in np.flatnonzero(before):
        for target in np.flatnonzero(after):
            axes.plot(
                [ACROSS * (place - 1), ACROSS * place],
                [height_of(int(source), len(before)), height_of(int(target), len(after))],
                color=figures.FAINT, linewidth=1, zorder=1,
            )  # fmt: skip


def _fields(titles: Sequence[str], kept: Sequence[np.ndarray]) -> Figure:
    """A field of squares for each layer: blue units are kept, white ones dropped."""
    from matplotlib.colors import ListedColormap

    figure = figures.new_figure(2.6 * len(kept) + 0.3, 2.9)
    colours = ListedColormap(["#ffffff", figures.TRAINING, "#f0f0f0"])
    for axes, title, mask in zip(figures.panels(figure, len(kept), len(kept)), titles, kept, strict=True):
        side = int(np.ceil(np.sqrt(mask.size)))
        field = np.full(side * side, 2)
        field[: mask.size] = mask
        axes.pcolormesh(
            field.reshape(side, side), cmap=colours, vmin=0, vmax=2, edgecolors=figures.GRID, linewidth=0.4
        )
        axes.invert_yaxis()
        axes.set_aspect("equal")
        axes.set_xticks([])
        axes.set_yticks([])
        figures.title(axes, title)
    return figure
