"""`tf.keras.utils`: labels, scales, seeds, files, batches, the progress bar, configurations of things."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import FileFormatError, InvalidArgumentError, OutOfRangeError, UnknownNameError

utils = tf.keras.utils


def test_negative_labels_count_from_the_end() -> None:
    with pytest.warns(UserWarning, match="negative labels count from the end: -1 becomes class 3"):
        found = utils.to_categorical([-1, 0, 2], 4)
    assert found.tolist() == [[0, 0, 0, 1], [1, 0, 0, 0], [0, 0, 1, 0]]  # of TensorFlow 2.15


def test_to_categorical() -> None:
    np.testing.assert_array_equal(utils.to_categorical([[1], [0]]), [[0, 1], [1, 0]])
    with pytest.raises(OutOfRangeError, match="0 to 2"):
        utils.to_categorical([0, 3], 3)


def test_normalize_keeps_zeros() -> None:
    np.testing.assert_allclose(utils.normalize([[3.0, 4.0], [0.0, 0.0]]), [[0.6, 0.8], [0.0, 0.0]])


def test_the_seed_repeats_all_generators() -> None:
    drawn = []
    for _ in range(2):
        utils.set_random_seed(3)
        drawn.append((np.random.rand(), float(tf.random.normal([]))))  # noqa: NPY002
    assert drawn[0] == drawn[1]


class Ramp(utils.Sequence):
    """Three batches of two rows: x counts from 0 to 5 and y = 3 x + 1."""

    def __init__(self) -> None:
        super().__init__(workers=2)
        self.ends = 0

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        x = np.array([[2.0 * index], [2.0 * index + 1.0]])
        return x, 3.0 * x + 1.0

    def on_epoch_end(self) -> None:
        self.ends += 1


def test_a_sequence_trains_evaluates_and_predicts() -> None:
    data = Ramp()
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="zeros", input_shape=(1,))])
    model.compile(tf.keras.optimizers.SGD(0.02), "mse")
    # y is 1, 4, ... 16, and all predictions are 0: (1 + 16 + 49 + 100 + 169 + 256) / 6.
    assert model.evaluate(data, verbose=0) == pytest.approx(591 / 6)
    model.fit(data, epochs=150, verbose=0)
    assert data.ends == 150
    np.testing.assert_allclose(model.predict(data, verbose=0)[:, 0], [1, 4, 7, 10, 13, 16], atol=0.1)
    with pytest.raises(NotImplementedError, match=r"has no method __len__\(self\)"):
        len(utils.Sequence())
    with pytest.raises(NotImplementedError, match=r"has no method __getitem__"):
        utils.PyDataset()[0]


def test_the_parts_of_a_batch() -> None:
    assert utils.unpack_x_y_sample_weight(5) == (5, None, None)
    assert utils.unpack_x_y_sample_weight([1, 2, 3]) == (1, 2, 3)
    assert utils.pack_x_y_sample_weight(1) == 1
    assert utils.pack_x_y_sample_weight([1]) == ([1],)
    assert utils.pack_x_y_sample_weight(1, 2, 3) == (1, 2, 3)
    with pytest.raises(InvalidArgumentError, match="A batch has 4 parts"):
        utils.unpack_x_y_sample_weight((1, 2, 3, 4))


def test_files_that_are_there_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets" / "flowers").mkdir(parents=True)
    file = tmp_path / "datasets" / "자료.csv"
    file.write_text("1,2")
    assert utils.get_file("자료.csv", "https://example.com/x.csv") == str(file)
    assert utils.get_file(origin=file.as_uri()) == str(file)
    assert utils.get_file("flowers.tgz", "https://example.com/f.tgz", untar=True) == str(
        file.parent / "flowers"
    )
    digest = hashlib.sha256(b"1,2").hexdigest()
    assert utils.get_file("자료.csv", file_hash=digest) == str(file)
    assert utils.get_file("자료.csv", md5_hash=hashlib.md5(b"1,2").hexdigest()) == str(file)
    with pytest.raises(FileFormatError, match="has the sha256 hash"):
        utils.get_file("자료.csv", file_hash="0" * 64)


def test_a_file_that_is_missing_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        utils.get_file(origin="https://example.com/data/auto.csv", cache_dir=tmp_path)
    assert str(raised.value) == (
        f"get_file: {tmp_path / 'datasets' / 'auto.csv'} does not exist, and Tensorlet does not download files. "
        "Download https://example.com/data/auto.csv with a browser and put the file there."
    )
    with pytest.raises(InvalidArgumentError, match="pass the name of the file"):
        utils.get_file()


def test_the_bar_shows_means_and_states(capsys: pytest.CaptureFixture[str]) -> None:
    seconds = iter([0.0, 3.0])
    bar = utils.Progbar(4, stateful_metrics=["rate"], clock=lambda: next(seconds))
    bar.add(1, [("loss", 1.0), ("rate", 0.1)])
    bar.add(2, [("loss", 0.25), ("rate", 0.2)])
    bar.update(4, [("loss", 0.5), ("rate", 0.3)])
    # (1 * 1 + 2 * 0.25 + 1 * 0.5) / 4 = 0.5
    assert capsys.readouterr().out == (f"4/4 [{'=' * 30}] - 3s 750ms/step - loss: 0.5000 - rate: 0.3000\n")
    bar.update(4)
    assert capsys.readouterr().out == ""


def test_the_bar_can_be_turned_off_for_good(capsys: pytest.CaptureFixture[str]) -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])
    model.compile("sgd", "mse")
    utils.disable_interactive_logging()
    try:
        model.fit(np.zeros((2, 1)), np.zeros(2))
        assert capsys.readouterr().out == ""
        model.fit(np.zeros((2, 1)), np.zeros(2), verbose=1)
        assert "1/1 [===" in capsys.readouterr().out
    finally:
        utils.enable_interactive_logging()
    assert utils.is_interactive_logging_enabled()


@pytest.mark.parametrize(
    ("thing", "attribute"),
    [
        (tf.keras.layers.Dense(3, activation="relu", name="mine"), "units"),
        (tf.keras.losses.Huber(2.0), "name"),
        (tf.keras.metrics.TopKCategoricalAccuracy(3), "name"),
        (tf.keras.optimizers.Adam(0.5), "beta_1"),
        (tf.keras.optimizers.schedules.ExponentialDecay(0.5, 10, 0.9), "decay_rate"),
        (tf.keras.initializers.Constant(3.0), "value"),
        (tf.keras.regularizers.L2(0.25), "l2"),
        (tf.keras.constraints.MaxNorm(2.0), "max_value"),
    ],
)
def test_things_go_through_configurations(thing: Any, attribute: str) -> None:
    config = utils.serialize_keras_object(thing)
    again = utils.deserialize_keras_object(config)
    assert type(again) is type(thing)
    assert getattr(again, attribute) == getattr(thing, attribute)
    without_module = {"class_name": config["class_name"], "config": config["config"]}
    assert type(utils.deserialize_keras_object(without_module)) is type(thing)


def test_models_and_things_of_the_users_own_go_through_configurations() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(3, input_shape=(2,))], name="tiny")
    again = utils.deserialize_keras_object(utils.serialize_keras_object(model))
    assert (again.name, again.count_params()) == ("tiny", 9)

    class Half(tf.keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs / 2.0

    config = utils.serialize_keras_object(Half(name="half"))
    assert config["module"] is None
    assert isinstance(utils.deserialize_keras_object(config, custom_objects={"Half": Half}), Half)
    with utils.custom_object_scope({"Half": Half}):
        assert utils.deserialize_keras_object(config).name == "half"
    with pytest.raises(InvalidArgumentError, match=r"custom_objects=\{'Half': \.\.\.\}"):
        utils.deserialize_keras_object(config)
    with pytest.raises(InvalidArgumentError, match="Expected a name, or a dictionary"):
        utils.deserialize_keras_object(5)
    assert utils.deserialize_keras_object(None) is None
    assert utils.deserialize_keras_object("relu")(tf.constant(-1.0)).numpy() == 0.0


def test_code_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="could run anything"):
        utils.func_load("bytes")


def test_names_that_are_missing_are_explained() -> None:
    with pytest.raises(UnknownNameError, match="Read the files into NumPy arrays"):
        utils.audio_dataset_from_directory  # noqa: B018
    with pytest.raises(UnknownNameError, match="Did you mean 'to_categorical'"):
        utils.to_categorial  # noqa: B018


def test_every_name_that_is_listed_is_there() -> None:
    names = [name for name in dir(utils) if not name.startswith("_")]
    assert [name for name in names if getattr(utils, name, None) is None] == []
    assert {"Progbar", "get_file", "plot_model", "to_categorical", "custom_object_scope"} <= set(names)


def test_a_seed_can_be_the_first_thing_that_a_program_sets() -> None:
    program = (
        "import tensorlet as tf; tf.keras.utils.set_random_seed(1); print(float(tf.random.uniform(())) < 1.0)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["True"]


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({"stateful_metrics": []}, "1.0000"),
        ({"stateful_metrics": ["value"]}, "2.0000"),
        ({"stateless_metrics": []}, "2.0000"),
        ({"stateless_metrics": ["value"]}, "1.0000"),
    ],
)
def test_progress_bars_show_means_of_stateless_metrics(
    capsys: pytest.CaptureFixture[str], options: dict[str, Any], shown: str
) -> None:
    bar = tf.keras.utils.Progbar(2, verbose=2, **options)
    bar.update(1, values=[("value", 0.0)])
    bar.update(2, values=[("value", 2.0)])
    assert f"value: {shown}" in capsys.readouterr().out


def test_progress_bars_take_one_list_of_metrics() -> None:
    with pytest.raises(InvalidArgumentError, match="Name one of the two"):
        tf.keras.utils.Progbar(1, stateful_metrics=[], stateless_metrics=[])
