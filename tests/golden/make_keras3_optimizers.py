"""Writes ``keras3_optimizers.json``: weights of Keras 3 after training with the optimizers that only it has.

python tests/golden/make_keras3_optimizers.py                      (needs: pip install keras tensorflow)
KERAS_BACKEND=jax python tests/golden/make_keras3_optimizers.py    (needs: pip install keras jax)

The second run replaces the weights of ScheduleFreeAdamW. With TensorFlow, Keras 3.15 uses z after the step where the
paper, and Keras with JAX, use z before it; and a compiled fit starts from z = 0 instead of the weights.
"""

from __future__ import annotations

import json
from pathlib import Path

from keras3_optimizer_cases import CASES, scales, trained_weights

import keras

TARGET = Path(__file__).with_name("keras3_optimizers.json")


def main() -> None:
    """Writes the file."""
    if keras.backend.backend() == "jax":
        golden = json.loads(TARGET.read_text(encoding="utf-8"))
        names = [name for name in CASES if name.startswith("schedule_free")]
        golden["weights"].update({name: trained_weights(keras, name) for name in names})
    else:
        weights = {name: trained_weights(keras, name) for name in CASES}
        golden = {"made_with": f"Keras {keras.__version__}", "weights": weights, "scales": scales(keras)}
    TARGET.write_text(json.dumps(golden, indent=None) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
