"""One small model for each layer, the same for Keras 2 and for Tensorlet; how it starts and is trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

ROWS, BATCH = 12, 4

#: A row of numbers, a table, positive whole numbers: the inputs of one example.
SHAPES = {"row": (5,), "table": (3, 4), "numbers": (3,)}

Layers = Callable[[Any], list[Any]]


def _dense(units: int, **options: Any) -> Layers:
    return lambda keras: [keras.layers.Dense(units, **options)]


def _one(name: str, *arguments: Any, **options: Any) -> Layers:
    """A layer between two dense ones, so that gradients go through it."""
    return lambda keras: [
        keras.layers.Dense(4),
        getattr(keras.layers, name)(*arguments, **options),
        keras.layers.Dense(2),
    ]


def _on_table(name: str, *arguments: Any, **options: Any) -> Layers:
    """The same for inputs that are tables."""
    return lambda keras: [
        keras.layers.Dense(4),
        getattr(keras.layers, name)(*arguments, **options),
        keras.layers.Flatten(),
        keras.layers.Dense(2),
    ]


#: Name -> the inputs, and the layers of a `Sequential` model.
SEQUENTIAL: dict[str, tuple[str, Layers]] = {
    "Dense": ("row", _dense(3)),
    "Dense relu": ("row", _dense(3, activation="relu")),
    "Dense without bias": ("row", _dense(3, use_bias=False, activation="tanh")),
    "Dense on tables": ("table", _dense(3, activation="sigmoid")),
    "Dense l1 l2": (
        "row",
        lambda keras: [
            keras.layers.Dense(
                3, kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02), bias_regularizer="l2"
            )
        ],
    ),
    "Dense activity": (
        "row",
        lambda keras: [keras.layers.Dense(3, activity_regularizer=keras.regularizers.L2(0.1))],
    ),
    "Dense MaxNorm": (
        "row",
        lambda keras: [
            keras.layers.Dense(3, kernel_constraint=keras.constraints.MaxNorm(0.8), bias_constraint="non_neg")
        ],
    ),
    "Dense UnitNorm": ("row", _dense(3, kernel_constraint="unit_norm")),
    "Dense MinMaxNorm": (
        "row",
        lambda keras: [
            keras.layers.Dense(
                3,
                kernel_constraint=keras.constraints.MinMaxNorm(min_value=0.5, max_value=0.9, rate=0.5),
            )
        ],
    ),
    "Dense frozen": (
        "row",
        lambda keras: [keras.layers.Dense(4, trainable=False), keras.layers.Dense(2)],
    ),
    "Flatten": ("table", lambda keras: [keras.layers.Flatten(), keras.layers.Dense(2)]),
    "Reshape": ("table", _on_table("Reshape", (2, -1))),
    "Permute": ("table", _on_table("Permute", (2, 1))),
    "RepeatVector": ("row", _on_table("RepeatVector", 2)),
    "Activation": ("row", _one("Activation", "selu")),
    "ActivityRegularization": ("row", _one("ActivityRegularization", l1=0.02, l2=0.05)),
    "Lambda": (
        "row",
        lambda keras: [
            keras.layers.Dense(4),
            keras.layers.Lambda(lambda x: x * x),
            keras.layers.Dense(2),
        ],
    ),
    "Rescaling": ("row", _one("Rescaling", 0.5, offset=0.25)),
    "BatchNormalization": ("row", _one("BatchNormalization")),
    "BatchNormalization bare": (
        "row",
        _one("BatchNormalization", center=False, scale=False, momentum=0.5, epsilon=0.01),
    ),
    "BatchNormalization on tables": ("table", _on_table("BatchNormalization", momentum=0.8)),
    "BatchNormalization of rows": ("table", _on_table("BatchNormalization", axis=1, momentum=0.8)),
    "BatchNormalization frozen": ("row", _one("BatchNormalization", trainable=False)),
    "BatchNormalization first": (
        "row",
        lambda keras: [keras.layers.BatchNormalization(momentum=0.6), keras.layers.Dense(2)],
    ),
    "LayerNormalization": ("row", _one("LayerNormalization")),
    "LayerNormalization bare": ("row", _one("LayerNormalization", center=False, scale=False, epsilon=0.1)),
    "LayerNormalization on tables": ("table", _on_table("LayerNormalization", axis=[1, 2])),
    "LayerNormalization of columns": ("table", _on_table("LayerNormalization", axis=1)),
    "UnitNormalization": ("row", _one("UnitNormalization")),
    "ReLU": ("row", _one("ReLU", max_value=0.8, negative_slope=0.1, threshold=0.2)),
    "ReLU plain": ("row", _one("ReLU")),
    "LeakyReLU": ("row", _one("LeakyReLU", alpha=0.2)),
    "LeakyReLU default": ("row", _one("LeakyReLU")),
    "PReLU": ("row", _one("PReLU")),
    "PReLU shared": ("table", _on_table("PReLU", shared_axes=[1], alpha_regularizer="l2")),
    "ELU": ("row", _one("ELU", alpha=0.5)),
    "Softmax": ("row", _one("Softmax")),
    "Softmax of columns": ("table", _on_table("Softmax", axis=1)),
    "ThresholdedReLU": ("row", _one("ThresholdedReLU", theta=0.3)),
    "Dropout of nothing": ("row", _one("Dropout", 0.0)),
    "Embedding": (
        "numbers",
        lambda keras: [
            keras.layers.Embedding(6, 2, embeddings_regularizer="l2"),
            keras.layers.Flatten(),
            keras.layers.Dense(2),
        ],
    ),
    "nested": (
        "row",
        lambda keras: [
            keras.Sequential([keras.layers.Dense(4, activation="relu"), keras.layers.BatchNormalization()]),
            keras.layers.Dense(2),
        ],
    ),
}  # fmt: skip

#: Name -> a layer of two inputs, each of shape (examples, 3).
MERGING: dict[str, Callable[[Any, Any, Any], Any]] = {
    "Add": lambda keras, a, b: keras.layers.Add()([a, b]),
    "add": lambda keras, a, b: keras.layers.add([a, b]),
    "Subtract": lambda keras, a, b: keras.layers.Subtract()([a, b]),
    "Multiply": lambda keras, a, b: keras.layers.Multiply()([a, b]),
    "Average": lambda keras, a, b: keras.layers.Average()([a, b]),
    "Maximum": lambda keras, a, b: keras.layers.Maximum()([a, b]),
    "Minimum": lambda keras, a, b: keras.layers.Minimum()([a, b]),
    "Concatenate": lambda keras, a, b: keras.layers.Concatenate()([a, b]),
    "Concatenate rows": lambda keras, a, b: keras.layers.Flatten()(
        keras.layers.Concatenate(axis=1)([keras.layers.Reshape((3, 1))(a), keras.layers.Reshape((3, 1))(b)])
    ),
    "Dot": lambda keras, a, b: keras.layers.Dot(axes=1)([a, b]),
    "Dot normalized": lambda keras, a, b: keras.layers.Dot(axes=1, normalize=True)([a, b]),
}

NAMES = [*SEQUENTIAL, *MERGING]


_TABLE = [[1.0, 10.0], [3.0, 30.0], [8.0, 20.0]]
_WORDS = ["oak", "elm", "oak", "fir", "elm", "oak", "yew"]

#: Layers that prepare data: the class, its arguments, what ``adapt`` sees (None: nothing), what it is called on.
PREPARING: list[tuple[str, dict[str, Any], Any, Any]] = [
    ("Normalization", {}, _TABLE, _TABLE),
    ("Normalization", {"axis": None}, _TABLE, _TABLE),
    ("Normalization", {"mean": 3.0, "variance": 4.0}, None, _TABLE),
    ("Normalization", {"mean": [3.0, 1.0], "variance": [4.0, 9.0]}, None, _TABLE),
    ("Normalization", {"invert": True}, _TABLE, _TABLE),
    ("Normalization", {"axis": None}, [1.0, 2.0, 6.0], [1.0, 2.0, 6.0]),
    ("Normalization", {"axis": 1}, [[[1.0], [5.0]], [[3.0], [9.0]]], [[[1.0], [5.0]]]),
    ("Rescaling", {"scale": 0.5, "offset": [1.0, 2.0]}, None, _TABLE),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "one_hot"}, None, [3, 0, 1]),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "one_hot"}, None, [[3], [0]]),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "multi_hot"}, None, [[3, 0], [1, 1]]),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "count"}, None, [[3, 0], [1, 1]]),
    ("CategoryEncoding", {"num_tokens": 4}, None, [[3, 0], [1, 2]]),
    ("StringLookup", {"vocabulary": ["oak", "elm"]}, None, ["elm", "ash", "oak"]),
    ("StringLookup", {}, _WORDS, ["elm", "ash", "oak", "yew", "fir"]),
    ("StringLookup", {"max_tokens": 3}, _WORDS, ["elm", "oak", "yew"]),
    ("StringLookup", {"num_oov_indices": 0}, _WORDS, [["elm", "oak"], ["yew", "fir"]]),
    ("StringLookup", {"mask_token": ""}, _WORDS, ["elm", "", "ash"]),
    ("StringLookup", {"vocabulary": ["oak", "elm"], "output_mode": "one_hot"}, None, ["elm", "ash"]),
    ("StringLookup", {"vocabulary": ["oak", "elm"], "output_mode": "multi_hot"}, None, [["elm", "ash"]]),
    ("StringLookup", {"vocabulary": ["oak", "elm"], "output_mode": "count"}, None, [["elm", "elm"]]),
    ("Embedding", {"input_dim": 3, "output_dim": 2, "embeddings_initializer": "ones"}, None, [[0, 2]]),
]


def prepare(keras: Any, row: int) -> dict[str, Any]:
    """What one of the layers above makes of its data."""
    name, arguments, seen, given = PREPARING[row]
    layer = getattr(keras.layers, name)(**arguments)
    if seen is not None:
        layer.adapt(np.array(seen))
    result = np.asarray(layer(np.array(given)))
    found = {"result": result.tolist(), "dtype": result.dtype.name}
    if hasattr(layer, "get_vocabulary"):
        found["vocabulary"] = [str(word) for word in layer.get_vocabulary()]
    return found


def inputs(kind: str) -> np.ndarray:
    """The inputs of all rows."""
    generator = np.random.default_rng(3)
    if kind == "numbers":
        return generator.integers(0, 6, (ROWS, *SHAPES[kind])).astype("int32")
    return generator.normal(size=(ROWS, *SHAPES[kind])).astype("float32")


def model_of(keras: Any, name: str) -> tuple[Any, np.ndarray]:
    """The model of a case, its weights set, and its inputs."""
    kind = SEQUENTIAL[name][0] if name in SEQUENTIAL else "row"
    x = inputs(kind)
    if name in SEQUENTIAL:
        model = keras.Sequential([keras.Input(SHAPES[kind], dtype=x.dtype.name), *SEQUENTIAL[name][1](keras)])
    else:
        start = keras.Input(SHAPES[kind])
        a, b = keras.layers.Dense(3)(start), keras.layers.Dense(3, activation="tanh")(start)
        model = keras.Model(start, keras.layers.Dense(2)(MERGING[name](keras, a, b)))
    generator = np.random.default_rng(5)
    weights = [generator.uniform(-1, 1, array.shape).astype("float32") for array in model.get_weights()]
    # A variance is positive; it is the only weight of its name.
    for index, weight in enumerate(model.weights):
        if "variance" in weight.name:
            weights[index] = np.abs(weights[index]) + 0.25
    model.set_weights(weights)
    return model, x


def numbers(value: Any) -> list[Any]:
    """Nested lists of numbers with eight digits."""
    return np.vectorize(lambda one: float(f"{one:.8g}"))(np.asarray(value, np.float64)).tolist()


def run(
    keras: Any, name: str, model_of: Callable[[Any, str], tuple[Any, np.ndarray]] = model_of
) -> dict[str, Any]:
    """What a model gives before, while and after it is trained for three steps."""
    model, x = model_of(keras, name)
    found = {"predicted": numbers(model.predict(x, verbose=0))}
    found["in training"] = numbers(model(x[:BATCH], training=True))
    generator = np.random.default_rng(9)
    y = generator.normal(size=np.shape(found["predicted"])).astype("float32")
    # The call in training has moved the averages: start again.
    model, x = model_of(keras, name)
    model.compile(keras.optimizers.SGD(0.02), "mse")
    history = model.fit(x, y, batch_size=BATCH, epochs=2, shuffle=False, verbose=0, validation_data=(x, y))
    found["losses"] = numbers([history.history["loss"], history.history["val_loss"]])
    found["weights"] = [numbers(array) for array in model.get_weights()]
    found["names"] = [weight.name.split("/")[-1].split(":")[0] for weight in model.weights]
    found["predicted after"] = numbers(model.predict(x, verbose=0))
    return found
