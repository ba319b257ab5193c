"""Models whose checkpoints Tensorlet and Keras 2 exchange: the same programs for both."""

from __future__ import annotations

from typing import Any

import numpy as np

ROWS, FEATURES, OUTPUTS = 12, 4, 2


def data() -> tuple[np.ndarray, np.ndarray]:
    """Inputs [rows, features] and targets [rows, outputs]."""
    generator = np.random.default_rng(5)
    x = generator.normal(size=(ROWS, FEATURES)).astype(np.float32)
    y = generator.normal(size=(ROWS, OUTPUTS)).astype(np.float32)
    return x, y


def sequential(keras: Any) -> Any:
    """Layers one after the other, one with weights that are not trained."""
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Dense(3, activation="tanh", input_shape=(FEATURES,)),
            layers.BatchNormalization(),
            layers.Dense(OUTPUTS),
        ]
    )


def nested(keras: Any) -> Any:
    """A functional model with a model inside it."""
    layers = keras.layers
    inputs = keras.Input((FEATURES,))
    inner = keras.Sequential([layers.Dense(3), layers.PReLU()])
    hidden = inner(layers.LayerNormalization()(inputs))
    return keras.Model(inputs, layers.Dense(OUTPUTS)(layers.Dropout(0.0)(hidden)))


def subclassed(keras: Any) -> Any:
    """A model with layers in attributes, lists and dictionaries."""
    layers = keras.layers

    class Part(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = [layers.Dense(3), layers.Dense(3, activation="tanh")]
            self.table = {"side": layers.Dense(3)}

        def build(self, input_shape: Any) -> None:
            self.w = self.add_weight(name="weights", shape=(FEATURES, 3), initializer="ones")
            super().build(input_shape)

        def call(self, inputs: Any) -> Any:
            return self.inner[1](self.inner[0](inputs)) + inputs @ self.w + self.table["side"](inputs)

    class Net(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.part = Part()
            self.out = layers.Dense(OUTPUTS)

        def call(self, inputs: Any) -> Any:
            return self.out(self.part(inputs))

    return Net()


def branches(keras: Any) -> Any:
    """A functional model that parts and joins, with layers whose weights are not trained."""
    layers = keras.layers
    inputs = keras.Input((FEATURES,))
    scaled = layers.Normalization()(inputs)
    left = layers.Dense(3, activation="tanh")(scaled)
    right = layers.Dense(3, use_bias=False)(layers.Rescaling(0.5)(inputs))
    joined = layers.Concatenate()([layers.Add()([left, right]), right])
    shared = layers.Dense(6, activation="sigmoid")
    return keras.Model(
        inputs, layers.Dense(OUTPUTS)(layers.Average()([shared(joined), shared(shared(joined))]))
    )


#: Name -> a model, and a function that makes its optimizer; ``old`` names classes of TensorFlow 2.10 and before.
CASES: dict[str, dict[str, Any]] = {
    "adam": {"model": sequential, "optimizer": lambda one: one.Adam(0.01)},
    "nested_sgd": {"model": nested, "optimizer": lambda one: one.SGD(0.02, momentum=0.9, nesterov=True)},
    "plain_sgd": {"model": sequential, "optimizer": lambda one: one.SGD(0.02)},
    "subclassed_rmsprop": {
        "model": subclassed, "optimizer": lambda one: one.RMSprop(0.01, momentum=0.5, centered=True),
    },
    "nadam": {"model": nested, "optimizer": lambda one: one.Nadam(0.01)},
    "averages": {"model": sequential, "optimizer": lambda one: one.Adam(0.01, amsgrad=True, use_ema=True)},
    "schedule": {
        "model": sequential,
        "optimizer": lambda one: one.Adagrad(one.schedules.ExponentialDecay(0.1, 2, 0.5)),
    },
    "adadelta": {"model": nested, "optimizer": lambda one: one.Adadelta(0.5)},
    "branches": {"model": branches, "optimizer": lambda one: one.AdamW(0.01, weight_decay=0.1)},
    "ftrl": {"model": sequential, "optimizer": lambda one: one.Ftrl(0.1)},
    "adamax": {"model": sequential, "optimizer": lambda one: one.Adamax(0.1)},
    "old_adam": {"model": sequential, "optimizer": lambda one: one.Adam(0.01), "old": True},
    "old_sgd": {"model": nested, "optimizer": lambda one: one.SGD(0.02, momentum=0.9), "old": True},
    "old_rmsprop": {
        "model": sequential, "optimizer": lambda one: one.RMSprop(0.01, momentum=0.5, centered=True), "old": True,
    },
}  # fmt: skip
#: Those whose checkpoints are kept in the repository.
KEPT = ("adam", "subclassed_rmsprop", "nadam", "old_adam", "old_rmsprop")


def make(keras: Any, name: str) -> Any:
    """A compiled model of a case, with new weights."""
    case = CASES[name]
    model = case["model"](keras)
    optimizers = keras.optimizers
    if case.get("old") and hasattr(optimizers, "legacy") and "tensorlet" not in keras.__name__:
        optimizers = optimizers.legacy
    model.compile(case["optimizer"](optimizers), "mse")
    return model


def step(model: Any) -> None:
    """One step of training on all rows."""
    x, y = data()
    model.train_on_batch(x, y)


def results(model: Any) -> dict[str, Any]:
    """Predictions now, then two steps of training, which show whether the optimizer's state came along."""
    x, _ = data()
    before = np.asarray(model(x)).tolist()
    step(model)
    step(model)
    return {"before": before, "after": [np.asarray(array).tolist() for array in model.get_weights()]}


def objects(tf: Any, keras: Any, start: float = 0.0) -> Any:
    """A `tf.train.Checkpoint` of all kinds of things."""

    class Part(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(name="part")
            self.w = tf.Variable([start + 1.0, 2.0], name="w")
            self.several = [tf.Variable(start + 3.0), (tf.Variable(start + 4.0), "text")]
            self.table = {"a": tf.Variable(int(start) + 5), "b.c/d": tf.Variable(start + 6.0)}
            self.same = self.w

    average = keras.metrics.Mean()
    average.update_state([start + 7.0, 8.0])
    return tf.train.Checkpoint(
        step=tf.Variable(int(start) + 9, dtype=tf.int64),
        part=Part(),
        listed=[tf.Variable(start)],
        average=average,
    )


def values_of(checkpoint: Any) -> list[float]:
    """The numbers of `objects`."""
    part = checkpoint.part
    variables = [
        checkpoint.step, part.several[0], part.several[1][0], part.table["a"], part.table["b.c/d"],
        checkpoint.listed[0], checkpoint.average.total, checkpoint.average.count, checkpoint.save_counter,
    ]  # fmt: skip
    return [*np.asarray(part.w).tolist(), *(float(np.asarray(one)) for one in variables)]
