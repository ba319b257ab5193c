"""Models that are trained together have the bits of models that are trained one after the other."""

from __future__ import annotations

import os
import signal
import threading
import time

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.engine import native
from tensorlet.keras.population.form import form_of
from tensorlet.keras.population.members import Templates

Dense, Dropout, Sequential = tf.keras.layers.Dense, tf.keras.layers.Dropout, tf.keras.Sequential
RNG = np.random.default_rng(0)
X = RNG.normal(size=(301, 6)).astype("float32")
Y = (X[:, 0] > X[:, 1]).astype("int32") + (X[:, 2] > 1)
HELD = (X[:50] + 0.1, Y[:50])


def perceptron(rate=0.01, units=9, optimizer="adam", dropout=0.0, l2=0.0):
    model = Sequential(
        [
            Dense(units, "relu", kernel_regularizer=tf.keras.regularizers.L2(l2), input_shape=(6,)),
            *([Dropout(dropout)] if dropout else []),
            Dense(3, "softmax"),
        ]
    )
    chosen = tf.keras.optimizers.get(optimizer)
    chosen.learning_rate = rate
    model.compile(chosen, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def one_by_one(build, configurations, data, seeds, **options):
    for configuration, seed in zip(configurations, seeds, strict=True):
        tf.keras.utils.set_random_seed(seed)
        model = build(**configuration)
        yield model, model.fit(*data, verbose=0, **options)


def assert_same(trained, expected):
    for one, (model, history) in zip(trained, expected, strict=True):
        assert one.history.history == history.history
        for ours, theirs in zip(one.model.get_weights(), model.get_weights(), strict=True):
            assert np.array_equal(ours, theirs)
        for ours, theirs in zip(one.model.optimizer.variables, model.optimizer.variables, strict=True):
            assert np.array_equal(np.asarray(ours), np.asarray(theirs))


CONFIGURATIONS = {
    "rates": [{"rate": rate} for rate in (0.001, 0.01, 0.1, 0.3)],
    "widths": [{"units": units} for units in (3, 8, 8, 40)],
    "optimizers": [{"optimizer": name} for name in ("sgd", "rmsprop", "nadam", "adagrad", "sgd")],
    "dropout": [{"dropout": rate} for rate in (0.0, 0.5, 0.5)],
    "penalties": [{"l2": factor} for factor in (0.0, 0.1, 0.1)],
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
@pytest.mark.parametrize("shuffle", [True, False])
def test_the_bits_are_those_of_fit(name, shuffle):
    configurations = CONFIGURATIONS[name]
    options = {"epochs": 4, "batch_size": 32, "shuffle": shuffle, "validation_data": HELD}
    seeds = range(7, 7 + len(configurations))
    trained = tf.train_many(perceptron, configurations, (X, Y), seeds=7, **options)
    assert_same(trained, one_by_one(perceptron, configurations, (X, Y), seeds, **options))


@pytest.mark.parametrize("threads", [1, 3])
def test_the_number_of_threads_does_not_matter(threads):
    before = native.threads()
    native.set_threads(threads)
    try:
        trained = tf.train_many(perceptron, CONFIGURATIONS["rates"], (X, Y), epochs=3)
    finally:
        native.set_threads(before)
    assert_same(trained, one_by_one(perceptron, CONFIGURATIONS["rates"], (X, Y), range(4), epochs=3))


def test_tiny_models_that_run_as_a_tape():
    def build(rate):
        model = Sequential([Dense(2, "tanh", input_shape=(2,)), Dense(1, "sigmoid")])
        model.compile(tf.keras.optimizers.Adam(rate), "binary_crossentropy")
        return model

    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
    y = np.array([0, 1, 1, 0], "float32")
    configurations = [{"rate": rate} for rate in (0.01, 0.05, 0.1)]
    trained = tf.train_many(build, configurations, (x, y), epochs=50, batch_size=4)
    assert_same(trained, one_by_one(build, configurations, (x, y), range(3), epochs=50, batch_size=4))


def test_sample_weights_and_models_with_branches():
    def build(units):
        x = tf.keras.Input((6,))
        hidden = Dense(units, "relu")(x)
        out = Dense(3, "softmax")(tf.keras.layers.concatenate([x, hidden]))
        model = tf.keras.Model(x, out)
        model.compile("adam", "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
        return model

    weight = RNG.random(301).astype("float32")
    configurations = [{"units": units} for units in (4, 4, 5)]
    trained = tf.train_many(build, configurations, (X, Y, weight), epochs=2)
    expected = one_by_one(build, configurations, (X, Y), range(3), epochs=2, sample_weight=weight)
    assert_same(trained, expected)


def test_a_layer_of_the_user_is_traced_for_each_model():
    class Scaled(tf.keras.layers.Layer):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        def call(self, inputs):
            return inputs * self.factor

    def build(factor):
        model = Sequential([Dense(3, input_shape=(6,)), Scaled(factor), tf.keras.layers.Softmax()])
        model.compile("sgd", "sparse_categorical_crossentropy")
        return model

    configurations = [{"factor": factor} for factor in (1.0, 2.0, 3.0)]
    trained = tf.train_many(build, configurations, (X, Y), epochs=2)
    assert_same(trained, one_by_one(build, configurations, (X, Y), range(3), epochs=2))


def test_models_of_one_form_are_traced_once(monkeypatch):
    made = []
    keep = Templates.__init__
    monkeypatch.setattr(Templates, "__init__", lambda self, data: (keep(self, data), made.append(self))[0])
    tf.train_many(perceptron, CONFIGURATIONS["rates"], (X, Y))
    tf.train_many(perceptron, CONFIGURATIONS["widths"], (X, Y))
    assert [templates.traced for templates in made] == [1, 3]


def test_forms():
    assert form_of(perceptron(0.1)) == form_of(perceptron(0.2))
    assert form_of(perceptron()) != form_of(perceptron(units=10))
    assert form_of(perceptron()) != form_of(perceptron(l2=0.1))
    assert form_of(perceptron()) != form_of(perceptron(optimizer="sgd"))
    frozen = perceptron()
    frozen.layers[0].trainable = False
    assert form_of(frozen) != form_of(perceptron())
    other = perceptron()
    other.compile("adam", "mse")
    assert form_of(other) != form_of(perceptron())
    own = perceptron()
    own.compile("adam", lambda y, p: p)
    assert form_of(own) is None


def test_a_model_that_diverges_does_not_stop_the_others():
    def build(rate):
        model = Sequential([Dense(8, input_shape=(6,)), Dense(1)])
        model.compile(tf.keras.optimizers.SGD(rate), "mse")
        return model

    trained = tf.train_many(build, [{"rate": 0.001}, {"rate": 1e9}, {"rate": 0.01}], (X, Y), epochs=3)
    assert [one.diverged for one in trained] == [False, True, False]
    assert len(trained[2].history.history["loss"]) == 3
    assert not np.isfinite(trained[1].history.history["loss"][-1])


def test_a_trained_model_goes_on():
    trained = tf.train_many(perceptron, [{}, {}], (X, Y), epochs=2)
    model = trained[1].model
    before = model.evaluate(X, Y, verbose=0)[0]
    model.fit(X, Y, epochs=5, verbose=0)
    assert model.evaluate(X, Y, verbose=0)[0] < before
    assert trained[1].history is not model.history


def test_random_numbers_go_on_as_if_nothing_had_been_trained():
    tf.random.set_seed(3)
    np.random.seed(3)  # noqa: NPY002
    expected = tf.random.normal([2]).numpy(), np.random.rand()  # noqa: NPY002
    tf.random.set_seed(3)
    np.random.seed(3)  # noqa: NPY002
    tf.train_many(perceptron, [{}], (X, Y))
    assert np.array_equal(tf.random.normal([2]).numpy(), expected[0])
    assert np.random.rand() == expected[1]  # noqa: NPY002


def test_labels_out_of_range_are_refused():
    with pytest.raises(tf.errors.InvalidArgumentError, match="3"):
        tf.train_many(perceptron, [{}, {}], (X, Y + 2))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"build": lambda: None}, "return model"),
        ({"build": lambda: Sequential([Dense(1, input_shape=(6,))])}, "not been compiled"),
        ({"data": X}, r"\(x, y\)"),
        ({"epochs": 0}, "epochs is 0"),
        ({"batch_size": 1.5}, "batch_size is 1.5"),
        ({"seeds": [1, 2]}, "2 seeds for 1 configurations"),
    ],
)
def test_wrong_arguments_are_refused(change, message):
    arguments = {"build": perceptron, "configurations": [{}], "data": (X, Y)} | change
    with pytest.raises((tf.errors.InvalidArgumentError, ValueError), match=message):
        tf.train_many(**arguments)


def test_ctrl_c_stops_all_models():
    threading.Timer(0.4, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        tf.train_many(perceptron, [{"units": 200}] * 8, (X, Y), epochs=20_000)
    assert time.monotonic() - started < 20


def test_the_reference_backend_trains_too(monkeypatch):
    monkeypatch.setenv("TENSORLET_BACKEND", "reference")
    trained = tf.train_many(perceptron, [{}, {"rate": 0.1}], (X[:40], Y[:40]), epochs=2)
    assert len(trained[1].history.history["loss"]) == 2
