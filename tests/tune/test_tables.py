"""Searches for tables and pictures: the saved winner, and the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.cli import main
from tensorlet.cli.tune import curve, values_of
from tensorlet.tabular import load_model
from tensorlet.tabular.problem import Plan, make_problem
from tensorlet.tabular.reading.columnar import table_of
from tensorlet.tabular.reading.source import Pictures
from tensorlet.tune import LogRange, Range
from tensorlet.tune.tables import tune_problem

RNG = np.random.default_rng(0)
SIZE = RNG.normal(10, 3, 300)
CITY = RNG.choice(["Seoul", "Busan"], 300)
FEW = {"trials": 3, "epochs": 6, "repeats": 2}


def test_classes_by_numbers_and_categories(tmp_path):
    grade = np.where(SIZE + 4 * (CITY == "Seoul") > 12, "high", "low")
    table = {"size": SIZE, "city": CITY.tolist(), "grade": grade.tolist()}
    problem = make_problem(table_of(table), Plan("grade", trees=False))
    tuned = tune_problem(problem, space={"learning_rate": [0.03], "depth": [0, 1]}, **FEW)
    assert tuned.measures["accuracy"].value > 0.9
    path = tmp_path / "grade.keras"
    tuned.save(str(path))
    model = load_model(path)
    test = problem.split.test
    rows = {"size": SIZE[test], "city": CITY[test].tolist()}
    right = model.predict(rows).argmax(1) == problem.labels[test]
    assert right.mean() == pytest.approx(tuned.measures["accuracy"].value)


def test_numbers_are_in_the_units_of_the_target(tmp_path):
    price = 1000 * SIZE + 500 * (CITY == "Seoul")
    table = {"size": SIZE, "city": CITY.tolist(), "price": price}
    problem = make_problem(table_of(table), Plan("price", trees=False))
    tuned = tune_problem(
        problem, space={"learning_rate": [0.05], "depth": [0]}, trials=1, epochs=40, repeats=1
    )
    assert tuned.measures["r2"].value > 0.95
    path = tmp_path / "price.keras"
    tuned.save(str(path))
    answer = load_model(path).predict_rows([{"size": 10.0, "city": "Busan"}])[0]["prediction"]
    assert 8000 < answer < 12000


def test_a_column_with_many_categories_is_embedded():
    names = np.array([f"street {number}" for number in RNG.integers(0, 250, 1500)])
    names[:500] = [f"street {number % 250}" for number in range(500)]
    high = np.array([int(name.split()[1]) % 2 for name in names])
    table = {
        "street": names.tolist(),
        "size": RNG.normal(size=1500),
        "high": np.where(high, "yes", "no").tolist(),
    }
    problem = make_problem(table_of(table), Plan("high", trees=False))
    tuned = tune_problem(
        problem, space={"learning_rate": [0.05], "depth": [1]}, trials=1, epochs=8, repeats=1
    )
    assert tuned.measures["accuracy"].value > 0.8
    assert any(isinstance(layer, tf.keras.layers.Embedding) for layer in tuned.whole.layers)


def test_pictures():
    labels = RNG.integers(0, 2, 120)
    pictures = (RNG.random((120, 4, 4, 1)) * 100 + 100 * labels[:, None, None, None]).astype(np.uint8)
    found = Pictures("dots", pictures, [str(label) for label in labels])
    tuned = tune_problem(make_problem(found, Plan()), space={"learning_rate": [0.05]}, **FEW)
    assert tuned.measures["accuracy"].value > 0.9
    assert tuned.whole.predict({"pictures": pictures[:2]}, verbose=0).shape == (2, 2)


def test_the_command_writes_the_winner(tmp_path, capsys):
    grade = np.where(SIZE > 10, "high", "low")
    path = tmp_path / "grades.csv"
    path.write_text("size,grade\n" + "".join(f"{a},{b}\n" for a, b in zip(SIZE, grade, strict=True)))
    words = ["tune", str(path), "--target", "grade", "--trials", "3", "--epochs", "3", "--repeats", "2"]
    assert main([*words, "--width", "4,8", "--learning-rate", "0.01..0.1", "--lang", "en"]) == 0
    shown = capsys.readouterr()
    assert "3 configurations after 1 epochs" in shown.err
    assert "val_loss" in shown.out
    assert "accuracy" in shown.out
    assert load_model(tmp_path / "grades.tuned.keras").columns == ["size"]
    assert main([*words, "--json", "-o", str(tmp_path / "other.keras")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["model"] == str(tmp_path / "other.keras")
    assert len(found["trials"]) == 3
    assert found["test"]["accuracy"]["low"] <= found["test"]["accuracy"]["value"]


def test_options_of_the_space(capsys, tmp_path):
    assert values_of("width", "8,16") == [8, 16]
    assert values_of("width", "8..16") == Range(8, 16)
    assert values_of("learning_rate", "1e-4..0.1") == LogRange(1e-4, 0.1)
    for name, text in (("width", "a"), ("dropout", "1.0"), ("depth", "-1"), ("l2", "1..x")):
        with pytest.raises(tf.errors.InvalidArgumentError, match="--"):
            values_of(name, text)
    assert main(["tune", str(tmp_path / "none.csv"), "--target", "a"]) == 1
    assert "none.csv" in capsys.readouterr().err


def test_curves():
    assert curve([1.0, 1.0]) == "▁▁"
    assert curve([float("nan")]) == ""
    assert len(curve(list(range(100)))) <= 27
