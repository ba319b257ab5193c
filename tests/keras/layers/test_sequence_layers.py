"""Recurrent layers and attention: against real Keras 2, numbers worked out by hand, and what they refuse."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import stateful_cases
from golden_files import GOLDEN_FOLDER
from sequence_layer_cases import CASES, model_of, run

import tensorlet as tf
from tensorlet.errors import ShapeError

GOLDEN = json.loads((GOLDEN_FOLDER / "sequence_layers.json").read_text(encoding="utf-8"))
L = tf.keras.layers


@pytest.mark.parametrize("name", CASES)
def test_layer_follows_keras(name: str, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    """Forward, the gradients of all weights and inputs, and 50 steps with SGD and with Adam, natively."""
    monkeypatch.setenv("TENSORLET_DEBUG", "backend")
    found, expected = run(tf, tf.keras, name), GOLDEN["cases"][name]
    assert found["names"] == expected["names"]
    # The bias of a key has no effect on a softmax: its gradient is rounding, which Adam scales up.
    idle = np.abs(expected["gradients"])[: len(expected["Adam weights"])] < 1e-5
    for what, value in expected.items():
        if what != "names":
            tolerance = 5e-4 if "Adam" in what else 1e-4
            if name == "transformer" and "SGD" in what:
                tolerance = 2e-3  # the steps are so large that rounding grows
            ours, theirs = np.array(found[what]), np.array(value)
            if what == "Adam weights":
                ours, theirs = ours[~idle], theirs[~idle]
            np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=5e-5, err_msg=what)
    assert "reference" not in capfd.readouterr().err, "a step fell back to the reference backend"


@pytest.mark.parametrize("name", [name for name in CASES if not name.startswith(("own cell", "constants"))])
def test_layer_returns_from_its_configuration(name: str) -> None:
    model, x = model_of(tf.keras, name)
    config = json.loads(json.dumps(model.get_config()))
    again = type(model).from_config(config)
    again.set_weights(model.get_weights())
    x = x if len(x) > 1 else x[0]
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert again.get_config() == model.get_config()


@pytest.mark.filterwarnings("ignore:.*batch_input_shape")
@pytest.mark.parametrize("name", stateful_cases.NAMES)
def test_states_are_kept_as_in_keras(name: str) -> None:
    found, expected = stateful_cases.run(tf.keras, name), GOLDEN["stateful"][name]
    for what, value in expected.items():
        np.testing.assert_allclose(found[what], value, rtol=1e-4, atol=2e-5, err_msg=what)


# --- by hand ---------------------------------------------------------------------------


def sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def test_lstm_by_hand() -> None:
    layer = L.LSTM(1, return_sequences=True, return_state=True)
    layer.build((None, None, 1))
    layer.set_weights([[[0.1, 0.2, 0.3, 0.4]], [[0.5, -0.5, 0.25, 1.0]], [0.0, 1.0, 0.1, -0.1]])
    h = c = 0.0
    expected = []
    for x in (1.0, -2.0, 0.5):
        i, f = sigmoid(0.1 * x + 0.5 * h), sigmoid(0.2 * x - 0.5 * h + 1.0)
        g, o = np.tanh(0.3 * x + 0.25 * h + 0.1), sigmoid(0.4 * x + h - 0.1)
        c = f * c + i * g
        h = o * np.tanh(c)
        expected.append(h)
    outputs, hidden, memory = layer(tf.constant([[[1.0], [-2.0], [0.5]]]))
    np.testing.assert_allclose(outputs[0, :, 0], expected, rtol=1e-5)
    np.testing.assert_allclose([hidden[0, 0], memory[0, 0]], [h, c], rtol=1e-5)


@pytest.mark.parametrize("reset_after", [True, False])
def test_gru_by_hand(reset_after: bool) -> None:
    layer = L.GRU(1, reset_after=reset_after)
    layer.build((None, None, 1))
    bias = [[0.1, -0.1, 0.2], [0.3, 0.0, -0.2]] if reset_after else [0.1, -0.1, 0.2]
    layer.set_weights([[[0.1, 0.2, 0.3]], [[0.5, -0.5, 0.25]], bias])
    own, other = bias if reset_after else (bias, [0.0, 0.0, 0.0])
    h = 0.0
    for x in (1.0, -2.0):
        z = sigmoid(0.1 * x + own[0] + 0.5 * h + other[0])
        r = sigmoid(0.2 * x + own[1] - 0.5 * h + other[1])
        inner = r * (0.25 * h + other[2]) if reset_after else 0.25 * (r * h)
        h = z * h + (1 - z) * np.tanh(0.3 * x + own[2] + inner)
    np.testing.assert_allclose(layer(tf.constant([[[1.0], [-2.0]]]))[0, 0], h, rtol=1e-5)


def test_masked_steps_repeat_the_output_and_keep_the_state() -> None:
    layer = L.SimpleRNN(
        1, "linear", kernel_initializer="ones", recurrent_initializer="ones", return_sequences=True
    )
    x, mask = tf.constant([[[5.0], [1.0], [2.0], [4.0]]]), tf.constant([[False, True, False, True]])
    assert layer(x, mask=mask)[0, :, 0].numpy().tolist() == [0.0, 1.0, 1.0, 5.0]
    assert layer(x, mask=mask, initial_state=tf.constant([[10.0]]))[0, :, 0].numpy().tolist() == [
        0.0,
        11.0,
        11.0,
        15.0,
    ]
    layer.zero_output_for_mask = True
    assert layer(x, mask=mask)[0, :, 0].numpy().tolist() == [0.0, 1.0, 0.0, 5.0]
    assert layer(x, mask=mask)._keras_mask is mask


def test_a_bias_starts_with_ones_for_the_forget_gate() -> None:
    layer = L.LSTM(2)
    layer.build((None, 3, 1))
    assert layer.get_weights()[2].tolist() == [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    plain = L.LSTM(2, unit_forget_bias=False)
    plain.build((None, 3, 1))
    assert plain.get_weights()[2].tolist() == [0.0] * 8


# --- dropout ---------------------------------------------------------------------------


def test_dropped_elements_are_the_same_in_all_steps_and_new_in_each_call() -> None:
    layer = L.SimpleRNN(
        40, "linear", kernel_initializer="identity", recurrent_initializer="zeros", dropout=0.5,
        return_sequences=True,
    )  # fmt: skip
    x = tf.ones([2, 3, 40])
    first, second = layer(x, training=True).numpy(), layer(x, training=True).numpy()
    assert set(np.unique(first)) == {0.0, 2.0}
    assert (first[:, 0] == first[:, 2]).all()
    assert (first[0] != first[1]).any()
    assert (first != second).any()
    assert (layer(x).numpy() == 1.0).all()


def test_recurrent_dropout_leaves_the_inputs() -> None:
    layer = L.SimpleRNN(
        50, "linear", kernel_initializer="identity", recurrent_initializer="identity", recurrent_dropout=0.4,
        return_sequences=True,
    )  # fmt: skip
    found = layer(tf.ones([1, 2, 50]), training=True).numpy()
    assert (found[0, 0] == 1.0).all()
    np.testing.assert_allclose(np.unique(found[0, 1]), [1.0, 1.0 + 1 / 0.6], rtol=1e-6)


def test_dropout_trains_with_a_seed(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    monkeypatch.setenv("TENSORLET_DEBUG", "backend")
    x, y = np.random.default_rng(0).normal(size=(32, 5, 2)), np.ones((32, 1))
    results = []
    for _ in range(2):
        tf.keras.utils.set_random_seed(3)
        model = tf.keras.Sequential(
            [L.GRU(4, dropout=0.3, recurrent_dropout=0.2, input_shape=(5, 2)), L.Dense(1)]
        )
        model.compile("sgd", "mse")
        model.fit(x, y, epochs=3, verbose=0)
        results.append(model.get_weights())
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)
    assert "reference" not in capfd.readouterr().err


# --- shapes and dtypes -----------------------------------------------------------------


@pytest.mark.parametrize("name", ["LSTM", "GRU", "SimpleRNN"])
def test_unusual_sizes(name: str) -> None:
    layer = getattr(L, name)(3, return_sequences=True)
    assert layer(tf.ones([2, 1, 4])).shape == [2, 1, 3]
    assert layer(tf.ones([0, 5, 4])).shape == [0, 5, 3]
    assert layer(np.ones((2, 5, 4), np.int32)).dtype == tf.float32
    with pytest.raises(ShapeError, match="no steps"):
        layer(tf.ones([2, 0, 4]))
    wide = getattr(L, name)(3, dtype="float64")
    assert wide(np.ones((2, 5, 4))).dtype == tf.float64
    assert {weight.dtype.name for weight in wide.weights} == {"float64"}


def test_sequences_of_any_length() -> None:
    model = tf.keras.Sequential([L.LSTM(3, input_shape=(None, 2)), L.Dense(1)])
    assert model.layers[0].output_shape == (None, 3)
    for steps in (1, 4, 9):
        assert model.predict(np.ones((2, steps, 2)), verbose=0).shape == (2, 1)


def test_unrolled_steps_give_the_same_numbers() -> None:
    x = np.random.default_rng(0).normal(size=(3, 6, 2)).astype("float32")
    loop = L.LSTM(4, go_backwards=True, return_sequences=True)
    expected = loop(x)
    unrolled = L.LSTM(4, go_backwards=True, return_sequences=True, unroll=True)
    unrolled.build((None, 6, 2))
    unrolled.set_weights(loop.get_weights())
    np.testing.assert_array_equal(unrolled(x), expected)
    traced = tf.function(lambda x: loop(x))
    np.testing.assert_allclose(traced(x), expected, rtol=1e-5, atol=1e-6)


def test_time_major() -> None:
    x = np.random.default_rng(0).normal(size=(3, 6, 2)).astype("float32")
    plain = L.GRU(4, return_sequences=True)
    expected = plain(x).numpy()
    major = L.GRU(4, return_sequences=True, time_major=True)
    major.build((6, None, 2))
    major.set_weights(plain.get_weights())
    np.testing.assert_array_equal(major(x.transpose(1, 0, 2)).numpy(), expected.transpose(1, 0, 2))


# --- cells -----------------------------------------------------------------------------


class Keras3Cell(tf.keras.layers.Layer):  # type: ignore[misc]
    """A cell whose ``get_initial_state`` takes what Keras 3 passes."""

    state_size = 2

    def get_initial_state(self, batch_size: int | None = None) -> Any:
        return [tf.ones((batch_size, 2))]

    def call(self, inputs: Any, states: Any) -> Any:
        total = states[0] + inputs
        return total, [total]


class Keras2Cell(tf.keras.layers.AbstractRNNCell):  # type: ignore[misc]
    """A cell as Keras 2 documents them."""

    @property
    def state_size(self) -> int:
        return 2

    @property
    def output_size(self) -> int:
        return 2

    def get_initial_state(self, inputs: Any = None, batch_size: int | None = None, dtype: Any = None) -> Any:
        return tf.fill([batch_size, 2], tf.cast(2.0, dtype))

    def call(self, inputs: Any, states: Any, training: bool | None = None) -> Any:
        total = states[0] + inputs * (10.0 if training else 1.0)
        return total, total


def test_cells_of_both_generations() -> None:
    x = tf.constant([[[1.0, 2.0], [3.0, 4.0]]])
    assert L.RNN(Keras3Cell())(x).numpy().tolist() == [[5.0, 7.0]]
    layer = L.RNN(Keras2Cell())
    assert layer(x).numpy().tolist() == [[6.0, 8.0]]
    assert layer(x, training=True).numpy().tolist() == [[42.0, 62.0]]
    assert layer.states == [None]


def test_a_cell_need_not_be_a_layer() -> None:
    class Plain:
        state_size = (1, 1)

        def call(self, inputs: Any, states: Any) -> Any:
            older, newer = states
            return older + newer + inputs, [newer, inputs]

    found = L.RNN(Plain(), return_sequences=True)(tf.constant([[[1.0], [2.0], [4.0]]]))
    assert found[0, :, 0].numpy().tolist() == [1.0, 3.0, 7.0]


def test_a_subclass_of_a_cell_may_change_its_step() -> None:
    class Doubled(L.SimpleRNNCell):  # type: ignore[name-defined,misc]
        def call(self, inputs: Any, states: Any, training: bool | None = None) -> Any:
            output, following = super().call(inputs, states, training)
            return 2.0 * output, following

    cell = Doubled(1, activation="linear", kernel_initializer="ones", recurrent_initializer="ones")
    assert L.RNN(cell)(tf.constant([[[1.0], [2.0]]])).numpy().tolist() == [[6.0]]


def test_cells_alone() -> None:
    cell = L.GRUCell(2)
    state = cell.get_initial_state(batch_size=3, dtype="float32")
    output, following = cell(tf.ones([3, 4]), state)
    assert following.shape == output.shape == [3, 2]
    output, following = cell(tf.ones([3, 4]), [state])
    assert isinstance(following, list)
    stacked = L.StackedRNNCells([L.LSTMCell(2), L.GRUCell(2)])
    states = stacked.get_initial_state(batch_size=3)
    output, following = stacked(tf.ones([3, 4]), states)
    assert output.shape == [3, 2]
    assert [len(states[0]), states[1].shape] == [2, [3, 2]]


def test_nested_inputs() -> None:
    class Two(tf.keras.layers.Layer):  # type: ignore[misc]
        state_size = 1

        def build(self, input_shape: Any) -> None:
            self.shapes = {name: tuple(shape) for name, shape in input_shape.items()}

        def call(self, inputs: Any, states: Any) -> Any:
            total = states[0] + inputs["a"] * tf.reduce_sum(inputs["b"], -1, keepdims=True)
            return total, [total]

    cell = Two()
    found = L.RNN(cell)({"a": tf.ones([2, 3, 1]), "b": tf.ones([2, 3, 4])})
    assert found.numpy().tolist() == [[12.0], [12.0]]
    assert cell.shapes == {"a": (2, 1), "b": (2, 4)}


def test_arguments_of_the_cell_are_attributes_of_the_layer() -> None:
    layer = L.LSTM(5, activation="relu", dropout=0.25, name="reader")
    assert (layer.units, layer.activation, layer.dropout) == (5, tf.keras.activations.relu, 0.25)
    assert layer.recurrent_activation is tf.keras.activations.sigmoid
    layer.build((None, None, 2))
    assert [weight.name for weight in layer.weights] == [
        f"reader/lstm_cell/{name}:0" for name in ("kernel", "recurrent_kernel", "bias")
    ]
    assert layer.get_config()["units"] == 5
    assert "cell" not in layer.get_config()


def test_penalties_and_frozen_layers() -> None:
    layer = L.SimpleRNN(1, kernel_regularizer="l2", kernel_initializer="ones", recurrent_initializer="zeros")
    layer(tf.ones([1, 2, 3]))
    np.testing.assert_allclose(layer.losses[0], 0.03, rtol=1e-6)
    layer.trainable = False
    assert (len(layer.trainable_weights), len(layer.non_trainable_weights)) == (0, 3)
