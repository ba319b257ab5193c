"""Writes ``recurrent_dropout.json``: the outputs that occur in training with dropout, in real Keras 2 or 3.

python tests/golden/make_recurrent_dropout.py      (needs TensorFlow 2.15; and again with Keras 3 on TensorFlow)
"""

from __future__ import annotations

import json
from pathlib import Path

import tensorflow
from recurrent_dropout_cases import CASES, values

import keras

TARGET = Path(__file__).with_name("recurrent_dropout.json")


def main() -> None:
    """Writes the part of the file that belongs to this Keras."""
    made = json.loads(TARGET.read_text(encoding="utf-8")) if TARGET.exists() else {}
    generation = keras.__version__.partition(".")[0]
    found = {}
    for name in CASES:
        tensorflow.random.set_seed(3)
        try:
            found[name] = [float(f"{one:.7g}") for one in values(keras, name, 20_000)[0]]
        except tensorflow.errors.InvalidArgumentError as error:  # Keras 3 cannot run all of them
            print(f"left out: {name}: {str(error)[:100]}")
            continue
        print(name, len(found[name]))
    made[generation] = {"made_with": f"Keras {keras.__version__}", "cases": found}
    parts = [
        f'"{key}": {{"made_with": {json.dumps(made[key]["made_with"])}, "cases": {{\n'
        + ",\n".join(f"{json.dumps(name)}: {json.dumps(one)}" for name, one in made[key]["cases"].items())
        + "\n}}"
        for key in sorted(made)
    ]
    TARGET.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
