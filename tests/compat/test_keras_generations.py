"""What Keras 2 and Keras 3 mean by the same name: in programs, in files, and in files of the other generation."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import FileFormatError
from tensorlet.keras import generations

X = np.array([[-2.0], [0.0], [1.5]], np.float32)
#: Of Keras 2.15 and Keras 3.15.
HARD_SIGMOID = {2: [0.1, 0.5, 0.8], 3: [1 / 6, 0.5, 0.75]}


@pytest.fixture
def generation(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the generation of the program."""
    return lambda number: monkeypatch.setenv("TENSORLET_KERAS", str(number))


def model_with_hard_sigmoid() -> Any:
    layer = tf.keras.layers.Dense(1, "hard_sigmoid", kernel_initializer="ones", input_shape=(1,))
    return tf.keras.Sequential([layer])


def predicted(model: Any) -> Any:
    return pytest.approx(model.predict(X, verbose=0)[:, 0].tolist(), abs=1e-6)


@pytest.mark.parametrize("number", [2, 3])
def test_a_program_gets_what_its_generation_means(generation: Any, number: int) -> None:
    generation(number)
    expected = pytest.approx(HARD_SIGMOID[number])
    assert tf.keras.activations.hard_sigmoid(X[:, 0]).numpy().tolist() == expected
    assert tf.keras.activations.get("hard_sigmoid")(X[:, 0]).numpy().tolist() == expected
    assert predicted(model_with_hard_sigmoid()) == HARD_SIGMOID[number]
    layer = tf.keras.layers.Dense(1, "hard_sigmoid")
    assert layer.get_config()["activation"] == "hard_sigmoid"
    assert float(tf.keras.optimizers.Lion().learning_rate) == pytest.approx({2: 1e-4, 3: 1e-3}[number])
    loss = tf.keras.losses.BinaryCrossentropy()(np.ones((1, 1)), np.zeros((1, 1)))
    assert float(loss) == pytest.approx({2: 15.424949, 3: 16.118095}[number])


def test_programs_are_of_keras_2_unless_they_say_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TENSORLET_KERAS", raising=False)
    for module in ("tensorlet.keras.ops", "tensorlet.keras.random"):
        monkeypatch.delitem(__import__("sys").modules, module, raising=False)
    assert generations.keras_generation() == 2
    monkeypatch.setitem(__import__("sys").modules, "tensorlet.keras.ops", tf)
    assert generations.keras_generation() == 3


@pytest.mark.parametrize("ending", ["h5", "keras", "json"])
@pytest.mark.parametrize("dialect", ["keras2", "keras3"])
@pytest.mark.parametrize("writer", [2, 3])
@pytest.mark.parametrize("reader", [2, 3])
def test_predictions_survive_every_file(
    generation: Any, tmp_path: Path, ending: str, dialect: str, writer: int, reader: int
) -> None:
    generation(writer)
    model = model_with_hard_sigmoid()
    if ending == "json":
        text, weights = model.to_json(), model.get_weights()
        generation(reader)
        again = tf.keras.models.model_from_json(text)
        again.set_weights(weights)
    else:
        path = tmp_path / f"model.{ending}"
        model.save(path, dialect=dialect)
        generation(reader)
        again = tf.keras.models.load_model(path)
    assert predicted(again) == HARD_SIGMOID[writer]


def test_a_file_for_the_other_generation_does_not_claim_its_meaning(generation: Any, tmp_path: Path) -> None:
    generation(2)
    model_with_hard_sigmoid().save(tmp_path / "model.keras", dialect="keras3")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        activation = json.loads(archive.read("config.json"))["config"]["layers"][1]["config"]["activation"]
    assert activation["config"] == "keras2_hard_sigmoid"
    model_with_hard_sigmoid().save(tmp_path / "model.h5")
    with h5py.File(tmp_path / "model.h5") as file:
        assert '"activation": "hard_sigmoid"' in file.attrs["model_config"]


