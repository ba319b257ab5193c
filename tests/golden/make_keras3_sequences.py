"""Writes ``keras3_sequences.json``: what real Keras 3 makes of layers for pictures and sequences.

    python tests/golden/make_keras3_sequences.py      (needs Keras 3 on TensorFlow)

The models are those of ``picture_layer_cases.py`` and ``sequence_layer_cases.py``. Cases with options
that Keras 3 no longer has are left out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import picture_layer_cases
import sequence_layer_cases
import tensorflow

import keras

TARGET = Path(__file__).with_name("keras3_sequences.json")


def main() -> None:
    """Writes the file, one line a case."""
    lines = []
    for cases in (picture_layer_cases, sequence_layer_cases):
        for name in cases.CASES:
            try:
                found: dict[str, Any] = sequence_layer_cases.forward_and_gradients(
                    tensorflow, *cases.model_of(keras, name)
                )
            except (TypeError, ValueError, AttributeError, NotImplementedError) as error:
                print(f"left out: {name}: {str(error)[:100]}")
                continue
            lines.append(f"{json.dumps(name)}: {json.dumps(found)}")
    head = f'"made_with": {json.dumps("Keras " + keras.__version__)}'
    TARGET.write_text("{" + head + ', "cases": {\n' + ",\n".join(lines) + "\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
