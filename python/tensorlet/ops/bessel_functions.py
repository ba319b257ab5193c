"""The modified Bessel functions of the first kind, of the orders 0 and 1."""

from __future__ import annotations

import math

from tensorlet.ops.arguments import require_dtype
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

#: Up to here the power series is used, above it the asymptotic one; both give 15 digits.
_LIMIT = 20.0
_POWERS, _ASYMPTOTIC = 45, 20


def _two_series(function: str, x: TensorLike, order: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Where ``abs(x)`` is small; the function there; the function times ``exp(-abs(x))`` elsewhere; and ``abs(x)``."""
    x = convert(x)
    require_dtype(function, "x", x, "float")
    size = functions.abs(x)
    is_small = size <= _LIMIT
    small, large = functions.where(is_small, x, 0.0), functions.where(is_small, _LIMIT, size)
    quarter = small * small * 0.25
    powers: Tensor | float = 1.0
    for k in range(_POWERS, 0, -1):
        powers = 1.0 + quarter * powers / float(k * (k + order))
    series: Tensor | float = 1.0
    for k in range(_ASYMPTOTIC, 0, -1):
        series = 1.0 - ((2 * order) ** 2 - (2 * k - 1) ** 2) / (8.0 * k) * series / large
    series = series / functions.sqrt(2.0 * math.pi * large)
    if order:
        powers, series = 0.5 * small * powers, functions.sign(x) * series
    return is_small, powers, series, size


def _plain(function: str, x: TensorLike, order: int) -> Tensor:
    is_small, powers, series, size = _two_series(function, x, order)
    return functions.where(is_small, powers, series * functions.exp(size))


def _scaled(function: str, x: TensorLike, order: int) -> Tensor:
    is_small, powers, series, size = _two_series(function, x, order)
    return functions.where(is_small, powers * functions.exp(-size), series)


def bessel_i0(x: TensorLike, name: str | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 0. Its derivative is `bessel_i1`.

    Args:
        x: a float tensor of any shape.
        name: ignored.

    Returns:
        A tensor like ``x``; infinite where the value is too large for the dtype.

    Raises:
        InvalidArgumentError: if ``x`` is not float.

    Source: M. Abramowitz and I. Stegun, 9.6.10 for numbers up to 20, and the asymptotic series 9.7.1 above.

    >>> import tensorlet as tf
    >>> print(tf.math.bessel_i0([0.0, 2.0]).numpy().round(4))
    [1.     2.2796]
    """
    return _plain("tf.math.bessel_i0", x, 0)


def bessel_i1(x: TensorLike, name: str | None = None) -> Tensor:
    """The modified Bessel function of the first kind of order 1.

    Its derivative at 0 is 0.5. TensorFlow 2.15 gives 1 there.

    Args:
        x: a float tensor of any shape.
        name: ignored.

    Returns:
        A tensor like ``x``; infinite where the value is too large for the dtype.

    Raises:
        InvalidArgumentError: if ``x`` is not float.

    Source: as for `bessel_i0`.

    >>> import tensorlet as tf
    >>> print(tf.math.bessel_i1([0.0, 2.0, -2.0]).numpy().round(4))
    [ 0.      1.5906 -1.5906]
    """
    return _plain("tf.math.bessel_i1", x, 1)


def bessel_i0e(x: TensorLike, name: str | None = None) -> Tensor:
    """`bessel_i0` times ``exp(-abs(x))``, which is never too large.

    Args:
        x: a float tensor of any shape.
        name: ignored.

    Raises:
        InvalidArgumentError: if ``x`` is not float.

    >>> import tensorlet as tf
    >>> print(tf.math.bessel_i0e([0.0, 1000.0]).numpy().round(4))
    [1.     0.0126]
    """
    return _scaled("tf.math.bessel_i0e", x, 0)


def bessel_i1e(x: TensorLike, name: str | None = None) -> Tensor:
    """`bessel_i1` times ``exp(-abs(x))``, which is never too large.

    Args:
        x: a float tensor of any shape.
        name: ignored.

    Raises:
        InvalidArgumentError: if ``x`` is not float.

    >>> import tensorlet as tf
    >>> print(tf.math.bessel_i1e([0.0, 1000.0]).numpy().round(4))
    [0.     0.0126]
    """
    return _scaled("tf.math.bessel_i1e", x, 1)
