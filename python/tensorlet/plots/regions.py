"""Decision regions: what a classifier answers at each point of a plane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.localization import translate as _
from tensorlet.plots import figures
from tensorlet.plots.arguments import numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tensorlet.type_aliases import ArrayLike, PathLike

#: A wider plane than the points, by this share of their range.
ROOM = 0.15
_MARKERS = "osD^vP*Xph"
#: The legend beside the panel has columns of so many names.
NAMES_IN_COLUMN = 20


def decision_regions(
    model: Any,
    x: ArrayLike,
    y: ArrayLike | None = None,
    *,
    features: tuple[int, int] = (0, 1),
    units: Any = None,
    resolution: int = 201,
    class_names: Sequence[str] | None = None,
    feature_names: Sequence[str] | None = None,
    path: PathLike | None = None,
) -> Figure:
    """Plots the regions of a plane in which a classifier predicts each class, and the rows as points.

    The stronger the colour, the larger the predicted probability. With more than two features, the others are kept
    at their mean.

    Args:
        model: a model, a scikit-learn classifier (``predict_proba`` or ``predict``), or a function of an array of
            shape ``(rows, features)``. It returns classes; one column, the probability of class 1 or a
            number that is positive for it; or one probability or logit per class.
        x: rows of shape ``(rows, features)``; they set the borders of the plane.
        y: the true classes of the rows, integers or one-hot; -1 and 1 are classes 0 and 1.
        features: which two columns of ``x`` are the axes.
        units: draws the lines where single units change their sign, ``w·x + b = 0``, with an arrow to the positive
            side: a `Dense` layer, its name, or its index among the model's layers; or a pair of arrays: weights of
            shape ``(features, units)`` and biases of shape ``(units,)``.
        resolution: the number of points along each axis.
        class_names: a name for each class.
        feature_names: a name for each column of ``x``, or for the two that are shown.
        path: a file to save the figure to (.png, .svg, .pdf).

    Raises:
        ShapeError: if ``x`` does not have two columns or more, or the model's answers do not fit.
        InvalidArgumentError: if ``units`` is not such a layer.

    >>> import numpy as np
    >>> from tensorlet import plots
    >>> corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> figure = plots.decision_regions(lambda rows: rows.sum(axis=1) > 0.5, corners, [0, 1, 1, 1])
    >>> figure.axes[0].get_xlabel()
    'x1'
    """
    rows = numeric(x, "decision_regions", "x").astype(np.float64)
    if rows.ndim != 2 or rows.shape[1] < 2 or not len(rows):
        raise ShapeError(
            f"decision_regions got x of shape {rows.shape}, expected (rows, features) with two features or more."
        )
    if not np.isfinite(rows).all():
        raise InvalidArgumentError("decision_regions: x contains NaN or infinity. Leave such rows out.")
    pair = _checked_pair(features, rows.shape[1])
    horizontal, vertical = _range(rows[:, pair[0]]), _range(rows[:, pair[1]])
    scores = _answers(model, _plane(rows, pair, horizontal, vertical, resolution), resolution)
    labels = None if y is None else _labels(y, len(rows))
    classes = max(scores.shape[2], 0 if labels is None else int(labels.max()) + 1)
    names = figures.short_names(figures.class_names_for(classes, class_names, "decision_regions"))
    figure = figures.new_figure(5.4, 4.8)
    axes = figure.add_subplot()
    extent = (*horizontal, *vertical)
    axes.imshow(_coloured(scores), extent=extent, origin="lower", aspect="auto", interpolation="bilinear")
    _draw_borders(axes, scores, extent)
    if units is not None:
        weights, bias = _hyperplanes(model, units, rows.shape[1])
        _draw_units(axes, weights, bias, rows, pair, horizontal, vertical)
    _draw_points(axes, rows[:, pair], labels, names)
    _dress(axes, pair, feature_names, rows.shape[1], extent)
    return figures.finish(figure, path)


def _checked_pair(features: Sequence[int], columns: int) -> list[int]:
    if (
        len(features) != 2
        or not all(-columns <= one < columns for one in features)
        or features[0] == features[1]
    ):
        raise InvalidArgumentError(
            f"decision_regions got features={tuple(features)}, expected two different columns from 0 to {columns - 1}."
        )
    return [one % columns for one in features]


def _range(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    room = ROOM * (high - low) or 1.0
    return low - room, high + room


def _plane(
    rows: np.ndarray, pair: Sequence[int], horizontal: tuple[float, float], vertical: tuple[float, float],
    resolution: int,
) -> np.ndarray:  # fmt: skip
    """A row for each point of the plane, from the lowest line up."""
    across, up = np.meshgrid(np.linspace(*horizontal, resolution), np.linspace(*vertical, resolution))
    points = np.tile(rows.mean(axis=0), (resolution * resolution, 1))
    points[:, pair[0]], points[:, pair[1]] = across.ravel(), up.ravel()
    return points.astype(np.float32)


def _answers(model: Any, points: np.ndarray, resolution: int) -> np.ndarray:
    """The score of each class at each point, of shape (resolution, resolution, classes); they add up to one."""
    raw = numeric(_asked(model)(points), "decision_regions", "what the model returned")
    if raw.ndim == 2 and raw.shape[1] == 1:
        raw = raw[:, 0]
    if raw.ndim not in (1, 2) or len(raw) != len(points):
        raise ShapeError(
            f"decision_regions: the model returned shape {raw.shape} for {len(points)} rows; expected (rows,), "
            "(rows, 1) or (rows, classes)."
        )
    if raw.ndim == 1:
        if raw.dtype.kind == "f" and not _are_classes(raw):
            one = raw.astype(np.float64)  # the probability of class 1, or a number that is positive for it
            if one.min() < 0 or one.max() > 1:
                one = 0.5 + 0.5 * np.tanh(one / 2)  # the sigmoid
            scores = np.stack([1 - one, one], axis=1)
        else:
            numbers = raw.astype(np.int64)
            scores = np.eye(max(int(numbers.max()) + 1, 2))[np.maximum(numbers, 0)]
    else:
        scores = raw.astype(np.float64)
        if (scores < 0).any() or not np.allclose(scores.sum(axis=1), 1, atol=1e-3):  # logits
            shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
            scores = shifted / shifted.sum(axis=1, keepdims=True)
    return scores.reshape(resolution, resolution, -1)


def _are_classes(values: np.ndarray) -> bool:
    """Whether floats are the numbers of classes: 0, 1, 2, ..., or -1 and 1."""
    whole = np.array_equal(values, np.floor(values))
    return whole and bool(values.min() >= 0 or set(np.unique(values)) == {-1.0, 1.0})


def _asked(model: Any) -> Callable[[np.ndarray], Any]:
    """The function that asks a model, of whatever kind, for its answers."""
    if hasattr(model, "predict") and hasattr(model, "layers"):
        return lambda points: model.predict(points, verbose=0, batch_size=4096)
    if hasattr(model, "predict_proba"):
        return lambda points: model.predict_proba(points)
    found = getattr(model, "predict", model)
    if callable(found):
        return lambda points: found(points)
    raise InvalidArgumentError(
        f"decision_regions got a model of type {type(model).__name__}, expected a model with "
        "predict, or a function of rows."
    )


def _labels(y: ArrayLike, rows: int) -> np.ndarray:
    labels = numeric(y, "decision_regions", "y")
    if labels.ndim == 2:
        labels = labels.argmax(axis=1) if labels.shape[1] > 1 else labels[:, 0]
    if labels.shape != (rows,):
        raise ShapeError(
            f"decision_regions got {rows} rows and labels of shape {labels.shape}, expected one label per row."
        )
    labels = labels.astype(np.int64)
    if set(np.unique(labels)) == {-1, 1}:
        return np.maximum(labels, 0)
    if labels.size and labels.min() < 0:
        raise InvalidArgumentError(
            f"decision_regions got labels from {labels.min()} to {labels.max()}, expected classes 0, 1, "
            "2, ... or -1 and 1."
        )
    return labels


def _coloured(scores: np.ndarray) -> np.ndarray:
    """The colour of the winning class, mixed with white where the classifier is unsure."""
    from matplotlib.colors import to_rgb

    palette = np.array([to_rgb(figures.colour(number)) for number in range(scores.shape[2])])
    winner = scores.argmax(axis=2)
    even = 1 / scores.shape[2]
    sure = (scores.max(axis=2) - even) / (1 - even) if scores.shape[2] > 1 else np.ones(winner.shape)
    strength = (0.12 + 0.43 * sure)[..., None]
    return np.asarray(1 - strength + strength * palette[winner])


def _draw_borders(axes: Axes, scores: np.ndarray, extent: tuple[float, float, float, float]) -> None:
    across = np.linspace(extent[0], extent[1], scores.shape[1])
    up = np.linspace(extent[2], extent[3], scores.shape[0])
    for number in range(scores.shape[2] if scores.shape[2] > 2 else 1):
        others = np.delete(scores, number, axis=2).max(axis=2)
        lead = scores[..., number] - others
        if lead.min() < 0 < lead.max():
            axes.contour(across, up, lead, levels=[0.0], colors=[figures.INK], linewidths=1.2)


def _hyperplanes(model: Any, units: Any, features: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights of shape (features, units) and biases of shape (units,)."""
    layer = units
    if isinstance(units, str) and hasattr(model, "get_layer"):
        layer = model.get_layer(units)
    elif isinstance(units, int) and hasattr(model, "layers"):
        layer = model.layers[units] if units < len(model.layers) else units
    if isinstance(layer, tuple | list) and len(layer) == 2:
        weights, bias = (np.asarray(one, dtype=np.float64) for one in layer)
    elif getattr(layer, "kernel", None) is not None:
        weights = np.asarray(layer.kernel, dtype=np.float64)
        bias = np.zeros(weights.shape[-1]) if layer.bias is None else np.asarray(layer.bias, dtype=np.float64)
    else:
        raise InvalidArgumentError(
            f"decision_regions got units={units!r}, expected a built Dense layer, its name or index, or a pair "
            "(weights, biases)."
        )
    if weights.ndim != 2 or weights.shape[0] != features or bias.shape != weights.shape[1:]:
        raise ShapeError(
            f"decision_regions: the units have weights of shape {weights.shape} and biases of shape {bias.shape}; "
            f"expected ({features}, units) and (units,): a layer that reads the {features} features of x directly."
        )
    return weights, bias


