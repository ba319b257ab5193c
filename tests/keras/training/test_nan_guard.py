"""Training that diverges reports the epoch, batch, first operation, likely cause and a fix."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.datasets import lecture
from tensorlet.keras.training.report.nan_guard import TrainingWarning

Layers = tf.keras.layers


def numbers(rows: int = 64, features: int = 4, seed: int = 0) -> np.ndarray:
    """Normally distributed inputs of unit scale."""
    return np.random.default_rng(seed).normal(size=(rows, features)).astype("float32")


def said(model: Any, *data: Any, **options: Any) -> str:
    """What `fit` warns of, rows in their order; exactly one warning is expected."""
    options = {"verbose": 0, "shuffle": False, "epochs": 5, **options}
    with pytest.warns(TrainingWarning) as caught:
        model.fit(*data, **options)
    assert len(caught) == 1
    assert caught[0].filename == __file__  # it points at the user's call of fit
    return str(caught[0].message)


def linear(optimizer: Any = "sgd", loss: Any = "mse", features: int = 4) -> Any:
    """One unit that starts from zeros."""
    model = tf.keras.Sequential([Layers.Dense(1, input_shape=(features,), kernel_initializer="zeros")])
    model.compile(optimizer, loss)
    return model


def test_the_lectures_page_about_nan(recwarn: pytest.WarningsRecorder) -> None:
    """A column of about a million beside columns of about 800: inf after a few steps; scaled, it trains."""
    table = lecture.stock_prices().astype("float32")
    text = said(linear(), table[:, :-1], table[:, -1:], epochs=20)
    assert text.startswith("The loss became inf in epoch 3, batch 1 of 1; ")
    assert "'square' of shape [8, 1]" in text
    assert "The inputs reach 1.8281e+06 and the labels 831.66, far from unit scale" in text
    assert "MinMaxScaler" in text
    scaled = tf.MinMaxScaler(table)
    history = linear(tf.keras.optimizers.SGD(0.1)).fit(scaled[:, :-1], scaled[:, -1:], epochs=200, verbose=0)
    assert history.history["loss"][-1] < 0.01
    assert not recwarn.list


def test_a_learning_rate_too_large() -> None:
    x = numbers()
    text = said(linear(tf.keras.optimizers.SGD(1e6)), x, x.sum(1))
    assert text.startswith("The loss became inf in epoch 2, batch 2 of 2; ")
    assert "The learning rate 1e+06 is probably too large" in text
    assert "Lower it by a factor of 10, or limit the steps with clipnorm=1.0" in text


def test_a_schedule_of_rates_names_the_rate_of_now() -> None:
    x = numbers()
    rate = tf.keras.optimizers.schedules.ExponentialDecay(1e6, 100, 0.9)
    text = said(linear(tf.keras.optimizers.SGD(rate)), x, x.sum(1))
    before, _, after = text.partition(" is probably too large")
    assert after
    assert 9e5 < float(before.rpartition("The learning rate ")[2]) < 1e6


def test_the_logarithm_of_zero() -> None:
    x = np.ones((6, 1), "float32")
    x[4] = 0.0
    model = tf.keras.Sequential([Layers.Lambda(lambda x: tf.math.log(x), input_shape=(1,)), Layers.Dense(1)])
    model.compile("sgd", "mse")
    text = said(model, x, x, batch_size=2)
    assert text.startswith("The loss became ") and " in epoch 1, batch 3 of 3; " in text
    assert "was 'log' of shape [2, 1]" in text
    assert "It took the logarithm of 0." in text and "tf.math.log(x + 1e-7)" in text


def test_a_hand_written_loss_that_meets_log_of_zero_because_of_the_scale() -> None:
    """Inputs of 1000 make the sigmoid 0 or 1 in one step: the text names the logarithm and the scale."""
    x = np.where(numbers(32, 1) > 0, 1000.0, -1000.0).astype("float32")
    model = tf.keras.Sequential(
        [Layers.Dense(1, activation="sigmoid", input_shape=(1,), kernel_initializer="zeros")]
    )
    cost = lambda y, p: -tf.reduce_mean(y * tf.math.log(p) + (1 - y) * tf.math.log(1 - p))  # noqa: E731
    model.compile(tf.keras.optimizers.SGD(1.0), cost)
    text = said(model, x, (x > 0).astype("float32"), batch_size=8)
    assert "'log'" in text and "It took the logarithm of 0." in text
    assert "The inputs reach 1000, far from unit scale" in text


def test_a_division_by_zero() -> None:
    x = np.abs(numbers(20)) + 0.1
    x[13] = 0.0
    shares = Layers.Lambda(lambda x: x / tf.reduce_sum(x, axis=1, keepdims=True), input_shape=(4,))
    model = tf.keras.Sequential([shares, Layers.Dense(1)])
    model.compile("sgd", "mse")
    text = said(model, x, x[:, 0], batch_size=10)
    assert "in epoch 1, batch 2 of 2; " in text and "'divide'" in text
    assert "It divided by 0." in text and "tf.math.divide_no_nan" in text


def test_a_gradient_that_is_infinite_while_the_loss_is_not() -> None:
    """The root of 0 is 0, its gradient is not: the loss is NaN in epoch 2, but it began in epoch 1."""
    x = np.ones((4, 1), "float32")
    model = linear(loss=lambda y, p: tf.sqrt(tf.square(y - p)), features=1)
    text = said(model, x, np.zeros(4))  # kernel zeros: the prediction is 0 as well
    assert text.startswith("The loss became nan in epoch 2; it began in epoch 1, batch 1 of 1; ")
    assert "It divided by 0. This is a division in a gradient: that of tf.sqrt(x)" in text


def test_an_exponential_that_overflows() -> None:
    model = tf.keras.Sequential([Layers.Dense(1, activation="exponential", input_shape=(1,))])
    model.set_weights([np.array([[100.0]]), np.zeros(1)])
    model.compile("sgd", "mse")
    text = said(model, np.ones((2, 1)), np.ones(2))
    assert "epoch 1, batch 1 of 1" in text and "'exp' of shape [2, 1]" in text
    assert "It computed exp(100), which is infinite beyond 88." in text


def test_labels_far_from_unit_scale() -> None:
    x = numbers()
    text = said(linear(tf.keras.optimizers.SGD(2.0)), x, x[:, 0] * 1e18)
    assert "The labels reach " in text and "Scale them (MinMaxScaler)" in text


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize(("where", "value"), [("x", np.nan), ("y", np.inf), ("x", -np.inf)])
def test_data_that_holds_no_number(where: str, value: float, shuffle: bool) -> None:
    """The row is named by its number in the user's array, shuffled or not."""
    x = numbers(60, 2)
    y = x[:, 0].copy()
    (x if where == "x" else y)[43] = value
    text = said(linear("adam", features=2), x, y, batch_size=10, shuffle=shuffle)
    assert "in epoch 1, batch " in text and "of 6" in text
    assert f"row 43 of {where} has {value}." in text
    assert "np.nan_to_num" in text


