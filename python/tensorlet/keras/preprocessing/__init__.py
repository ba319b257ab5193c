"""``tf.keras.preprocessing``: padding of sequences, and conversion of texts to integers."""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

_PLACES = {"tensorlet.keras.utils.dataset_tools": "timeseries_dataset_from_array"}
_ABSENT = {
    "image": "Prepare images with NumPy or Pillow, as arrays; divide pixels by 255 or use the Rescaling layer.",
    "image_dataset_from_directory": "Prepare images with NumPy or Pillow, as arrays.",
    "text_dataset_from_directory": "Read the files with Python, and convert the texts with text.Tokenizer.",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES, ("sequence", "text"), _ABSENT)
