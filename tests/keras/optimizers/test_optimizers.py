"""Optimizers and schedules: against real Keras's weights, and by hand."""

from __future__ import annotations

import doctest
import importlib
import json
import pkgutil
import warnings
from typing import Any

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER
from optimizer_problem import OPTIMIZERS, SCHEDULES, STEPS, TIMES, made, numbers, start

import tensorlet as tf
from tensorlet.compat import deprecation
from tensorlet.errors import InvalidArgumentError, TensorletError, TracingError, UnknownNameError
from tensorlet.keras import optimizers
from tensorlet.keras.optimizers import schedules

GOLDEN = json.loads((GOLDEN_FOLDER / "keras_optimizers.json").read_text(encoding="utf-8"))


def _step(optimizer: Any, x: Any, y: Any, variables: list[Any]) -> Any:
    """One traced training step of the network that the golden weights come from."""

    @tf.function
    def step() -> Any:
        with tf.GradientTape() as tape:
            hidden = tf.tanh(tf.matmul(x, variables[0]) + variables[1])
            logits = tf.matmul(hidden, variables[2]) + variables[3]
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, logits))
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    return step


@pytest.mark.parametrize("label", OPTIMIZERS)
def test_weights_follow_keras(label: str) -> None:
    """200 steps from the same weights, compiled; the weights agree to 1e-4."""
    x, y, weights = start()
    variables = [tf.Variable(weight) for weight in weights]
    step = _step(made(optimizers, *OPTIMIZERS[label]), tf.constant(x), tf.constant(y), variables)
    for number in range(1, STEPS + 1):
        step()
        if number in TIMES:
            found = numbers([variable.numpy() for variable in variables])
            expected = GOLDEN["optimizers"][label][str(number)]
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=2e-6, err_msg=f"step {number}")


def test_eager_and_traced_steps_agree() -> None:
    x, y, weights = start()
    found = []
    for eagerly in (True, False):
        variables = [tf.Variable(weight) for weight in weights]
        step = _step(optimizers.Nadam(0.05), tf.constant(x), tf.constant(y), variables)
        for _ in range(5):
            step.python_function() if eagerly else step()
        found.append(variables[0].numpy())
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("label", SCHEDULES)
def test_rates_follow_keras(label: str) -> None:
    name, arguments = SCHEDULES[label]
    schedule = getattr(schedules, name)(**arguments)
    found = [float(schedule(step)) for step in range(60)]
    np.testing.assert_allclose(found, GOLDEN["schedules"][label], rtol=1e-4, atol=1e-7)
    again = schedules.deserialize(json.loads(json.dumps(schedules.serialize(schedule))))
    assert float(again(13)) == found[13]


# Hand-worked steps


def _after(optimizer: Any, gradients: list[float], first: float = 1.0) -> float:
    w = tf.Variable(first)
    for gradient in gradients:
        optimizer.apply_gradients([(tf.constant(gradient), w)])
    return float(w)


def test_sgd_by_hand() -> None:
    assert _after(optimizers.SGD(0.5), [1.0, -0.5]) == 0.75
    # m: -0.5, then -0.25 - 0.5
    assert _after(optimizers.SGD(0.5, momentum=0.5), [1.0, 1.0]) == -0.25
    # Nesterov: m = -0.5, step = -0.25 - 0.5
    assert _after(optimizers.SGD(0.5, momentum=0.5, nesterov=True), [1.0]) == 0.25


def test_adam_by_hand() -> None:
    """beta_1 = beta_2 = 1/2: after gradients 1 and 3, m = 1.75, v = 4.75, both over 1 - 1/4."""
    optimizer = optimizers.Adam(0.25, beta_1=0.5, beta_2=0.5, epsilon=0.0)
    second = 0.25 * (1.75 / 0.75) / np.sqrt(4.75 / 0.75)
    assert _after(optimizer, [1.0, 3.0]) == pytest.approx(1.0 - 0.25 - second, rel=1e-6)


