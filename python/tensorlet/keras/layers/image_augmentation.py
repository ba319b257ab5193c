"""Layers that change pictures at random while the model is trained, and not in `evaluate` and `predict`.

So a network sees more pictures than there are, and learns that a turned cat is a cat. As in Keras, a call without
``training``, such as in ``dataset.map``, changes the pictures, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.image_layer import ImageLayer
from tensorlet.ops.image_geometry import flip_left_right, flip_up_down
from tensorlet.ops.image_random import flip_some
from tensorlet.ops.image_transform import FILL_MODES, INTERPOLATIONS, transform
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

Factor = float | Sequence[float]


def bounds(
    layer: str, argument: str, value: object, least: float = -math.inf, most: float = math.inf
) -> tuple[float, float]:
    """(lower, upper) from both, or from one number, which means ``(-number, number)``; in Keras 3 in any order.

    Raises:
        InvalidArgumentError: names the layer and its argument.
    """
    given: list[Any] = list(value) if isinstance(value, Sequence) else [value]
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in given) or len(given) > 2:
        raise InvalidArgumentError(
            f"{layer}: {argument}={value!r}. The `{argument}` argument should be a number or a list of two numbers, "
            "(lower, upper)."
        )
    lower, upper = (-abs(given[0]), abs(given[0])) if len(given) == 1 else (given[0], given[1])
    if keras_generation() == 3:
        lower, upper = min(lower, upper), max(lower, upper)
    if lower > upper or lower < least or upper > most:
        low = "" if least == -math.inf else f" of at least {least:g}"
        high = "" if most == math.inf else f", and is at most {most:g}"
        raise InvalidArgumentError(
            f"{layer}: {argument}={value!r}. The `{argument}` argument should be a number or a list of two numbers: a "
            f"lower bound{low}, and an upper bound that is not below it{high}."
        )
    return float(lower), float(upper)


class RandomImageLayer(ImageLayer):
    """A layer that changes pictures in training."""

    def call(self, inputs: Tensor, training: bool | None = True) -> Tensor:
        """The pictures; in training changed at random."""
        x = self.pictures(inputs)
        if training:
            one = len(x.shape) == 3
            x = self.change(ops.expand_dims(x, 0) if one else x)
            x = ops.squeeze(x, [0]) if one else x
        return self.like_inputs(x)

    def change(self, x: Tensor) -> Tensor:
        """Changes a batch of pictures."""
        raise NotImplementedError


@register("layer")
class RandomFlip(RandomImageLayer):
    """Mirrors each picture with probability 0.5 in training.

    Args:
        mode: ``"horizontal"`` (left to right), ``"vertical"`` (upside down) or ``"horizontal_and_vertical"``.
        seed: of the random choices.
        options: ``data_format``, and the arguments of every layer.

    >>> import tensorlet as tf
    >>> x = tf.keras.layers.RandomFlip("horizontal")(tf.reshape([1.0, 2.0], [1, 1, 2, 1]), training=True)
    >>> sorted(x[0, 0, :, 0].numpy().tolist())
    [1.0, 2.0]
    """

    config_names = ("mode", "seed")

    def __init__(
        self, mode: str = "horizontal_and_vertical", seed: int | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        if mode not in ("horizontal", "vertical", "horizontal_and_vertical"):
            raise InvalidArgumentError(
                f"RandomFlip: mode={mode!r}, but 'horizontal', 'vertical' or 'horizontal_and_vertical' is expected."
            )
        self.mode = mode
        self.seed = seed

    def change(self, x: Tensor) -> Tensor:
        """Flips some of the pictures."""
        if self.mode != "vertical":
            x = flip_some(x, flip_left_right(x), self.seed)
        return x if self.mode == "horizontal" else flip_some(x, flip_up_down(x), self.seed)


class _Moved(RandomImageLayer):
    """What layers have in common that look up each place of the result in the picture."""

    def __init__(
        self, fill_mode: str, interpolation: str, seed: int | None, fill_value: float, **options: Any
    ) -> None:
        super().__init__(**options)
        choices = (("fill_mode", fill_mode, FILL_MODES), ("interpolation", interpolation, INTERPOLATIONS))
        for argument, value, allowed in choices:
            if value not in allowed:
                raise InvalidArgumentError(
                    f"{type(self).__name__}: {argument}={value!r}, but one of {', '.join(map(repr, allowed))} is "
                    "expected."
                )
        self.fill_mode = fill_mode
        self.interpolation = interpolation
        self.seed = seed
        self.fill_value = fill_value

    def draw(self, x: Tensor, between: tuple[float, float]) -> Tensor:
        """Draws a random number for each picture."""
        return ops.random.uniform([x.shape[0]], *between, dtype=x.dtype, seed=self.seed)

    def look_up(self, x: Tensor, *rows: Any) -> Tensor:
        """The pictures by the six numbers of `transform`, each one number or one for each picture."""
        zero = ops.zeros([x.shape[0]], x.dtype)
        matrices = ops.stack([zero + row for row in rows], axis=1)
        return transform(x, matrices, self.fill_mode, self.fill_value, self.interpolation)


@register("layer")
class RandomRotation(_Moved):
    """Rotates each picture by a random angle around its center in training.

    Args:
        factor: the largest angle, as a part of a whole turn, or (lower, upper); positive is against the clock.
        fill_mode: what is outside of the picture: ``"reflect"``, ``"wrap"``, ``"constant"`` or ``"nearest"``.
        interpolation: ``"bilinear"`` or ``"nearest"``.
        seed: of the random angles.
        fill_value: for ``"constant"``.
        options: ``data_format``, and the arguments of every layer.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.RandomRotation((0.5, 0.5), interpolation="nearest")
    >>> layer(tf.reshape([1.0, 2.0], [1, 1, 2, 1]), training=True)[0, 0, :, 0].numpy()
    array([2., 1.], dtype=float32)
    """

    config_names = ("factor", "fill_mode", "fill_value", "interpolation", "seed")

    def __init__(
        self,
        factor: Factor,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, **options)
        self.factor = factor
        self.lower, self.upper = bounds("RandomRotation", "factor", factor)

    def change(self, x: Tensor) -> Tensor:
        """Each picture turned."""
        angle = self.draw(x, (self.lower * 2 * math.pi, self.upper * 2 * math.pi))
        cos, sin = ops.cos(angle), ops.sin(angle)
        down, across = (length - 1.0 for length in x.shape[1:3])
        right = (across - (cos * across - sin * down)) / 2.0
        below = (down - (sin * across + cos * down)) / 2.0
        return self.look_up(x, cos, -sin, right, sin, cos, below)


@register("layer")
class RandomTranslation(_Moved):
    """Translates each picture by a random distance in training.

    Args:
        height_factor: the largest distance downwards or upwards, as a part of the height, or (lower, upper).
        width_factor: the same to the right or left, as a part of the width.
        fill_mode, interpolation, seed, fill_value, options: as for `RandomRotation`.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.RandomTranslation(0.0, (0.5, 0.5), fill_mode="constant")
    >>> layer(tf.reshape([1.0, 2.0], [1, 1, 2, 1]), training=True)[0, 0, :, 0].numpy()
    array([0., 1.], dtype=float32)
    """

    config_names = ("height_factor", "width_factor", "fill_mode", "fill_value", "interpolation", "seed")

    def __init__(
        self,
        height_factor: Factor,
        width_factor: Factor,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, **options)
        self.height_factor = height_factor
        self.width_factor = width_factor
        self._height = bounds("RandomTranslation", "height_factor", height_factor, -1.0)
        self._width = bounds("RandomTranslation", "width_factor", width_factor, -1.0)

    def change(self, x: Tensor) -> Tensor:
        """Each picture moved."""
        down = self.draw(x, self._height) * float(x.shape[1])
        across = self.draw(x, self._width) * float(x.shape[2])
        return self.look_up(x, 1.0, 0.0, -across, 0.0, 1.0, -down)


@register("layer")
class RandomZoom(_Moved):
    """Scales each picture around its center by a random factor in training.

    Args:
        height_factor: how much more of the height is seen at most (or less, where negative), or (lower, upper):
            (0.2, 0.3) zooms out by 20 to 30 %.
        width_factor: the same for the width; None for the same factor as the height's, which keeps the proportions.
        fill_mode, interpolation, seed, fill_value, options: as for `RandomRotation`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.RandomZoom(0.5)(tf.zeros([2, 4, 4, 1]), training=True).shape
    TensorShape([2, 4, 4, 1])
    """

    config_names = ("height_factor", "width_factor", "fill_mode", "fill_value", "interpolation", "seed")

    def __init__(
        self,
        height_factor: Factor,
        width_factor: Factor | None = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, **options)
        self.height_factor = height_factor
        self.width_factor = width_factor
        self._height = bounds("RandomZoom", "height_factor", height_factor, -1.0)
        self._width = (
            None if width_factor is None else bounds("RandomZoom", "width_factor", width_factor, -1.0)
        )

    def change(self, x: Tensor) -> Tensor:
        """Each picture scaled."""
        high = self.draw(x, self._height) + 1.0
        wide = high if self._width is None else self.draw(x, self._width) + 1.0
        down, across = (length - 1.0 for length in x.shape[1:3])
        return self.look_up(x, wide, 0.0, (1.0 - wide) * across / 2.0, 0.0, high, (1.0 - high) * down / 2.0)
