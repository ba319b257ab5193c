"""Training with ``gradient_accumulation_steps``, the same for Keras 3 and for the tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from optimizer_problem import made, numbers

_DECAY = {"schedule": "ExponentialDecay", "initial_learning_rate": 0.1, "decay_steps": 4, "decay_rate": 0.5}
#: Name of the case: class of the optimizer, its arguments.
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "SGD": ("SGD", {"learning_rate": 0.1, "gradient_accumulation_steps": 3}),
    "momentum": ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "gradient_accumulation_steps": 2}),
    "schedule": ("SGD", {"learning_rate": _DECAY, "gradient_accumulation_steps": 2}),
    "clipnorm": ("SGD", {"learning_rate": 0.1, "clipnorm": 0.1, "gradient_accumulation_steps": 3}),
    "Adam": ("Adam", {"learning_rate": 0.02, "gradient_accumulation_steps": 3}),
    "AdamW": ("AdamW", {"learning_rate": 0.02, "weight_decay": 0.1, "gradient_accumulation_steps": 4}),
    "Nadam": ("Nadam", {"learning_rate": 0.02, "gradient_accumulation_steps": 2}),
    "Adamax": ("Adamax", {"learning_rate": 0.02, "gradient_accumulation_steps": 3}),
    "RMSprop": ("RMSprop", {"learning_rate": 0.01, "gradient_accumulation_steps": 2}),
    "Lamb": ("Lamb", {"learning_rate": 0.01, "gradient_accumulation_steps": 2}),
}


def trained_weights(keras: Any, name: str, eagerly: bool = False) -> list[float]:
    """Numbers of the weights after three epochs of five batches: the last sums are left when training ends.

    Args:
        keras: the library.
        name: of the case.
        eagerly: whether the model runs operation by operation.
    """
    generator = np.random.default_rng(3)
    x = generator.normal(size=(20, 4)).astype(np.float32)
    y = generator.integers(0, 3, 20)
    weights = [0.5 * generator.normal(size=shape) for shape in ((4, 5), (5,), (5, 3), (3,))]
    limit = keras.constraints.MaxNorm(0.8)
    layers = [keras.layers.Dense(5, "tanh", kernel_constraint=limit), keras.layers.Dense(3, "softmax")]
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.set_weights([weight.astype(np.float32) for weight in weights])
    optimizer = made(keras.optimizers, *CASES[name])
    model.compile(optimizer, "sparse_categorical_crossentropy", run_eagerly=eagerly)
    model.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0)
    return numbers(model.get_weights())
