"""Functions that are defined where plain arithmetic gives NaN, and the inverse error function."""

from __future__ import annotations

import math

import numpy as np

from tensorlet.dtypes import float64
from tensorlet.ops.arguments import require_dtype
from tensorlet.ops.conversion import convert_together
from tensorlet.ops.registry import Elsewhere, Operation, Tensor, TensorLike, convert, functions
from tensorlet.ops.samples import of_one_float
from tensorlet.ops.shape_rules import unary


def divide_no_nan(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x / y``, but 0 where ``y`` is 0, as is the derivative there. Float tensors, with broadcasting.

    >>> import tensorlet as tf
    >>> print(tf.math.divide_no_nan([1.0, 2.0], [0.0, 4.0]).numpy())
    [0.  0.5]
    """
    x, y = convert_together((x, y))
    zero = functions.equal(y, 0)
    return functions.where(zero, 0, functions.divide(x, functions.where(zero, 1, y)))


def reciprocal_no_nan(x: TensorLike, name: str | None = None) -> Tensor:
    """``1 / x``, but 0 where ``x`` is 0.

    >>> import tensorlet as tf
    >>> print(tf.math.reciprocal_no_nan([0.0, 4.0]).numpy())
    [0.   0.25]
    """
    x = convert(x)
    require_dtype("tf.math.reciprocal_no_nan", "x", x, "float")
    return divide_no_nan(functions.ones_like(x), x)


def multiply_no_nan(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x * y``, but 0 where ``y`` is 0, even if ``x`` is infinite or NaN there.

    >>> import tensorlet as tf
    >>> print(tf.math.multiply_no_nan([float("inf"), 2.0], [0.0, 4.0]).numpy())
    [0. 8.]
    """
    x, y = convert_together((x, y))
    harmless = functions.logical_or(functions.is_finite(x), functions.not_equal(y, 0))
    return functions.multiply(functions.where(harmless, x, 0), y)


_erfc = Operation(
    "erfc",
    infer=unary("tf.math.erfc", "float"),
    reference=lambda x: np.asarray(np.frompyfunc(math.erfc, 1, 1)(x.astype(np.float64))).astype(x.dtype),
    gradient=lambda g, output, x: (g * functions.exp(-x * x) * (-2.0 / math.sqrt(math.pi)),),
    samples=of_one_float,
    elsewhere=Elsewhere(stacked="elementwise"),
)


def erfc(x: TensorLike, name: str | None = None) -> Tensor:
    """``1 - erf(x)``, which stays exact where ``erf(x)`` is almost 1.

    Args:
        x: a float tensor of any shape.
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.math.erfc([0.0, 1.0]).numpy().round(4))
    [1.     0.1573]
    """
    return _erfc(x)


def xlogy(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x * log(y)``, but 0 where ``x`` is 0, even if ``y`` is 0 there; the derivative is 0 there, too.

    >>> import tensorlet as tf
    >>> print(tf.math.xlogy([0.0, 2.0], [0.0, 1.0]).numpy())
    [0. 0.]
    """
    x, y = convert_together((x, y))
    zero = functions.equal(x, 0)
    return functions.multiply(x, functions.log(functions.where(zero, 1, y)))


def xdivy(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x / y``, but 0 where ``x`` is 0, even if ``y`` is 0 there; the derivative is 0 there, too.

    >>> import tensorlet as tf
    >>> print(tf.math.xdivy([0.0, 2.0], [0.0, 4.0]).numpy())
    [0.  0.5]
    """
    x, y = convert_together((x, y))
    zero = functions.equal(x, 0)
    return functions.where(zero, 0, functions.divide(x, functions.where(zero, 1, y)))


# Giles' polynomials in w - 2.5 (in the middle) and sqrt(w) - 3 (near the ends), highest power first.
_MIDDLE = (
    2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
    -0.00125372503, -0.00417768164, 0.246640727, 1.50140941,
)  # fmt: skip
_ENDS = (
    -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
    -0.0076224613, 0.00943887047, 1.00167406, 2.83297682,
)  # fmt: skip


def _polynomial(coefficients: tuple[float, ...], x: Tensor) -> Tensor:
    result = x * coefficients[0] + coefficients[1]
    for coefficient in coefficients[2:]:
        result = result * x + coefficient
    return result


def erfinv(x: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of `erf`: infinite at -1 and 1, NaN beyond.

    Source: M. Giles, "Approximating the erfinv function", GPU Computing Gems 2, 2011, accurate
    to float32; four steps of Newton's method follow in float64.

    >>> import tensorlet as tf
    >>> print(tf.math.erfinv([0.0, 0.5, 1.0]).numpy().round(4))
    [0.     0.4769    inf]
    """
    x = convert(x)
    require_dtype("tf.math.erfinv", "x", x, "float")
    end = functions.equal(functions.abs(x), 1)
    inside = functions.where(end, 0, x)
    w = -functions.log((1 - inside) * (inside + 1))
    middle = _polynomial(_MIDDLE, functions.minimum(w, 5) - 2.5)
    ends = _polynomial(_ENDS, functions.sqrt(functions.maximum(w, 5)) - 3)
    result = functions.where(w < 5, middle, ends) * inside
    if x.dtype is float64:
        for _ in range(4):
            result = result - (functions.erf(result) - inside) * functions.exp(result * result) * (
                math.sqrt(math.pi) / 2
            )
    result = functions.where(functions.equal(x, -1), -math.inf, result)
    return functions.where(functions.equal(x, 1), math.inf, result)
