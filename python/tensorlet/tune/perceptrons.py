"""`Perceptron`: builds the models that `search` tries unless it is given another function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import tensorlet as tf
from tensorlet.tune.space import LogRange, Range, Space

#: What is tried unless another space is given. A depth of 0 is softmax regression, or linear regression.
SPACE: Space = {
    "learning_rate": LogRange(1e-4, 3e-2),
    "batch_size": [32, 64, 128],
    "width": [16, 32, 64, 128],
    "depth": [0, 1, 2],
    "dropout": Range(0.0, 0.5),
    "l2": LogRange(1e-7, 1e-3),
}


@dataclass(frozen=True)
class Perceptron:
    """Builds a multi-layer perceptron.

    Args:
        features: the number of features.
        classes: the number of classes; 0 to predict numbers.
        outputs: the number of numbers to predict.

    >>> model = Perceptron(4, 3)(width=8, depth=2)
    >>> [layer.units for layer in model.layers]
    [8, 8, 3]
    """

    features: int
    classes: int
    outputs: int = 1

    def __call__(
        self,
        learning_rate: float = 1e-3,
        width: int = 64,
        depth: int = 1,
        dropout: float = 0.0,
        l2: float = 0.0,
    ) -> Any:
        """Returns a compiled model.

        Args:
            learning_rate: of Adam.
            width: the units of each hidden layer.
            depth: the number of hidden layers.
            dropout: the fraction of the outputs of each hidden layer that training sets to 0.
            l2: the factor of the sum of the squared weights in the loss.
        """
        layers = [tf.keras.Input((self.features,)), *self.layers(width, depth, dropout, l2)]
        model = tf.keras.Sequential(layers)
        return self.compiled(model, learning_rate)

    def layers(self, width: int, depth: int, dropout: float, l2: float) -> list[Any]:
        """Returns the layers after the input."""
        found: list[Any] = []
        for _ in range(int(depth)):
            found.append(self._dense(int(width), "relu", l2))
            if dropout:
                found.append(tf.keras.layers.Dropout(dropout))
        last = self._dense(self.classes or self.outputs, "softmax" if self.classes else "linear", l2)
        return [*found, last]

    def compiled(self, model: Any, learning_rate: float) -> Any:
        """Compiles a model for the task, and returns it."""
        loss = "sparse_categorical_crossentropy" if self.classes else "mean_squared_error"
        metrics = ["accuracy"] if self.classes else ["mean_absolute_error"]
        model.compile(tf.keras.optimizers.Adam(learning_rate), loss, metrics=metrics)
        return model

    @staticmethod
    def _dense(units: int, activation: str, l2: float) -> Any:
        penalty = tf.keras.regularizers.L2(l2) if l2 else None
        return tf.keras.layers.Dense(units, activation, kernel_regularizer=penalty)
