"""Makes ``keras_ops.json``: what Keras 3 computes for the calls of ``keras_ops_cases.py``.

Run it with a Python that has Keras 3 and JAX (the project itself needs neither)::

    KERAS_BACKEND=jax python tests/golden/make_keras_ops.py

Calls that the file has are not computed again; delete it to compute all of them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from keras_ops_cases import CALLS, NAMES

import keras


def written(value: Any) -> Any:
    """A result as JSON keeps it: the dtype and the numbers of each tensor."""
    if isinstance(value, list | tuple):
        return [written(one) for one in value]
    array = np.asarray(value)
    name = "python" if isinstance(value, bool | int) else array.dtype.name
    return {"dtype": name, "numbers": array.astype(float).tolist()}


if __name__ == "__main__":
    file = Path(__file__).with_name("keras_ops.json")
    known = json.loads(file.read_text(encoding="utf-8"))["calls"] if file.exists() else {}
    found = {
        call: known[call] if call in known else written(eval(call, {**NAMES, "ops": keras.ops}))
        for call in CALLS
    }
    text = json.dumps({"version": keras.__version__, "calls": found})
    file.write_text(text + "\n", encoding="utf-8")
