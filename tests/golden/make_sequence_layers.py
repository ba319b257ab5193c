"""Writes ``sequence_layers.json``: what real Keras 2 makes of the models of ``sequence_layer_cases.py``.

    python tests/golden/make_sequence_layers.py [NAME ...]      (needs TensorFlow 2.15)

Keras 2 is the judge; see ``make_keras_layers.py``. With names as arguments, only these cases are made anew.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import sequence_layer_cases
import stateful_cases
import tensorflow
from tensorflow import keras

TARGET = Path(__file__).with_name("sequence_layers.json")


def lines(cases: dict[str, Any]) -> str:
    """JSON with one line a case."""
    found = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in cases.items()]
    return "{\n" + ",\n".join(found) + "\n}"


def main() -> None:
    """Writes the file."""
    again = bool(sys.argv[1:]) and TARGET.exists()
    old = json.loads(TARGET.read_text(encoding="utf-8")) if again else {"cases": {}, "stateful": {}}
    wanted = sys.argv[1:] or [*sequence_layer_cases.CASES, *stateful_cases.NAMES]
    made: dict[str, dict[str, Any]] = {"cases": {}, "stateful": {}}
    for name in sequence_layer_cases.CASES:
        keras.backend.clear_session()
        fresh = name in wanted
        made["cases"][name] = sequence_layer_cases.run(tensorflow, keras, name) if fresh else old["cases"].get(name)
    for name in stateful_cases.NAMES:
        fresh = name in wanted
        made["stateful"][name] = stateful_cases.run(keras, name) if fresh else old["stateful"].get(name)
    version = json.dumps(f"TensorFlow {tensorflow.__version__}")
    text = f'{{"made_with": {version},\n"cases": {lines(made["cases"])},\n"stateful": {lines(made["stateful"])}}}\n'
    TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
