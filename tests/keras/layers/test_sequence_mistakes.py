"""What layers for sequences refuse, with what to do about it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, ShapeError

L = tf.keras.layers


def test_rows_instead_of_sequences() -> None:
    with pytest.raises(ShapeError, match=r'layer "lstm.*expected ndim=3, found ndim=2.*x\[\.\.\., None\]'):
        L.LSTM(4)(np.ones((5, 3)))
    model = tf.keras.Sequential([L.GRU(4, name="reader"), L.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ShapeError, match=r'"reader".*Reshape the data to \(examples, steps, features\)'):
        model.fit(np.ones((8, 3)), np.ones(8), verbose=0)


def test_stacked_layers_without_return_sequences() -> None:
    with pytest.raises(
        ShapeError, match=r'"second" takes sequences.*"first".*return_sequences=True to "first"'
    ):
        tf.keras.Sequential([L.LSTM(4, input_shape=(5, 2), name="first"), L.LSTM(4, name="second")])
    with pytest.raises(ShapeError, match='return_sequences=True to "both"'):
        tf.keras.Sequential([L.Bidirectional(L.GRU(4), input_shape=(5, 2), name="both"), L.LSTM(4)])


def test_other_features_than_built_for() -> None:
    layer = L.LSTM(4)
    layer(np.ones((2, 5, 3), "f"))
    with pytest.raises(ShapeError, match=r"expected shape=\(None, None, 3\), found shape=\(2, 5, 4\)"):
        layer(np.ones((2, 5, 4), "f"))
    with pytest.raises(ShapeError, match=r"number of features: input_shape=\(steps, features\)"):
        tf.keras.Sequential([L.LSTM(4, input_shape=(5, None))])


def test_stateful_layers_need_a_batch_size() -> None:
    with pytest.raises(
        InvalidArgumentError, match=r"is stateful.*batch_input_shape=\(batch, steps, features\)"
    ):
        tf.keras.Sequential([L.LSTM(4, stateful=True, input_shape=(5, 2))])
    with pytest.raises(InvalidArgumentError, match=r"keeps no states\. Create it with stateful=True"):
        L.LSTM(4).reset_states()


def stateful() -> Any:
    inputs = tf.keras.Input((5, 2), batch_size=4)
    model = tf.keras.Model(inputs, L.Dense(1)(L.LSTM(3, stateful=True)(inputs)))
    model.compile("sgd", "mse")
    return model


def test_a_batch_that_does_not_fit_the_states() -> None:
    model = stateful()
    before = model.get_weights()
    x, y = np.ones((10, 5, 2)), np.ones(10)
    with pytest.raises(ShapeError, match=r"batches of 4 examples: pass batch_size=4, and leave out"):
        model.fit(x, y, batch_size=4, verbose=0)
    with pytest.raises(ShapeError, match=r"batches of 4 examples: pass batch_size=4"):
        model.predict(x, verbose=0)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    model.fit(x[:8], y[:8], batch_size=4, verbose=0)
    assert model.stateful


def test_states_of_other_shapes() -> None:
    layer = stateful().layers[1]
    with pytest.raises(ShapeError, match=r"states of shapes \[\(4, 3\), \(4, 3\)\], but got \[\(3, 3\)\]"):
        layer.reset_states([np.ones((3, 3))])
    with pytest.raises(
        ShapeError, match=r"shapes \[\(2, 3\), \(2, 3\)\], but initial_state has \[\(2, 3\)\].*\[h, c\]"
    ):
        L.LSTM(3)(tf.ones([2, 5, 2]), initial_state=[tf.zeros([2, 3])])


def test_states_do_not_change_while_a_model_is_built() -> None:
    model = stateful()
    model.evaluate(np.ones((4, 5, 2)), np.ones(4), batch_size=4, verbose=0)
    first = model.layers[1].states[0].numpy()
    model.reset_states()
    assert not model.layers[1].states[0].numpy().any()
    model.predict(np.ones((4, 5, 2)), batch_size=4, verbose=0)
    np.testing.assert_array_equal(model.layers[1].states[0].numpy(), first)


def test_sequences_of_unequal_length() -> None:
    model = tf.keras.Sequential([L.Embedding(10, 2), L.LSTM(3), L.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises((ShapeError, InvalidArgumentError), match="pad_sequences"):
        model.fit([[1, 2, 3], [4, 5], [6]], np.ones(3), verbose=0)
    with pytest.raises((ShapeError, InvalidArgumentError), match="pad_sequences"):
        model.fit(np.array([[1, 2, 3], [4, 5], [6]], dtype=object), np.ones(3), verbose=0)


def test_what_is_not_a_cell() -> None:
    with pytest.raises(InvalidArgumentError, match=r"is not a cell.*RNN\(LSTMCell\(32\)\)"):
        L.RNN(L.Dense(3))
    with pytest.raises(InvalidArgumentError, match="is not a cell"):
        L.StackedRNNCells([L.LSTMCell(2), "relu"])
    with pytest.raises(
        InvalidArgumentError, match=r"does not take them.*call\(self, inputs, states, constants\)"
    ):

        class Cell(L.Layer):  # type: ignore[name-defined,misc]
            state_size = 1

            def call(self, inputs: Any, states: Any) -> Any:
                return states[0], states

        L.RNN(Cell())(tf.ones([1, 2, 1]), constants=[tf.ones([1])])


def test_settings_of_recurrent_layers() -> None:
    with pytest.raises(InvalidArgumentError, match="LSTMCell: units=0"):
        L.LSTM(0)
    with pytest.raises(InvalidArgumentError, match=r"recurrent_dropout=1\.5, but a number from 0 to 1"):
        L.GRU(3, recurrent_dropout=1.5)
    with pytest.raises(
        TypeError, match=r"LSTM does not take the argument 'return_sequence'.*return_sequences"
    ):
        L.LSTM(3, return_sequence=True)


def test_settings_of_bidirectional() -> None:
    with pytest.raises(InvalidArgumentError, match=r"merge_mode='add', but one of 'concat', 'sum'"):
        L.Bidirectional(L.LSTM(3), merge_mode="add")
    with pytest.raises(InvalidArgumentError, match="is not a recurrent layer"):
        L.Bidirectional(L.Dense(3))
    with pytest.raises(InvalidArgumentError, match="both layers have go_backwards=False"):
        L.Bidirectional(L.LSTM(3), backward_layer=L.LSTM(3))
    with pytest.raises(InvalidArgumentError, match="return_sequences is True in the layer and False"):
        L.Bidirectional(L.LSTM(3, return_sequences=True), backward_layer=L.LSTM(3, go_backwards=True))
    with pytest.raises(InvalidArgumentError, match=r"such as \[h, c, h, c\]"):
        L.Bidirectional(L.LSTM(3))(tf.ones([2, 5, 2]), initial_state=[tf.zeros([2, 3])])


def test_settings_of_attention() -> None:
    with pytest.raises(
        InvalidArgumentError, match=r"on a list of length 2 or 3, \[query, value\] .* but got Eager"
    ):
        L.Attention()(tf.ones([2, 3, 4]))
    with pytest.raises(InvalidArgumentError, match=r"mask must be a list of length 2 or 3"):
        L.Attention()([tf.ones([2, 3, 4])] * 2, mask=tf.ones([2, 3]))
    with pytest.raises(InvalidArgumentError, match=r"score_mode\. Expected one of .*'dot', 'concat'.*'add'"):
        L.Attention(score_mode="add")
    with pytest.raises(InvalidArgumentError, match=r"takes a query and a value: layer\(x, x\)"):
        L.MultiHeadAttention(2, 2)(tf.ones([2, 3, 4]))
    with pytest.raises(ShapeError, match="the steps of value and key must be equal"):
        L.MultiHeadAttention(2, 2)(tf.ones([2, 3, 4]), tf.ones([2, 5, 4]), key=tf.ones([2, 6, 4]))


def test_time_distributed_needs_steps() -> None:
    with pytest.raises(ShapeError, match=r"at least three axes.*Use Dense itself"):
        L.TimeDistributed(L.Dense(3))(tf.ones([2, 3]))


def test_a_value_that_is_not_finite_inside_the_loop_is_found() -> None:
    model = tf.keras.Sequential(
        [L.SimpleRNN(3, "exponential", input_shape=(6, 1), name="reader"), L.Dense(1)]
    )
    model.set_weights([np.ones(weight.shape) for weight in model.get_weights()])
    model.compile("sgd", "mse")
    with pytest.warns(
        UserWarning, match=r"first operation .* was 'exp' of shape \[4, 3\] in 'sequential.*reader'"
    ):
        model.fit(np.ones((4, 6, 1)), np.ones(4), verbose=0)


class Logarithm(L.Layer):  # type: ignore[name-defined,misc]
    """A cell that fails where an input is 0."""

    state_size = 1

    def call(self, inputs: Any, states: Any) -> Any:
        state = states[0] + tf.math.log(inputs)
        return state, [state]


def test_a_value_that_is_not_finite_in_a_cell_of_the_user() -> None:
    model = tf.keras.Sequential([L.RNN(Logarithm(), input_shape=(3, 1)), L.Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((4, 3, 1))
    x[2, 1] = 0
    with pytest.warns(UserWarning, match=r"'log' .* in 'sequential.*logarithm'.*took the logarithm of 0"):
        model.fit(x, np.ones(4), verbose=0)
