"""A small model for each layer that works on pictures or sequences, the same for Keras 2 and for Tensorlet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

ROWS = 12

#: The inputs of one example.
SHAPES = {"picture": (6, 7, 3), "sequence": (8, 3), "grey": (9, 9, 1)}

Case = tuple[str, Callable[[Any], list[Any]]]


def _one(kind: str, name: str, *arguments: Any, **options: Any) -> Case:
    """A layer between two dense ones, so that gradients go through it."""
    return kind, lambda keras: [
        keras.layers.Dense(4),
        getattr(keras.layers, name)(*arguments, **options),
        keras.layers.Flatten(),
        keras.layers.Dense(2),
    ]


def _picture(name: str, *arguments: Any, **options: Any) -> Case:
    return _one("picture", name, *arguments, **options)


def _sequence(name: str, *arguments: Any, **options: Any) -> Case:
    return _one("sequence", name, *arguments, **options)


def _small_network(keras: Any) -> list[Any]:
    layers = keras.layers
    return [
        layers.Conv2D(5, 3, activation="relu"),
        layers.BatchNormalization(momentum=0.8),
        layers.MaxPooling2D(2),
        layers.Conv2D(7, 2, padding="same", activation="tanh", use_bias=False),
        layers.GlobalAveragePooling2D(),
        layers.Dense(3, activation="softmax"),
    ]


#: Name -> the inputs, and the layers of a `Sequential` model.
CASES: dict[str, Case] = {
    "Conv2D": _picture("Conv2D", 5, 3),
    "Conv2D same": _picture("Conv2D", 5, (3, 2), padding="same", activation="relu"),
    "Conv2D strides": _picture("Conv2D", 3, 3, strides=2, padding="same", use_bias=False),
    "Conv2D strides valid": _picture("Conv2D", 3, (2, 3), strides=(1, 2), activation="sigmoid"),
    "Conv2D dilation": _picture("Conv2D", 3, 2, dilation_rate=(2, 3)),
    "Conv2D dilation same": _picture("Conv2D", 3, 3, dilation_rate=2, padding="same"),
    "Conv2D one tap": _picture("Conv2D", 9, 1),
    "Conv2D penalties": _picture(
        "Conv2D", 3, 2, kernel_regularizer="l2", bias_regularizer="l1", activity_regularizer="l2",
        kernel_constraint="non_neg", bias_constraint="unit_norm",
    ),
    "Conv2D grey": ("grey", lambda keras: [keras.layers.Conv2D(6, 5, activation="relu"), keras.layers.Flatten()]),
    "Conv1D": _sequence("Conv1D", 5, 3),
    "Conv1D causal": _sequence("Conv1D", 5, 3, padding="causal", dilation_rate=2, activation="relu"),
    "Conv1D same": _sequence("Conv1D", 3, 4, strides=3, padding="same"),
    "DepthwiseConv2D": _picture("DepthwiseConv2D", 3, activation="tanh"),
    "DepthwiseConv2D same": _picture("DepthwiseConv2D", (2, 3), strides=2, padding="same", depth_multiplier=2),
    "DepthwiseConv2D dilation": _picture("DepthwiseConv2D", 2, dilation_rate=2, use_bias=False),
    "DepthwiseConv1D": _sequence("DepthwiseConv1D", 3, strides=2, depth_multiplier=3),
    "SeparableConv2D": _picture("SeparableConv2D", 5, 3, padding="same", depth_multiplier=2, activation="relu"),
    "SeparableConv2D strides": _picture("SeparableConv2D", 3, 2, strides=2),
    "SeparableConv1D": _sequence("SeparableConv1D", 5, 3),
    "SeparableConv1D causal": _sequence("SeparableConv1D", 5, 2, padding="causal", dilation_rate=2),
    "Conv2DTranspose": _picture("Conv2DTranspose", 3, 3, activation="tanh"),
    "Conv2DTranspose strides": _picture("Conv2DTranspose", 3, 3, strides=2, padding="same", activation="relu"),
    "Conv2DTranspose wide strides": _picture("Conv2DTranspose", 2, 2, strides=3, use_bias=False),
    "Conv2DTranspose output_padding": _picture(
        "Conv2DTranspose", 2, 3, strides=2, output_padding=1, activation="tanh"
    ),
    "Conv2DTranspose same output_padding": _picture(
        "Conv2DTranspose", 2, 3, strides=2, padding="same", output_padding=(1, 0)
    ),
    "Conv1DTranspose": _sequence("Conv1DTranspose", 3, 4, strides=2, padding="same"),
    "MaxPooling2D": _picture("MaxPooling2D"),
    "MaxPooling2D overlapping": _picture("MaxPooling2D", 3, strides=2, padding="same"),
    "MaxPooling2D far apart": _picture("MaxPooling2D", (2, 1), strides=(3, 2)),
    "MaxPooling1D": _sequence("MaxPooling1D", 3, strides=1),
    "AveragePooling2D": _picture("AveragePooling2D"),
    "AveragePooling2D overlapping": _picture("AveragePooling2D", (3, 2), strides=(2, 1), padding="same"),
    "AveragePooling1D": _sequence("AveragePooling1D", 3, padding="same"),
    "GlobalAveragePooling2D": _picture("GlobalAveragePooling2D"),
    "GlobalAveragePooling2D keepdims": _picture("GlobalAveragePooling2D", keepdims=True),
    "GlobalMaxPooling2D": _picture("GlobalMaxPooling2D"),
    "GlobalAveragePooling1D": _sequence("GlobalAveragePooling1D", keepdims=True),
    "GlobalMaxPooling1D": _sequence("GlobalMaxPooling1D"),
    "ZeroPadding2D": _picture("ZeroPadding2D", ((1, 0), (2, 3))),
    "ZeroPadding1D": _sequence("ZeroPadding1D", (2, 1)),
    "Cropping2D": _picture("Cropping2D", ((1, 0), (2, 3))),
    "Cropping2D both": _picture("Cropping2D", (1, 2)),
    "Cropping1D": _sequence("Cropping1D", (2, 1)),
    "UpSampling2D": _picture("UpSampling2D", (2, 1)),
    "UpSampling1D": _sequence("UpSampling1D", 2),
    "SpatialDropout2D of nothing": _picture("SpatialDropout2D", 0.0),
    "UpSampling2D bilinear": _picture("UpSampling2D", (2, 1), interpolation="bilinear"),
    "Resizing": _picture("Resizing", 5, 9),
    "Resizing bicubic": _picture("Resizing", 8, 4, interpolation="bicubic"),
    "Resizing lanczos": _picture("Resizing", 4, 9, interpolation="lanczos3"),
    "Conv2D groups": _picture("Conv2D", 6, 3, groups=2, activation="relu"),
    "Conv2D groups same": _picture("Conv2D", 4, 3, groups=4, padding="same", strides=2),
    "Conv1D groups": _sequence("Conv1D", 4, 3, groups=2),
    "Conv2D channels first": _picture("Conv2D", 3, 3, data_format="channels_first", padding="same"),
    "Conv2D channels first strides": _picture("Conv2D", 3, 3, data_format="channels_first", strides=2),
    "MaxPooling2D channels first": _picture("MaxPooling2D", 2, data_format="channels_first"),
    "DepthwiseConv2D channels first": _picture("DepthwiseConv2D", 2, data_format="channels_first"),
    "GlobalMaxPooling2D channels first": _picture("GlobalMaxPooling2D", data_format="channels_first", keepdims=True),
    "Resizing nearest": _picture("Resizing", 9, 4, interpolation="nearest"),
    "Resizing cropped": _picture("Resizing", 8, 4, crop_to_aspect_ratio=True),
    "CenterCrop": _picture("CenterCrop", 3, 4),
    "CenterCrop of small ones": _picture("CenterCrop", 8, 5),
    "BatchNormalization of channels": _picture("BatchNormalization", momentum=0.8),
    "network": ("picture", _small_network),
}  # fmt: skip


def model_of(keras: Any, name: str) -> tuple[Any, np.ndarray]:
    """The model of a case, its weights set, and its inputs."""
    kind, layers = CASES[name]
    x = np.random.default_rng(3).normal(size=(ROWS, *SHAPES[kind])).astype("float32")
    model = keras.Sequential([keras.Input(SHAPES[kind]), *layers(keras)])
    generator = np.random.default_rng(5)
    weights = [generator.uniform(-0.5, 0.5, array.shape).astype("float32") for array in model.get_weights()]
    for index, weight in enumerate(model.weights):
        if "variance" in weight.name:
            weights[index] = np.abs(weights[index]) + 0.25
    model.set_weights(weights)
    return model, x
