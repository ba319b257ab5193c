"""`BatchNormalization`, with batch renormalization."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from tensorlet import ops
from tensorlet.core import active_tapes
from tensorlet.core.shape import TensorShape
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras import config, constraints, initializers, regularizers
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.input_spec import InputSpec
from tensorlet.keras.layers.normalized_axes import known_length, single_axis
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import Identifier

#: The bounds of the corrections of batch renormalization: of the factor from below and above, and of the offset.
_BOUNDS = ("rmin", "rmax", "dmax")


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
        synchronized: has no effect: there is one replica.
        renorm: whether to use batch renormalization: in training mode, the normalized inputs are corrected as
            ``x * r + d``, which brings them close to those of inference mode. This helps where batches are small.
        renorm_clipping: the bounds of the corrections, with the keys ``rmin``, ``rmax`` and ``dmax``:
            ``rmin <= r <= rmax`` and ``-dmax <= d <= dmax``.
        renorm_momentum: the decay rate of the statistics that the corrections are computed from.
        options: the arguments of `Layer`.

    Raises:
        InvalidArgumentError: for other keys in ``renorm_clipping``.
        ShapeError: when called, if a mask does not have one axis less than the inputs.

    Sources: S. Ioffe and C. Szegedy, "Batch normalization", 2015; S. Ioffe, "Batch renormalization", 2017.

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
    keras_3_names: ClassVar[dict[str, Any]] = {
        "synchronized": False, "renorm": False, "renorm_clipping": None, "renorm_momentum": 0.99,
    }  # fmt: skip

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
        synchronized: bool = False,
        renorm: bool = False,
        renorm_clipping: Mapping[str, float] | None = None,
        renorm_momentum: float = 0.99,
        **options: Any,
    ) -> None:
        self._fused = options.get("fused", True) is not False
        for what in ("fused", "virtual_batch_size", "adjustment"):
            if options.pop(what, None) and what != "fused":
                raise InvalidArgumentError(f"BatchNormalization: {what} is not supported. Omit it.")
        super().__init__(**options)
        self.synchronized = bool(synchronized)
        self.renorm = bool(renorm)
        self.renorm_clipping = _clipping(renorm_clipping)
        self.renorm_momentum = renorm_momentum
        self.axis = axis if isinstance(axis, int) else single_axis("BatchNormalization", axis)
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
        features = known_length(self.name, "BatchNormalization", input_shape, self.axis)
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
        mean, variance = self.moving_mean_initializer, self.moving_variance_initializer
        self.moving_mean = self._statistic("moving_mean", features, mean)
        self.moving_variance = self._statistic("moving_variance", features, variance)
        if self.renorm:
            self.moving_stddev = self._statistic("moving_stddev", features, _root_of(variance))
            self.renorm_mean = self._statistic("renorm_mean", features, mean)
            self.renorm_stddev = self._statistic("renorm_stddev", features, _root_of(variance))
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: features})

    def call(self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None) -> Tensor:
        """Returns the normalized inputs; in training mode, updates the moving averages without masked steps."""
        rank = len(inputs.shape)
        axis = self.axis % rank
        others = [one for one in range(rank) if one != axis]
        gamma, beta = self.gamma, self.beta
        if training and self.trainable:
            mean, variance = (
                ops.moments(inputs, others) if mask is None else _masked_moments(inputs, others, mask)
            )
            if self.renorm:
                gamma, beta = self._corrected(mean, variance)
                self._move_renorm(mean, variance)
            else:
                self._move(self.moving_mean, mean, self.momentum)
                self._move(self.moving_variance, self._kept_variance(inputs, axis, variance), self.momentum)
        else:
            mean, variance = self.moving_mean, self.moving_variance

        def along(value: Tensor | None) -> Any:
            if value is None or axis == rank - 1:
                return value
            return ops.reshape(value, [-1 if one == axis else 1 for one in range(rank)])

        return ops.batch_normalization(
            inputs, along(mean), along(variance), along(beta), along(gamma), self.epsilon
        )

    def _statistic(self, name: str, features: int, initializer: Any) -> Variable:
        return self.add_weight(name, (features,), initializer=initializer, trainable=False)

    def _kept_variance(self, inputs: Tensor, axis: int, variance: Tensor) -> Tensor:
        """The batch's variance for the moving average: of pictures without bias, as the fused kernel of Keras 2."""
        shape = inputs.shape
        if len(shape) != 4 or axis not in (1, 3) or not self._fused or keras_generation() == 3:
            return variance
        count = math.prod(shape) // max(shape[axis], 1)
        return variance * (count / max(count - 1, 1))

    def _move(self, average: Variable, value: Tensor, momentum: float) -> None:
        with active_tapes.paused():
            average.assign(average * momentum + value * (1.0 - momentum))

    def _corrected(self, mean: Tensor, variance: Tensor) -> tuple[Any, Any]:
        """Gamma and beta of batch renormalization: of ``(x * r + d) * gamma + beta``."""
        with active_tapes.paused():
            deviation = ops.sqrt(variance + self.epsilon)
            usual = ops.maximum(self.renorm_stddev, math.sqrt(self.epsilon))
            factor, offset = deviation / usual, (mean - self.renorm_mean) / usual
            lowest, highest, farthest = (self.renorm_clipping.get(key) for key in _BOUNDS)
            factor = factor if lowest is None else ops.maximum(factor, lowest)
            factor = factor if highest is None else ops.minimum(factor, highest)
            offset = offset if farthest is None else ops.clip_by_value(offset, -farthest, farthest)
        factor, offset = ops.stop_gradient(factor), ops.stop_gradient(offset)
        if self.gamma is not None:
            factor, offset = factor * self.gamma, offset * self.gamma
        return factor, offset if self.beta is None else offset + self.beta

    def _move_renorm(self, mean: Tensor, variance: Tensor) -> None:
        """Updates the statistics of the corrections and those of inference mode."""
        with active_tapes.paused():
            deviation = ops.sqrt(variance + self.epsilon)
        self._move(self.renorm_mean, mean, self.renorm_momentum)
        self._move(self.renorm_stddev, deviation, self.renorm_momentum)
        self._move(self.moving_mean, mean, self.momentum)
        self._move(self.moving_stddev, deviation, self.momentum)
        with active_tapes.paused():
            self.moving_variance.assign(ops.relu(ops.square(self.moving_stddev) - self.epsilon))


