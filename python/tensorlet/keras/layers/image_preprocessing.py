"""Layers that bring pictures to a size: `Resizing`, `CenterCrop` and `RandomCrop`."""

from __future__ import annotations

from typing import Any

from tensorlet import ops
from tensorlet.errors import ShapeError
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.core import positive_integer
from tensorlet.ops.image_geometry import crop_to_bounding_box
from tensorlet.ops.image_resizing import resize, resize_method
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register


def require_pictures(layer: Layer, inputs: Tensor) -> None:
    """Refuses anything but one picture or a batch of them.

    Raises:
        ShapeError: says what is missing.
    """
    if len(inputs.shape) not in (3, 4):
        fix = " If the channel axis is missing, write x[..., None]." if len(inputs.shape) == 2 else ""
        raise ShapeError(
            f"{type(layer).__name__}: the inputs have the shape {list(inputs.shape)}, but (examples, height, width, "
            f"channels), or one picture (height, width, channels), is expected.{fix}"
        )


def resize_whole_middle(x: Tensor, height: int, width: int, interpolation: str = "bilinear") -> Tensor:
    """The largest central part of pictures with the aspect ratio of a size, resized to that size."""
    old_height, old_width = x.shape[-3:-1]
    part = (
        min(old_height, int(old_width * height / width)),
        min(old_width, int(old_height * width / height)),
    )
    top, left = (old_height - part[0]) // 2, (old_width - part[1]) // 2
    return resize(crop_to_bounding_box(x, top, left, *part), [height, width], interpolation)


class _ToSize(Layer):
    """What layers with a height and a width have in common."""

    config_names: tuple[str, ...] = ("height", "width")

    def __init__(self, height: int, width: int, **options: Any) -> None:
        super().__init__(**options)
        self.height = positive_integer(type(self).__name__, "height", height)
        self.width = positive_integer(type(self).__name__, "width", width)

    def as_floats(self, inputs: Tensor) -> Tensor:
        """Pictures as floats."""
        require_pictures(self, inputs)
        return inputs if inputs.dtype.name == self.dtype else ops.cast(inputs, self.dtype)


@register("layer")
class Resizing(_ToSize):
    """Pictures of another size.

    Args:
        height, width: the new size.
        interpolation: the ``method`` of `tf.image.resize`, such as ``"bilinear"`` or ``"nearest"``.
        crop_to_aspect_ratio: cut the edges off first, so that the proportions stay.
        options: of every layer.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Resizing(1, 4)(tf.reshape([1.0, 3.0], [1, 1, 2, 1]))[0, 0, :, 0].numpy()
    array([1. , 1.5, 2.5, 3. ], dtype=float32)
    """

    config_names = ("height", "width", "interpolation", "crop_to_aspect_ratio")

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(height, width, **options)
        self.interpolation = resize_method("Resizing: interpolation", interpolation)
        self.crop_to_aspect_ratio = crop_to_aspect_ratio

    def call(self, inputs: Tensor) -> Tensor:
        """The pictures in their new size."""
        x = self.as_floats(inputs)
        if self.crop_to_aspect_ratio:
            x = resize_whole_middle(x, self.height, self.width, self.interpolation)
        else:
            x = resize(x, [self.height, self.width], self.interpolation)
        return ops.cast(x, self.dtype)


@register("layer")
class CenterCrop(_ToSize):
    """Crops the center of pictures; smaller pictures are resized first, keeping their aspect ratio.

    Args:
        height, width: the size of the middle.
        options: of every layer.

    >>> import tensorlet as tf
    >>> tf.keras.layers.CenterCrop(1, 1)(tf.reshape(tf.range(9.0), [1, 3, 3, 1]))[0, 0, 0].numpy()
    array([4.], dtype=float32)
    """

    def call(self, inputs: Tensor) -> Tensor:
        """The middles."""
        x = self.as_floats(inputs)
        old_height, old_width = x.shape[-3:-1]
        if old_height >= self.height and old_width >= self.width:
            top, left = (old_height - self.height) // 2, (old_width - self.width) // 2
            return crop_to_bounding_box(x, top, left, self.height, self.width)
        return ops.cast(resize_whole_middle(x, self.height, self.width), self.dtype)


@register("layer")
class RandomCrop(_ToSize):
    """Crops a random part in training, the same for a whole batch; otherwise the central part.

    Outside of training, and where pictures are smaller than the piece, the largest middle part with the same
    proportions is brought to the size.

    Args:
        height, width: the size of the piece.
        seed: of the random places.
        options: of every layer.

    >>> import tensorlet as tf
    >>> tf.keras.layers.RandomCrop(2, 2)(tf.zeros([5, 3, 3, 1]), training=True).shape
    TensorShape([5, 2, 2, 1])
    """

    config_names = ("height", "width", "seed")

    def __init__(self, height: int, width: int, seed: int | None = None, **options: Any) -> None:
        super().__init__(height, width, **options)
        self.seed = seed

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        """The pieces."""
        x = self.as_floats(inputs)
        old_height, old_width = x.shape[-3:-1]
        if not training or old_height < self.height or old_width < self.width:
            return ops.cast(resize_whole_middle(x, self.height, self.width), self.dtype)
        rank = len(x.shape)
        for axis, old, new in ((rank - 3, old_height, self.height), (rank - 2, old_width, self.width)):
            start = ops.random.uniform([], 0, old - new + 1, dtype="int32", seed=self.seed)
            x = ops.gather(x, start + ops.range(new), axis=axis)
        return x
