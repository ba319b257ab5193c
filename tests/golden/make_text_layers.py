"""Writes ``text_layers.json``: what the layers of text and categories of real Keras 2.15 return.

python tests/golden/make_text_layers.py      (needs TensorFlow 2.15)
"""

from __future__ import annotations

import json
from pathlib import Path

import tensorflow
from text_layer_cases import results

TARGET = Path(__file__).with_name("text_layers.json")

if __name__ == "__main__":
    lines = [f"{json.dumps(name)}: {json.dumps(found)}" for name, found in results(tensorflow).items()]
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
