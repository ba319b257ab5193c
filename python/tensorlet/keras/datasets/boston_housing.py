"""Boston house prices, read from the download folder of Keras."""

from __future__ import annotations

import os

import numpy as np

from tensorlet.errors import FileFormatError, InvalidArgumentError
from tensorlet.formats.array_archive import read_arrays
from tensorlet.keras.utils.file_cache import cache_folder

Split = tuple[np.ndarray, np.ndarray]


def load_data(
    path: str | os.PathLike[str] = "boston_housing.npz", test_split: float = 0.2, seed: int = 113
) -> tuple[Split, Split]:
    """Loads 13 features and the price for 506 districts: ``(x_train, y_train), (x_test, y_test)``.

    The data is not included in the package, and nothing is downloaded: the file is read from
    ``~/.keras/datasets``, the folder of Keras. (One of the features is derived from the racial composition of
    the population; other data sets are more suitable for teaching.)

    Args:
        path: the name of the file in that folder, or its full path.
        test_split: the fraction of the rows for testing.
        seed: the seed of the order of the rows, which is the same as in Keras.

    Raises:
        FileNotFoundError: if the file does not exist.
        FileFormatError: if it is damaged.

    Source: D. Harrison and D. L. Rubinfeld, "Hedonic housing prices and the demand for clean air", 1978.
    """
    if not 0 <= test_split < 1:
        raise InvalidArgumentError(
            f"boston_housing.load_data: test_split={test_split!r}, expected a number from 0 to below 1."
        )
    file = cache_folder() / path
    if not file.is_file():
        raise FileNotFoundError(
            f"boston_housing.load_data: {file} does not exist, and Tensorlet does not download files. Put Keras's file "
            "boston_housing.npz there, or read another table with NumPy."
        )
    try:
        x, y = read_arrays(file, ("x", "y")).values()
    except FileFormatError as error:
        raise FileFormatError(
            f"{file} is not Keras's table of Boston house prices ({error}). Copy the file again."
        ) from error
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)  # the order of Keras
    x, y = x[order], y[order]
    first = int(len(x) * (1 - test_split))
    return (x[:first], y[:first]), (x[first:], y[first:])
