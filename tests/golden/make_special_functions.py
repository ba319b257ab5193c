"""Writes ``special_functions.json``: the special functions of TensorFlow 2.15 and their gradients.

python tests/golden/make_special_functions.py      (needs: pip install tensorflow==2.15)
"""

from __future__ import annotations

import json
from pathlib import Path

import tensorflow as tf
from special_function_cases import CASES, values_and_gradients

TARGET = Path(__file__).with_name("special_functions.json")


def main() -> None:
    """Writes the file."""
    functions = {}
    for name in CASES:
        value, gradients = values_and_gradients(tf, name)
        lists = [None if one is None else one.tolist() for one in gradients]
        functions[name] = {"value": value.tolist(), "gradients": lists}
    golden = {"made_with": "TensorFlow 2.15", "functions": functions}
    TARGET.write_text(json.dumps(golden, indent=None) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
