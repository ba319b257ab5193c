"""`tf.show`: draws the computation graph of a function or model."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorlet.errors import InvalidArgumentError
from tensorlet.formats.atomic import replace_atomically
from tensorlet.graph.ir import APPLY
from tensorlet.visualize.svg import scrolling

if TYPE_CHECKING:
    from tensorlet.visualize.computation import Computation

#: Larger drawings are not readable.
MOST_OPERATIONS = 1500


class Drawing:
    """An SVG drawing: notebooks show it, `save` writes it.

    Attributes:
        svg: the text of the SVG.
        title: a description.

    >>> import tensorlet as tf
    >>> drawing = tf.show(lambda x: x * x, 3.0)
    >>> drawing.svg.startswith("<svg")
    True
    """

    def __init__(self, svg: str, title: str) -> None:
        self.svg = svg
        self.title = title

    def _repr_html_(self) -> str:
        """Returns the drawing for notebooks, which scrolls where the page is narrower."""
        return scrolling(self.svg, self.title)

    def _repr_svg_(self) -> str:
        """Returns the drawing for what converts notebooks to paper."""
        return self.svg

    def save(self, path: str | os.PathLike[str]) -> None:
        """Saves the drawing to a file, which browsers and word processors can open.

        Args:
            path: a path that ends in ``.svg``; missing folders are created.

        Raises:
            InvalidArgumentError: for another extension.
        """
        name = os.fspath(path)
        if not name.lower().endswith(".svg"):
            raise InvalidArgumentError(
                f"Drawing.save got the file name '{name}', but it writes SVG files, which browsers can open. "
                "Use a name that ends in .svg."
            )
        with replace_atomically(name) as temporary:
            temporary.write_text(self.svg, encoding="utf-8")

    def __repr__(self) -> str:
        return f"<{self.title}; shown in notebooks, saved by drawing.save('graph.svg')>"


def show(
    function: Callable[..., Any],
    *args: Any,
    values: bool = True,
    gradients: bool | None = None,
    optimized: bool = False,
    **kwargs: Any,
) -> Drawing:
    """Draws the computation of a function: its operations as they are written, with shapes, values and gradients.

    Each box shows its value and the derivative of the result with respect to it, and each arrow
    the local derivative of its target with respect to its source. By the chain rule,
    the gradient of a box is the sum, over the arrows that leave it, of local derivative times gradient.
    Values have the names used in the function; those without a name are called v1, v2, ...

    Args:
        function: a function of tensors, a `tf.function`, a layer or a model. A model without
            arguments is drawn layer by layer.
        args, kwargs: the arguments of the call: variables, tensors, arrays, numbers (which become float32
            tensors), or `tf.TensorSpec`s, which have shapes but no values.
        values: whether to show values; for large tensors the minimum, maximum and mean.
        gradients: whether to show gradients; by default if the result is one floating-point number.
        optimized: whether to draw the graph that runs instead of the one that is written: ``log(softmax(z))`` is one
            operation then, and arithmetic on constants is a constant.

    Returns:
        A drawing with ``svg`` and ``save(path)``, which notebooks show.

    Raises:
        InvalidArgumentError: if gradients of several results or of integers are requested, or if the graph
            is too large.

    Source: R. Rojas, "Neural Networks: A Systematic Introduction", chapter 7 (the backpropagation graph).

    >>> import tensorlet as tf
    >>> def f(w, x, b):
    ...     g = w * x
    ...     return g + b
    >>> drawing = tf.show(f, -2.0, 5.0, 3.0)
    >>> "∂g/∂w = x = 5" in drawing.svg, "∂f/∂w = 5" in drawing.svg, "value −7" in drawing.svg
    (True, True, True)
    """
    from tensorlet.visualize import computation as made
    from tensorlet.visualize.model_layers import is_layered, picture_of_model
    from tensorlet.visualize.picture import render

    if not args and not kwargs and is_layered(function):
        model: Any = function
        picture = picture_of_model(model)
        return Drawing(render(picture), picture.title)
    if not callable(function):
        raise InvalidArgumentError(
            f"tf.show got {type(function).__name__}, expected a function or model and its arguments: "
            "tf.show(f, x), without calling f."
        )
    found, arrays = made.trace(function, args, kwargs, optimized)
    return draw(found, arrays, values, gradients)


def draw(found: Computation, arrays: list[Any], values: bool, gradients: bool | None) -> Drawing:
    """Draws a traced computation; ``arrays`` contains None for inputs without values."""
    from tensorlet.visualize import computation as made
    from tensorlet.visualize.picture import picture_of, render

    count = sum(node.kind == APPLY for node in found.graph.nodes())
    if count > MOST_OPERATIONS:
        raise InvalidArgumentError(
            f"'{found.name}' has {count} operations, but drawings of more than {MOST_OPERATIONS} are not readable. "
            "Draw a part of it: pass a function that computes less."
        )
    known = all(array is not None for array in arrays)
    outputs = found.graph.outputs
    one = len(outputs) == 1 and outputs[0].dtype.is_floating
    if gradients and not (one and known):
        reason = (
            "its inputs have no values" if not known else "there must be one result, a floating-point number"
        )
        raise InvalidArgumentError(f"tf.show cannot draw the gradients of '{found.name}': {reason}.")
    wants_gradients = bool(gradients) or (gradients is None and values and one and outputs[0].spec.size == 1)
    if known and (values or wants_gradients):
        made.add_values(found, arrays)
        if wants_gradients:
            made.add_gradients(found)
        if not values:
            found.values.clear()
    picture = picture_of(found)
    return Drawing(render(picture), picture.title)
