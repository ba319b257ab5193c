"""Writes ``fit.json``: what real Keras 2 makes of the cases of `fit_cases`.

python tests/golden/make_fit_golden.py            (needs: pip install tensorflow tf_keras)
"""

from __future__ import annotations

import json
from pathlib import Path

import tensorflow as tf
import tf_keras as keras
from fit_cases import CASES, plain

TARGET = Path(__file__).with_name("fit.json")


def rounded(value: object) -> object:
    """Seven digits of each number."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value


def main() -> None:
    """Writes the file: one line for each case."""
    lines = []
    for name, run in CASES.items():
        keras.backend.clear_session()
        lines.append(f"{json.dumps(name)}: {json.dumps(rounded(plain(run(tf, keras))))}")
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
