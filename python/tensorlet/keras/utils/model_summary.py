"""`print_summary` and `model_to_dot`: older ways to look at a model."""

from __future__ import annotations

from typing import Any, NoReturn

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.spellings import note_old_spelling


def model_to_dot(*_: Any, **__: Any) -> NoReturn:
    """Refuses: pictures are made without Graphviz."""
    raise InvalidArgumentError(
        "model_to_dot: there is no Graphviz here. Use tf.keras.utils.plot_model(model, 'model.svg'), which needs none."
    )


def print_summary(model: Any, *arguments: Any, **options: Any) -> None:
    """The older name of ``model.summary()``."""
    note_old_spelling("utils.print_summary(model)", "model.summary()")
    model.summary(*arguments, **options)
