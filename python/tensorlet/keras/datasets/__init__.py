"""The data sets under their Keras names: MNIST comes with the package, two others are read where they lie."""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

_PICTURES = (
    "It is not here: its colour pictures want convolutions, for which use TensorFlow itself. mnist and fashion_mnist "
    "are there."
)
_TEXTS = (
    "It is not here: its file holds pickled objects, and reading those could run anything. Turn texts of your own into "
    "numbers with tf.keras.preprocessing.text.Tokenizer."
)
_ABSENT = {
    "california_housing": "Read its table with NumPy or pandas and pass the arrays.",
    "cifar10": _PICTURES,
    "cifar100": _PICTURES,
    "imdb": _TEXTS,
    "iris": "It is no data set of Keras's. Read its table with NumPy or pandas and pass the arrays.",
    "kmnist": "Put its four IDX files in a folder and call tf.keras.datasets.mnist.load_data(path=folder).",
    "reuters": _TEXTS,
}

__getattr__, __dir__ = lazy_names(__name__, {}, ("boston_housing", "fashion_mnist", "mnist"), _ABSENT)
