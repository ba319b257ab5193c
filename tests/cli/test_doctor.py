"""``tensorlet doctor``."""

from __future__ import annotations

import json

import pytest

from tensorlet.cli import main
from tensorlet.cli.script_names import uses_of
from tensorlet.localization import use_language

PROGRAM = """\
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras.layers import Dense
from keras.optimizers import SGD
import tensorflow.keras.backend as K

x = tf.log(tf.constant(1.0))
session = tf.Session()
model = keras.Sequential([Dense(3), tf.keras.layers.LSTM(3)])
model.compile(SGD(lr=0.1), "mse")
model.fit_generator(None)
K.clear_session()
tf.keras.layers.Foo
"""


@pytest.fixture(autouse=True)
def english():
    use_language("en")
    yield
    use_language(None)


def test_names_of_a_program():
    found = {use.path: use for use in uses_of(PROGRAM)}
    assert {path for path, use in found.items() if not use.here} == {"Session", "keras.layers.Foo"}
    assert {path for path, use in found.items() if not use.today} == {
        "Session", "log", "keras.layers.Foo", ".SGD(lr=)", ".fit_generator()",
    }  # fmt: skip
    assert found["keras.layers.Dense"].line == 3 and found["keras.layers.LSTM"].here
    assert found["log"].legacy and not found["constant"].legacy
    assert "TensorFlow 1" in found["Session"].advice


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("import numpy as np\nnp.log(1)", []),
        ("import tensorflow\ntensorflow.add(1, 2)", ["add"]),
        ("import tensorflow.keras.layers as L\nL.Dense(1)", ["keras.layers", "keras.layers.Dense"]),
        ("from tf_keras import Model as M\nclass A(M): pass", ["keras.Model"]),
        ("from tensorflow.keras.layers import *", ["keras.layers"]),
        ("import keras\nkeras.Model.fit", ["keras.Model"]),
        ("def f(tf):\n    return 1", []),
    ],
)
def test_spellings_of_imports(source, paths):
    assert [use.path for use in uses_of(source)] == paths


def test_doctor_of_programs(tmp_path, capsys):
    path = tmp_path / "homework.py"
    path.write_text(PROGRAM)
    assert main(["doctor", str(path)]) == 1
    printed = capsys.readouterr().out
    assert "Not supported here:\n  tf.keras.layers.Foo  line 13" in printed or "tf.Session  line 8" in printed
    assert "SGD(lr=)  line 10  (runs here)" in printed
    path.write_text("import tensorflow as tf\nprint(tf.add(1, 2))\n")
    assert main(["doctor", str(path)]) == 0
    assert "All of them run here: tensorlet run" in capsys.readouterr().out
    assert main(["doctor", str(path), "--json"]) == 0
    (use,) = json.loads(capsys.readouterr().out)[str(path)]
    assert use["path"] == "add" and use["here"] and use["today"]


def test_doctor_of_a_notebook_and_of_what_is_no_program(tmp_path, capsys):
    notebook = tmp_path / "a.ipynb"
    cell = {
        "cell_type": "code",
        "source": ["%matplotlib inline\n", "import tensorflow as tf\n", "tf.zeros(3)"],
    }
    notebook.write_text(json.dumps({"cells": [cell, {"cell_type": "markdown", "source": ["tf.Session"]}]}))
    assert main(["doctor", str(notebook)]) == 0
    assert "1 names" in capsys.readouterr().out
    (tmp_path / "b.py").write_text("x = = 1\n")
    assert main(["doctor", str(tmp_path / "b.py")]) == 1
    assert "b.py, line 1: this is not valid Python" in capsys.readouterr().err
    assert main(["doctor", str(tmp_path / "c.py")]) == 1
    assert "No such file" in capsys.readouterr().err


def test_doctor_of_the_machine(capsys):
    assert main(["doctor", "--quick"]) == 0
    printed = capsys.readouterr().out
    assert "Tensorlet" in printed and "vectors" in printed and "pyarrow" in printed
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["tests"]) == 5 and all(one["passed"] for one in found["tests"])
    assert found["extras"]["data"]["pyarrow"]


def test_a_test_that_fails_is_reported(monkeypatch, capsys):
    from tensorlet.cli import self_test

    def wrong():
        raise ValueError("the weights differ")

    monkeypatch.setattr(self_test, "_same_bits", wrong)
    assert main(["doctor"]) == 1
    printed = capsys.readouterr().out
    assert "BAD  the same bits with one thread and with all: ValueError: the weights differ" in printed
    assert "Some tests failed" in printed
