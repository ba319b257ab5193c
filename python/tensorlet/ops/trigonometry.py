"""Element-wise inverse trigonometric functions, hyperbolic functions and their inverses."""

from __future__ import annotations

from functools import partial

import numpy as np

from tensorlet.ops import samples
from tensorlet.ops.gradient_tools import sum_to, unary_gradient
from tensorlet.ops.reference_tools import quiet
from tensorlet.ops.registry import Elsewhere, Operation, Tensor, TensorLike, convert, functions
from tensorlet.ops.shape_rules import elementwise, unary

_anywhere = samples.of_one_float
_inside_one = partial(samples.of_one_float, -0.9, 0.9)

_asin = Operation(
    "asin",
    infer=unary("tf.asin", "float"),
    reference=quiet(np.arcsin),
    gradient=unary_gradient(lambda output, x: functions.rsqrt((1.0 - x) * (1.0 + x))),
    samples=_inside_one,
    elsewhere=Elsewhere(onnx=("Asin",), numpy="np.arcsin({0})", stacked="elementwise"),
)


def asin(x: TensorLike, name: str | None = None) -> Tensor:
    """The angle between -π/2 and π/2 whose sine is ``x``; NaN outside [-1, 1].

    Args:
        x: a float tensor.
        name: ignored.

    Raises:
        DTypeError: if ``x`` is not a float tensor; the same holds for all functions in this file.

    >>> import tensorlet as tf
    >>> print(tf.asin([0.0, 0.5, 1.0]).numpy().round(4))
    [0.     0.5236 1.5708]
    """
    return _asin(x)


_acos = Operation(
    "acos",
    infer=unary("tf.acos", "float"),
    reference=quiet(np.arccos),
    gradient=unary_gradient(lambda output, x: -functions.rsqrt((1.0 - x) * (1.0 + x))),
    samples=_inside_one,
    elsewhere=Elsewhere(onnx=("Acos",), numpy="np.arccos({0})", stacked="elementwise"),
)


def acos(x: TensorLike, name: str | None = None) -> Tensor:
    """The angle between 0 and π whose cosine is ``x``; NaN outside [-1, 1].

    >>> import tensorlet as tf
    >>> print(tf.acos([1.0, 0.5, 0.0]).numpy().round(4))
    [0.     1.0472 1.5708]
    """
    return _acos(x)


_atan = Operation(
    "atan",
    infer=unary("tf.atan", "float"),
    reference=quiet(np.arctan),
    gradient=unary_gradient(lambda output, x: 1.0 / (1.0 + x * x)),
    samples=_anywhere,
    elsewhere=Elsewhere(onnx=("Atan",), numpy="np.arctan({0})", stacked="elementwise"),
)


def atan(x: TensorLike, name: str | None = None) -> Tensor:
    """The angle between -π/2 and π/2 whose tangent is ``x``.

    >>> import tensorlet as tf
    >>> print(tf.atan([0.0, 1.0, -1.0]).numpy().round(4))
    [ 0.      0.7854 -0.7854]
    """
    return _atan(x)


def _atan2_gradient(g: Tensor, output: Tensor, y: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    scaled = g / (x * x + y * y)
    return sum_to(x * scaled, y.shape), sum_to(-y * scaled, x.shape)


def _pairs_off_the_origin() -> list[samples.Sample]:
    return [
        samples.Sample(samples.real(2, 3), samples.positive(2, 3)),
        samples.Sample(samples.positive(2, 1), samples.real(3, seed=1)),
        samples.Sample(samples.real(dtype="float64"), samples.positive(4, dtype="float64")),
        samples.Sample(samples.real(0, 3), samples.real(3)),
        samples.Sample(samples.positive(), samples.positive(1)),
        samples.Sample(*samples.special_pairs(), differentiable=()),
    ]


_atan2 = Operation(
    "atan2",
    infer=elementwise("tf.atan2", "float", ("y", "x")),
    reference=quiet(np.arctan2),
    gradient=_atan2_gradient,
    together=(0, 1),
    samples=_pairs_off_the_origin,
    elsewhere=Elsewhere(numpy="np.arctan2({0}, {1})", stacked="elementwise"),
)


def atan2(y: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The angle of the point (``x``, ``y``), between -π and π; with broadcasting.

    >>> import tensorlet as tf
    >>> print(tf.atan2([1.0, 1.0, -1.0], [1.0, -1.0, -1.0]).numpy().round(4))
    [ 0.7854  2.3562 -2.3562]
    """
    return _atan2(y, x)


def sinh(x: TensorLike, name: str | None = None) -> Tensor:
    """The hyperbolic sine, ``(exp(x) - exp(-x)) / 2``; accurate for small ``x``.

    >>> import tensorlet as tf
    >>> print(tf.sinh([0.0, 1.0, -1.0]).numpy().round(4))
    [ 0.      1.1752 -1.1752]
    """
    x = convert(x)
    return 0.5 * (functions.expm1(x) - functions.expm1(-x))


def cosh(x: TensorLike, name: str | None = None) -> Tensor:
    """The hyperbolic cosine, ``(exp(x) + exp(-x)) / 2``.

    >>> import tensorlet as tf
    >>> print(tf.cosh([0.0, 1.0]).numpy().round(4))
    [1.     1.5431]
    """
    x = convert(x)
    return 0.5 * (functions.exp(x) + functions.exp(-x))


_asinh = Operation(
    "asinh",
    infer=unary("tf.asinh", "float"),
    reference=quiet(np.arcsinh),
    gradient=unary_gradient(lambda output, x: functions.rsqrt(1.0 + x * x)),
    samples=_anywhere,
    elsewhere=Elsewhere(onnx=("Asinh",), numpy="np.arcsinh({0})", stacked="elementwise"),
)


def asinh(x: TensorLike, name: str | None = None) -> Tensor:
    """The number whose hyperbolic sine is ``x``.

    >>> import tensorlet as tf
    >>> print(tf.asinh([0.0, 1.0]).numpy().round(4))
    [0.     0.8814]
    """
    return _asinh(x)


def acosh(x: TensorLike, name: str | None = None) -> Tensor:
    """The non-negative number whose hyperbolic cosine is ``x``; NaN below 1.

    Computed as ``log1p(t + sqrt(t) sqrt(t + 2))`` with ``t = x - 1``, which is accurate near 1.

    >>> import tensorlet as tf
    >>> print(tf.acosh([1.0, 2.0]).numpy().round(4))
    [0.    1.317]
    """
    above_one = convert(x) - 1.0
    return functions.log1p(above_one + functions.sqrt(above_one) * functions.sqrt(above_one + 2.0))


def atanh(x: TensorLike, name: str | None = None) -> Tensor:
    """The number whose hyperbolic tangent is ``x``; infinite at -1 and 1, NaN outside.

    >>> import tensorlet as tf
    >>> print(tf.atanh([0.0, 0.5]).numpy().round(4))
    [0.     0.5493]
    """
    x = convert(x)
    return 0.5 * (functions.log1p(x) - functions.log1p(-x))
