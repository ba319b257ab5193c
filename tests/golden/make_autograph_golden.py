"""Writes autograph.json: what real TensorFlow gives for the programs of autograph_cases.py and its neighbours.

Needs TensorFlow 2. Cases that it refuses are written as null.

    python tests/golden/make_autograph_golden.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import autograph_cases
import dataset_loop_cases
import numpy as np
import tensor_array_cases
import tensorflow as tf


def numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: numbers(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [numbers(item) for item in value]
    return None if value is None else np.asarray(value, np.float64).round(6).tolist()


found = {}
modules = (autograph_cases, tensor_array_cases, dataset_loop_cases)
for name, run in [pair for module in modules for pair in module.cases(tf).items()]:
    try:
        found[name] = numbers(run())
    except Exception as error:
        print(name, type(error).__name__)
        found[name] = None
Path(__file__).with_name("autograph.json").write_text(json.dumps(found, indent=1) + "\n")
