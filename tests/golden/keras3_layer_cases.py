"""A small model for each layer or argument that Keras 3 has and Keras 2 has not, the same for Keras 3 and Tensorlet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

ROWS = 12

#: The inputs of one example.
SHAPES = {"row": (6,), "sequence": (7, 4), "picture": (6, 7, 4), "numbers": (3,)}

Case = tuple[str, Callable[[Any], list[Any]]]


def _one(kind: str, make: Callable[[Any], Any]) -> Case:
    """A layer between two dense ones, so that gradients go through it."""
    return kind, lambda keras: [
        keras.layers.Dense(4), make(keras.layers), keras.layers.Flatten(), keras.layers.Dense(2),
    ]  # fmt: skip


#: Name -> the inputs, and the layers of a `Sequential` model.
CASES: dict[str, Case] = {
    "GroupNormalization": _one("picture", lambda layers: layers.GroupNormalization(2)),
    "GroupNormalization of rows": _one("row", lambda layers: layers.GroupNormalization(2, epsilon=0.1)),
    "GroupNormalization one group": _one("sequence", lambda layers: layers.GroupNormalization(1, center=False)),
    "GroupNormalization instance": _one("picture", lambda layers: layers.GroupNormalization(-1, scale=False)),
    "GroupNormalization other axis": _one(
        "picture", lambda layers: layers.GroupNormalization(3, axis=1, gamma_regularizer="l2")
    ),
    "RMSNormalization": _one("row", lambda layers: layers.RMSNormalization()),
    "RMSNormalization axes": _one("sequence", lambda layers: layers.RMSNormalization(axis=[-1, -2], epsilon=0.1)),
    "LayerNormalization rms": _one("sequence", lambda layers: layers.LayerNormalization(rms_scaling=True)),
    "LayerNormalization unsorted axes": _one("picture", lambda layers: layers.LayerNormalization(axis=[-1, -2])),
    "SpectralNormalization": _one("row", lambda layers: layers.SpectralNormalization(layers.Dense(4))),
    "SpectralNormalization of filters": _one(
        "picture", lambda layers: layers.SpectralNormalization(layers.Conv2D(3, 2), power_iterations=3)
    ),
    "BatchNormalization of pictures": _one("picture", lambda layers: layers.BatchNormalization(momentum=0.8)),
    "BatchNormalization renorm": _one("row", lambda layers: layers.BatchNormalization(momentum=0.8, renorm=True)),
    "BatchNormalization renorm clipped": _one(
        "sequence",
        lambda layers: layers.BatchNormalization(
            momentum=0.8, renorm=True, renorm_momentum=0.7, center=False,
            renorm_clipping={"rmin": 0.6, "rmax": 1.5, "dmax": 0.4},
        ),
    ),
    "ReversibleEmbedding": (
        "numbers",
        lambda keras: [
            keras.layers.ReversibleEmbedding(6, 3, embeddings_regularizer="l2"),
            keras.layers.Flatten(),
            keras.layers.Dense(2),
        ],
    ),
    "AdaptiveAveragePooling1D": _one("sequence", lambda layers: layers.AdaptiveAveragePooling1D(3)),
    "AdaptiveMaxPooling1D": _one("sequence", lambda layers: layers.AdaptiveMaxPooling1D(5)),
    "AdaptiveAveragePooling2D": _one("picture", lambda layers: layers.AdaptiveAveragePooling2D((4, 3))),
    "AdaptiveMaxPooling2D": _one("picture", lambda layers: layers.AdaptiveMaxPooling2D(3)),
    "AdaptiveMaxPooling2D channels first": _one(
        "picture", lambda layers: layers.AdaptiveMaxPooling2D((4, 2), data_format="channels_first")
    ),
}  # fmt: skip


#: Pictures, two with three channels, and what calls of layers for pictures and values make of them.
_PICTURES = ("pictures", (2, 5, 7, 3))
_FIRST = ("pictures", (2, 3, 5, 7))
_FEW = [[3, 0, 1], [1, 1, 2]]
#: Layers that prepare data: the class, its arguments, what ``adapt`` sees (None: nothing), what it is called on.
PREPARING: list[tuple[str, dict[str, Any], Any, Any]] = [
    ("Resizing", {"height": 8, "width": 4, "pad_to_aspect_ratio": True, "fill_value": 0.5}, None, _PICTURES),
    ("Resizing", {"height": 3, "width": 4, "antialias": True}, None, _PICTURES),
    ("Resizing", {"height": 3, "width": 4, "antialias": True, "interpolation": "bicubic"}, None, _PICTURES),
    ("Resizing", {"height": 8, "width": 4, "data_format": "channels_first"}, None, _FIRST),
    ("Resizing", {"height": 8, "width": 40, "crop_to_aspect_ratio": True}, None, ("pictures", (1, 1, 4, 3))),
    ("CenterCrop", {"height": 3, "width": 4, "data_format": "channels_first"}, None, _FIRST),
    ("CenterCrop", {"height": 8, "width": 4, "data_format": "channels_first"}, None, _FIRST),
    ("RandomTranslation", {"height_factor": [0.3, 0.3], "width_factor": [-0.2, -0.2]}, None, _PICTURES),
    (
        "RandomTranslation",
        {"height_factor": [0.3, 0.3], "width_factor": 0.0, "fill_mode": "constant", "data_format": "channels_first"},
        None, _FIRST,
    ),
    ("RandomRotation", {"factor": [0.1, 0.1], "data_format": "channels_first"}, None, _FIRST),
    ("RandomZoom", {"height_factor": [0.5, 0.5], "width_factor": [-0.2, -0.2]}, None, _PICTURES),
    ("RandomBrightness", {"factor": [0.2, 0.2], "value_range": [0.0, 1.0]}, None, _PICTURES),
    ("UpSampling2D", {"size": 2, "interpolation": "bicubic"}, None, _PICTURES),
    ("Normalization", {"axis": 2, "mean": [1.0, 2.0], "variance": [4.0, 1.0]}, None, ("pictures", (2, 3, 2, 2))),
    ("Normalization", {"axis": [1, 2], "mean": [1.0, 2.0], "variance": [4.0, 1.0]}, None, ("pictures", (2, 3, 2, 2))),
    ("Discretization", {"bin_boundaries": [0.25, 0.5], "output_mode": "count"}, None, ("pictures", (2, 3, 4))),
    ("Hashing", {"num_bins": 5, "output_mode": "multi_hot"}, None, _FEW),
    ("Hashing", {"num_bins": 5, "dtype": "int32"}, None, _FEW),
    ("CategoryEncoding", {"num_tokens": 4, "output_mode": "count"}, None, _FEW),
]  # fmt: skip


def given(value: Any) -> np.ndarray:
    """What a layer is called on: numbers as they are, or drawn ones of a shape."""
    if isinstance(value, tuple):
        return np.random.default_rng(7).uniform(size=value[1]).astype("float32")
    return np.array(value)


def prepare(keras: Any, row: int) -> dict[str, Any]:
    """What one of the layers above makes of its data."""
    name, arguments, seen, inputs = PREPARING[row]
    layer = getattr(keras.layers, name)(**arguments)
    if seen is not None:
        layer.adapt(np.array(seen))
    result = np.asarray(layer(given(inputs)))
    return {"result": result.tolist(), "dtype": result.dtype.name}


def model_of(keras: Any, name: str) -> tuple[Any, np.ndarray]:
    """The model of a case, its weights set, and its inputs."""
    kind, layers = CASES[name]
    generator = np.random.default_rng(3)
    x = generator.normal(size=(ROWS, *SHAPES[kind])).astype("float32")
    if kind == "numbers":
        x = generator.integers(0, 6, (ROWS, *SHAPES[kind])).astype("int32")
    model = keras.Sequential([keras.Input(SHAPES[kind], dtype=x.dtype.name), *layers(keras)])
    generator = np.random.default_rng(5)
    for layer in model.layers:  # the order of the weights in a layer is not that of Keras 2
        for weight in sorted(layer.weights, key=lambda weight: _name(weight)):
            value = generator.uniform(-0.5, 0.5, weight.shape).astype("float32")
            positive = "variance" in weight.name or "stddev" in weight.name
            weight.assign(np.abs(value) + 0.25 if positive else value)
    return model, x


def _name(weight: Any) -> str:
    return str(weight.name).split("/")[-1].split(":")[0]
