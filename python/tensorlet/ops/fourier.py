"""The discrete Fourier transform, of pairs of real numbers instead of complex ones."""

from __future__ import annotations

import numpy as np

from tensorlet.errors import ShapeError
from tensorlet.ops.arguments import require_dtype
from tensorlet.ops.registry import Operation, Sample, Spec, Tensor
from tensorlet.ops.samples import real


def _infer(spec: Spec, *, inverse: bool) -> Spec:
    require_dtype("fourier", "x", spec, "float")
    if spec.rank < 2 or spec.shape[-1] != 2 or spec.shape[-2] < 1:
        raise ShapeError(
            f"fourier: x is {spec}. Expected [..., n, 2], a real and an imaginary part each, with n >= 1."
        )
    return spec


def _reference(x: np.ndarray, inverse: bool) -> np.ndarray:
    wide = x.astype(np.float64)
    numbers = wide[..., 0] + 1j * wide[..., 1]
    found = np.fft.ifft(numbers) * x.shape[-2] if inverse else np.fft.fft(numbers)
    return np.stack([found.real, found.imag], -1).astype(x.dtype)


def _gradient(g: Tensor, output: Tensor, x: Tensor, inverse: bool) -> tuple[Tensor]:
    # The transform is linear; its transpose is the transform with the opposite sign in the exponent.
    return (fourier(g, inverse=not inverse),)


def _samples() -> list[Sample]:
    return [
        Sample(real(3, 2), inverse=False),
        Sample(real(2, 4, 2, dtype="float64"), inverse=True),
        Sample(real(1, 2), inverse=False),
        Sample(real(0, 2, 2), inverse=True),
    ]


#: ``X_k = sum_n x_n exp(-2πi k n / N)``, without a factor; with ``inverse`` the exponent is positive.
fourier = Operation(
    "fourier",
    doc="The discrete Fourier transform of ``[..., n, 2]``, real and imaginary parts, without a factor.",
    infer=_infer,
    reference=_reference,
    gradient=_gradient,
    samples=_samples,
)
