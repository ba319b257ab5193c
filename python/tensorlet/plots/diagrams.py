"""Diagrams of small networks: circles for neurons, with weights, values and gradients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.convert import convert_to_tensor
from tensorlet.core.tape import GradientTape
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.layers.input_layer import InputLayer
from tensorlet.localization import translate as _
from tensorlet.plots import figures
from tensorlet.plots.arguments import numeric
from tensorlet.plots.networks import as_input, metrics_kept
from tensorlet.plots.short_numbers import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tensorlet.keras.models.model import Model
    from tensorlet.type_aliases import ArrayLike, PathLike

#: Larger layers are not readable as circles.
MOST_UNITS = 16
#: More connections between two layers carry no numbers; their width and colour show the weight.
MOST_LABELS = 18
#: Distances between the columns and circles, and the radius of a circle.
ACROSS, DOWN, RADIUS = 3.0, 1.35, 0.42
POSITIVE, NEGATIVE = figures.TRAINING, figures.VALIDATION
GRADIENT = "#8a2f00"


@dataclass
class Column:
    """One layer of circles.

    Attributes:
        title: the name and activation of the layer.
        size: the number of units.
        weights: those of the connections that arrive, of shape ``(units before, units)``; None for the inputs.
        bias: one for each unit; None without.
        values: the output of each unit for the row; None without a row.
        gradients: the derivative of the loss by each output, with the same shape; None without.
        weight_gradients: the derivative by each weight.
        layers: the Dense layer, and what follows it up to the next one.
    """

    title: str
    size: int
    weights: np.ndarray | None = None
    bias: np.ndarray | None = None
    values: np.ndarray | None = None
    gradients: np.ndarray | None = None
    weight_gradients: np.ndarray | None = None
    layers: list[Any] = field(default_factory=list)


def neuron_diagram(
    model: Model,
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    *,
    feature_names: Sequence[str] | None = None,
    path: PathLike | None = None,
) -> Figure:
    """Draws a small network: a circle for each neuron, with the weights on the edges and the biases above the circles.

    With one row of input, each circle shows its output, computed from left to right. With its label too, the
    derivative of the loss by each output and weight is below the number, computed from right to left by the chain
    rule. Blue edges have positive weights, orange ones negative weights; the wider, the larger.

    Args:
        model: a `Sequential` model of `Dense` layers, with at most 16 units each; `Dropout`, `Activation` and
            `Flatten` are allowed between them.
        x: one row, of shape ``(features,)`` or ``(1, features)``.
        y: its label, for gradients; the model must be compiled.
        feature_names: a name for each input.
        path: a file to save the figure to (.png, .svg, .pdf).

    Raises:
        InvalidArgumentError: if the model is not built, too large, or not a sequence of such layers.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> from tensorlet import plots
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, activation="sigmoid", input_shape=(2,))])
    >>> model.layers[0].set_weights([np.array([[5.0], [5.0]]), np.array([-8.0])])
    >>> figure = plots.neuron_diagram(model, [1, 1])
    >>> "0.881" in [text.get_text() for text in figure.axes[0].texts]
    True
    """
    columns = _columns_of(model)
    loss = None if x is None else _run(model, columns, x, y)
    names = (
        [f"x{number + 1}" for number in range(columns[0].size)] if feature_names is None else feature_names
    )
    if len(names) != columns[0].size:
        raise InvalidArgumentError(
            f"neuron_diagram got {len(names)} feature_names, expected {columns[0].size}, one for each input."
        )
    figure, axes = canvas([column.size for column in columns], above=1.5, below=0.15 if loss is None else 0.6)
    for place, column in enumerate(columns):
        if place:
            _draw_edges(axes, columns[place - 1], column, place)
    for place, column in enumerate(columns):
        _draw_neurons(axes, column, place, names if place == 0 else None)
    middle = DOWN * (max(column.size for column in columns) - 1) / 2
    for place, column in enumerate(columns):
        axes.text(
            ACROSS * place, middle + 0.95, column.title, ha="center", fontsize=10, fontweight="bold",
            color=figures.INK,
        )  # fmt: skip
    if loss is not None:
        _note(
            axes,
            _("loss {loss}; a number after ∂ is the derivative of the loss").format(loss=short(loss)),
            -middle - RADIUS - 0.2,
        )
    return figures.finish(figure, path)


def _columns_of(model: Any) -> list[Column]:
    if not getattr(model, "built", False):
        raise InvalidArgumentError(
            "neuron_diagram: the model is not built, so that it has no weights yet. Give its first layer an "
            "input_shape, or train it first."
        )
    columns: list[Column] = []
    for layer in model.layers:
        kind = type(layer).__name__
        kernel = getattr(layer, "kernel", None)
        if kind == "Dense" and kernel is not None and len(kernel.shape) == 2:
            weights = np.asarray(kernel, dtype=np.float64)
            if not columns:
                columns.append(Column(_("input"), weights.shape[0]))
            activation = getattr(layer.activation, "__name__", "")
            title = layer.name if activation in ("", "linear") else f"{layer.name}\n{activation}"
            bias = None if layer.bias is None else np.asarray(layer.bias, dtype=np.float64)
            columns.append(Column(title, weights.shape[1], weights, bias, layers=[layer]))
        elif kind in ("Dropout", "Activation", "Flatten", "ReLU", "LeakyReLU", "Softmax", "ELU"):
            if columns:
                columns[-1].layers.append(layer)
        elif not isinstance(layer, InputLayer):
            raise InvalidArgumentError(
                f"neuron_diagram cannot draw the layer '{layer.name}' ({kind}); expected Dense layers, with Dropout, "
                "Activation or Flatten between them."
            )
    if not columns or max(column.size for column in columns) > MOST_UNITS:
        raise InvalidArgumentError(
            f"neuron_diagram draws Dense layers of at most {MOST_UNITS} units; the layers of '{model.name}' have "
            f"{[column.size for column in columns]}. Use tf.show(model) or weight_images for larger models."
        )
    return columns


def _run(model: Any, columns: list[Column], x: ArrayLike, y: ArrayLike | None) -> float | None:
    """Stores values, and gradients if there is a label; returns the loss."""
    row = numeric(x, "neuron_diagram", "x").astype(np.float32)
    row = row[None] if row.ndim == 1 else row
    if row.shape != (1, columns[0].size):
        raise ShapeError(
            f"neuron_diagram got x of shape {row.shape}, expected one row of {columns[0].size} numbers."
        )
    tensors = [convert_to_tensor(row)]
    kernels = [column.layers[0].kernel for column in columns[1:]]
    label = None if y is None else _label(y)
    with metrics_kept(model), GradientTape(persistent=False) as tape:
        tape.watch(tensors[0])
        for column in columns[1:]:
            value = tensors[-1]
            for layer in column.layers:
                value = layer(value)
            tensors.append(value)
        loss = None if label is None else _loss(model, tensors[0], label, tensors[-1])
    for column, tensor in zip(columns, tensors, strict=True):
        column.values = np.asarray(tensor, dtype=np.float64)[0]
    if loss is None:
        return None
    found = tape.gradient(loss, [*tensors, *kernels])
    # The loss of a softmax is computed from the numbers before it: the derivative by its output is asked for alone.
    found[len(tensors) - 1] = _output_gradient(model, tensors, label)
    for column, gradient in zip(columns, found[: len(columns)], strict=True):
        column.gradients = np.zeros(column.size) if gradient is None else np.asarray(gradient, np.float64)[0]
    for column, gradient in zip(columns[1:], found[len(columns) :], strict=True):
        column.weight_gradients = (
            None if gradient is None else np.asarray(convert_to_tensor(gradient), np.float64)
        )
    return float(loss)


def _label(y: ArrayLike) -> Any:
    label = numeric(y, "neuron_diagram", "y")
    return as_input(label[None] if label.ndim == 0 or label.shape[0] != 1 else label)


def _loss(model: Any, row: Any, label: Any, output: Any) -> Any:
    if getattr(model, "compiled_loss", None) is None:
        raise InvalidArgumentError(
            f"neuron_diagram: '{model.name}' is not compiled, so that it has no loss. Call "
            "model.compile(optimizer, loss)."
        )
    return model.compute_loss(x=row, y=label, y_pred=output)


def _output_gradient(model: Any, tensors: list[Any], label: Any) -> Any:
    output = convert_to_tensor(np.array(tensors[-1]))
    with metrics_kept(model), GradientTape() as tape:
        tape.watch(output)
        loss = _loss(model, tensors[0], label, output)
    return tape.gradient(loss, output)


# --- Drawing ------------------------------------------------------------------------------------


def canvas(sizes: Sequence[int], above: float, below: float) -> tuple[Figure, Axes]:
    """A figure for layers of circles, with room above the highest circle's middle and below the lowest circle."""
    width = ACROSS * (len(sizes) - 1) + 2.0
    top, bottom = height_of(0, max(sizes)) + above, height_of(0, max(sizes)) + RADIUS + below
    figure = figures.new_figure(min(width, 16), min(top + bottom, 14))
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.set_xlim(-1.0, ACROSS * (len(sizes) - 1) + 1.0)
    axes.set_ylim(-bottom, top)
    return figure, axes


