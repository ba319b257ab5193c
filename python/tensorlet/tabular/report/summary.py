"""The report of a training as plain values, for JSON."""

from __future__ import annotations

import math
import time
from dataclasses import asdict
from typing import Any

from tensorlet.tabular.fitting import Fitted
from tensorlet.tabular.training import Result
from tensorlet.version_info import TENSORLET_VERSION

#: The number of test rows whose true and predicted numbers are kept for the plot.
PLOTTED = 1500


def summary_of(result: Result) -> dict[str, Any]:
    """Returns everything that the report shows, as plain values."""
    problem = result.problem
    split = problem.split
    found: dict[str, Any] = {
        "tensorlet": TENSORLET_VERSION,
        "file": problem.name,
        "format": problem.format,
        "date": time.strftime("%Y-%m-%d %H:%M", time.localtime(result.started)),
        "rows": problem.rows,
        "seed": result.plan.seed,
        "target": {
            "name": problem.target.name,
            "task": problem.target.task,
            "why": problem.target.why,
            "classes": problem.target.classes,
            "unit": problem.target.unit,
        },
        "split": {
            "training": problem.train_rows,
            "validation": len(split.validation),
            "test": len(split.test),
            "how": split.how,
        },
        "weights": result.plan.weights,
        "columns": [column.to_json() for column in problem.columns],
        "notes": [*problem.notes, *result.notes],
        "findings": [one.to_json() for one in result.findings],
        "best": result.best,
        "measures": {
            name: {key: asdict(one) for key, one in measures.items()}
            for name, measures in result.measures.items()
        },
        "seconds": {name: round(value, 3) for name, value in result.seconds.items()},
        "training": {name: _training(one) for name, one in result.fitted.items()},
        "importance": [one.to_json() for one in result.importance],
        "fingerprint": result.description.to_json()["fingerprint"],
    }
    found |= _errors(result)
    return _finite(found)


def _errors(result: Result) -> dict[str, Any]:
    """Returns what the sections about errors show."""
    problem = result.problem
    if problem.target.classes:
        return {
            "class_rows": problem.class_rows.tolist(),
            "confusion_matrix": result.confusion().tolist(),
            "calibration": result.calibration(),
        }
    test = problem.labels[problem.split.test][:PLOTTED]
    pairs = zip(test, result.predicted[:PLOTTED], strict=True)
    return {"predictions": [[float(truth), float(guess)] for truth, guess in pairs]}


def _training(one: Fitted) -> dict[str, Any]:
    return {
        "loss": one.losses,
        "validation_loss": one.validation_losses,
        "best_epoch": one.best_epoch,
        "learning_rate": one.learning_rate,
        "batch_size": one.batch_size,
        "parameters": int(one.network.whole.count_params()),
        "range_test": [[rate, loss] for rate, loss in one.tried],
    }


def _finite(value: Any) -> Any:
    """Replaces numbers that JSON cannot represent by None."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
