"""``tf.keras.preprocessing``: pictures, padding of sequences, and conversion of texts to integers."""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

_PLACES = {
    "tensorlet.keras.utils.dataset_tools": "timeseries_dataset_from_array",
    "tensorlet.keras.utils.image_dataset": "image_dataset_from_directory",
    "tensorlet.keras.utils.text_dataset": "text_dataset_from_directory",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES, ("image", "sequence", "text"))
