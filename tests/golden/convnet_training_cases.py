"""Fifty steps of small convolutional networks, the same for Keras 2 and for Tensorlet."""

from __future__ import annotations

from typing import Any

import numpy as np
from picture_layer_cases import model_of

BATCH, EPOCHS = 6, 25
#: Name -> the case of ``picture_layer_cases`` and an optimizer.
CASES = {
    "network with Adam": ("network", lambda keras: keras.optimizers.Adam(0.01)),
    "network with SGD": ("network", lambda keras: keras.optimizers.SGD(0.02, momentum=0.9)),
    "separable with RMSprop": ("SeparableConv2D", lambda keras: keras.optimizers.RMSprop(0.002)),
}


def trained(keras: Any, name: str) -> dict[str, Any]:
    """The losses of the epochs, and the predictions and weights after 50 steps."""
    case, optimizer = CASES[name]
    model, x = model_of(keras, case)
    outputs = model.output_shape[-1]
    y = np.random.default_rng(8).uniform(0, 1, (len(x), outputs)).astype("float32")
    model.compile(optimizer(keras), "mse")
    history = model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0)
    return {
        "losses": [float(f"{loss:.7g}") for loss in history.history["loss"]],
        "predicted": np.asarray(model.predict(x, verbose=0), np.float64).round(6).tolist(),
        "norms": [float(f"{np.linalg.norm(weight):.6g}") for weight in model.get_weights()],
    }
