"""``model(x)`` runs as a compiled graph only where nobody can tell."""

from __future__ import annotations

import copy
import pickle
import threading

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.core.compiled_call import NOT_COMPILED, uncompiled
from tensorlet.keras import layers

X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)


def dense_model(*more) -> tf.keras.Sequential:
    tf.keras.utils.set_random_seed(3)
    return tf.keras.Sequential([layers.Dense(5, activation="tanh", input_shape=(3,)), *more, layers.Dense(2)])


def is_compiled(model, x=X, training=None) -> bool:
    return model._compiled_outputs(x, {} if training is None else {"training": training}) is not NOT_COMPILED


def eagerly(model, x=X, **options):
    with uncompiled():
        return model(x, **options)


def test_the_bits_are_those_of_the_traced_model():
    model = dense_model()
    assert is_compiled(model)
    np.testing.assert_array_equal(model(X), model(X))
    np.testing.assert_array_equal(model(X), tf.function(model)(X))
    np.testing.assert_array_equal(model(X, training=True), tf.function(model)(X))
    # `predict` takes sums in an order that does not depend on the number of rows; calls take the quickest.
    np.testing.assert_allclose(model(X[:1]), model.predict(X[:1], verbose=0), rtol=1e-6)
    np.testing.assert_allclose(model(X), eagerly(model), rtol=1e-6)


@pytest.mark.parametrize(
    "x", [X.astype(np.float64), X.tolist(), tf.constant(X), [X], X[:, ::-1], np.asfortranarray(X)]
)
def test_every_kind_of_input(x):
    model = dense_model()
    np.testing.assert_allclose(model(x), eagerly(model, x), rtol=1e-6)


def test_several_inputs_and_outputs():
    a, b = tf.keras.Input((3,), name="a"), tf.keras.Input((2,), name="b")
    joined = layers.Concatenate()([a, layers.Dense(2)(b)])
    model = tf.keras.Model({"a": a, "b": b}, {"sum": tf.reduce_sum(joined, axis=1), "all": joined})
    given = {"a": X, "b": X[:, :2]}
    assert is_compiled(model, given)
    np.testing.assert_allclose(model(given)["sum"], eagerly(model, given)["sum"], rtol=1e-6)
    assert sorted(model(given)) == ["all", "sum"]


class Counting(layers.Layer):
    calls = 0

    def call(self, inputs):
        self.calls += 1
        return inputs * float(self.calls)


def test_code_of_the_user_runs_in_every_call():
    counting = Counting()
    model = dense_model(counting)
    assert not is_compiled(model)
    before = counting.calls
    first, second = model(X), model(X)
    assert counting.calls == before + 2
    assert not np.array_equal(first, second)


def test_functions_of_the_user_run_in_every_call():
    seen = []

    def activation(x):
        seen.append(x)
        return tf.nn.relu(x)

    for model in (
        dense_model(layers.Lambda(activation)),
        dense_model(layers.Dense(2, activation=activation)),
    ):
        assert not is_compiled(model)
        seen.clear()
        model(X), model(X)
        assert len(seen) == 2


def test_a_subclass_runs_in_every_call():
    class Mine(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)
            self.seen = 0

        def call(self, inputs):
            self.seen += 1
            return self.dense(inputs)

    model = Mine()
    for _ in range(3):
        model(X)
    assert model.seen == 3


def test_a_replaced_call_takes_effect():
    model = dense_model()
    model(X)
    dense = model.layers[0]
    before = dense.call
    dense.call = lambda inputs: before(inputs) * 0.0
    np.testing.assert_array_equal(model(X), np.broadcast_to(model.layers[1].bias, (4, 2)))


def test_changed_attributes_and_weights_take_effect():
    model = dense_model()
    first = model(X).numpy()
    model.layers[0].activation = tf.keras.activations.linear
    assert is_compiled(model)
    np.testing.assert_allclose(model(X), (X @ model.weights[0].numpy()) @ model.weights[2].numpy(), rtol=1e-5)
    model.layers[0].activation = tf.keras.activations.tanh
    np.testing.assert_array_equal(model(X), first)
    model.set_weights([w * 0 + 1 for w in model.get_weights()])
    np.testing.assert_allclose(model(X)[:, 0], np.tanh(X.sum(axis=1) + 1) * 5 + 1, rtol=1e-5)


def test_added_and_removed_layers_take_effect():
    model = dense_model()
    assert model(X).shape == (4, 2)
    model.add(layers.Dense(7))
    assert model(X).shape == (4, 7)
    model.pop()
    model.pop()
    assert model(X).shape == (4, 5)


def test_training_is_not_compiled_where_it_matters():
    model = dense_model(layers.Dropout(0.5), layers.BatchNormalization())
    assert is_compiled(model)
    assert not is_compiled(model, training=True)
    average = model.layers[2].moving_mean.numpy()
    model(X)
    np.testing.assert_array_equal(model.layers[2].moving_mean, average)
    assert not np.array_equal(model(X, training=True), model(X, training=True))
    assert not np.array_equal(model.layers[2].moving_mean, average)


