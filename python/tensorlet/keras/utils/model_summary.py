"""`model_to_dot`, which needs Graphviz and is refused."""

from __future__ import annotations

from typing import NoReturn

from tensorlet.errors import InvalidArgumentError


def model_to_dot(*_: object, **__: object) -> NoReturn:
    """Refuses: pictures are made without Graphviz."""
    raise InvalidArgumentError(
        "model_to_dot: Graphviz is not supported. Use tf.keras.utils.plot_model(model, 'model.svg'), which does not "
        "need it."
    )