def height_of(number: int, size: int) -> float:
    """The height of a unit: units are centred, the first one on top."""
    return DOWN * ((size - 1) / 2 - number)


def _draw_edges(axes: Axes, before: Column, column: Column, place: int) -> None:
    weights = column.weights
    if weights is None:
        return
    largest = float(np.abs(weights).max()) or 1.0
    labelled = weights.size <= MOST_LABELS
    for (source, target), weight in np.ndenumerate(weights):
        start = (ACROSS * (place - 1) + RADIUS, height_of(source, before.size))
        end = (ACROSS * place - RADIUS, height_of(target, column.size))
        tint = POSITIVE if weight > 0 else NEGATIVE if weight < 0 else figures.FAINT
        axes.plot(
            *zip(start, end, strict=True), color=tint, linewidth=0.6 + 2.4 * abs(weight) / largest, zorder=1
        )
        if labelled:
            text = short(float(weight))
            if column.weight_gradients is not None:
                text += f"  ∂ {short(float(column.weight_gradients[source, target]))}"
            _label_edge(axes, start, end, _share(source, before.size, column.size), text, tint)


def _share(source: int, before: int, after: int) -> float:
    """Where along an edge its label is: where the edges are far from each other."""
    base = 0.66 if before <= after else 0.34
    return base + (0.07 if source % 2 else -0.07) * (1 if min(before, after) > 1 else 0)


