"""Writes ``keras3_layers.json``: what real Keras 3 makes of the models of ``keras3_layer_cases.py``.

    python tests/golden/make_keras3_layers.py [NAME ...]      (needs Keras 3; Tensorlet needs neither)

With names, only these cases are made anew.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from keras3_layer_cases import CASES, PREPARING, model_of, prepare
from layer_cases import run

import keras

TARGET = Path(__file__).with_name("keras3_layers.json")


def rounded(value: object) -> object:
    """The same with seven digits."""
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value


def main() -> None:
    """Writes the file, one line a case."""
    wanted = sys.argv[1:] or list(CASES)
    known = json.loads(TARGET.read_text(encoding="utf-8"))["cases"] if sys.argv[1:] else {}
    for name in wanted:
        known[name] = {key: rounded(value) for key, value in run(keras, name, model_of).items()}
    cases = [f"{json.dumps(name)}: {json.dumps(known[name])}" for name in CASES]
    version = json.dumps(f"Keras {keras.__version__}")
    prepared = [
        json.dumps({key: rounded(value) for key, value in prepare(keras, row).items()})
        for row in range(len(PREPARING))
    ]
    text = f'{{"made_with": {version},\n"cases": {{\n' + ",\n".join(cases) + "\n},\n"
    text += '"prepared": [\n' + ",\n".join(prepared) + "\n]}\n"
    TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
