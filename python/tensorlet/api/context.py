"""Functions about the context of operations: eager execution, name scopes, the logger."""

from __future__ import annotations

import logging
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.tensor import Operators
from tensorlet.core.tracing import current_trace, scope
from tensorlet.ops.registry import Tensor, convert

if TYPE_CHECKING:
    from tensorlet.type_aliases import ShapeLike, TensorLike

#: Inserts an axis of length 1 in an index: ``x[:, tf.newaxis]``.
newaxis = None


def executing_eagerly() -> bool:
    """Whether operations run immediately; False while a ``tf.function`` is being traced.

    >>> import tensorlet as tf
    >>> tf.executing_eagerly()
    True
    """
    return current_trace() is None


def is_tensor(x: object) -> bool:
    """Whether a value is a tensor or a variable.

    >>> import tensorlet as tf
    >>> tf.is_tensor(tf.constant(1)), tf.is_tensor(1)
    (True, False)
    """
    return isinstance(x, Operators)


def ensure_shape(x: TensorLike, shape: ShapeLike, name: str | None = None) -> Any:
    """Checks the shape of a tensor, and returns it.

    Args:
        x: a tensor.
        shape: the expected lengths; None for any length.
        name: ignored.

    Raises:
        ShapeError: if the shape differs.

    >>> import tensorlet as tf
    >>> tf.ensure_shape([[1.0, 2.0]], [None, 2]).shape
    TensorShape([1, 2])
    """
    tensor = convert(x)
    tensor.set_shape(shape)
    return tensor


def timestamp(name: str | None = None) -> Tensor:
    """Returns the seconds since 1970 as a float64 scalar. In a traced function, it is the time of tracing.

    >>> import tensorlet as tf
    >>> tf.timestamp().dtype
    tf.float64
    """
    return convert(np.asarray(time.time(), np.float64))


def get_logger() -> logging.Logger:
    """Returns the logger named ``tensorflow``, with which programs turn off messages.

    >>> import tensorlet as tf
    >>> tf.get_logger().name
    'tensorflow'
    """
    return logging.getLogger("tensorflow")


class name_scope:  # noqa: N801 - TensorFlow's name
    """Context manager that names a part of a program, for readers and for drawings of graphs.

    Args:
        name: the name.

    >>> import tensorlet as tf
    >>> with tf.name_scope("layer1") as scope:
    ...     print(scope)
    layer1/
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._scope = scope(name)

    def __enter__(self) -> str:
        self._scope.__enter__()
        return f"{self.name}/"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leaves the scope."""
        self._scope.__exit__(kind, error, traceback)