def test_a_call_within_a_layer_inherits_training():
    inner = dense_model(layers.Dropout(0.99))

    class Outer(layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = inner

        def call(self, inputs, training=None):
            return self.inner(inputs)

    outer = Outer()
    np.testing.assert_array_equal(outer(X), inner(X))
    assert not np.array_equal(outer(X, training=True), inner(X))


def test_losses_and_watched_values_are_not_forgotten():
    penalized = dense_model(layers.Dense(2, activity_regularizer="l2"))
    assert not is_compiled(penalized)
    penalized(X)
    assert len(penalized.losses) == 1
    model = tf.keras.Model(inputs := tf.keras.Input((3,)), outputs := layers.Dense(1)(inputs))
    assert is_compiled(model)
    model.add_loss(tf.reduce_mean(outputs))
    assert not is_compiled(model)


def test_masks_are_not_lost():
    model = tf.keras.Sequential([layers.Embedding(5, 2, mask_zero=True, input_length=3)])
    assert not is_compiled(model, np.array([[1, 0, 2]]))
    assert model(np.array([[1, 0, 2]]))._keras_mask.numpy().tolist() == [[True, False, True]]


def test_errors_are_those_of_an_eager_call():
    model = dense_model()
    model(X)
    with pytest.raises(tf.errors.InvalidArgumentError, match="incompatible with the layer"):
        model(X[:, :2])
    embedding = tf.keras.Sequential([layers.Embedding(5, 2, input_length=2)])
    assert is_compiled(embedding, np.array([[1, 4]]))
    with pytest.raises(tf.errors.OutOfRangeError) as eager, uncompiled():
        embedding(np.array([[1, 5]]))
    with pytest.raises(tf.errors.OutOfRangeError) as compiled:
        embedding(np.array([[1, 5]]))
    assert str(compiled.value) == str(eager.value)


def test_run_functions_eagerly_is_heeded():
    model = dense_model()
    model(X)
    tf.config.run_functions_eagerly(True)
    try:
        np.testing.assert_array_equal(model(X), eagerly(model))
    finally:
        tf.config.run_functions_eagerly(False)


def test_gradients_are_those_of_the_operations():
    model, x = dense_model(layers.BatchNormalization()), tf.constant(X)

    def gradients(call):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                loss = tf.reduce_sum(call(x) ** 2)
            first = tape.gradient(loss, [x, *model.trainable_variables])
            total = tf.reduce_sum(first[0] ** 2)
        return [*first, outer.gradient(total, x)]

    for mine, theirs in zip(gradients(model), gradients(lambda x: eagerly(model, x)), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)


def test_a_tape_sees_the_same_variables():
    model = dense_model(layers.BatchNormalization())
    with tf.GradientTape() as compiled:
        model(X)
    with tf.GradientTape() as eager:
        eagerly(model)
    assert {v.ref() for v in compiled.watched_variables()} == {v.ref() for v in eager.watched_variables()}


def test_jacobians():
    model, x = dense_model(), tf.constant(X[:1])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = model(x)
    np.testing.assert_allclose(
        tape.jacobian(y, x)[0, :, 0],
        (model.weights[0] * (1 - np.tanh(X[:1] @ model.weights[0].numpy()) ** 2) @ model.weights[2])
        .numpy()
        .T,
        rtol=1e-4,
    )


def test_copies_have_programs_of_their_own():
    model = dense_model()
    expected = model(X).numpy()
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        model.set_weights([w * 0 for w in model.get_weights()])
        np.testing.assert_array_equal(other(X), expected)
        model.set_weights(other.get_weights())


def test_many_shapes_and_threads():
    model = dense_model()
    expected = {rows: eagerly(model, np.ones((rows, 3), np.float32)).numpy() for rows in range(1, 30)}
    wrong = []

    def work():
        for rows, outputs in expected.items():
            if not np.allclose(model(np.ones((rows, 3), np.float32)), outputs, rtol=1e-5):
                wrong.append(rows)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_values_that_a_layer_refuses_are_refused():
    model = tf.keras.Sequential([layers.CategoryEncoding(3, input_shape=(2,))])
    assert not is_compiled(model, np.array([[0, 2]]))
    with pytest.raises(tf.errors.OutOfRangeError, match="num_tokens"):
        model(np.array([[0, 3]]))


def test_gradients_between_outputs():
    """As for Grad-CAM: the gradient of the prediction for the feature maps, both from one call."""
    tf.keras.utils.set_random_seed(1)
    inputs = tf.keras.Input((6, 6, 1))
    maps = layers.Conv2D(2, 3, activation="relu")(inputs)
    scores = layers.Dense(3)(layers.GlobalAveragePooling2D()(maps))
    model = tf.keras.Model(inputs, [maps, scores])
    x = np.random.default_rng(0).normal(size=(1, 6, 6, 1)).astype(np.float32)
    with tf.GradientTape() as tape:
        found, predicted = model(x)
        best = predicted[:, 1]
    gradient = tape.gradient(best, found)
    # The mean over 16 places, then column 1 of the dense kernel.
    expected = np.broadcast_to(model.get_weights()[2][:, 1] / 16, (1, 4, 4, 2))
    np.testing.assert_allclose(gradient, expected, rtol=1e-5)
    assert is_compiled(model, x), "without a tape the call is compiled"


def test_outputs_beside_each_other_stay_compiled():
    inputs = tf.keras.Input((3,))
    model = tf.keras.Model(inputs, [layers.Dense(2)(inputs), layers.Dense(1)(inputs)])
    with tf.GradientTape() as tape:
        assert is_compiled(model)
        first, second = model(X)
        total = tf.reduce_sum(first) + tf.reduce_sum(second)
    kernel = tape.gradient(total, model.trainable_variables[0])
    np.testing.assert_allclose(kernel, np.repeat(X.sum(0)[:, None], 2, 1), rtol=1e-5, atol=1e-6)
