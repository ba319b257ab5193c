"""Writes ``sequence_layers.json``: what real Keras 2 makes of the models of ``sequence_layer_cases.py``.

    python tests/golden/make_sequence_layers.py [NAME ...]      (needs TensorFlow 2.15)

Keras 2 is the judge; see ``make_keras_layers.py``. With names as arguments, only these cases are made anew.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import tensorflow
from sequence_layer_cases import CASES, run
from tensorflow import keras

TARGET = Path(__file__).with_name("sequence_layers.json")


def main() -> None:
    """Writes the file, one line a case."""
    again = bool(sys.argv[1:]) and TARGET.exists()
    known = json.loads(TARGET.read_text(encoding="utf-8"))["cases"] if again else {}
    for name in sys.argv[1:] or CASES:
        tensorflow.keras.backend.clear_session()
        known[name] = run(tensorflow, keras, name)
    cases = [f"{json.dumps(name)}: {json.dumps(known[name])}" for name in CASES if name in known]
    version = json.dumps(f"TensorFlow {tensorflow.__version__}")
    text = f'{{"made_with": {version},\n"cases": {{\n' + ",\n".join(cases) + "\n}}\n"
    TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
