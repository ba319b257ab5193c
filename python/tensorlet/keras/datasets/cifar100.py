"""CIFAR-100: 60,000 colour pictures of 100 kinds of things, read from the download folder of Keras."""

from __future__ import annotations

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.datasets.cached_files import Archive
from tensorlet.keras.datasets.cifar10 import Split, batch_of


def load_data(label_mode: str = "fine") -> tuple[Split, Split]:
    """Loads the pictures: ``(x_train, y_train), (x_test, y_test)``, with the shapes of `cifar10.load_data`.

    Nothing is downloaded: the folder ``cifar-100-python``, or the archive ``cifar-100-python.tar.gz`` as it is, is
    read from ``~/.keras/datasets``. The files are pickled; they are read as data, and no code in them is run.

    Args:
        label_mode: ``"fine"`` for 100 labels, ``"coarse"`` for 20.

    Raises:
        FileNotFoundError: if there are no files; the message says which file to put where.
        FileFormatError: if one of them is damaged.

    Source: A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
    """
    if label_mode not in ("fine", "coarse"):
        raise InvalidArgumentError(
            f"cifar100.load_data: label_mode={label_mode!r}, but 'fine' or 'coarse' is expected."
        )
    folder = "cifar-100-python"
    archive = Archive(
        "cifar100.load_data", folder, (f"{folder}.tar.gz",),
        f"https://www.cs.toronto.edu/~kriz/{folder}.tar.gz",
    )  # fmt: skip
    train, test = archive.read(["train", "test"])
    key = f"{label_mode}_labels"
    return batch_of(train, key, f"{folder}/train"), batch_of(test, key, f"{folder}/test")
