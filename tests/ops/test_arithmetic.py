"""Arithmetic, comparisons, functions and selection against numbers worked out by hand."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError, TracingError

INF, NAN = math.inf, math.nan


def values(tensor: Any) -> Any:
    """A tensor as nested Python lists."""
    return tensor.numpy().tolist()


def slopes(function: Any, *inputs: Any) -> list[Any]:
    """The gradients of the sum of the function's elements, as lists; None where nothing flows."""
    tensors = [tf.constant(one, tf.float64) for one in inputs]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        result = function(*tensors)
    return [None if g is None else values(g) for g in tape.gradient(result, tensors)]


def second_slope(function: Any, x: Any) -> Any:
    """The second derivative of an elementwise function."""
    x = tf.constant(x, tf.float64)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            result = function(x)
        slope = inner.gradient(result, x)
    return values(outer.gradient(slope, x))


# --- arithmetic ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (tf.add, [[11, 18], [12, 19]]),
        (tf.subtract, [[-9, -16], [-8, -15]]),
        (tf.multiply, [[10, 17], [20, 34]]),
        (tf.maximum, [[10, 17], [10, 17]]),
        (tf.minimum, [[1, 1], [2, 2]]),
        (tf.math.squared_difference, [[81, 256], [64, 225]]),
    ],
)
def test_binary_operations_broadcast(function: Any, expected: Any) -> None:
    for dtype in (tf.int32, tf.int64, tf.float32, tf.float64, tf.float16):
        result = function(tf.constant([[1], [2]], dtype), tf.constant([10, 17], dtype))
        assert result.dtype == dtype
        assert values(result) == expected


def test_division_makes_floats_of_whole_numbers() -> None:
    assert values(tf.constant([7, -7]) / 2) == [3.5, -3.5]
    assert (tf.constant([7]) / 2).dtype == tf.float64
    assert tf.divide(tf.constant([7], tf.uint8), tf.constant([2], tf.uint8)).dtype == tf.float32
    assert tf.divide(tf.constant([7], tf.int64), 2).dtype == tf.float64
    assert tf.divide(2, tf.constant([4.0])).dtype == tf.float32
    assert values(tf.constant([1.0, -1.0, 0.0]) / 0.0)[:2] == [INF, -INF]


def test_whole_quotients_round_down_and_remainders_take_the_sign_of_the_divisor() -> None:
    x = tf.constant([7, -7, 7, -7])
    y = tf.constant([2, 2, -2, -2])
    assert values(x // y) == [3, -4, -4, 3]
    assert values(x % y) == [1, 1, -1, -1]
    assert values(tf.constant([7.5, -7.5]) // 2.0) == [3.0, -4.0]
    assert values(tf.constant([7.5, -7.5]) % 2.0) == [1.5, 0.5]
    assert values(tf.constant([5]) // 0) == [0]


def test_powers() -> None:
    assert values(tf.constant([2, -3]) ** 3) == [8, -27]
    assert values(tf.constant([4.0, 9.0]) ** 0.5) == [2.0, 3.0]
    assert values(tf.constant([-3.0]) ** 2) == [9.0]
    assert values(2.0 ** tf.constant([3.0, -1.0])) == [8.0, 0.5]
    with pytest.raises(InvalidArgumentError, match=r"negative power -1.*tf\.cast\(x, tf\.float32\)"):
        tf.pow([2, 3], [2, -1])


def test_whole_numbers_wrap_round() -> None:
    assert values(tf.constant([2**31 - 1]) + 1) == [-(2**31)]
    assert values(tf.constant([200], tf.uint8) + tf.constant([100], tf.uint8)) == [44]


def test_add_n() -> None:
    assert values(tf.add_n([[1.0, 2.0], [10.0, 20.0], [100.0, 200.0]])) == [111.0, 222.0]
    with pytest.raises(InvalidArgumentError, match="one or more tensors"):
        tf.add_n([])
    with pytest.raises(ShapeError, match=r"input 1 has shape \(2,\)"):
        tf.add_n([[1.0], [1.0, 2.0]])


def test_clipping() -> None:
    assert values(tf.clip_by_value([-2.0, 0.5, 7.0, NAN], 0.0, 1.0))[:3] == [0.0, 0.5, 1.0]
    assert values(tf.clip_by_value([1, 5], 2, 3)) == [2, 3]
    # Lengths 5 and 0.5 of the rows: the first is scaled by 1/5.
    rows = tf.clip_by_norm([[3.0, 4.0], [0.3, 0.4]], 1.0, axes=[1])
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0.3, 0.4]], rtol=1e-6)
    assert values(tf.clip_by_norm([0.0, 0.0], 1.0)) == [0.0, 0.0]
    # sqrt(2² + 3² + 6²) = 7
    assert values(tf.linalg.global_norm([[2.0, 3.0], None, [6.0]])) == 7.0
    clipped, norm = tf.clip_by_global_norm([[2.0, 3.0], None, [6.0]], 3.5)
    assert (values(clipped[0]), clipped[1], values(clipped[2]), values(norm)) == (
        [1.0, 1.5],
        None,
        [3.0],
        7.0,
    )
    clipped, _ = tf.clip_by_global_norm([[3.0, 4.0]], 10.0)
    assert values(clipped[0]) == [3.0, 4.0]
    clipped, norm = tf.clip_by_global_norm([[INF, 4.0]], 1.0)
    assert np.isnan(clipped[0].numpy()).all()
    assert values(norm) == INF
    with pytest.raises(ShapeError, match=r"the result would have shape \(2,\)"):
        tf.clip_by_value([1.0], [0.0, 1.0], 2.0)