def _clipping(given: Mapping[str, float] | None) -> dict[str, float]:
    """Checks the bounds of the corrections.

    Raises:
        InvalidArgumentError: for keys that mean nothing.
    """
    bounds = dict(given or {})
    unknown = sorted(set(bounds) - set(_BOUNDS))
    if unknown:
        raise InvalidArgumentError(
            f"BatchNormalization: renorm_clipping={bounds!r}. Received invalid keys: {unknown}. Use 'rmin' and 'rmax', "
            "the bounds of the factor, and 'dmax', the largest offset."
        )
    lowest, highest, farthest = bounds.get("rmin"), bounds.get("rmax"), bounds.get("dmax")
    if (lowest or 0) < 0 or (highest is not None and highest < (lowest or 0)):
        raise InvalidArgumentError(
            f"BatchNormalization: renorm_clipping={bounds!r}, but rmin should be non-negative, and rmax should be at "
            "least rmin."
        )
    if farthest is not None and farthest < 0:
        raise InvalidArgumentError(
            f"BatchNormalization: renorm_clipping={bounds!r}, but dmax should be non-negative: the offset lies between "
            "-dmax and dmax."
        )
    return bounds


def _root_of(initializer: Any) -> Any:
    """An initializer of standard deviations, from that of variances."""
    return lambda shape, dtype=None: ops.sqrt(initializer(shape, dtype=dtype))


def _masked_moments(inputs: Tensor, axes: Sequence[int], mask: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the mean and variance of the inputs where the mask, which covers their first axes, is True."""
    if len(mask.shape) != len(inputs.shape) - 1:
        raise ShapeError(
            f"BatchNormalization: the mask has the shape {list(mask.shape)}, and the inputs {list(inputs.shape)}. A "
            "mask says yes or no for each place, so it has all axes of the inputs but the last."
        )
    kept = ops.cast(mask, inputs.dtype)
    while len(kept.shape) < len(inputs.shape):
        kept = ops.expand_dims(kept, -1)
    kept = kept * ops.ones_like(inputs)
    count = ops.reduce_sum(kept, axes, keepdims=True) + config.epsilon()
    mean = ops.reduce_sum(inputs * kept, axes, keepdims=True) / count
    variance = ops.reduce_sum(ops.square(inputs - mean) * kept, axes) / ops.squeeze(count, axes)
    return ops.squeeze(mean, axes), variance
