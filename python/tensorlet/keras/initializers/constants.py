"""Deterministic initializers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.eager import EAGER
from tensorlet.dtypes import DType, float32
from tensorlet.errors import ShapeError
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.initializers.base import Initializer, at_once
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorlet.type_aliases import ArrayLike


@register("initializer", "Zeros", "zeros", "zero")
class Zeros(Initializer):
    """Fills the weight with zeros.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.Zeros()((2,)).numpy()
    array([0., 0.], dtype=float32)
    """

    @at_once
    def __call__(self, shape: Sequence[int], dtype: DType = float32, **kwargs: Any) -> Tensor:
        return ops.zeros(shape, dtype)


@register("initializer", "Ones", "ones", "one")
class Ones(Initializer):
    """Fills the weight with ones.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.Ones()((2,)).numpy()
    array([1., 1.], dtype=float32)
    """

    @at_once
    def __call__(self, shape: Sequence[int], dtype: DType = float32, **kwargs: Any) -> Tensor:
        return ops.ones(shape, dtype)


@register("initializer", "Constant", "constant")
class Constant(Initializer):
    """Fills the weight with a constant, or with the values of an array.

    An array that does not broadcast to the shape of the weight, but has as many values, is reshaped, as in Keras 2.

    Raises:
        ShapeError: if the array fits neither way.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.Constant(0.5)((2,)).numpy()
    array([0.5, 0.5], dtype=float32)
    """

    def __init__(self, value: ArrayLike = 0.0) -> None:
        self.value = value

    @at_once
    def __call__(self, shape: Sequence[int], dtype: DType = float32, **kwargs: Any) -> Tensor:
        values = np.asarray(self.value)
        if values.ndim and values.size == math.prod(shape) and keras_generation() == 2:
            values = values.reshape(shape)
        try:
            filled = np.broadcast_to(values, shape)
        except ValueError:
            raise ShapeError(
                f"The Constant initializer has values of shape {values.shape}, but the weight has shape "
                f"{shape}. Pass one number, or an array with the shape of the weight."
            ) from None
        return EAGER.convert(np.array(filled, dtype.numpy))

    def get_config(self) -> dict[str, Any]:
        value = self.value
        return {"value": value.tolist() if isinstance(value, np.ndarray) else value}


@register("initializer", "Identity", "identity", "IdentityInitializer")
class Identity(Initializer):
    """The identity matrix times ``gain``, for two-dimensional weights.

    Raises:
        ShapeError: if the weight is not two-dimensional.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.Identity(gain=2.0)((2, 3)).numpy()
    array([[2., 0., 0.],
           [0., 2., 0.]], dtype=float32)
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    @at_once
    def __call__(self, shape: Sequence[int], dtype: DType = float32, **kwargs: Any) -> Tensor:
        if len(shape) != 2:
            raise ShapeError(
                f"The Identity initializer creates matrices, but the weight has shape {shape}. "
                "Use another initializer for weights that are not two-dimensional."
            )
        return EAGER.convert(np.eye(*shape, dtype=dtype.numpy) * dtype.numpy.type(self.gain))

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain}