def test_slopes_of_binary_operations() -> None:
    x, y = [[1.0, 2.0], [3.0, 4.0]], [10.0, 20.0]
    assert slopes(tf.add, x, y) == [[[1, 1], [1, 1]], [2, 2]]
    assert slopes(tf.subtract, x, y) == [[[1, 1], [1, 1]], [-2, -2]]
    assert slopes(tf.multiply, x, y) == [[[10, 20], [10, 20]], [4, 6]]
    # d(x/y)/dx = 1/y, d(x/y)/dy = -x/y²
    assert slopes(tf.divide, 6.0, 2.0) == [0.5, -1.5]
    # d(7 mod y)/dy = -floor(7/y)
    assert slopes(tf.math.floormod, 7.0, 2.0) == [1.0, -3.0]
    assert slopes(tf.math.floordiv, 7.0, 2.0) == [None, None]
    # d(x³)/dx = 3x², d(2^y)/dy = 2^y ln 2
    assert slopes(tf.pow, 2.0, 3.0) == [12.0, 8 * math.log(2)]


def test_slopes_at_ties_and_kinks() -> None:
    assert slopes(tf.maximum, [1.0, 2.0, 0.0], 1.0) == [[1, 1, 0], 1]
    assert slopes(tf.minimum, [1.0, 2.0, 0.0], 1.0) == [[1, 0, 1], 1]
    assert slopes(lambda x: tf.clip_by_value(x, 0.0, 1.0), [0.0, 1.0, 0.5, 2.0, -1.0]) == [[1, 1, 1, 0, 0]]
    assert slopes(tf.negative, [-2.0, 3.0]) == [[-1, -1]]
    assert slopes(tf.abs, [-2.0, 0.0, 3.0]) == [[-1, 0, 1]]
    assert slopes(tf.sign, [-2.0, 0.0]) == [[0, 0]]
    assert slopes(tf.sqrt, [0.0, 4.0]) == [[INF, 0.25]]
    assert slopes(lambda x: tf.clip_by_norm(x, 1.0), [0.0, 0.0]) == [[1, 1]]


def test_slopes_of_powers_are_finite_at_zero() -> None:
    assert slopes(lambda x: x**2, [0.0, 3.0]) == [[0, 6]]
    assert slopes(lambda x: tf.pow(x, 1.0), [0.0, 3.0]) == [[1, 1]]
    assert slopes(lambda x: tf.pow(x, 0.0), [0.0, 3.0]) == [[0, 0]]
    assert slopes(lambda y: tf.pow([0.0, -2.0], y), [2.0, 2.0]) == [[0, 0]]
    assert second_slope(lambda x: x**3.0, [0.0, 2.0]) == [0, 12]
    assert second_slope(lambda x: tf.pow(x, 1.0), [0.0, 3.0]) == [0, 0]


