"""Models that keep states from batch to batch: what happens to the states, the same for Keras 2 and for Tensorlet."""

from __future__ import annotations

from typing import Any

import numpy as np
from sequence_layer_cases import numbers

BATCH, STEPS, FEATURES = 4, 5, 2


def _recurrent(keras: Any, name: str) -> Any:
    layers, first = keras.layers, {"stateful": True, "batch_input_shape": (BATCH, STEPS, FEATURES)}
    if name == "Bidirectional":
        return layers.Bidirectional(layers.LSTM(3, stateful=True), batch_input_shape=(BATCH, STEPS, FEATURES))
    if name == "cells":
        return layers.RNN([layers.GRUCell(3), layers.SimpleRNNCell(3)], **first)
    if name == "backwards":
        return layers.LSTM(3, go_backwards=True, **first)
    return getattr(layers, name)(3, **first)


NAMES = ("LSTM", "GRU", "SimpleRNN", "Bidirectional", "cells", "backwards")


def model_of(keras: Any, name: str) -> Any:
    """A stateful model, its weights set."""
    model = keras.Sequential([_recurrent(keras, name), keras.layers.Dense(1)])
    generator = np.random.default_rng(5)
    model.set_weights(
        [generator.uniform(-0.7, 0.7, array.shape).astype("float32") for array in model.get_weights()]
    )
    return model


def states_of(model: Any) -> list[Any]:
    """The states of the first layer, as lists."""
    layer = model.layers[0]
    parts = [layer.forward_layer, layer.backward_layer] if hasattr(layer, "forward_layer") else [layer]
    found = []
    for part in parts:
        for state in part.states:
            flat = state if isinstance(state, (list, tuple)) else [state]
            found += [numbers(one.numpy()) for one in flat]
    return found


def run(keras: Any, name: str) -> dict[str, Any]:
    """What a model gives in predictions, in training and after its states have been reset."""
    generator = np.random.default_rng(3)
    x = generator.normal(size=(3 * BATCH, STEPS, FEATURES)).astype("float32")
    y = generator.normal(size=(3 * BATCH, 1)).astype("float32")
    model = model_of(keras, name)
    found: dict[str, Any] = {"first": numbers(model.predict(x, batch_size=BATCH, verbose=0))}
    found["states"] = states_of(model)
    found["second"] = numbers(model.predict(x, batch_size=BATCH, verbose=0))
    model.reset_states()
    found["reset"] = states_of(model)
    found["called"] = numbers(model(x[:BATCH]))
    model.compile(keras.optimizers.SGD(0.1), "mse")
    history = model.fit(x, y, batch_size=BATCH, epochs=3, shuffle=False, verbose=0)
    found["losses"] = numbers(history.history["loss"])
    found["trained states"] = states_of(model)
    found["evaluated"] = numbers(model.evaluate(x, y, batch_size=BATCH, verbose=0))
    found["on a batch"] = numbers([model.train_on_batch(x[:BATCH], y[:BATCH]) for _ in range(3)])
    given = [generator.normal(size=np.shape(state)).astype("float32") for state in states_of(model)]
    model.layers[0].reset_states(given)
    found["given"] = numbers(model.predict(x[:BATCH], batch_size=BATCH, verbose=0))
    return found
