"""Makes ``sample_weights.json``: metrics and losses of TensorFlow 2.15 for the cases of ``weight_cases.py``.

Run it with a Python that has TensorFlow 2.15. What it refuses is null::

    python tests/golden/make_sample_weights.py
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import weight_cases as cases

HERE = Path(__file__).resolve().parent


def value_of(run: Callable[[], Any]) -> Any:
    """The result as JSON keeps it; None for an error."""
    try:
        return np.asarray(run(), np.float64).tolist()
    except (ValueError, TypeError, tf.errors.InvalidArgumentError):
        return None


def metric(name: str, arguments: dict[str, Any], given: tuple[Any, ...], weights: Any) -> Any:
    """The result of a metric after one batch."""
    made = getattr(tf.keras.metrics, name)(**arguments)
    made.update_state(*given, sample_weight=weights)
    return made.result()


def loss(name: str, reduction: str, shape: tuple[int, ...], weights: Any) -> Any:
    """A loss of one batch."""
    made = getattr(tf.keras.losses, name)(reduction=reduction)
    return made(cases.labels(shape), cases.array(shape, 2), sample_weight=weights)


found = {
    "metrics": {key: value_of(lambda row=row: metric(*row)) for key, *row in cases.metric_cases()},
    "losses": {key: value_of(lambda row=row: loss(*row)) for key, *row in cases.loss_cases()},
}
(HERE / "sample_weights.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
