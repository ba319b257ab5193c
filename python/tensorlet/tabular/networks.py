"""The models: softmax regression (or linear regression) and a perceptron, with the preprocessing inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import tensorlet as tf
from tensorlet.tabular.columns.encoder import CATEGORIES, MANY_CATEGORIES, NUMBERS
from tensorlet.tabular.problem import PICTURES, Problem
from tensorlet.tabular.weighting import weighted_mean

#: The units of the hidden layer of the perceptron.
HIDDEN = 64
#: The length of the vector of a category in a column with many.
EMBEDDING = 8
#: The encoded training data are kept in memory up to this size in bytes; beyond, each batch is encoded.
MOST_BYTES = 1 << 29

LINEAR, PERCEPTRON = "linear", "perceptron"


@dataclass
class Network:
    """A model in two forms that share their layers.

    Attributes:
        name: "linear" (softmax regression or linear regression) or "perceptron".
        trained: the model that is trained; for numbers, on targets of mean 0 and variance 1.
        whole: the model with the preprocessing inside, whose inputs are those of `Problem.inputs`.
    """

    name: str
    trained: Any
    whole: Any


class Networks:
    """Builds the models for a problem.

    Args:
        problem: the data.

    Attributes:
        inputs: the inputs of the models.
        x: what the models are trained on: the encoded rows, or `Problem.inputs` if these are too large, are on disk or
            contain columns with many categories.
        scale, offset: what turns an output into a number of the target.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.inputs = {
            name: tf.keras.Input(array.shape[1:], dtype=_input_dtype(array), name=name)
            for name, array in problem.inputs.items()
        }
        self.features = self._features()
        width = self.features.shape[-1]
        rows = len(problem.labels)
        self._encodes = MANY_CATEGORIES not in self.inputs and PICTURES not in self.inputs
        self._encodes = self._encodes and rows * width * 4 <= MOST_BYTES and problem.store is None
        self.x: Any = problem.inputs
        if self._encodes:
            encode = tf.keras.Model(self.inputs, self.features)
            self.x = encode.predict(problem.inputs, batch_size=1024, verbose=0)
        train = problem.labels[problem.split.train]
        self.scale, self.offset = 1.0, 0.0
        if not problem.target.classes:
            weights = problem.weights_of(problem.split.train)
            self.offset = weighted_mean(train, weights)
            variance = weighted_mean((train - self.offset) ** 2, weights)
            self.scale = float(train.std() if weights is None else np.sqrt(variance)) or 1.0

    def rows(self, rows: np.ndarray) -> Any:
        """Returns the inputs of some rows for `Network.trained`."""
        return self.x[rows] if self._encodes else self.problem.rows_of(rows)

    def _features(self) -> Any:
        parts = []
        for name, tensor in self.inputs.items():
            if name == NUMBERS:
                layer = tf.keras.layers.Normalization(name="normalization")
                layer.adapt(self.problem.inputs[name][self.problem.split.train])
                parts.append(layer(tensor))
            elif name == CATEGORIES:
                size = self._sizes()[name]
                parts.append(
                    tf.keras.layers.CategoryEncoding(size, output_mode="multi_hot", name="one_hot")(tensor)
                )
            elif name == MANY_CATEGORIES:
                vectors = tf.keras.layers.Embedding(self._sizes()[name], EMBEDDING, name="embedding")(tensor)
                parts.append(tf.keras.layers.Flatten(name="embedded")(vectors))
            else:
                scale = 1 / 255 if self.problem.inputs[name].dtype == np.uint8 else 1.0
                scaled = tf.keras.layers.Rescaling(scale, name="rescaling")(tensor)
                parts.append(tf.keras.layers.Flatten(name="flatten")(scaled))
        return parts[0] if len(parts) == 1 else tf.keras.layers.Concatenate(name="features")(parts)

    def _sizes(self) -> dict[str, int]:
        assert self.problem.encoder is not None
        return self.problem.encoder.sizes

    def build(self, name: str, seed: int) -> Network:
        """Builds one of the models, with new weights."""
        classes = len(self.problem.target.classes)
        # The strength of L2 regularization at which scikit-learn's logistic regression starts.
        l2 = 0.5 / self.problem.train_rows
        layers = []
        if name == PERCEPTRON:
            layers.append(_dense(HIDDEN, "relu", "hidden", seed, l2))
        layers.append(_dense(classes or 1, "softmax" if classes else "linear", "output", seed + 1, l2))
        whole = self.features
        for layer in layers:
            whole = layer(whole)
        if self._encodes:
            start = tf.keras.Input((self.features.shape[-1],), name="features")
            end = start
            for layer in layers:
                end = layer(end)
            trained = tf.keras.Model(start, end)
        else:
            trained = tf.keras.Model(self.inputs, whole)
        if not classes:
            whole = tf.keras.layers.Rescaling(self.scale, self.offset, name="in_units")(whole)
        return Network(name, trained, tf.keras.Model(self.inputs, whole, name=name))


def _dense(units: int, activation: str, name: str, seed: int, l2: float) -> Any:
    return tf.keras.layers.Dense(
        units,
        activation=activation,
        name=name,
        kernel_initializer=tf.keras.initializers.GlorotUniform(seed=seed),
        kernel_regularizer=tf.keras.regularizers.L2(l2),
    )


def _input_dtype(array: np.ndarray) -> str:
    return "int32" if array.dtype == np.int32 else "float32"
