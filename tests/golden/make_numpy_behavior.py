"""Writes ``numpy_behavior.json``: what TensorFlow makes of tensors with NumPy's behaviour.

    python tests/golden/make_numpy_behavior.py      (needs TensorFlow 2.15)

The behaviour is set for a whole process, so each mode has one of its own.
"""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path
from typing import Any

import numpy_behavior_cases

TARGET = Path(__file__).with_name("numpy_behavior.json")


def _results(mode: str, prefer_float32: bool) -> dict[str, Any]:
    import tensorflow

    return numpy_behavior_cases.results(tensorflow, mode, prefer_float32)


def main() -> None:
    """Writes the file, one line a mode."""
    lines = []
    for mode, prefer in numpy_behavior_cases.MODES:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found = pool.apply(_results, (mode, prefer))
        lines.append(f"{json.dumps(f'{mode} {prefer}')}: {json.dumps(found)}")
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
