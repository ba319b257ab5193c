"""The configuration of a model as JSON text."""

from __future__ import annotations

import json
from typing import Any

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.config import KERAS_VERSION
from tensorlet.keras.generations import spelled_for
from tensorlet.keras.layers.base import Layer


def to_json(model: Layer, **options: Any) -> str:
    """Returns the configuration of a model as JSON text; ``options`` are passed to `json.dumps`.

    >>> import tensorlet as tf
    >>> text = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,))]).to_json()
    >>> tf.keras.models.model_from_json(text).output_shape
    (None, 2)
    """
    described = {
        "class_name": type(model).__name__,
        "config": spelled_for(2, model.get_config()),
        "keras_version": KERAS_VERSION,
        "backend": "tensorflow",
    }
    return json.dumps(described, default=plain_json, **options)


def plain_json(value: object) -> object:
    """Converts values that JSON cannot represent: NumPy scalars and arrays to numbers and lists."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise InvalidArgumentError(
        f"to_json: the configuration contains {value!r} of type {type(value).__name__}, which JSON cannot "
        "represent. Return numbers, strings, lists and dictionaries from get_config."
    )
