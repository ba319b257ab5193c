"""Layers that perturb their inputs in training mode: dropout and noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.picture_options import PictureSpec, format_name
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register


def _rate(layer: str, rate: object) -> float:
    """Checks that a rate is a number from 0 to 1, and returns it."""
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
        raise InvalidArgumentError(
            f"{layer}: rate={rate!r}. Invalid value received for argument `rate`. Expected a float value between 0 "
            "and 1: "
            "the fraction of elements to drop."
        )
    return rate


def _noise_lengths(layer: str, given: Any) -> tuple[int | None, ...] | None:
    """Checks the shape of a random mask.

    Raises:
        InvalidArgumentError: names the layer.
    """
    if given is None:
        return None
    start = f"{layer}: noise_shape={given!r}. Invalid value received for argument `noise_shape`. Expected "
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InvalidArgumentError(f"{start}a tuple or list of integers.")
    if any(one is not None and (isinstance(one, bool) or not isinstance(one, int)) for one in given):
        raise InvalidArgumentError(f"{start}all elements to be integers or None.")
    if any(one is not None and one < 1 for one in given):
        raise InvalidArgumentError(f"{start}all dimensions to be positive integers or None.")
    return tuple(given)


@register("layer")
class Dropout(Layer):
    """In training mode, sets a random fraction of the inputs to 0 and scales the others by ``1 / (1 - rate)``.

    In inference mode, the inputs are unchanged; the scaling preserves their mean.

    Args:
        rate: the fraction of the inputs to drop.
        noise_shape: the shape of the random mask, which is broadcast along axes of length 1; None for the batch axis.
        seed: the seed of the random mask.
        options: the arguments of `Layer`.

    Source: N. Srivastava and others, "Dropout: a simple way to prevent neural networks from overfitting", 2014.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.Dropout(0.5)
    >>> layer(tf.ones([2])).numpy()
    array([1., 1.], dtype=float32)
    >>> sorted(set(layer(tf.ones([100]), training=True).numpy().tolist()))
    [0.0, 2.0]
    """

    supports_masking = True
    config_names = ("rate", "noise_shape", "seed")

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.rate = _rate("Dropout", rate)
        self.noise_shape = _noise_lengths("Dropout", noise_shape)
        self.seed = seed

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        """Returns the inputs, with elements dropped in training mode."""
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            return ops.zeros_like(inputs)
        return ops.dropout(inputs, self.rate, noise_shape=self._noise_shape(inputs), seed=self.seed)

    def _noise_shape(self, inputs: Tensor) -> list[int] | None:
        if self.noise_shape is None:
            return None
        pairs = zip(self.noise_shape, inputs.shape, strict=True)
        return [length if wanted is None else wanted for wanted, length in pairs]


class _SpatialDropout(Dropout):
    """Dropout of whole channels."""

    config_names: tuple[str, ...] = ("rate", "seed")  # type: ignore[assignment]

    def __init__(self, rate: float, seed: int | None = None, **options: Any) -> None:
        super().__init__(rate, seed=seed, **options)

    def _noise_shape(self, inputs: Tensor) -> list[int] | None:
        return [inputs.shape[0], *[1] * (len(inputs.shape) - 2), inputs.shape[-1]]


@register("layer")
class SpatialDropout1D(_SpatialDropout):
    """Dropout of whole channels of ``(examples, steps, channels)``; arguments as for `Dropout`.

    >>> import tensorlet as tf
    >>> out = tf.keras.layers.SpatialDropout1D(0.5)(tf.ones([1, 3, 50]), training=True).numpy()
    >>> bool((out[0, 0] == out[0, 2]).all())
    True
    """


@register("layer")
class SpatialDropout2D(_SpatialDropout):
    """Dropout of whole channels of ``(examples, height, width, channels)``; arguments as for `Dropout`.

    Args:
        rate: the part of the channels that is set to 0.
        data_format: ``"channels_first"`` for ``(examples, channels, height, width)``.
        seed: of the random choices.
        options: of every layer.

    Source: J. Tompson and others, "Efficient object localization using convolutional networks", 2015.

    >>> import tensorlet as tf
    >>> out = tf.keras.layers.SpatialDropout2D(0.5)(tf.ones([1, 3, 2, 50]), training=True).numpy()
    >>> bool((out[0, 0, 0] == out[0, 2, 1]).all())
    True
    """

    def __init__(
        self, rate: float, data_format: str | None = None, seed: int | None = None, **options: Any
    ) -> None:
        options.pop("noise_shape", None)
        super().__init__(rate, seed=seed, **options)
        self.data_format = format_name("SpatialDropout2D", data_format)
        self.input_spec = PictureSpec(ndim=4)

    def _noise_shape(self, inputs: Tensor) -> list[int] | None:
        if self.data_format == "channels_first":
            return [*inputs.shape[:2], 1, 1]
        return super()._noise_shape(inputs)


@register("layer")
class GaussianNoise(Layer):
    """Adds normally distributed noise in training mode.

    Args:
        stddev: the standard deviation of the noise.
        seed: the seed of the noise.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.GaussianNoise(0.1)
    >>> layer(tf.ones([2])).numpy()
    array([1., 1.], dtype=float32)
    >>> bool(tf.reduce_all(layer(tf.ones([2]), training=True) != 1.0))
    True
    """

    supports_masking = True
    config_names = ("stddev", "seed")

    def __init__(self, stddev: float, seed: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        if not stddev >= 0:
            raise InvalidArgumentError(
                f"GaussianNoise: stddev={stddev!r}, but a number of at least 0 is expected."
            )
        self.stddev = stddev
        self.seed = seed

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        """Returns the inputs, with noise in training mode."""
        if not training or self.stddev == 0:
            return inputs
        noise = ops.random.normal(inputs.shape, stddev=self.stddev, dtype=inputs.dtype, seed=self.seed)
        return inputs + noise


@register("layer")
class GaussianDropout(Layer):
    """In training mode, multiplies by normal noise with mean 1 and standard deviation ``sqrt(rate / (1 - rate))``.

    Args:
        rate: as for `Dropout`, which has the same variance.
        seed: the seed of the noise.
        options: the arguments of `Layer`.

    Source: N. Srivastava and others, "Dropout", 2014, section 10.

    >>> import tensorlet as tf
    >>> tf.keras.layers.GaussianDropout(0.5)(tf.ones([2])).numpy()
    array([1., 1.], dtype=float32)
    """

    supports_masking = True
    config_names = ("rate", "seed")

    def __init__(self, rate: float, seed: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.rate = _rate("GaussianDropout", rate)
        self.seed = seed

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        """Returns the inputs, with noise in training mode."""
        if not training or self.rate == 0:
            return inputs
        stddev = math.sqrt(self.rate / max(1.0 - self.rate, 1e-12))
        noise = ops.random.normal(inputs.shape, mean=1.0, stddev=stddev, dtype=inputs.dtype, seed=self.seed)
        return inputs * noise


@register("layer")
class AlphaDropout(Layer):
    """Dropout that preserves mean 0 and variance 1, for networks with the SELU activation.

    In training mode, a random fraction of the inputs is set to ``-1.7581``, the lower limit of SELU; then everything
    is scaled and shifted to preserve the mean and variance.

    Args:
        rate: the fraction of the inputs to drop.
        noise_shape: as for `Dropout`.
        seed: the seed of the random mask.
        options: the arguments of `Layer`.

    Source: G. Klambauer and others, "Self-normalizing neural networks", 2017.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.AlphaDropout(0.5)
    >>> layer(tf.ones([2])).numpy()
    array([1., 1.], dtype=float32)
    >>> sorted({round(x, 4) for x in layer(tf.zeros([100]), training=True).numpy().tolist()})
    [-0.7792, 0.7792]
    """

    supports_masking = True
    config_names = ("rate", "noise_shape", "seed")

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.rate = _rate("AlphaDropout", rate)
        self.noise_shape = _noise_lengths("AlphaDropout", noise_shape)
        self.seed = seed

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        """Returns the inputs, with elements dropped in training mode."""
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            return ops.zeros_like(inputs)
        lowest = -1.6732632423543772 * 1.0507009873554805  # alpha and scale of SELU
        scale = ((1 - self.rate) * (1 + self.rate * lowest**2)) ** -0.5
        shape = inputs.shape if self.noise_shape is None else self.noise_shape
        shape = [length if one is None else one for one, length in zip(shape, inputs.shape, strict=True)]
        kept = ops.random.uniform(shape, dtype=inputs.dtype, seed=self.seed) >= self.rate
        return ops.where(kept, inputs, lowest) * scale - scale * lowest * self.rate
