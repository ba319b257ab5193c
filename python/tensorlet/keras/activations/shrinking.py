"""Activations of Keras 3 that are zero, or straight, on a whole interval."""

from __future__ import annotations

import numpy as np

from tensorlet import ops
from tensorlet.keras.activations.floats import floats
from tensorlet.ops.registry import Tensor, TensorLike, convert
from tensorlet.registry import register


@register("activation", "hard_tanh")
def hard_tanh(x: TensorLike) -> Tensor:
    """``x``, limited to the interval from -1 to 1.

    >>> import tensorlet as tf
    >>> tf.keras.activations.hard_tanh(tf.constant([-3.0, 0.5])).numpy()
    array([-1. ,  0.5], dtype=float32)
    """
    return ops.clip_by_value(floats(x), -1.0, 1.0)


@register("activation", "tanh_shrink")
def tanh_shrink(x: TensorLike) -> Tensor:
    """``x - tanh(x)``.

    >>> import tensorlet as tf
    >>> tf.keras.activations.tanh_shrink(tf.constant([0.0, 1.0])).numpy().round(4)
    array([0.    , 0.2384], dtype=float32)
    """
    x = floats(x)
    return x - ops.tanh(x)


@register("activation", "hard_shrink")
def hard_shrink(x: TensorLike, threshold: float = 0.5) -> Tensor:
    """``x`` where ``abs(x) > threshold``, else 0.

    Args:
        x: an array of any shape.
        threshold: half the length of the interval that becomes 0.

    >>> import tensorlet as tf
    >>> tf.keras.activations.hard_shrink(tf.constant([-1.0, 0.25, 2.0])).numpy()
    array([-1.,  0.,  2.], dtype=float32)
    """
    x = floats(x)
    return ops.where(ops.abs(x) > threshold, x, 0.0)


@register("activation", "soft_shrink")
def soft_shrink(x: TensorLike, threshold: float = 0.5) -> Tensor:
    """``x`` moved towards 0 by the threshold, and 0 where ``abs(x) <= threshold``.

    Args:
        x: an array of any shape.
        threshold: how far values are moved.

    >>> import tensorlet as tf
    >>> tf.keras.activations.soft_shrink(tf.constant([-1.0, 0.25, 2.0])).numpy()
    array([-0.5,  0. ,  1.5], dtype=float32)
    """
    x = floats(x)
    return ops.sign(x) * ops.relu(ops.abs(x) - threshold)


@register("activation", "threshold")
def threshold(x: TensorLike, threshold: float, default_value: float) -> Tensor:
    """``x`` where ``x > threshold``, else ``default_value``.

    Args:
        x: an array of any shape.
        threshold: the largest value that is replaced.
        default_value: the value to replace it with.

    >>> import tensorlet as tf
    >>> tf.keras.activations.threshold(tf.constant([0.0, 2.0]), 1.0, -5.0).numpy()
    array([-5.,  2.], dtype=float32)
    """
    x = floats(x)
    return ops.where(x > threshold, x, float(default_value))


@register("activation", "squareplus")
def squareplus(x: TensorLike, b: float = 4) -> Tensor:
    """``(x + sqrt(x**2 + b)) / 2``, a smooth version of ReLU without exponentials.

    Args:
        x: an array of any shape.
        b: how smooth the bend at 0 is; 0 gives ReLU.

    Source: J. Barron, "Squareplus: a softplus-like algebraic rectifier", 2021.

    >>> import tensorlet as tf
    >>> tf.keras.activations.squareplus(tf.constant([0.0, 1.5])).numpy()
    array([1., 2.], dtype=float32)
    """
    x = floats(x)
    return (x + ops.sqrt(x * x + float(b))) / 2.0


@register("activation", "sparse_plus")
def sparse_plus(x: TensorLike) -> Tensor:
    """0 up to -1, ``(x + 1)**2 / 4`` between -1 and 1, and ``x`` from 1.

    >>> import tensorlet as tf
    >>> tf.keras.activations.sparse_plus(tf.constant([-2.0, 0.0, 3.0])).numpy()
    array([0.  , 0.25, 3.  ], dtype=float32)
    """
    x = floats(x)
    return ops.where(x <= -1.0, 0.0, ops.where(x < 1.0, (x + 1.0) ** 2 / 4.0, x))


@register("activation", "sparse_sigmoid")
def sparse_sigmoid(x: TensorLike) -> Tensor:
    """0 up to -1, ``(x + 1) / 2`` between -1 and 1, and 1 from 1.

    >>> import tensorlet as tf
    >>> tf.keras.activations.sparse_sigmoid(tf.constant([-2.0, 0.0, 3.0])).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """
    return ops.clip_by_value((floats(x) + 1.0) / 2.0, 0.0, 1.0)


@register("activation", "sparsemax")
def sparsemax(x: TensorLike, axis: int = -1) -> Tensor:
    """The probabilities along an axis that are nearest to ``x``; unlike with softmax, many of them are 0.

    Args:
        x: scores, any shape.
        axis: the axis of the classes.

    Source: A. Martins and R. Astudillo, "From softmax to sparsemax", ICML 2016.

    >>> import tensorlet as tf
    >>> tf.keras.activations.sparsemax(tf.constant([[1.0, 0.5, -1.0]])).numpy()
    array([[0.75, 0.25, 0.  ]], dtype=float32)
    """
    x = floats(x)
    rank = len(x.shape)
    ordered = ops.sort(x, axis=axis, direction="DESCENDING")
    shape = [-1 if one == axis % rank else 1 for one in range(rank)]
    counts = convert(np.arange(1, int(x.shape[axis]) + 1).reshape(shape).astype(x.dtype.name))
    sums = ops.cumsum(ordered, axis)
    inside = ops.cast(1.0 + counts * ordered > sums, x.dtype)
    limit = (ops.reduce_sum(ordered * inside, axis, True) - 1.0) / ops.reduce_sum(inside, axis, True)
    return ops.relu(x - limit)


@register("activation", "glu")
def glu(x: TensorLike, axis: int = -1) -> Tensor:
    """The gated linear unit: the first half of an axis, multiplied by the sigmoid of the second half.

    Args:
        x: an array with an even length along the axis.
        axis: the axis that is halved.

    Source: Y. Dauphin et al., "Language modeling with gated convolutional networks", 2017.

    >>> import tensorlet as tf
    >>> tf.keras.activations.glu(tf.constant([[2.0, 0.0]])).numpy()
    array([[1.]], dtype=float32)
    """
    first, second = ops.split(floats(x), 2, axis)
    return first * ops.sigmoid(second)
