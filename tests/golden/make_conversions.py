"""Writes ``conversions.json``: what real TensorFlow makes of operands of different kinds and dtypes.

    python tests/golden/make_conversions.py      (needs: pip install tensorflow-cpu==2.15)

A table for each operator, function and layer of `conversion_cases` says, for each left and right operand, the
dtype of the result, or ``-`` where TensorFlow refuses the call. The calls run at once: in traced functions
TensorFlow refuses some more of them, depending on which operand stands first.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import conversion_cases
import tensorflow as tf


def main() -> None:
    """Writes the file."""
    found = {
        "tensorflow": tf.__version__,
        "operands": list(conversion_cases.operands(tf)),
        "outcomes": conversion_cases.table(tf),
    }
    text = json.dumps(found, indent=1)
    (Path(__file__).parent / "conversions.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
