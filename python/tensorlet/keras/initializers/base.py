"""What an initializer is."""

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
    """Weights are made at once, also while a step is being traced."""

    @wraps(method)
    def run(self: Any, shape: Sequence[int], dtype: DTypeLike | None = None, **kwargs: Any) -> Any:
        with interpreting(EAGER):
            return method(self, tuple(shape), as_dtype(dtype or float32))

    return run


class Initializer:
    """The base of all initializers: a function from a shape and a dtype to a tensor.

    Subclass it with ``__call__(self, shape, dtype=None)`` and ``get_config``, or pass any
    function with these arguments in its place.

    >>> import tensorlet as tf
    >>> class Halves(tf.keras.initializers.Initializer):
    ...     def __call__(self, shape, dtype=None, **kwargs):
    ...         return tf.fill(shape, tf.constant(0.5, dtype))
    >>> Halves()((2,), tf.float32).numpy()
    array([0.5, 0.5], dtype=float32)
    """

    def __call__(self, shape: Sequence[int], dtype: DTypeLike | None = None, **kwargs: Any) -> Any:
        """The first values of a weight of that shape."""
        raise NotImplementedError(
            f"The initializer {type(self).__name__} has no __call__(self, shape, dtype=None). Give it one "
            "that returns a tensor of that shape."
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same initializer again."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """The initializer of a configuration."""
        config.pop("dtype", None)
        return cls(**config)

    def clone(self) -> Initializer:
        """A second one of the same configuration."""
        return type(self).from_config(self.get_config())
