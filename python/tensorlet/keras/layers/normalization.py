"""Layers that normalize activations: batch, layer and unit normalization."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core import active_tapes
from tensorlet.core.shape import TensorShape
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras import constraints, initializers, regularizers
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.input_spec import InputSpec
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import Identifier


@register("layer")
class BatchNormalization(Layer):
    """``gamma * (x - mean) / sqrt(variance + epsilon) + beta``, with separate statistics for each feature.

    In training mode, the mean and variance of the batch are used, and their moving averages are updated:
    ``moving = moving * momentum + batch * (1 - momentum)``. In inference mode, and in a frozen layer, the
    moving averages are used.

    Args:
        axis: the axis of the features.
        momentum: the decay rate of the moving averages.
        epsilon: added to the variance to avoid division by zero.
        center: whether to add ``beta``.
        scale: whether to multiply by ``gamma``.
        beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer: initial values.
        beta_regularizer, gamma_regularizer: penalties added to the loss.
        beta_constraint, gamma_constraint: applied after each update.
        options: the arguments of `Layer`.

    Source: S. Ioffe and C. Szegedy, "Batch normalization", 2015.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.BatchNormalization(epsilon=0.0, momentum=0.5)
    >>> layer(tf.constant([[1.0], [3.0]]), training=True).numpy()
    array([[-1.],
           [ 1.]], dtype=float32)
    >>> [float(w.numpy()[0]) for w in layer.non_trainable_weights]
    [1.0, 1.0]
    """

    supports_masking = True
    config_names = (
        "axis", "momentum", "epsilon", "center", "scale", "beta_initializer", "gamma_initializer",
        "moving_mean_initializer", "moving_variance_initializer", "beta_regularizer", "gamma_regularizer",
        "beta_constraint", "gamma_constraint",
    )  # fmt: skip

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        momentum: float = 0.99,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Identifier | None = "zeros",
        gamma_initializer: Identifier | None = "ones",
        moving_mean_initializer: Identifier | None = "zeros",
        moving_variance_initializer: Identifier | None = "ones",
        beta_regularizer: Identifier | None = None,
        gamma_regularizer: Identifier | None = None,
        beta_constraint: Identifier | None = None,
        gamma_constraint: Identifier | None = None,
        **options: Any,
    ) -> None:
        self._fused = options.get("fused", True) is not False
        for what in ("renorm", "fused", "virtual_batch_size", "adjustment", "synchronized"):
            if options.pop(what, None) and what not in ("fused", "synchronized"):
                raise InvalidArgumentError(f"BatchNormalization: {what} is not supported. Omit it.")
        super().__init__(**options)
        self.axis = axis if isinstance(axis, int) else _single_axis(axis)
        self.momentum = momentum
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)

    def build(self, input_shape: TensorShape) -> None:
        """Creates gamma, beta and the moving averages, each of shape (features,)."""
        features = _length_of(self.name, "BatchNormalization", input_shape, self.axis)
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(
                "gamma", (features,), initializer=self.gamma_initializer,
                regularizer=self.gamma_regularizer, constraint=self.gamma_constraint,
            )  # fmt: skip
        if self.center:
            self.beta = self.add_weight(
                "beta", (features,), initializer=self.beta_initializer,
                regularizer=self.beta_regularizer, constraint=self.beta_constraint,
            )  # fmt: skip
        self.moving_mean = self.add_weight(
            "moving_mean", (features,), initializer=self.moving_mean_initializer, trainable=False
        )
        self.moving_variance = self.add_weight(
            "moving_variance", (features,), initializer=self.moving_variance_initializer, trainable=False
        )
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: features})

    def call(self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None) -> Tensor:
        """Returns the normalized inputs; in training mode, updates the moving averages without masked steps."""
        rank = len(inputs.shape)
        axis = self.axis % rank
        others = [one for one in range(rank) if one != axis]
        if training and self.trainable:
            mean, variance = (
                ops.moments(inputs, others) if mask is None else _masked_moments(inputs, others, mask)
            )
            self._move(self.moving_mean, mean)
            self._move(self.moving_variance, self._kept_variance(inputs, axis, variance))
        else:
            mean, variance = self.moving_mean, self.moving_variance

        def along(value: Tensor | None) -> Any:
            if value is None or axis == rank - 1:
                return value
            return ops.reshape(value, [-1 if one == axis else 1 for one in range(rank)])

        return ops.batch_normalization(
            inputs, along(mean), along(variance), along(self.beta), along(self.gamma), self.epsilon
        )

    def _kept_variance(self, inputs: Tensor, axis: int, variance: Tensor) -> Tensor:
        """The batch's variance for the moving average: of pictures without bias, as the fused kernel of Keras 2."""
        shape = inputs.shape
        if len(shape) != 4 or axis not in (1, 3) or not self._fused:
            return variance
        count = math.prod(shape) // max(shape[axis], 1)
        return variance * (count / max(count - 1, 1))

    def _move(self, average: Variable, value: Tensor) -> None:
        with active_tapes.paused():
            average.assign(average * self.momentum + value * (1.0 - self.momentum))


