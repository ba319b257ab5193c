"""Writes ``convnet_training.json``: what real Keras 2.15 makes of ``convnet_training_cases.py``.

python tests/golden/make_convnet_training.py      (needs TensorFlow 2.15)
"""

from __future__ import annotations

import json
from pathlib import Path

from convnet_training_cases import CASES, trained

import keras

TARGET = Path(__file__).with_name("convnet_training.json")

if __name__ == "__main__":
    lines = [f"{json.dumps(name)}: {json.dumps(trained(keras, name))}" for name in CASES]
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
