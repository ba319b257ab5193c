"""`print_summary` and `model_to_dot`: older ways to look at a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.spellings import note_old_spelling

if TYPE_CHECKING:
    from tensorlet.keras.models.model import Model


def model_to_dot(*_: object, **__: object) -> NoReturn:
    """Refuses: pictures are made without Graphviz."""
    raise InvalidArgumentError(
        "model_to_dot: Graphviz is not supported. Use tf.keras.utils.plot_model(model, 'model.svg'), which does not "
        "need it."
    )


def print_summary(model: Model, *arguments: Any, **options: Any) -> None:
    """An old name of ``model.summary()``."""
    note_old_spelling("utils.print_summary(model)", "model.summary()")
    model.summary(*arguments, **options)
