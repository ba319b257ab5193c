"""Models, data and trainings that are saved by one program and loaded by another.

``keras`` is Keras 2, Keras 3 or Tensorlet's: the same code makes the same model in each. Weights are set from
a formula, so that no program's random numbers matter.
"""

from __future__ import annotations

from typing import Any

import numpy as np

ROWS = 12


def formula(shape: tuple[int, ...], start: float) -> np.ndarray:
    """Numbers between -1 and 1 that are the same everywhere."""
    count = int(np.prod(shape))
    return np.sin(start + 1.7 * np.arange(count)).reshape(shape).astype(np.float32)


def set_by_formula(model: Any) -> None:
    model.set_weights(
        [0.5 + 0.1 * formula(w.shape, i) if w.ndim == 1 else 0.6 * formula(w.shape, i)
         for i, w in enumerate(model.get_weights())]
    )  # fmt: skip


def sequential(keras: Any) -> Any:
    """Pictures of 2 x 2 into three classes, with moving averages; Adam in the middle of training."""
    model = keras.Sequential(
        [
            keras.layers.Input((2, 2)),
            keras.layers.Flatten(),
            # A bias before a normalisation has no gradient but rounding, of which Adam makes whole steps.
            keras.layers.Dense(4, use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.Activation("relu"),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    set_by_formula(model)
    model.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def functional(keras: Any) -> Any:
    """Two inputs, a model within the model, a shared layer, two outputs, operators, a schedule."""
    a, b = keras.Input((3,), name="a"), keras.Input((4,), name="b")
    inner = keras.Sequential(
        [keras.layers.Input((3,)), keras.layers.Dense(4), keras.layers.PReLU()], name="inner"
    )
    shared = keras.layers.Dense(4, name="shared")
    first = inner(a)
    both = keras.layers.concatenate([keras.layers.add([shared(b), shared(first)]), first])
    price = keras.layers.Dense(1, name="price", kernel_regularizer=keras.regularizers.L2(0.01))(both)
    kind = keras.layers.Dense(2, activation="softmax", name="kind")((2.0 * both + 1.0 - both)[:, 1:])
    model = keras.Model([a, b], [price, kind])
    set_by_formula(model)
    rate = keras.optimizers.schedules.ExponentialDecay(0.05, 4, 0.5)
    model.compile(
        keras.optimizers.SGD(rate, momentum=0.9),
        loss={"price": "mse", "kind": keras.losses.CategoricalCrossentropy(label_smoothing=0.1)},
        loss_weights={"price": 1.0, "kind": 0.5},
        metrics={"price": ["mae"], "kind": ["accuracy"]},
    )
    return model


def subclassed(keras: Any) -> Any:
    """Layers as attributes and in a list."""

    class Tower(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.stem = keras.layers.Dense(3)
            self.blocks = [keras.layers.Dense(3, activation="tanh"), keras.layers.BatchNormalization()]
            self.out = keras.layers.Dense(2)

        def call(self, inputs: Any, training: Any = None) -> Any:
            x = self.stem(inputs)
            for block in self.blocks:
                x = block(x)
            return self.out(x)

    model = Tower()
    model(data("subclassed")[0])
    set_by_formula(model)
    model.compile(keras.optimizers.Adam(0.02), "mse")
    return model


CASES = {"sequential": sequential, "functional": functional, "subclassed": subclassed}


def data(case: str) -> tuple[Any, Any]:
    """Inputs and labels of a case."""
    classes = np.arange(ROWS) % 3
    if case == "sequential":
        return formula((ROWS, 2, 2), 0.3), classes
    if case == "subclassed":
        return formula((ROWS, 3), 0.4), formula((ROWS, 2), 0.9)
    x = [formula((ROWS, 3), 0.1), formula((ROWS, 4), 0.2)]
    return x, [formula((ROWS, 1), 0.5), np.eye(2, dtype=np.float32)[classes % 2]]


def train(model: Any, case: str, epochs: int) -> None:
    """Some epochs in the order of the rows."""
    x, y = data(case)
    model.fit(x, y, batch_size=4, epochs=epochs, shuffle=False, verbose=0)


def outputs(model: Any, case: str) -> list[list[Any]]:
    """The model's predictions, as lists."""
    found = model.predict(data(case)[0], verbose=0)
    return [np.asarray(one).tolist() for one in (found if isinstance(found, list | tuple) else [found])]


def saved_and_after(model: Any, case: str) -> dict[str, Any]:
    """What is known of a saved model: its step, its predictions, and those after two more epochs."""
    step = int(np.asarray(model.optimizer.iterations))
    before = outputs(model, case)
    train(model, case, 2)
    return {"step": step, "outputs": before, "after": outputs(model, case)}