def test_numbers_and_lists_take_the_dtype_of_the_tensor_beside_them() -> None:
    assert (tf.constant([1.0], tf.float64) + 1).dtype == tf.float64
    assert (1 - tf.constant([1.0])).dtype == tf.float32
    assert (tf.constant([1], tf.int64) * [2]).dtype == tf.int64


def test_dtypes_are_not_mixed() -> None:
    with pytest.raises(
        DTypeError, match=r"tf\.add: .* x is float32 and y is int32.*write tf\.cast\(y, tf\.float32\)"
    ):
        tf.constant([1.0]) + tf.constant([1])
    with pytest.raises(DTypeError, match=r"write tf\.cast\(x, tf\.float32\)"):
        tf.multiply(tf.constant([1]), tf.constant([1.0]))
    with pytest.raises(DTypeError, match=r"tf\.divide"):
        tf.divide(tf.constant([1.0]), tf.constant([1.0], tf.float64))
    with pytest.raises(DTypeError, match="bool, but a numeric dtype is expected"):
        tf.add([True], [False])


def test_shapes_that_do_not_broadcast() -> None:
    with pytest.raises(ShapeError, match=r"tf\.add: .*x is float32\[2, 3\] and y is float32\[4\]"):
        tf.add(tf.zeros([2, 3]), tf.zeros([4]))


# --- comparisons and logic -------------------------------------------------------------


def test_comparisons() -> None:
    x, y = tf.constant([1.0, 2.0, 3.0, NAN]), 2.0
    assert values(x < y) == [True, False, False, False]
    assert values(x <= y) == [True, True, False, False]
    assert values(x > y) == [False, False, True, False]
    assert values(x >= y) == [False, True, True, False]
    assert values(tf.equal(x, y)) == [False, True, False, False]
    assert values(tf.not_equal(x, y)) == [True, False, True, True]
    assert values(tf.equal([True, False], True)) == [True, False]
    with pytest.raises(DTypeError, match=r"tf\.less"):
        tf.less([True], [False])


def test_logic() -> None:
    x, y = tf.constant([[True], [False]]), tf.constant([True, False])
    assert values(tf.logical_and(x, y)) == [[True, False], [False, False]]
    assert values(tf.logical_or(x, y)) == [[True, True], [True, False]]
    assert values(tf.math.logical_xor(x, y)) == [[False, True], [True, False]]
    assert values(tf.logical_not(y)) == [False, True]
    with pytest.raises(DTypeError, match="'x' is int32, but bool is expected"):
        tf.logical_and(tf.constant([1]), tf.constant([1]))


def test_kinds_of_floats() -> None:
    x = [1.0, INF, -INF, NAN]
    assert values(tf.math.is_nan(x)) == [False, False, False, True]
    assert values(tf.math.is_inf(x)) == [False, True, True, False]
    assert values(tf.math.is_finite(x)) == [True, False, False, False]


# --- functions of one element ----------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "x", "value", "slope", "second"),
    [
        (tf.exp, 1.0, math.e, math.e, math.e),
        (tf.math.expm1, 1.0, math.e - 1, math.e, math.e),
        (tf.math.log, 2.0, math.log(2), 0.5, -0.25),
        (tf.math.log1p, 1.0, math.log(2), 0.5, -0.25),
        (tf.sqrt, 4.0, 2.0, 0.25, -1 / 32),
        (tf.math.rsqrt, 4.0, 0.5, -1 / 16, 3 / 128),
        (tf.square, -3.0, 9.0, -6.0, 2.0),
        (tf.math.reciprocal, 2.0, 0.5, -0.25, 0.25),
        (tf.sin, 0.0, 0.0, 1.0, 0.0),
        (tf.cos, 0.0, 1.0, 0.0, -1.0),
        (tf.tan, math.pi / 4, 1.0, 2.0, 4.0),
        (tf.tanh, 0.0, 0.0, 1.0, 0.0),
        (tf.sigmoid, 0.0, 0.5, 0.25, 0.0),
        (tf.math.softplus, 0.0, math.log(2), 0.5, 0.25),
        (tf.math.log_sigmoid, 0.0, -math.log(2), 0.5, -0.25),
        (
            tf.math.erf,
            1.0,
            0.8427007929497149,
            2 / math.sqrt(math.pi) / math.e,
            -4 / math.sqrt(math.pi) / math.e,
        ),
        (tf.math.erfinv, 0.8427007929497149, 1.0, math.e * math.sqrt(math.pi) / 2, math.e**2 * math.pi / 2),
        (tf.abs, -2.0, 2.0, -1.0, 0.0),
    ],
)
def test_values_and_derivatives(function: Any, x: float, value: float, slope: float, second: float) -> None:
    assert values(function(tf.constant(x, tf.float64))) == pytest.approx(value, rel=1e-12)
    assert slopes(function, x)[0] == pytest.approx(slope, rel=1e-9)
    assert second_slope(function, x) == pytest.approx(second, rel=1e-6, abs=1e-12)


