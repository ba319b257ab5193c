"""A small model for each layer for sequences and each of its options, the same for Keras 2 and for Tensorlet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

ROWS = 12
STEPS = 5

#: From Keras and the inputs of the model to its outputs.
Body = Callable[[Any, list[Any]], Any]
#: The kinds of the inputs, and what comes between them and the last layer.
Case = tuple[tuple[str, ...], Body]

#: The shapes of one example. "ids" are integers, some of them 0; "padded" sequences end with steps of zeros.
SHAPES = {
    "sequence": (STEPS, 3),
    "ids": (STEPS,),
    "padded": (STEPS, 3),
    "other": (4, 3),
    "state": (4,),
    "pictures": (3, 5, 2),
}
SHAPES["grid"] = (3, 4, 5, 2)


def _layer(name: str, *arguments: Any, kind: str = "sequence", **options: Any) -> Case:
    """A layer after a dense one, so that gradients go through it."""

    def body(keras: Any, inputs: list[Any]) -> Any:
        x = keras.layers.Dense(3)(inputs[0]) if kind == "sequence" else inputs[0]
        return getattr(keras.layers, name)(*arguments, **options)(x)

    return (kind,), body


def _masked(name: str, *arguments: Any, **options: Any) -> Case:
    """A layer after an embedding that masks 0."""

    def body(keras: Any, inputs: list[Any]) -> Any:
        x = keras.layers.Embedding(6, 3, mask_zero=True)(inputs[0])
        return getattr(keras.layers, name)(*arguments, **options)(x)

    return ("ids",), body


def _masking(name: str, *arguments: Any, **options: Any) -> Case:
    def body(keras: Any, inputs: list[Any]) -> Any:
        return getattr(keras.layers, name)(*arguments, **options)(keras.layers.Masking()(inputs[0]))

    return ("padded",), body


def _bidirectional(
    inner: str, masked: bool = False, inside: dict[str, Any] | None = None, **options: Any
) -> Case:
    def body(keras: Any, inputs: list[Any]) -> Any:
        x = keras.layers.Embedding(6, 3, mask_zero=True)(inputs[0]) if masked else inputs[0]
        return keras.layers.Bidirectional(getattr(keras.layers, inner)(4, **(inside or {})), **options)(x)

    return ("ids" if masked else "sequence",), body


def _started(name: str, states: int, **options: Any) -> Case:
    def body(keras: Any, inputs: list[Any]) -> Any:
        return getattr(keras.layers, name)(4, **options)(inputs[0], initial_state=inputs[1:])

    return ("sequence", *["state"] * states), body


def _encoder_decoder(keras: Any, inputs: list[Any]) -> Any:
    _, h, c = keras.layers.LSTM(4, return_state=True)(inputs[0])
    return keras.layers.LSTM(4, return_sequences=True)(inputs[1], initial_state=[h, c])


def _stacked(keras: Any, inputs: list[Any]) -> Any:
    x = keras.layers.Embedding(6, 3, mask_zero=True)(inputs[0])
    x = keras.layers.LSTM(4, return_sequences=True)(x)
    x = keras.layers.GRU(3, return_sequences=True)(x)
    return keras.layers.SimpleRNN(3)(x)


def _both_directions_started(keras: Any, inputs: list[Any]) -> Any:
    outputs = keras.layers.Bidirectional(keras.layers.GRU(4, return_sequences=True, return_state=True))(
        inputs[0], initial_state=inputs[1:]
    )
    return keras.layers.concatenate([keras.layers.Flatten()(outputs[0]), outputs[1], outputs[2]])


def _backward_layer(keras: Any, inputs: list[Any]) -> Any:
    return keras.layers.Bidirectional(
        keras.layers.LSTM(4, return_sequences=True),
        backward_layer=keras.layers.GRU(3, return_sequences=True, go_backwards=True),
    )(inputs[0])


def _two_outputs(keras: Any, inputs: list[Any]) -> Any:
    x = keras.layers.Embedding(6, 3, mask_zero=True)(inputs[0])
    first, second = keras.layers.Bidirectional(keras.layers.LSTM(4, return_sequences=True), merge_mode=None)(
        x
    )
    return keras.layers.Add()([keras.layers.SimpleRNN(3)(first), keras.layers.SimpleRNN(3)(second)])


def _cells(keras: Any, inputs: list[Any]) -> Any:
    cells = [
        keras.layers.LSTMCell(4),
        keras.layers.GRUCell(3, reset_after=False),
        keras.layers.SimpleRNNCell(4),
    ]
    return keras.layers.RNN(cells, return_sequences=True)(inputs[0])


def _cells_with_states(keras: Any, inputs: list[Any]) -> Any:
    cells = keras.layers.StackedRNNCells([keras.layers.LSTMCell(4), keras.layers.GRUCell(3)])
    x = keras.layers.Embedding(6, 3, mask_zero=True)(inputs[0])
    output, *states = keras.layers.RNN(cells, return_state=True)(x)
    flat = [one for state in states for one in (state if isinstance(state, (list, tuple)) else [state])]
    return keras.layers.concatenate([output, *flat])


def _own_cell(keras: Any, inputs: list[Any], masked: bool = False, **options: Any) -> Any:
    class Leaky(keras.layers.Layer):
        """A cell whose output is not its state."""

        state_size = 3
        output_size = 2

        def build(self, input_shape: Any) -> None:
            self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], 3))
            self.readout = self.add_weight(name="readout", shape=(3, 2))

        def call(self, inputs: Any, states: Any) -> Any:
            state = 0.5 * states[0] + inputs @ self.kernel
            return state @ self.readout, [state]

    x = keras.layers.Embedding(6, 3, mask_zero=True)(inputs[0]) if masked else inputs[0]
    return keras.layers.RNN(Leaky(), **options)(x)


def _constants(keras: Any, inputs: list[Any]) -> Any:
    class Shifted(keras.layers.Layer):
        state_size = 4

        def build(self, input_shape: Any) -> None:
            self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], 4))

        def call(self, inputs: Any, states: Any, constants: Any) -> Any:
            state = 0.5 * states[0] + inputs @ self.kernel + constants[0]
            return state, [state]

    return keras.layers.RNN(Shifted())(inputs[0], constants=[inputs[1]])


def _distributed(keras: Any, inputs: list[Any]) -> Any:
    x = keras.layers.Embedding(6, 3, mask_zero=True)(inputs[0])
    x = keras.layers.LSTM(4, return_sequences=True)(x)
    x = keras.layers.TimeDistributed(keras.layers.Dense(3, activation="tanh"))(x)
    return keras.layers.GRU(3)(x)


def _attention(
    name: str, masked: bool = False, call: dict[str, Any] | None = None, key: bool = False, **options: Any
) -> Case:
    def body(keras: Any, inputs: list[Any]) -> Any:
        if masked:
            table = keras.layers.Embedding(6, 3, mask_zero=True)
            given = [table(inputs[0]), table(inputs[1])]
        else:
            given = [keras.layers.Dense(3)(inputs[0]), inputs[1]]
        if key:
            given.append(keras.layers.Dense(3)(inputs[1]))
        found = getattr(keras.layers, name)(**options)(given, **(call or {}))
        if not isinstance(found, (list, tuple)):
            return found
        return keras.layers.concatenate([keras.layers.Flatten()(one) for one in found])

    return (("ids", "ids") if masked else ("sequence", "other")), body


def _heads(
    masked: bool = False, call: dict[str, Any] | None = None, key: bool = False, **options: Any
) -> Case:
    def body(keras: Any, inputs: list[Any]) -> Any:
        layer = keras.layers.MultiHeadAttention(num_heads=2, key_dim=3, **options)
        if masked:
            x = keras.layers.Embedding(6, 4, mask_zero=True)(inputs[0])
            found = layer(x, x, **(call or {}))
        else:
            query = keras.layers.Dense(4)(inputs[0])
            more = {"key": keras.layers.Dense(2)(inputs[1])} if key else {}
            found = layer(query, inputs[1], **more, **(call or {}))
        if not isinstance(found, (list, tuple)):
            return found
        return keras.layers.concatenate([keras.layers.Flatten()(one) for one in found])

    return (("ids",) if masked else ("sequence", "other")), body


def _transformer(keras: Any, inputs: list[Any]) -> Any:
    layers = keras.layers
    x = layers.Embedding(6, 4, mask_zero=True)(inputs[0])
    attended = layers.MultiHeadAttention(2, 2)(x, x, use_causal_mask=True)
    x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, attended]))
    wide = layers.Dense(4)(layers.Dense(8, activation="relu")(x))
    x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, wide]))
    return layers.GlobalAveragePooling1D()(x)


#: Name -> the inputs, and what comes between them and the last layer.
CASES: dict[str, Case] = {
    "SimpleRNN": _layer("SimpleRNN", 4),
    "SimpleRNN relu": _layer("SimpleRNN", 4, activation="relu", use_bias=False, return_sequences=True),
    "LSTM": _layer("LSTM", 4),
    "LSTM sequences": _layer("LSTM", 4, return_sequences=True),
    "LSTM backwards": _layer("LSTM", 4, return_sequences=True, go_backwards=True),
    "LSTM unrolled": _layer("LSTM", 4, unroll=True),
    "LSTM bare": _layer("LSTM", 4, use_bias=False, recurrent_activation="hard_sigmoid", activation="relu"),
    "LSTM penalties": _layer(
        "LSTM", 3, kernel_regularizer="l2", recurrent_regularizer="l1", bias_regularizer="l2",
        activity_regularizer="l2", kernel_constraint="max_norm", recurrent_constraint="unit_norm",
        bias_constraint="non_neg",
    ),
    "LSTM time major": _layer("LSTM", 3, time_major=True, return_sequences=True, kind="sequence"),
    "GRU": _layer("GRU", 4),
    "GRU sequences": _layer("GRU", 4, return_sequences=True),
    "GRU reset before": _layer("GRU", 4, reset_after=False),
    "GRU reset before sequences": _layer("GRU", 4, reset_after=False, return_sequences=True, go_backwards=True),
    "GRU bare": _layer("GRU", 4, use_bias=False, activation="elu", recurrent_activation="hard_sigmoid"),
    "masked SimpleRNN": _masked("SimpleRNN", 4),
    "masked LSTM": _masked("LSTM", 4),
    "masked LSTM sequences": _masked("LSTM", 4, return_sequences=True),
    "masked LSTM zeros": _masked("LSTM", 4, return_sequences=True, zero_output_for_mask=True),
    "masked LSTM backwards": _masked("LSTM", 4, go_backwards=True),
    "masked LSTM unrolled": _masked("LSTM", 4, unroll=True, return_sequences=True),
    "masked GRU": _masked("GRU", 4),
    "masked GRU reset before": _masked("GRU", 4, reset_after=False, return_sequences=True),
    "Masking LSTM": _masking("LSTM", 4),
    "Masking GRU sequences": _masking("GRU", 4, return_sequences=True),
    "stacked": (("ids",), _stacked),
    "Bidirectional concat": _bidirectional("LSTM"),
    "Bidirectional sum": _bidirectional("GRU", merge_mode="sum"),
    "Bidirectional mul": _bidirectional("SimpleRNN", merge_mode="mul", inside={"return_sequences": True}),
    "Bidirectional ave": _bidirectional("LSTM", merge_mode="ave", inside={"return_sequences": True}),
    "Bidirectional masked": _bidirectional("LSTM", masked=True),
    "Bidirectional masked sequences": _bidirectional("LSTM", masked=True, inside={"return_sequences": True}),
    "Bidirectional backward_layer": (("sequence",), _backward_layer),
    "Bidirectional two outputs": (("ids",), _two_outputs),
    "Bidirectional states": (("sequence", "state", "state"), _both_directions_started),
    "LSTM states": _started("LSTM", 2),
    "GRU states": _started("GRU", 1, return_sequences=True),
    "SimpleRNN states": _started("SimpleRNN", 1),
    "encoder and decoder": (("sequence", "other"), _encoder_decoder),
    "cells": (("sequence",), _cells),
    "cells with states": (("ids",), _cells_with_states),
    "own cell": (("sequence",), _own_cell),
    "own cell masked": (("ids",), lambda keras, x: _own_cell(keras, x, masked=True)),
    "own cell masked sequences": (("ids",), lambda keras, x: _own_cell(keras, x, masked=True, return_sequences=True)),
    "own cell backwards": (
        ("sequence",), lambda keras, x: _own_cell(keras, x, go_backwards=True, return_sequences=True),
    ),
    "constants": (("sequence", "state"), _constants),
    "TimeDistributed": (("ids",), _distributed),
    "Attention": _attention("Attention"),
    "Attention scaled": _attention("Attention", use_scale=True, key=True),
    "Attention concat": _attention("Attention", use_scale=True, score_mode="concat"),
    "Attention masked": _attention("Attention", masked=True, call={"return_attention_scores": True}),
    "Attention causal": _attention("Attention", masked=True, call={"use_causal_mask": True}),
    "AdditiveAttention": _attention("AdditiveAttention"),
    "AdditiveAttention masked": _attention("AdditiveAttention", masked=True, use_scale=False),
    "MultiHeadAttention": _heads(),
    "MultiHeadAttention key": _heads(key=True, value_dim=2, output_shape=5, use_bias=False),
    "MultiHeadAttention scores": _heads(call={"return_attention_scores": True}),
    "MultiHeadAttention masked": _heads(masked=True),
    "MultiHeadAttention causal": _heads(masked=True, call={"use_causal_mask": True, "return_attention_scores": True}),
    "MultiHeadAttention penalties": _heads(kernel_regularizer="l2", activity_regularizer="l2"),
    "ConvLSTM1D": _layer("ConvLSTM1D", 3, 2, kind="pictures"),
    "ConvLSTM2D": _layer("ConvLSTM2D", 2, 2, padding="same", return_sequences=True, kind="grid"),
    "ConvLSTM2D strides": _layer("ConvLSTM2D", 2, (2, 3), strides=2, activation="relu", kind="grid"),
    "transformer": (("ids",), _transformer),
}  # fmt: skip


def inputs_of(name: str) -> list[np.ndarray]:
    """The inputs of all rows."""
    generator = np.random.default_rng(3)
    found = []
    for kind in CASES[name][0]:
        if kind == "ids":
            x = generator.integers(1, 6, (ROWS, STEPS)).astype("int32")
            for row in range(ROWS):
                x[row, STEPS - row % 4 :] = 0
            x[1, 0] = 0  # begins with padding
        else:
            x = generator.normal(size=(ROWS, *SHAPES[kind])).astype("float32")
            if kind == "padded":
                for row in range(ROWS):
                    x[row, STEPS - row % 3 :] = 0
        found.append(x)
    return found


def model_of(keras: Any, name: str) -> tuple[Any, list[np.ndarray]]:
    """The model of a case, its weights set, and its inputs."""
    body = CASES[name][1]
    x = inputs_of(name)
    starts = [keras.Input(array.shape[1:], dtype=array.dtype.name) for array in x]
    outputs = body(keras, starts)
    if len(outputs.shape) > 2:
        outputs = keras.layers.Flatten()(outputs)
    model = keras.Model(starts if len(starts) > 1 else starts[0], keras.layers.Dense(2)(outputs))
    generator = np.random.default_rng(5)
    model.set_weights(
        [generator.uniform(-0.7, 0.7, array.shape).astype("float32") for array in model.get_weights()]
    )
    return model, x


def numbers(value: Any) -> list[Any]:
    """Nested lists of numbers with seven digits."""
    return np.vectorize(lambda one: float(f"{one:.7g}"), otypes=[float])(
        np.asarray(value, np.float64)
    ).tolist()


def total(arrays: list[Any]) -> list[float]:
    """One number for each array, which depends on all of its elements and their places."""
    found = []
    for array in arrays:
        flat = np.asarray(array, np.float64).reshape(-1)
        found.append(float(f"{flat @ np.cos(np.arange(flat.size)):.7g}"))
    return found


def forward_and_gradients(tensorflow: Any, model: Any, x: Any) -> dict[str, Any]:
    """What a model predicts for inputs, and the gradients of all weights and inputs."""
    arrays = x if isinstance(x, list) else [x]
    found: dict[str, Any] = {
        "predicted": numbers(model.predict(arrays if len(arrays) > 1 else arrays[0], verbose=0))
    }
    tensors = [tensorflow.constant(array) for array in arrays]
    floats = [tensor for tensor in tensors if tensor.dtype.is_floating]
    with tensorflow.GradientTape() as tape:
        for tensor in floats:
            tape.watch(tensor)
        output = model(tensors if len(tensors) > 1 else tensors[0], training=False)
        loss = tensorflow.reduce_sum(tensorflow.sin(output)) + tensorflow.add_n([*model.losses, 0.0])
    # A tape does not watch the variables of Keras 3, but what they hold.
    weights = [one if callable(one.value) else one.value for one in model.trainable_weights]
    gradients = tape.gradient(loss, [*weights, *floats])
    found["gradients"] = total([tensorflow.convert_to_tensor(one) for one in gradients])
    return found


def fifty_steps(
    keras: Any, make: Callable[[Any, str], tuple[Any, Any]], name: str, adam: bool = True, steps: int = 50
) -> dict[str, Any]:
    """Losses and weights of 50 steps with SGD and with Adam.

    Args:
        make: makes the model of a case and its inputs, such as `model_of`.
        adam: whether Adam is wanted.
        steps: fewer than 50 where rounding grows fast.
    """
    found: dict[str, Any] = {}
    optimizers = [keras.optimizers.SGD(0.05), *([keras.optimizers.Adam(0.01)] if adam else [])]
    for optimizer in optimizers:
        model, x = make(keras, name)
        arrays = x if isinstance(x, list) else [x]
        lengths = [len(arrays[0]), *model.output_shape[1:]]
        y = np.random.default_rng(9).normal(size=lengths).astype("float32")
        model.compile(optimizer, "mse", jit_compile=False)
        given = arrays if len(arrays) > 1 else arrays[0]
        history = model.fit(given, y, batch_size=len(y), epochs=steps, shuffle=False, verbose=0)
        kind = type(optimizer).__name__
        found[f"{kind} losses"] = numbers(history.history["loss"][::7])
        found[f"{kind} weights"] = total(model.get_weights())
    return found


def run(tensorflow: Any, keras: Any, name: str) -> dict[str, Any]:
    """What a model gives: forward, the gradients of all weights and inputs, and 50 steps with SGD and with Adam."""
    model, x = model_of(keras, name)
    found = forward_and_gradients(tensorflow, model, x)
    found["names"] = [weight.name.split("/")[-1].split(":")[0] for weight in model.weights]
    return found | fifty_steps(keras, model_of, name)
