"""Writes ``fit.json`` and ``fit_options.json``: the results of real Keras 2 for `fit_cases` and `fit_option_cases`.

python tests/golden/make_fit_golden.py            (needs: pip install tensorflow tf_keras)
"""

from __future__ import annotations

import json
from pathlib import Path

import tensorflow as tf
import tf_keras as keras
from fit_cases import CASES, plain
from fit_option_cases import CASES as OPTION_CASES

FOLDER = Path(__file__).parent


def rounded(value: object) -> object:
    """Seven digits of each number."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value


def main() -> None:
    """Writes the files: one line for each case."""
    for file, cases in (("fit.json", CASES), ("fit_options.json", OPTION_CASES)):
        lines = []
        for name, run in cases.items():
            keras.backend.clear_session()
            lines.append(f"{json.dumps(name)}: {json.dumps(rounded(plain(run(tf, keras))))}")
        (FOLDER / file).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