def _draw_units(
    axes: Axes, weights: np.ndarray, bias: np.ndarray, rows: np.ndarray, pair: Sequence[int],
    horizontal: tuple[float, float], vertical: tuple[float, float],
) -> None:  # fmt: skip
    """Draws the line of each unit in the plane, with an arrow to its positive side."""
    others = [column for column in range(rows.shape[1]) if column not in pair]
    size = np.array([horizontal[1] - horizontal[0], vertical[1] - vertical[0]])
    for number in range(weights.shape[1]):
        normal = weights[pair, number]
        offset = bias[number] + rows[:, others].mean(axis=0) @ weights[others, number]
        points = _crossings(normal, offset, horizontal, vertical)
        if points is None:
            continue
        axes.plot(points[:, 0], points[:, 1], "--", color=figures.INK, linewidth=1.4)
        middle = points.mean(axis=0)
        along = normal * size**2  # perpendicular to the line as it is seen, in units of the axes
        tip = middle + 0.07 * along / np.sqrt(np.sum((along / size) ** 2))
        axes.annotate(
            "", tip, middle, arrowprops={"arrowstyle": "-|>", "color": figures.INK, "linewidth": 1.2}
        )
        axes.annotate(
            f"{number + 1}", points[-1], xytext=(-4, 0), textcoords="offset points", ha="right", va="center",
            fontsize=8, color="white",
            bbox={"boxstyle": "circle,pad=0.2", "facecolor": figures.INK, "edgecolor": "none"},
        )  # fmt: skip


