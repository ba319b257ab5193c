"""Writes ``keras_layers.json``: what real Keras 2 makes of the models of ``layer_cases.py``.

    python tests/golden/make_keras_layers.py      (needs: pip install tensorflow tf_keras)

Keras 2 is the judge, and not Keras 3, because programs for TensorFlow 2.0 to 2.15 ran on it; the two differ, for
example, in what an activity regularizer is divided by.
"""

from __future__ import annotations

import json
from pathlib import Path

import tf_keras
from layer_cases import NAMES, PREPARING, prepare, run

TARGET = Path(__file__).with_name("keras_layers.json")


def main() -> None:
    """Writes the file, one line a case."""
    models = [f"{json.dumps(name)}: {json.dumps(run(tf_keras, name))}" for name in NAMES]
    prepared = [json.dumps(prepare(tf_keras, row)) for row in range(len(PREPARING))]
    version = json.dumps(f"tf_keras {tf_keras.__version__}")
    text = ",\n".join(
        [
            f'{{"made_with": {version}',
            '"cases": {\n' + ",\n".join(models) + "\n}",
            '"prepared": [\n' + ",\n".join(prepared) + "\n]}",
        ]
    )
    TARGET.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
