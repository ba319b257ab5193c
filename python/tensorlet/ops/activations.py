"""Activation functions, composed of other operations. Each is applied element by element."""

from __future__ import annotations

import math

from tensorlet.ops import selection  # noqa: F401 - registers "where"
from tensorlet.ops.arguments import require_dtype
from tensorlet.ops.conversion import with_dtype
from tensorlet.ops.extrema import chosen
from tensorlet.ops.registry import Postponed, Tensor, TensorLike, convert, functions, interpreter, operation


def _floats(function: str, features: TensorLike) -> Tensor:
    x = convert(features)
    require_dtype(function, "features", x, "float")
    return x


def _constant_slope(g: Tensor, x: Tensor) -> Tensor:
    """The gradient ``g`` of a piecewise linear function of ``x``, with a second derivative of 0 and not None."""
    # The sign has the derivative 0, which is needed only where a second tape records.
    return g + functions.sign(x) * 0 if interpreter().is_recording() else g


def _relu_gradient(g: Tensor, output: Tensor, zero: Tensor, x: Tensor) -> tuple[Postponed, Postponed]:
    to_zero, to_x = chosen(g, zero >= x, zero, x)
    return to_zero, lambda: _constant_slope(to_x(), x)


def _leaky_relu_gradient(
    g: Tensor, output: Tensor, positive: Tensor, x: Tensor, scaled: Tensor
) -> tuple[None, Tensor, Postponed]:
    return None, _constant_slope(functions.where(positive, g, 0), x), lambda: functions.where(positive, 0, g)


_relu = operation("maximum").with_gradient(_relu_gradient)
_leaky_relu = operation("where").with_gradient(_leaky_relu_gradient)


def relu(features: TensorLike, name: str | None = None) -> Tensor:
    """``max(x, 0)``. Its derivative at 0 is taken to be 0.

    Args:
        features: a numeric tensor.
        name: ignored.

    Source: V. Nair and G. Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.

    >>> import tensorlet as tf
    >>> print(tf.nn.relu([-2.0, 0.0, 3.0]).numpy())
    [0. 0. 3.]
    """
    # In a tie the gradient goes to the first operand, here the 0, so that the derivative at 0 is 0.
    return _relu(0, with_dtype(features))


def relu6(features: TensorLike, name: str | None = None) -> Tensor:
    """``min(max(x, 0), 6)``. Its derivative at 0 and 6 is taken to be 0.

    >>> import tensorlet as tf
    >>> print(tf.nn.relu6([-2.0, 3.0, 8.0]).numpy())
    [0. 3. 6.]
    """
    return functions.minimum(6, relu(features))


def crelu(features: TensorLike, axis: int = -1, name: str | None = None) -> Tensor:
    """``relu(x)`` and ``relu(-x)`` concatenated: the axis becomes twice as long.

    >>> import tensorlet as tf
    >>> print(tf.nn.crelu([-2.0, 3.0]).numpy())
    [0. 3. 2. 0.]
    """
    x = convert(features)
    return functions.concat([relu(x), relu(-x)], axis)


def leaky_relu(features: TensorLike, alpha: TensorLike = 0.2, name: str | None = None) -> Tensor:
    """``x`` where ``x > 0``, ``alpha * x`` elsewhere.

    Args:
        features: a float tensor.
        alpha: the slope for negative elements.
        name: ignored.

    Source: A. Maas, A. Hannun, A. Ng, "Rectifier nonlinearities improve neural network acoustic
    models", 2013.

    >>> import tensorlet as tf
    >>> print(tf.nn.leaky_relu([-2.0, 3.0], alpha=0.1).numpy())
    [-0.2  3. ]
    """
    x = _floats("tf.nn.leaky_relu", features)
    return _leaky_relu(x > 0, x, functions.multiply(x, alpha))


def elu(features: TensorLike, name: str | None = None) -> Tensor:
    """``x`` where ``x >= 0``, ``exp(x) - 1`` elsewhere.

    Source: D. Clevert, T. Unterthiner, S. Hochreiter, "Fast and accurate deep network learning by
    exponential linear units", 2015.

    >>> import tensorlet as tf
    >>> print(tf.nn.elu([-1.0, 2.0]).numpy().round(4))
    [-0.6321  2.    ]
    """
    x = _floats("tf.nn.elu", features)
    # Large numbers are kept away from the exponential, whose gradient would be infinite where it is not chosen.
    return functions.where(x < 0, functions.expm1(functions.minimum(x, 0)), x)


