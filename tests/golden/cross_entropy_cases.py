"""Models that end in different activations, with each cross-entropy: the cases of ``cross_entropies.json``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

#: The last layers: arguments of `Dense`, and a layer behind it with its arguments.
ENDINGS: dict[str, tuple[str | None, str | None, tuple[Any, ...]]] = {
    "none": (None, None, ()), "softmax": ("softmax", None, ()), "sigmoid": ("sigmoid", None, ()),
    "Activation softmax": (None, "Activation", ("softmax",)), "Activation sigmoid": (None, "Activation", ("sigmoid",)),
    "Softmax": (None, "Softmax", ()), "nn.softmax": ("nn.softmax", None, ()), "nn.sigmoid": ("nn.sigmoid", None, ()),
}  # fmt: skip
LOSSES = (
    "CategoricalCrossentropy", "SparseCategoricalCrossentropy", "BinaryCrossentropy", "BinaryFocalCrossentropy",
    "CategoricalFocalCrossentropy",
)  # fmt: skip
X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
LABELS = np.array([0, 1, 2, 0, 1, 2])
KERNEL = np.random.default_rng(1).normal(size=(4, 3)).astype(np.float32) * 2
#: Rows of probabilities that do not add up to 1.
UNSCALED = np.random.default_rng(2).dirichlet(np.ones(3), 6).astype(np.float32) * 3


def cases() -> Iterator[tuple[str, str, str, bool]]:
    """Key, ending, loss, and whether the loss gets ``from_logits=True``."""
    for ending in ENDINGS:
        for loss in LOSSES:
            for from_logits in (False, True):
                if ending == "none" and loss.startswith("Binary") and not from_logits:
                    continue  # far outside 0 to 1, where single precision decides
                yield f"{ending} {loss} {from_logits}", ending, loss, from_logits


def targets(loss: str) -> np.ndarray:
    """The labels in the form that a loss takes."""
    return LABELS if loss.startswith("Sparse") else np.eye(3, dtype=np.float32)[LABELS]


def model_of(tf: Any, ending: str) -> Any:
    """The model of a case, in TensorFlow or Tensorlet."""
    layers = tf.keras.layers
    activation, behind, arguments = ENDINGS[ending]
    if activation is not None and activation.startswith("nn."):
        activation = getattr(tf.nn, activation[3:])
    parts = [layers.Dense(3, activation, input_shape=(4,))]
    model = tf.keras.Sequential([*parts, *([getattr(layers, behind)(*arguments)] if behind else [])])
    model.set_weights([KERNEL, np.zeros(3, np.float32)])
    return model


def results(tf: Any, ending: str, loss: str, from_logits: bool) -> dict[str, list[float]]:
    """Losses of two epochs of `fit`, and the loss and a gradient of an eager and of a traced step."""
    function = getattr(tf.keras.losses, loss)(from_logits=from_logits)
    x, y = tf.constant(X), targets(loss)
    model = model_of(tf, ending)

    def step(x: Any) -> Any:
        with tf.GradientTape() as tape:
            value = function(y, model(x, training=True))
        return value, tape.gradient(value, model.trainable_variables)[0]

    found = {}
    for name, run in (("eager", step), ("traced", tf.function(step))):
        value, gradient = run(x)
        found[name] = [float(value), float(gradient[0][0])]
    model.compile(tf.keras.optimizers.SGD(0.1), function)
    history = model.fit(X, y, epochs=2, shuffle=False, verbose=0).history["loss"]
    found["fit"] = [float(value) for value in history]
    return found
