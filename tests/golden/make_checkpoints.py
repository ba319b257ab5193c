"""Writes ``files/checkpoints`` and ``checkpoints.json``: checkpoints of real TensorFlow, and what follows them.

    python tests/golden/make_checkpoints.py      (needs: pip install tensorflow-cpu tf_keras)

The models stand in `checkpoint_cases`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import checkpoint_cases
import tensorflow as tf
import tf_keras

HERE = Path(__file__).parent
FOLDER = HERE / "files" / "checkpoints"


def rounded(value: object) -> object:
    """Eight digits of each number."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.8g}")


def main() -> None:
    """Writes the files."""
    found: dict[str, object] = {"tensorflow": tf.__version__}
    for name in checkpoint_cases.KEPT:
        tf_keras.utils.set_random_seed(3)
        model = checkpoint_cases.make(tf_keras, name)
        for _ in range(3):
            checkpoint_cases.step(model)
        model.save_weights(str(FOLDER / name / "model"))
        found[name] = rounded(checkpoint_cases.results(model))
    checkpoint = checkpoint_cases.objects(tf, tf_keras)
    manager = tf.train.CheckpointManager(checkpoint, str(FOLDER / "objects"), max_to_keep=1)
    for _ in range(2):
        manager.save()
    found["objects"] = checkpoint_cases.values_of(checkpoint)
    (HERE / "checkpoints.json").write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
