"""From the settings of a network to a compiled Keras model."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

import tensorlet as tf
from tensorlet.playground.settings import NetworkSettings

#: Name -> (class of `tf.keras.optimizers`, options beside the learning rate).
OPTIMIZER_OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "adam": ("Adam", {}),
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}),
    "rmsprop": ("RMSprop", {}),
    "adagrad": ("Adagrad", {}),
    "nadam": ("Nadam", {}),
    "adamw": ("AdamW", {}),
}
#: Name -> the loss of Keras.
KERAS_LOSSES = {
    "crossentropy": "sparse_categorical_crossentropy",
    "binary_crossentropy": "binary_crossentropy",
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
}


class Output(NamedTuple):
    """What follows from the loss and the number of classes.

    Attributes:
        units: the units of the last layer.
        activation: its activation.
        loss: the loss of Keras.
        labels: "classes" (integers), "column" (one number, 0 or 1) or "onehot".
    """

    units: int
    activation: str
    loss: str
    labels: str


def output_of(loss: str, classes: int) -> Output:
    """Returns the output of a network. A loss for two classes becomes cross-entropy if there are more.

    >>> output_of("mse", 2)
    Output(units=1, activation='sigmoid', loss='mean_squared_error', labels='column')
    >>> output_of("binary_crossentropy", 3).loss
    'sparse_categorical_crossentropy'
    """
    if loss == "crossentropy" or (loss == "binary_crossentropy" and classes > 2):
        return Output(classes, "softmax", KERAS_LOSSES["crossentropy"], "classes")
    if classes == 2:
        return Output(1, "sigmoid", KERAS_LOSSES[loss], "column")
    return Output(classes, "softmax", KERAS_LOSSES[loss], "onehot")


def labels_for(output: Output, y: np.ndarray) -> np.ndarray:
    """Returns the classes in the form that the loss takes.

    >>> labels_for(output_of("mse", 2), np.array([0, 1])).tolist()
    [[0.0], [1.0]]
    """
    if output.labels == "classes":
        return y
    if output.labels == "column":
        return y.reshape(-1, 1).astype("float32")
    return np.eye(output.units, dtype="float32")[y]


def make_model(settings: NetworkSettings, columns: int, output: Output) -> tf.keras.Model:
    """Builds a model, without compiling it. Its weights are drawn from the seed in force.

    Args:
        settings: the network.
        columns: the number of inputs.
        output: the last layer.

    >>> make_model(NetworkSettings(), 2, output_of("crossentropy", 3)).count_params()
    75
    """
    layers: list[Any] = [tf.keras.Input((columns,))]
    for layer in settings.layers:
        options: dict[str, Any] = {"kernel_initializer": settings.initializer}
        if settings.l1 or settings.l2:
            options["kernel_regularizer"] = tf.keras.regularizers.L1L2(settings.l1, settings.l2)
        if settings.batchnorm:
            layers += [
                tf.keras.layers.Dense(layer.units, **options),
                tf.keras.layers.BatchNormalization(),
                tf.keras.layers.Activation(layer.activation),
            ]
        else:
            layers.append(tf.keras.layers.Dense(layer.units, activation=layer.activation, **options))
        if layer.dropout:
            layers.append(tf.keras.layers.Dropout(layer.dropout))
    last = tf.keras.layers.Dense(
        output.units, activation=output.activation, kernel_initializer=settings.initializer
    )
    layers.append(last)
    return tf.keras.Sequential(layers)


def make_optimizer(settings: NetworkSettings) -> Any:
    """Returns the optimizer of a network.

    >>> make_optimizer(NetworkSettings(optimizer="nesterov")).nesterov
    True
    """
    name, options = OPTIMIZER_OPTIONS[settings.optimizer]
    return getattr(tf.keras.optimizers, name)(learning_rate=settings.rate, **options)


def compiled_model(settings: NetworkSettings, columns: int, output: Output) -> tf.keras.Model:
    """Sets the seed, and returns a compiled model that is ready to be trained."""
    tf.keras.utils.set_random_seed(settings.seed)
    model = make_model(settings, columns, output)
    model.compile(optimizer=make_optimizer(settings), loss=output.loss, metrics=["accuracy"])
    return model


def unit_layers(model: tf.keras.Model, settings: NetworkSettings) -> list[Any]:
    """The layer whose outputs are the activations of each hidden layer, and the last layer."""
    kinds = (tf.keras.layers.Activation,) if settings.batchnorm else (tf.keras.layers.Dense,)
    hidden = [layer for layer in model.layers[:-1] if isinstance(layer, kinds)]
    return [*hidden, model.layers[-1]]


def dense_layers(model: tf.keras.Model) -> list[Any]:
    """The layers with kernels, in order."""
    return [layer for layer in model.layers if isinstance(layer, tf.keras.layers.Dense)]