def problem() -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).normal(size=(24, 3)).astype(np.float32)
    return x, (x @ [1.0, -2.0, 0.5])[:, None].astype(np.float32)


def trained(optimizer: Any) -> tuple[Any, list[float]]:
    layer = tf.keras.layers.Dense(1, kernel_initializer="ones", input_shape=(3,))
    model = tf.keras.Sequential([layer])
    model.compile(optimizer, "mse")
    x, y = problem()
    history = model.fit(x, y, batch_size=6, epochs=3, shuffle=False, verbose=0)
    return model, history.history["loss"]


#: Losses of three epochs with TensorFlow 2.15's tf.keras.optimizers.legacy.
LEGACY: list[tuple[str, dict[str, Any], list[float]]] = [
    ("SGD", {"decay": 0.1}, [4.89716, 3.18969, 2.37052]),
    ("Adam", {}, [5.43805, 4.53852, 3.83977]),
    ("RMSprop", {"epsilon": 0.1}, [4.94201, 3.68052, 3.02156]),
    ("RMSprop", {"centered": True}, [5.00875, 3.46856, 2.62529]),
    ("RMSprop", {"momentum": 0.5}, [4.98642, 2.56966, 1.54828]),
    ("Adagrad", {"epsilon": 0.1}, [5.41592, 4.93623, 4.65844]),
    ("Nadam", {}, [5.43409, 4.74548, 4.15786]),
    ("Nadam", {"beta_1": 0.5}, [5.38589, 4.52307, 3.86061]),
]


@pytest.mark.filterwarnings("ignore:tf.keras.optimizers.legacy")
@pytest.mark.parametrize(("name", "arguments", "expected"), LEGACY)
def test_legacy_optimizers_train_as_in_keras_2(
    name: str, arguments: dict[str, Any], expected: list[float]
) -> None:
    _, losses = trained(getattr(tf.keras.optimizers.legacy, name)(learning_rate=0.05, **arguments))
    assert losses == pytest.approx(expected, rel=2e-5)


@pytest.mark.filterwarnings("ignore:tf.keras.optimizers.legacy")
@pytest.mark.parametrize("file", ["model.h5", "model.keras"])
@pytest.mark.parametrize("dialect", ["keras2", "keras3"])
@pytest.mark.parametrize(("name", "arguments"), [case[:2] for case in LEGACY])
def test_training_goes_on_from_a_file(
    tmp_path: Path, name: str, arguments: dict[str, Any], dialect: str, file: str
) -> None:
    model, _ = trained(getattr(tf.keras.optimizers.legacy, name)(learning_rate=0.05, **arguments))
    model.save(tmp_path / file, dialect=dialect)
    again = tf.keras.models.load_model(tmp_path / file)
    assert again.optimizer.is_legacy == model.optimizer.is_legacy or arguments.get("decay")
    x, y = problem()
    for one in (model, again):
        one.fit(x, y, batch_size=6, epochs=1, shuffle=False, verbose=0)
    for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_file_of_keras_2_says_that_its_optimizer_is_legacy() -> None:
    config = {
        "name": "RMSprop",
        "learning_rate": 0.01,
        "decay": 0.0,
        "rho": 0.9,
        "momentum": 0.0,
        "epsilon": 1e-7,
    }
    assert tf.keras.optimizers.RMSprop.from_config(config).is_legacy
    del config["decay"]
    assert not tf.keras.optimizers.RMSprop.from_config(config).is_legacy


def test_an_unknown_meaning_is_an_error(tmp_path: Path) -> None:
    model_with_hard_sigmoid().save(tmp_path / "model.h5")
    with h5py.File(tmp_path / "model.h5", "r+") as file:
        config = file.attrs["model_config"]
        file.attrs["model_config"] = config.replace("hard_sigmoid", "keras2_hard_sigmid")
        for name in ("tensorlet_checksums", "tensorlet_has_checksums"):
            del file.attrs[name]
    with pytest.raises(FileFormatError, match="hard_sigmoid"):
        tf.keras.models.load_model(tmp_path / "model.h5")
