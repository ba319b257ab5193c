"""Models of `tensorlet train` in real Keras 3: it opens the file, and answers the same."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tensorlet.tabular import load_model, train

#: The backends of Keras 3, and the packages that each of them needs.
NEEDED = {"tensorflow": ["tensorflow"], "jax": ["jax"], "numpy": ["jax"], "torch": ["torch"]}

READ = """
import json, sys
import numpy as np, keras
model = keras.models.load_model(sys.argv[1])
inputs = {name: array for name, array in np.load(sys.argv[2]).items()}
answers = model.predict(inputs, verbose=0)
print(json.dumps({"keras": keras.__version__, "backend": keras.backend.backend(), "answers": answers.tolist()}))
"""


def table(rows=400):
    random = np.random.default_rng(0)
    colour = random.integers(0, 3, rows)
    size = random.normal(colour, 0.7)
    return {
        "size": [None if index % 9 == 0 else float(value) for index, value in enumerate(size)],
        "colour": [["red", "green", "blue"][one] for one in colour],
        "shop": [f"shop {one}" for one in random.integers(0, 220, rows)],
        "kind": [["a", "b"][int(value > 1)] for value in size],
        "price": (10 * size + 5).tolist(),
    }


@pytest.mark.parametrize(("target", "left_out"), [("kind", "price"), ("price", "kind")])
@pytest.mark.parametrize("backend", NEEDED)
def test_keras_3_opens_the_file_and_answers_the_same(target, left_out, backend, tmp_path):
    missing = [name for name in NEEDED[backend] if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"{missing[0]} is not installed")
    data = table()
    result = train(data, target, ignore=[left_out], categories=["shop"], trees=False, epochs=5)
    path, inputs = tmp_path / "model.keras", tmp_path / "inputs.npz"
    result.save(str(path))
    model = load_model(path)
    assert set(result.problem.inputs) >= {"numbers", "categories"}
    np.savez(inputs, **result.problem.rows_of(result.problem.split.test))
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path), str(inputs)],
        capture_output=True, text=True, timeout=300,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": backend},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["keras"].startswith("3.") and found["backend"] == backend
    answers = np.array(found["answers"]).reshape(np.shape(result.predicted))
    np.testing.assert_allclose(answers, result.predicted, rtol=1e-4, atol=1e-5)
    own = model.model.predict(result.problem.rows_of(result.problem.split.test), batch_size=1024, verbose=0)
    assert np.array_equal(np.reshape(own, np.shape(result.predicted)), result.predicted)
