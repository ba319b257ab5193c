"""Conversion of the argument of activation functions."""

from __future__ import annotations

from tensorlet import ops
from tensorlet.ops.registry import Tensor, TensorLike, convert


def floats(x: TensorLike) -> Tensor:
    """Converts the value to a float tensor; integers become float32."""
    tensor = convert(x)
    return tensor if tensor.dtype.is_floating else ops.cast(tensor, "float32")
