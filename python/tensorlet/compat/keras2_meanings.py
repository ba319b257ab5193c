"""The meanings in Keras 2 of names and settings that differ in Keras 3; see `tensorlet.keras.generations`."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core.symbolic import takes_symbols
from tensorlet.keras.activations.floats import floats
from tensorlet.keras.generations import keras_generation

if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorlet.ops.registry import Tensor, TensorLike

#: The default learning rate of Lion in Keras 2.
LION_RATE = 1e-4


def _hard_sigmoid(x: TensorLike) -> Tensor:
    """``x / 5 + 1 / 2``, clipped to the range from 0 to 1, as in Keras 2.

    >>> import tensorlet as tf
    >>> tf.keras.activations.hard_sigmoid(tf.constant([-4.0, 0.0, 1.0])).numpy()
    array([0. , 0.5, 0.7], dtype=float32)
    """
    return ops.minimum(1, ops.maximum(0, floats(x) * 0.2 + 0.5))


_hard_sigmoid.__name__ = "hard_sigmoid"
hard_sigmoid = takes_symbols(_hard_sigmoid, "keras.activations.hard_sigmoid")
hard_sigmoid.keras_generation = 2


def extend_lion(lion: Any) -> Any:
    """Gives Lion the default learning rate of the program's generation."""
    plain = lion.__init__

    @functools.wraps(plain)
    def init(self: object, *args: Any, **options: Any) -> None:
        if not args and not {"learning_rate", "lr"} & options.keys() and keras_generation() == 2:
            options["learning_rate"] = LION_RATE
        plain(self, *args, **options)

    lion.__init__ = init
    return lion


def extend_of_probabilities(plain: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Adds 1e-7 to the clipped probabilities before the logarithms, as Keras 2 does."""

    @functools.wraps(plain)
    def of_probabilities(y_true: Tensor, probabilities: Tensor, epsilon: float = 0.0) -> Tensor:
        return plain(y_true, probabilities, 1e-7 if keras_generation() == 2 else epsilon)

    return of_probabilities
