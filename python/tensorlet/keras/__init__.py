"""The Keras-shaped names, each part imported when it is first used."""

from __future__ import annotations

import tensorlet.core.eager  # noqa: F401 - the interpreter that operations run under
from tensorlet.keras.config import KERAS_VERSION
from tensorlet.keras.lazy import lazy_names

__version__ = KERAS_VERSION

_PLACES = {
    "tensorlet.keras.models": "Model Sequential",
    "tensorlet.keras.layers": "Input Layer",
}

_MODULES = (
    "activations",
    "backend",
    "callbacks",
    "constraints",
    "datasets",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "preprocessing",
    "regularizers",
    "saving",
    "utils",
    "wrappers",
)

_ABSENT = {
    "dtensor": "Training uses the processor's threads by itself (TENSORLET_THREADS sets how many).",
    "estimator": "It was removed from TensorFlow. Use the model's fit.",
    "applications": "It comes with no pretrained networks; build the layers yourself.",
    "mixed_precision": "All arithmetic is float32 (or float64, with dtype='float64').",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES, _MODULES, _ABSENT)
