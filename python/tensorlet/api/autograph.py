"""``tf.autograph``: settings for the translation of Python's ``if`` and ``for``.

Tensorlet does not translate them: a ``tf.function`` runs its Python code once, as it is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """Accepted without effect: there is nothing to report.

    >>> import tensorlet as tf
    >>> tf.autograph.set_verbosity(0)
    """


def trace(*args: Any) -> None:
    """Prints its arguments, once, while a function is being traced."""
    print(*args)


def do_not_convert(func: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """A decorator that returns the function itself: no function is converted.

    >>> import tensorlet as tf
    >>> @tf.autograph.experimental.do_not_convert
    ... def twice(x):
    ...     return 2 * x
    >>> twice(3)
    6
    """
    return (lambda function: function) if func is None else func
