"""The bits of numbers, read as numbers of another dtype."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlet.dtypes import DType, as_dtype
from tensorlet.errors import ShapeError
from tensorlet.ops.registry import Operation, Sample, Spec, Tensor, TensorLike, convert
from tensorlet.ops.samples import integers, real

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike


def _infer(spec: Spec, *, dtype: DType) -> Spec:
    own, wanted = spec.dtype.size, dtype.size
    if own == wanted:
        return Spec(spec.shape, dtype)
    if own > wanted:
        return Spec((*spec.shape, own // wanted), dtype)
    if not spec.shape or spec.shape[-1] != wanted // own:
        raise ShapeError(
            f"tf.bitcast: input is {spec}, whose elements have {own} bytes. For {dtype.name} with {wanted} bytes the "
            f"last axis must have the length {wanted // own}."
        )
    return Spec(spec.shape[:-1], dtype)


def _reference(x: np.ndarray, dtype: DType) -> np.ndarray:
    found = _infer(Spec(x.shape, as_dtype(x.dtype)), dtype=dtype)
    return np.frombuffer(np.ascontiguousarray(x).tobytes(), dtype.numpy).reshape(found.shape).copy()


def _samples() -> list[Sample]:
    return [
        Sample(real(2, 3), differentiable=(), dtype=as_dtype("int32")),
        Sample(real(2, dtype="float64"), differentiable=(), dtype=as_dtype("uint8")),
        Sample(integers(3, 2), dtype=as_dtype("int64")),
        Sample(integers(0, 2), dtype=as_dtype("float32")),
        Sample(integers(1), dtype=as_dtype("float32")),
    ]


_bitcast = Operation(
    "bitcast",
    doc="The same bits as numbers of another dtype.",
    infer=_infer,
    reference=_reference,
    samples=_samples,
)


def bitcast(input: TensorLike, type: DTypeLike, name: str | None = None) -> Tensor:
    """The same bits as numbers of another dtype.

    Args:
        input: a tensor.
        type: the dtype. If its numbers are smaller, a last axis is added; if they are larger, the last axis is joined.
        name: ignored.

    Raises:
        ShapeError: if the last axis does not hold the bytes of one number.

    >>> import tensorlet as tf
    >>> hex(int(tf.bitcast(1.0, tf.uint32)))
    '0x3f800000'
    """
    return _bitcast(convert(input), dtype=as_dtype(type))
