"""The incomplete gamma and beta functions."""

from __future__ import annotations

import math

import numpy as np

from tensorlet.ops.arguments import require_dtype
from tensorlet.ops.conversion import convert_together
from tensorlet.ops.gamma_functions import lgamma
from tensorlet.ops.registry import Tensor, TensorLike, functions

#: Up to here series and continued fractions are used; above it they would need ever more terms, and the integral is
#: computed at fixed points instead.
_MOST_OF_SERIES = 40.0
_TERMS, _FRACTIONS = 100, 80
#: Gauss and Legendre's points and weights between 0 and 1.
_POINTS, _WEIGHTS = (np.polynomial.legendre.leggauss(48) + np.array([[1.0], [0.0]])) * 0.5


def _doubles(function: str, **given: TensorLike) -> list[Tensor]:
    """Float tensors of one dtype and shape, as float64: in float32 the large terms cancel."""
    tensors = convert_together(list(given.values()))
    for name, tensor in zip(given, tensors, strict=True):
        require_dtype(function, name, tensor, "float")
    total = sum(functions.zeros_like(tensor) for tensor in tensors)
    return [functions.cast(tensor + total, "float64") for tensor in tensors]


def _gamma_series(a: Tensor, x: Tensor) -> Tensor:
    """The sum of ``x**n / ((a + 1) ... (a + n))``."""
    total: Tensor | float = 1.0
    for n in range(_TERMS, 0, -1):
        total = 1.0 + total * x / (a + float(n))
    return total


def _gamma_fraction(a: Tensor, x: Tensor) -> Tensor:
    """The continued fraction of ``igammac`` without its factor."""
    total = x + (2.0 * _FRACTIONS + 1.0) - a
    for k in range(_FRACTIONS, 0, -1):
        total = x + (2.0 * k - 1.0) - a - k * (k - a) / total
    return 1.0 / total


