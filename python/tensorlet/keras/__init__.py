"""The Keras-shaped names, each part imported when it is first used."""

from __future__ import annotations

from typing import Any

import tensorlet.core.eager  # noqa: F401 - the interpreter that operations run under
from tensorlet.keras.absent_networks import AbsentNetworks
from tensorlet.keras.config import KERAS_VERSION
from tensorlet.keras.lazy import lazy_names

__version__ = KERAS_VERSION

_PLACES = {
    "tensorlet.keras.models": "Model Sequential",
    "tensorlet.keras.models.function": "Function",
    "tensorlet.keras.layers": "Input InputSpec Layer",
    "tensorlet.keras.dtype_policies": "DTypePolicy FloatDTypePolicy:DTypePolicy",
    "tensorlet.keras.initializers": "Initializer",
    "tensorlet.keras.layers.operators": "KerasTensor",  # with it come the layers of its operators
    "tensorlet.keras.losses": "Loss",
    "tensorlet.keras.metrics": "Metric",
    "tensorlet.keras.optimizers": "Optimizer",
    "tensorlet.keras.regularizers": "Regularizer",
    "tensorlet.keras.variables": "Variable:KerasVariable name_scope",
}

_MODULES = (
    "activations",
    "backend",
    "callbacks",
    "config",
    "constraints",
    "datasets",
    "dtype_policies",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "mixed_precision",
    "models",
    "ops",
    "optimizers",
    "preprocessing",
    "random",
    "regularizers",
    "saving",
    "tree",
    "utils",
    "wrappers",
)

_ABSENT = {
    "dtensor": "Training uses the processor's threads by itself (TENSORLET_THREADS sets how many).",
    "estimator": "It was removed from TensorFlow. Use the model's fit.",
    "applications": "It comes with no pretrained networks; build the layers yourself.",
    "distillation": "Train the small model on the predictions of the large one: student.fit(x, teacher.predict(x)).",
    "distribution": "Training uses the processor's threads by itself (TENSORLET_THREADS sets how many).",
    "quantizers": "Models are not quantized. Export to ONNX (model.export('model.onnx')) and quantize that file.",
    "visualization": "Draw pictures with matplotlib; tensorlet.plots has the plots of models and training.",
}


def version() -> str:
    """The version of Keras whose spellings and printed forms these are."""
    return __version__


_find, __dir__ = lazy_names(__name__, _PLACES, _MODULES, _ABSENT)


def __getattr__(name: str) -> Any:
    if name == "applications":  # packages name its networks when they are imported
        return AbsentNetworks("keras.applications", _ABSENT[name])
    if name == "__all__":
        return [*_find(name), "applications"]
    return _find(name)