def test_pixels_that_are_kept_as_bytes_are_of_unit_scale() -> None:
    """k / 255 is held as bytes: 255 of those is no reason."""
    x = np.random.default_rng(0).integers(0, 256, (64, 4)) / 255.0
    text = said(linear(tf.keras.optimizers.SGD(1e6)), x, x.sum(1))
    assert "learning rate" in text and "inputs reach" not in text


# Where Python runs between batches.


class Looks(tf.keras.callbacks.Callback):
    """A callback that wants to see each batch."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Does nothing with it."""


def test_with_a_batch_hook_the_place_is_the_same() -> None:
    table = lecture.stock_prices().astype("float32")
    plain = said(linear(), table[:, :-1], table[:, -1:], batch_size=2, epochs=20)
    watched = said(linear(), table[:, :-1], table[:, -1:], batch_size=2, epochs=20, callbacks=[Looks()])
    assert "'square'" in plain and watched == plain


def test_a_generator_names_the_batch() -> None:
    x = numbers(40)

    def batches() -> Iterator[Any]:
        for number in range(100):
            part = x[:10].copy()
            if number == 23:
                part[7, 1] = np.nan
            yield part, part[:, 0]

    text = said(linear(), batches(), steps_per_epoch=10, epochs=4)
    assert text.startswith("The loss became nan in epoch 3, batch 4 of 10. ")
    assert "row 7 of the batch's x has nan" in text


def test_a_generator_whose_weights_break_before_the_loss() -> None:
    """As the root above, in the last batch of an epoch: found in the epoch after, traced back."""

    def batches() -> Iterator[Any]:
        for number in range(100):
            # A prediction of 0 for a label of 0 has a loss of 0 and an infinite gradient.
            x = np.zeros((4, 1), "float32") if number == 1 else np.ones((4, 1), "float32")
            yield x, np.where(x > 0, 1.0, 0.0)

    unit = Layers.Dense(1, input_shape=(1,), use_bias=False, kernel_initializer="zeros")
    model = tf.keras.Sequential([unit])
    model.compile("sgd", lambda y, p: tf.sqrt(tf.square(y - p)))
    text = said(model, batches(), steps_per_epoch=2, epochs=3)
    assert text.startswith("The loss became nan in epoch 2; it began in epoch 1, batch 2 of 2; ")
    assert "It divided by 0." in text


