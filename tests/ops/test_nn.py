"""Softmax, activations, cross-entropies and normalization against numbers worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import DTypeError, InvalidArgumentError, OutOfRangeError, ShapeError
from tensorlet.ops import activations

INF, NAN = math.inf, math.nan
E = math.e


def values(tensor: Any) -> Any:
    """A tensor as nested Python lists."""
    return tensor.numpy().tolist()


def slopes(function: Any, *inputs: Any) -> list[Any]:
    """The gradients of the sum of the function's elements, as lists."""
    tensors = [tf.constant(one, tf.float64) for one in inputs]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        result = function(*tensors)
    return [None if g is None else values(g) for g in tape.gradient(result, tensors)]


# --- softmax ---------------------------------------------------------------------------


def test_softmax() -> None:
    logits = [[0.0, math.log(3)], [1000.0, 0.0]]
    np.testing.assert_allclose(tf.nn.softmax(logits), [[0.25, 0.75], [1.0, 0.0]], rtol=1e-6)
    np.testing.assert_allclose(
        tf.nn.log_softmax(logits), [[math.log(0.25), math.log(0.75)], [0.0, -1000.0]], rtol=1e-6
    )
    columns = np.transpose(logits)
    np.testing.assert_allclose(tf.nn.softmax(columns, axis=0), [[0.25, 1.0], [0.75, 0.0]], rtol=1e-6)
    assert np.isnan(tf.nn.softmax([[NAN, 0.0]]).numpy()).all()
    assert values(tf.nn.softmax([[-INF, 0.0]])) == [[0.0, 1.0]]
    assert tf.nn.softmax(tf.zeros([0, 3])).shape == (0, 3)
    with pytest.raises(ShapeError, match=r"tf\.nn\.softmax: 'logits' is a scalar"):
        tf.nn.softmax(1.0)
    with pytest.raises(DTypeError, match=r"tf\.nn\.log_softmax: 'logits' is int32"):
        tf.nn.log_softmax([1, 2])


def test_slopes_of_softmax() -> None:
    # p = (1/4, 3/4): dp1/dx = p1 (1 - p1), -p1 p2; d log p1/dx = 1 - p1, -p2
    x = [0.0, math.log(3)]
    np.testing.assert_allclose(slopes(lambda x: tf.nn.softmax(x)[0], x)[0], [3 / 16, -3 / 16], rtol=1e-12)
    np.testing.assert_allclose(slopes(lambda x: tf.nn.log_softmax(x)[0], x)[0], [0.75, -0.75], rtol=1e-12)


