"""Functions of each element by itself. Integers become floats where the result is not an integer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.dtypes import as_dtype, int64
from tensorlet.keras.ops.promotion import (
    binary,
    floating,
    keeping_truth,
    numbers,
    tensor,
    together,
    unary,
)
from tensorlet.ops import number_pairs
from tensorlet.ops.bessel_functions import bessel_i0
from tensorlet.ops.bitcast import bitcast
from tensorlet.ops.registry import Tensor, TensorLike

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike


_LOG_2, _LOG_10 = math.log(2.0), math.log(10.0)

arccos = unary("arccos", ops.acos, "The angle between 0 and π whose cosine is ``x``.")
arccosh = unary("arccosh", ops.acosh, "The inverse hyperbolic cosine.")
i0 = unary("i0", bessel_i0, "The modified Bessel function of the first kind, of order 0.")
arcsin = unary("arcsin", ops.asin, "The angle between -π/2 and π/2 whose sine is ``x``.")
arcsinh = unary("arcsinh", ops.asinh, "The inverse hyperbolic sine.")
arctan = unary("arctan", ops.atan, "The angle between -π/2 and π/2 whose tangent is ``x``.")
arctanh = unary("arctanh", ops.atanh, "The inverse hyperbolic tangent.")
cos = unary("cos", ops.cos, "The cosine.")
cosh = unary("cosh", ops.cosh, "The hyperbolic cosine.")
erf = unary("erf", ops.erf, "The error function.")
erfc = unary("erfc", ops.erfc, "``1 - erf(x)``.")
erfinv = unary("erfinv", ops.erfinv, "The inverse of the error function.")
exp = unary("exp", ops.exp, "``e ** x``.")
exp2 = unary("exp2", lambda x: ops.exp(x * _LOG_2), "``2 ** x``.")
expm1 = unary("expm1", ops.expm1, "``exp(x) - 1``, exact for small ``x``.")
log = unary("log", ops.log, "The natural logarithm.")
log10 = unary("log10", lambda x: ops.log(x) / _LOG_10, "The logarithm to the base 10.")
log1p = unary("log1p", ops.log1p, "``log(1 + x)``, exact for small ``x``.")
log2 = unary("log2", lambda x: ops.log(x) / _LOG_2, "The logarithm to the base 2.")
rsqrt = unary("rsqrt", ops.rsqrt, "``1 / sqrt(x)``.")
sin = unary("sin", ops.sin, "The sine.")
sinh = unary("sinh", ops.sinh, "The hyperbolic sine.")
sqrt = unary("sqrt", ops.sqrt, "The square root.")
tan = unary("tan", ops.tan, "The tangent.")
tanh = unary("tanh", ops.tanh, "The hyperbolic tangent.")
deg2rad = unary("deg2rad", lambda x: x * (math.pi / 180.0), "Degrees as radians.")
rad2deg = unary("rad2deg", lambda x: x * (180.0 / math.pi), "Radians as degrees.")
cbrt = unary("cbrt", lambda x: ops.sign(x) * ops.pow(ops.abs(x), 1.0 / 3.0), "The cube root.")
reciprocal = unary("reciprocal", ops.reciprocal, "``1 / x``.")
sinc = unary(
    "sinc", lambda x: ops.where(ops.equal(x, 0), ops.ones_like(x), ops.sin(_safe(x) * math.pi) / (_safe(x) * math.pi)),
    "``sin(πx) / (πx)``, and 1 at 0.",
)  # fmt: skip
isfinite = unary("isfinite", ops.is_finite, "Whether each number is finite.")
isinf = unary("isinf", ops.is_inf, "Whether each number is infinite.")
isnan = unary("isnan", ops.is_nan, "Whether each number is NaN.")
isneginf = unary("isneginf", lambda x: ops.equal(x, -math.inf), "Whether each number is minus infinity.")
isposinf = unary("isposinf", lambda x: ops.equal(x, math.inf), "Whether each number is infinity.")

abs = absolute = unary("abs", lambda x: keeping_truth(ops.abs, x), "The size, without the sign.", tensor)
ceil = unary("ceil", ops.ceil, "The next whole number above.")
floor = unary("floor", ops.floor, "The next whole number below.")
trunc = unary("trunc", lambda x: ops.sign(x) * ops.floor(ops.abs(x)) if x.dtype.is_floating else x,
              "Removes the fractional part.", tensor)  # fmt: skip
negative = unary("negative", ops.negative, "``-x``.", numbers)
sign = unary("sign", ops.sign, "-1, 0 or 1.", numbers)
square = unary("square", ops.square, "``x * x``.", numbers)
fabs = unary("fabs", ops.abs, "The size, without the sign, a float.")


def _sign_bit(x: Tensor) -> Tensor:
    return ops.less(bitcast(x, f"int{8 * x.dtype.size}") if x.dtype.is_floating else x, 0)


signbit = unary("signbit", _sign_bit, "Whether each number is negative, or the negative zero.", numbers)
logical_not = unary("logical_not", ops.logical_not, "Where ``x`` is false.", lambda x: _truth(x))
real = conj = conjugate = unary(
    "real", ops.identity, "The number itself, since there are no complex ones.", tensor
)
imag = unary("imag", ops.zeros_like, "Zeros, since there are no complex numbers.", tensor)
isreal = unary(
    "isreal", lambda x: ops.ones_like(x, "bool"), "True, since there are no complex numbers.", tensor
)

add = binary("add", ops.add, "``x1 + x2``.")
subtract = binary("subtract", ops.subtract, "``x1 - x2``.")
multiply = binary("multiply", ops.multiply, "``x1 * x2``.")
divide = true_divide = binary("divide", ops.divide, "``x1 / x2``, a float.", floats=True)
divide_no_nan = binary(
    "divide_no_nan", ops.divide_no_nan, "``x1 / x2``, and 0 where ``x2`` is 0.", floats=True
)
floor_divide = binary("floor_divide", ops.floordiv, "The whole number below ``x1 / x2``.")
mod = binary("mod", ops.floormod, "What is left of ``x1`` after division by ``x2``, with the sign of ``x2``.")
fmod = binary(
    "fmod", lambda a, b: ops.sign(a) * ops.floormod(ops.abs(a), ops.abs(b)),
    "What is left of ``x1`` after division by ``x2``, with the sign of ``x1``.",
)  # fmt: skip
power = binary("power", ops.pow, "``x1 ** x2``.")
maximum = binary("maximum", ops.maximum, "The larger of two numbers; NaN if either is.")
minimum = binary("minimum", ops.minimum, "The smaller of two numbers; NaN if either is.")
fmax = binary("fmax", lambda a, b: ops.where(_nan(a), b, ops.where(_nan(b), a, ops.maximum(a, b))),
              "The larger of two numbers; the other one where one is NaN.")  # fmt: skip
fmin = binary("fmin", lambda a, b: ops.where(_nan(a), b, ops.where(_nan(b), a, ops.minimum(a, b))),
              "The smaller of two numbers; the other one where one is NaN.")  # fmt: skip
arctan2 = binary("arctan2", ops.atan2, "The angle of the point (``x2``, ``x1``).", floats=True)
hypot = binary("hypot", lambda a, b: ops.sqrt(a * a + b * b), "``sqrt(x1² + x2²)``.", floats=True)
logaddexp = binary(
    "logaddexp", lambda a, b: ops.maximum(a, b) + ops.log1p(ops.exp(-ops.abs(a - b))),
    "``log(exp(x1) + exp(x2))``, without overflow.", floats=True,
)  # fmt: skip
logaddexp2 = binary(
    "logaddexp2", lambda a, b: logaddexp(a * _LOG_2, b * _LOG_2) / _LOG_2,
    "``log2(2 ** x1 + 2 ** x2)``, without overflow.", floats=True,
)  # fmt: skip
heaviside = binary(
    "heaviside", lambda a, b: ops.where(ops.equal(a, 0), b, ops.cast(ops.greater(a, 0), a.dtype)),
    "0 below 0, 1 above, and ``x2`` at 0.", floats=True,
)  # fmt: skip
equal = binary("equal", ops.equal, "Whether ``x1 == x2``.")
not_equal = binary("not_equal", ops.not_equal, "Whether ``x1 != x2``.")
greater = binary("greater", ops.greater, "Whether ``x1 > x2``.")
greater_equal = binary("greater_equal", ops.greater_equal, "Whether ``x1 >= x2``.")
less = binary("less", ops.less, "Whether ``x1 < x2``.")
less_equal = binary("less_equal", ops.less_equal, "Whether ``x1 <= x2``.")


def _safe(x: Tensor) -> Tensor:
    """The tensor with ones in the places of zeros, so that quotients and their slopes are finite."""
    return ops.where(ops.equal(x, 0), ops.ones_like(x), x)


def _nan(x: Tensor) -> Tensor:
    return ops.is_nan(x) if x.dtype.is_floating else ops.zeros_like(x, "bool")


def _truth(x: TensorLike) -> Tensor:
    found = tensor(x)
    return found if found.dtype.is_bool else ops.not_equal(found, 0)


def logical_and(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Where both are true; numbers other than 0 are."""
    return ops.logical_and(_truth(x1), _truth(x2))