def test_clipping_by_hand() -> None:
    a, b = tf.Variable([0.0, 0.0]), tf.Variable([0.0])
    pairs = [(tf.constant([3.0, 4.0]), a), (tf.constant([12.0]), b)]
    optimizers.SGD(1.0, clipnorm=1.0).apply_gradients(pairs)
    np.testing.assert_allclose(a, [-0.6, -0.8], rtol=1e-6)
    np.testing.assert_allclose(b, [-1.0], rtol=1e-6)
    optimizers.SGD(1.0, global_clipnorm=6.5).apply_gradients(pairs)  # the length of all is 13
    np.testing.assert_allclose(a, [-2.1, -2.8], rtol=1e-6)
    np.testing.assert_allclose(b, [-7.0], rtol=1e-6)
    optimizers.SGD(1.0, clipvalue=3.5).apply_gradients(pairs)
    np.testing.assert_allclose(a, [-5.1, -6.3], rtol=1e-6)


def test_weight_decay_leaves_out_what_is_excluded() -> None:
    kernel, bias = tf.Variable(2.0, name="kernel"), tf.Variable(2.0, name="bias")
    optimizer = optimizers.SGD(0.5, weight_decay=0.25)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.apply_gradients([(tf.constant(0.0), kernel), (tf.constant(0.0), bias)])
    assert (float(kernel), float(bias)) == (1.75, 2.0)
    with pytest.raises(TensorletError, match="before the optimizer's first step"):
        optimizer.exclude_from_weight_decay(var_list=[kernel])


def test_moving_averages() -> None:
    w = tf.Variable(1.0)
    optimizer = optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2)
    optimizer.apply_gradients([(tf.constant(1.0), w)])  # w = 0, average = 0.5
    assert float(w) == 0.0
    optimizer.apply_gradients([(tf.constant(1.0), w)])  # w = -1, average = -0.25, and w becomes that
    assert float(w) == -0.25
    optimizer = optimizers.SGD(1.0, use_ema=True, ema_momentum=0.75)
    optimizer.apply_gradients([(tf.constant(4.25), w)])  # w = -4.5, average = 0.75 * -0.25 - 0.25 * 4.5
    optimizer.finalize_variable_values([w])
    assert float(w) == -1.3125


def test_constraints_hold_after_the_step() -> None:
    w = tf.Variable([1.0, 1.0], constraint=lambda value: tf.maximum(value, 0.0))
    optimizers.SGD(1.0).apply_gradients([(tf.constant([3.0, 0.5]), w)])
    np.testing.assert_array_equal(w, [0.0, 0.5])


def test_float64_variables_keep_their_precision() -> None:
    w = tf.Variable(1.0, dtype=tf.float64)
    optimizers.SGD(0.5).apply_gradients([(tf.constant(1e-12, tf.float64), w)])
    assert float(w) == 1.0 - 0.5e-12


# The learning rate


def test_the_rate_may_change_between_compiled_steps() -> None:
    w = tf.Variable(1.0)
    optimizer = optimizers.SGD(0.5)

    @tf.function
    def step() -> None:
        optimizer.apply_gradients([(tf.constant(1.0), w)])

    step()
    optimizer.learning_rate = 0.25
    step()
    assert float(w) == 0.25
    optimizer.lr.assign(0.125)
    step()
    assert float(w) == 0.125
    assert int(optimizer.iterations) == 3


def test_a_schedule_is_asked_in_the_compiled_step() -> None:
    w = tf.Variable(0.0)
    optimizer = optimizers.SGD(schedules.PiecewiseConstantDecay([0, 1], [1.0, 0.5, 0.25]))
    step = tf.function(lambda: optimizer.apply_gradients([(tf.constant(1.0), w)]))
    seen = []
    for _ in range(4):
        step()
        seen.append(float(w))
    assert seen == [-1.0, -1.5, -1.75, -2.0]
    with pytest.raises(TypeError, match="schedule"):
        optimizer.learning_rate = 0.1


def test_lr_and_decay_are_taken_and_noted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deprecation, "_reported", set())
    with pytest.warns(FutureWarning, match=r"SGD\(learning_rate=\.\.\.\)") as noted:
        optimizer = optimizers.SGD(lr=0.5)
    assert noted[0].filename == __file__
    assert float(optimizer.learning_rate) == 0.5
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizers.SGD(lr=0.25)
    with pytest.warns(FutureWarning, match="InverseTimeDecay"):
        optimizer = optimizers.SGD(0.5, decay=1.0)
    # rates 1/2, 1/4, 1/6
    assert _after(optimizer, [1.0, 1.0, 1.0]) == pytest.approx(1.0 - 0.5 - 0.25 - 1.0 / 6.0)
    monkeypatch.setenv("TENSORLET_DEPRECATIONS", "error")
    with pytest.raises(InvalidArgumentError, match="legacy spelling"):
        optimizers.Adam(lr=0.5)


