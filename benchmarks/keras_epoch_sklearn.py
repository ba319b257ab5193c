"""The models of keras_epoch.py as scikit-learn's ``MLPClassifier``, one pass over the rows for each request.

python keras_epoch_sklearn.py DATA      (started by keras_epoch.py; needs scikit-learn and numpy only)

It adds its penalty to the loss and takes it before each batch as well; with ``alpha=0`` both are the same.
"""

from __future__ import annotations

import sys
import time
import warnings

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

from measure import reply, requests


def main(path: str) -> None:
    """Loads the data, then runs one epoch for each request."""
    with np.load(path) as archive:
        data = dict(archive)
    layers = int(data["layers"])
    pixels, labels = (data["images"] / 255.0).astype(np.float32), data["labels"]
    model = MLPClassifier(
        hidden_layer_sizes=[len(data[f"bias{layer}"]) for layer in range(layers - 1)],
        solver="adam",
        alpha=0.0,
        batch_size=int(data["batch_size"]),
        learning_rate_init=0.001,
        epsilon=1e-7,
        shuffle=False,
    )
    # Its own weights are drawn in the first call: one row, then ours take their places.
    with warnings.catch_warnings(action="ignore"):
        model.partial_fit(pixels[:1], labels[:1], classes=np.arange(10))
    model.coefs_[:] = [data[f"kernel{layer}"] for layer in range(layers)]
    model.intercepts_[:] = [data[f"bias{layer}"] for layer in range(layers)]
    del model._optimizer  # a new one knows nothing of that row
    for request in requests(version=f"scikit-learn {sklearn.__version__}"):
        order = data["orders"][request["epoch"]]
        shuffled, own = pixels[order], labels[order]
        start = time.perf_counter()
        model.partial_fit(shuffled, own)
        reply(seconds=time.perf_counter() - start, loss=float(model.loss_))


if __name__ == "__main__":
    main(*sys.argv[1:])
