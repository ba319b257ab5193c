"""The Bessel functions of the first and second kind, and the modified ones of the second kind; orders 0 and 1.

Where series would cancel, integrals are computed by the trapezoidal rule, which is almost exact for periodic functions
and for bell-shaped ones. All of it is computed in float64.
"""

from __future__ import annotations

import math

import numpy as np

from tensorlet.ops.integral_functions import as_double, magnitude, weighted_sum
from tensorlet.ops.registry import Tensor, TensorLike, functions

_EULER = 0.57721566490153286
#: Up to here integrals are used, above it the asymptotic series.
_LIMIT = 25.0
_ASYMPTOTIC = 12
#: Places on a quarter of the circle, and their shares of the whole: 128 places, of which four or two are alike.
_QUARTER = np.arange(33) * (math.pi / 64)
_SINES = np.sin(_QUARTER)
_SHARES = np.where(np.isin(np.arange(33), (0, 32)), 2.0, 4.0) / 128
#: Of Neumann's series: the sum over k of (-1)**k J(2k) / k, whose J are integrals over the same places.
_NEUMANN = sum((-1.0) ** k * np.cos(2 * k * _QUARTER) / k for k in range(1, 31))
#: Places of the integrals of the modified functions, and their shares.
_STEPS = 0.3 * np.arange(32.0)
_STEP_SHARES = np.where(_STEPS == 0.0, 0.15, 0.3)


def _phase(size: Tensor, order: int) -> tuple[Tensor, Tensor]:
    """The sums P and Q of Hankel's asymptotic series."""
    square = float(4 * order * order)
    terms = [1.0]
    for k in range(1, 2 * _ASYMPTOTIC):
        terms.append(terms[-1] * (square - (2 * k - 1) ** 2) / (8.0 * k))
    inverse = 1.0 / size
    minus = -inverse * inverse
    p: Tensor | float = 0.0
    q: Tensor | float = 0.0
    for k in range(_ASYMPTOTIC - 1, -1, -1):
        p = p * minus + terms[2 * k]
        q = q * minus + terms[2 * k + 1]
    return p, q * inverse


