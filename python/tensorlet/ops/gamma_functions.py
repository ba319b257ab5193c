"""The logarithm of the gamma function, its derivatives, and functions made of them."""

from __future__ import annotations

import math

from tensorlet.ops.arguments import require_dtype, static_integer
from tensorlet.ops.conversion import convert_together
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

# Lanczos' approximation with g = 7 and nine terms (P. Godfrey, 2001): 15 digits.
_G = 7.0
_FIRST = 0.99999999999980993
_TERMS = (
    676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
    -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
)  # fmt: skip
#: Terms that are added one by one before an asymptotic series is accurate.
_STEPS = 10
#: B(2k) / (2k)! of the Euler-Maclaurin formula, k = 1, 2, ...; B are Bernoulli's numbers.
_BERNOULLI = (1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000)


def _floats(function: str, x: TensorLike) -> Tensor:
    tensor = convert(x)
    require_dtype(function, "x", tensor, "float")
    return tensor


def _mirrored(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where ``x < 0.5``; ``1 - x`` there and ``x`` elsewhere; and ``x - floor(x)`` there, else 0.5."""
    left = x < 0.5
    return left, functions.where(left, 1.0 - x, x), functions.where(left, x - functions.floor(x), 0.5)


def lgamma(x: TensorLike, name: str | None = None) -> Tensor:
    """The logarithm of the absolute value of the gamma function. Its derivative is `digamma`.

    Args:
        x: a float tensor of any shape.
        name: ignored.

    Source: C. Lanczos, "A precision approximation of the gamma function", 1964; for ``x < 0.5`` the reflection formula.

    >>> import tensorlet as tf
    >>> print(tf.math.lgamma([1.0, 5.0]).numpy().round(4))  # log(4!)
    [0.     3.1781]
    """
    x = _floats("tf.math.lgamma", x)
    left, z, fraction = _mirrored(x)
    total = _FIRST + sum(term / (z + float(place)) for place, term in enumerate(_TERMS))
    t = z + (_G - 0.5)
    right = 0.5 * math.log(2.0 * math.pi) + (z - 0.5) * functions.log(t) - t + functions.log(total)
    mirrored = math.log(math.pi) - functions.log(functions.sin(math.pi * fraction)) - right
    return functions.where(left, mirrored, right)


def digamma(x: TensorLike, name: str | None = None) -> Tensor:
    """The derivative of `lgamma`.

    Args:
        x: a float tensor of any shape.
        name: ignored.

    Source: the recurrence ``digamma(x) = digamma(x + 1) - 1 / x`` and the asymptotic series of M. Abramowitz and
    I. Stegun, 6.3.18.

    >>> import tensorlet as tf
    >>> print(tf.math.digamma([1.0, 2.0]).numpy().round(4))  # minus Euler's constant, and 1 more
    [-0.5772  0.4228]
    """
    x = _floats("tf.math.digamma", x)
    left, z, fraction = _mirrored(x)
    w = z + float(_STEPS)
    square = 1.0 / (w * w)
    series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132))))
    right = functions.log(w) - 0.5 / w - series
    for step in range(_STEPS):
        right = right - 1.0 / (z + float(step))
    return functions.where(left, right - math.pi / functions.tan(math.pi * fraction), right)


def zeta(x: TensorLike, q: TensorLike, name: str | None = None) -> Tensor:
    """The Hurwitz zeta function: the sum of ``(q + k) ** -x`` over k = 0, 1, ...

    Args:
        x: a float tensor, above 1.
        q: a float tensor, above 0; the two are broadcast.
        name: ignored.

    Source: the Euler-Maclaurin formula.

    >>> import tensorlet as tf
    >>> print(tf.math.zeta([2.0], [1.0]).numpy().round(4))  # pi**2 / 6
    [1.6449]
    """
    x, q = convert_together((x, q))
    require_dtype("tf.math.zeta", "x", x, "float")
    total = functions.pow(q, -x)
    for step in range(1, _STEPS):
        total = total + functions.pow(q + float(step), -x)
    w = q + float(_STEPS)
    power = functions.pow(w, -x)
    total = total + power * w / (x - 1.0) + 0.5 * power
    factor = x * power / w
    for place, number in enumerate(_BERNOULLI):
        total = total + number * factor
        factor = factor * (x + float(2 * place + 1)) * (x + float(2 * place + 2)) / (w * w)
    return functions.where(x > 1.0, total, math.nan)


def polygamma(a: int | float, x: TensorLike, name: str | None = None) -> Tensor:
    """The derivative number ``a`` of `digamma`.

    Args:
        a: a whole number of at least 0.
        x: a float tensor, above 0 (for ``a = 0`` any).
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.math.polygamma(1.0, [1.0]).numpy().round(4))  # pi**2 / 6
    [1.6449]
    """
    x = _floats("tf.math.polygamma", x)
    order = static_integer("tf.math.polygamma", "a", int(a) if float(a).is_integer() else a)
    if order == 0:
        return digamma(x)
    sign = 1.0 if order % 2 else -1.0
    return sign * math.factorial(order) * zeta(functions.ones_like(x) * (order + 1.0), x)


def lbeta(x: TensorLike, name: str | None = None) -> Tensor:
    """The logarithm of the absolute value of the multivariate beta function of the last axis.

    Args:
        x: float, [..., n].
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.math.lbeta([2.0, 3.0]).numpy().round(4))  # log(1! * 2! / 4!)
    -2.4849
    """
    x = _floats("tf.math.lbeta", x)
    return functions.reduce_sum(lgamma(x), -1) - lgamma(functions.reduce_sum(x, -1))


def ndtri(x: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of the cumulative distribution function of the standard normal distribution.

    >>> import tensorlet as tf
    >>> print(tf.math.ndtri([0.5, 0.975]).numpy().round(2))
    [0.   1.96]
    """
    return functions.erfinv(2.0 * _floats("tf.math.ndtri", x) - 1.0) * math.sqrt(2.0)


def erfcinv(x: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of `erfc`.

    >>> import tensorlet as tf
    >>> print(tf.math.erfcinv([1.0, 0.5]).numpy().round(4))
    [0.     0.4769]
    """
    return functions.erfinv(1.0 - _floats("tf.math.erfcinv", x))
