"""Writes ``picture_layers.json``: what real Keras 2 makes of the models of ``picture_layer_cases.py``.

    python tests/golden/make_picture_layers.py      (needs TensorFlow 2.15, or another one with tf_keras)

Keras 2 is the judge; see ``make_keras_layers.py``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import tensorflow
from layer_cases import run
from picture_function_cases import FUNCTIONS, call
from picture_layer_cases import CASES, model_of

try:
    import tf_keras
except ImportError:
    import keras as tf_keras

TARGET = Path(__file__).with_name("picture_layers.json")


def rounded(value: object) -> object:
    """The same with seven digits."""
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value


def main() -> None:
    """Writes the file, one line a case; with names as arguments, only these cases anew."""
    wanted = sys.argv[1:] or list(CASES)
    known = json.loads(TARGET.read_text(encoding="utf-8"))["cases"] if sys.argv[1:] else {}
    functions = [json.dumps(rounded(call(tensorflow, case))) for case in FUNCTIONS]
    for name in wanted:
        known[name] = {key: rounded(value) for key, value in run(tf_keras, name, model_of).items()}
    cases = [f"{json.dumps(name)}: {json.dumps(known[name])}" for name in CASES]
    version = json.dumps(f"Keras {tf_keras.__version__}")
    text = ",\n".join(
        [
            f'{{"made_with": {version}',
            '"cases": {\n' + ",\n".join(cases) + "\n}",
            '"functions": [\n' + ",\n".join(functions) + "\n]}",
        ]
    )
    TARGET.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
