"""Element-wise arithmetic, with broadcasting.

Shapes broadcast as in NumPy: counted from the last axis, lengths must be equal or one of
them must be 1. Dtypes must be equal; a Python number takes the dtype of the other operand.
"""

from __future__ import annotations

import numpy as np

from tensorlet.dtypes import float32, float64
from tensorlet.errors import InvalidArgumentError
from tensorlet.ops import samples
from tensorlet.ops.conversion import convert_together, with_dtype
from tensorlet.ops.gradient_tools import sum_to, unary_gradient
from tensorlet.ops.reference_tools import quiet
from tensorlet.ops.registry import Elsewhere, Operation, Postponed, Sample, Tensor, TensorLike, functions
from tensorlet.ops.shape_rules import elementwise, same_dtype, unary

_BOTH = (0, 1)


def _add_gradient(g: Tensor, output: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return sum_to(g, x.shape), sum_to(g, y.shape)


_add = Operation(
    "add",
    infer=elementwise("tf.add", "number or text"),
    reference=quiet(np.add),
    gradient=_add_gradient,
    samples=samples.of_two_numbers,
    together=_BOTH,
    elsewhere=Elsewhere(engine="add", onnx=("Add",), numpy="{0} + {1}", stacked="elementwise"),
)


def add(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x + y``, with broadcasting. Integers wrap around on overflow.

    Args:
        x: a numeric tensor.
        y: a tensor of the same dtype whose shape broadcasts against that of ``x``.
        name: ignored.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        DTypeError: if the dtypes differ.
        ShapeError: if the shapes do not broadcast.

    >>> import tensorlet as tf
    >>> print(tf.add([[1], [2]], [10, 20]).numpy())
    [[11 21]
     [12 22]]
    """
    return _add(with_dtype(x), y)  # the first value decides the dtype, as in TensorFlow


def _subtract_gradient(g: Tensor, output: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Postponed]:
    return sum_to(g, x.shape), lambda: sum_to(-g, y.shape)


_subtract = Operation(
    "subtract",
    infer=elementwise("tf.subtract", "number"),
    reference=quiet(np.subtract),
    gradient=_subtract_gradient,
    samples=samples.of_two_numbers,
    together=_BOTH,
    elsewhere=Elsewhere(engine="sub", onnx=("Sub",), numpy="{0} - {1}", stacked="elementwise"),
)


def subtract(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x - y``, with broadcasting; errors as for `add`.

    >>> import tensorlet as tf
    >>> print(tf.subtract([5.0, 7.0], 2.0).numpy())
    [3. 5.]
    """
    return _subtract(x, y)


def _multiply_gradient(g: Tensor, output: Tensor, x: Tensor, y: Tensor) -> tuple[Postponed, Postponed]:
    return lambda: sum_to(g * y, x.shape), lambda: sum_to(g * x, y.shape)


_multiply = Operation(
    "multiply",
    infer=elementwise("tf.multiply", "number"),
    reference=quiet(np.multiply),
    gradient=_multiply_gradient,
    samples=samples.of_two_numbers,
    together=_BOTH,
    elsewhere=Elsewhere(engine="mul", onnx=("Mul",), numpy="{0} * {1}", stacked="elementwise"),
)


def multiply(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x * y``, element by element, with broadcasting; errors as for `add`.

    For the product of matrices see `tf.matmul`.

    >>> import tensorlet as tf
    >>> print(tf.multiply([1.0, 2.0], [3.0, 4.0]).numpy())
    [3. 8.]
    """
    return _multiply(x, y)


def _divide_gradient(g: Tensor, output: Tensor, x: Tensor, y: Tensor) -> tuple[Postponed, Postponed]:
    return lambda: sum_to(g / y, x.shape), lambda: sum_to(g * (-output / y), y.shape)


def _divide_samples() -> list[Sample]:
    return [*samples.of_two_floats(0.5, 3.0), *samples.of_two_floats(-3.0, -0.5)[:2]]


_divide = Operation(
    "divide",
    infer=elementwise("tf.divide", "float"),
    reference=quiet(np.divide),
    gradient=_divide_gradient,
    samples=_divide_samples,
    together=_BOTH,
    elsewhere=Elsewhere(engine="div", onnx=("Div",), numpy="{0} / {1}", stacked="elementwise"),
)


def divide(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x / y``, with broadcasting. Division by zero gives infinity or NaN.

    Integers are converted to floats first: those of 8 and 16 bits to float32, wider ones
    to float64. For integer division see `floordiv`.

    Raises:
        DTypeError: if the dtypes differ, or are bool.
        ShapeError: if the shapes do not broadcast.

    >>> import tensorlet as tf
    >>> print(tf.divide([7, 9], 2))
    tf.Tensor([3.5 4.5], shape=(2,), dtype=float64)
    """
    x, y = convert_together((x, y))
    dtype = x.dtype
    if y.dtype is not dtype:
        dtype = same_dtype("tf.divide", ("x", "y"), (x, y))
    if dtype.is_integer:
        wide = float32 if dtype.size <= 2 else float64
        x, y = functions.cast(x, wide), functions.cast(y, wide)
    return _divide(x, y)


def truediv(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x / y``, like `divide`; where neither is a tensor, ``x`` determines the dtype.

    >>> import tensorlet as tf
    >>> print(tf.truediv([3.0, 1.0], 2).numpy())
    [1.5 0.5]
    """
    return divide(with_dtype(x), y)


_floordiv = Operation(
    "floordiv",
    infer=elementwise("tf.math.floordiv", "number"),
    reference=quiet(np.floor_divide),
    samples=lambda: samples.of_two_numbers(0.3, 3.0),
    together=_BOTH,
    elsewhere=Elsewhere(engine="floor_div", numpy="{0} // {1}", stacked="elementwise"),
)


def floordiv(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x // y``: the quotient, rounded towards minus infinity. Its gradient is None.

    Division by zero gives 0 for integers and infinity or NaN for floats, as in NumPy. Errors as for `add`.

    >>> import tensorlet as tf
    >>> print(tf.math.floordiv([7, -7], 2).numpy())
    [ 3 -4]
    """
    return _floordiv(x, y)


def _floormod_gradient(g: Tensor, output: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return sum_to(g, x.shape), sum_to(-g * (x // y), y.shape)


_floormod = Operation(
    "floormod",
    infer=elementwise("tf.math.floormod", "number"),
    reference=quiet(np.mod),
    gradient=_floormod_gradient,
    samples=lambda: samples.of_two_numbers(0.3, 3.0),
    together=_BOTH,
    elsewhere=Elsewhere(engine="mod", numpy="{0} % {1}", stacked="elementwise"),
)


def floormod(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x % y``: the remainder of `floordiv`, with the sign of ``y``. Errors as for `add`.

    >>> import tensorlet as tf
    >>> print(tf.math.floormod([7, -7], 3).numpy())
    [1 2]
    """
    return _floormod(x, y)


def _pow_reference(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    if y.dtype.kind == "i" and (y < 0).any():
        raise InvalidArgumentError(
            f"tf.pow: an integer cannot be raised to the negative power {y.min()}. "
            "Write tf.cast(x, tf.float32) first."
        )
    return np.power(x, y)


def _pow_gradient(g: Tensor, output: Tensor, x: Tensor, y: Tensor) -> tuple[Postponed, Postponed]:
    def to_base() -> Tensor:
        # Where y is 0 the derivative is 0; the exponent 1 instead of -1 avoids 0 * infinity.
        exponent = functions.where(functions.equal(y, 0), 1, y - 1)
        return sum_to(g * (y * _pow(x, exponent)), x.shape)

    def to_exponent() -> Tensor:
        # The logarithm is taken only where it exists, so that the gradient of 0**2 contains no NaN.
        logarithm = functions.log(functions.where(x > 0, x, 1))
        return sum_to(g * (output * logarithm), y.shape)

    return to_base, to_exponent


def _pow_samples() -> list[Sample]:
    zero_base = np.array([0.0, -2.0, 2.0], np.float32)
    return [
        *samples.of_two_numbers(0.25, 3.0, lowest=0),
        Sample(zero_base, np.full(3, 2.0, np.float32), differentiable=(0,)),
    ]


_pow = Operation(
    "pow",
    infer=elementwise("tf.pow", "number"),
    reference=quiet(_pow_reference),
    gradient=_pow_gradient,
    samples=_pow_samples,
    together=_BOTH,
    elsewhere=Elsewhere(engine="pow", onnx=("Pow",), numpy="{0} ** {1}", stacked="elementwise"),
)


def pow(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """``x ** y``, with broadcasting. A negative number raised to a fractional power is NaN.

    The derivative with respect to ``y`` is taken to be 0 where ``x`` is not positive.

    Raises:
        InvalidArgumentError: if an integer is raised to a negative power.
        DTypeError: if the dtypes differ.
        ShapeError: if the shapes do not broadcast.

    >>> import tensorlet as tf
    >>> print(tf.pow([2.0, 3.0], [3.0, 0.5]).numpy().round(4))
    [8.     1.7321]
    """
    if type(y) is int and y == 2:
        return square(x)  # the same result, many times faster
    return _pow(x, y)


_negative = Operation(
    "negative",
    infer=unary("tf.negative", "number"),
    reference=quiet(np.negative),
    gradient=lambda g, output, x: (-g,),
    samples=samples.of_one_number,
    elsewhere=Elsewhere(engine="neg", onnx=("Neg",), numpy="-{0}", stacked="elementwise"),
)


def negative(x: TensorLike, name: str | None = None) -> Tensor:
    """``-x``.

    >>> import tensorlet as tf
    >>> print(tf.negative([1.0, -2.0]).numpy())
    [-1.  2.]
    """
    return _negative(x)


_abs = Operation(
    "abs",
    infer=unary("tf.abs", "number"),
    reference=quiet(np.abs),
    gradient=unary_gradient(lambda output, x: sign(x)),
    samples=samples.of_one_number,
    elsewhere=Elsewhere(engine="abs", onnx=("Abs",), numpy="np.abs({0})", stacked="elementwise"),
)


def abs(x: TensorLike, name: str | None = None) -> Tensor:
    """The absolute value. Its derivative at 0 is taken to be 0.

    >>> import tensorlet as tf
    >>> print(tf.abs([-1.5, 0.0, 2.0]).numpy())
    [1.5 0.  2. ]
    """
    return _abs(x)


_sign = Operation(
    "sign",
    infer=unary("tf.sign", "number"),
    reference=quiet(np.sign),
    gradient=lambda g, output, x: (functions.zeros_like(x),),
    samples=samples.of_one_number,
    elsewhere=Elsewhere(engine="sign", onnx=("Sign",), numpy="np.sign({0})", stacked="elementwise"),
)


def sign(x: TensorLike, name: str | None = None) -> Tensor:
    """-1 for negative elements, 0 for zeros, 1 for positive elements; NaN stays NaN.

    >>> import tensorlet as tf
    >>> print(tf.sign([-3.0, 0.0, 5.0]).numpy())
    [-1.  0.  1.]
    """
    return _sign(x)


_square = Operation(
    "square",
    infer=unary("tf.square", "number"),
    reference=quiet(np.square),
    gradient=unary_gradient(lambda output, x: x * 2),
    samples=samples.of_one_number,
    elsewhere=Elsewhere(engine="square", numpy="{0} * {0}", stacked="elementwise"),
)


def square(x: TensorLike, name: str | None = None) -> Tensor:
    """``x * x``, element by element.

    >>> import tensorlet as tf
    >>> print(tf.square([1.0, -3.0]).numpy())
    [1. 9.]
    """
    return _square(x)
