"""Functions that are defined by integrals: Dawson's, the exponential integral, Fresnel's and Spence's.

They are computed in float64, where the terms of their series do not cancel too much.
"""

from __future__ import annotations

import math

import numpy as np

from tensorlet.ops.arguments import require_dtype
from tensorlet.ops.registry import Tensor, TensorLike, convert, functions

_EULER = 0.57721566490153286
#: Bernoulli's numbers B(2k), k = 1, 2, ...
_BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330,
)  # fmt: skip


def as_double(function: str, x: TensorLike) -> tuple[Tensor, str]:
    """A float tensor as float64, and the name of its own dtype."""
    tensor = convert(x)
    require_dtype(function, "x", tensor, "float")
    return functions.cast(tensor, "float64"), tensor.dtype.name


def magnitude(x: Tensor) -> Tensor:
    """The absolute value, whose derivative at 0 is 1: that of odd functions does not vanish there."""
    return functions.where(x < 0.0, -x, x)


def weighted_sum(values: Tensor, weights: np.ndarray) -> Tensor:
    """The sum of the last axis with weights."""
    return functions.reduce_sum(values * weights, -1)


def dawsn(x: TensorLike, name: str | None = None) -> Tensor:
    """Dawson's integral: ``exp(-x**2)`` times the integral of ``exp(t**2)`` from 0 to ``x``.

    Args:
        x: a float tensor of any shape.
        name: ignored.

    Raises:
        InvalidArgumentError: if ``x`` is not float.

    Source: G. Rybicki, "Dawson's integral and the sampling theorem", 1989.

    >>> import tensorlet as tf
    >>> print(tf.math.special.dawsn([0.0, 1.0, -1.0]).numpy().round(4))
    [ 0.      0.5381 -0.5381]
    """
    x, dtype = as_double("tf.math.special.dawsn", x)
    size = magnitude(x)
    is_small, is_huge = size < 0.5, size > 1e5
    step, odd = 0.2, np.arange(-35.0, 36.0, 2.0)
    middle = functions.where(functions.logical_or(is_small, is_huge), 1.0, size)
    nearest = functions.stop_gradient(2.0 * functions.round(middle * (0.5 / step)))
    places = functions.expand_dims(middle - nearest * step, -1) - odd * step
    terms = functions.exp(-places * places) / (functions.expand_dims(nearest, -1) + odd)
    total = functions.reduce_sum(terms, -1) / math.sqrt(math.pi)
    small = functions.where(is_small, size, 0.0)
    square, powers = small * small, functions.ones_like(small)
    for k in range(16, 0, -1):
        powers = 1.0 - powers * square * (2.0 / (2 * k + 1))
    far = 0.5 / functions.where(is_huge, size, 1.0)
    value = functions.where(is_small, small * powers, functions.where(is_huge, far, total))
    return functions.cast(functions.where(x < 0.0, -value, value), dtype)


def expint(x: TensorLike, name: str | None = None) -> Tensor:
    """The exponential integral Ei: the integral of ``exp(t) / t`` from minus infinity to ``x``.

    Args:
        x: a float tensor, above 0.
        name: ignored.

    Returns:
        A tensor like ``x``: minus infinity at 0, NaN below it.

    Raises:
        InvalidArgumentError: if ``x`` is not float.

    Source: M. Abramowitz and I. Stegun, 5.1.10, and the asymptotic series 5.1.51 above 40.

    >>> import tensorlet as tf
    >>> print(tf.math.special.expint([1.0, 2.0]).numpy().round(4))
    [1.8951 4.9542]
    """
    x, dtype = as_double("tf.math.special.expint", x)
    is_large, is_small = x > 40.0, functions.logical_and(x > 0.0, x <= 40.0)
    small, large = functions.where(is_small, x, 1.0), functions.where(is_large, x, 40.0)
    powers: Tensor | float = 0.0
    for k in range(140, 0, -1):
        powers = (powers + 1.0 / k) * small / float(k)
    near = _EULER + functions.log(small) + powers
    series: Tensor | float = 1.0
    for k in range(38, 0, -1):
        series = 1.0 + float(k) * series / large
    far = functions.exp(large) / functions.minimum(large, 1e300) * series
    edge = functions.where(functions.equal(x, 0.0), -math.inf, functions.zeros_like(x) + math.nan)
    return functions.cast(functions.where(is_large, far, functions.where(is_small, near, edge)), dtype)


