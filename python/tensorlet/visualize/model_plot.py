"""`plot_model`: draws the layers and connections of a model."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.models.model import Model, not_built
from tensorlet.visualize.model_cards import CardOptions, cards_of
from tensorlet.visualize.model_drawing import draw, save

if TYPE_CHECKING:
    from tensorlet.type_aliases import PathLike

_DIRECTIONS = ("TB", "BT", "LR", "RL")


def plot_model(
    model: Model,
    to_file: PathLike | None = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: float = 96,
    layer_range: Sequence[str] | None = None,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
) -> Any:
    """Draws a box for each layer and an arrow for each connection.

    PNG files require matplotlib (``pip install 'tensorlet[plot]'``); SVG files require nothing, and are
    sharp at any size.

    Args:
        model: a model whose input shape is known. For a subclassed model the layers are listed, since their
            connections are defined by Python code.
        to_file: the path of the file; its extension selects the format: ``.svg``, ``.png`` or ``.pdf``. None for no
        file.
        show_shapes: whether to show the shapes of inputs and outputs, in which None is the number of examples.
        show_dtype: whether to show the dtypes.
        show_layer_names: whether to show the names of the layers above their classes.
        rankdir: the direction of the arrows: "TB" (down), "BT" (up), "LR" (right) or "RL" (left).
        expand_nested: whether to draw the layers of nested models, in a frame.
        dpi: the dots per inch of a PNG; 96 gives one dot per unit.
        layer_range: the names of the first and the last layer to draw.
        show_layer_activations: whether to show the activation functions.
        show_trainable: whether to show if training updates the weights of a layer.

    Returns:
        The drawing, which notebooks show. Its ``svg`` is the text of an SVG file.

    Raises:
        InvalidArgumentError: for a model that is not built, or invalid arguments.
        ImportError: for a PNG without matplotlib.

    >>> import tensorlet as tf
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(10, activation="softmax", input_shape=(784,))])
    >>> drawing = tf.keras.utils.plot_model(model, to_file=None, show_shapes=True)
    >>> "(None, 784)" in drawing.svg
    True
    """
    if rankdir not in _DIRECTIONS:
        raise InvalidArgumentError(
            f"plot_model: rankdir={rankdir!r}, expected one of {', '.join(_DIRECTIONS)}."
        )
    if not isinstance(model, Model):
        raise InvalidArgumentError(f"plot_model: got {type(model).__name__}, expected a model.")
    if not model.built:
        raise InvalidArgumentError(not_built(model, "plot_model"))
    options = CardOptions(
        show_shapes, show_dtype, show_layer_names, expand_nested, show_layer_activations, show_trainable
    )
    cards, links = cards_of(model, options, layer_range)
    drawing = draw(cards, links, rankdir, f"The layers of {model.name}")
    if to_file is not None:
        save(drawing, os.fspath(to_file), dpi)
    return drawing
