"""Training with the optimizers that only Keras 3 has, the same for Keras 3 and for the tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from optimizer_problem import numbers


def _map(optimizers: Any) -> Any:
    return optimizers.OptimizerMap(
        optimizers.SGD(0.1, momentum=0.5), {".*first/.*": optimizers.Adam(0.02, clipnorm=0.1)}
    )


#: Name of the case: a function that makes the optimizer from the module ``optimizers``.
CASES: dict[str, Callable[[Any], Any]] = {
    "muon": lambda one: one.Muon(0.02, exclude_layers=["last"]),
    "muon_plain": lambda one: one.Muon(0.02, nesterov=False, rms_rate=None, weight_decay=0.1, ns_steps=3),
    "schedule_free": lambda one: one.ScheduleFreeAdamW(0.02),
    "schedule_free_warmup": lambda one: one.ScheduleFreeAdamW(0.05, warmup_steps=6, weight_decay=0.01, beta_1=0.8),
    "several": lambda one: one.MultiOptimizer(_map(one)),
    "several_scaled": lambda one: one.MultiOptimizer(_map(one), loss_scale_factor=64.0),
    "loss_scale": lambda one: one.LossScaleOptimizer(one.Adam(0.02), dynamic_growth_steps=4),
    "loss_scale_of_several": lambda one: one.LossScaleOptimizer(one.MultiOptimizer(_map(one))),
    "fixed_scale": lambda one: one.SGD(0.1, loss_scale_factor=128.0, clipnorm=0.2),
    "averages": lambda one: one.SGD(0.1, use_ema=True, ema_momentum=0.7),
    "averages_often": lambda one: one.Adam(0.02, use_ema=True, ema_momentum=0.7, ema_overwrite_frequency=3),
}  # fmt: skip


def trained_weights(keras: Any, name: str, eagerly: bool = False) -> list[float]:
    """Numbers of the weights after three epochs of five batches.

    Args:
        keras: the library.
        name: of the case.
        eagerly: whether the model runs operation by operation.
    """
    generator = np.random.default_rng(3)
    x = generator.normal(size=(20, 4)).astype(np.float32)
    y = generator.integers(0, 3, 20)
    weights = [0.5 * generator.normal(size=shape) for shape in ((4, 5), (5,), (5, 3), (3,))]
    layers = [keras.layers.Dense(5, "tanh", name="first"), keras.layers.Dense(3, "softmax", name="last")]
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.set_weights([weight.astype(np.float32) for weight in weights])
    model.compile(CASES[name](keras.optimizers), "sparse_categorical_crossentropy", run_eagerly=eagerly)
    model.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0)
    return numbers(model.get_weights())


def scales(keras: Any) -> list[list[float]]:
    """Weight and scale of the loss after each of some steps, of which two have gradients that are not finite."""
    variable = keras.Variable([1.0, 2.0])
    optimizer = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.5), initial_scale=4.0, dynamic_growth_steps=2
    )
    optimizer.build([variable])
    found = []
    for gradient in ([1.0, 2.0], [np.inf, 0.0], [1.0, 1.0], [2.0, 0.0], [np.nan, 1.0], [0.5, 0.5]):
        optimizer.apply([keras.ops.convert_to_tensor(np.array(gradient, np.float32))])
        found.append([*np.asarray(variable).tolist(), float(optimizer.scale_loss(1.0))])
    return found
