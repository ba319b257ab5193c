"""`model_to_dot`, which requires Graphviz and is not supported."""

from __future__ import annotations

from typing import NoReturn

from tensorlet.errors import InvalidArgumentError


def model_to_dot(*_: object, **__: object) -> NoReturn:
    """Raises an error: models are drawn without Graphviz."""
    raise InvalidArgumentError(
        "model_to_dot: Graphviz is not supported. Use tf.keras.utils.plot_model(model, 'model.svg'), which does not "
        "require it."
    )
