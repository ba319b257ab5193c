"""`tf.keras.backend`: numbers worked out by hand, and Keras's own arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, UnknownNameError
from tensorlet.keras import backend as K

ROWS = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
CUBE = np.arange(12.0, dtype="float32").reshape(2, 2, 3)
LOG_2 = 0.6931472


@pytest.fixture
def default_floats() -> Iterator[None]:
    yield
    K.set_floatx("float32")
    K.set_epsilon(1e-7)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (lambda: K.mean(ROWS), 3.5),
        (lambda: K.mean(ROWS, axis=-1, keepdims=True), [[2.0], [5.0]]),
        (lambda: K.mean(K.equal(ROWS, 1.0)), 1 / 6),
        (lambda: K.sum(ROWS, axis=0), [5.0, 7.0, 9.0]),
        (lambda: K.sum(K.greater(ROWS, 2.0)), 4.0),
        (lambda: K.prod(ROWS, axis=1), [6.0, 120.0]),
        (lambda: K.max(ROWS, axis=0), [4.0, 5.0, 6.0]),
        (lambda: K.min(ROWS), 1.0),
        (lambda: K.std([1.0, 3.0]), 1.0),
        (lambda: K.var([1.0, 5.0]), 4.0),
        (lambda: K.any([[0, 1], [0, 0]], axis=1), [True, False]),
        (lambda: K.all([[1, 1], [0, 1]], axis=1), [True, False]),
        (lambda: K.argmax(ROWS), [2, 2]),
        (lambda: K.argmax(ROWS, axis=0), [1, 1, 1]),
        (lambda: K.argmin(ROWS), [0, 0]),
        (lambda: K.cumsum(ROWS, axis=1), [[1.0, 3.0, 6.0], [4.0, 9.0, 15.0]]),
        (lambda: K.cumprod(ROWS), [[1.0, 2.0, 3.0], [4.0, 10.0, 18.0]]),
        (lambda: K.logsumexp([0.0, 0.0]), LOG_2),
        (lambda: K.square(ROWS[0]), [1.0, 4.0, 9.0]),
        (lambda: K.abs([-1.0, 2.0]), [1.0, 2.0]),
        (lambda: K.sqrt([9.0, -4.0]), [3.0, 0.0]),
        (lambda: K.exp([0.0]), [1.0]),
        (lambda: K.log([1.0, 2.0]), [0.0, LOG_2]),
        (lambda: K.round([0.4, 0.6]), [0.0, 1.0]),
        (lambda: K.sign([-2.0, 0.0]), [-1.0, 0.0]),
        (lambda: K.pow([2.0, 3.0], 2), [4.0, 9.0]),
        (lambda: K.clip([-1.0, 0.5, 2.0], 0, 1), [0.0, 0.5, 1.0]),
        (lambda: K.clip([-1.0, 0.5, 2.0], None, 1), [-1.0, 0.5, 1.0]),
        (lambda: K.clip([5.0], 2.0, 1.0), [2.0]),
        (lambda: K.maximum([1.0, 4.0], 2.0), [2.0, 4.0]),
        (lambda: K.minimum([1.0, 4.0], 2.0), [1.0, 2.0]),
        (lambda: K.not_equal([1, 2], [1, 3]), [False, True]),
        (lambda: K.cast([0.9, 1.0], "int32"), [0, 1]),
        (lambda: K.cast(K.greater([0.9, 0.1], 0.5), K.floatx()), [1.0, 0.0]),
        (lambda: K.switch([True, False], ROWS, K.zeros((2, 3))), [[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]),
        (lambda: K.switch(True, lambda: 1.0, lambda: 2.0), 1.0),
        (lambda: K.reshape(ROWS, (3, 2)), [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
        (lambda: K.reshape(ROWS, (-1,)), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        (lambda: K.flatten(ROWS), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        (lambda: K.batch_flatten(CUBE), [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]),
        (lambda: K.expand_dims([1.0, 2.0]), [[1.0], [2.0]]),
        (lambda: K.squeeze([[1.0], [2.0]], 1), [1.0, 2.0]),
        (lambda: K.transpose(ROWS), [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]),
        (lambda: K.permute_dimensions(ROWS, (1, 0)), [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]]),
        (lambda: K.concatenate([ROWS, [[7.0], [8.0]]]), [[1.0, 2.0, 3.0, 7.0], [4.0, 5.0, 6.0, 8.0]]),
        (lambda: K.stack([[1, 2], [3, 4]], axis=1), [[1, 3], [2, 4]]),
        (lambda: K.repeat([[1, 2]], 2), [[[1, 2], [1, 2]]]),
        (lambda: K.repeat_elements([[1, 2]], 2, axis=1), [[1, 1, 2, 2]]),
        (lambda: K.tile([1, 2], [2]), [1, 2, 1, 2]),
        (lambda: K.reverse(ROWS, 1), [[3.0, 2.0, 1.0], [6.0, 5.0, 4.0]]),
        (lambda: K.slice(ROWS, [0, 1], [2, 1]), [[2.0], [5.0]]),
        (lambda: K.gather(ROWS, [1, 1]), [[4.0, 5.0, 6.0], [4.0, 5.0, 6.0]]),
        (lambda: K.one_hot([1, 0], 2), [[0.0, 1.0], [1.0, 0.0]]),
        (lambda: K.dot(ROWS, K.ones((3, 1))), [[6.0], [15.0]]),
        # Sums over the last axis of 0+1+2, 3+4+5, 6+7+8 and 9+10+11.
        (lambda: K.dot(CUBE, K.ones((3, 1))), [[[3.0], [12.0]], [[21.0], [30.0]]]),
        (lambda: K.batch_dot(ROWS, ROWS, axes=1), [[14.0], [77.0]]),
        (lambda: K.batch_dot(CUBE, K.ones((2, 3)), axes=[2, 1]), [[3.0, 12.0], [21.0, 30.0]]),
        # One matrix of rows 0 1 2 and 3 4 5 with itself turned round: 5, 14, 14, 50.
        (lambda: K.batch_dot(CUBE[:1], CUBE[:1], axes=2), [[[5.0, 14.0], [14.0, 50.0]]]),
        (lambda: K.shape(ROWS), [2, 3]),
        (lambda: K.constant([1, 2]), [1.0, 2.0]),
        (lambda: K.constant([1, 2], shape=(2, 1)), [[1.0], [2.0]]),
        (lambda: K.constant(7, shape=(1, 2)), [[7.0, 7.0]]),
        (lambda: K.eye(2), [[1.0, 0.0], [0.0, 1.0]]),
        (lambda: K.ones_like(ROWS, "int32"), [[1, 1, 1], [1, 1, 1]]),
        (lambda: K.zeros_like([1.0]), [0.0]),
        (lambda: K.arange(1, 7, 2), [1, 3, 5]),
        (lambda: K.relu([-1.0, 7.0], max_value=6.0), [0.0, 6.0]),
        (lambda: K.elu([0.0, 2.0]), [0.0, 2.0]),
        (lambda: K.sigmoid([0.0]), [0.5]),
        (lambda: K.hard_sigmoid([-3.0, 1.0, 3.0]), [0.0, 0.7, 1.0]),
        (lambda: K.tanh([0.0]), [0.0]),
        (lambda: K.softplus([0.0]), [LOG_2]),
        (lambda: K.softsign([1.0]), [0.5]),
        (lambda: K.softmax([[0.0, 0.0]]), [[0.5, 0.5]]),
        (lambda: K.categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]), [LOG_2]),
        (lambda: K.categorical_crossentropy([[0.0, 1.0]], [[3.0, 3.0]], from_logits=True), [LOG_2]),
        (lambda: K.sparse_categorical_crossentropy([1], [[0.5, 0.5]]), [LOG_2]),
        (lambda: K.binary_crossentropy([[1.0, 0.0]], [[0.5, 0.25]]), [[LOG_2, 0.2876821]]),
        (lambda: K.binary_crossentropy([[1.0, 0.0]], [[0.0, 0.0]], from_logits=True), [[LOG_2, LOG_2]]),
        # log 2 times 0.5 ** 2, and -log(0.75) times 0.25 ** 2.
        (lambda: K.binary_focal_crossentropy([[1.0, 0.0]], [[0.5, 0.25]]), [[0.1732868, 0.01798013]]),
        (lambda: K.arange(-3), []),
        (lambda: K.l2_normalize([3.0, 4.0], axis=0), [0.6, 0.8]),
        (lambda: K.in_top_k([[0.1, 0.9], [0.9, 0.1]], [1, 1], 1), [True, False]),
        (lambda: K.bias_add([[1.0, 2.0]], [10.0, 20.0]), [[11.0, 22.0]]),
        (lambda: K.batch_normalization([[3.0]], 1.0, 3.0, 0.5, 2.0, epsilon=1.0), [[2.5]]),
        (lambda: K.normalize_batch_in_training([[1.0], [3.0]], 1.0, 0.0, [0], 0.0)[0], [[-1.0], [1.0]]),
        (lambda: K.dropout(ROWS[0], 0.0), [1.0, 2.0, 3.0]),
        (lambda: K.map_fn(K.sum, ROWS), [6.0, 15.0]),
    ],
)  # fmt: skip
def test_values(found: Any, expected: Any) -> None:
    result = found()
    np.testing.assert_allclose(result.numpy() if hasattr(result, "numpy") else result, expected, rtol=1e-6)


def test_shapes_of_tensors_variables_and_places_in_a_model() -> None:
    place = tf.keras.Input(shape=(4,))
    assert K.int_shape(place) == (None, 4)
    assert K.int_shape(K.variable(ROWS)) == (2, 3)
    assert K.ndim(place) == 2
    assert K.dtype(tf.constant(1)) == "int32"
    assert K.is_keras_tensor(place)
    assert not K.is_keras_tensor(tf.constant(1))
    assert K.is_tensor(place)
    assert not K.is_tensor(ROWS)


def test_variables_are_read_and_written() -> None:
    variable = K.variable([1, 2])
    assert variable.dtype == tf.float32
    K.set_value(variable, [3.0, 4.0])
    np.testing.assert_array_equal(K.get_value(variable), [3.0, 4.0])
    K.update_add(variable, [1.0, 1.0])
    K.update_sub(variable, [0.0, 2.0])
    np.testing.assert_array_equal(K.eval(variable), [4.0, 3.0])
    K.moving_average_update(variable, [8.0, 3.0], 0.75)
    np.testing.assert_array_equal(K.get_value(variable), [5.0, 3.0])
    K.batch_set_value([(variable, [0.0, 1.0])])
    assert [one.tolist() for one in K.batch_get_value([variable])] == [[0.0, 1.0]]
    assert K.count_params(K.zeros((3, 4))) == 12
    with pytest.raises(InvalidArgumentError, match=r"got float, expected a variable"):
        K.set_value(0.5, 0.1)


def test_the_learning_rate_is_set_by_its_old_name() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])
    model.compile("sgd", "mse")
    K.set_value(model.optimizer.lr, 0.5)
    assert K.get_value(model.optimizer.learning_rate) == np.float32(0.5)


def test_random_numbers() -> None:
    tf.random.set_seed(1)
    assert K.random_uniform((100,), 2.0, 3.0).numpy().min() >= 2.0
    assert abs(float(K.mean(K.random_normal((1000,), mean=5.0)))) == pytest.approx(5.0, abs=0.2)
    assert abs(K.truncated_normal((1000,)).numpy()).max() <= 2.0
    assert K.random_bernoulli((3,), 1.0).numpy().tolist() == [1.0, 1.0, 1.0]
    assert set(K.random_binomial((100,), 0.5).numpy().tolist()) == {0.0, 1.0}
    assert K.random_uniform_variable((2, 3), 0.0, 1.0).shape == (2, 3)
    assert K.random_normal_variable((2,), 1.0, 0.0).numpy().tolist() == [1.0, 1.0]


def test_settings(default_floats: None) -> None:
    K.set_floatx("float64")
    assert K.zeros((1,)).dtype == tf.float64
    assert K.cast_to_floatx([1]).dtype == np.float64
    assert K.cast_to_floatx(tf.constant(1)).dtype == tf.float64
    K.set_epsilon(1e-3)
    assert K.epsilon() == 1e-3
    assert K.image_data_format() == "channels_last"
    assert K.backend() == "tensorflow"
    with pytest.raises(ValueError, match="'channels_last' or 'channels_first' is expected"):
        K.set_image_data_format("last")


def test_the_session_counts_names_and_numbers() -> None:
    K.clear_session()
    assert [tf.keras.layers.Dense(1).name for _ in range(2)] == ["dense", "dense_1"]
    assert [K.get_uid("mine"), K.get_uid("mine"), K.get_uid("yours")] == [1, 2, 1]
    K.clear_session()
    assert tf.keras.layers.Dense(1).name == "dense"
    assert K.get_uid("mine") == 1
    K.reset_uids()
    with K.name_scope("block") as scope:
        assert scope == "block/"


def test_a_function_looks_between_the_layers() -> None:
    hidden = tf.keras.layers.Dense(2, kernel_initializer="ones", input_shape=(3,))
    model = tf.keras.Sequential([hidden, tf.keras.layers.Dropout(0.5), tf.keras.layers.Dense(1)])
    look = K.function([model.input, K.learning_phase()], [hidden.output, model.layers[1].output])
    before, after = look([[[1.0, 2.0, 3.0]], 0])
    assert before.tolist() == after.tolist() == [[6.0, 6.0]]
    _, dropped = look([[[1.0, 2.0, 3.0]] * 20, 1])
    assert set(dropped.ravel().tolist()) == {0.0, 12.0}
    np.testing.assert_array_equal(K.function(model.input, hidden.output)([[1.0, 1.0, 1.0]]), [[3.0, 3.0]])
    with pytest.raises(InvalidArgumentError, match="takes a list of 2 values, but got 1"):
        look([[[1.0, 2.0, 3.0]]])
    with pytest.raises(InvalidArgumentError, match="updates are not supported"):
        K.function([model.input], [hidden.output], updates=[1])


def test_the_learning_phase() -> None:
    assert K.learning_phase() == 0
    with K.learning_phase_scope(1):
        assert K.learning_phase() == 1
        assert K.in_train_phase(lambda: 1.0, 2.0) == 1.0
        assert K.in_test_phase(1.0, 2.0) == 2.0
    assert K.in_train_phase(1.0, 2.0) == 2.0
    with pytest.warns(FutureWarning, match="set_learning_phase is a legacy spelling"):
        K.set_learning_phase(0)
    with pytest.raises(InvalidArgumentError, match=r"use model\(x, training=True\)"):
        K.set_learning_phase(1)


def test_a_loss_and_a_metric_in_these_words_train_natively(backend: str) -> None:
    def root_mean_squared_error(y_true: Any, y_pred: Any) -> Any:
        return K.sqrt(K.mean(K.square(y_pred - y_true), axis=-1))

    def recall(y_true: Any, y_pred: Any) -> Any:
        hits = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
        return hits / (K.sum(K.round(K.clip(y_true, 0, 1))) + K.epsilon())

    model = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="ones", input_shape=(1,))])
    model.compile("sgd", root_mean_squared_error, metrics=[recall])
    # Predictions 0.75 and 0.25 for 1 and 1: they lie 0.25 and 0.75 away, and one of two ones is found.
    x, y = np.array([[0.75], [0.25]]), np.array([[1.0], [1.0]])
    loss, found = model.evaluate(x, y, verbose=0)
    assert loss == pytest.approx(0.5)
    assert found == pytest.approx(0.5)
    history = model.fit(x, y, epochs=2, verbose=0)
    # Both distances shrink by the step in the kernel, 0.01 * 0.5, times the mean input 0.5, and in the bias, 0.01.
    assert history.history["loss"] == pytest.approx([0.5, 0.4875])


def test_printing_hands_the_tensor_on(capsys: pytest.CaptureFixture[str]) -> None:
    x = tf.constant([1.0])
    assert K.print_tensor(x, "x is") is x
    assert capsys.readouterr().out == "x is [1.]\n"


def test_names_of_sessions_and_images_are_refused_with_advice() -> None:
    with pytest.raises(
        UnknownNameError, match=r"backend.get_session is not part .* TensorFlow 2 has no sessions"
    ):
        K.get_session()
    with pytest.raises(UnknownNameError, match=r"Use tf\.GradientTape"):
        K.gradients()
    with pytest.raises(UnknownNameError, match="for volumes and the CTC loss"):
        K.ctc_decode()
    with pytest.raises(UnknownNameError, match="Did you mean 'square'"):
        K.sqare()


def test_every_name_that_is_listed_is_there() -> None:
    names = [name for name in dir(K) if not name.startswith("_") and name != "annotations"]
    assert len(names) > 100
    assert [name for name in names if getattr(K, name, None) is None] == []


def test_rnn_applies_a_function_to_the_steps() -> None:
    def step(x: Any, states: Any) -> Any:
        total, factor = states
        return factor * (total + x), [total + x]

    x = tf.constant([[[1.0], [2.0], [4.0]]])
    start, two = tf.zeros([1, 1]), tf.constant([[2.0]])
    last, outputs, states = K.rnn(step, x, [start], constants=[two])
    assert outputs.numpy().tolist() == [[[2.0], [6.0], [14.0]]]
    assert (last.numpy().tolist(), states[0].numpy().tolist()) == ([[14.0]], [[7.0]])
    mask = tf.constant([[True, False, True]])
    _, outputs, _ = K.rnn(step, x, [start], mask=mask, constants=[two])
    assert outputs.numpy().tolist() == [[[2.0], [2.0], [10.0]]]
    _, outputs, _ = K.rnn(step, x, [start], go_backwards=True, constants=[two], return_all_outputs=False)
    assert outputs.numpy().tolist() == [[[14.0]]]
    major = tf.transpose(x, [1, 0, 2])
    _, outputs, _ = K.rnn(step, major, [start], constants=[two], time_major=True, unroll=True)
    assert outputs.numpy().tolist() == [[[2.0]], [[6.0]], [[14.0]]]