def test_rounding() -> None:
    x = [0.5, 1.5, -0.5, -1.5, 2.6]
    assert values(tf.round(x)) == [0.0, 2.0, -0.0, -2.0, 3.0]
    assert values(tf.floor(x)) == [0.0, 1.0, -1.0, -2.0, 2.0]
    assert values(tf.math.ceil(x)) == [1.0, 2.0, -0.0, -1.0, 3.0]
    assert values(tf.round([1, 2])) == [1, 2]
    assert slopes(tf.round, x) == slopes(tf.floor, x) == slopes(tf.math.ceil, x) == [None]


def test_functions_at_the_ends_of_their_range() -> None:
    assert values(tf.sigmoid([-1000.0, 1000.0, -INF])) == [0.0, 1.0, 0.0]
    assert values(tf.sigmoid(tf.constant(-100.0, tf.float64))) == pytest.approx(math.exp(-100), rel=1e-14)
    assert values(tf.math.softplus([-1000.0, 1000.0])) == [0.0, 1000.0]
    assert values(tf.math.log_sigmoid([-1000.0])) == [-1000.0]
    assert values(tf.math.log([0.0])) == [-INF]
    assert np.isnan(tf.math.log([-1.0]).numpy()).all()
    assert values(tf.math.erfinv([1.0, -1.0])) == [INF, -INF]
    assert np.isnan(tf.math.erfinv([2.0]).numpy()).all()
    with pytest.raises(DTypeError, match=r"tf\.exp: 'x' is int32, but a float dtype"):
        tf.exp([1, 2])


def test_erfinv_inverts_erf() -> None:
    for dtype, tolerance in ((tf.float32, 2e-7), (tf.float64, 3e-15)):
        y = tf.linspace(tf.constant(-0.999, dtype), tf.constant(0.999, dtype), 41)
        np.testing.assert_allclose(tf.math.erf(tf.math.erfinv(y)), y, rtol=0, atol=tolerance)


def test_functions_that_avoid_nan() -> None:
    assert values(tf.math.divide_no_nan([1.0, 6.0], [0.0, 2.0])) == [0.0, 3.0]
    assert values(tf.math.reciprocal_no_nan([0.0, 2.0])) == [0.0, 0.5]
    assert values(tf.math.multiply_no_nan([INF, NAN, 3.0], [0.0, 0.0, 2.0])) == [0.0, 0.0, 6.0]
    assert values(tf.math.xlogy([0.0, 2.0], [0.0, 1.0])) == [0.0, 0.0]
    assert values(tf.math.xdivy([0.0, 2.0], [0.0, 4.0])) == [0.0, 0.5]
    assert slopes(tf.math.divide_no_nan, [1.0, 1.0], [0.0, 2.0]) == [[0, 0.5], [0, -0.25]]
    assert slopes(tf.math.multiply_no_nan, [3.0, INF], [0.0, 0.0]) == [[0, 0], [3, 0]]
    assert slopes(tf.math.xlogy, [0.0, 3.0], [0.0, 1.0]) == [[0, 0], [0, 3]]


# --- selection -------------------------------------------------------------------------