def _fresnel_parts(function: str, x: TensorLike) -> tuple[Tensor, Tensor, str]:
    """Fresnel's sine and cosine integral, and the dtype of ``x``."""
    x, dtype = as_double(function, x)
    size = magnitude(x)
    is_small = size < 1.6
    small = functions.where(is_small, size, 1.0)
    angle = 0.5 * math.pi * small * small
    square = angle * angle
    sine, cosine = functions.zeros_like(small), functions.zeros_like(small)
    for k in range(16, -1, -1):
        sine = 1.0 / (4 * k + 3) - square / float((2 * k + 2) * (2 * k + 3)) * sine
        cosine = 1.0 / (4 * k + 1) - square / float((2 * k + 1) * (2 * k + 2)) * cosine
    sine, cosine = small * angle * sine, small * cosine
    # The auxiliary functions f and g are integrals of Gaussians, for which the trapezoidal rule is almost exact.
    step, nodes = 0.16, 0.16 * np.arange(32.0)
    weights = np.where(nodes == 0.0, 0.5, 1.0) * np.exp(-0.5 * math.pi * nodes**2) * step
    large = functions.where(is_small, 2.0, functions.minimum(size, 1e8))
    shrunk = nodes / functions.expand_dims(large, -1)
    shares = 1.0 / (1.0 + shrunk**4)
    f = math.sqrt(2.0) / math.pi / large * weighted_sum(shares, weights)
    g = math.sqrt(2.0) / math.pi / large * weighted_sum(shares * shrunk * shrunk, weights)
    turn = large * large
    turn = 0.5 * math.pi * (turn - 4.0 * functions.stop_gradient(functions.floor(turn * 0.25)))
    sin, cos = functions.sin(turn), functions.cos(turn)
    sine = functions.where(is_small, sine, 0.5 - f * cos - g * sin)
    cosine = functions.where(is_small, cosine, 0.5 + f * sin - g * cos)
    sign = functions.where(
        x < 0.0, -1.0, functions.where(functions.is_nan(x), math.nan, functions.ones_like(x))
    )
    return sign * sine, sign * cosine, dtype


def fresnel_sin(x: TensorLike, name: str | None = None) -> Tensor:
    """Fresnel's sine integral: the integral of ``sin(pi * t**2 / 2)`` from 0 to ``x``.

    Args:
        x: a float tensor of any shape.
        name: ignored.

    Raises:
        InvalidArgumentError: if ``x`` is not float.

    Source: M. Abramowitz and I. Stegun, 7.3.13 and 7.3.9.

    >>> import tensorlet as tf
    >>> print(tf.math.special.fresnel_sin([0.0, 1.0, 5.0]).numpy().round(4))
    [0.     0.4383 0.4992]
    """
    sine, _, dtype = _fresnel_parts("tf.math.special.fresnel_sin", x)
    return functions.cast(sine, dtype)


def fresnel_cos(x: TensorLike, name: str | None = None) -> Tensor:
    """Fresnel's cosine integral: the integral of ``cos(pi * t**2 / 2)`` from 0 to ``x``.

    Args:
        x: a float tensor of any shape.
        name: ignored.

    Raises:
        InvalidArgumentError: if ``x`` is not float.

    Source: M. Abramowitz and I. Stegun, 7.3.11 and 7.3.10.

    >>> import tensorlet as tf
    >>> print(tf.math.special.fresnel_cos([0.0, 1.0, 5.0]).numpy().round(4))
    [0.     0.7799 0.5636]
    """
    _, cosine, dtype = _fresnel_parts("tf.math.special.fresnel_cos", x)
    return functions.cast(cosine, dtype)


def spence(x: TensorLike, name: str | None = None) -> Tensor:
    """Spence's function: the integral of ``log(t) / (1 - t)`` from 1 to ``x``, which is the dilogarithm of ``1 - x``.

    Args:
        x: a float tensor, at least 0.
        name: ignored.

    Returns:
        A tensor like ``x``; NaN below 0.

    Raises:
        InvalidArgumentError: if ``x`` is not float.

    Source: L. Lewin, "Polylogarithms and associated functions", 1981.

    >>> import tensorlet as tf
    >>> print(tf.math.special.spence([0.0, 1.0, 2.0]).numpy().round(4))  # pi**2 / 6, 0, -pi**2 / 12
    [ 1.6449  0.     -0.8225]
    """
    x, dtype = as_double("tf.math.special.spence", x)
    is_left, is_right = functions.logical_and(x > 0.0, x < 0.5), x > 2.0
    left, right = functions.where(is_left, x, 0.25), functions.where(is_right, x, 4.0)
    is_middle = functions.logical_and(x >= 0.5, x <= 2.0)
    middle = functions.where(
        is_left,
        1.0 - left,
        functions.where(is_right, right / (right - 1.0), functions.where(is_middle, x, 1.0)),
    )
    u = 0.0 - functions.log(middle)  # +0 at 1
    square = u * u
    series: Tensor | float = 0.0
    for k in range(len(_BERNOULLI), 0, -1):
        series = (series + _BERNOULLI[k - 1] / math.factorial(2 * k + 1)) * square
    series = u * (1.0 - 0.25 * u + series)
    logarithm = functions.log(left)
    mirrored = math.pi**2 / 6 - logarithm * functions.log1p(-left) - series
    inverse = -series - math.pi**2 / 6 - 0.5 * functions.log(right - 1.0) ** 2
    edge = functions.where(functions.equal(x, 0.0), math.pi**2 / 6, functions.zeros_like(x) + math.nan)
    value = functions.where(is_left, mirrored, functions.where(is_right, inverse, series))
    return functions.cast(functions.where(functions.logical_or(is_left, x >= 0.5), value, edge), dtype)
