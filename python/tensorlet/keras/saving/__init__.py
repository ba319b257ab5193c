"""Saving and loading of models and weights, in the file formats of Keras."""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

_HERE = "tensorlet.keras.saving"
_PLACES = {
    f"{_HERE}.api": "save_model load_model save_weights load_weights",
    "tensorlet.keras.utils.serialization": "deserialize_keras_object serialize_keras_object",
    "tensorlet.keras.registry": "register_keras_serializable get_registered_name get_registered_object "
    "get_custom_objects CustomObjectScope custom_object_scope:CustomObjectScope",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES)