def test_a_step_of_the_users_own() -> None:
    table = lecture.stock_prices().astype("float32")

    class Own(tf.keras.Model):
        """Trains by hand."""

        def __init__(self) -> None:
            super().__init__()
            self.dense = Layers.Dense(1, kernel_initializer="zeros")

        def call(self, x: Any) -> Any:
            return self.dense(x)

        def train_step(self, data: Any) -> dict[str, Any]:
            x, y = data
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((self(x, training=True) - y) ** 2)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            return {"loss": loss}

    model = Own()
    model.compile("sgd")
    text = said(model, table[:, :-1], table[:, -1:], epochs=20)
    assert "in epoch 3, batch 1 of 1" in text and "The inputs reach 1.8281e+06" in text


def test_run_eagerly_still_gives_the_reason() -> None:
    table = lecture.stock_prices().astype("float32")
    model = linear()
    model.compile("sgd", "mse", run_eagerly=True)
    with np.errstate(all="ignore"):
        text = said(model, table[:, :-1], table[:, -1:], epochs=20)
    assert text.startswith("The loss became inf in epoch 3") and "The inputs reach 1.8281e+06" in text


def test_the_model_is_told_of_once_and_terminate_on_nan_stops(capsys: Any) -> None:
    x = numbers()
    model = linear(tf.keras.optimizers.SGD(1e6))
    with pytest.warns(TrainingWarning) as caught:
        history = model.fit(x, x.sum(1), verbose=0, epochs=9, callbacks=[tf.keras.callbacks.TerminateOnNaN()])
    assert len(caught) == 1
    assert len(history.epoch) == 2  # the epoch in which it happened is the last
    assert "Invalid loss, terminating training" in capsys.readouterr().out


# The validation by itself.


def test_validation_data_with_a_gap() -> None:
    x = numbers(30, 2)
    other = x.copy()
    other[12, 1] = np.nan
    text = said(linear(features=2), x, x[:, 0], validation_data=(other, other[:, 0]), epochs=3)
    assert text.startswith("The validation loss became nan in epoch 1, although the training loss is ")
    assert "row 12 of x has nan" in text


# No false alarms.


def test_what_is_infinite_on_purpose_is_no_trouble() -> None:
    """A metric that starts from infinity, and a loss that is NaN only in the user's own metric."""

    class Lowest(tf.keras.metrics.Metric):
        """The lowest prediction."""

        def __init__(self, name: str = "lowest") -> None:
            super().__init__(name=name)
            self.lowest = self.add_weight(name="lowest", initializer=tf.keras.initializers.Constant(np.inf))

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.lowest.assign(tf.minimum(self.lowest, tf.reduce_min(y_pred)))

        def result(self) -> Any:
            return self.lowest

        def reset_state(self) -> None:
            self.lowest.assign(np.inf)

    x = numbers()
    model = tf.keras.Sequential([Layers.Dense(1, input_shape=(4,), kernel_initializer="zeros")])
    model.compile("sgd", "mse", metrics=[Lowest()])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = model.fit(x, x.sum(1), epochs=2, verbose=0, batch_size=64, shuffle=False)
    assert history.history["lowest"][0] == 0.0  # all predictions of the first epoch are 0
    text = said(linear(tf.keras.optimizers.SGD(1e6)), x, x.sum(1))
    model.compile(tf.keras.optimizers.SGD(1e6), "mse", metrics=[Lowest()])
    model.set_weights([np.zeros((4, 1)), np.zeros(1)])
    assert said(model, x, x.sum(1)) == text


def test_an_extreme_learning_rate_is_blamed_before_the_scale_of_the_inputs() -> None:
    x = np.full((8, 2), 200.0)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    model.compile(tf.keras.optimizers.SGD(1e9), "mse")
    with pytest.warns(TrainingWarning, match="The learning rate 1e\\+09 is probably too large"):
        model.fit(x, np.ones(8), epochs=9, verbose=0)


def test_warnings_follow_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind of cause, in Korean: only code and the names of operations stay in Latin letters."""
    monkeypatch.setenv("TENSORLET_LANG", "ko")
    x = numbers()
    text = said(linear(), x * 1000, x.sum(1) * 1000)
    assert text.startswith("에포크 ")
    assert "손실이 inf입니다 (배치 2개 중 " in text
    assert "유한하지 않은 값을 처음 만든 연산은 '" in text
    assert "크기를 크게 벗어나므로 걸음이 너무 큽니다" in text
    assert "학습률 1e+06: 아마 너무 큽니다" in said(linear(tf.keras.optimizers.SGD(1e6)), x, x.sum(1))
    x[5, 1] = np.nan
    text = said(linear(), x, np.nan_to_num(x).sum(1))
    assert "데이터 자체에 NaN이나 무한대가 있습니다: x의 행 5에 nan이(가) 있습니다." in text
    assert not {"The", "the", "batch", "epoch", "row", "of"} & set(text.split())
