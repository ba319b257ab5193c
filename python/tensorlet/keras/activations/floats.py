"""What activation functions do with their argument first."""

from __future__ import annotations

from tensorlet import ops
from tensorlet.ops.registry import Tensor, TensorLike, convert


def floats(x: TensorLike) -> Tensor:
    """A float tensor of the value; whole numbers become float32."""
    tensor = convert(x)
    return tensor if tensor.dtype.is_floating else ops.cast(tensor, "float32")
