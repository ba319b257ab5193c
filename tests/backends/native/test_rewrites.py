"""What the rewrites of the native backend make of a program: which instructions are left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.backends.native import fuse
from tensorlet.backends.native.instructions import Program
from tensorlet.backends.native.translate import lower
from tensorlet.backends.programs import UnsupportedError
from tensorlet.errors import PerformanceWarning

executable = pytest.importorskip(
    "tensorlet.backends.native.executable", reason="the native engine is not built"
)


def program_of(function: Any, *arguments: Any, epoch: bool = False) -> Program:
    graph = tf.function(function).get_concrete_function(*arguments).graph
    return executable.optimized(lower(graph), epoch)  # type: ignore[no-any-return]


def made(program: Program) -> list[str]:
    return [value.op for value in program.values() if value.kind == "result"]


def steps(program: Program, op: str) -> list[list[str]]:
    attribute = "code" if op == "map" else "epilogue"
    return [
        [step["op"] for step in value.attributes.get(attribute, [])]
        for value in program.values()
        if value.op == op
    ]


def test_a_chain_of_elementwise_operations_is_one_instruction() -> None:
    program = program_of(lambda x: tf.tanh(2.0 * x + 1.0) - tf.exp(x), tf.ones([3, 4]))
    assert made(program) == ["map"]
    assert sorted(steps(program, "map")[0]) == ["exp", "mul_add", "sub", "tanh"]


def test_a_value_with_two_readers_is_computed_once() -> None:
    program = program_of(lambda x: (tf.exp(x), tf.reduce_sum(tf.exp(x))), tf.ones([3]))
    assert made(program) == ["map", "reduce"]


def test_bias_and_activation_join_the_product() -> None:
    w, b = tf.Variable(tf.ones([4, 5])), tf.Variable(tf.ones([5]))
    program = program_of(lambda x: tf.nn.relu(tf.matmul(x, w) + b), tf.ones([3, 4]))
    assert made(program) == ["matmul"]
    assert steps(program, "matmul") == [["add", "max"]]


def test_a_product_that_an_epilogue_reads_is_computed_once() -> None:
    w, v = tf.Variable(tf.ones([4, 5])), tf.Variable(tf.ones([5, 4]))

    def masked(x: Any) -> Any:
        hidden = tf.matmul(x, w) + 1.0
        return tf.where(tf.transpose(hidden) > 0.0, tf.matmul(v, x, transpose_b=True), 0.0), tf.nn.relu(
            hidden
        )

    program = program_of(masked, tf.ones([3, 4]))
    assert made(program).count("matmul") == 2

    def gradient(x: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.matmul(tf.nn.relu(tf.matmul(x, w) + 1.0), v))
        return tape.gradient(loss, [w, v])

    # Forward one (the loss itself is not wanted), and one each for the hidden layer and the two weights.
    assert made(program_of(gradient, tf.ones([3, 4]))).count("matmul") == 4


def test_reductions_of_single_elements_vanish() -> None:
    def mean_error(x: Any) -> Any:
        return tf.reduce_sum(tf.reduce_mean(tf.square(x), axis=-1)) / 4.0

    program = program_of(mean_error, tf.ones([4, 1]))
    assert made(program) == ["map", "reduce", "map"]
    assert float(tf.function(mean_error)(tf.constant([[1.0], [2.0], [3.0], [4.0]]))) == 7.5
    assert made(program_of(lambda x: tf.reduce_max(x, axis=1), tf.ones([4, 1]))) == ["reshape"]


def test_the_gradient_of_a_rectified_layer_reads_its_output() -> None:
    w, b = tf.Variable([[1.0, -1.0, 0.0]]), tf.Variable([0.0, 0.5, 0.0])

    def gradient(x: Any) -> Any:
        with tf.GradientTape() as tape:
            hidden = tf.nn.relu(tf.matmul(x, w) + b)
            loss = tf.reduce_sum(hidden * hidden)
        return (loss, *tape.gradient(loss, [w, b]))

    x = tf.constant([[1.0], [-2.0], [0.0], [np.nan]])
    program = program_of(gradient, x)
    assert steps(program, "matmul") == [["add", "max"], []]
    for ours, eager in zip(tf.function(gradient)(x), gradient(x), strict=True):
        np.testing.assert_array_equal(ours, eager)
    # Rows 1, -2 and 0: hidden is [1, 0, 0], [0, 2.5, 0] and [0, 0.5, 0].
    _, weights, biases = tf.function(gradient)(x[:3])
    np.testing.assert_allclose(weights, [[2.0, -10.0, 0.0]])
    np.testing.assert_allclose(biases, [2.0, 6.0, 0.0])


def test_scaled_bytes_go_into_the_product_as_bytes() -> None:
    w = tf.Variable(tf.ones([16, 5]))
    pixels = np.array([[0, 51, 102, 255] * 4] * 30, np.uint8)

    def logits(x: Any) -> Any:
        return tf.matmul(tf.cast(x, tf.float32) / 255.0, w)

    program = program_of(logits, pixels)
    assert made(program) == ["matmul"]
    assert program.values()[-1].inputs[0].dtype == "u8"
    expected = np.repeat((pixels / 255.0).sum(axis=1, keepdims=True), 5, axis=1)
    np.testing.assert_allclose(tf.function(logits)(pixels), expected, rtol=1e-6)


@pytest.mark.parametrize(("rows", "factors"), [(20, 1), (4, 0)])
def test_long_sums_over_bytes_take_the_factor_to_a_larger_result(rows: int, factors: int) -> None:
    pixels = (np.arange(rows * 64) % 251).astype(np.uint8).reshape(rows, 64)
    error = np.ones([rows, 128], np.float32)

    def gradient(x: Any, g: Any) -> Any:
        return tf.matmul(tf.cast(x, tf.float32) / 255.0, g, transpose_a=True)

    program = program_of(gradient, pixels, error)
    assert made(program) == (["matmul"] if factors else ["map", "matmul"])
    assert steps(program, "matmul") == [["mul"] * factors]
    expected = (pixels.sum(axis=0, dtype=np.float64) / 255)[:, None] * np.ones([64, 128])
    np.testing.assert_allclose(tf.function(gradient)(pixels, error), expected, rtol=1e-5)


def test_an_update_joins_the_product_of_its_gradient() -> None:
    w = tf.Variable(tf.ones([200, 3]))

    def step(x: Any, g: Any) -> Any:
        w.assign_sub(0.1 * tf.matmul(x, g, transpose_a=True))

    program = program_of(step, tf.ones([8, 200]), tf.ones([8, 3]))
    assert made(program) == ["matmul"]
    assert steps(program, "matmul") == [["mul_sub"]]


def test_narrow_weights_are_turned_round_over_an_epoch() -> None:
    w = tf.Variable(tf.ones([200, 3]))

    def step(x: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(tf.matmul(x, w)))
        w.assign_sub(0.1 * tape.gradient(loss, w))
        return loss

    once = program_of(step, tf.ones([8, 200]))
    often = program_of(step, tf.ones([8, 200]), epoch=True)
    assert once.transposed == set()
    assert often.transposed == {0}
    assert often.variables[0].shape == (3, 200)
    assert "transpose" not in made(often)


def test_other_readers_of_turned_weights_see_them_as_they_were() -> None:
    w = tf.Variable(np.arange(400, dtype=np.float32).reshape(200, 2))

    def step(x: Any) -> Any:
        total = tf.reduce_sum(tf.matmul(x, w)) + tf.reduce_sum(w[3] * tf.constant([1.0, 10.0]))
        w.assign_sub(0.5 * w)
        return total

    program = program_of(step, tf.ones([4, 200]), epoch=True)
    assert program.transposed == {0}
    history = tf.run_epochs(step, np.zeros((4, 200), np.float32), batch_size=4)
    assert history.history["loss"] == [6.0 + 70.0]
    np.testing.assert_array_equal(w, np.arange(400).reshape(200, 2) / 2)


def test_contraction_keeps_products_that_are_read_twice() -> None:
    def code(*rows: tuple[str, list[int]]) -> list[dict[str, Any]]:
        return [{"op": op, "args": args, "dtype": "f32"} for op, args in rows]

    once = fuse.contract(code(("mul", [0, 1]), ("sub", [2, 3])), 3)
    assert once == code(("mul_sub", [0, 1, 2]))
    twice = code(("mul", [0, 1]), ("add", [2, 3]), ("mul", [3, 4]))
    assert fuse.contract(twice, 3) == twice
    result_itself = code(("mul", [0, 1]))
    assert fuse.contract(result_itself, 2) == result_itself


def test_what_the_engine_lacks_runs_on_the_reference(capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("TENSORLET_DEBUG", "backend")

    @tf.function
    def halves(x: Any) -> Any:
        return x * 2

    with pytest.warns(PerformanceWarning, match=r"'halves' .* lacks the dtype float16 \(of input 0\)"):
        result = halves(tf.constant([1.0, 2.0], tf.float16))
    assert result.dtype == tf.float16
    np.testing.assert_array_equal(result, [2.0, 4.0])
    assert "the dtype float16" in capsys.readouterr().err
    with pytest.raises(UnsupportedError):
        lower(halves.get_concrete_function(tf.constant([1.0, 2.0], tf.float16)).graph)


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_a_sum_of_all_elements_keeps_its_shape(shape: tuple[int, ...]) -> None:
    """A bias of one unit over rows of steps: its gradient is a sum of everything, of shape [1]."""
    w = tf.Variable(tf.zeros(shape))

    @tf.function
    def step(x: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(tf.reshape(tf.reshape(x, [6, 1]) * 2.0 + w, [2, 3, 1])))
        w.assign_sub(0.5 * tape.gradient(loss, w))
        return {"loss": loss}

    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    history = tf.run_epochs(step, (x,), batch_size=2, epochs=1).history
    assert history == {"loss": [220.0]}
    np.testing.assert_array_equal(w.numpy(), np.full(shape, -30.0))


def test_a_layer_of_one_unit_over_steps_trains() -> None:
    layer = tf.keras.layers.Dense(1, kernel_initializer="ones", input_shape=(5, 3))
    model = tf.keras.Sequential([layer])
    model.compile(tf.keras.optimizers.SGD(0.5), "mse")
    assert model.fit(np.ones((4, 5, 3)), np.ones((4, 5, 1)), verbose=0).history == {"loss": [4.0]}
    for found, expected in zip(model.get_weights(), ([[-1.0]] * 3, [-2.0]), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64"])
def test_rows_with_one_number_are_summed_by_their_labels(dtype: str) -> None:
    def chosen(labels: Any) -> Any:
        places = tf.constant(np.arange(5).astype(dtype))
        return tf.reduce_sum(tf.where(tf.equal(labels[:, None], places), -0.25, 0.0), axis=1)

    labels = np.array([0, 4, 3, 5, 7], dtype)
    assert "reduce" not in made(program_of(chosen, labels))
    np.testing.assert_array_equal(tf.function(chosen)(labels).numpy(), [-0.25, -0.25, -0.25, 0.0, 0.0])
    if dtype != "uint8":
        below = np.array([-1, 0], dtype)
        np.testing.assert_array_equal(tf.function(chosen)(below).numpy(), [0.0, -0.25])


def test_rows_with_other_places_are_summed_as_they_are() -> None:
    def chosen(labels: Any) -> Any:
        places = tf.constant([1, 1, 2])
        return tf.reduce_sum(tf.where(tf.equal(labels[:, None], places), 1.0, 0.0), axis=1)

    labels = np.array([1, 2, 0], np.int32)
    assert "reduce" in made(program_of(chosen, labels))
    np.testing.assert_array_equal(tf.function(chosen)(labels).numpy(), [2.0, 1.0, 0.0])


def pooled_network(pool: Any) -> Any:
    """Convolution, relu and pooling, and the gradients of filters and bias."""
    w, b = tf.Variable(tf.ones([3, 3, 1, 2])), tf.Variable(tf.zeros([2]))

    def gradients(x: Any) -> Any:
        with tf.GradientTape() as tape:
            y = pool(tf.nn.relu(tf.nn.conv2d(x, w, 1, "SAME") + b))
            loss = tf.reduce_sum(y * y)
        return tape.gradient(loss, [w, b])

    return gradients


def test_what_follows_the_gradient_of_pooling_reads_a_number_for_each_window() -> None:
    pool = lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID")  # noqa: E731
    program = program_of(pooled_network(pool), tf.ones([2, 8, 8, 1]))
    (scatter,) = [value for value in program.values() if value.op == "max_pool2d_scatter"]
    readers = {value.op for value in program.users()[id(scatter)]}
    assert readers == {"conv2d_filter_gradient"}, "neither relu nor the sum for the bias reads all places"
    (total,) = [value for value in program.values() if value.op == "reduce"]
    assert total.inputs[0].shape == (2, 4, 4, 2)


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
@pytest.mark.parametrize(("size", "strides", "padding"), [(2, 2, "VALID"), (3, 2, "SAME"), (3, 1, "VALID")])
def test_gradients_of_pooling_are_those_of_the_reference(
    name: str, size: int, strides: int, padding: str
) -> None:
    x = np.random.default_rng(0).normal(size=(2, 9, 8, 1)).astype(np.float32)
    gradients = pooled_network(lambda y: getattr(tf.nn, name)(y, size, strides, padding))
    found = tf.function(gradients)(tf.constant(x))
    for ours, expected in zip(found, gradients(tf.constant(x)), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-4)
