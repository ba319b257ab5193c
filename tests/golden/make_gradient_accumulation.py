"""Writes ``gradient_accumulation.json``: weights of Keras 3 after training with ``gradient_accumulation_steps``.

python tests/golden/make_gradient_accumulation.py      (needs: pip install keras tensorflow)
"""

from __future__ import annotations

import json
from pathlib import Path

from gradient_accumulation_cases import CASES, trained_weights

import keras

TARGET = Path(__file__).with_name("gradient_accumulation.json")


def main() -> None:
    """Writes the file."""
    weights = {name: trained_weights(keras, name) for name in CASES}
    golden = {"made_with": f"Keras {keras.__version__}", "weights": weights}
    TARGET.write_text(json.dumps(golden, indent=None) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