def _gamma_tail(a: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """Whether ``x`` is above the integrand's mode; and the integral from ``x`` away from it, divided by gamma(a)."""
    mode = a - 1.0
    width = functions.sqrt(mode)
    is_above = x > mode
    end = functions.where(
        is_above,
        functions.maximum(mode + 11.5 * width, x + 6.0 * width),
        functions.maximum(0.0, functions.minimum(mode - 7.5 * width, x - 5.0 * width)),
    )
    end = functions.stop_gradient(end)
    across = functions.expand_dims(x, -1) + functions.expand_dims(end - x, -1) * _POINTS
    mode = functions.expand_dims(mode, -1)
    integrand = functions.exp(mode * functions.log(across / mode) - (across - mode))
    scale = functions.exp((a - 1.0) * (functions.log(a - 1.0) - 1.0) - lgamma(a))
    return is_above, functions.reduce_sum(integrand * _WEIGHTS, -1) * functions.abs(end - x) * scale


def _near_gamma(a: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """Whether ``x`` is small; and the lower part there, the upper part elsewhere. ``a`` is not large."""
    is_series = x <= functions.maximum(a + 1.0, 3.0)
    series = _gamma_series(a, functions.where(is_series, x, 1.0)) / a
    fraction = _gamma_fraction(a, functions.where(is_series, a + 3.0, x))
    factor = functions.exp(a * functions.log(x) - x - lgamma(a))
    return is_series, factor * functions.where(is_series, series, fraction)


def _both_gammas(function: str, a: TensorLike, x: TensorLike) -> tuple[Tensor, Tensor, Tensor]:
    """Where the lower part is the exact one; the lower part there and the upper part elsewhere; NaN where invalid."""
    a, x = _doubles(function, a=a, x=x)
    valid = functions.logical_and(a > 0.0, x >= 0.0)
    inside = functions.logical_and(functions.logical_and(valid, x > 0.0), functions.is_finite(x))
    is_large = functions.logical_and(valid, a > _MOST_OF_SERIES)
    within = functions.where(inside, x, 1.0)
    small_a = functions.where(functions.logical_or(is_large, ~valid), 1.0, a)
    is_series, near = _near_gamma(small_a, within)
    large_a = functions.where(is_large, a, _MOST_OF_SERIES)
    is_above, tail = _gamma_tail(large_a, functions.where(is_large, within, _MOST_OF_SERIES))
    lower = functions.where(is_large, ~is_above, is_series)
    part = functions.where(inside, functions.where(is_large, tail, near), 0.0)
    lower = functions.where(inside, lower, x <= 0.0)
    return lower, part, functions.where(valid, functions.zeros_like(x), math.nan)


def igamma(a: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The regularized lower incomplete gamma function: the integral of ``t**(a-1) * exp(-t)`` from 0 to ``x``, divided
    by ``gamma(a)``.

    It is the cumulative distribution function of the gamma distribution with shape ``a``.

    Args:
        a: a float tensor, above 0.
        x: a float tensor, at least 0; the two are broadcast.
        name: ignored.

    Returns:
        Numbers between 0 and 1; NaN where an argument is out of its range.

    Raises:
        InvalidArgumentError: if an argument is not float.

    Source: W. Press et al., "Numerical Recipes", 3rd edition, 6.2.

    >>> import tensorlet as tf
    >>> print(tf.math.igamma([1.0, 2.0], [1.0, 3.0]).numpy().round(4))  # 1 - exp(-1), 1 - 4 exp(-3)
    [0.6321 0.8009]
    """
    lower, part, nothing = _both_gammas("tf.math.igamma", a, x)
    return functions.cast(functions.where(lower, part, 1.0 - part) + nothing, _dtype(a, x))


def igammac(a: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The regularized upper incomplete gamma function, ``1 - igamma(a, x)``, accurate where it is small.

    Args:
        a: a float tensor, above 0.
        x: a float tensor, at least 0; the two are broadcast.
        name: ignored.

    Raises:
        InvalidArgumentError: if an argument is not float.

    Source: as for `igamma`.

    >>> import tensorlet as tf
    >>> print(tf.math.igammac([1.0], [20.0]).numpy())  # exp(-20)
    [2.0611537e-09]
    """
    lower, part, nothing = _both_gammas("tf.math.igammac", a, x)
    return functions.cast(functions.where(lower, 1.0 - part, part) + nothing, _dtype(a, x))


def _dtype(*given: TensorLike) -> str:
    name: str = convert_together(list(given))[0].dtype.name
    return name


def _beta_fraction(a: Tensor, b: Tensor, x: Tensor) -> Tensor:
    """The continued fraction of ``betainc`` without its factor."""
    total: Tensor | float = 1.0
    for m in range(_FRACTIONS, 0, -1):
        even = m * (b - m) * x / ((a + (2.0 * m - 1.0)) * (a + 2.0 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + (2.0 * m + 1.0)))
        total = 1.0 + even / (1.0 + odd / total)
    return 1.0 / (1.0 - (a + b) * x / (a + 1.0) / total)


def _beta_tail(a: Tensor, b: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """Whether ``x`` is above the mean; and the integral from ``x`` away from it, divided by beta(a, b)."""
    mean = a / (a + b)
    width = functions.sqrt(a * b / ((a + b) * (a + b) * (a + b + 1.0)))
    is_above = x > mean
    end = functions.where(
        is_above,
        functions.minimum(1.0, functions.maximum(mean + 10.0 * width, x + 5.0 * width)),
        functions.maximum(0.0, functions.minimum(mean - 10.0 * width, x - 5.0 * width)),
    )
    end = functions.stop_gradient(end)
    across = functions.expand_dims(x, -1) + functions.expand_dims(end - x, -1) * _POINTS
    above, below = functions.expand_dims(a - 1.0, -1), functions.expand_dims(b - 1.0, -1)
    centre = functions.expand_dims(mean, -1)
    exponent = above * functions.log(across / centre)
    exponent = exponent + below * (functions.log1p(-across) - functions.log1p(-centre))
    scale = lgamma(a + b) - lgamma(a) - lgamma(b)
    scale = scale + (a - 1.0) * functions.log(mean) + (b - 1.0) * functions.log1p(-mean)
    total = functions.reduce_sum(functions.exp(exponent) * _WEIGHTS, -1)
    return is_above, total * functions.abs(end - x) * functions.exp(scale)


def _near_beta(a: Tensor, b: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """Whether ``x`` is large; and the upper part there, the lower part elsewhere.

    The continued fraction converges on one side: ``betainc(a, b, x) = 1 - betainc(b, a, 1 - x)``.
    """
    swapped = x > (a + 1.0) / (a + b + 2.0)
    a, b = functions.where(swapped, b, a), functions.where(swapped, a, b)
    x = functions.where(swapped, 1.0 - x, x)
    logarithm = lgamma(a + b) - lgamma(a) - lgamma(b) + a * functions.log(x) + b * functions.log1p(-x)
    return swapped, functions.exp(logarithm) * _beta_fraction(a, b, x) / a


def betainc(a: TensorLike, b: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The regularized incomplete beta function: the integral of ``t**(a-1) * (1-t)**(b-1)`` from 0 to ``x``, divided by
    the one from 0 to 1.

    It is the cumulative distribution function of the beta distribution.

    Args:
        a: a float tensor, above 0.
        b: a float tensor, above 0.
        x: a float tensor, between 0 and 1; the three are broadcast.
        name: ignored.

    Returns:
        Numbers between 0 and 1; NaN where an argument is out of its range.

    Raises:
        InvalidArgumentError: if an argument is not float.

    Source: W. Press et al., "Numerical Recipes", 3rd edition, 6.4.

    >>> import tensorlet as tf
    >>> print(tf.math.betainc([2.0], [3.0], [0.5]).numpy())
    [0.6875]
    """
    dtype = _dtype(a, b, x)
    a, b, x = _doubles("tf.math.betainc", a=a, b=b, x=x)
    valid = functions.logical_and(functions.logical_and(a > 0.0, b > 0.0), (x >= 0.0) & (x <= 1.0))
    inside = functions.logical_and(valid, (x > 0.0) & (x < 1.0))
    is_large = functions.logical_and(valid, functions.minimum(a, b) > _MOST_OF_SERIES)
    within, is_near = functions.where(inside, x, 0.5), functions.logical_and(valid, ~is_large)
    small_a, small_b = functions.where(is_near, a, 1.0), functions.where(is_near, b, 1.0)
    large_a, large_b = (functions.where(is_large, side, _MOST_OF_SERIES) for side in (a, b))
    swapped, near = _near_beta(small_a, small_b, within)
    is_above, tail = _beta_tail(large_a, large_b, within)
    part, upper = functions.where(is_large, tail, near), functions.where(is_large, is_above, swapped)
    value = functions.where(upper, 1.0 - part, part)
    ends = functions.where(valid, functions.stop_gradient(x), math.nan)
    return functions.cast(functions.where(inside, value, ends), dtype)
