"""From data of one's own to a model in real Keras 3, in one go: each command, in both languages."""

from __future__ import annotations

import contextlib
import csv
import importlib.util
import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tensorlet.cli import main
from tensorlet.localization import use_language
from tensorlet.tabular import load_model
from tensorlet.tabular.reading.pictures import picture_of

pytest.importorskip("pyarrow")
pytest.importorskip("uvicorn")
httpx = pytest.importorskip("httpx")

KERAS = """
import json, sys
import numpy as np, keras
model = keras.models.load_model(sys.argv[1])
inputs = {name: array for name, array in np.load(sys.argv[2]).items()}
np.save(sys.argv[3], model.predict(inputs, verbose=0))
print(keras.__version__, keras.backend.backend())
"""
ROWS = 240


def flowers():
    """The columns of a table with a missing value, a category and a Korean name."""
    random = np.random.default_rng(0)
    kind = random.integers(0, 2, ROWS)
    size = random.normal(3 + 2 * kind, 0.8).round(3).tolist()
    size[7] = None
    return {
        "size (cm)": size,
        "색": [["red", "blue", "white"][index % 2 + int(one)] for index, one in enumerate(kind)],
        "kind": [["rose", "iris"][one] for one in kind],
    }


def write(kind, folder):
    """Writes the data in one form; returns its path and the words that name the target."""
    if kind == "pictures":
        image = pytest.importorskip("PIL.Image")
        random = np.random.default_rng(0)
        for number in range(60):
            path = folder / "pictures" / ("dark", "light")[number % 2] / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = random.integers(0, 100, (8, 8)) + 120 * (number % 2)
            image.fromarray(pixels.astype(np.uint8)).save(path)
        return folder / "pictures", []
    path = folder / f"flowers.{kind}"
    columns = flowers()
    if kind == "parquet":
        import pyarrow as pa
        import pyarrow.parquet

        pyarrow.parquet.write_table(pa.table(columns), path)
    else:
        with open(path, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([list(columns), *zip(*columns.values(), strict=True)])
    return path, ["--target", "kind"]


def run(*words):
    """Runs a command, which has to succeed; returns what it printed."""
    content = io.BytesIO()
    out = io.TextIOWrapper(content, "utf-8", write_through=True)
    with contextlib.redirect_stdout(out):
        assert main([str(word) for word in words]) == 0, words
    return content.getvalue().decode("utf-8")


@contextlib.contextmanager
def serving(model):
    """Context manager with the address of a server in a process of its own."""
    command = [sys.executable, "-m", "tensorlet", "serve", str(model), "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "TENSORLET_LANG": "en"},
    )  # fmt: skip
    try:
        line = process.stdout.readline()
        assert line.startswith("Serving at "), line + process.stderr.read()
        yield line.removeprefix("Serving at ").strip()
    finally:
        process.terminate()
        process.communicate(timeout=60)


def served(kind, path, model):
    """Returns the answers of the server, those of `predict` here, and the arrays of the model's inputs."""
    local = load_model(model)
    with serving(model) as address, httpx.Client(base_url=address, timeout=60) as client:
        if kind == "pictures":
            files = sorted(path.rglob("*.png"))
            x = np.stack([picture_of(str(file), local.description.picture_shape) for file in files])
            body = {"inputs": {"pictures": x.tolist()}}
            found = client.post("/predict", json=body)
            assert found.status_code == 200, found.text
            (outputs,) = found.json()["outputs"].values()
            return np.array(outputs, np.float32), local.predict_pictures(x), {"pictures": x}
        columns = {name: values for name, values in flowers().items() if name != "kind"}
        rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        found = client.post("/predict", json=rows).json()["predictions"]
        here = local.predict_rows(rows)
        assert found == here
        assert [one["prediction"] for one in here] == local.predict_frame(columns)["prediction"]
    outputs = [[[*one["probabilities"].values()] for one in answers] for answers in (found, here)]
    return *np.array(outputs, np.float32), local.encoder.encode_rows(rows).arrays


@pytest.fixture(autouse=True)
def own_language():
    yield
    use_language(None)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("kind", ["csv", "parquet", "pictures"])
def test_the_whole_chain(kind, language, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "110")
    path, target = write(kind, tmp_path)
    model = path.with_suffix(".keras")
    use_language(language)
    words = [run("train", path, *target, "--no-trees"), run("evaluate", model, path), run("show", model)]
    if kind != "pictures":
        words.append(run("explain", model, path))
        words.append(run("explain", model, path, "--row", 8))
    answers = run("predict", model, path).splitlines()
    run("export", model, tmp_path / "model.py")
    use_language("en")
    is_english = "Task:" in words[0], "baseline" in words[1]
    assert is_english == ((True, True) if language == "en" else (False, False))
    assert json.loads(path.with_suffix(".report.json").read_text())["best"] in ("linear", "perceptron")
    assert len(answers) == 1 + (60 if kind == "pictures" else ROWS)
    assert (tmp_path / "model.py").stat().st_size > 1000

    remote, here, inputs = served(kind, path, model)
    assert np.array_equal(remote, here)
    predictions = [load_model(model).classes[one] for one in here.argmax(1)]
    position = answers[0].split(",").index("prediction")
    assert [line.split(",")[position] for line in answers[1:]] == predictions

    np.savez(tmp_path / "inputs.npz", **inputs)
    for backend in ("tensorflow", "jax"):
        if importlib.util.find_spec(backend) is None or importlib.util.find_spec("keras") is None:
            continue  # `test_tabular` says which are missing
        done = subprocess.run(
            [sys.executable, "-c", KERAS, str(model), str(tmp_path / "inputs.npz"), str(tmp_path / "out.npy")],
            capture_output=True, text=True, timeout=300,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": backend},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout.split()[-1] == backend and done.stdout.startswith("3.")
        np.testing.assert_allclose(np.load(tmp_path / "out.npy"), here, rtol=1e-4, atol=1e-5)
