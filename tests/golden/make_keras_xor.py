"""Writes ``keras_xor.json``: with how many of 50 seeds real Keras learns XOR. It takes some minutes.

KERAS_BACKEND=jax python tests/golden/make_keras_xor.py      (needs: pip install keras jax)
"""

from __future__ import annotations

import json
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")

from xor_case import EPOCHS, SEEDS, learned

import keras

TARGET = Path(__file__).with_name("keras_xor.json")


def main() -> None:
    """Writes the file."""
    results = [learned(keras, seed) for seed in range(SEEDS)]
    golden = {
        "made_with": f"Keras {keras.__version__} on {keras.backend.backend()}",
        "epochs": EPOCHS,
        "seeds": SEEDS,
        "successes": sum(success for success, _ in results),
        "losses": sorted(float(f"{loss:.6g}") for _, loss in results),
    }
    TARGET.write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
