"""From a table to a model: training, its measures, the file, and the report."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import FileFormatError, InvalidArgumentError
from tensorlet.localization import use_language
from tensorlet.tabular import TableError, load_model, train
from tensorlet.tabular.model_file import KEY, read_description
from tensorlet.tabular.report.page import page_of
from tensorlet.tabular.report.summary import summary_of


def flowers(rows=300, seed=0):
    """Two kinds of flowers that differ in size, in the colour and in the month."""
    random = np.random.default_rng(seed)
    kind = random.integers(0, 2, rows)
    size = random.normal(3 + 2 * kind, 1.0)
    return {
        "size (cm)": size.tolist(),
        "colour": [["red", "blue", "white"][random.integers(0, 2) + one] for one in kind],
        "found": [f"2023-{random.integers(1, 7) + 5 * one:02}-{random.integers(1, 28):02}" for one in kind],
        "wild": ["yes" if random.random() < 0.5 else "no" for _ in kind],
        "kind": [["rose", "iris"][one] for one in kind],
    }


@pytest.fixture(scope="module")
def result():
    return train(flowers(), "kind")


@pytest.fixture(scope="module")
def file(result, tmp_path_factory):
    path = str(tmp_path_factory.mktemp("model") / "flowers.keras")
    result.save(path)
    return path


def test_it_learns_and_compares(result):
    assert set(result.measures) == {"baseline", "linear", "perceptron", "trees"}
    assert result.measures["baseline"]["accuracy"].value < 0.6
    for name in ("linear", "perceptron"):
        assert result.measures[name]["accuracy"].value > 0.85
        assert result.measures[name]["accuracy"].low < result.measures[name]["accuracy"].value
    assert [column.kind for column in result.problem.columns] == [
        "number",
        "category",
        "date",
        "boolean",
        "category",
    ]
    assert result.problem.columns[0].unit == "cm"
    assert result.problem.target.classes == ["iris", "rose"]
    assert result.importance[-1].name in ("wild", "found")


def test_the_same_seed_gives_the_same_bits(result):
    again = train(flowers(), "kind", trees=False)
    for name in ("linear", "perceptron"):
        for one, other in zip(
            result.fitted[name].network.whole.get_weights(),
            again.fitted[name].network.whole.get_weights(),
            strict=True,
        ):
            assert np.array_equal(one, other)


def test_numbers_are_predicted_in_their_unit():
    x = np.random.default_rng(0).normal(size=400)
    result = train({"x": x, "price": 1000 * x + 50_000}, "price", trees=False)
    assert result.measures["linear"]["r2"].value > 0.99
    assert abs(float(result.predicted.mean()) - 50_000) < 300


def test_rows_are_divided_in_proportion(result):
    split, labels = result.problem.split, result.problem.labels
    parts = [split.train, split.validation, split.test]
    assert sorted(np.concatenate(parts).tolist()) == list(range(300))
    for part in parts:
        assert abs(labels[part].mean() - labels.mean()) < 0.03


def test_rows_are_divided_by_time_and_by_group():
    data = flowers()
    data["when"] = [f"2024-{1 + i // 28 % 12:02}-{1 + i % 28:02}" for i in range(300)]
    by_time = train(data, "kind", time="when", trees=False, epochs=2)
    assert set(by_time.problem.split.test) == set(range(240, 300))
    data["when"] = [f"garden {i // 15}" for i in range(300)]
    split = train(data, "kind", group="when", trees=False, epochs=2).problem.split
    groups = [{int(row) // 15 for row in part} for part in (split.train, split.validation, split.test)]
    assert not groups[0] & groups[1] and not groups[0] & groups[2] and not groups[1] & groups[2]


def test_missing_values_have_a_column_of_their_own():
    data = flowers()
    data["size (cm)"] = [None if i % 5 == 0 else value for i, value in enumerate(data["size (cm)"])]
    problem = train(data, "kind", trees=False, epochs=2).problem
    assert problem.encoder.parts["size (cm)"] == ["size (cm)", "size (cm) is missing"]
    missing = problem.inputs["numbers"][:, 1]
    assert missing.sum() == 60 and missing[0] == 1
    mean = np.mean([data["size (cm)"][row] for row in problem.split.train if row % 5])
    assert problem.inputs["numbers"][0, 0] == pytest.approx(mean, rel=1e-6)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: d.update(answer=[one[:2] for one in d["kind"]]), "leak"),
        (
            lambda d: d.update(kind=["tulip" if i % 40 == 0 else one for i, one in enumerate(d["kind"])]),
            "rare-class",
        ),
        (lambda d: d.update({key: value[:100] * 3 for key, value in d.items()}), "duplicates"),
        (lambda d: d.update(weight=np.random.default_rng(1).normal(5000, 900, 300).tolist()), "scale"),
        (lambda d: d.update(kind=["rose" if i % 10 else "iris" for i in range(300)]), "unbalanced"),
        (lambda d: d.update(kind=np.random.default_rng(2).permutation(d["kind"]).tolist()), "no-better"),
    ],
)
def test_what_is_remarkable_is_found(change, code):
    data = flowers()
    change(data)
    assert code in [one.code for one in train(data, "kind", trees=False, epochs=20).findings]


def test_nothing_is_said_without_a_reason(result):
    assert result.findings == []


def test_over_fitting_and_constant_predictions_are_found():
    random = np.random.default_rng(0)
    data = {f"x{i}": random.normal(size=120) for i in range(80)} | {"y": random.normal(size=120)}
    codes = [one.code for one in train(data, "y", trees=False, learning_rate=0.01, epochs=60).findings]
    assert "over-fitting" in codes and "no-better" in codes and "few-rows" in codes
    rare = {"x": random.normal(size=300), "y": ["a" if i % 30 else "b" for i in range(300)]}
    assert "constant" in [one.code for one in train(rare, "y", trees=False, epochs=3).findings]


def test_a_learning_rate_out_of_its_range_is_found():
    codes = [one.code for one in train(flowers(), "kind", trees=False, learning_rate=50.0, epochs=2).findings]
    assert "learning-rate" in codes


def test_the_model_file_says_what_its_columns_mean(result, file):
    description = read_description(file)
    assert [column.name for column in description.columns] == ["size (cm)", "colour", "found", "wild"]
    assert description.target.classes == ["iris", "rose"]
    assert sorted(description.columns[1].categories) == ["blue", "red", "white"]
    assert description.to_json()["inputs"] == {
        "numbers": ["size (cm)", "found", "wild"],
        "categories": ["colour"],
    }
    model = tf.keras.models.load_model(file)
    rows = result.problem.split.test
    assert np.array_equal(
        model.predict(result.problem.rows_of(rows), batch_size=1024, verbose=0), result.predicted
    )


def test_a_changed_description_is_refused(file, tmp_path):
    import zipfile

    changed = tmp_path / "changed.keras"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == "metadata.json":
                metadata = json.loads(data)
                metadata[KEY]["target"]["classes"].reverse()
                data = json.dumps(metadata).encode()
            new.writestr(info, data)
    with pytest.raises(FileFormatError, match="does not have the fingerprint"):
        load_model(changed)


def test_other_models_are_refused(tmp_path):
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    model.save(tmp_path / "other.keras")
    with pytest.raises(InvalidArgumentError, match="does not say what its columns mean"):
        load_model(tmp_path / "other.keras")


def test_a_loaded_model_answers_by_the_names_of_columns(result, file):
    model = load_model(file)
    data = flowers(50, seed=3)
    expected = model.predict(data)
    reversed_order = dict(reversed(data.items()))
    assert np.array_equal(model.predict(reversed_order), expected)
    rows = [dict(zip(data, values, strict=True)) for values in zip(*data.values(), strict=True)]
    answers = model.predict_rows(rows)
    assert np.array_equal([list(one["probabilities"].values()) for one in answers], expected.astype(float))
    assert (
        np.mean([one["prediction"] == kind for one, kind in zip(answers, data["kind"], strict=True)]) > 0.85
    )


def test_a_loaded_model_says_what_is_different(file):
    model = load_model(file)
    names = list(flowers(5))
    assert model.check_columns(names, "t") == []
    (note,) = model.check_columns(["colour", "size (cm)", "found", "wild"], "t")
    assert note.startswith(
        "The columns are in another order than in the training: 'colour' where 'size (cm)' was."
    )
    (note,) = model.check_columns([*names, "price"], "t")
    assert note == "Columns that the model does not know: 'price'. They were ignored."
    with pytest.raises(
        TableError, match=r"needs the columns 'colour', which the table does not have. Did you mean 'color'"
    ):
        model.check_columns(["size (cm)", "color", "found", "wild"], "t")
    data = flowers(4)
    data["colour"] = ["red", "green", "green", "blue"]
    assert model.encoder.encode(_table(data)).unknown == {"colour": {"green": 2}}


def _table(data):
    import pyarrow as pa

    return pa.table(data)


def test_wrong_rows_are_refused_by_the_name_of_the_field(file):
    model = load_model(file)
    with pytest.raises(
        InvalidArgumentError, match=r"Row 1: there is no column 'colur'\. Did you mean 'colour'"
    ):
        model.predict_rows([{"colur": "red"}])
    with pytest.raises(
        InvalidArgumentError, match=r"Row 2: the value of 'size \(cm\)' is 'big', but a number is expected"
    ):
        model.predict_rows([{"size (cm)": 1.0}, {"size (cm)": "big"}])
    assert model.predict_rows([]) == []


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_frames_are_answered_by_frames(library, file):
    module = pytest.importorskip(library)
    data = flowers(20, seed=5)
    frame = module.table(data) if library == "pyarrow" else module.DataFrame(data)
    model = load_model(file)
    answer = model.predict_frame(frame)
    assert type(answer) is type(frame)
    columns = (
        answer.to_pydict() if library == "pyarrow" else {name: list(answer[name]) for name in answer.columns}
    )
    assert list(columns) == ["prediction", "probability", "probability of iris", "probability of rose"]
    assert columns["probability of rose"] == model.predict(data)[:, 1].astype(float).tolist()


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen = [], set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_report_is_one_page_without_scripts(result, language):
    use_language(language)
    summary = summary_of(result)
    page = page_of(summary)
    tags = _Tags()
    tags.feed(page)
    assert tags.open == [] and "script" not in tags.seen and "svg" in tags.seen
    assert not re.search(r'(?:src|href)="', page) and "http" not in page.replace("http-equiv", "")
    assert "prefers-color-scheme: dark" in page and "@media print" in page
    assert f"{result.measures[result.best]['accuracy'].value:.1%}" in page
    assert ("How good it is" in page) == (language == "en")
    twin = json.loads(json.dumps(summary, allow_nan=False))
    assert twin["measures"]["linear"]["accuracy"]["value"] == result.measures["linear"]["accuracy"].value
    assert twin["confusion_matrix"] == result.confusion().tolist()


def test_names_in_the_report_are_escaped():
    data = flowers()
    data["<script>alert(1)</script>"] = data.pop("size (cm)")
    page = page_of(summary_of(train(data, "kind", trees=False, epochs=2)))
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_pictures_are_learned():
    from tensorlet.tabular.problem import Plan
    from tensorlet.tabular.reading.source import Pictures
    from tensorlet.tabular.training import train_source

    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 200)
    x = (random.integers(0, 100, (200, 6, 6, 1)) + 120 * labels[:, None, None, None]).astype(np.uint8)
    result = train_source(Pictures("dark or light", x, [["dark", "light"][one] for one in labels]), Plan())
    assert result.measures["linear"]["accuracy"].value > 0.95
    assert "pictures" in result.problem.inputs and "not compared for pictures" in result.notes[0]


def test_columns_with_many_categories_are_embedded():
    random = np.random.default_rng(0)
    shops = random.integers(0, 300, 3000)
    result = train(
        {"shop": [f"shop {one}" for one in shops], "good": np.where(shops % 2, "yes", "no")},
        "good",
        trees=False,
    )
    assert list(result.problem.inputs) == ["many_categories"]
    assert result.measures["perceptron"]["accuracy"].value > 0.95


def test_large_numbers_keep_their_differences():
    seconds = np.random.default_rng(0).uniform(0, 10, 400)
    result = train({"time": 1.7e9 + seconds, "late": np.where(seconds > 5, "yes", "no")}, "late", trees=False)
    assert result.measures["linear"]["accuracy"].value > 0.95
