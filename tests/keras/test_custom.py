"""What users write themselves trains in the same native loop, with the numbers that it should have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.keras.training.loop.epoch_loop import EpochLoop

Layers, Keras = tf.keras.layers, tf.keras
X = np.array([[1.0], [2.0], [3.0], [4.0]], "float32")
Y = 2 * X


@pytest.fixture(autouse=True)
def native(monkeypatch: pytest.MonkeyPatch, capfd: Any) -> Iterator[None]:
    """Each training of this file runs natively: no step in Python, no fall back to the reference backend."""

    def refused(self: Any, batch: Any) -> Any:
        raise AssertionError("a step ran from Python")

    monkeypatch.setattr(EpochLoop, "step", refused)
    monkeypatch.setenv("TENSORLET_DEBUG", "backend")
    yield
    assert "reference" not in capfd.readouterr().err


def unit(**options: Any) -> Any:
    """One weight, starting from 0 or as the options say."""
    options = {"kernel_initializer": "zeros", "use_bias": False, **options}
    return Keras.Sequential([Layers.Dense(1, input_shape=(1,), **options)])


def fitted(model: Any, optimizer: Any = None, loss: Any = "mse", **settings: Any) -> Any:
    """The history of one epoch of one batch."""
    model.compile(optimizer or Keras.optimizers.SGD(0.1), loss, **settings)
    return model.fit(X, Y, batch_size=4, verbose=0, shuffle=False).history


def weight(model: Any) -> float:
    """The only weight."""
    return float(model.get_weights()[0].reshape(()))


# Losses. With w = 0 the errors are 2, 4, 6, 8.


def test_a_loss_function() -> None:
    def cubed(y_true: Any, y_pred: Any) -> Any:
        return tf.reduce_mean(tf.abs(y_true - y_pred) ** 3, axis=-1)

    model = unit()
    assert fitted(model, Keras.optimizers.SGD(0.001), cubed)["loss"] == [200.0]  # (8 + 64 + 216 + 512) / 4
    # d/dw = -mean(3 e^2 x) = -3 (4 + 32 + 108 + 256) / 4
    assert weight(model) == pytest.approx(0.3)


def test_a_loss_class_with_settings_and_sample_weights() -> None:
    class Pinball(Keras.losses.Loss):
        """The loss of a quantile."""

        def __init__(self, quantile: float, name: str = "pinball", **options: Any) -> None:
            super().__init__(name=name, **options)
            self.quantile = quantile

        def call(self, y_true: Any, y_pred: Any) -> Any:
            error = y_true - y_pred
            return tf.reduce_mean(tf.maximum(self.quantile * error, (self.quantile - 1.0) * error), axis=-1)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "quantile": self.quantile}

    model = unit()
    assert fitted(model, Keras.optimizers.SGD(1.0), Pinball(0.25))["loss"] == [1.25]
    assert weight(model) == 0.625  # 0.25 * mean(x)
    model.compile(Keras.optimizers.SGD(1.0), Pinball(0.25))
    model.set_weights([np.zeros((1, 1))])
    history = model.fit(X, Y, batch_size=4, verbose=0, sample_weight=np.array([4.0, 0.0, 0.0, 0.0]))
    assert history.history["loss"] == [0.5]
    again = Pinball.from_config(Pinball(0.25).get_config())
    assert float(again(Y, 0 * Y)) == 1.25


def test_a_loss_with_its_settings_in_a_closure_and_numpy_constants() -> None:
    scale = np.array([2.0], "float32")

    def weighted(factor: float) -> Any:
        return lambda y_true, y_pred: factor * scale * tf.square(y_true - y_pred)

    assert fitted(unit(), loss=weighted(0.5))["loss"] == [30.0]


# Metrics.


def test_a_metric_function() -> None:
    def worst(y_true: Any, y_pred: Any) -> Any:
        return tf.reduce_max(tf.abs(y_true - y_pred), axis=-1)

    history = fitted(unit(), metrics=[worst])
    assert history["worst"] == [5.0]  # the mean of 2, 4, 6, 8


def test_a_metric_class() -> None:
    class Within(Keras.metrics.Metric):
        """The share of predictions that are close enough."""

        def __init__(self, distance: float = 1.0, name: str = "within", **options: Any) -> None:
            super().__init__(name=name, **options)
            self.distance = distance
            self.close = self.add_weight(name="close", initializer="zeros")
            self.total = self.add_weight("total", initializer="zeros")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            close = tf.cast(tf.abs(y_true - y_pred) <= self.distance, tf.float32)
            self.close.assign_add(tf.reduce_sum(close))
            self.total.assign_add(tf.cast(tf.size(close), tf.float32))

        def result(self) -> Any:
            return self.close / self.total

        def reset_state(self) -> None:
            self.close.assign(0.0)
            self.total.assign(0.0)

    model = unit()
    model.compile(Keras.optimizers.SGD(0.0), "mse", metrics=[Within(5.0), Within(7.0, name="wider")])
    history = model.fit(X, Y, batch_size=1, epochs=2, verbose=0, validation_data=(X[:2], Y[:2])).history
    assert history["within"] == [0.5, 0.5] and history["wider"] == [0.75, 0.75]  # begun anew in each epoch
    assert history["val_within"] == [1.0, 1.0]


class Peak(Keras.metrics.Metric):
    """The largest label; its variable is made with the first batch, when the width is known."""

    def __init__(self, name: str = "peak", **options: Any) -> None:
        super().__init__(name=name, **options)
        self.made = False

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if not self.made:
            self.peak = self.add_weight(name="peak", shape=(y_pred.shape[1],), initializer="zeros")
            self.made = True
        self.peak.assign(tf.maximum(self.peak, tf.reduce_max(y_true, axis=0)))

    def result(self) -> Any:
        return self.peak[0]


@pytest.mark.parametrize("metric", [Peak, Keras.metrics.R2Score, Keras.metrics.F1Score])
def test_a_metric_that_makes_its_variables_with_the_first_batch(metric: Any) -> None:
    kept = metric()
    kept.update_state(Y, X + 0.5)
    expected = float(np.asarray(kept.result()).reshape(-1)[0])
    assert expected != 0.0
    model = unit(use_bias=True, kernel_initializer="ones", bias_initializer=Keras.initializers.Constant(0.5))
    model.compile(Keras.optimizers.SGD(0.0), "mse", metrics=[metric(name="it")])
    history = model.fit(X, Y, epochs=2, verbose=0, validation_data=(X, Y)).history
    numbers = [float(np.ravel(one)[0]) for one in history["it"] + history["val_it"]]
    assert numbers == pytest.approx([expected] * 4, rel=1e-4)
    assert float(np.ravel(model.evaluate(X, Y, verbose=0)[1])[0]) == pytest.approx(expected, rel=1e-4)


# What layers are given.


def test_an_activation_function() -> None:
    model = unit(activation=lambda x: tf.square(x) + 1.0, kernel_initializer="ones")
    np.testing.assert_array_equal(model.predict(X, verbose=0)[:, 0], [2.0, 5.0, 10.0, 17.0])
    fitted(model, Keras.optimizers.SGD(0.01))
    # mean of 2 (x^2 + 1 - 2x) * 2 x * x = 4 (x - 1)^2 x^2 over x = 1, 2, 3, 4: (0 + 16 + 144 + 576) / 4
    assert weight(model) == pytest.approx(1.0 - 1.84)


def test_initializers() -> None:
    def steps(shape: Any, dtype: Any = None) -> Any:
        return tf.reshape(tf.range(int(np.prod(shape)), dtype=tf.float32), shape)

    class Filled(Keras.initializers.Initializer):
        """One number everywhere."""

        def __init__(self, value: float) -> None:
            self.value = value

        def __call__(self, shape: Any, dtype: Any = None, **options: Any) -> Any:
            return tf.fill(shape, self.value)

        def get_config(self) -> dict[str, Any]:
            return {"value": self.value}

    layer = Layers.Dense(2, kernel_initializer=steps, bias_initializer=Filled(7.0))
    layer(np.ones((1, 2), "float32"))
    np.testing.assert_array_equal(layer.get_weights()[0], [[0.0, 1.0], [2.0, 3.0]])
    np.testing.assert_array_equal(layer.get_weights()[1], [7.0, 7.0])
    with Keras.utils.custom_object_scope({"Filled": Filled, "steps": steps}):
        again = Layers.Dense.from_config(json.loads(json.dumps(layer.get_config())))
    again(np.ones((1, 2), "float32"))
    np.testing.assert_array_equal(again.get_weights()[0], layer.get_weights()[0])


def test_regularizers_and_constraints() -> None:
    class Fourth(Keras.regularizers.Regularizer):
        """The fourth power."""

        def __call__(self, x: Any) -> Any:
            return 0.5 * tf.reduce_sum(x**4)

    model = unit(kernel_regularizer=Fourth(), kernel_initializer="ones")
    # errors x: 7.5, and the penalty 0.5; gradient -15 + 2
    assert fitted(model)["loss"] == [8.0]
    assert weight(model) == pytest.approx(2.3)
    model = unit(kernel_regularizer=lambda w: 0.5 * tf.reduce_sum(tf.abs(w)), kernel_initializer="ones")
    assert fitted(model)["loss"] == [8.0]
    assert weight(model) == pytest.approx(1.0 + 0.1 * (15 - 0.5))
    model = unit(kernel_constraint=lambda w: tf.clip_by_value(w, -0.25, 0.25))
    fitted(model)
    assert weight(model) == 0.25


def test_a_layer_with_state_losses_and_an_argument_for_training() -> None:
    class Counting(Layers.Layer):
        """Scales, counts its training steps, adds to the loss."""

        def build(self, input_shape: Any) -> None:
            self.scale = self.add_weight(name="scale", shape=(input_shape[-1],), initializer="ones")
            self.seen = self.add_weight(name="seen", shape=(), initializer="zeros", trainable=False)

        def call(self, inputs: Any, training: Any = None) -> Any:
            if training:
                self.seen.assign_add(1.0)
            self.add_loss(0.5 * tf.reduce_sum(tf.square(self.scale)))
            return inputs * self.scale

    model = Keras.Sequential([Counting(input_shape=(1,))])
    model.compile(Keras.optimizers.SGD(0.1), "mse")
    history = model.fit(
        X, Y, batch_size=1, epochs=1, shuffle=False, verbose=0, validation_data=(X, Y)
    ).history
    layer = model.layers[0]
    assert float(layer.seen) == 4.0  # not by the validation
    # scale' = scale + 0.1 (2 x^2 (2 - scale) - scale), four times; the loss before each is (2 - s)^2 x^2 + s^2 / 2
    scale, losses = 1.0, []
    for x in (1.0, 2.0, 3.0, 4.0):
        losses.append((2 - scale) ** 2 * x * x + 0.5 * scale**2)
        scale += 0.1 * (2 * x * x * (2 - scale) - scale)
    assert float(layer.scale[0]) == pytest.approx(scale, rel=1e-5)
    assert history["loss"][0] == pytest.approx(np.mean(losses), rel=1e-5)


# Optimizers.


class Signs(Keras.optimizers.Optimizer):
    """Steps of one length, along the sign of a mean: the form of Keras 2.11 to 2.15."""

    def __init__(self, learning_rate: float = 0.25, name: str = "Signs", **options: Any) -> None:
        super().__init__(name=name, **options)
        self._learning_rate = self._build_learning_rate(learning_rate)

    def build(self, var_list: Any) -> None:
        super().build(var_list)
        self.means = [self.add_variable_from_reference(one, "mean") for one in var_list]

    def update_step(self, gradient: Any, variable: Any) -> None:  # type: ignore[override]
        mean = self.means[self._index_dict[self._var_key(variable)]]
        mean.assign(0.5 * mean + 0.5 * gradient)
        variable.assign_sub(tf.cast(self.learning_rate, variable.dtype) * tf.sign(mean))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "learning_rate": self._serialize_hyperparameter(self._learning_rate)}


class OfKeras3(Keras.optimizers.Optimizer):
    """The form of Keras 3: its own helpers for assigning."""

    def __init__(self, learning_rate: float = 0.25, **options: Any) -> None:
        super().__init__(learning_rate=learning_rate, **options)

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self.means = [self.add_variable_from_reference(reference_variable=v, name="mean") for v in variables]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        mean = self.means[self._get_variable_index(variable)]
        self.assign(mean, 0.5 * mean + 0.5 * gradient)
        self.assign_sub(variable, tf.cast(learning_rate, variable.dtype) * tf.sign(mean))


class OfTheFirstYears(Keras.optimizers.Optimizer):
    """The form of Keras 2.0 to 2.10: hyper-parameters and slots by name, an update for dense gradients."""

    def __init__(self, learning_rate: float = 0.25, name: str = "OfTheFirstYears", **options: Any) -> None:
        super().__init__(name, **options)
        self._set_hyper("learning_rate", options.get("lr", learning_rate))
        self._set_hyper("keep", 0.5)

    def _create_slots(self, var_list: Any) -> None:
        for variable in var_list:
            self.add_slot(variable, "mean")

    def _resource_apply_dense(self, grad: Any, var: Any, apply_state: Any = None) -> None:
        keep = self._get_hyper("keep", var.dtype.base_dtype)
        mean = self.get_slot(var, "mean")
        mean.assign(keep * mean + (1.0 - keep) * grad)
        var.assign_sub(self._decayed_lr(var.dtype) * tf.sign(mean))

    def get_config(self) -> dict[str, Any]:
        own = {"learning_rate": self._serialize_hyperparameter("learning_rate")}
        return {**super().get_config(), **own}


@pytest.mark.parametrize("kind", [Signs, OfKeras3, OfTheFirstYears])
def test_an_optimizer_class_in_each_of_its_forms(kind: Any) -> None:
    model = unit(use_bias=True)
    model.compile(kind(), "mse")
    model.fit(X, Y, batch_size=4, epochs=3, verbose=0)
    # Far from the goal both weights take a step up each time.
    np.testing.assert_allclose([float(array.reshape(())) for array in model.get_weights()], [0.75, 0.75])
    assert int(model.optimizer.iterations) == 3
    model.optimizer.learning_rate = 0.125
    model.fit(X, Y, batch_size=4, epochs=1, verbose=0)
    assert weight(model) == 0.875
    config = json.loads(json.dumps(kind().get_config()))
    assert float(kind.from_config(config).learning_rate) == 0.25


def test_a_model_that_only_says_how_it_trains() -> None:
    """No call(): two parts and a train_step, as for networks that train against each other. x stands alone."""
    shapes = []

    class Own(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.part = tf.keras.Sequential(
                [tf.keras.layers.Dense(1, kernel_initializer="ones", input_shape=(2,))]
            )
            self.tracker = tf.keras.metrics.Mean(name="size")

        def train_step(self, data: Any) -> Any:
            shapes.append(tuple(data.shape))
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(self.part(data))
            gradients = tape.gradient(loss, self.part.trainable_weights)
            self.optimizer.apply_gradients(zip(gradients, self.part.trainable_weights, strict=True))
            self.tracker.update_state(loss)
            return {"size": self.tracker.result()}

    model = Own()
    model.compile(tf.keras.optimizers.SGD(1.0))
    x = np.ones((4, 2), np.float32)
    assert model.fit(x, batch_size=4, epochs=2, verbose=0).history == {"size": [2.0, -1.0]}
    dataset = tf.data.Dataset.from_tensor_slices(x).batch(4)
    assert model.fit(dataset, verbose=0).history == {"size": [-4.0]}
    assert set(shapes) == {(4, 2)}


def test_a_model_without_call_and_without_a_step_says_what_is_missing() -> None:
    class Own(tf.keras.Model):
        pass

    model = Own()
    model.compile("sgd", "mse")
    with pytest.raises(NotImplementedError, match="has no call method"):
        model.fit(np.ones((2, 1)), np.ones(2), verbose=0)


def test_an_optimizer_in_the_form_of_keras_2_0() -> None:
    """_initial_decay, hyper-parameters by name, slots, and no apply_state."""

    class Momentum(tf.keras.optimizers.Optimizer):
        def __init__(
            self, learning_rate: float = 0.5, momentum: float = 0.5, name: str = "M", **kwargs: Any
        ) -> None:
            super().__init__(name, **kwargs)
            self._set_hyper("learning_rate", kwargs.get("lr", learning_rate))
            self._set_hyper("decay", self._initial_decay)
            self._set_hyper("momentum", momentum)

        def _create_slots(self, var_list: Any) -> None:
            for var in var_list:
                self.add_slot(var, "momentum")

        @tf.function
        def _resource_apply_dense(self, grad: Any, var: Any) -> None:
            speed = self.get_slot(var, "momentum")
            speed.assign(speed * self._get_hyper("momentum", var.dtype) + grad)
            var.assign_sub(self._decayed_lr(var.dtype) * speed)

    w = tf.Variable(1.0)
    optimizer = Momentum()
    for _ in range(2):
        optimizer.apply_gradients([(tf.constant(1.0), w)])
    assert float(w) == 1.0 - 0.5 * 1.0 - 0.5 * 1.5


def test_a_layer_with_several_calls_says_so_when_asked_for_its_output() -> None:
    x = tf.keras.Input((2,))
    dense = tf.keras.layers.Dense(2, name="shared")
    dense(dense(x))
    with pytest.raises(AttributeError, match=r'"shared" was called 2 times, so its output is ambiguous'):
        _ = dense.output
    with pytest.raises(AttributeError, match="has no input yet"):
        _ = tf.keras.layers.Dense(2).input


def test_a_model_that_hands_itself_to_its_base() -> None:
    """super().__init__(self) stands in a tutorial of TensorFlow's, and changes nothing."""

    class Own(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__(self)
            self.dense = tf.keras.layers.Dense(1, kernel_initializer="ones")

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    assert Own()(np.array([[1.0, 2.0]])).numpy().tolist() == [[3.0]]


def test_no_loss_in_the_logs_where_nothing_computes_one() -> None:
    """compile without a loss, and steps that show metrics of their own."""

    class Own(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = tf.keras.layers.Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

        def train_step(self, data: Any) -> Any:
            x, y = data
            self.compiled_metrics.update_state(y, self(x, training=True))
            return {metric.name: metric.result() for metric in self.metrics} | {"mine": tf.constant(2.0)}

        def test_step(self, data: Any) -> Any:
            x, y = data
            self.compiled_metrics.update_state(y, self(x, training=False))
            return {metric.name: metric.result() for metric in self.metrics}

    model = Own()
    model.compile("sgd", metrics=["mae"])
    x, y = np.zeros((4, 2)), np.ones(4)
    assert model.fit(x, y, verbose=0).history == {"mae": [1.0], "mine": [2.0]}
    assert model.evaluate(x, y, verbose=0) == 1.0
