"""Layers that normalize each example by itself: layer, group, root mean square and unit normalization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras import constraints, initializers, regularizers
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.input_spec import InputSpec
from tensorlet.keras.layers.normalized_axes import all_axes, axes_as_given, known_length
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import Identifier


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
        rms_scaling: whether to compute only ``gamma * x / sqrt(variance + epsilon)``, without the mean and beta.
        options: the arguments of `Layer`.

    Raises:
        ArgumentTypeError: if the axis is not an integer or a list of integers.

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
    keras_3_names: ClassVar[dict[str, Any]] = {"rms_scaling": False}

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
        rms_scaling: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.axis = axes_as_given("LayerNormalization", axis)
        self.rms_scaling = bool(rms_scaling)
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
        if keras_generation() == 3:
            axes = sorted(axes, key=lambda axis: axis % rank)
        shape = tuple(known_length(self.name, "LayerNormalization", input_shape, axis) for axis in axes)
        self.gamma = self.beta = None
        if self.scale or self.rms_scaling:
            self.gamma = self.add_weight(
                "gamma", shape, initializer=self.gamma_initializer,
                regularizer=self.gamma_regularizer, constraint=self.gamma_constraint,
            )  # fmt: skip
        if self.center and not self.rms_scaling:
            self.beta = self.add_weight(
                "beta", shape, initializer=self.beta_initializer,
                regularizer=self.beta_regularizer, constraint=self.beta_constraint,
            )  # fmt: skip

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the normalized inputs."""
        rank = len(inputs.shape)
        axes = all_axes("LayerNormalization", self.name, self.axis, rank)
        mean, variance = ops.moments(inputs, axes, keepdims=True)
        mean = ops.zeros_like(mean) if self.rms_scaling else mean
        shape = [inputs.shape[axis] if axis in axes else 1 for axis in range(rank)]

        def along(value: Tensor | None) -> Any:
            if value is None or axes == [rank - 1]:
                return value
            return ops.reshape(value, shape)

        return ops.batch_normalization(
            inputs, mean, variance, along(self.beta), along(self.gamma), self.epsilon
        )


