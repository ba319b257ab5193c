"""One side of estimators.py.

python estimators_worker.py DATA tensorlet|scikit-learn      (started by estimators.py)
"""

from __future__ import annotations

import sys
import time
import warnings
from typing import Any

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier

from measure import reply, requests

BATCH = 200


def estimator_of(library: str, what: str, epochs: int, rows: int) -> Any:
    """The estimator of a library, for ``"mlp"`` or ``"softmax"``."""
    never: dict[str, Any] = {"tol": 0.0, "n_iter_no_change": 10_000}
    if what == "mlp":
        options: dict[str, Any] = {
            "hidden_layer_sizes": (100,),
            "batch_size": BATCH,
            "max_iter": epochs,
            "random_state": 0,
            **never,
        }
        if library == "tensorlet":
            import tensorlet.sklearn

            return tensorlet.sklearn.MLPClassifier(**options)
        return MLPClassifier(**options)
    if library == "tensorlet":
        import tensorlet.sklearn

        # The same objective as that of LogisticRegression with C=1.
        return tensorlet.sklearn.SoftmaxClassifier(
            alpha=BATCH / rows, batch_size=BATCH, max_iter=epochs, random_state=0, **never
        )
    return LogisticRegression(max_iter=epochs)


def main(path: str, library: str) -> None:
    """Answers with the seconds of `fit`, the loss on the training rows, and the accuracy on test rows."""
    with np.load(path) as archive:
        data = dict(archive)
    warnings.simplefilter("ignore")
    version = f"scikit-learn {sklearn.__version__}"
    if library == "tensorlet":
        import tensorlet

        version = f"tensorlet {tensorlet.__version__}"
    for request in requests(version=version):
        model = estimator_of(library, request["what"], request["epochs"], len(data["x"]))
        start = time.perf_counter()
        model.fit(data["x"], data["y"])
        seconds = time.perf_counter() - start
        accuracy = float((model.predict(data["held_x"]) == data["held_y"]).mean())
        loss = float(log_loss(data["y"], model.predict_proba(data["x"]).astype(float)))
        error = (accuracy * (1 - accuracy) / len(data["held_y"])) ** 0.5
        reply(seconds=seconds, accuracy=accuracy, loss=loss, error=error)


if __name__ == "__main__":
    main(*sys.argv[1:])