def logical_or(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Where at least one is true."""
    return ops.logical_or(_truth(x1), _truth(x2))


def logical_xor(x1: TensorLike, x2: TensorLike) -> Tensor:
    """Where exactly one is true."""
    return ops.logical_xor(_truth(x1), _truth(x2))


def isclose(
    x1: TensorLike, x2: TensorLike, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Whether two numbers differ by no more than ``atol + rtol * |x2|``."""
    a, b = together(x1, x2, floats=True)
    near = ops.logical_or(ops.equal(a, b), ops.abs(a - b) <= atol + rtol * ops.abs(b))
    near = ops.logical_and(near, ops.equal(ops.is_finite(a), ops.is_finite(b)))
    return ops.logical_or(near, ops.logical_and(ops.is_nan(a), ops.is_nan(b))) if equal_nan else near


def allclose(
    x1: TensorLike, x2: TensorLike, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Whether all numbers are close; see `isclose`."""
    return ops.reduce_all(isclose(x1, x2, rtol, atol, equal_nan))


def clip(x: TensorLike, x_min: TensorLike, x_max: TensorLike) -> Tensor:
    """The numbers, none less than ``x_min`` and none greater than ``x_max``.

    >>> import tensorlet as tf
    >>> tf.keras.ops.clip([-2.0, 0.5, 3.0], 0.0, 1.0).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """
    found = numbers(x)
    low, high = (None if one is None else tensor(one, found.dtype) for one in (x_min, x_max))
    found = found if low is None else ops.maximum(found, low)
    return found if high is None else ops.minimum(found, high)


def round(x: TensorLike, decimals: int = 0) -> Tensor:
    """Rounds to a number of decimals; halves are rounded to the even neighbor."""
    found = numbers(x)
    if not found.dtype.is_floating:
        return found
    return ops.round(found) if decimals == 0 else ops.round(found * 10.0**decimals) / 10.0**decimals


def nan_to_num(
    x: TensorLike, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """Numbers in the places of NaN and infinities: by default 0 and the largest and smallest that there are."""
    found = tensor(x)
    if not found.dtype.is_floating:
        return found
    found = ops.where(ops.is_nan(found), tensor(nan, found.dtype), found)
    high = found.dtype.max if posinf is None else posinf
    low = found.dtype.min if neginf is None else neginf
    found = ops.where(ops.equal(found, math.inf), tensor(float(high), found.dtype), found)
    return ops.where(ops.equal(found, -math.inf), tensor(float(low), found.dtype), found)


def where(condition: TensorLike, x1: TensorLike | None = None, x2: TensorLike | None = None) -> Any:
    """``x1`` where the condition holds, else ``x2``; without both, the indices where it holds, one array per axis."""
    if x1 is None and x2 is None:
        return nonzero(condition)
    return ops.where(_truth(condition), *together(x1, x2))


def nonzero(x: TensorLike) -> tuple[Tensor, ...]:
    """The indices of the nonzero elements, one array per axis."""
    return tuple(tensor(places.astype(np.int32)) for places in np.nonzero(np.asarray(tensor(x))))


def cast(x: TensorLike, dtype: DTypeLike) -> Tensor:
    """The value in another dtype; ``int`` and "int" mean int64, as in Keras 3 on TensorFlow."""
    return tensor(x, int64 if dtype in (int, "int") else as_dtype(dtype))


def saturate_cast(x: TensorLike, dtype: DTypeLike) -> Tensor:
    """The value in another dtype; what does not fit becomes the nearest number that does."""
    wanted, found = as_dtype(dtype), tensor(x)
    if wanted.is_integer:
        found = ops.clip_by_value(found, tensor(max(wanted.min, found.dtype.min), found.dtype),
                                  tensor(min(wanted.max, found.dtype.max), found.dtype))  # fmt: skip
    return ops.cast(found, wanted)


def angle(x: TensorLike) -> Tensor:
    """The angle of each number: 0, or π for negative ones."""
    found = floating(x)
    return ops.where(found < 0, tensor(math.pi, found.dtype), ops.zeros_like(found))


def nextafter(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The next number after ``x1`` towards ``x2``."""
    return number_pairs.nextafter(*together(x1, x2, floats=True))


def gcd(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The greatest common divisor of integers.

    >>> import tensorlet as tf
    >>> tf.keras.ops.gcd([12, 7], 8).numpy()
    array([4, 1], dtype=int32)
    """
    return number_pairs.gcd(*together(x1, x2))


def lcm(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The least common multiple of integers.

    >>> import tensorlet as tf
    >>> tf.keras.ops.lcm([4, 3], 6).numpy()
    array([12,  6], dtype=int32)
    """
    return number_pairs.lcm(*together(x1, x2))


def ldexp(x1: TensorLike, x2: TensorLike) -> Tensor:
    """``x1 * 2 ** x2``, in the float dtype of ``x1``."""
    found = floating(x1)
    return ops.multiply(found, exp2(tensor(x2, found.dtype)))
