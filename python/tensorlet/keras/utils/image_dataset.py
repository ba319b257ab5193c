"""`image_dataset_from_directory`: batches of the pictures in a folder."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlet.core.signature import TensorSpec
from tensorlet.datasets.image_files import read_picture
from tensorlet.dtypes import float32
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.utils.dataset_tools import require_tf_format
from tensorlet.keras.utils.directory_files import Options, datasets_from_directory
from tensorlet.keras.utils.image_utils import checked_data_format, smart_resize
from tensorlet.ops.image_resizing import resize, resize_method, resize_with_pad

FORMATS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}


def image_dataset_from_directory(
    directory: Any, labels: Any = "inferred", label_mode: str | None = "int", class_names: Any = None,
    color_mode: str = "rgb", batch_size: int | None = 32, image_size: tuple[int, int] = (256, 256),
    shuffle: bool = True, seed: int | None = None, validation_split: float | None = None, subset: str | None = None,
    interpolation: str = "bilinear", follow_links: bool = False, crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False, data_format: str | None = None, verbose: bool = True,
    format: str = "tf",
) -> Any:  # fmt: skip
    """Batches of the pictures in a folder, which has one folder for each class.

    Args:
        directory: the folder. Files that end in .bmp, .gif, .jpeg, .jpg or .png are read.
        labels: ``"inferred"`` from the folders, None for no labels, or an integer for each file in the order of
            their paths.
        label_mode: ``"int"`` for integers, ``"categorical"`` for one-hot rows, ``"binary"`` for floats 0 and 1 of
            shape [batch, 1], None for no labels.
        class_names: the names of the folders, in the order of their labels; alphabetical by default.
        color_mode: ``"rgb"``, ``"rgba"`` or ``"grayscale"``.
        batch_size: the pictures of a batch; None for single pictures.
        image_size: the height and width to which all pictures are resized.
        shuffle: whether the files are shuffled, once here and nearby ones in each epoch.
        seed: of the order.
        validation_split: the part of the files that is kept for validation.
        subset: ``"training"``, ``"validation"``, or ``"both"`` for a list of both.
        interpolation: the ``method`` of `tf.image.resize`.
        follow_links: whether linked folders are searched.
        crop_to_aspect_ratio, pad_to_aspect_ratio: keep the proportions of pictures by cutting edges off, or by
            adding zeros around them.
        data_format: ``"channels_last"`` or ``"channels_first"``.
        verbose: whether the number of files is printed.
        format: only ``"tf"``, a `tf.data.Dataset`.

    Returns:
        A dataset of (pictures, labels), float32 of shape [batch, height, width, channels] with numbers from 0 to
        255. Its attributes ``class_names`` and ``file_paths`` are lists.

    Raises:
        InvalidArgumentError: for arguments that do not fit together, and if there are no pictures.
        NotFoundError: if the folder does not exist.
        ImportError: if Pillow, which reads all formats but PNG, is not installed.

    >>> import os, tempfile
    >>> import numpy as np
    >>> import tensorlet as tf
    >>> folder = tempfile.mkdtemp()
    >>> for name, value in (("dark", 0), ("light", 255)):
    ...     os.mkdir(os.path.join(folder, name))
    ...     path = os.path.join(folder, name, "1.png")
    ...     tf.keras.utils.save_img(path, np.full((4, 4, 3), value), scale=False)
    >>> pictures = tf.keras.utils.image_dataset_from_directory(folder, image_size=(2, 2), shuffle=False)
    Found 2 files belonging to 2 classes.
    >>> pictures.class_names
    ['dark', 'light']
    >>> [(x.shape.as_list(), y.numpy().tolist()) for x, y in pictures]
    [([2, 2, 2, 3], [0, 1])]
    """
    require_tf_format("image_dataset_from_directory", format)
    name = "image_dataset_from_directory"
    if color_mode not in CHANNELS:
        raise InvalidArgumentError(
            f"{name}: color_mode={color_mode!r}, but 'rgb', 'rgba' or 'grayscale' is expected."
        )
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise InvalidArgumentError(f"{name}: pass only one of crop_to_aspect_ratio and pad_to_aspect_ratio.")
    method = resize_method(name, interpolation)
    first = checked_data_format(name, data_format) == "channels_first"
    height, width = (int(one) for one in image_size)
    channels = CHANNELS[color_mode]

    def load(path: str) -> np.ndarray:
        pixels = read_picture(name, path, channels)
        if crop_to_aspect_ratio:
            resized: Any = smart_resize(pixels, (height, width), method)
        elif pad_to_aspect_ratio:
            resized = resize_with_pad(pixels, height, width, method)
        else:
            resized = resize(pixels, (height, width), method)
        array = np.asarray(resized, np.float32)
        return np.ascontiguousarray(array.transpose(2, 0, 1)) if first else array

    options = Options(
        name,
        labels,
        label_mode,
        class_names,
        batch_size,
        shuffle,
        seed,
        validation_split,
        subset,
        follow_links,
        verbose,
    )
    shape = (channels, height, width) if first else (height, width, channels)
    return datasets_from_directory(directory, FORMATS, options, "pictures", load, TensorSpec(shape, float32))
