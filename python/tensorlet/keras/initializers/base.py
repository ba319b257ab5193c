"""The base class of initializers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from tensorlet.core.eager import EAGER
from tensorlet.dtypes import as_dtype, float32
from tensorlet.ops.registry import interpreting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorlet.type_aliases import DTypeLike


def at_once(method: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: weights are computed eagerly, even while a step is being traced."""

    @wraps(method)
    def run(self: Any, shape: Sequence[int], dtype: DTypeLike | None = None, **kwargs: Any) -> Any:
        with interpreting(EAGER):
            return method(self, tuple(shape), as_dtype(dtype or float32))

    return run


class Initializer:
    """Base class of initializers, which compute the initial value of a weight from its shape and dtype.

    To write one, define ``__call__(self, shape, dtype=None)`` and ``get_config``. Any function
    with these arguments may be used instead.

    >>> import tensorlet as tf
    >>> class Halves(tf.keras.initializers.Initializer):
    ...     def __call__(self, shape, dtype=None, **kwargs):
    ...         return tf.fill(shape, tf.constant(0.5, dtype))
    >>> Halves()((2,), tf.float32).numpy()
    array([0.5, 0.5], dtype=float32)
    """

    def __call__(self, shape: Sequence[int], dtype: DTypeLike | None = None, **kwargs: Any) -> Any:
        """Returns the initial value of a weight: a tensor of the given shape and dtype."""
        raise NotImplementedError(
            f"The initializer {type(self).__name__} has no __call__(self, shape, dtype=None). Define one "
            "that returns a tensor of that shape."
        )

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that recreate the initializer."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """Creates an initializer from its configuration."""
        config.pop("dtype", None)
        return cls(**config)

    def clone(self) -> Initializer:
        """Returns a new initializer with the same configuration."""
        return type(self).from_config(self.get_config())
