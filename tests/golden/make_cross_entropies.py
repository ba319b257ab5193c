"""Makes ``cross_entropies.json``: what TensorFlow 2.15 computes for the cases of ``cross_entropy_cases.py``.

Run it with a Python that has TensorFlow 2.15::

    python tests/golden/make_cross_entropies.py
"""

from __future__ import annotations

import json
from pathlib import Path

import cross_entropy_cases as cases
import tensorflow as tf

HERE = Path(__file__).resolve().parent
unscaled = tf.keras.losses.SparseCategoricalCrossentropy(reduction="none")(cases.LABELS, cases.UNSCALED)
found = {
    "models": {key: cases.results(tf, *case) for key, *case in cases.cases()},
    "unscaled": unscaled.numpy().tolist(),
}
(HERE / "cross_entropies.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
