"""Weights of rows: training, measures, files on disk, refusals."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from tensorlet.cli import evaluate as evaluate_command
from tensorlet.cli import train as train_command
from tensorlet.localization import use_language
from tensorlet.tabular import TableError, load_model, train
from tensorlet.tabular.evaluation import evaluate
from tensorlet.tabular.measures import class_measures, number_measures
from tensorlet.tabular.weighting import effective_rows


@pytest.fixture(autouse=True)
def english():
    use_language("en")
    yield
    use_language(None)


def contradicting(path, rows=600, seed=0):
    """Writes a table in which every third row has the wrong class, and the weight 0."""
    random = np.random.default_rng(seed)
    x = random.normal(size=rows)
    wrong = np.arange(rows) % 3 > 0
    classes = np.where((x > 0) ^ wrong, "high", "low")
    lines = [f"{a:.4f},{b},{0 if w else 2.5}" for a, b, w in zip(x, classes, wrong, strict=True)]
    path.write_text("x,class,count\n" + "\n".join(lines) + "\n")
    return str(path)


def test_measures_with_whole_weights_are_those_of_repeated_rows():
    random = np.random.default_rng(0)
    labels, weights = random.integers(0, 3, 200), random.integers(0, 4, 200)
    outputs = random.dirichlet(np.ones(3), 200)
    weighted = class_measures(labels, outputs, weights=weights.astype(float))
    repeated = class_measures(np.repeat(labels, weights), np.repeat(outputs, weights, 0))
    for name, one in repeated.items():
        assert weighted[name].value == pytest.approx(one.value, rel=1e-12)
        assert weighted[name].low < weighted[name].value < weighted[name].high
    truth, guess = random.normal(size=200), random.normal(size=200)
    weighted = number_measures(truth, guess, weights=weights.astype(float))
    for name, one in number_measures(np.repeat(truth, weights), np.repeat(guess, weights)).items():
        assert weighted[name].value == pytest.approx(one.value, rel=1e-12)


def test_intervals_are_those_of_the_rows_that_count():
    labels, outputs = np.arange(400) % 2, np.tile([0.6, 0.4], (400, 1))
    few = class_measures(labels, outputs, weights=(np.arange(400) < 100).astype(float))["accuracy"]
    alone = class_measures(labels[:100], outputs[:100])["accuracy"]
    assert (few.value, few.low, few.high) == pytest.approx((alone.value, alone.low, alone.high))
    assert effective_rows(np.array([3.0, 1.0])) == pytest.approx(16 / 10)


@pytest.mark.parametrize("stream", [False, True])
def test_rows_without_weight_do_not_count(tmp_path, stream):
    path = contradicting(tmp_path / "t.csv")
    result = train(path, "class", weights="count", stream=stream, trees=False)
    assert {column.name: column.role for column in result.problem.columns}["count"] == "weights"
    assert result.measures["linear"]["accuracy"].value > 0.95
    assert [column.name for column in result.problem.encoder.columns] == ["x"]
    assert any("column 'count'" in note for note in result.problem.notes)
    unweighted = train(path, "class", ignore=["count"], stream=stream, trees=False)
    assert unweighted.measures["linear"]["accuracy"].value < 0.8

    result.save(str(tmp_path / "t.keras"))
    model = load_model(str(tmp_path / "t.keras"))
    found = evaluate(model, path)
    assert found.weights == "count"
    assert found.measures["accuracy"].value > 0.95
    (tmp_path / "without.csv").write_text("x,class\n1,high\n2,low\n")
    found = evaluate(model, tmp_path / "without.csv")
    assert found.weights is None
    assert any("'count'" in note and "count the same" in note for note in found.notes)


@pytest.mark.parametrize("stream", [False, True])
def test_the_weights_of_numbers(tmp_path, stream):
    x = np.linspace(-1, 1, 500)
    heavy = np.arange(500) % 2 == 0
    y = np.where(heavy, 3 * x, -3 * x)
    lines = [f"{a},{b},{1000 if h else 1}" for a, b, h in zip(x, y, heavy, strict=True)]
    (tmp_path / "n.csv").write_text("x,y,w\n" + "\n".join(lines))
    result = train(tmp_path / "n.csv", "y", weights="w", stream=stream, trees=False)
    assert result.measures["linear"]["r2"].value > 0.97


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("-1.5", "line 9, column 'count': the weight is negative: -1.5"),
        ("", "line 9, column 'count': the row has no weight"),
        ("many", "line 9, column 'count': the weight 'many' is not a number"),
        ("inf", "line 9, column 'count': the weight"),
    ],
)
def test_wrong_weights_are_refused_with_their_line(tmp_path, value, problem, stream):
    path = contradicting(tmp_path / "t.csv", 60)
    lines = (tmp_path / "t.csv").read_text().splitlines()
    lines[8] = lines[8].rpartition(",")[0] + "," + value
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(TableError, match=re.escape(problem)):
        train(path, "class", weights="count", stream=stream, trees=False)


@pytest.mark.parametrize("stream", [False, True])
def test_weights_that_are_all_zero_and_misspelt_names_are_refused(tmp_path, stream):
    path = contradicting(tmp_path / "t.csv", 60)
    text = (tmp_path / "t.csv").read_text()
    with pytest.raises(TableError, match=r"no column 'counts'\. Did you mean 'count'"):
        train(path, "class", weights="counts", stream=stream, trees=False)
    (tmp_path / "t.csv").write_text(text.replace(",2.5", ",0"))
    with pytest.raises(TableError, match="column 'count': the weights are 0 in all rows"):
        train(path, "class", weights="count", stream=stream, trees=False)


def test_the_commands_and_the_report(tmp_path, capsys):
    path = contradicting(tmp_path / "t.csv")
    words = [path, "--target", "class", "--weights", "count", "--no-trees"]
    use_language("ko")
    assert train_command.main(words) == 0
    use_language("en")
    shown = capsys.readouterr().out
    assert "가중치" in shown
    assert json.loads((tmp_path / "t.report.json").read_text())["weights"] == "count"
    assert "가중치" in (tmp_path / "t.report.html").read_text()
    assert evaluate_command.main([str(tmp_path / "t.keras"), path, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["weights"] == "count"
    (tmp_path / "t.csv").write_text((tmp_path / "t.csv").read_text().replace(",2.5", ",-2.5", 1))
    assert evaluate_command.main([str(tmp_path / "t.keras"), path]) == 1
    assert "line 2, column 'count': the weight is negative" in capsys.readouterr().err
