"""Writes ``sparse_gradients.json``: an embedding trained by the optimizers of Keras 2.15 on TensorFlow 2.15.

python tests/golden/make_sparse_gradients.py      (needs: pip install tensorflow==2.15)
"""

from __future__ import annotations

import json
from pathlib import Path

import tensorflow as tf
from sparse_gradient_cases import CASES, trained_table

TARGET = Path(__file__).with_name("sparse_gradients.json")


def main() -> None:
    """Writes the file."""
    tables = {name: trained_table(tf, name) for name in CASES}
    golden = {"made_with": "TensorFlow 2.15, Keras 2.15", "tables": tables}
    TARGET.write_text(json.dumps(golden, indent=None) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