def _crossings(
    normal: np.ndarray, offset: float, horizontal: tuple[float, float], vertical: tuple[float, float]
) -> np.ndarray | None:
    """The two points where the line ``normal·p + offset = 0`` leaves a rectangle; None if it misses it."""
    found = []
    (a, b), bounds = normal, (horizontal, vertical)
    for edge in bounds[0]:
        if b and vertical[0] <= (height := -(offset + a * edge) / b) <= vertical[1]:
            found.append((edge, height))
    for edge in bounds[1]:
        if a and horizontal[0] <= (place := -(offset + b * edge) / a) <= horizontal[1]:
            found.append((place, edge))
    if len(found) < 2:
        return None
    points = np.array(sorted(found))
    return points[[0, -1]]


def _draw_points(axes: Axes, points: np.ndarray, labels: np.ndarray | None, names: Sequence[str]) -> None:
    size = 60 if len(points) <= 30 else 22 if len(points) <= 400 else 8
    if labels is None:
        axes.scatter(points[:, 0], points[:, 1], s=size, color=figures.INK)
        return
    for number in np.unique(labels):
        chosen = points[labels == number]
        axes.scatter(
            chosen[:, 0], chosen[:, 1], s=size, color=figures.colour(int(number)), edgecolors="white", linewidths=0.7,
            marker=_marker(int(number)), label=names[int(number)], zorder=3,
        )  # fmt: skip
    axes.legend(
        frameon=False,
        fontsize=9,
        title=_("class"),
        title_fontsize=9,
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        markerscale=max(1.0, (22 / size) ** 0.5),
        ncols=max(-(-len(np.unique(labels)) // NAMES_IN_COLUMN), 1),
    )


def _marker(number: int) -> str:
    """The shape of a class's points. Classes of the same colour have different ones."""
    return _MARKERS[(number + number // len(figures.COLOURS)) % len(_MARKERS)]


def _dress(
    axes: Axes, pair: Sequence[int], names: Sequence[str] | None, columns: int,
    extent: tuple[float, float, float, float],
) -> None:  # fmt: skip
    if names is not None and len(names) not in (2, columns):
        raise InvalidArgumentError(
            f"decision_regions got {len(names)} feature_names, expected {columns}, one for each column of x."
        )
    if names is None:
        across, up = (f"x{column + 1}" for column in pair)
    elif len(names) == columns:
        across, up = (names[column] for column in pair)
    else:
        across, up = names
    axes.set_xlabel(across, color=figures.QUIET)
    axes.set_ylabel(up, color=figures.QUIET)
    axes.tick_params(colors=figures.QUIET, labelsize=9)
    axes.set_xlim(extent[0], extent[1])
    axes.set_ylim(extent[2], extent[3])
    axes.spines[:].set_color(figures.FAINT)
