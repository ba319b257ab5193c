"""MNIST: 70,000 grayscale images of handwritten digits, 28 by 28 pixels, by LeCun, Cortes and Burges.

The four original files are part of the package; ``files/mnist/NOTICE`` contains their license
(CC BY-SA 3.0). The module has the interface of ``tf.keras.datasets.mnist``.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from tensorlet.datasets.idx import read_idx
from tensorlet.errors import FileFormatError, InvalidArgumentError

SHIPPED = Path(__file__).parent / "files" / "mnist"
SHA256 = {
    "train-images-idx3-ubyte.gz": "0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971",
    "train-labels-idx1-ubyte.gz": "1787548bbe0bff1ec2ecdc0ef292b02df999e2d1a6002d27500982c652b17203",
    "t10k-images-idx3-ubyte.gz": "1a1a05eab793c14bb050b398624a11b0ffd1a2953baed553b1b9bd079e2a20be",
    "t10k-labels-idx1-ubyte.gz": "b91679a0acfe4ba0e50a2437a903084cba1f5f92592b016a25a7dfd00455798b",
}

Split = tuple[np.ndarray, np.ndarray]


def load_data(path: str | os.PathLike[str] = "mnist.npz") -> tuple[Split, Split]:
    """Loads the digits: ``(x_train, y_train), (x_test, y_test)``.

    ``x_train`` has shape ``(60000, 28, 28)`` and ``x_test`` shape ``(10000, 28, 28)``, both uint8,
    with 0 for paper and 255 for ink. ``y_train`` and ``y_test`` are the digits 0 to 9, uint8.

    Args:
        path: a file name without folder, which Keras would download; it is accepted, and
            the digits included in the package are loaded. Or a folder with four IDX files
            with the usual names, compressed or not, such as those of Fashion-MNIST.

    Raises:
        FileFormatError: if a file is truncated, corrupted or has another format than its name states.
        InvalidArgumentError: if ``path`` is neither a file name without folder nor a folder.
        FileNotFoundError: if one of the files is missing in the folder.

    Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to
    document recognition", *Proceedings of the IEEE* 86(11), 1998.

    >>> import tensorlet as tf
    >>> (x_train, y_train), (x_test, y_test) = tf.keras.datasets.mnist.load_data()
    >>> x_train.shape, y_train[:5]
    ((60000, 28, 28), array([5, 0, 4, 1, 9], dtype=uint8))
    """
    folder = _folder(path)
    if folder is None:
        for name in SHA256:
            _check_shipped(name)
        folder = SHIPPED
    return _read_split(folder, "train"), _read_split(folder, "t10k")


def _folder(path: str | os.PathLike[str]) -> Path | None:
    """Returns the folder of the caller, or None for the files in the package."""
    given = Path(path)
    if given.is_dir():
        return given
    if len(given.parts) == 1 and given.suffix == ".npz" and not given.exists():
        return None
    if given.parts == ("mnist.npz",):
        return None
    raise InvalidArgumentError(
        f"mnist.load_data: path is {os.fspath(path)!r}, which is not a folder. Omit it to load "
        "the digits included in the package, or pass a folder that contains " + ", ".join(SHA256) + "."
    )


def _check_shipped(name: str) -> None:
    file = SHIPPED / name
    if not file.exists():
        raise FileNotFoundError(f"{file}: this file of the package is missing. Reinstall tensorlet.")
    import hashlib  # loads OpenSSL, which is only needed here

    if hashlib.sha256(file.read_bytes()).hexdigest() != SHA256[name]:
        raise FileFormatError(
            f"{file}: the SHA-256 checksum does not match, because the file is damaged. Reinstall tensorlet."
        )


def _read_split(folder: Path, prefix: str) -> Split:
    images_file = _find(folder, f"{prefix}-images", 3)
    labels_file = _find(folder, f"{prefix}-labels", 1)
    images, labels = read_idx(images_file), read_idx(labels_file)
    _check_kind(images, 3, images_file)
    _check_kind(labels, 1, labels_file)
    if len(images) != len(labels):
        raise FileFormatError(
            f"{images_file} has {len(images):,} images but {labels_file} has {len(labels):,} labels; "
            "expected one label per image. Use both files of the same data set."
        )
    return images, labels


def _find(folder: Path, stem: str, axes: int) -> Path:
    names = [f"{stem}-idx{axes}-ubyte.gz", f"{stem}-idx{axes}-ubyte", f"{stem}.idx{axes}-ubyte"]
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(
        f"{folder}: this folder contains none of {', '.join(names)}. Copy one of them there."
    )


def _check_kind(array: np.ndarray, axes: int, file: Path) -> None:
    if array.dtype != np.uint8 or array.ndim != axes:
        raise FileFormatError(
            f"{file} contains {array.dtype} with shape {array.shape}; expected uint8 with {axes} axes. "
            "The content of the file does not match its name."
        )
