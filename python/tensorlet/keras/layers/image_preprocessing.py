"""Layers that bring pictures to a size: `Resizing`, `CenterCrop` and `RandomCrop`."""

from __future__ import annotations

from typing import Any, ClassVar

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers.core import positive_integer
from tensorlet.keras.layers.image_layer import ImageLayer
from tensorlet.ops.image_geometry import crop_to_bounding_box
from tensorlet.ops.image_resizing import resize, resize_method
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register


def resize_whole_middle(
    x: Tensor, height: int, width: int, interpolation: str = "bilinear", antialias: bool = False
) -> Tensor:
    """The largest central part of pictures with the aspect ratio of a size, resized to that size."""
    old_height, old_width = x.shape[-3:-1]
    part = (
        max(1, min(old_height, int(old_width * height / width))),
        max(1, min(old_width, int(old_height * width / height))),
    )
    top, left = (old_height - part[0]) // 2, (old_width - part[1]) // 2
    middle = crop_to_bounding_box(x, top, left, *part)
    return resize(middle, [height, width], interpolation, antialias=antialias)


def with_borders(x: Tensor, height: int, width: int, value: float) -> Tensor:
    """Pictures in the middle of larger ones with the aspect ratio of a size.

    Args:
        x: pictures, with the channels on the last axis.
        height, width: the size.
        value: of the pixels of the borders.
    """
    old_height, old_width = x.shape[-3:-1]
    whole = (
        max(old_height, int(old_width * height / width)),
        max(old_width, int(old_height * width / height)),
    )
    top, left = (whole[0] - old_height) // 2, (whole[1] - old_width) // 2
    margins = [(0, 0)] * (len(x.shape) - 3)
    margins += [
        (top, top),
        (left, left),
        (0, 0),
    ]  # as Keras: a border of one pixel more on one side is left out
    return ops.pad(x, margins, constant_values=value)


class _ToSize(ImageLayer):
    """What layers with a height and a width have in common."""

    config_names: tuple[str, ...] = ("height", "width")

    def __init__(self, height: int, width: int, **options: Any) -> None:
        super().__init__(**options)
        self.height = positive_integer(type(self).__name__, "height", height)
        self.width = positive_integer(type(self).__name__, "width", width)


@register("layer")
class Resizing(_ToSize):
    """Pictures of another size.

    Args:
        height, width: the new size.
        interpolation: the ``method`` of `tf.image.resize`, such as ``"bilinear"`` or ``"nearest"``.
        crop_to_aspect_ratio: cut the edges off first, so that the proportions stay.
        pad_to_aspect_ratio: add borders first, so that the proportions stay.
        fill_mode: of the borders: ``"constant"``.
        fill_value: the value of the borders' pixels.
        antialias: average over more pixels where pictures become smaller.
        data_format: ``"channels_first"`` for ``(examples, channels, height, width)``.
        options: of every layer.

    Raises:
        InvalidArgumentError: for an unknown interpolation, or both ways of keeping the proportions.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Resizing(1, 4)(tf.reshape([1.0, 3.0], [1, 1, 2, 1]))[0, 0, :, 0].numpy()
    array([1. , 1.5, 2.5, 3. ], dtype=float32)
    """

    config_names = ("height", "width", "interpolation", "crop_to_aspect_ratio")
    keras_3_names: ClassVar[dict[str, Any]] = {
        "pad_to_aspect_ratio": False, "fill_mode": "constant", "fill_value": 0.0, "antialias": False,
        **_ToSize.keras_3_names,
    }  # fmt: skip

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(height, width, data_format=data_format, **options)
        self.interpolation = resize_method("Resizing: interpolation", interpolation)
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise InvalidArgumentError(
                "Resizing: crop_to_aspect_ratio and pad_to_aspect_ratio are both True. Only one of them can keep the "
                "proportions."
            )
        if fill_mode != "constant":
            raise InvalidArgumentError(
                f"Resizing: fill_mode={fill_mode!r}, but only 'constant' borders, of fill_value, are supported."
            )
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.pad_to_aspect_ratio = pad_to_aspect_ratio
        self.fill_mode = fill_mode
        self.fill_value = fill_value
        self.antialias = antialias

    def call(self, inputs: Tensor) -> Tensor:
        """The pictures in their new size."""
        x = self.pictures(inputs)
        if self.crop_to_aspect_ratio:
            x = resize_whole_middle(x, self.height, self.width, self.interpolation, self.antialias)
        else:
            if self.pad_to_aspect_ratio:
                x = with_borders(x, self.height, self.width, self.fill_value)
            x = resize(x, [self.height, self.width], self.interpolation, antialias=self.antialias)
        return self.like_inputs(x)


@register("layer")
class CenterCrop(_ToSize):
    """Crops the center of pictures; smaller pictures are resized first, keeping their aspect ratio.

    Args:
        height, width: the size of the middle.
        options: ``data_format``, and the arguments of every layer.

    >>> import tensorlet as tf
    >>> tf.keras.layers.CenterCrop(1, 1)(tf.reshape(tf.range(9.0), [1, 3, 3, 1]))[0, 0, 0].numpy()
    array([4.], dtype=float32)
    """

    def call(self, inputs: Tensor) -> Tensor:
        """The middles."""
        x = self.pictures(inputs)
        old_height, old_width = x.shape[-3:-1]
        if old_height >= self.height and old_width >= self.width:
            top, left = (old_height - self.height) // 2, (old_width - self.width) // 2
            x = crop_to_bounding_box(x, top, left, self.height, self.width)
        else:
            x = resize_whole_middle(x, self.height, self.width)
        return self.like_inputs(x)


@register("layer")
class RandomCrop(_ToSize):
    """Crops a random part in training, the same for a whole batch; otherwise the central part.

    A call outside of a model and without ``training=False`` counts as training, as in Keras.

    Outside of training, and where pictures are smaller than the piece, the largest middle part with the same
    proportions is brought to the size.

    Args:
        height, width: the size of the piece.
        seed: of the random places.
        options: ``data_format``, and the arguments of every layer.

    >>> import tensorlet as tf
    >>> tf.keras.layers.RandomCrop(2, 2)(tf.zeros([5, 3, 3, 1]), training=True).shape
    TensorShape([5, 2, 2, 1])
    """

    config_names = ("height", "width", "seed")

    def __init__(self, height: int, width: int, seed: int | None = None, **options: Any) -> None:
        super().__init__(height, width, **options)
        self.seed = seed

    def call(self, inputs: Tensor, training: bool | None = True) -> Tensor:
        """The pieces."""
        x = self.pictures(inputs)
        old_height, old_width = x.shape[-3:-1]
        if not training or old_height < self.height or old_width < self.width:
            return self.like_inputs(resize_whole_middle(x, self.height, self.width))
        rank = len(x.shape)
        for axis, old, new in ((rank - 3, old_height, self.height), (rank - 2, old_width, self.width)):
            start = ops.random.uniform([], 0, old - new + 1, dtype="int32", seed=self.seed)
            x = ops.gather(x, start + ops.range(new), axis=axis)
        return self.like_inputs(x)
