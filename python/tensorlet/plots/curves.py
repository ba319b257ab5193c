"""Learning curves: losses and metrics over the epochs, of one or several runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.callbacks.monitor import higher_is_better
from tensorlet.localization import language, mark
from tensorlet.localization import translate as _
from tensorlet.plots import figures
from tensorlet.plots.arguments import numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tensorlet.type_aliases import PathLike

#: The numbers of one run by metric.
Curves = dict[str, "np.ndarray"]
_BLOCKS = "▁▂▃▄▅▆▇█"
#: Titles of common metrics, which have a translation; any other metric is shown by its own name.
_TITLES = {
    "loss": mark("loss"),
    "accuracy": mark("accuracy"),
}


def learning_curves(
    history: object,
    *,
    metrics: Sequence[str] | None = None,
    path: PathLike | None = None,
) -> Figure:
    """Plots each metric over the epochs, one panel per metric, with the best epoch of each run marked.

    The curve of the validation data is dashed. The best epoch is that of the smallest validation loss, or of the
    largest accuracy and the like; without validation data, that of the training.

    Args:
        history: the result of ``fit`` or ``run_epochs``, or its dictionary from names to one value per epoch.
            Several runs are overlaid if this is a dictionary from their names to histories, or a list of histories.
        metrics: the names of the metrics to plot, such as ``["loss"]``; by default all of them.
        path: a file to save the figure to; its extension is the format: .png, .svg or .pdf.

    Returns:
        The matplotlib figure, which a notebook shows.

    Raises:
        InvalidArgumentError: if there are no such metrics, or no epochs.
        ImportError: if matplotlib is not installed.
        OSError: if the file cannot be written.

    >>> from tensorlet import plots
    >>> slow, fast = {"loss": [2.3, 1.5, 1.1]}, {"loss": [2.3, 0.5, 0.6]}
    >>> figure = plots.learning_curves({"0.01": slow, "0.1": fast})
    >>> [axes.get_title("left") for axes in figure.axes]
    ['loss']
    """
    runs = _runs_of(history)
    names = _metrics_of(runs, metrics)
    beside = len(runs) > 2  # inside of the panel, a long legend would cover the curves
    legend = max(2.6, figures.legend_width([f"{run}: {' ' * 24}" for run in runs])) if beside else 0.0
    figure = figures.new_figure((4.6 + legend) * len(names), 3.4)
    for axes, name in zip(figures.panels(figure, len(names), len(names)), names, strict=True):
        for number, (run, curves) in enumerate(runs.items()):
            _draw_run(axes, name, run if len(runs) > 1 else "", curves, number)
        _dress(axes, name, max(len(curves.get(name, ())) for curves in runs.values()))
        if not any(np.isfinite(line.get_ydata()).any() for line in axes.lines):
            axes.set_yticks([])
            axes.text(
                0.5, 0.5, _("no finite value"), ha="center", color=figures.QUIET, transform=axes.transAxes
            )
        if len(runs) > 1 and any(f"val_{name}" in curves for curves in runs.values()):
            axes.plot([], [], "--", color=figures.QUIET, label=_("validation"))
        place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)} if beside else {}
        axes.legend(frameon=False, fontsize=9, **place)
    return figures.finish(figure, path)


def learning_curves_text(history: object, *, metrics: Sequence[str] | None = None, width: int = 40) -> str:
    """Draws learning curves as text for terminals: one line per curve, with its first, best and last value.

    Args:
        history: see `learning_curves`.
        metrics: the names of the metrics; by default all of them.
        width: the number of characters of a curve.

    Raises:
        InvalidArgumentError: if there are no such metrics, or no epochs.

    >>> from tensorlet import plots
    >>> print(plots.learning_curves_text({"loss": [2.0, 1.0, 0.5, 0.75], "val_loss": [2.0, 1.5, 1.25, 1.5]}))
    loss      █▃▁▂  2 → 0.75, best 0.5 in epoch 3
    val_loss  █▆▅▆  2 → 1.5, best 1.25 in epoch 3
    """
    runs = _runs_of(history)
    rows = []
    for name in _metrics_of(runs, metrics):
        shown = [name] if name.startswith("val_") else [name, f"val_{name}"]
        found = [(run, one, curves[one]) for run, curves in runs.items() for one in shown if one in curves]
        scale = np.concatenate([values for _, _, values in found])
        for run, one, values in found:
            label = f"{run} {one}" if len(runs) > 1 else one
            best = _best_epoch(values, name)
            end = ""
            if best is not None:
                end = _(", best {value:.4g} in epoch {epoch}").format(value=values[best], epoch=best + 1)
            rows.append((label, _blocks(values, scale, width), f"{values[0]:.4g} → {values[-1]:.4g}{end}"))
    wide = max(len(label) for label, _, _ in rows)
    return "\n".join(f"{label:<{wide}}  {blocks}  {text}" for label, blocks, text in rows)


def _blocks(values: np.ndarray, scale: np.ndarray, width: int) -> str:
    finite = scale[np.isfinite(scale)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    shown = (
        values if len(values) <= width else values[np.linspace(0, len(values) - 1, width).round().astype(int)]
    )
    height = (shown - low) / (high - low or 1.0) * (len(_BLOCKS) - 1)
    return "".join(_BLOCKS[round(float(one))] if np.isfinite(one) else "·" for one in height)


def _runs_of(history: object) -> dict[str, Curves]:
    """The runs by name, each with its values by metric."""
    inner: Any = getattr(history, "history", history)
    if isinstance(inner, Mapping) and not any(_is_history(one) for one in inner.values()):
        return {"": _curves_of(inner)}
    if isinstance(inner, Mapping):
        return {str(name): _curves_of(getattr(one, "history", one)) for name, one in inner.items()}
    if isinstance(inner, Sequence) and not isinstance(inner, str):
        return {
            _("run {number}").format(number=number): _curves_of(getattr(one, "history", one))
            for number, one in enumerate(inner, 1)
        }
    raise InvalidArgumentError(
        f"learning_curves got {type(history).__name__}, expected the result of fit, a dictionary such as "
        "{'loss': [0.9, 0.5]}, or several of them."
    )


def _is_history(value: object) -> bool:
    return isinstance(value, Mapping) or hasattr(value, "history")


def _curves_of(metrics: object) -> Curves:
    if not isinstance(metrics, Mapping):
        raise InvalidArgumentError(
            f"learning_curves got a run of type {type(metrics).__name__}, expected the result of fit, or a dictionary."
        )
    curves: Curves = {}
    for name, values in metrics.items():
        row = np.atleast_1d(numeric(values, "learning_curves", f"the history of '{name}'")).astype(np.float64)
        if row.ndim == 1:  # a metric with several numbers per epoch has no curve
            curves[str(name)] = row
    return curves


def _metrics_of(runs: Mapping[str, Curves], wanted: Sequence[str] | None) -> list[str]:
    """The names of the panels: a metric and its validation share one."""
    available = list(dict.fromkeys(name for curves in runs.values() for name in curves if curves[name].size))
    names = [name for name in available if not (name.startswith("val_") and name[4:] in available)]
    if wanted is not None:
        unknown = [name for name in wanted if name not in available]
        if unknown:
            raise InvalidArgumentError(
                f"learning_curves: the history does not contain {unknown}. It contains {available}."
            )
        names = list(wanted)
    if not names:
        raise InvalidArgumentError(
            f"learning_curves: the history contains {available}; expected at least one metric with one value per "
            "epoch. Train for one epoch or more."
        )
    return names


def _best_epoch(values: np.ndarray, metric: str) -> int | None:
    """The index of the best epoch; None if no value is finite."""
    if not np.isfinite(values).any():
        return None
    if higher_is_better(metric, "auto", "learning_curves"):
        return int(np.nanargmax(np.where(np.isfinite(values), values, np.nan)))
    return int(np.nanargmin(np.where(np.isfinite(values), values, np.nan)))


def _draw_run(axes: Axes, name: str, run: str, curves: Curves, number: int) -> None:
    """Draws the curves of a run; ``run`` is empty if it is the only one."""
    training, validation = curves.get(name), curves.get(f"val_{name}")
    marked = validation if validation is not None else training
    if marked is None or not len(marked):
        return
    best = _best_epoch(marked, name)
    label = run
    if run and best is not None:
        label = _("{run}: best {value:.4f} in epoch {epoch}").format(
            run=run, value=marked[best], epoch=best + 1
        )
    colours = (figures.colour(number),) * 2 if run else (figures.TRAINING, figures.VALIDATION)
    if training is not None:
        _curve(axes, training, label or _("training"), colours[0], "-")
    if validation is not None:
        _curve(
            axes,
            validation,
            "" if run and training is not None else label or _("validation"),
            colours[1],
            "--",
        )
    if best is not None:
        _mark(axes, best, float(marked[best]), colours[validation is not None], bool(run), len(marked))


def _curve(axes: Axes, values: np.ndarray, label: str, colour: str, style: str) -> None:
    if label and len(values) and not np.isfinite(values[-1]):
        label = _("{label} ended at {value}").format(label=label, value=values[-1])
    axes.plot(
        np.arange(1, len(values) + 1), values, style, color=colour, label=label or None, linewidth=1.8,
        marker="o" if len(values) <= 30 else None, markersize=3.5,
    )  # fmt: skip


def _mark(axes: Axes, epoch: int, value: float, colour: str, quiet: bool, epochs: int) -> None:
    """A ring around the best epoch, with its value unless the legend has it."""
    axes.plot(
        [epoch + 1],
        [value],
        "o",
        markersize=10,
        markerfacecolor="none",
        markeredgecolor=colour,
        markeredgewidth=1.6,
    )
    if quiet:
        return
    axes.annotate(
        f"{value:.4f}", (epoch + 1, value), xytext=(0, 10), textcoords="offset points", va="bottom",
        ha=_side(epoch, epochs), color=colour, fontsize=9,
        bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
    )  # fmt: skip


def _side(epoch: int, epochs: int) -> str:
    """How the number at an epoch is aligned, so that it covers neither the axis nor leaves the panel."""
    if epochs > 1 and epoch >= 0.92 * (epochs - 1):
        return "right"
    return "left" if epochs > 1 and epoch <= 0.08 * (epochs - 1) else "center"


def _dress(axes: Axes, name: str, epochs: int) -> None:
    from matplotlib.ticker import MaxNLocator

    figures.title(axes, _(_TITLES[name]) if language() != "en" and name in _TITLES else name)
    figures.dress(axes, _("epoch"))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    room = 0.5 if epochs <= 1 else 0.03 * epochs
    axes.set_xlim(1 - room, max(epochs, 1) + room)
    axes.margins(y=0.18)
