"""Makes ``keras.json``: what real Keras computes for the cases of ``keras_cases.py``.

Run it with a Python that has Keras 3 and JAX (the project itself needs neither)::

    KERAS_BACKEND=jax python tests/golden/make_keras_golden.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jax
import keras_cases as cases
import numpy as np

import keras

HERE = Path(__file__).resolve().parent
FIRST_ROWS = 5  # metrics see these rows first, then the others with weights


def numbers(value: Any) -> Any:
    """A value as JSON keeps it: float32 printed so that it comes back the same."""
    return np.asarray(value, np.float64).tolist()


def activations(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Each activation of a row of numbers and of a matrix."""
    return {
        cases.key(name, arguments): [
            numbers(getattr(keras.activations, name)(arrays[array], **arguments)) for array in ("x", "rows")
        ]
        for name, arguments in cases.ACTIVATIONS
    }


def losses(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Each loss: the rows', their mean, its gradient, and the weighted mean."""
    found = {}
    for name, arguments, true, predicted in cases.LOSSES:
        y_true, y_pred = arrays[true], arrays[predicted]
        make = getattr(keras.losses, name)
        rows = make(**arguments, reduction="none")(y_true, y_pred)
        entry = {"rows": numbers(rows), "mean": numbers(make(**arguments)(y_true, y_pred))}
        loss = make(**arguments)
        gradient = jax.grad(lambda y_pred, loss=loss, y_true=y_true: loss(y_true, y_pred))
        entry["gradient"] = numbers(gradient(jax.numpy.asarray(y_pred)))
        if np.shape(rows) == (8,):
            weighted = make(**arguments)(y_true, y_pred, sample_weight=arrays["weights"])
            entry["weighted"] = numbers(weighted)
        found[cases.key(name, arguments, true, predicted)] = entry
    return found


def metrics(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Each metric after some rows, and after the others with weights."""
    found = {}
    for name, arguments, true, predicted in cases.METRICS:
        y_true, y_pred = arrays[true], arrays[predicted]
        metric = getattr(keras.metrics, name)(**arguments)
        metric.update_state(y_true[:FIRST_ROWS], y_pred[:FIRST_ROWS])
        first = numbers(metric.result())
        metric.update_state(
            y_true[FIRST_ROWS:], y_pred[FIRST_ROWS:], sample_weight=arrays["weights"][FIRST_ROWS:]
        )
        found[cases.key(name, arguments, true, predicted)] = [first, numbers(metric.result()), metric.name]
    return found


def of_weights(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Each constraint and regularizer of a matrix."""
    return {
        cases.key(module, name, arguments): numbers(
            getattr(getattr(keras, module), name)(**arguments)(keras.ops.convert_to_tensor(arrays["matrix"]))
        )
        for module, name, arguments in cases.OF_WEIGHTS
    }


def main() -> None:
    arrays = cases.arrays()
    golden = {
        "made_with": f"Keras {keras.__version__} on {keras.backend.backend()}",
        "activations": activations(arrays),
        "losses": losses(arrays),
        "metrics": metrics(arrays),
        "of_weights": of_weights(arrays),
    }
    (HERE / "keras.json").write_text(json.dumps(golden, indent=None) + "\n", encoding="utf-8")
    print(f"wrote {HERE / 'keras.json'}")


if __name__ == "__main__":
    main()
