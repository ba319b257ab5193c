"""The names of the columns of a data frame: columns in another order than in the training are noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlet.errors import warn_user
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    from tensorlet.keras.training.step.steps import Steps

#: The number of names in a message.
SHOWN = 8


def names_of(x: object) -> list[str] | None:
    """Returns the names of the columns of a data frame of pandas or Polars, or a table of Arrow; None for others.

    >>> names_of([[1.0, 2.0]]) is None
    True
    """
    names = getattr(x, "column_names", None)  # of Arrow
    if names is None and hasattr(x, "to_numpy"):
        names = getattr(x, "columns", None)
    if names is None or callable(names):
        return None
    found = list(names)
    return found if all(isinstance(name, str) for name in found) else None


def remember_names(model: Steps, x: object) -> None:
    """Stores the names of the columns that a model is trained on."""
    model._column_names = names_of(x)


def check_names(model: Steps, x: object, method: str) -> None:
    """Warns if a data frame has other columns, or another order, than the one that the model was trained on.

    Columns are used by their position, as in Keras.

    Args:
        model: the model.
        x: the argument of the method.
        method: its name, such as ``"predict"``.
    """
    trained = model._column_names
    if trained is None:
        return
    names = names_of(x)
    if names is None or names == trained:
        return
    shown = ", ".join(repr(name) for name in trained[:SHOWN]) + (", ..." if len(trained) > SHOWN else "")
    if sorted(names) == sorted(trained):
        first = next(index for index, name in enumerate(names) if name != trained[index])
        warn_user(
            _(
                "{method} got a data frame whose columns are in another order than in the training: {given} where "
                "{expected} was. Columns are used by their position, so the results are wrong. Pass frame[[{shown}]]."
            ).format(method=method, given=repr(names[first]), expected=repr(trained[first]), shown=shown)
        )
    else:
        other = [name for name in names if name not in trained] or [
            name for name in trained if name not in names
        ]
        warn_user(
            _(
                "{method} got a data frame with other columns than in the training, such as {other}. Columns are used "
                "by their position. The model was trained on [{shown}]."
            ).format(method=method, other=repr(other[0]), shown=shown)
        )