def _split(size: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Where numbers are small, and the small and large ones, with harmless ones elsewhere."""
    is_small = size <= _LIMIT
    return is_small, functions.where(is_small, size, 1.0), functions.where(is_small, 2.0 * _LIMIT, size)


def _far(large: Tensor, order: int, second_kind: bool) -> Tensor:
    p, q = _phase(large, order)
    angle = large - (0.5 * order + 0.25) * math.pi
    sin, cos = functions.sin(angle), functions.cos(angle)
    wave = p * sin + q * cos if second_kind else p * cos - q * sin
    return functions.sqrt(2.0 / math.pi / large) * wave


def _first_kind(function: str, x: TensorLike, order: int) -> Tensor:
    x, dtype = as_double(function, x)
    is_small, small, large = _split(magnitude(x))
    turns = functions.expand_dims(small, -1) * _SINES
    if order == 0:
        near = weighted_sum(functions.cos(turns), _SHARES)
    else:
        near = weighted_sum(functions.sin(turns), _SHARES * _SINES)
    value = functions.where(is_small, near, _far(large, order, second_kind=False))
    return functions.cast(functions.where(x < 0.0, -value, value) if order else value, dtype)


def _second_kind(function: str, x: TensorLike, order: int) -> Tensor:
    x, dtype = as_double(function, x)
    is_small, small, large = _split(functions.where(x > 0.0, x, 1.0))
    logarithm = functions.log(0.5 * small) + _EULER
    turns = functions.expand_dims(small, -1) * _SINES
    cosines, sines = functions.cos(turns), functions.sin(turns)
    if order == 0:
        near = 2.0 * logarithm * weighted_sum(cosines, _SHARES) - 4.0 * weighted_sum(
            cosines, _SHARES * _NEUMANN
        )
    else:  # minus the derivative
        near = 2.0 * logarithm * weighted_sum(sines, _SHARES * _SINES)
        near = near - 2.0 * weighted_sum(cosines, _SHARES) / small
        near = near - 4.0 * weighted_sum(sines, _SHARES * _SINES * _NEUMANN)
    value = functions.where(is_small, near / math.pi, _far(large, order, second_kind=True))
    edge = functions.where(functions.equal(x, 0.0), -math.inf, functions.zeros_like(x) + math.nan)
    return functions.cast(functions.where(x > 0.0, value, edge), dtype)


def _small_modified(small: Tensor, order: int) -> Tensor:
    """The series of K0 or K1 for numbers up to 2."""
    quarter = 0.25 * small * small
    logarithm = functions.log(0.5 * small) + _EULER
    numbers, weighted = functions.zeros_like(small), functions.zeros_like(small)
    for k in range(16, -1, -1):
        harmonic = sum(1.0 / n for n in range(1, k + 1))
        if order:
            harmonic = harmonic + 0.5 / (k + 1)
        scale = 1.0 / float((k + 1) * (k + 1 + order))
        numbers = 1.0 + quarter * scale * numbers
        weighted = harmonic + quarter * scale * weighted
    if order == 0:
        return weighted - logarithm * numbers
    return 1.0 / small + 0.5 * small * (logarithm * numbers - weighted)


def _modified(function: str, x: TensorLike, order: int, scaled: bool) -> Tensor:
    x, dtype = as_double(function, x)
    positive = functions.where(x > 0.0, x, 1.0)
    is_small = positive <= 2.0
    small = functions.where(is_small, positive, 1.0)
    large = functions.where(is_small, 4.0, functions.minimum(positive, 1e200))
    root = functions.sqrt(large)
    steps = _STEPS / functions.expand_dims(root, -1)
    half = functions.sinh(0.5 * functions.minimum(steps, 60.0))
    square = 2.0 * half * half
    terms = functions.exp(-functions.expand_dims(large, -1) * square)
    far = weighted_sum(terms * (1.0 + square) if order else terms, _STEP_SHARES) / root
    near = _small_modified(small, order)
    if scaled:
        near = near * functions.exp(small)
    else:
        far = far * functions.exp(-positive)
    edge = functions.where(functions.equal(x, 0.0), math.inf, functions.zeros_like(x) + math.nan)
    value = functions.where(is_small, near, far)
    return functions.cast(functions.where(x > 0.0, value, edge), dtype)


def bessel_j0(x: TensorLike, name: str | None = None) -> Tensor:
    """The Bessel function of the first kind of order 0. Its derivative is minus `bessel_j1`.

    Args:
        x: a float tensor of any shape.
        name: ignored.

    Raises:
        InvalidArgumentError: if ``x`` is not float.

    Source: M. Abramowitz and I. Stegun, 9.1.18, and Hankel's asymptotic series 9.2.5 above 25.

    >>> import tensorlet as tf
    >>> print(tf.math.special.bessel_j0([0.0, 1.0, 10.0]).numpy().round(4))
    [ 1.      0.7652 -0.2459]
    """
    return _first_kind("tf.math.special.bessel_j0", x, 0)


def bessel_j1(x: TensorLike, name: str | None = None) -> Tensor:
    """The Bessel function of the first kind of order 1.

    Args:
        x: a float tensor of any shape.
        name: ignored.

    Raises:
        InvalidArgumentError: if ``x`` is not float.

    Source: as for `bessel_j0`.

    >>> import tensorlet as tf
    >>> print(tf.math.special.bessel_j1([0.0, 1.0, -1.0]).numpy().round(4))
    [ 0.      0.4401 -0.4401]
    """
    return _first_kind("tf.math.special.bessel_j1", x, 1)


def bessel_y0(x: TensorLike, name: str | None = None) -> Tensor:
    """The Bessel function of the second kind of order 0. Its derivative is minus `bessel_y1`.

    Args:
        x: a float tensor, above 0.
        name: ignored.

    Returns:
        A tensor like ``x``: minus infinity at 0, NaN below it.

    Raises:
        InvalidArgumentError: if ``x`` is not float.

    Source: M. Abramowitz and I. Stegun, 9.1.89, and 9.2.6 above 25.

    >>> import tensorlet as tf
    >>> print(tf.math.special.bessel_y0([1.0, 10.0]).numpy().round(4))
    [0.0883 0.0557]
    """
    return _second_kind("tf.math.special.bessel_y0", x, 0)


def bessel_y1(x: TensorLike, name: str | None = None) -> Tensor:
    """The Bessel function of the second kind of order 1.

    Args:
        x: a float tensor, above 0.
        name: ignored.

    Returns:
        A tensor like ``x``: minus infinity at 0, NaN below it.

    Raises:
        InvalidArgumentError: if ``x`` is not float.

    Source: as for `bessel_y0`.

    >>> import tensorlet as tf
    >>> print(tf.math.special.bessel_y1([1.0, 10.0]).numpy().round(4))
    [-0.7812  0.249 ]
    """
    return _second_kind("tf.math.special.bessel_y1", x, 1)


def bessel_k0(x: TensorLike, name: str | None = None) -> Tensor:
    """The modified Bessel function of the second kind of order 0. Its derivative is minus `bessel_k1`.

    Args:
        x: a float tensor, above 0.
        name: ignored.

    Returns:
        A tensor like ``x``: infinite at 0, NaN below it.

    Raises:
        InvalidArgumentError: if ``x`` is not float.

    Source: M. Abramowitz and I. Stegun, 9.6.13 for numbers up to 2, and 9.6.24 above.

    >>> import tensorlet as tf
    >>> print(tf.math.special.bessel_k0([1.0, 4.0]).numpy().round(4))
    [0.421  0.0112]
    """
    return _modified("tf.math.special.bessel_k0", x, 0, scaled=False)


def bessel_k0e(x: TensorLike, name: str | None = None) -> Tensor:
    """`bessel_k0` times ``exp(x)``.

    Args:
        x: a float tensor, above 0.
        name: ignored.

    Raises:
        InvalidArgumentError: if ``x`` is not float.

    >>> import tensorlet as tf
    >>> print(tf.math.special.bessel_k0e([1.0, 1000.0]).numpy().round(4))
    [1.1445 0.0396]
    """
    return _modified("tf.math.special.bessel_k0e", x, 0, scaled=True)


def bessel_k1(x: TensorLike, name: str | None = None) -> Tensor:
    """The modified Bessel function of the second kind of order 1.

    Args:
        x: a float tensor, above 0.
        name: ignored.

    Returns:
        A tensor like ``x``: infinite at 0, NaN below it.

    Raises:
        InvalidArgumentError: if ``x`` is not float.

    Source: as for `bessel_k0`.

    >>> import tensorlet as tf
    >>> print(tf.math.special.bessel_k1([1.0, 4.0]).numpy().round(4))
    [0.6019 0.0125]
    """
    return _modified("tf.math.special.bessel_k1", x, 1, scaled=False)


def bessel_k1e(x: TensorLike, name: str | None = None) -> Tensor:
    """`bessel_k1` times ``exp(x)``.

    Args:
        x: a float tensor, above 0.
        name: ignored.

    Raises:
        InvalidArgumentError: if ``x`` is not float.

    >>> import tensorlet as tf
    >>> print(tf.math.special.bessel_k1e([1.0, 1000.0]).numpy().round(4))
    [1.6362 0.0396]
    """
    return _modified("tf.math.special.bessel_k1e", x, 1, scaled=True)
