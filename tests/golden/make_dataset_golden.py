"""Records what real TensorFlow's datasets give, for `tests/data/test_dataset.py`.

    python tests/golden/make_dataset_golden.py

needs TensorFlow 2, and writes dataset_golden.json beside this file.
"""

from __future__ import annotations

import json
from pathlib import Path

import tensorflow as tf
from dataset_cases import CASES, record

if __name__ == "__main__":
    found = {name: record(make(tf)) for name, make in CASES.items()}
    target = Path(__file__).with_name("dataset_golden.json")
    lines = [f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in found.items()]
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
