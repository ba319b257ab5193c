"""The commands train, evaluate, predict, explain, export and show on a table."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest

from tensorlet.cli import main
from tensorlet.localization import use_language


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("COLUMNS", "110")
    use_language("en")
    yield
    use_language(None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flowers")
    random = np.random.default_rng(0)
    kind = random.integers(0, 2, 200)
    size = random.normal(3 + 2 * kind, 0.8)
    colour = random.choice(["red", "blue"], 200)
    lines = [f"{size[i]:.3f},{colour[i]},{'iris' if kind[i] else 'rose'}" for i in range(200)]
    (folder / "flowers.csv").write_text("\n".join(["size,colour,kind", *lines]) + "\n")
    assert main(["train", str(folder / "flowers.csv"), "-t", "kind", "--no-trees", "--quiet"]) == 0
    return folder


def test_train_writes_three_files_and_prints_what_it_found(folder, tmp_path, capsys):
    assert sorted(path.name for path in folder.iterdir()) == [
        "flowers.csv", "flowers.keras", "flowers.report.html", "flowers.report.json",
    ]  # fmt: skip
    assert (
        main(
            [
                "train",
                str(folder / "flowers.csv"),
                "-t",
                "kind",
                "-o",
                str(tmp_path / "model.keras"),
                "--no-trees",
            ]
        )
        == 0
    )
    printed = capsys.readouterr().out
    for text in (
        "200 rows, 3 columns  CSV", "size    number", "colour  category", "Task: 2 classes of 'kind'",
        "Trained softmax regression: ",
        "On 40 rows that the models have not seen", "accuracy", "Next: tensorlet predict",
    ):  # fmt: skip
        assert text in printed
    assert "\033" not in printed and "\r" not in printed
    assert (tmp_path / "model.keras").read_bytes()[:2] == b"PK"


def test_train_as_json(folder, tmp_path, capsys):
    assert (
        main(
            ["train", str(folder / "flowers.csv"), "-t", "kind", "-o", str(tmp_path), "--no-trees", "--json"]
        )
        == 0
    )
    found = json.loads(capsys.readouterr().out)
    twin = json.loads((tmp_path / "flowers.report.json").read_text(encoding="utf-8"))
    assert found["measures"] == twin["measures"] and found["best"] in ("linear", "perceptron")
    assert found["files"]["model"] == str(tmp_path / "flowers.keras")


def test_train_in_korean(folder, tmp_path, capsys):
    words = [
        "--lang",
        "ko",
        "train",
        str(folder / "flowers.csv"),
        "-t",
        "kind",
        "-o",
        str(tmp_path),
        "--no-trees",
    ]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "과제: 'kind'의 클래스 2개" in printed and "소프트맥스 회귀" in printed and "rows" not in printed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train"], "expected these arguments as well: DATA."),
        (["train", "x.csv", "--targt", "kind"], "unknown arguments: --targt kind. Did you mean '--target'"),
        (
            ["train", "x.csv", "--test-share", "0.9"],
            "--test-share is 0.9. Expected a number from 0.05 to 0.5.",
        ),
        (["train", "x.csv", "--seed", "one"], "--seed is 'one'. Expected a number."),
        (["train", "x.csv", "--lang", "fr"], "--lang is 'fr'. Expected one of"),
        (["train", "x.csv", "--delimiter", "ab"], "--delimiter is 'ab'. Expected a single character."),
    ],
)
def test_usage_errors(words, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    printed = capsys.readouterr()
    assert message in printed.err and printed.out == ""
    assert "See tensorlet train --help." in printed.err


def test_nothing_is_written_after_an_error(folder, tmp_path, capsys):
    assert main(["train", str(folder / "flowers.csv"), "-t", "color", "-o", str(tmp_path)]) == 1
    assert "there is no column 'color'. Did you mean 'colour'?" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_predict_adds_answers_to_the_rows(folder, capsysbinary):
    path = str(folder / "flowers.csv")
    assert main(["predict", str(folder / "flowers.keras"), path]) == 0
    rows = rows_of(capsysbinary.readouterr().out.decode())
    assert list(rows[0]) == [
        "size", "colour", "kind", "prediction", "probability", "probability of iris", "probability of rose",
    ]  # fmt: skip
    original = rows_of((folder / "flowers.csv").read_text())
    assert [row["size"] for row in rows] == [row["size"] for row in original]
    assert np.mean([row["prediction"] == row["kind"] for row in rows]) > 0.8
    assert all(float(row["probability"]) == float(row[f"probability of {row['prediction']}"]) for row in rows)


@pytest.mark.parametrize(
    "name", ["answers.csv", "answers.tsv", "answers.csv.gz", "answers.parquet", "answers.arrow"]
)
def test_predict_writes_files_that_can_be_read_again(folder, tmp_path, name):
    from tensorlet.tabular.reading.files import read

    output = tmp_path / name
    assert (
        main(["predict", str(folder / "flowers.keras"), str(folder / "flowers.csv"), "-o", str(output)]) == 0
    )
    table = read(output).data
    assert table.num_rows == 200 and table.column_names[3] == "prediction"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_predict_refuses_names_of_other_formats_and_missing_models(folder, tmp_path, capsys):
    model, table = str(folder / "flowers.keras"), str(folder / "flowers.csv")
    assert main(["predict", model, table, "--output", str(tmp_path / "a.xlsx")]) == 1
    assert "format .xlsx. Choose a name that ends in .csv" in capsys.readouterr().err
    assert not (tmp_path / "a.xlsx").exists()
    assert main(["predict", model.replace("flowers.", "flower."), table]) == 1
    assert "there is no such file" in capsys.readouterr().err


def test_predict_streams_in_batches_with_the_same_answers(folder, tmp_path, monkeypatch):
    from tensorlet.tabular.reading import streams

    model, path = str(folder / "flowers.keras"), str(folder / "flowers.csv")
    assert main(["predict", model, path, "-o", str(tmp_path / "whole.parquet")]) == 0
    monkeypatch.setattr(streams, "BLOCK", 600)
    assert main(["predict", model, path, "-o", str(tmp_path / "parts.parquet")]) == 0
    assert pq.read_table(tmp_path / "whole.parquet").equals(pq.read_table(tmp_path / "parts.parquet"))
    assert pq.ParquetFile(tmp_path / "parts.parquet").num_row_groups > 3


def test_predict_says_what_is_unusual(folder, tmp_path, capsys):
    path = tmp_path / "new.csv"
    path.write_text('colour,size,note\nred,3.1,"a, b"\ngreen,big,x\ngreen,,y\n')
    assert main(["predict", str(folder / "flowers.keras"), str(path), "-o", str(tmp_path / "out.csv")]) == 0
    said = capsys.readouterr().err
    assert "another order than in the training: 'colour' where 'size' was" in said
    assert "Columns that the model does not know: 'note'" in said
    assert "Column 'colour': values that the training did not have: 'green' (2)." in said
    assert "Column 'size', line 3: 'big' is not of the kind 'number'; it counts as missing." in said
    assert [row["note"] for row in rows_of((tmp_path / "out.csv").read_text())] == ["a, b", "x", "y"]


def test_predict_as_json_from_standard_input(folder):
    done = subprocess.run(
        [sys.executable, "-m", "tensorlet", "predict", str(folder / "flowers.keras"), "-", "--json"],
        input="size,colour\n2.0,red\n6.0,blue\n", capture_output=True, text=True, timeout=120,
        env={**os.environ, "TENSORLET_LANG": "en"},
    )  # fmt: skip
    assert done.returncode == 0
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["prediction"] for one in answers] == ["rose", "iris"]


def test_a_fault_in_the_middle_leaves_no_file(folder, tmp_path, capsys):
    path = tmp_path / "new.csv"
    path.write_text("size,colour\n" + "3.0,red\n" * 50 + "3.0\n")
    assert main(["predict", str(folder / "flowers.keras"), str(path), "-o", str(tmp_path / "out.csv")]) == 1
    assert (
        "new.csv, line 52, column 2: the row has 1 value, but the header has 2 columns."
        in capsys.readouterr().err
    )
    assert [one.name for one in tmp_path.iterdir()] == ["new.csv"]
    words = [
        "predict",
        str(folder / "flowers.keras"),
        str(path),
        "-o",
        str(tmp_path / "out.csv"),
        "--skip-bad-rows",
    ]
    assert main(words) == 0
    assert "that were left out: 1" in capsys.readouterr().err


def test_evaluate(folder, capsys):
    assert main(["evaluate", str(folder / "flowers.keras"), str(folder / "flowers.csv"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["rows"] == 200 and np.sum(found["confusion_matrix"]) == 200
    right = np.trace(found["confusion_matrix"]) / 200
    assert found["measures"]["accuracy"]["value"] == pytest.approx(right)
    assert main(["evaluate", str(folder / "flowers.keras"), str(folder / "flowers.csv")]) == 0
    assert "True classes (rows) and predicted ones (columns):" in capsys.readouterr().out


def test_evaluate_needs_the_target(folder, tmp_path, capsys):
    path = tmp_path / "new.csv"
    path.write_text("size,colour\n3,red\n")
    assert main(["evaluate", str(folder / "flowers.keras"), str(path)]) == 1
    assert "there is no column 'kind'" in capsys.readouterr().err
    path.write_text("size,colour,kind\n3,red,rose\n3,red,tulip\n")
    assert main(["evaluate", str(folder / "flowers.keras"), str(path)]) == 0
    assert "Classes that it does not know: 'tulip'" in capsys.readouterr().err


def test_explain(folder, capsys):
    model, path = str(folder / "flowers.keras"), str(folder / "flowers.csv")
    assert main(["explain", model, path, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["importance"][0]["name"] == "size" and found["importance"][0]["value"] > 0.2
    means = np.array(found["partial_dependence"]["size"]["outputs"])
    assert means[0, 1] > 0.8 and means[-1, 1] < 0.2  # small ones are roses
    assert main(["explain", model, path, "--row", "3", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["exact"]
    amounts = sum(one["amount"] for one in row["contributions"])
    assert amounts == pytest.approx(row["answer"] - row["average"], abs=1e-6)
    assert main(["explain", model, path, "--row", "201"]) == 1
    assert "there is no row 201. Expected a number from 1 to 200." in capsys.readouterr().err


def test_export_and_show(folder, tmp_path, capsys):
    model = str(folder / "flowers.keras")
    assert main(["export", model, str(tmp_path / "flowers.onnx")]) == 0
    assert "input 'categories': colour" in capsys.readouterr().out
    assert (tmp_path / "flowers.onnx").stat().st_size > 200
    assert main(["export", model, str(tmp_path / "flowers.txt")]) == 1
    assert "Its extension selects the format" in capsys.readouterr().err
    assert main(["show", model]) == 0
    printed = capsys.readouterr().out
    assert (
        "predicts kind, one of 2 classes: iris, rose" in printed
        and "reads colour (category, 2 categories)" in printed
    )


def test_pictures(tmp_path, capsys):
    from PIL import Image

    random = np.random.default_rng(0)
    for number in range(60):
        path = tmp_path / "pictures" / ("dark", "light")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = random.integers(0, 100, (8, 8)) + 120 * (number % 2)
        Image.fromarray(pixels.astype(np.uint8)).save(path)
    assert main(["train", str(tmp_path / "pictures"), "--quiet"]) == 0
    capsys.readouterr()
    model = str(tmp_path / "pictures.keras")
    assert main(["predict", model, str(tmp_path / "pictures"), "--json"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert np.mean([f"/{one['prediction']}/" in one["file"] for one in answers]) > 0.95
    assert main(["predict", model, str(tmp_path / "pictures" / "dark" / "0.png")]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("file,prediction,probability,")


def test_help_is_translated(capsys):
    assert main(["--lang", "ko"]) == 0
    assert "모델을 학습합니다" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["train", "--help", "--lang", "ko"])
    printed = capsys.readouterr().out
    assert "사용법: tensorlet train" in printed and "예측할 열" in printed


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("flowers.csv/m.keras", "a part of its path is a file rather than a folder. Choose another path"),
        ("folder.keras", "is a folder, but a file is expected"),
    ],
)
def test_an_output_that_cannot_be_written_is_a_sentence(folder, tmp_path, capsys, output, said):
    (tmp_path / "flowers.csv").write_text((folder / "flowers.csv").read_text())
    (tmp_path / "folder.keras").mkdir()
    arguments = ["train", str(folder / "flowers.csv"), "-t", "kind", "--no-trees", "--quiet"]
    assert main([*arguments, "--output", str(tmp_path / output)]) == 1
    printed = capsys.readouterr().err
    assert f"tensorlet train: '{tmp_path / output}'" in printed
    assert said in printed
    assert "Errno" not in printed
    assert sorted(path.name for path in tmp_path.iterdir()) == ["flowers.csv", "folder.keras"]
