"""``tf.autograph``: settings for the conversion of Python control flow.

Tensorlet does not convert it: a ``tf.function`` runs its Python code once, as written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """Has no effect, because nothing is converted.

    >>> import tensorlet as tf
    >>> tf.autograph.set_verbosity(0)
    """


def trace(*args: Any) -> None:
    """Prints its arguments once, while a function is being traced."""
    print(*args)


def do_not_convert(func: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """Decorator that returns the function unchanged, because no function is converted.

    >>> import tensorlet as tf
    >>> @tf.autograph.experimental.do_not_convert
    ... def twice(x):
    ...     return 2 * x
    >>> twice(3)
    6
    """
    return (lambda function: function) if func is None else func
