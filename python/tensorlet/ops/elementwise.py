"""Element-wise functions of floats: exponentials, roots, trigonometry, rounding."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from tensorlet.ops import samples
from tensorlet.ops.gradient_tools import unary_gradient
from tensorlet.ops.reference_tools import quiet
from tensorlet.ops.registry import Elsewhere, Operation, Tensor, TensorLike, convert, functions
from tensorlet.ops.shape_rules import unary

_anywhere = samples.of_one_float
_above_zero = partial(samples.of_one_float, 0.25, 3.0)

_exp = Operation(
    "exp",
    infer=unary("tf.exp", "float"),
    reference=quiet(np.exp),
    gradient=unary_gradient(lambda output, x: output),
    samples=_anywhere,
    elsewhere=Elsewhere(engine="exp", onnx=("Exp",), numpy="np.exp({0})", stacked="elementwise"),
)


def exp(x: TensorLike, name: str | None = None) -> Tensor:
    """e to the power ``x``.

    Args:
        x: a float tensor.
        name: ignored.

    Raises:
        DTypeError: if ``x`` is not float. The same holds for all functions of this family.

    >>> import tensorlet as tf
    >>> print(tf.exp([0.0, 1.0]).numpy().round(4))
    [1.     2.7183]
    """
    return _exp(x)


_expm1 = Operation(
    "expm1",
    infer=unary("tf.math.expm1", "float"),
    reference=quiet(np.expm1),
    gradient=unary_gradient(lambda output, x: exp(x)),
    samples=_anywhere,
    elsewhere=Elsewhere(engine="expm1", numpy="np.expm1({0})", stacked="elementwise"),
)


def expm1(x: TensorLike, name: str | None = None) -> Tensor:
    """``exp(x) - 1``, accurate for small ``x``.

    >>> import tensorlet as tf
    >>> print(tf.math.expm1([0.0, 1e-10]).numpy())
    [0.e+00 1.e-10]
    """
    return _expm1(x)


_log = Operation(
    "log",
    infer=unary("tf.math.log", "float"),
    reference=quiet(np.log),
    gradient=lambda g, output, x: (g / x,),
    samples=_above_zero,
    elsewhere=Elsewhere(engine="log", onnx=("Log",), numpy="np.log({0})", stacked="elementwise"),
)


def log(x: TensorLike, name: str | None = None) -> Tensor:
    """The natural logarithm; minus infinity at 0, NaN for negative elements.

    >>> import tensorlet as tf
    >>> print(tf.math.log([1.0, 2.0, 0.0]).numpy().round(4))
    [0.     0.6931   -inf]
    """
    return _log(x)


_log1p = Operation(
    "log1p",
    infer=unary("tf.math.log1p", "float"),
    reference=quiet(np.log1p),
    gradient=lambda g, output, x: (g / (x + 1),),
    samples=partial(samples.of_one_float, -0.5, 3.0),
    elsewhere=Elsewhere(engine="log1p", numpy="np.log1p({0})", stacked="elementwise"),
)


def log1p(x: TensorLike, name: str | None = None) -> Tensor:
    """``log(1 + x)``, accurate for small ``x``.

    >>> import tensorlet as tf
    >>> print(tf.math.log1p([0.0, 1e-10]).numpy())
    [0.e+00 1.e-10]
    """
    return _log1p(x)


_sqrt = Operation(
    "sqrt",
    infer=unary("tf.sqrt", "float"),
    reference=quiet(np.sqrt),
    gradient=lambda g, output, x: (g * 0.5 / output,),
    samples=_above_zero,
    elsewhere=Elsewhere(engine="sqrt", onnx=("Sqrt",), numpy="np.sqrt({0})", stacked="elementwise"),
)


def sqrt(x: TensorLike, name: str | None = None) -> Tensor:
    """The square root; NaN for negative elements. Its derivative at 0 is infinite.

    >>> import tensorlet as tf
    >>> print(tf.sqrt([4.0, 9.0]).numpy())
    [2. 3.]
    """
    return _sqrt(x)


_rsqrt = Operation(
    "rsqrt",
    infer=unary("tf.math.rsqrt", "float"),
    reference=quiet(lambda x: 1 / np.sqrt(x)),
    gradient=unary_gradient(lambda output, x: output * output * output * -0.5),
    samples=_above_zero,
    elsewhere=Elsewhere(
        engine="rsqrt", onnx=("Sqrt", "Reciprocal"), numpy="1 / np.sqrt({0})", stacked="elementwise"
    ),
)


def rsqrt(x: TensorLike, name: str | None = None) -> Tensor:
    """``1 / sqrt(x)``.

    >>> import tensorlet as tf
    >>> print(tf.math.rsqrt([4.0, 16.0]).numpy())
    [0.5  0.25]
    """
    return _rsqrt(x)


_sin = Operation(
    "sin",
    infer=unary("tf.sin", "float"),
    reference=quiet(np.sin),
    gradient=unary_gradient(lambda output, x: cos(x)),
    samples=_anywhere,
    elsewhere=Elsewhere(engine="sin", onnx=("Sin",), numpy="np.sin({0})", stacked="elementwise"),
)


def sin(x: TensorLike, name: str | None = None) -> Tensor:
    """The sine of an angle in radians.

    >>> import tensorlet as tf
    >>> print(tf.sin([0.0, 1.0]).numpy().round(4))
    [0.     0.8415]
    """
    return _sin(x)


_cos = Operation(
    "cos",
    infer=unary("tf.cos", "float"),
    reference=quiet(np.cos),
    gradient=unary_gradient(lambda output, x: -sin(x)),
    samples=_anywhere,
    elsewhere=Elsewhere(engine="cos", onnx=("Cos",), numpy="np.cos({0})", stacked="elementwise"),
)


def cos(x: TensorLike, name: str | None = None) -> Tensor:
    """The cosine of an angle in radians.

    >>> import tensorlet as tf
    >>> print(tf.cos([0.0, 1.0]).numpy().round(4))
    [1.     0.5403]
    """
    return _cos(x)


_tan = Operation(
    "tan",
    infer=unary("tf.tan", "float"),
    reference=quiet(np.tan),
    gradient=unary_gradient(lambda output, x: output * output + 1),
    samples=partial(samples.of_one_float, -1.0, 1.0),
    elsewhere=Elsewhere(engine="tan", onnx=("Tan",), numpy="np.tan({0})", stacked="elementwise"),
)


def tan(x: TensorLike, name: str | None = None) -> Tensor:
    """The tangent of an angle in radians.

    >>> import tensorlet as tf
    >>> print(tf.tan([0.0, 1.0]).numpy().round(4))
    [0.     1.5574]
    """
    return _tan(x)


_tanh = Operation(
    "tanh",
    infer=unary("tf.tanh", "float"),
    reference=quiet(np.tanh),
    gradient=unary_gradient(lambda output, x: 1 - output * output),
    samples=_anywhere,
    elsewhere=Elsewhere(engine="tanh", onnx=("Tanh",), numpy="np.tanh({0})", stacked="elementwise"),
)


def tanh(x: TensorLike, name: str | None = None) -> Tensor:
    """The hyperbolic tangent, between -1 and 1.

    >>> import tensorlet as tf
    >>> print(tf.tanh([0.0, 1.0]).numpy().round(4))
    [0.     0.7616]
    """
    return _tanh(x)


def _sigmoid_reference(x: np.ndarray) -> np.ndarray:
    small = np.exp(-np.abs(x))  # never overflows
    return np.where(x < 0, small, 1) / (1 + small)


_sigmoid = Operation(
    "sigmoid",
    infer=unary("tf.sigmoid", "float"),
    reference=quiet(_sigmoid_reference),
    gradient=unary_gradient(lambda output, x: output * (1 - output)),
    samples=_anywhere,
    elsewhere=Elsewhere(engine="sigmoid", onnx=("Sigmoid",), numpy="sigmoid({0})", stacked="elementwise"),
)


def sigmoid(x: TensorLike, name: str | None = None) -> Tensor:
    """The logistic function ``1 / (1 + exp(-x))``, between 0 and 1.

    >>> import tensorlet as tf
    >>> print(tf.sigmoid([0.0, 2.0]).numpy().round(4))
    [0.5    0.8808]
    """
    return _sigmoid(x)


_softplus = Operation(
    "softplus",
    infer=unary("tf.math.softplus", "float", "features"),
    reference=quiet(lambda x: np.logaddexp(0, x, dtype=x.dtype)),
    gradient=unary_gradient(lambda output, x: sigmoid(x)),
    samples=_anywhere,
    elsewhere=Elsewhere(engine="softplus", onnx=("Softplus",), numpy="softplus({0})", stacked="elementwise"),
)


def softplus(features: TensorLike, name: str | None = None) -> Tensor:
    """``log(1 + exp(x))``, a smooth approximation of `relu`; it does not overflow.

    >>> import tensorlet as tf
    >>> print(tf.math.softplus([0.0, 100.0]).numpy().round(4))
    [  0.6931 100.    ]
    """
    return _softplus(features)


def log_sigmoid(x: TensorLike, name: str | None = None) -> Tensor:
    """``log(sigmoid(x))``, computed as ``-softplus(-x)``: finite where the sigmoid underflows.

    >>> import tensorlet as tf
    >>> print(tf.math.log_sigmoid([0.0, -200.0]).numpy().round(4))
    [  -0.6931 -200.    ]
    """
    return -_softplus(-convert(x))


def _erf_reference(x: np.ndarray) -> np.ndarray:
    # NumPy has no error function; the one in the standard library is accurate to float64 rounding.
    return np.asarray(np.frompyfunc(math.erf, 1, 1)(x.astype(np.float64))).astype(np.float64)


_erf = Operation(
    "erf",
    infer=unary("tf.math.erf", "float"),
    reference=quiet(_erf_reference),
    gradient=unary_gradient(lambda output, x: exp(-x * x) * (2 / math.sqrt(math.pi))),
    samples=_anywhere,
    elsewhere=Elsewhere(engine="erf", onnx=("Erf",), numpy="erf({0})", stacked="elementwise"),
)


def erf(x: TensorLike, name: str | None = None) -> Tensor:
    """The error function: 2/√π times the integral of ``exp(-t²)`` from 0 to ``x``.

    >>> import tensorlet as tf
    >>> print(tf.math.erf([0.0, 1.0]).numpy().round(4))
    [0.     0.8427]
    """
    return _erf(x)


_floor = Operation(
    "floor",
    infer=unary("tf.floor", "float"),
    reference=quiet(np.floor),
    samples=_anywhere,
    elsewhere=Elsewhere(engine="floor", onnx=("Floor",), numpy="np.floor({0})", stacked="elementwise"),
)


def floor(x: TensorLike, name: str | None = None) -> Tensor:
    """The largest integer not greater than ``x``, as a float. Its gradient is None.

    >>> import tensorlet as tf
    >>> print(tf.floor([1.7, -1.2]).numpy())
    [ 1. -2.]
    """
    return _floor(x)


_ceil = Operation(
    "ceil",
    infer=unary("tf.math.ceil", "float"),
    reference=quiet(np.ceil),
    samples=_anywhere,
    elsewhere=Elsewhere(engine="ceil", onnx=("Ceil",), numpy="np.ceil({0})", stacked="elementwise"),
)


def ceil(x: TensorLike, name: str | None = None) -> Tensor:
    """The smallest integer not less than ``x``, as a float. Its gradient is None.

    >>> import tensorlet as tf
    >>> print(tf.math.ceil([1.2, -1.7]).numpy())
    [ 2. -1.]
    """
    return _ceil(x)


_round = Operation(
    "round",
    infer=unary("tf.round", "float"),
    reference=quiet(np.rint),
    samples=_anywhere,
    elsewhere=Elsewhere(engine="round", onnx=("Round",), numpy="np.round({0})", stacked="elementwise"),
)


def round(x: TensorLike, name: str | None = None) -> Tensor:
    """Rounds to the nearest integer, and halves to the nearest even integer. Its gradient is None.

    Integers are returned unchanged.

    >>> import tensorlet as tf
    >>> print(tf.round([0.5, 1.5, 2.6]).numpy())
    [0. 2. 3.]
    """
    x = convert(x)
    return functions.identity(x) if x.dtype.is_integer else _round(x)
