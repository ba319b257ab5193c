"""The data sets under their Keras names."""

from __future__ import annotations

from typing import NoReturn

from tensorlet.errors import UnknownNameError
from tensorlet.keras.datasets import mnist

__all__ = ["mnist"]

_MNIST_RELATIVES = ("fashion_mnist", "kmnist")


def __getattr__(name: str) -> NoReturn:
    if name.startswith("__"):
        raise AttributeError(name)  # Python itself asks: __path__, __wrapped__ and the like
    mend = "Read your own file with NumPy and pass the arrays."
    if name in _MNIST_RELATIVES:
        mend = "Put its four IDX files in a folder and call tf.keras.datasets.mnist.load_data(path=folder)."
    raise UnknownNameError(
        f"tf.keras.datasets.{name} does not come with Tensorlet, which downloads nothing; mnist does. {mend}"
    )
