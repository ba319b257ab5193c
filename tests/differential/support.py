"""What a random program sees besides Keras, and how its outcome becomes JSON.

A program is Python text that uses ``tf``, ``keras``, ``np`` and the functions of ``Support``. The same text runs
on Tensorlet and on the real Keras; `run` returns what it recorded, and the line of its error if it ended with one.
"""

from __future__ import annotations

import itertools
import math
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import Any

import numpy as np

_NUMBERS = itertools.count()


def uniform(shape: tuple[int, ...], seed: int, low: float = -1.0, high: float = 1.0) -> Any:
    """Random float32 numbers that follow from the seed."""
    return np.random.default_rng(seed).uniform(low, high, shape).astype("float32")


def integers(shape: tuple[int, ...], seed: int, below: int) -> Any:
    """Random int32 numbers that follow from the seed."""
    return np.random.default_rng(seed).integers(0, below, shape).astype("int32")


def one_hot(classes: Any, depth: int) -> Any:
    return np.eye(depth, dtype="float32")[classes]


def fill(model: Any) -> None:
    """Gives every weight a value that follows from its place and shape, whatever the initializers drew."""
    values = []
    for place, weight in enumerate(model.weights):
        name = weight.name + str(getattr(weight, "path", ""))
        low = 0.4 if "variance" in name or "gamma" in name else -0.8
        values.append(uniform(tuple(weight.shape), 1000 + place, low))
    model.set_weights(values)


def plain(value: Any) -> Any:
    """A value as JSON: numbers, lists and dictionaries."""
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if value is None or isinstance(value, (bool, str)):
        return value
    array = np.asarray(value)
    if array.dtype.kind in "OSU":
        return str(value)
    return [plain(part) for part in array] if array.ndim else _number(float(array))


def _number(value: float) -> float | str:
    return float(f"{value:.7g}") if math.isfinite(value) else str(value)


def run(text: str, tf: Any, keras: Any) -> dict[str, Any]:
    """Runs a program; returns ``{"records": [[name, value], ...], "error": None or {"line", "type", "message"}}``."""
    records: list[list[Any]] = []
    error = None
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = (
            Path(folder) / f"program_{next(_NUMBERS)}.py"
        )  # a file, so that control flow can be converted
        source.write_text(text)
        space = {"tf": tf, "keras": keras, "np": np, "__name__": "__main__"}
        space.update(uniform=uniform, integers=integers, one_hot=one_hot, fill=fill)
        space["path"] = lambda name: str(Path(folder) / name)
        space["record"] = lambda name, value: records.append([name, plain(value)])
        keras.backend.clear_session()
        try:
            exec(compile(text, str(source), "exec"), space)
        except Exception as caught:
            lines = [frame.lineno for frame in traceback.extract_tb(caught.__traceback__)
                     if frame.filename == str(source)]  # fmt: skip
            line = lines[0] if lines else 0
            error = {"line": line, "type": type(caught).__name__, "message": str(caught)[:300]}
    return {"records": records, "error": error}
