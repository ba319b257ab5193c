"""Activations, gradients and weights layer by layer, for one batch or over the training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.localization import translate as _
from tensorlet.plots import figures
from tensorlet.plots.networks import LayerProbe, gradients_by_layer
from tensorlet.plots.recorder import BINS, QUANTITIES, LayerRecorder, Summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tensorlet.keras.models.model import Model
    from tensorlet.type_aliases import ArrayLike, PathLike


def activations(model: Model, x: ArrayLike, *, path: PathLike | None = None) -> Figure:
    """Plots a histogram of the outputs of each layer for a batch, with mean and standard deviation.

    Sigmoids whose outputs pile up at 0 and 1 are saturated and pass no gradient; ReLUs whose outputs are all 0 are
    dead; a standard deviation that shrinks or grows from layer to layer asks for another initializer.

    Args:
        model: a `Sequential` or functional model.
        x: rows of input.
        path: a file to save the figure to (.png, .svg, .pdf).

    Raises:
        InvalidArgumentError: if the model is a subclassed one.

    Source: X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    AISTATS 2010.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> from tensorlet import plots
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(8, activation="tanh"), tf.keras.layers.Dense(2)])
    >>> figure = plots.activations(model, np.ones((4, 3)))
    >>> len(figure.axes)
    2
    """
    return _histograms(LayerProbe(model, x)(x), figures.TRAINING, _("output"), path)


def gradients(model: Model, x: ArrayLike, y: ArrayLike, *, path: PathLike | None = None) -> Figure:
    """Plots a histogram of the gradients of the loss for the weights of each layer, for a batch.

    Gradients that shrink from the last layer to the first one are *vanishing*.

    Args:
        model: a compiled model.
        x, y: rows of input and their labels.
        path: a file to save the figure to (.png, .svg, .pdf).

    Raises:
        InvalidArgumentError: if the model is not compiled.
    """
    return _histograms(gradients_by_layer(model, x, y), figures.VALIDATION, _("gradient"), path)


def layer_norms(
    recorder: LayerRecorder, *, quantities: Sequence[str] | None = None, path: PathLike | None = None
) -> Figure:
    """Plots how large the weights, activations and gradients of each layer were over the training.

    The size is the root of the mean square. The axis is logarithmic.

    Args:
        recorder: a `LayerRecorder` that was a callback of ``fit``.
        quantities: some of "weights", "activations" and "gradients"; by default all that were recorded.
        path: a file to save the figure to (.png, .svg, .pdf).

    Raises:
        InvalidArgumentError: if nothing was recorded.
    """
    names = _recorded(recorder, quantities, "layer_norms")
    figure = figures.new_figure(4.2 * len(names) + 0.4, 3.4)
    for axes, quantity in zip(figures.panels(figure, len(names), 3), names, strict=True):
        layers = recorder.records[quantity]
        for number, (layer, summaries) in enumerate(layers.items()):
            norms = np.array([one.norm for one in summaries])
            axes.plot(
                recorder.epochs, np.where(norms > 0, norms, np.nan), color=_shade(number, len(layers)), linewidth=1.8,
                label=layer, marker="o" if len(norms) <= 30 else None, markersize=3,
            )  # fmt: skip
        axes.set_yscale("log")
        figures.title(axes, _(quantity))
        figures.dress(axes, _("epoch"), _("root mean square"))
    figure.axes[-1].legend(
        frameon=False, fontsize=8, title=_("layers, first to last"), title_fontsize=8, loc="center left",
        bbox_to_anchor=(1.0, 0.5),
    )  # fmt: skip
    return figures.finish(figure, path)


def layer_histograms(
    recorder: LayerRecorder, quantity: str = "gradients", *, path: PathLike | None = None
) -> Figure:
    """Plots the distribution of weights, activations or gradients of each layer over the training.

    Each panel is one layer: epochs from left to right, values from bottom to top; the darker, the more numbers have
    the value.

    Args:
        recorder: a `LayerRecorder` that was a callback of ``fit``.
        quantity: "weights", "activations" or "gradients".
        path: a file to save the figure to (.png, .svg, .pdf).

    Raises:
        InvalidArgumentError: if it was not recorded.
    """
    _recorded(recorder, [quantity], "layer_histograms")
    layers = recorder.records[quantity]
    figure = figures.new_figure(2.9 * min(len(layers), 4) + 0.3, 2.7 * -(-len(layers) // 4))
    for axes, (layer, summaries) in zip(figures.panels(figure, len(layers), 4), layers.items(), strict=True):
        _over_time(axes, recorder.epochs, summaries)
        figures.title(axes, layer)
        figures.dress(axes, _("epoch"), _(quantity))
    return figures.finish(figure, path)


def layer_norms_text(recorder: LayerRecorder) -> str:
    """Lists the sizes of weights, activations and gradients of each layer, before and after the training.

    Args:
        recorder: a `LayerRecorder` that was a callback of ``fit``.
    """
    lines = []
    for quantity in _recorded(recorder, None, "layer_norms_text"):
        layers = recorder.records[quantity]
        wide = max(map(len, layers))
        head = _("{quantity} (root mean square, epoch {first} → {last})")
        lines.append(head.format(quantity=_(quantity), first=recorder.epochs[0], last=recorder.epochs[-1]))
        lines += [f"  {name:<{wide}}  {one[0].norm:.3g} → {one[-1].norm:.3g}" for name, one in layers.items()]
    return "\n".join(lines)


def _recorded(recorder: LayerRecorder, wanted: Sequence[str] | None, caller: str) -> list[str]:
    if not isinstance(recorder, LayerRecorder):
        raise InvalidArgumentError(
            f"{caller} got {type(recorder).__name__}, expected a LayerRecorder that was a callback of fit."
        )
    available = [quantity for quantity in QUANTITIES if quantity in recorder.records]
    names = available if wanted is None else list(wanted)
    missing = [name for name in names if name not in available]
    if missing or not names:
        raise InvalidArgumentError(
            f"{caller}: {', '.join(missing) or 'nothing'} was not recorded; recorded are {available}. Pass "
            "callbacks=[recorder] to fit, with recorder = LayerRecorder(x, y) for activations and gradients."
        )
    return names


def _histograms(
    layers: list[tuple[str, np.ndarray]], colour: str, quantity: str, path: PathLike | None
) -> Figure:
    figure = figures.new_figure(2.6 * min(len(layers), 4) + 0.3, 2.3 * -(-len(layers) // 4) + 0.2)
    for axes, (name, values) in zip(figures.panels(figure, len(layers), 4), layers, strict=True):
        finite = values[np.isfinite(values)].astype(np.float64)
        axes.hist(finite, bins=BINS, color=colour)
        figures.title(axes, name)
        figures.dress(axes, quantity)
        axes.set_yticks([])
        axes.ticklabel_format(axis="x", style="sci", scilimits=(-2, 3))
        axes.locator_params(axis="x", nbins=4)
        note = _("no finite number")
        if finite.size:
            note = _("mean {mean:.3g}\nstd {std:.3g}").format(mean=finite.mean(), std=finite.std())
        if finite.size and (zeros := float(np.mean(values == 0))) > 0.005:
            note += "\n" + _("{share:.0%} are 0").format(share=zeros)
        axes.margins(y=0.35)
        axes.text(
            0.98, 0.98, note, transform=axes.transAxes, ha="right", va="top", fontsize=8, color=figures.QUIET
        )
    return figures.finish(figure, path)


def _over_time(axes: Axes, epochs: Sequence[int], summaries: Sequence[Summary]) -> None:
    """Draws a column for each record: its histogram on the common scale."""
    low = min(one.low for one in summaries)
    high = max(one.high for one in summaries)
    high = high if high > low else low + 1e-12
    edges = np.linspace(low, high, 61)
    picture = np.stack([_rebinned(one, edges) for one in summaries], axis=1)
    picture = np.sqrt(picture / np.maximum(picture.max(axis=0), 1e-12))
    times = np.asarray(epochs[: len(summaries)], dtype=np.float64)
    step = float(np.median(np.diff(times))) if len(times) > 1 else 1.0
    borders = np.append(times - step / 2, times[-1] + step / 2)
    axes.pcolormesh(borders, edges, picture, cmap="Blues", vmin=0, vmax=1.1, rasterized=True)


def _rebinned(summary: Summary, edges: np.ndarray) -> np.ndarray:
    """The histogram of a summary on other bars, its numbers spread evenly within each of its own."""
    own = np.linspace(summary.low, max(summary.high, summary.low + 1e-12), BINS + 1)
    total = np.append(0.0, np.cumsum(summary.counts))
    return np.asarray(np.diff(np.interp(edges, own, total)))


def _shade(number: int, count: int) -> tuple[float, float, float, float]:
    """A colour from the first layer (dark) to the last one (bright)."""
    from matplotlib import colormaps

    found: tuple[float, float, float, float] = colormaps["viridis"](0.9 * number / max(count - 1, 1))
    return found
