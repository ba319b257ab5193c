"""The data sets of Keras: MNIST is included in the package, the others are read from Keras's folder."""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

_ABSENT = {
    "california_housing": "Read its table with NumPy or pandas and pass the arrays.",
    "iris": "It is not a data set of Keras. Read its table with NumPy or pandas and pass the arrays.",
    "kmnist": "Put its four IDX files in a folder and call tf.keras.datasets.mnist.load_data(path=folder).",
}
_SETS = ("boston_housing", "cifar10", "cifar100", "fashion_mnist", "imdb", "mnist", "reuters")

__getattr__, __dir__ = lazy_names(__name__, {}, _SETS, _ABSENT)