_SELU_SCALE = 1.0507009873554805
_SELU_ALPHA = 1.6732632423543772


def selu(features: TensorLike, name: str | None = None) -> Tensor:
    """A scaled `elu` that preserves mean 0 and variance 1 from layer to layer.

    Source: G. Klambauer, T. Unterthiner, A. Mayr, S. Hochreiter, "Self-normalizing neural networks", 2017.

    >>> import tensorlet as tf
    >>> print(tf.nn.selu([-1.0, 2.0]).numpy().round(4))
    [-1.1113  2.1014]
    """
    x = _floats("tf.nn.selu", features)
    negative = functions.expm1(functions.minimum(x, 0)) * _SELU_ALPHA
    return functions.where(x < 0, negative, x) * _SELU_SCALE


def celu(features: TensorLike, alpha: float = 1.0, name: str | None = None) -> Tensor:
    """``x`` where ``x >= 0``, ``alpha * (exp(x / alpha) - 1)`` elsewhere.

    Source: J. Barron, "Continuously differentiable exponential linear units", 2017.

    >>> from tensorlet.ops.activations import celu
    >>> print(celu([-1.0, 2.0], alpha=2.0).numpy().round(4))
    [-0.7869  2.    ]
    """
    x = _floats("celu", features)
    return functions.where(x < 0, functions.expm1(functions.minimum(x, 0) / alpha) * alpha, x)


def gelu(features: TensorLike, approximate: bool = False, name: str | None = None) -> Tensor:
    """``x`` times the probability that a standard normal variable is less than ``x``.

    Args:
        features: a float tensor.
        approximate: use the hyperbolic tangent instead of the error function.
        name: ignored.

    Source: D. Hendrycks and K. Gimpel, "Gaussian error linear units", 2016.

    >>> import tensorlet as tf
    >>> print(tf.nn.gelu([-1.0, 2.0]).numpy().round(4))
    [-0.1587  1.9545]
    """
    x = _floats("tf.nn.gelu", features)
    if approximate:
        inner = (x + x * x * x * 0.044715) * math.sqrt(2 / math.pi)
        return x * 0.5 * (functions.tanh(inner) + 1)
    return x * 0.5 * (functions.erf(x * math.sqrt(0.5)) + 1)


def silu(features: TensorLike, beta: TensorLike = 1.0, name: str | None = None) -> Tensor:
    """``x * sigmoid(beta * x)``, also called swish.

    Source: S. Elfwing, E. Uchibe, K. Doya, "Sigmoid-weighted linear units", 2017;
    P. Ramachandran, B. Zoph, Q. Le, "Searching for activation functions", 2017.

    >>> import tensorlet as tf
    >>> print(tf.nn.silu([-1.0, 2.0]).numpy().round(4))
    [-0.2689  1.7616]
    """
    x = _floats("tf.nn.silu", features)
    # Most callers keep the default beta, which needs no product.
    return x * functions.sigmoid(
        x if isinstance(beta, (int, float)) and beta == 1 else functions.multiply(x, beta)
    )


swish = silu


def softsign(features: TensorLike, name: str | None = None) -> Tensor:
    """``x / (1 + |x|)``, between -1 and 1.

    >>> import tensorlet as tf
    >>> print(tf.nn.softsign([-1.0, 3.0]).numpy())
    [-0.5   0.75]
    """
    x = _floats("tf.nn.softsign", features)
    return x / (functions.abs(x) + 1)


def mish(features: TensorLike, name: str | None = None) -> Tensor:
    """``x * tanh(softplus(x))``.

    Source: D. Misra, "Mish: a self regularized non-monotonic activation function", 2019.

    >>> from tensorlet.ops.activations import mish
    >>> print(mish([0.0, 2.0]).numpy().round(4))
    [0.    1.944]
    """
    x = _floats("mish", features)
    return x * functions.tanh(functions.softplus(x))
