"""Layers that make pictures and sequences larger or smaller without weights: zeros around, cropping, repeating."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from tensorlet import ops
from tensorlet.errors import ShapeError
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.convolution import Lengths
from tensorlet.keras.layers.picture_options import PictureSpec, format_name, numbers, pairs
from tensorlet.ops.image_resizing import resize, resize_method
from tensorlet.ops.picture_arguments import move_channels
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register


class _Margins(Layer):
    """What layers with numbers of places on each side of the spatial axes have in common."""

    spatial_axes: ClassVar[int] = 2
    argument: ClassVar[str] = "padding"

    def __init__(self, margins: object, data_format: str | None, **options: Any) -> None:
        super().__init__(**options)
        kind = type(self).__name__
        self.margins = pairs(kind, self.argument, margins, self.spatial_axes)
        self.data_format = format_name(kind, data_format)
        self.input_spec = PictureSpec(ndim=self.spatial_axes + 2)

    def on_all_axes(self) -> list[tuple[int, int]]:
        """(before, after) for every axis of the input."""
        if self.data_format == "channels_first":
            return [(0, 0), (0, 0), *self.margins]
        return [(0, 0), *self.margins, (0, 0)]


@register("layer")
class ZeroPadding2D(_Margins):
    """Adds zeros around pictures.

    Args:
        padding: how many: one number for all sides, (height, width), or ((top, bottom), (left, right)).
        data_format: ``"channels_first"`` for ``(examples, channels, height, width)``.
        options: of every layer.

    >>> import tensorlet as tf
    >>> tf.keras.layers.ZeroPadding2D(((1, 0), (0, 2)))(tf.ones([1, 1, 1, 1]))[0, :, :, 0].numpy()
    array([[0., 0., 0.],
           [1., 0., 0.]], dtype=float32)
    """

    config_names = ("padding", "data_format")

    def __init__(
        self, padding: int | Sequence[Any] = (1, 1), data_format: str | None = None, **options: Any
    ) -> None:
        super().__init__(padding, data_format, **options)
        self.padding = self.margins

    def call(self, inputs: Tensor) -> Tensor:
        """Pads the inputs with zeros."""
        return ops.pad(inputs, self.on_all_axes())


@register("layer")
class ZeroPadding1D(_Margins):
    """Adds zeros before and after sequences ``(examples, steps, channels)``.

    Args:
        padding: how many: one number for both ends, or (before, after).
        data_format: ``"channels_first"`` for ``(examples, channels, steps)``.
        options: of every layer.

    >>> import tensorlet as tf
    >>> tf.keras.layers.ZeroPadding1D((1, 2))(tf.ones([1, 1, 1]))[0, :, 0].numpy()
    array([0., 1., 0., 0.], dtype=float32)
    """

    config_names = ("padding",)
    keras_3_names: ClassVar[dict[str, Any]] = {"data_format": "channels_last"}
    spatial_axes = 1

    def __init__(
        self, padding: int | Sequence[int] = 1, data_format: str | None = "channels_last", **options: Any
    ) -> None:
        super().__init__(padding, data_format, **options)
        self.padding = self.margins[0]

    def call(self, inputs: Tensor) -> Tensor:
        """Pads the steps of the inputs with zeros."""
        return ops.pad(inputs, self.on_all_axes())


class _Cropping(_Margins):
    argument = "cropping"
    too_much: ClassVar[str] = (
        "Values in `cropping` argument should be smaller than the corresponding spatial dimension of the input"
    )

    def call(self, inputs: Tensor) -> Tensor:
        """Crops the inputs."""
        begin, size = [], []
        for length, (before, after) in zip(inputs.shape, self.on_all_axes(), strict=True):
            if before + after >= length and before + after > 0:
                raise ShapeError(
                    f"{type(self).__name__}: {self.too_much}. cropping={self.margins} leaves nothing of an axis of "
                    f"length {length} (input shape {tuple(inputs.shape)}). Crop less."
                )
            begin.append(before)
            size.append(length - before - after)
        return ops.slice(inputs, begin, size)


@register("layer")
class Cropping2D(_Cropping):
    """Removes the borders of pictures.

    Args:
        cropping: how much: one number for all sides, (height, width), or ((top, bottom), (left, right)).
        data_format: ``"channels_first"`` for ``(examples, channels, height, width)``.
        options: of every layer.

    Raises:
        ShapeError: when called, if nothing would be left.

    >>> import tensorlet as tf
    >>> x = tf.reshape(tf.range(9.0), [1, 3, 3, 1])
    >>> tf.keras.layers.Cropping2D(((1, 0), (0, 1)))(x)[0, :, :, 0].numpy()
    array([[3., 4.],
           [6., 7.]], dtype=float32)
    """

    config_names = ("cropping", "data_format")

    def __init__(
        self,
        cropping: int | Sequence[Any] = ((0, 0), (0, 0)),
        data_format: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(cropping, data_format, **options)
        self.cropping = self.margins


@register("layer")
class Cropping1D(_Cropping):
    """Removes steps at the ends of sequences ``(examples, steps, channels)``.

    Args:
        cropping: how many: one number for both ends, or (before, after).
        options: of every layer.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Cropping1D((1, 2))(tf.reshape(tf.range(5.0), [1, 5, 1]))[0, :, 0].numpy()
    array([1., 2.], dtype=float32)
    """

    config_names = ("cropping",)
    spatial_axes = 1
    too_much = "`cropping` parameter of `Cropping1D` layer must be smaller than the number of steps"

    def __init__(self, cropping: int | Sequence[int] = (1, 1), **options: Any) -> None:
        super().__init__(cropping, "channels_last", **options)
        self.cropping = self.margins[0]


def _repeated(x: Tensor, axis: int, count: int) -> Tensor:
    """Repeats each element of an axis ``count`` times."""
    shape = list(x.shape)
    spread = ops.reshape(x, [*shape[: axis + 1], 1, *shape[axis + 1 :]])
    copies = ops.broadcast_to(spread, [*shape[: axis + 1], count, *shape[axis + 1 :]])
    return ops.reshape(copies, [*shape[:axis], shape[axis] * count, *shape[axis + 1 :]])


@register("layer")
class UpSampling2D(Layer):
    """Enlarges pictures by integer factors.

    Args:
        size: how many times higher and wider; one number for both.
        data_format: ``"channels_first"`` for ``(examples, channels, height, width)``.
        interpolation: ``"nearest"`` repeats rows and columns; others, such as ``"bilinear"`` or ``"bicubic"``, as
            `tf.image.resize` does.
        options: of every layer.

    Raises:
        InvalidArgumentError: for sizes that are not positive integers, and unknown interpolations.

    >>> import tensorlet as tf
    >>> tf.keras.layers.UpSampling2D((1, 2))(tf.reshape([1.0, 2.0], [1, 1, 2, 1]))[0, :, :, 0].numpy()
    array([[1., 1., 2., 2.]], dtype=float32)
    """

    config_names = ("size", "data_format", "interpolation")

    def __init__(
        self,
        size: Lengths = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.size = numbers("UpSampling2D", "size", size, 2)
        self.data_format = format_name("UpSampling2D", data_format)
        self.interpolation = resize_method("UpSampling2D: interpolation", interpolation)
        self.input_spec = PictureSpec(ndim=4)

    def call(self, inputs: Tensor) -> Tensor:
        """The larger pictures."""
        first = self.data_format == "channels_first"
        if self.interpolation == "nearest":
            height, width = (2, 3) if first else (1, 2)
            return _repeated(_repeated(inputs, height, self.size[0]), width, self.size[1])
        x = move_channels(inputs, last=True) if first else inputs
        larger = resize(x, [x.shape[1] * self.size[0], x.shape[2] * self.size[1]], self.interpolation)
        larger = ops.cast(larger, inputs.dtype)
        return move_channels(larger, last=False) if first else larger


@register("layer")
class UpSampling1D(Layer):
    """Repeats each step of sequences ``(examples, steps, channels)``.

    Args:
        size: how many times.
        options: of every layer.

    >>> import tensorlet as tf
    >>> tf.keras.layers.UpSampling1D(2)(tf.reshape([1.0, 2.0], [1, 2, 1]))[0, :, 0].numpy()
    array([1., 1., 2., 2.], dtype=float32)
    """

    config_names = ("size",)

    def __init__(self, size: int = 2, **options: Any) -> None:
        super().__init__(**options)
        self.size = numbers("UpSampling1D", "size", size, 1)[0]
        self.input_spec = PictureSpec(ndim=3)

    def call(self, inputs: Tensor) -> Tensor:
        """The longer sequences."""
        return _repeated(inputs, 1, self.size)
