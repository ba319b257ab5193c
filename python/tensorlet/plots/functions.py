"""Activation functions and their derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.tape import GradientTape
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras import activations
from tensorlet.localization import translate as _
from tensorlet.plots import figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tensorlet.type_aliases import PathLike

#: Those of the lecture.
USUAL = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus")


def activation_functions(
    functions: Sequence[str | Callable[..., Any]] = USUAL,
    *,
    low: float = -5.0,
    high: float = 5.0,
    path: PathLike | None = None,
) -> Figure:
    """Plots activation functions with their derivatives (dashed), one panel for each.

    Where the derivative is almost zero, no gradient passes: the sigmoid's is at most 1/4, so that the gradient
    shrinks with each layer (it *vanishes*); that of ReLU is 1 for all positive numbers.

    Args:
        functions: names that ``tf.keras.activations.get`` knows, or functions of a tensor.
        low, high: the range of the input.
        path: a file to save the figure to (.png, .svg, .pdf).

    Raises:
        InvalidArgumentError: if ``functions`` is empty or ``low`` is not less than ``high``.

    >>> from tensorlet import plots
    >>> figure = plots.activation_functions(["relu", "sigmoid"])
    >>> [axes.get_title("left") for axes in figure.axes]
    ['relu', 'sigmoid, derivative at most 0.25']
    """
    if not isinstance(functions, list | tuple) or not functions or not low < high:
        raise InvalidArgumentError(
            f"activation_functions got functions of type {type(functions).__name__} and the range {low} to {high}; "
            "expected a list of one function or more, and low < high."
        )
    figure = figures.new_figure(3.1 * min(len(functions), 3), 2.6 * -(-len(functions) // 3))
    for axes, one in zip(figures.panels(figure, len(functions), 3), functions, strict=True):
        function = activations.get(one)
        name = one if isinstance(one, str) else getattr(one, "__name__", type(one).__name__)
        x, y, slope = _sampled(function, low, high)
        axes.axhline(0, color=figures.FAINT, linewidth=0.8)
        axes.axvline(0, color=figures.FAINT, linewidth=0.8)
        axes.plot(x, y, color=figures.TRAINING, linewidth=1.8, label=_("value"))
        axes.plot(x, slope, "--", color=figures.VALIDATION, linewidth=1.5, label=_("derivative"))
        top = float(np.nanmax(slope))
        limit = "" if top > 0.99 else _(", derivative at most {top:.2f}").format(top=top)
        figures.title(axes, name + limit)
        figures.dress(axes)
    figure.axes[0].legend(frameon=False, fontsize=9, loc="upper left")
    return figures.finish(figure, path)


def _sampled(
    function: Callable[..., Any], low: float, high: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The function and its derivative at points between two numbers; elements do not depend on each other."""
    x = np.linspace(low, high, 401).astype(np.float32)
    column = ops.identity(x[:, None])  # a function of rows, such as softmax, sees one number per row
    with GradientTape() as tape:
        tape.watch(column)
        y = function(column)
    slope = tape.gradient(y, column)
    values = np.asarray(y)[:, 0]
    return x, values, np.zeros_like(values) if slope is None else np.asarray(slope)[:, 0]
