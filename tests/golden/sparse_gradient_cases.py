"""Training of an embedding, whose gradient has rows that occur twice, by each optimizer."""

from __future__ import annotations

from typing import Any

import numpy as np

#: Name of the case: class of the optimizer, its arguments.
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "SGD": ("SGD", {"learning_rate": 0.1}),
    "SGD, momentum": ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    "SGD, Nesterov": ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    "Adagrad": ("Adagrad", {"learning_rate": 0.5}),
    "Adam": ("Adam", {"learning_rate": 0.1}),
    "Adam, amsgrad": ("Adam", {"learning_rate": 0.1, "amsgrad": True}),
    "RMSprop": ("RMSprop", {"learning_rate": 0.1}),
    "RMSprop, momentum": ("RMSprop", {"learning_rate": 0.1, "momentum": 0.5}),
    "RMSprop, centered": ("RMSprop", {"learning_rate": 0.1, "momentum": 0.5, "centered": True}),
    "Adadelta": ("Adadelta", {"learning_rate": 1.0}),
    "Adamax": ("Adamax", {"learning_rate": 0.1}),
    "Ftrl": ("Ftrl", {"learning_rate": 0.1, "l1_regularization_strength": 0.01}),
    "Lion": ("Lion", {"learning_rate": 0.1}),
    "AdamW": ("AdamW", {"learning_rate": 0.1, "weight_decay": 0.1}),
    "clipnorm": ("SGD", {"learning_rate": 0.1, "clipnorm": 0.5}),
    "clipvalue": ("Adagrad", {"learning_rate": 0.1, "clipvalue": 0.5}),
    "global_clipnorm": ("SGD", {"learning_rate": 0.1, "global_clipnorm": 0.5}),
    "weight_decay": ("SGD", {"learning_rate": 0.1, "weight_decay": 0.1}),
    "use_ema": ("SGD", {"learning_rate": 0.1, "use_ema": True, "ema_overwrite_frequency": 2}),
}
#: Of Keras 2.0 to 2.10.
LEGACY = ("SGD", "Adagrad", "Adam", "RMSprop", "Adadelta", "Adamax", "Nadam", "Ftrl")
for _name, (_class, _arguments) in list(CASES.items()):
    if _class in LEGACY and _name.split(",")[0] == _class:
        CASES[f"legacy {_name}"] = (f"legacy.{_class}", _arguments)
CASES["legacy Nadam"] = ("legacy.Nadam", {"learning_rate": 0.1})

IDS = np.array([[1, 2], [1, 1], [5, 2], [0, 5]])
LABELS = np.array([[1.0], [2.0], [3.0], [-1.0]], np.float32)


def trained_table(tf: Any, name: str, eagerly: bool = False) -> list[list[float]]:
    """The table after three steps.

    Args:
        tf: the library.
        name: of the case.
        eagerly: whether the model runs operation by operation.
    """
    place, arguments = CASES[name]
    optimizers: Any = tf.keras.optimizers
    for part in place.split("."):
        optimizers = getattr(optimizers, part)
    first = (np.arange(24).reshape(8, 3) / 10 + 0.1).astype(np.float32)
    layers = tf.keras.layers
    embedding = layers.Embedding(8, 3, embeddings_initializer=lambda *_, **__: tf.constant(first))
    last = layers.Dense(1, kernel_initializer="ones", use_bias=False, trainable=False)
    model = tf.keras.Sequential([tf.keras.Input((2,), dtype="int64"), embedding, layers.Flatten(), last])
    model.compile(optimizers(**arguments), "mse", run_eagerly=eagerly)
    for start in range(3):
        rows = slice(start, start + 2)
        model.fit(IDS[rows], LABELS[rows], batch_size=2, verbose=0)
    return [[round(float(number), 6) for number in row] for row in embedding.get_weights()[0]]