def test_where_chooses_and_lets_gradients_into_the_chosen() -> None:
    assert values(tf.where([[True], [False]], [1, 2], 0)) == [[1, 2], [0, 0]]
    assert slopes(lambda x, y: tf.where([True, False, True], x, y), [1.0, 2.0, 3.0], 5.0) == [[1, 0, 1], 1]


def test_where_finds_positions() -> None:
    found = tf.where([[True, False], [True, True]])
    assert found.dtype == tf.int64
    assert values(found) == [[0, 0], [1, 0], [1, 1]]
    assert tf.where([False]).shape == (0, 1)
    with pytest.raises(TracingError, match=r"tf\.where\(condition, x, y\)"):
        tf.function(lambda x: tf.where(x > 0))(tf.constant([1.0]))


def test_where_refuses() -> None:
    with pytest.raises(InvalidArgumentError, match="'y' is missing"):
        tf.where([True], 1)
    with pytest.raises(DTypeError, match="'condition' is int32"):
        tf.where([1, 0], 1, 2)


def test_cast() -> None:
    assert values(tf.cast([1.9, -1.9], tf.int32)) == [1, -1]
    assert values(tf.cast([300.0, -5.0, NAN, INF], tf.uint8)) == [255, 0, 0, 255]
    assert values(tf.cast([1e20, -1e20, NAN], tf.int64)) == [2**63 - 1, -(2**63), 0]
    assert values(tf.cast([300, -1], tf.uint8)) == [44, 255]
    assert values(tf.cast([0.0, 0.1, NAN], tf.bool)) == [False, True, True]
    assert values(tf.cast([True, False], "float32")) == [1.0, 0.0]
    x = tf.constant([1.0])
    assert tf.cast(x, tf.float32) is x
    assert slopes(lambda x: tf.cast(x, tf.float32) * 3.0, [1.0]) == [[3.0]]
    assert slopes(lambda x: tf.cast(tf.cast(x, tf.int32), tf.float64), [1.0]) == [None]


def test_identity_and_stop_gradient() -> None:
    assert slopes(lambda x: tf.identity(x) * 2.0, 3.0) == [2.0]
    assert slopes(lambda x: x * tf.stop_gradient(x), 3.0) == [3.0]
    assert slopes(tf.stop_gradient, 3.0) == [None]


def test_float16_is_computed_in_float32_and_rounded_once() -> None:
    x = np.linspace(0.1, 5, 50).astype(np.float16)
    for function, exact in ((tf.exp, np.exp), (tf.math.log, np.log), (tf.tanh, np.tanh)):
        result = function(tf.constant(x)).numpy()
        assert result.dtype == np.float16
        np.testing.assert_array_equal(result, exact(x.astype(np.float32)).astype(np.float16))


@pytest.mark.parametrize("operation", [operator.add, operator.sub, operator.mul, operator.truediv])
@pytest.mark.parametrize("other", [3, 3.0, np.float32(3.0), np.array(3.0, np.float32)])
def test_operators_of_a_scalar_tensor_and_a_number(operation: Any, other: Any) -> None:
    tensor = tf.constant(7.0)
    for found, expected in (
        (operation(tensor, other), operation(np.float32(7), np.float32(3))),
        (operation(other, tensor), operation(np.float32(3), np.float32(7))),
        (operation(tensor, tensor), operation(np.float32(7), np.float32(7))),
    ):
        assert found.dtype is tf.float32
        assert found.shape == ()
        assert found.numpy() == expected


def test_operators_of_two_tensors_still_teach() -> None:
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="the dtypes differ: x is float32 and y is int32"
    ):
        tf.constant(1.0) + tf.constant(1)
    with pytest.raises(tf.errors.InvalidArgumentError, match="'x' is bool, but a numeric dtype is expected"):
        tf.constant(True) + tf.constant(False)
    with pytest.raises(tf.errors.InvalidArgumentError, match="do not broadcast"):
        tf.constant([1.0, 2.0]) + tf.constant([1.0, 2.0, 3.0])


def test_operators_of_large_numbers_are_quiet(recwarn: pytest.WarningsRecorder) -> None:
    large = tf.constant(3e38)
    assert (large + large).numpy() == np.inf
    assert (large / 0.0).numpy() == np.inf
    assert not recwarn.list