def _label_edge(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], share: float, text: str, tint: str
) -> None:
    x, y = (start[axis] + share * (end[axis] - start[axis]) for axis in (0, 1))
    angle = float(np.degrees(np.arctan2(end[1] - start[1], end[0] - start[0])))
    axes.text(
        x, y, text, fontsize=8, color=tint, ha="center", va="center", rotation=angle, rotation_mode="anchor", zorder=3,
        bbox={"boxstyle": "square,pad=0.12", "facecolor": "white", "edgecolor": "none"},
    )  # fmt: skip


def _draw_neurons(axes: Axes, column: Column, place: int, names: Sequence[str] | None) -> None:
    from matplotlib.patches import Circle

    for number in range(column.size):
        x, y = ACROSS * place, height_of(number, column.size)
        axes.add_patch(
            Circle((x, y), RADIUS, facecolor="white", edgecolor=figures.INK, linewidth=1.4, zorder=2)
        )
        value = None if column.values is None else short(column.values[number])
        inside = value if value is not None else (names[number] if names is not None else "")
        middle = y + (0.11 if column.gradients is not None else 0.0)
        size = 9.5 if len(inside) <= 6 else 7.0
        axes.text(x, middle, inside, ha="center", va="center", fontsize=size, color=figures.INK, zorder=3)
        if column.gradients is not None:
            axes.text(
                x, y - 0.15, f"∂ {short(column.gradients[number])}", ha="center", va="center", fontsize=7.5,
                color=GRADIENT, zorder=3,
            )  # fmt: skip
        above = ""
        if column.bias is not None:
            above = f"b {short(column.bias[number])}"
        elif names is not None and value is not None:
            above = names[number]
        axes.text(
            x, y + RADIUS + 0.08, above, ha="center", va="bottom", fontsize=8, color=figures.QUIET, zorder=3
        )


def _note(axes: Axes, text: str, height: float) -> None:
    axes.text(-0.8, height, text, fontsize=9, color=GRADIENT, va="top")
