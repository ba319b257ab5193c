"""CIFAR-10: 60,000 colour pictures of 10 kinds of things, read from the download folder of Keras."""

from __future__ import annotations

import numpy as np

from tensorlet.errors import FileFormatError
from tensorlet.formats.pickled_arrays import read_pickled
from tensorlet.keras import config
from tensorlet.keras.datasets.cached_files import Archive

Split = tuple[np.ndarray, np.ndarray]
SIZE = 32


def load_data() -> tuple[Split, Split]:
    """Loads the pictures: ``(x_train, y_train), (x_test, y_test)``.

    ``x_train`` has shape (50000, 32, 32, 3) and ``x_test`` (10000, 32, 32, 3), both uint8. The labels, of shape
    (50000, 1) and (10000, 1), are 0 airplane, 1 automobile, 2 bird, 3 cat, 4 deer, 5 dog, 6 frog, 7 horse, 8 ship,
    9 truck.

    Nothing is downloaded: the folder ``cifar-10-batches-py``, or the archive ``cifar-10-python.tar.gz`` as it is, is
    read from ``~/.keras/datasets``. The files are pickled; they are read as data, and no code in them is run.

    Raises:
        FileNotFoundError: if there are no files; the message says which file to put where.
        FileFormatError: if one of them is damaged.

    Source: A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
    """
    folder = "cifar-10-batches-py"
    archive = Archive(
        "cifar10.load_data", folder, ("cifar-10-python.tar.gz", f"{folder}.tar.gz"),
        "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    )  # fmt: skip
    names = [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]
    parts = [
        batch_of(content, "labels", f"{folder}/{name}")
        for name, content in zip(names, archive.read(names), strict=True)
    ]
    x_train = np.concatenate([x for x, _ in parts[:-1]])
    y_train = np.concatenate([y for _, y in parts[:-1]]).astype(np.uint8)
    return (x_train, y_train), parts[-1]


def batch_of(content: bytes, key: str, name: str) -> Split:
    """The pictures and labels of a pickled file of CIFAR-10 or CIFAR-100.

    Args:
        content: of the file.
        key: of the labels: ``"labels"``, ``"fine_labels"`` or ``"coarse_labels"``.
        name: of the file, for messages.

    Raises:
        FileFormatError: if it has other contents.
    """
    found = read_pickled(content, name)
    items = found.items() if isinstance(found, dict) else ()
    table = {one.decode("latin1") if isinstance(one, bytes) else one: value for one, value in items}
    pixels, labels = table.get("data"), table.get(key)
    if not isinstance(pixels, np.ndarray) or not (
        pixels.dtype == np.uint8 and pixels.ndim == 2 and pixels.shape[1] == 3 * SIZE * SIZE
        and isinstance(labels, list) and len(labels) == len(pixels)
    ):  # fmt: skip
        raise FileFormatError(
            f"{name}: the file has no pictures of 32 x 32 pixels with {key}. Copy it again."
        )
    pictures = pixels.reshape(-1, 3, SIZE, SIZE)
    if config.image_data_format() == "channels_last":
        pictures = pictures.transpose(0, 2, 3, 1)
    return np.array(pictures), np.array(labels).reshape(-1, 1)