# --- activations -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "x", "value", "slope"),
    [
        (tf.nn.relu, [-2.0, 0.0, 3.0], [0, 0, 3], [0, 0, 1]),
        (tf.nn.relu6, [-2.0, 0.0, 3.0, 6.0, 8.0], [0, 0, 3, 6, 6], [0, 0, 1, 0, 0]),
        (tf.nn.leaky_relu, [-2.0, 0.0, 3.0], [-0.4, 0, 3], [0.2, 0.2, 1]),
        (tf.nn.elu, [-1.0, 0.0, 2.0, 1000.0], [1 / E - 1, 0, 2, 1000], [1 / E, 1, 1, 1]),
        (
            tf.nn.selu,
            [-1.0, 2.0, 1000.0],
            [1.0507009873554805 * 1.6732632423543772 * (1 / E - 1), 2.101401974710961, 1050.7009873554805],
            [1.0507009873554805 * 1.6732632423543772 / E, 1.0507009873554805, 1.0507009873554805],
        ),
        (lambda x: activations.celu(x, alpha=2.0), [-2.0, 3.0], [2 / E - 2, 3], [1 / E, 1]),
        # Φ(1) = 0.8413447460685429, φ(1) = 0.24197072451914337; gelu' = Φ + x φ
        (tf.nn.gelu, [0.0, 1.0], [0, 0.8413447460685429], [0.5, 0.8413447460685429 + 0.24197072451914337]),
        (tf.nn.silu, [0.0, math.log(3)], [0, 0.75 * math.log(3)], [0.5, 0.75 + math.log(3) * 3 / 16]),
        (lambda x: tf.nn.silu(x, beta=2.0), [0.0], [0], [0.5]),
        (tf.nn.softsign, [-1.0, 3.0], [-0.5, 0.75], [0.25, 1 / 16]),
        # softplus(0) = ln 2, tanh(ln 2) = 3/5
        (activations.mish, [0.0], [0], [0.6]),
    ],
)
def test_activations(function: Any, x: list[float], value: list[float], slope: list[float]) -> None:
    np.testing.assert_allclose(function(tf.constant(x, tf.float64)), value, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(slopes(function, x)[0], slope, rtol=1e-12, atol=1e-15)
    assert function(tf.constant(x)).dtype == tf.float32
    assert np.isnan(function(tf.constant(NAN)).numpy())


def test_more_of_activations() -> None:
    assert values(tf.nn.crelu([[-2.0, 3.0]])) == [[0.0, 3.0, 2.0, 0.0]]
    assert values(tf.nn.relu([-1, 2])) == [0, 2]
    approximate = tf.nn.gelu(tf.constant([1.0], tf.float64), approximate=True)
    expected = 0.5 * (1 + math.tanh(math.sqrt(2 / math.pi) * 1.044715))
    assert values(approximate) == [pytest.approx(expected, rel=1e-14)]
    with pytest.raises(DTypeError, match=r"tf\.nn\.elu: 'features' is int32"):
        tf.nn.elu([1])


# --- cross-entropies -------------------------------------------------------------------


def test_softmax_cross_entropy() -> None:
    logits = [[0.0, math.log(3)], [1000.0, 0.0]]
    labels = [[0.5, 0.5], [1.0, 0.0]]
    expected = [-0.5 * math.log(0.25) - 0.5 * math.log(0.75), 0.0]
    np.testing.assert_allclose(tf.nn.softmax_cross_entropy_with_logits(labels, logits), expected, rtol=1e-6)
    turned = tf.nn.softmax_cross_entropy_with_logits(np.transpose(labels), np.transpose(logits), axis=0)
    np.testing.assert_allclose(turned, expected, rtol=1e-6)
    whole = tf.nn.softmax_cross_entropy_with_logits([[0, 1]], [[0.0, 0.0]])
    assert values(whole) == [pytest.approx(math.log(2))]
    # p - y
    gradient = slopes(
        lambda x: tf.nn.softmax_cross_entropy_with_logits([[1.0, 0.0]], x), [[0.0, math.log(3)]]
    )
    np.testing.assert_allclose(gradient[0], [[-0.75, 0.75]], rtol=1e-12)
    with pytest.raises(ShapeError, match=r"tf\.one_hot\(labels, classes\)"):
        tf.nn.softmax_cross_entropy_with_logits([1], [[1.0, 2.0]])
    with pytest.raises(ShapeError, match=r"labels have shape \(1, 2\) and logits \(1, 3\)"):
        tf.nn.softmax_cross_entropy_with_logits([[1.0, 0.0]], [[1.0, 2.0, 3.0]])


def test_sparse_softmax_cross_entropy() -> None:
    function = tf.nn.sparse_softmax_cross_entropy_with_logits
    logits = [[0.0, math.log(3)], [1000.0, 0.0]]
    for dtype in (tf.int32, tf.int64, tf.uint8):
        losses = function(tf.constant([0, 1], dtype), logits)
        np.testing.assert_allclose(losses, [math.log(4), 1000.0], rtol=1e-6)
    assert values(function(1, [0.0, 0.0])) == pytest.approx(math.log(2))
    assert function([[0, 1]], [logits]).shape == (1, 2)
    np.testing.assert_allclose(
        slopes(lambda x: function([0, 1], x), [[0.0, math.log(3)], [0.0, 0.0]])[0],
        [[-0.75, 0.75], [0.5, -0.5]],
        rtol=1e-12,
    )
    for wrong in (2, -1):
        with pytest.raises(OutOfRangeError, match=rf"Row 1 has the label {wrong}, but there are 2 classes"):
            function([0, wrong], logits)
    with pytest.raises(ShapeError, match=r"labels\.shape == logits\.shape\[:-1\]"):
        function([[0, 1]], logits)
    with pytest.raises(DTypeError, match="'labels' is float32"):
        function([[0.0, 1.0]], logits)


def test_sigmoid_cross_entropy() -> None:
    function = tf.nn.sigmoid_cross_entropy_with_logits
    labels, logits = [1.0, 0.0, 0.0, 1.0], [0.0, math.log(3), 1000.0, 1000.0]
    # sigmoid(ln 3) = 3/4
    np.testing.assert_allclose(function(labels, logits), [math.log(2), math.log(4), 1000.0, 0.0], rtol=1e-6)
    gradient = slopes(lambda x: function([1.0, 0.0, 0.0], x), [0.0, 0.0, math.log(3)])[0]
    np.testing.assert_allclose(gradient, [-0.5, 0.5, 0.75], rtol=1e-12)
    weighted = tf.nn.weighted_cross_entropy_with_logits([1.0, 0.0], [0.0, math.log(3)], 3.0)
    np.testing.assert_allclose(weighted, [3 * math.log(2), math.log(4)], rtol=1e-6)
    with pytest.raises(InvalidArgumentError, match="'labels' is missing"):
        function(logits=[1.0])
    with pytest.raises(ShapeError, match=r"labels have shape \(1,\) and logits \(2,\)"):
        function([1.0], [1.0, 2.0])


# --- normalization ---------------------------------------------------------------------


def test_l2() -> None:
    assert values(tf.nn.l2_loss([3.0, 4.0])) == 12.5
    assert slopes(tf.nn.l2_loss, [3.0, 4.0]) == [[3, 4]]
    np.testing.assert_allclose(
        tf.nn.l2_normalize([[3.0, 4.0], [0.0, 0.0]], axis=1), [[0.6, 0.8], [0, 0]], rtol=1e-6
    )


def test_moments() -> None:
    mean, variance = tf.nn.moments(tf.constant([[1.0, 2.0], [3.0, 8.0]]), axes=[0])
    assert (values(mean), values(variance)) == ([2.0, 5.0], [1.0, 9.0])
    mean, variance = tf.nn.moments(tf.constant([[1.0, 2.0], [3.0, 8.0]]), axes=[0, 1], keepdims=True)
    assert (values(mean), values(variance)) == ([[3.5]], [[7.25]])


def test_batch_normalization() -> None:
    normalized = tf.nn.batch_normalization([[1.0], [5.0]], 3.0, 4.0, 10.0, 2.0, 0.0)
    assert values(normalized) == [[8.0], [12.0]]
    assert values(tf.nn.batch_normalization([1.0, 5.0], 3.0, 3.0, None, None, 1.0)) == [-1.0, 1.0]


def test_bias_add() -> None:
    assert values(tf.nn.bias_add([[1.0, 2.0]], [10.0, 20.0])) == [[11.0, 22.0]]
    image = tf.zeros([1, 2, 1, 2])
    assert values(tf.nn.bias_add(image, [1.0, 2.0], "NCHW")) == [[[[1.0, 1.0]], [[2.0, 2.0]]]]
    with pytest.raises(ShapeError, match="on the last axis"):
        tf.nn.bias_add(tf.zeros([2, 3]), [1.0, 2.0])
    with pytest.raises(InvalidArgumentError, match="data_format='CHW'"):
        tf.nn.bias_add(image, [1.0, 2.0], "CHW")


def test_dropout_keeps_or_drops_and_scales() -> None:
    tf.random.set_seed(1)
    dropped = tf.nn.dropout(tf.ones([100, 100]), rate=0.25).numpy()
    assert set(np.unique(dropped)) == {np.float32(0.0), np.float32(4 / 3)}
    # 10,000 choices: a standard deviation of 43 around 2,500.
    assert abs(int((dropped == 0).sum()) - 2500) < 250
    rows = tf.nn.dropout(tf.ones([50, 4]), rate=0.5, noise_shape=[50, 1]).numpy()
    assert ((rows == rows[:, :1]).all(axis=1)).all()
    assert 0 < (rows[:, 0] == 0).sum() < 50
    x = tf.constant([1.0, 2.0])
    assert values(tf.nn.dropout(x, 0.0)) == [1.0, 2.0]
    for rate in (1.0, -0.1):
        with pytest.raises(InvalidArgumentError, match=f"rate={rate}"):
            tf.nn.dropout(x, rate)


def test_the_gradient_of_dropout_passes_where_elements_were_kept() -> None:
    x = tf.ones([64])
    with tf.GradientTape() as tape:
        tape.watch(x)
        dropped = tf.nn.dropout(x, 0.5, seed=3)
    np.testing.assert_array_equal(tape.gradient(dropped, x), dropped)
