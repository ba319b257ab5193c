"""Dtype policies, and the settings of `keras.config`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras import dtype_policies

mixed = tf.keras.mixed_precision


@pytest.fixture(autouse=True)
def _global_policy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(dtype_policies, "_told", set())
    yield
    tf.keras.config.set_dtype_policy(None)


def test_float32_is_what_layers_have_anyway() -> None:
    mixed.set_global_policy("float32")
    assert mixed.global_policy() == mixed.Policy("float32")
    assert tf.keras.layers.Dense(1).dtype == "float32"


def test_float64_is_honoured() -> None:
    mixed.set_global_policy("float64")
    layer = tf.keras.layers.Dense(1)
    assert layer(np.ones((1, 2))).dtype is tf.float64
    assert layer.dtype_policy.name == "float64"


def test_mixed_float16_is_computed_in_float32_and_said_once() -> None:
    policy = mixed.Policy("mixed_float16")
    assert (policy.compute_dtype, policy.variable_dtype) == ("float16", "float32")
    mixed.set_global_policy(policy)
    with pytest.warns(UserWarning, match="They use float32"):
        first = tf.keras.layers.Dense(1, kernel_initializer="ones")
    second = tf.keras.layers.Dense(1, dtype="float32")
    model = tf.keras.Sequential([first, second])
    model.compile(mixed.LossScaleOptimizer(tf.keras.optimizers.SGD(0.1)), "mse")
    model.fit(np.ones((4, 2)), np.zeros((4, 1)), verbose=0)
    assert {weight.dtype for weight in model.weights} == {tf.float32}
    assert first.compute_dtype == "float32"


def test_a_layer_may_have_a_policy_of_its_own() -> None:
    assert tf.keras.layers.Dense(1, dtype=mixed.Policy("float64")).dtype == "float64"
    written = dtype_policies.serialize(dtype_policies.DTypePolicy("float64"))
    assert tf.keras.layers.Dense(1, dtype=written).dtype == "float64"


def test_other_policies_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="mixed_float8"):
        mixed.set_global_policy("mixed_float8")


def test_loops_by_hand_need_no_scaling() -> None:
    optimizer = mixed.LossScaleOptimizer(tf.keras.optimizers.SGD(0.5))
    w = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        loss = optimizer.get_scaled_loss(w * w)
    gradients = optimizer.get_unscaled_gradients(tape.gradient(loss, [w]))
    optimizer.apply_gradients(zip(gradients, [w], strict=True))
    assert float(w) == 0.0


def test_settings_of_keras_3() -> None:
    config = tf.keras.config
    assert config.backend() == "tensorflow"
    config.disable_traceback_filtering()
    assert not config.is_traceback_filtering_enabled()
    assert config.is_interactive_logging_enabled()
    with pytest.raises(ValueError, match="custom_objects"):
        config.enable_unsafe_deserialization()
    with pytest.raises(ValueError, match="TENSORLET_BACKEND"):
        config.set_backend("jax")
    with pytest.raises(AttributeError, match="floatx"):
        config.flaotx  # noqa: B018
    assert {"floatx", "dtype_policy", "set_backend"} <= set(dir(config))