@register("layer")
class GroupNormalization(Layer):
    """``gamma * (x - mean) / sqrt(variance + epsilon) + beta``, with the mean and variance of groups of channels.

    The channels are cut into groups of neighbors; the mean and variance are those of all elements of an example that
    belong to a group. The result does not depend on the size of the batch. One group is layer normalization over all
    axes; as many groups as channels are instance normalization.

    Args:
        groups: the number of groups, which divides the number of channels; -1 for as many groups as channels.
        axis: the axis of the channels.
        epsilon: added to the variance to avoid division by zero.
        center: whether to add ``beta``.
        scale: whether to multiply by ``gamma``.
        beta_initializer, gamma_initializer: initial values.
        beta_regularizer, gamma_regularizer: penalties added to the loss.
        beta_constraint, gamma_constraint: applied after each update.
        options: the arguments of `Layer`.

    Raises:
        InvalidArgumentError: if ``groups`` is neither a positive integer nor -1.
        ShapeError: when called, if ``groups`` does not divide the number of channels.

    Source: Y. Wu and K. He, "Group normalization", 2018.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.GroupNormalization(groups=2, epsilon=0.0)
    >>> layer(tf.constant([[1.0, 3.0, 10.0, 30.0]])).numpy()
    array([[-1.,  1., -1.,  1.]], dtype=float32)
    """

    supports_masking = True
    config_names = (
        "groups", "axis", "epsilon", "center", "scale", "beta_initializer", "gamma_initializer", "beta_regularizer",
        "gamma_regularizer", "beta_constraint", "gamma_constraint",
    )  # fmt: skip

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
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
        if isinstance(groups, bool) or not isinstance(groups, int) or (groups < 1 and groups != -1):
            raise InvalidArgumentError(
                f"GroupNormalization: the argument `groups` is {groups!r}, but a positive integer, or -1 for as many "
                "groups as channels, is expected."
            )
        self.groups = groups
        self.axis = axis
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
        """Creates gamma and beta, each of shape (channels,)."""
        channels = known_length(self.name, "GroupNormalization", input_shape, self.axis)
        self._check_groups(channels)
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(
                "gamma", (channels,), initializer=self.gamma_initializer,
                regularizer=self.gamma_regularizer, constraint=self.gamma_constraint,
            )  # fmt: skip
        if self.center:
            self.beta = self.add_weight(
                "beta", (channels,), initializer=self.beta_initializer,
                regularizer=self.beta_regularizer, constraint=self.beta_constraint,
            )  # fmt: skip
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: channels})

    def _check_groups(self, channels: int) -> None:
        if self.groups > channels:
            raise ShapeError(
                f'GroupNormalization layer "{self.name}": the number of groups ({self.groups}) cannot be more than the '
                f"number of channels ({channels}). Choose fewer groups, or -1 for one per channel."
            )
        if channels % self.groups:
            raise ShapeError(
                f'GroupNormalization layer "{self.name}": {channels} channels cannot be cut into {self.groups} equal '
                f"groups. The number of channels ({channels}) must be a multiple of the number of groups "
                f"({self.groups})."
            )

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the normalized inputs."""
        shape = list(inputs.shape)
        rank = len(shape)
        axis = self.axis % rank
        groups = shape[axis] if self.groups == -1 else self.groups
        parts = [*shape[:axis], groups, shape[axis] // groups, *shape[axis + 1 :]]
        x = ops.reshape(inputs, parts)
        others = [one for one in range(1, rank + 1) if one != axis]
        mean, variance = ops.moments(x, others, keepdims=True)

        def along(value: Tensor | None) -> Any:
            if value is None:
                return value
            return ops.reshape(
                value, [length if one in (axis, axis + 1) else 1 for one, length in enumerate(parts)]
            )

        found = ops.batch_normalization(x, mean, variance, along(self.beta), along(self.gamma), self.epsilon)
        return ops.reshape(found, shape)


@register("layer")
class RMSNormalization(Layer):
    """``scale * x / sqrt(mean(x ** 2) + epsilon)``: divides each example by its root mean square.

    Args:
        axis: the axes of the mean, and of the trainable ``scale``.
        epsilon: added to the mean to avoid division by zero.
        options: the arguments of `Layer`.

    Raises:
        ArgumentTypeError: if the axis is not an integer or a list of integers.

    Source: B. Zhang and R. Sennrich, "Root mean square layer normalization", 2019.

    >>> import tensorlet as tf
    >>> tf.keras.layers.RMSNormalization()(tf.constant([[1.0, 7.0]])).numpy()
    array([[0.2, 1.4]], dtype=float32)
    """

    config_names = ("axis", "epsilon")

    def __init__(self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axes_as_given("RMSNormalization", axis)
        self.epsilon = epsilon

    def build(self, input_shape: TensorShape) -> None:
        """Creates the scale, with the lengths of the axes."""
        axes = all_axes("RMSNormalization", self.name, self.axis, len(input_shape))
        shape = [known_length(self.name, "RMSNormalization", input_shape, axis) for axis in axes]
        self.scale = self.add_weight("scale", tuple(shape), initializer="ones")

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the scaled inputs."""
        axes = all_axes("RMSNormalization", self.name, self.axis, len(inputs.shape))
        mean = ops.reduce_mean(ops.square(inputs), axes, keepdims=True)
        shape = [length if axis in axes else 1 for axis, length in enumerate(inputs.shape)]
        scale = self.scale if axes == [len(shape) - 1] else ops.reshape(self.scale, shape)
        return inputs * ops.rsqrt(mean + self.epsilon) * scale


@register("layer")
class UnitNormalization(Layer):
    """Divides each example by its Euclidean norm.

    Args:
        axis: the axis or axes of the norm.
        options: the arguments of `Layer`.

    Raises:
        ArgumentTypeError: if the axis is not an integer or a list of integers.

    >>> import tensorlet as tf
    >>> tf.keras.layers.UnitNormalization()(tf.constant([[3.0, 4.0]])).numpy()
    array([[0.6, 0.8]], dtype=float32)
    """

    supports_masking = True
    config_names = ("axis",)

    def __init__(self, axis: int | Sequence[int] = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axes_as_given("UnitNormalization", axis)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the examples with norm 1."""
        all_axes("UnitNormalization", self.name, self.axis, len(inputs.shape))
        return ops.l2_normalize(inputs, axis=self.axis)