# Slots, weights and configurations


def test_variables_are_counted_named_and_restored() -> None:
    first, second = tf.Variable([1.0, 2.0], name="dense/kernel"), tf.Variable(0.0, name="dense/bias")
    optimizer = optimizers.Adam(0.1)
    optimizer.build([first, second])
    names = ["iteration:0", "Adam/m/dense/kernel:0", "Adam/v/dense/kernel:0", "Adam/m/dense/bias:0"]
    assert [variable.name for variable in optimizer.variables][:4] == names
    assert len(optimizer.variables()) == 5
    optimizer.apply_gradients([(tf.constant([1.0, -1.0]), first), (tf.constant(2.0), second)])
    np.testing.assert_allclose(optimizer.slot(first, "m"), [0.1, -0.1], rtol=1e-6)
    kept = optimizer.get_weights()
    again = optimizers.Adam(0.1)
    again.build([first, second])
    again.set_weights(kept)
    np.testing.assert_allclose(again.slot(second, "v"), 0.004, rtol=1e-4)
    assert int(again.iterations) == 1
    with pytest.raises(InvalidArgumentError, match="has 1 variables"):
        optimizers.Adam().set_weights(kept)
    with pytest.raises(UnknownNameError, match="no slot 'w'"):
        optimizer.slot(first, "w")


@pytest.mark.parametrize("label", OPTIMIZERS)
def test_configurations_make_the_same_optimizer(label: str) -> None:
    optimizer = made(optimizers, *OPTIMIZERS[label])
    config = json.loads(json.dumps(optimizers.serialize(optimizer)))
    again = optimizers.deserialize(config)
    assert type(again) is type(optimizer)
    assert again.get_config() == optimizer.get_config()
    assert _after(again, [0.5, -2.0]) == _after(made(optimizers, *OPTIMIZERS[label]), [0.5, -2.0])


def test_names_mean_optimizers() -> None:
    assert type(optimizers.get("adam")) is optimizers.Adam
    assert type(optimizers.get("RMSprop")) is optimizers.RMSprop
    assert type(tf.optimizers.get("rmsprop")) is tf.keras.optimizers.RMSprop
    given = optimizers.SGD()
    assert optimizers.get(given) is given
    assert type(optimizers.get(optimizers.Lion)) is optimizers.Lion
    with pytest.raises(ValueError, match="Did you mean 'Adam"):
        optimizers.get("adm")


# Optimizers of one's own


def test_an_optimizer_written_for_keras_2() -> None:
    """A name in the first place, ``update_step`` without a rate, slots in lists."""

    class Momentum(optimizers.Optimizer):
        def __init__(self, learning_rate: float = 0.5, name: str = "Momentum", **kwargs: Any) -> None:
            super().__init__(name, **kwargs)
            self._learning_rate = self._build_learning_rate(learning_rate)

        def build(self, var_list: Any) -> None:
            super().build(var_list)
            if getattr(self, "_built", False):
                return
            self.sums = [
                self.add_variable_from_reference(model_variable=v, variable_name="s") for v in var_list
            ]
            self._built = True

        def update_step(self, gradient: Any, variable: Any) -> None:  # type: ignore[override]
            rate = tf.cast(self.learning_rate, variable.dtype)
            total = self.sums[self._index_dict[self._var_key(variable)]]
            total.assign_add(gradient)
            variable.assign_sub(rate * total)

    w, other = tf.Variable(1.0), tf.Variable(1.0)
    optimizer = Momentum()
    for _ in range(2):
        optimizer.apply_gradients([(tf.constant(1.0), w)])
    assert float(w) == 1.0 - 0.5 - 1.0
    assert optimizer.variables[1].name == "s/Variable:0"
    with pytest.raises(InvalidArgumentError, match="with all variables before"):
        optimizer.apply_gradients([(tf.constant(1.0), other)])


def test_an_optimizer_without_an_update_says_so() -> None:
    with pytest.raises(NotImplementedError, match="update_step"):
        optimizers.Optimizer(0.1).apply_gradients([(tf.constant(1.0), tf.Variable(1.0))])


# Mistakes


