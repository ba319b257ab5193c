"""Fashion-MNIST, read from the download folder of Keras."""

from __future__ import annotations

from tensorlet.datasets import mnist
from tensorlet.keras.utils.file_cache import cache_folder

FOLDER = "fashion-mnist"


def load_data() -> tuple[mnist.Split, mnist.Split]:
    """Loads images of clothes in the format of MNIST: ``(x_train, y_train), (x_test, y_test)``.

    The data is not included in the package, and nothing is downloaded: the four IDX files are read
    from ``~/.keras/datasets/fashion-mnist``, in the folder of Keras.

    Raises:
        FileNotFoundError: if they do not exist.
        FileFormatError: if one of them is damaged.

    Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine
    learning algorithms", 2017.
    """
    folder = cache_folder() / FOLDER
    if not folder.is_dir():
        raise FileNotFoundError(
            f"fashion_mnist.load_data: the folder {folder} does not exist, and Tensorlet does not download files. Put "
            f"the files {', '.join(mnist.SHA256)} of Fashion-MNIST there (zalandoresearch/fashion-mnist on GitHub)."
        )
    return mnist.load_data(folder)
