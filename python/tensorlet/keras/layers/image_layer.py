"""`ImageLayer`: the base of layers that prepare or change pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.picture_options import format_name
from tensorlet.ops.registry import Tensor


class ImageLayer(Layer):
    """A layer of one picture or a batch of them, whose channels are on the last axis or before height and width.

    Args:
        data_format: ``"channels_first"`` for ``(examples, channels, height, width)``; None for the setting of
            `tf.keras.backend.set_image_data_format`.
        options: the arguments of `Layer`.
    """

    keras_3_names: ClassVar[dict[str, Any]] = {"data_format": "channels_last"}
    stacks_lists = True

    def __init__(self, data_format: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.data_format = format_name(type(self).__name__, data_format)

    def pictures(self, inputs: Tensor) -> Tensor:
        """The inputs as floats, with the channels on the last axis.

        Raises:
            ShapeError: for anything but one picture or a batch of them; says what is missing.
        """
        rank = len(inputs.shape)
        if rank not in (3, 4):
            fix = " If the channel axis is missing, write x[..., None]." if rank == 2 else ""
            axes = (
                "(channels, height, width)"
                if self.data_format == "channels_first"
                else "(height, width, channels)"
            )
            raise ShapeError(
                f"{type(self).__name__}: the inputs have the shape {list(inputs.shape)}. Expected the input image to "
                "be "
                f"rank 3 or 4. One picture has the axes {axes}, and a batch the axis of examples before them.{fix}"
            )
        x = inputs if inputs.dtype.name == self.dtype else ops.cast(inputs, self.dtype)
        return self._moved(x, [rank - 2, rank - 1, rank - 3])

    def like_inputs(self, x: Tensor) -> Tensor:
        """Pictures with the channels where the inputs have them, in the dtype of the layer."""
        rank = len(x.shape)
        x = x if x.dtype.name == self.dtype else ops.cast(x, self.dtype)
        return self._moved(x, [rank - 1, rank - 3, rank - 2])

    def _moved(self, x: Tensor, last: list[int]) -> Tensor:
        if self.data_format == "channels_last":
            return x
        return ops.transpose(x, [*range(len(x.shape) - 3), *last])


def value_range_of(layer: str, given: Any) -> tuple[float, float]:
    """Checks the smallest and the largest value of pixels.

    Raises:
        InvalidArgumentError: names the layer.
    """
    numbers = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else []
    if len(numbers) != 2 or any(isinstance(one, bool) or not isinstance(one, int | float) for one in numbers):
        raise InvalidArgumentError(
            f"{layer}: value_range={given!r}. The `value_range` argument should be a list of two numbers, the smallest "
            "and the largest value of pixels, such as (0, 255)."
        )
    low, high = sorted(numbers)
    return low, high
