"""``tf.keras.preprocessing.image``: pictures from files, and random changes of them for training."""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

_HERE = "tensorlet.keras.preprocessing.image"
_PLACES = {
    f"{_HERE}.affine": "apply_affine_transform",
    f"{_HERE}.augmentation": "apply_brightness_shift apply_channel_shift random_brightness random_channel_shift "
    "random_rotation random_shear random_shift random_zoom",
    f"{_HERE}.file_iterators": "DataFrameIterator DirectoryIterator",
    f"{_HERE}.generator": "ImageDataGenerator",
    f"{_HERE}.iterators": "Iterator NumpyArrayIterator",
    "tensorlet.keras.utils.image_dataset": "image_dataset_from_directory",
    "tensorlet.keras.utils.image_utils": "array_to_img img_to_array load_img save_img smart_resize",
}

__getattr__, __dir__ = lazy_names(__name__, _PLACES)
