"""Writes ``keras3_training.json``: 50 steps of convolutional and recurrent networks in real Keras 3.

    python tests/golden/make_keras3_training.py [NAME ...]      (needs Keras 3 on TensorFlow)

The models are those of ``picture_layer_cases.py`` and ``sequence_layer_cases.py``, trained with SGD and with Adam. With
names as arguments, only these cases are made anew.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import keras3_training_cases

import keras

TARGET = Path(__file__).with_name("keras3_training.json")


def main() -> None:
    """Writes the file, one line a case."""
    names = keras3_training_cases.CASES
    known = json.loads(TARGET.read_text(encoding="utf-8"))["cases"] if TARGET.exists() else {}
    for name in sys.argv[1:] or names:
        keras.backend.clear_session()
        known[name] = keras3_training_cases.trained(keras, name)
        lines = [f"{json.dumps(one)}: {json.dumps(known[one])}" for one in names if one in known]
        head = f'"made_with": {json.dumps("Keras " + keras.__version__)}'
        TARGET.write_text("{" + head + ', "cases": {\n' + ",\n".join(lines) + "\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
