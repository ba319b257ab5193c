"""`plot_model`: a model's layers and connections as a picture."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.models.model import Model, not_built
from tensorlet.visualize.model_cards import Wishes, cards_of
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
    """Draws a box for each layer, and an arrow for each connection.

    A PNG needs matplotlib (``pip install 'tensorlet[plot]'``); an SVG needs nothing, and stays
    sharp at any size.

    Args:
        model: a model whose input shape is known. Of a subclassed one the layers are listed, since their
            connections are known to Python only.
        to_file: the picture's file; its ending says the form: ``.svg``, ``.png`` or ``.pdf``. None: no file.
        show_shapes: the shapes of the inputs and outputs; None in them is the number of examples.
        show_dtype: the element types.
        show_layer_names: the names of the layers above their classes.
        rankdir: where the arrows lead: "TB" downwards, "BT" upwards, "LR" to the right, "RL" to the left.
        expand_nested: draw the layers of models within the model, in a frame.
        dpi: dots for an inch of a PNG; 96 make a dot of each unit.
        layer_range: the names of the first and the last layer to draw.
        show_layer_activations: the activation functions.
        show_trainable: whether training changes the layer's weights.

    Returns:
        The drawing; a notebook shows it. Its ``svg`` is the text of an SVG file.

    Raises:
        InvalidArgumentError: for a model that is not built, and arguments that make no sense.
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
    wishes = Wishes(
        show_shapes, show_dtype, show_layer_names, expand_nested, show_layer_activations, show_trainable
    )
    cards, links = cards_of(model, wishes, layer_range)
    drawing = draw(cards, links, rankdir, f"The layers of {model.name}")
    if to_file is not None:
        save(drawing, os.fspath(to_file), dpi)
    return drawing