def test_gradients_that_are_missing() -> None:
    used, unused = tf.Variable(1.0, name="used"), tf.Variable(1.0, name="unused")
    with pytest.warns(UserWarning, match="unused:0"):
        optimizers.SGD(0.5).apply_gradients([(tf.constant(1.0), used), (None, unused)])
    assert (float(used), float(unused)) == (0.5, 1.0)
    with pytest.raises(InvalidArgumentError, match="no variable has a gradient"):
        optimizers.SGD(0.5).apply_gradients([(None, unused)])


def test_new_variables_inside_a_second_trace_are_explained() -> None:
    optimizer = optimizers.SGD(0.5, momentum=0.5)

    @tf.function
    def step(x: Any, variable: Any) -> None:
        optimizer.apply_gradients([(tf.reduce_sum(x), variable)])

    step(tf.constant([1.0]), tf.Variable(0.0))
    with pytest.raises(TracingError, match=r"optimizer\.build"):
        step(tf.constant([1.0, 2.0]), tf.Variable(0.0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"learning_rate": -0.1}, "at least 0"),
        ({"learning_rate": [0.1, 0.2]}, "expected a number"),
        ({"learning_rate": float("nan")}, "at least 0"),
        ({"momentum": 2.0}, "momentum is 2.0"),
        ({"clipnorm": 1.0, "clipvalue": 1.0}, "Only one of"),
        ({"clipnorm": 0.0}, "above 0"),
        ({"weight_decay": -1.0}, "weight_decay"),
        ({"ema_overwrite_frequency": 0}, "ema_overwrite_frequency"),
    ],
)
def test_arguments_that_make_no_sense(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        optimizers.SGD(**arguments)


def test_an_unknown_argument_is_named() -> None:
    with pytest.raises(TypeError, match=r"no argument 'beta1'. Did you mean 'beta_1'"):
        optimizers.Adam(beta1=0.5)


def test_a_loss_tensor_needs_its_tape() -> None:
    w = tf.Variable(3.0)
    with pytest.raises(InvalidArgumentError, match="tape=tape"):
        optimizers.SGD(0.25).minimize(w * w, [w])
    with tf.GradientTape() as tape:
        loss = w * w
    optimizers.SGD(0.25).minimize(loss, [w], tape=tape)
    assert float(w) == 1.5


@pytest.mark.parametrize(
    "name", [*(found.name for found in pkgutil.iter_modules(optimizers.__path__)), "__init__"]
)
def test_examples_run(name: str) -> None:
    module = importlib.import_module(f"tensorlet.keras.optimizers.{name}".removesuffix(".__init__"))
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(("generation", "ahead"), [("2", 0), ("3", 1)])
def test_a_schedule_in_an_optimizer_answers_as_the_rate_of_now(
    generation: str, ahead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of the last step in Keras 2.15, and of the next step in Keras 3.15."""
    monkeypatch.setenv("TENSORLET_KERAS", generation)
    decay = tf.keras.optimizers.schedules.ExponentialDecay(0.5, decay_steps=1, decay_rate=0.5)
    with pytest.raises(TypeError, match=r"schedule\(step\)"):
        float(decay)
    optimizer = tf.keras.optimizers.SGD(decay)
    assert optimizer.learning_rate is decay
    w = tf.Variable(1.0)
    rates = []
    for _ in range(3):
        rates.append(float(optimizer.learning_rate))
        optimizer.apply_gradients([(tf.constant(1.0), w)])
    assert rates == ([0.5, 0.25, 0.125] if ahead else [0.5, 0.5, 0.25])
    now = 0.0625 if ahead else 0.125
    assert optimizer.lr.numpy() == tf.keras.backend.get_value(optimizer.lr) == np.asarray(optimizer.lr) == now
    assert f"{optimizer.lr:.4f} {float(tf.multiply(optimizer.lr, 2.0))}" == f"{now:.4f} {2 * now}"


def test_the_learning_rate_as_a_metric() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])
    optimizer = tf.keras.optimizers.SGD(tf.keras.optimizers.schedules.InverseTimeDecay(0.5, 1, 1.0))

    def lr(y_true: Any, y_pred: Any) -> Any:
        return optimizer.lr

    model.compile(optimizer, "mse", metrics=[lr])
    history = model.fit(np.ones((4, 1)), np.ones(4), batch_size=4, epochs=2, verbose=0).history
    np.testing.assert_allclose(history["lr"], [0.5, 0.25], rtol=1e-6)
