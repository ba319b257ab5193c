"""Writes ``keras_training.json``: histories and weights of small trainings with real Keras.

    KERAS_BACKEND=jax python tests/golden/make_keras_training.py      (needs: pip install keras jax)

The cases stand in `training_cases`: fixed weights at the start, rows in their order.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")

from training_cases import CASES, train

import keras

TARGET = Path(__file__).with_name("keras_training.json")


def rounded(value: object) -> object:
    """Eight digits of each number."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.8g}")


def main() -> None:
    """Writes the file."""
    found = {"keras": keras.__version__, "cases": {name: rounded(train(keras, name)) for name in CASES}}
    TARGET.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