def _masked_moments(inputs: Tensor, axes: Sequence[int], mask: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the mean and variance of the inputs where the mask, which covers their first axes, is True."""
    kept = ops.cast(mask, inputs.dtype)
    while len(kept.shape) < len(inputs.shape):
        kept = ops.expand_dims(kept, -1)
    kept = kept * ops.ones_like(inputs)
    count = ops.reduce_sum(kept, axes, keepdims=True)
    mean = ops.reduce_sum(inputs * kept, axes, keepdims=True) / count
    variance = ops.reduce_sum(ops.square(inputs - mean) * kept, axes) / ops.squeeze(count, axes)
    return ops.squeeze(mean, axes), variance


@register("layer")
class LayerNormalization(Layer):
    """``gamma * (x - mean) / sqrt(variance + epsilon) + beta``, with the mean and variance of each example.

    Args:
        axis: the axes of the mean and variance, and of gamma and beta.
        epsilon: added to the variance to avoid division by zero.
        center: whether to add ``beta``.
        scale: whether to multiply by ``gamma``.
        beta_initializer, gamma_initializer: initial values.
        beta_regularizer, gamma_regularizer: penalties added to the loss.
        beta_constraint, gamma_constraint: applied after each update.
        options: the arguments of `Layer`.

    Source: J. Ba, J. Kiros and G. Hinton, "Layer normalization", 2016.

    >>> import tensorlet as tf
    >>> tf.keras.layers.LayerNormalization(epsilon=0.0)(tf.constant([[1.0, 3.0], [10.0, 30.0]])).numpy()
    array([[-1.,  1.],
           [-1.,  1.]], dtype=float32)
    """

    supports_masking = True
    config_names = (
        "axis", "epsilon", "center", "scale", "beta_initializer", "gamma_initializer", "beta_regularizer",
        "gamma_regularizer", "beta_constraint", "gamma_constraint",
    )  # fmt: skip

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Identifier | None = "zeros",
        gamma_initializer: Identifier | None = "ones",
        beta_regularizer: Identifier | None = None,
        gamma_regularizer: Identifier | None = None,
        beta_constraint: Identifier | None = None,
        gamma_constraint: Identifier | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)

    def build(self, input_shape: TensorShape) -> None:
        """Creates gamma and beta, with the lengths of the axes."""
        rank = len(input_shape)
        axes = [self.axis] if isinstance(self.axis, int) else self.axis
        shape = tuple(_length_of(self.name, "LayerNormalization", input_shape, axis) for axis in axes)
        self._axes = sorted(axis % rank for axis in axes)
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(
                "gamma", shape, initializer=self.gamma_initializer,
                regularizer=self.gamma_regularizer, constraint=self.gamma_constraint,
            )  # fmt: skip
        if self.center:
            self.beta = self.add_weight(
                "beta", shape, initializer=self.beta_initializer,
                regularizer=self.beta_regularizer, constraint=self.beta_constraint,
            )  # fmt: skip

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the normalized inputs."""
        mean, variance = ops.moments(inputs, self._axes, keepdims=True)
        rank = len(inputs.shape)
        shape = [inputs.shape[axis] if axis in self._axes else 1 for axis in range(rank)]

        def along(value: Tensor | None) -> Any:
            if value is None or self._axes == [rank - 1]:
                return value
            return ops.reshape(value, shape)

        return ops.batch_normalization(
            inputs, mean, variance, along(self.beta), along(self.gamma), self.epsilon
        )


@register("layer")
class UnitNormalization(Layer):
    """Divides each example by its Euclidean norm.

    Args:
        axis: the axis or axes of the norm.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.UnitNormalization()(tf.constant([[3.0, 4.0]])).numpy()
    array([[0.6, 0.8]], dtype=float32)
    """

    config_names = ("axis",)

    def __init__(self, axis: int | Sequence[int] = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axis if isinstance(axis, int) else list(axis)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the examples with norm 1."""
        return ops.l2_normalize(inputs, axis=self.axis)


def _single_axis(axis: Sequence[int]) -> int:
    if len(axis) != 1:
        raise InvalidArgumentError(
            f"BatchNormalization: axis={list(axis)}, but one axis is expected. Reshape the features onto one axis."
        )
    return int(axis[0])


def _length_of(name: str, kind: str, shape: TensorShape, axis: int) -> int:
    """Returns the length of an axis, which must be known."""
    rank = len(shape)
    if not -rank <= axis < rank:
        raise ShapeError(f'{kind} layer "{name}": the input of shape {tuple(shape)} has no axis {axis}.')
    length = shape[axis]
    if length is None:
        raise ShapeError(
            f'{kind} layer "{name}": axis {axis} of its input has no fixed length (input shape {tuple(shape)}), but '
            "its weights need one. Specify the whole input shape of the model."
        )
    return int(length)
