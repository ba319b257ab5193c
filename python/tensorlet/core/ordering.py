"""`tf.control_dependencies`, `tf.group`, `tf.no_op` and `tf.init_scope`: the order of operations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tensorlet.core import active_tapes
from tensorlet.core.eager import EAGER
from tensorlet.ops.registry import interpreting


@contextmanager
def control_dependencies(control_inputs: Sequence[Any] | None) -> Iterator[None]:
    """A ``with`` block that runs after some operations, which needs nothing: statements take effect in their order.

    Args:
        control_inputs: what comes before; functions are called.

    >>> import tensorlet as tf
    >>> count = tf.Variable(0)
    >>> with tf.control_dependencies([count.assign_add(1)]):
    ...     now = tf.identity(count)
    >>> now.numpy().item()
    1
    """
    for one in control_inputs or ():
        if callable(one) and not hasattr(one, "dtype"):
            one()
    yield


def group(*inputs: Any, **kwargs: Any) -> None:
    """One operation in the place of several; they have taken effect already, in their order.

    >>> import tensorlet as tf
    >>> a, b = tf.Variable(1.0), tf.Variable(2.0)
    >>> tf.group(a.assign(3.0), b.assign(4.0))
    >>> a.numpy().item(), b.numpy().item()
    (3.0, 4.0)
    """


def no_op(name: str | None = None) -> None:
    """Does nothing.

    >>> import tensorlet as tf
    >>> tf.no_op()
    """


@contextmanager
def init_scope() -> Iterator[None]:
    """A ``with`` block that runs at once, outside of the function that is being traced: to create things there.

    >>> import tensorlet as tf
    >>> made = []
    >>> @tf.function
    ... def first_call(x):
    ...     with tf.init_scope():
    ...         made.append(tf.constant(2.0).numpy().item())
    ...     return x
    >>> first_call(tf.constant(1.0)).numpy().item(), made
    (1.0, [2.0])
    """
    with interpreting(EAGER), active_tapes.paused():
        yield
