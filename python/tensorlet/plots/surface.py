"""The loss around the weights of a model along two directions, with the path of the training on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tensorlet.core.function import function
from tensorlet.errors import InvalidArgumentError
from tensorlet.localization import translate as _
from tensorlet.ops.reference_tools import on_one_thread
from tensorlet.plots import figures
from tensorlet.plots.networks import as_input, loss_of, metrics_kept
from tensorlet.plots.recorder import WeightTrajectory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tensorlet.core.variable import Variable
    from tensorlet.keras.models.model import Model
    from tensorlet.type_aliases import ArrayLike, PathLike

Point = Sequence["np.ndarray"]


class Surface(NamedTuple):
    """The loss on a grid.

    Attributes:
        across, up: the steps along the two directions.
        losses: the loss at each pair, of shape ``(len(up), len(across))``.
        steps: the path of the training in the same units, of shape ``(points, 2)``; empty without one.
        kept: the share of the path's variance that the two directions show; 1 without a path.
    """

    across: np.ndarray
    up: np.ndarray
    losses: np.ndarray
    steps: np.ndarray
    kept: float


def loss_surface(
    model: Model,
    x: ArrayLike,
    y: ArrayLike,
    *,
    trajectory: WeightTrajectory | Sequence[Point] | None = None,
    size: float = 1.0,
    resolution: int = 31,
    seed: int = 0,
    path: PathLike | None = None,
) -> Figure:
    """Plots the loss around the present weights along two directions.

    Without a trajectory the directions are random, and each is scaled so that every unit's weights in it are as
    long as the unit's own weights (*filter normalization*): surfaces of different networks can then be compared.
    With one, they are the two directions in which the training moved most (principal components), and its path is
    drawn.

    Args:
        model: a compiled model. Its weights are changed during the computation and restored.
        x, y: the rows for which the loss is computed; some hundreds are enough.
        trajectory: a `WeightTrajectory` that was a callback of ``fit``, or its points.
        size: how far to go in each direction, in lengths of the weights; with a trajectory, the part around the path
            to show, in lengths of the path.
        resolution: the number of points along each direction: ``resolution²`` losses are computed.
        seed: of the random directions.
        path: a file to save the figure to (.png, .svg, .pdf).

    Raises:
        InvalidArgumentError: if the model is not compiled, or the trajectory does not fit it.

    Source: H. Li et al., "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> from tensorlet import plots
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    >>> model.compile("sgd", "mse")
    >>> figure = plots.loss_surface(model, np.ones((4, 2)), np.ones(4), resolution=5)
    """
    surface = loss_on_plane(model, x, y, trajectory=trajectory, size=size, resolution=resolution, seed=seed)
    figure = figures.new_figure(5.6, 4.6)
    axes = figure.add_subplot()
    finite = np.where(np.isfinite(surface.losses), surface.losses, np.nan)
    if np.isnan(finite).all():
        raise InvalidArgumentError(
            "loss_surface: the loss is NaN or infinite everywhere. Check the weights and the data, or choose a "
            "smaller size."
        )
    drawn = axes.contourf(
        surface.across, surface.up, finite, levels=_levels(finite), cmap="viridis_r", extend="max"
    )
    axes.contour(surface.across, surface.up, finite, levels=_levels(finite), colors="white", linewidths=0.4)
    if len(surface.steps):
        _draw_path(axes, surface.steps)
        title = _("loss; the two directions have {share:.0%} of the path").format(share=surface.kept)
    else:
        axes.plot([0], [0], "o", color="white", markeredgecolor=figures.INK, label=_("weights"))
        title = _("loss along two random directions")
    axes.legend(frameon=True, framealpha=0.85, edgecolor="none", fontsize=9)
    figures.title(axes, title)
    axes.set_xlabel(_("direction 1"), color=figures.QUIET)
    axes.set_ylabel(_("direction 2"), color=figures.QUIET)
    axes.tick_params(colors=figures.QUIET, labelsize=9)
    axes.spines[:].set_visible(False)
    bar = figure.colorbar(drawn, ax=axes, format="%.3g")
    bar.ax.tick_params(colors=figures.QUIET, labelsize=8)
    bar.outline.set_visible(False)
    return figures.finish(figure, path)


def loss_on_plane(
    model: Model,
    x: ArrayLike,
    y: ArrayLike,
    *,
    trajectory: WeightTrajectory | Sequence[Point] | None = None,
    size: float = 1.0,
    resolution: int = 31,
    seed: int = 0,
) -> Surface:
    """Computes the numbers of `loss_surface`; see there for the arguments."""
    if not model.built:
        model(as_input(x))
    variables = model.trainable_variables
    if resolution < 2 or not size > 0 or not variables:
        raise InvalidArgumentError(
            f"loss_surface got resolution={resolution}, size={size} and a model with {len(variables)} trainable "
            "variables; expected a resolution of 2 or more, a positive size, and one variable or more."
        )
    center = [np.array(one) for one in variables]
    points = trajectory.points if isinstance(trajectory, WeightTrajectory) else trajectory
    if points is None:
        first, second = (_random_direction(center, np.random.default_rng((seed, one))) for one in (0, 1))
        steps, kept = np.zeros((0, 2)), 1.0
        across = up = np.linspace(-size, size, resolution)
    else:
        _check_points(points, center)
        first, second, steps, kept = _directions_of(points, center)
        across, up = (_around(steps[:, axis], size, resolution) for axis in (0, 1))
    losses = _losses(model, x, y, center, (first, second), across, up)
    return Surface(across, up, losses, steps, kept)


def _random_direction(weights: Point, random: np.random.Generator) -> list[np.ndarray]:
    """A random direction in which the weights of each unit are as long as in the model; biases stay (Li et al.)."""
    direction = []
    for array in weights:
        one = random.normal(size=array.shape)
        if array.ndim < 2:
            direction.append(np.zeros_like(array))
            continue
        axes = tuple(range(array.ndim - 1))  # the last axis is that of the units
        length = np.sqrt(np.sum(np.square(one), axis=axes, keepdims=True))
        wanted = np.sqrt(np.sum(np.square(array), axis=axes, keepdims=True))
        direction.append((one / np.maximum(length, 1e-12) * wanted).astype(array.dtype))
    return direction


def _check_points(points: Sequence[Point], center: Point) -> None:
    shapes = [array.shape for array in center]
    if not isinstance(points, list | tuple) or not all(isinstance(point, list | tuple) for point in points):
        raise InvalidArgumentError(
            f"loss_surface got a trajectory of type {type(points).__name__}, expected a WeightTrajectory."
        )
    if len(points) < 2 or any([np.shape(one) for one in point] != shapes for point in points):
        raise InvalidArgumentError(
            f"loss_surface got a trajectory of {len(points)} points that does not fit the model. Expected two or more, "
            "recorded by a WeightTrajectory that was a callback of this model's fit."
        )


def _directions_of(
    points: Sequence[Point], center: Point
) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray, float]:
    """The two directions in which a path moved most, the path in them, and the share of its variance that they have."""
    flat = np.stack([np.concatenate([np.ravel(one) for one in point]) for point in points]).astype(np.float64)
    moved = flat - np.concatenate([array.ravel() for array in center])
    _, sizes, axes = on_one_thread(np.linalg.svd)(moved, full_matrices=False)
    if len(axes) < 2 or axes.shape[1] < 2:
        raise InvalidArgumentError(
            "loss_surface needs a path of two points or more, and two weights or more."
        )
    axes = axes[:2]
    axes = axes * np.where(np.abs(axes).max(axis=1) > axes.max(axis=1), -1, 1)[:, None]  # a fixed sign
    total = float(np.sum(np.square(sizes)))
    kept = float(np.sum(np.square(sizes[:2]))) / total if total else 1.0
    first, second = (_unflattened(axis, center) for axis in axes)
    return first, second, moved @ axes.T, kept


def _unflattened(flat: np.ndarray, like: Point) -> list[np.ndarray]:
    ends = np.cumsum([array.size for array in like])[:-1]
    return [
        part.reshape(array.shape).astype(array.dtype)
        for part, array in zip(np.split(flat, ends), like, strict=True)
    ]


def _around(steps: np.ndarray, size: float, resolution: int) -> np.ndarray:
    low, high = min(float(steps.min()), 0.0), max(float(steps.max()), 0.0)
    room = 0.25 * size * (high - low) or 1.0
    return np.linspace(low - room, high + room, resolution)


def _losses(
    model: Model, x: ArrayLike, y: ArrayLike, center: Point, directions: tuple[Point, Point], across: np.ndarray,
    up: np.ndarray,
) -> np.ndarray:  # fmt: skip
    rows, labels = as_input(x), as_input(y)
    losses = np.zeros((len(up), len(across)))
    with _restored(model.trainable_variables, center), metrics_kept(model):
        compiled: Callable[[], Any] = function(lambda: loss_of(model, rows, labels))
        for (line, place), _ in np.ndenumerate(losses):
            for variable, start, first, second in zip(
                model.trainable_variables, center, *directions, strict=True
            ):
                variable.assign((start + across[place] * first + up[line] * second).astype(start.dtype))
            losses[line, place] = float(compiled())
    return losses


@contextmanager
def _restored(variables: Sequence[Variable], values: Point) -> Iterator[None]:
    try:
        yield
    finally:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)


def _levels(losses: np.ndarray) -> np.ndarray:
    """Heights of contour lines, close together where the loss is small."""
    low, high = float(np.nanmin(losses)), float(np.nanpercentile(losses, 97))
    if not high > low:
        high = low + max(abs(low), 1.0) * 1e-3
    return low + (high - low) * np.linspace(0, 1, 22) ** 2


def _draw_path(axes: Axes, steps: np.ndarray) -> None:
    axes.plot(
        steps[:, 0],
        steps[:, 1],
        "-o",
        color=figures.VALIDATION,
        linewidth=1.6,
        markersize=3,
        label=_("training"),
    )
    axes.plot(*steps[0], "s", color="white", markeredgecolor=figures.INK, markersize=7, label=_("start"))
    axes.plot(*steps[-1], "*", color="white", markeredgecolor=figures.INK, markersize=13, label=_("end"))
