"""The data sets of Keras: MNIST is included in the package, two others are read from Keras's folder."""

from __future__ import annotations

from tensorlet.keras.lazy import lazy_names

_PICTURES = (
    "It is not included, because color images need convolutional layers; use TensorFlow. mnist and "
    "fashion_mnist are included."
)
_TEXTS = (
    "It is not included, because its file contains pickled objects, and reading them can run any code. Convert your "
    "own texts to integers with tf.keras.preprocessing.text.Tokenizer."
)
_ABSENT = {
    "california_housing": "Read its table with NumPy or pandas and pass the arrays.",
    "cifar10": _PICTURES,
    "cifar100": _PICTURES,
    "imdb": _TEXTS,
    "iris": "It is not a data set of Keras. Read its table with NumPy or pandas and pass the arrays.",
    "kmnist": "Put its four IDX files in a folder and call tf.keras.datasets.mnist.load_data(path=folder).",
    "reuters": _TEXTS,
}

__getattr__, __dir__ = lazy_names(__name__, {}, ("boston_housing", "fashion_mnist", "mnist"), _ABSENT)
