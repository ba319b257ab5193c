"""Layers that change the contrast and the brightness of pictures at random while the model is trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.image_augmentation import Factor, RandomImageLayer, bounds
from tensorlet.keras.layers.image_layer import value_range_of
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register


@register("layer")
class RandomContrast(RandomImageLayer):
    """In training, changes the contrast by a random factor; the results are kept within the range of values.

    ``(x - mean) * factor + mean``, with the mean of each channel of each picture. Each picture has a factor of its own,
    or, as Keras 2 does it, all pictures of a batch have the same one.

    Args:
        factor: the factor lies between ``1 - factor`` and ``1 + factor``; or (lower, upper) for
            ``1 - lower`` and ``1 + upper``.
        seed: of the random factors.
        value_range: the smallest and the largest value of pixels.
        options: ``data_format``, and the arguments of every layer.

    >>> import tensorlet as tf
    >>> tf.keras.layers.RandomContrast(0.5)(tf.ones([2, 4, 4, 1]), training=True)[0, 0, 0].numpy()
    array([1.], dtype=float32)
    """

    config_names = ("factor", "seed")
    keras_3_names: ClassVar[dict[str, Any]] = {"value_range": (0, 255), **RandomImageLayer.keras_3_names}

    def __init__(
        self,
        factor: Factor,
        seed: int | None = None,
        value_range: Sequence[float] = (0, 255),
        **options: Any,
    ) -> None:
        super().__init__(**options)
        lower, upper = (factor, factor) if isinstance(factor, int | float) else factor
        if not (0 <= lower <= 1 and upper >= 0):
            raise InvalidArgumentError(
                f"RandomContrast: factor={factor!r}, but a number from 0 to 1, or the smallest and the largest "
                "change, is expected."
            )
        self.factor = factor
        self.lower, self.upper = float(lower), float(upper)
        self.seed = seed
        self.value_range = value_range_of("RandomContrast", value_range)

    def change(self, x: Tensor) -> Tensor:
        """The pictures with another contrast."""
        shape = [x.shape[0], 1, 1, 1] if keras_generation() == 3 else []
        factor = ops.random.uniform(shape, 1.0 - self.lower, 1.0 + self.upper, dtype=x.dtype, seed=self.seed)
        mean = ops.reduce_mean(x, [1, 2], keepdims=True)
        low, high = self.value_range
        return ops.clip_by_value((x - mean) * factor + mean, float(low), float(high))


@register("layer")
class RandomBrightness(RandomImageLayer):
    """In training, adds a random number to all pixels of each picture; the results are kept within the range.

    Args:
        factor: the most that is added or taken off, as a part of the range; or (lower, upper).
        value_range: the smallest and the largest value of pixels.
        seed: of the random numbers.
        options: ``data_format``, and the arguments of every layer.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.RandomBrightness((0.5, 0.5), value_range=(0, 1))
    >>> layer(tf.reshape([0.25, 0.75], [1, 1, 2, 1]), training=True)[0, 0, :, 0].numpy()
    array([0.75, 1.  ], dtype=float32)
    """

    config_names = ("factor", "value_range", "seed")

    def __init__(
        self,
        factor: Factor,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.factor = bounds("RandomBrightness", "factor", factor, -1.0, 1.0)
        self.value_range = value_range_of("RandomBrightness", value_range)
        self.seed = seed

    def change(self, x: Tensor) -> Tensor:
        """The pictures with another brightness."""
        low, high = self.value_range
        shape = [x.shape[0], 1, 1, 1]
        delta = ops.random.uniform(shape, *self.factor, dtype=x.dtype, seed=self.seed) * float(high - low)
        return ops.clip_by_value(x + delta, float(low), float(high))
