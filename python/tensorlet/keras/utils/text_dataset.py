"""`text_dataset_from_directory`: batches of the texts in a folder."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlet.core.signature import TensorSpec
from tensorlet.dtypes import string
from tensorlet.keras.utils.dataset_tools import require_tf_format
from tensorlet.keras.utils.directory_files import Options, datasets_from_directory


def text_dataset_from_directory(
    directory: Any, labels: Any = "inferred", label_mode: str | None = "int", class_names: Any = None,
    batch_size: int | None = 32, max_length: int | None = None, shuffle: bool = True, seed: int | None = None,
    validation_split: float | None = None, subset: str | None = None, follow_links: bool = False, verbose: bool = True,
    format: str = "tf",
) -> Any:  # fmt: skip
    """Batches of the texts in a folder, which has one folder for each class.

    Args:
        directory: the folder. Files that end in .txt are read.
        labels, label_mode, class_names, batch_size, shuffle, seed, validation_split, subset, follow_links, verbose:
            see `tf.keras.utils.image_dataset_from_directory`.
        format: only ``"tf"``, a `tf.data.Dataset`.
        max_length: the most bytes of a text; the rest is left out.

    Returns:
        A dataset of (texts, labels), string tensors of shape [batch].

    Raises:
        InvalidArgumentError: for arguments that do not fit together, and if there are no texts.
        NotFoundError: if the folder does not exist.

    >>> import os, tempfile
    >>> import tensorlet as tf
    >>> folder = tempfile.mkdtemp()
    >>> tf.io.write_file(os.path.join(folder, "good", "1.txt"), "well done")
    >>> tf.io.write_file(os.path.join(folder, "bad", "1.txt"), "a bore")
    >>> texts = tf.keras.utils.text_dataset_from_directory(folder, shuffle=False)
    Found 2 files belonging to 2 classes.
    >>> [(x.numpy().tolist(), y.numpy().tolist()) for x, y in texts]
    [([b'a bore', b'well done'], [0, 1])]
    """
    require_tf_format("text_dataset_from_directory", format)

    def load(path: str) -> np.ndarray:
        with open(path, "rb") as file:
            return np.array(file.read() if max_length is None else file.read(max_length), object)

    options = Options(
        "text_dataset_from_directory", labels, label_mode, class_names, batch_size, shuffle, seed, validation_split,
        subset, follow_links, verbose,
    )  # fmt: skip
    return datasets_from_directory(directory, (".txt",), options, "texts", load, TensorSpec((), string))
