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


def write(made: dict[str, dict[str, Any]]) -> None:
    """Writes the file; real Keras takes minutes for all cases, so it is written after each of them."""
    version = json.dumps(f"TensorFlow {tensorflow.__version__}")
    parts = [f'"{kind}": {lines(cases)}' for kind, cases in made.items()]
    TARGET.write_text(f'{{"made_with": {version},\n' + ",\n".join(parts) + "}\n", encoding="utf-8")


def main() -> None:
    """Makes the cases."""
    old = json.loads(TARGET.read_text(encoding="utf-8")) if sys.argv[1:] and TARGET.exists() else {}
    wanted = sys.argv[1:] or [*stateful_cases.NAMES, *sequence_layer_cases.CASES]
    made: dict[str, dict[str, Any]] = {kind: dict(old.get(kind, {})) for kind in ("cases", "stateful")}
    for name in wanted:
        keras.backend.clear_session()
        if name in sequence_layer_cases.CASES:
            made["cases"][name] = sequence_layer_cases.run(tensorflow, keras, name)
        if name in stateful_cases.NAMES:
            made["stateful"][name] = stateful_cases.run(keras, name)
        write(made)


if __name__ == "__main__":
    main()
