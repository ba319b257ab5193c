"""``tf.autograph``: what programs set about the translation of Python's ``if`` and ``for``.

There is no such translation here: a ``tf.function`` runs its Python once, as it is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """Taken and ignored: there is nothing to report.

    >>> import tensorlet as tf
    >>> tf.autograph.set_verbosity(0)
    """


def trace(*args: Any) -> None:
    """Prints its arguments, once, while a function is being traced."""
    print(*args)


def do_not_convert(func: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """A decorator that hands the function back: no function is converted.

    >>> import tensorlet as tf
    >>> @tf.autograph.experimental.do_not_convert
    ... def twice(x):
    ...     return 2 * x
    >>> twice(3)
    6
    """
    return (lambda function: function) if func is None else func
