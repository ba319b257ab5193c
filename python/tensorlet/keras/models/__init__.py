"""Models under their Keras names, each imported on first use."""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

_HERE = "tensorlet.keras.models"
_PLACES = {
    f"{_HERE}.model": "Model Functional",
    f"{_HERE}.sequential": "Sequential",
    f"{_HERE}.cloning": "clone_model model_from_config model_from_json",
    "tensorlet.keras.saving.api": "save_model load_model",
}

_ABSENT = {
    "Graph": "Use the functional Model(inputs, outputs).",
    "model_from_yaml": "Reading YAML can run code; use model.to_json() and model_from_json.",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES, absent=_ABSENT)
