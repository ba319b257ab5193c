"""Writes ``keras3_sequences.json``: what real Keras 3 makes of layers for pictures and sequences.

    python tests/golden/make_keras3_sequences.py [NAME ...]     (needs Keras 3 on TensorFlow)

The models are those of ``picture_layer_cases.py`` and ``sequence_layer_cases.py``. Cases with options
that Keras 3 no longer has are left out. With names as arguments, only these cases are made anew.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import picture_layer_cases
import sequence_layer_cases
import tensorflow

import keras

TARGET = Path(__file__).with_name("keras3_sequences.json")


def main() -> None:
    """Writes the file, one line a case."""
    wanted = sys.argv[1:]
    known = json.loads(TARGET.read_text(encoding="utf-8"))["cases"] if wanted else {}
    for cases in (picture_layer_cases, sequence_layer_cases):
        for name in [one for one in cases.CASES if one in wanted or not wanted]:
            try:
                known[name] = sequence_layer_cases.forward_and_gradients(
                    tensorflow, *cases.model_of(keras, name)
                )
            except (TypeError, ValueError, AttributeError, NotImplementedError) as error:
                print(f"left out: {name}: {str(error)[:100]}")
                continue
    order = [*picture_layer_cases.CASES, *sequence_layer_cases.CASES]
    lines = [f"{json.dumps(name)}: {json.dumps(known[name])}" for name in order if name in known]
    head = f'"made_with": {json.dumps("Keras " + keras.__version__)}'
    TARGET.write_text("{" + head + ', "cases": {\n' + ",\n".join(lines) + "\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
