"""``tensorlet show``: programs are run and drawn, files are listed without being run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import zipfile

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER

import tensorlet as tf
from tensorlet.cli import main
from tensorlet.visualize.file_contents import listing_of_file


def run_tensorlet(*words):
    """Runs the command in a process of its own, in the current folder."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", "tensorlet", *words],
        capture_output=True, text=True, encoding="utf-8", env=environment, timeout=120,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def trained_model():
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Dense(
                8, activation="relu", input_shape=(2,), kernel_regularizer="l2", name="hidden"
            ),
            tf.keras.layers.Dropout(0.25, name="off"),
            tf.keras.layers.Dense(1, activation="sigmoid", name="out"),
        ],
        name="xor",
    )
    model.compile(tf.keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    model.fit(x, np.array([[0.0], [1.0], [1.0], [0.0]]), epochs=3, batch_size=4, verbose=0)
    return model


# --- programs ---------------------------------------------------------------------------

PROGRAM = """
    import sys
    import numpy as np
    import tensorflow as tf

    x = np.array([[1.0, 2.0], [3.0, 1.0]], dtype=np.float32)
    W = tf.Variable([[0.5], [-0.25]])
    model = tf.keras.Sequential([tf.keras.layers.Dense(3, input_shape=(2,))], name="small")

    @tf.function
    def double(data):
        twice = 2.0 * data
        return twice

    double(x)
    for step in range(2):
        with tf.GradientTape() as tape:
            z = tf.matmul(x, W)
            cost = tf.reduce_mean(z)
        W.assign_sub(tape.gradient(cost, W))
    print("arguments:", sys.argv[1:])
    sys.exit(3)
"""


def test_a_program_is_run_and_what_it_makes_is_drawn(folder):
    (folder / "train.py").write_text(textwrap.dedent(PROGRAM), encoding="utf-8")
    done = run_tensorlet("show", "train.py", "--epochs", "2")
    assert done.returncode == 3 and "arguments: ['--epochs', '2']" in done.stdout
    drawings = folder / "train_drawings"
    assert str(drawings) in done.stdout
    assert sorted(file.name for file in drawings.iterdir()) == [
        "double.svg",
        "gradients_line_20.svg",
        "small.svg",
    ]
    assert "twice = 2 × data" in (drawings / "double.svg").read_text(encoding="utf-8")
    assert "kernel 2×3" in (drawings / "small.svg").read_text(encoding="utf-8")
    gradients = (drawings / "gradients_line_20.svg").read_text(encoding="utf-8")
    # z = (1·0.5 - 2·0.25, 3·0.5 - 0.25) = (0, 1.25), cost 0.625; ∂cost/∂W = xᵀ (1/2, 1/2) = (2, 1.5): the first step.
    for wanted in ("z = x @ W", "cost = mean(z)", "value 0.625", "[1.25]", "[2]", "[1.5]", "∇W = xᵀ @ ∇z"):
        assert wanted in gradients, wanted


def test_a_program_that_makes_nothing_says_so(folder):
    (folder / "plain.py").write_text("print(1 + 1)", encoding="utf-8")
    done = run_tensorlet("show", "plain.py")
    assert (
        done.returncode == 0 and "nothing to draw" in done.stdout and not (folder / "plain_drawings").exists()
    )


def test_the_folder_can_be_chosen(folder):
    (folder / "one.py").write_text(
        "import tensorflow as tf\ntf.function(lambda x: x + 1)(1.0)", encoding="utf-8"
    )
    done = run_tensorlet("show", "-o", "그림", "one.py")
    assert done.returncode == 0, done.stderr
    assert [file.suffix for file in (folder / "그림").iterdir()] == [".svg"]


# --- files ------------------------------------------------------------------------------


def test_a_model_s_file_is_listed(folder, capsys):
    trained_model().save("xor.h5")
    assert main(["show", "xor.h5"]) == 0
    text = capsys.readouterr().out
    for wanted in (
        "a model in Keras's HDF5 format",
        'Layers of Sequential "xor"',
        "units=8, activation=relu, use_bias=True, kernel_regularizer=L2",
        "Weights: 33 parameters in 4 arrays",
        "loss: binary_crossentropy",
        "metrics: accuracy",
        "optimizer: Adam(",
        "learning_rate=0.01,",
        "= 3     int64",
    ):
        assert wanted in text, wanted
    (hidden,) = [line for line in text.splitlines() if line.startswith("  hidden  ")]
    assert hidden.split()[:5] == ["hidden", "Dense", "(None,", "8)", "24"]


def test_every_format_is_listed_with_its_optimizer_state(folder):
    model = trained_model()
    model.save("xor.keras")
    model.save_weights("xor.weights.h5")
    model.save_weights("xor.safetensors")
    model.save_weights("checkpoints/xor")
    for name in ("xor.keras", "xor.weights.h5", "xor.safetensors", "checkpoints/xor", "checkpoints"):
        text = "\n".join(listing_of_file(name))
        assert "Weights: 33 parameters in 4 arrays" in text, name
        assert "= 3     int64" in text.partition("Optimizer state")[2], name
    assert 'Layers of Sequential "xor"' in "\n".join(listing_of_file("xor.keras"))


def test_a_model_s_file_is_drawn_where_that_is_asked_for(folder, capsys):
    model = trained_model()
    model.save("xor.keras")
    assert main(["show", "-o", "xor.svg", "xor.keras"]) == 0
    assert "hidden" in (folder / "xor.svg").read_text(encoding="utf-8")
    model.save_weights("xor.weights.h5")
    assert main(["show", "-o", "w.svg", "xor.weights.h5"]) == 1
    assert "no layers" in capsys.readouterr().err


def _with_config(source, target, change):
    """A .keras file with another configuration."""
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "config.json":
                config = json.loads(content)
                change(config)
                content = json.dumps(config).encode()
            after.writestr(name, content)


def test_code_in_a_file_is_not_run_and_its_layers_are_listed(folder):
    trained_model().save("xor.keras")

    def with_lambda(config):
        config["config"]["layers"].append(
            {"class_name": "Lambda", "config": {"name": "evil", "function": ["code"]}}
        )

    _with_config("xor.keras", "lambda.keras", with_lambda)
    text = "\n".join(listing_of_file("lambda.keras"))
    assert "evil" in text and "was not run" in text and "Weights: 33" in text

    def with_stranger(config):
        config["config"]["layers"][1].update({"class_name": "Mine", "registered_name": "my>Mine"})
        config["config"]["layers"][1]["config"]["name"] = "a\x1b[2Jb"

    _with_config("xor.keras", "own.keras", with_stranger)
    text = "\n".join(listing_of_file("own.keras"))
    assert "Mine" in text and "\x1b" not in text


@pytest.mark.parametrize("version", ["keras2", "keras3"])
@pytest.mark.parametrize("ending", ["h5", "keras"])
def test_files_of_real_keras_are_listed(version, ending):
    folder = GOLDEN_FOLDER / "files" / "models"
    text = "\n".join(listing_of_file(str(folder / f"{version}_sequential.{ending}")))
    # 4·4, 4 of each of gamma, beta, mean and variance, 4·3 and 3.
    assert "Weights: 47 parameters" in text and "sparse_categorical_crossentropy" in text
    assert "BatchNormalization  (None, 4)     16  " in text and "learning_rate=0.02" in text
    nested = listing_of_file(str(folder / f"{version}_functional.{ending}"))
    (line,) = [line.split() for line in nested if line.startswith("    ") and "PReLU" in line]
    assert line[1:5] == ["PReLU", "(None,", "4)", "4"]


@pytest.mark.parametrize("name", ["xor.h5", "xor.keras", "xor.safetensors"])
def test_damaged_files_are_an_error_that_names_them(folder, capsys, name):
    model = trained_model()
    (model.save_weights if name.endswith("safetensors") else model.save)(name)
    content = (folder / name).read_bytes()
    for length in (0, 5, 30, len(content) // 3, len(content) // 2):
        (folder / name).write_bytes(content[:length])
        assert main(["show", name]) == 1
        assert name in capsys.readouterr().err


def test_mistakes_of_the_command_line(folder, capsys):
    assert main(["show"]) == 2 and "expected a program or a file" in capsys.readouterr().err
    assert main(["show", "--nonsense"]) == 2 and "--nonsense" in capsys.readouterr().err
    assert main(["show", "-o"]) == 2 and "needs a path" in capsys.readouterr().err
    assert main(["show", "missing.h5"]) == 1 and "missing.h5" in capsys.readouterr().err
    assert main(["show", "missing.py"]) == 2 and "missing.py" in capsys.readouterr().err
    (folder / "notes.txt").write_text("hello, this is some text", encoding="utf-8")
    assert main(["show", "notes.txt"]) == 1 and "TensorFlow checkpoints" in capsys.readouterr().err
    assert main(["show", "--help"]) == 0 and "usage: tensorlet show" in capsys.readouterr().out
