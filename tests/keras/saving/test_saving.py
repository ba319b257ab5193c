"""Saving and loading as users do: every format by its name, and training that goes on to the same bits."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import saved_model_cases as cases

import tensorlet as tf

layers = tf.keras.layers
FORMATS = [("h5", "keras2"), ("h5", "keras3"), ("keras", "keras2"), ("keras", "keras3")]

OPTIMIZERS: dict[str, Any] = {
    "sgd": lambda: "sgd",
    "momentum": lambda: tf.keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "adam": lambda: tf.keras.optimizers.Adam(0.02, clipnorm=1.0),
    "amsgrad with averages": lambda: tf.keras.optimizers.Adam(0.02, amsgrad=True, use_ema=True),
    "adamw": lambda: tf.keras.optimizers.AdamW(0.02),
    "adamax": lambda: "adamax",
    "nadam": lambda: tf.keras.optimizers.Nadam(0.02),
    "rmsprop": lambda: tf.keras.optimizers.RMSprop(0.01, momentum=0.9, centered=True),
    "adagrad": lambda: "adagrad",
    "adadelta": lambda: "adadelta",
    "ftrl": lambda: "ftrl",
    "lion": lambda: tf.keras.optimizers.Lion(0.001),
    "decay": lambda: tf.keras.optimizers.SGD(0.1, decay=0.05),
    "schedule": lambda: tf.keras.optimizers.SGD(tf.keras.optimizers.schedules.CosineDecay(0.1, 20)),
}


def assert_same_bits(one: Any, other: Any) -> None:
    for first, second in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.filterwarnings("ignore:.*legacy spelling:FutureWarning")
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("ending", "dialect"), FORMATS)
def test_training_goes_on_to_the_same_bits(ending: str, dialect: str, optimizer: str, tmp_path: Path) -> None:
    model = cases.sequential(tf.keras)
    model.compile(OPTIMIZERS[optimizer](), "sparse_categorical_crossentropy", metrics=["accuracy"])
    cases.train(model, "sequential", 2)
    path = tmp_path / f"model.{ending}"
    model.save(path, dialect=dialect)
    loaded = tf.keras.models.load_model(path)
    assert_same_bits(loaded, model)
    for one in (model, loaded):
        cases.train(one, "sequential", 2)
    assert_same_bits(loaded, model)
    x, y = cases.data("sequential")
    assert loaded.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)


@pytest.mark.parametrize(("ending", "dialect"), FORMATS)
def test_a_functional_model_goes_on_to_the_same_bits(ending: str, dialect: str, tmp_path: Path) -> None:
    model = cases.functional(tf.keras)
    cases.train(model, "functional", 1)
    path = tmp_path / f"model.{ending}"
    model.save(path, dialect=dialect)
    loaded = tf.keras.models.load_model(path)
    for one in (model, loaded):
        cases.train(one, "functional", 2)
    assert_same_bits(loaded, model)
    assert [layer.name for layer in loaded.layers] == [layer.name for layer in model.layers]


@pytest.mark.parametrize("ending", ["weights.h5", "h5", "keras"])
@pytest.mark.parametrize("dialect", ["keras2", "keras3"])
@pytest.mark.parametrize("case", list(cases.CASES))
def test_weights_alone(case: str, dialect: str, ending: str, tmp_path: Path) -> None:
    make = cases.CASES[case]
    model, other = make(tf.keras), make(tf.keras)
    cases.train(model, case, 1)
    model.save_weights(tmp_path / f"w.{ending}", dialect=dialect)
    other.load_weights(tmp_path / f"w.{ending}")
    assert_same_bits(other, model)


def test_the_name_says_the_format(tmp_path: Path) -> None:
    model = cases.sequential(tf.keras)
    for name in ("a.keras", "folder/model"):
        model.save(tmp_path / name)
        assert_same_bits(tf.keras.models.load_model(tmp_path / name), model)
    assert zipfile.is_zipfile(tmp_path / "a.keras")
    for name in ("b.h5", "c.hdf5"):
        model.save(tmp_path / name)
        assert h5py.is_hdf5(tmp_path / name)
    model.save(tmp_path / "anything", save_format="h5")
    assert h5py.is_hdf5(tmp_path / "anything")
    model.save_weights(str(tmp_path / "checkpoints" / "my_checkpoint"))
    assert sorted(one.name for one in (tmp_path / "checkpoints").iterdir()) == [
        "checkpoint", "my_checkpoint.data-00000-of-00001", "my_checkpoint.index",
    ]  # fmt: skip
    model.save_weights(tmp_path / "w.safetensors")
    for name in ("checkpoints/my_checkpoint", "w.safetensors"):
        other = cases.sequential(tf.keras)
        other.set_weights([np.zeros_like(weight) for weight in other.get_weights()])
        other.load_weights(str(tmp_path / name))
        assert_same_bits(other, model)


def test_names_the_files_have_elsewhere(tmp_path: Path) -> None:
    """The layouts that Keras looks for: hand-read, without Tensorlet's reader."""
    model = tf.keras.Sequential([layers.Dense(2, input_shape=(3,), name="first")], name="net")
    model.compile(tf.keras.optimizers.Adam(0.5), "mse", metrics=["mae"])
    model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    model.save(tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5") as file:
        group = file["model_weights"]
        assert [name.decode() for name in group.attrs["layer_names"]] == ["first"]
        np.testing.assert_array_equal(group["first/first/kernel:0"][()], model.get_weights()[0])
        assert group["top_level_model_weights"].attrs["weight_names"].shape == (0,)
        assert group["top_level_model_weights"].attrs["weight_names"].dtype == np.float64
        names = [name.decode() for name in file["optimizer_weights"].attrs["weight_names"]]
        assert names[:3] == ["iteration:0", "Adam/m/first/kernel:0", "Adam/v/first/kernel:0"]
        settings = json.loads(file.attrs["training_config"])
        assert settings["optimizer_config"]["class_name"] == "Custom>Adam"
        assert settings["optimizer_config"]["config"]["learning_rate"] == 0.5
        assert settings["metrics"][0][0]["class_name"] == "MeanAbsoluteError"
    model.save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        assert archive.namelist() == ["metadata.json", "config.json", "model.weights.h5"]
        config = json.loads(archive.read("config.json"))
        assert config["class_name"] == "Sequential"
        assert config["compile_config"]["optimizer"]["class_name"] == "Adam"
        archive.extract("model.weights.h5", tmp_path)
    with h5py.File(tmp_path / "model.weights.h5") as file:
        assert sorted(file["optimizer/vars"]) == ["0", "1", "2", "3", "4", "5"]
        assert float(file["optimizer/vars/1"][()]) == 0.5
        np.testing.assert_array_equal(file["layers/dense/vars/0"][()], model.get_weights()[0])
        assert file["layers/dense/vars"].attrs["name"] == "first"


def test_korean_names_of_folders_files_and_layers(tmp_path: Path) -> None:
    model = tf.keras.Sequential([layers.Dense(2, input_shape=(3,), name="은닉층")], name="모델")
    for name in ("가중치.weights.h5", "가중치.h5"):
        model.save_weights(tmp_path / "내 폴더" / name)
        model.load_weights(tmp_path / "내 폴더" / name)
    for name in ("모델.h5", "모델.keras"):
        model.save(str(tmp_path / "내 폴더" / name))
        loaded = tf.keras.models.load_model(str(tmp_path / "내 폴더" / name))
        assert loaded.layers[0].name == "은닉층"
        assert_same_bits(loaded, model)


class Gain(layers.Layer):
    """A user's layer with a weight and an argument."""

    def __init__(self, factor: float, **options: Any) -> None:
        super().__init__(**options)
        self.factor = factor

    def build(self, input_shape: Any) -> None:
        self.gain = self.add_weight(name="gain", shape=(), initializer="ones")

    def call(self, inputs: Any) -> Any:
        return inputs * self.gain * self.factor

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


def halved(x: Any) -> Any:
    return 0.5 * x


def squared(y_true: Any, y_pred: Any) -> Any:
    return (y_true - y_pred) ** 2


@pytest.mark.parametrize(("ending", "dialect"), FORMATS)
def test_things_of_ones_own(ending: str, dialect: str, tmp_path: Path) -> None:
    model = tf.keras.Sequential([layers.Input((3,)), Gain(3.0), layers.Dense(2, activation=halved)])
    model.compile("adam", squared, metrics=[squared, "mae"])
    x, y = cases.data("subclassed")
    model.fit(x, y, verbose=0)
    path = tmp_path / f"model.{ending}"
    model.save(path, dialect=dialect)
    with pytest.raises(ValueError, match=r"model\..*no (layer|activation) named"):
        tf.keras.models.load_model(path)
    own = {"Gain": Gain, "halved": halved, "squared": squared}
    loaded = tf.keras.models.load_model(path, custom_objects=own)
    assert loaded.layers[0].factor == 3.0
    assert loaded.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)
    with tf.keras.utils.custom_object_scope(own):
        assert_same_bits(tf.keras.models.load_model(path), model)


@pytest.mark.parametrize(("ending", "dialect"), FORMATS)
def test_registered_things_are_found(ending: str, dialect: str, tmp_path: Path) -> None:
    @tf.keras.utils.register_keras_serializable(package="lecture", name=f"Twice_{ending}_{dialect}")
    class Twice(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return 2.0 * inputs

    model = tf.keras.Sequential([layers.Input((3,)), Twice()])
    model.save(tmp_path / f"m.{ending}", dialect=dialect)
    loaded = tf.keras.models.load_model(tmp_path / f"m.{ending}")
    assert loaded(tf.constant([[1.0, 2.0, 3.0]])).numpy().tolist() == [[2.0, 4.0, 6.0]]


def test_the_learning_rate_of_the_moment_is_kept(tmp_path: Path) -> None:
    model = cases.sequential(tf.keras)
    model.optimizer.learning_rate = 0.00321
    for name in ("m.h5", "m.keras"):
        model.save(tmp_path / name)
        rate = tf.keras.models.load_model(tmp_path / name).optimizer.learning_rate
        assert float(rate) == np.float32(0.00321)


def test_load_weights_keeps_the_learning_rate_that_compile_got(tmp_path: Path) -> None:
    model = cases.sequential(tf.keras)
    cases.train(model, "sequential", 1)
    model.save_weights(tmp_path / "w.weights.h5")
    other = cases.sequential(tf.keras)
    other.compile(tf.keras.optimizers.Adam(0.5), "sparse_categorical_crossentropy")
    other.load_weights(tmp_path / "w.weights.h5")
    assert float(other.optimizer.learning_rate) == 0.5
    assert int(other.optimizer.iterations) == 3


def test_frozen_layers_stay_frozen(tmp_path: Path) -> None:
    model = cases.functional(tf.keras)
    model.get_layer("shared").trainable = False
    model.get_layer("inner").layers[0].trainable = False
    model.compile("adam", "mse")
    for name in ("m.h5", "m.keras"):
        model.save(tmp_path / name)
        loaded = tf.keras.models.load_model(tmp_path / name)
        assert len(loaded.trainable_weights) == len(model.trainable_weights) == 5
        assert_same_bits(loaded, model)


def test_by_name_and_skip_mismatch(tmp_path: Path) -> None:
    def make(width: int) -> Any:
        return tf.keras.Sequential(
            [layers.Dense(4, input_shape=(3,), name="body"), layers.Dense(width, name=f"head_{width}")]
        )

    model, other = make(2), make(5)
    model.save_weights(tmp_path / "w.h5")
    model.save_weights(tmp_path / "w.weights.h5")
    head = other.get_weights()[2:]
    other.load_weights(tmp_path / "w.h5", by_name=True)
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])
    again = make(5)
    with pytest.raises(ValueError, match=r"w\.weights\.h5.*head_5/kernel.*\(4, 5\).*\(4, 2\)"):
        again.load_weights(tmp_path / "w.weights.h5")
    with pytest.warns(UserWarning, match="Weights were not loaded"):
        again.load_weights(tmp_path / "w.weights.h5", skip_mismatch=True)
    np.testing.assert_array_equal(again.get_weights()[0], model.get_weights()[0])
    np.testing.assert_array_equal(other.get_weights()[2], head[0])


def test_what_cannot_be_saved_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotImplementedError, match="save_weights"):
        cases.subclassed(tf.keras).save(tmp_path / "m.h5")
    with pytest.raises(ValueError, match="has not been built"):
        tf.keras.Sequential([layers.Dense(2)]).save(tmp_path / "m.keras")
    with pytest.raises(ValueError, match="has not been built"):
        tf.keras.Sequential([layers.Dense(2)]).save_weights(tmp_path / "m.weights.h5")
    model = cases.sequential(tf.keras)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TENSORLET_KERAS", "3")
        with pytest.raises(ValueError, match=r"\.onnx.*not a supported model format"):
            model.save(tmp_path / "m.onnx")
    with pytest.raises(ValueError, match="Expected 'keras2' or 'keras3'"):
        model.save(tmp_path / "m.keras", dialect="keras4")
    model.save(tmp_path / "m.keras")
    with pytest.raises(FileExistsError, match="overwrite=False"):
        model.save(tmp_path / "m.keras", overwrite=False)
    lambdas = tf.keras.Sequential([layers.Input((3,)), layers.Lambda(lambda x: x)])
    with pytest.raises(NotImplementedError, match="Lambda"):
        lambdas.save(tmp_path / "l.h5")
    assert not (tmp_path / "l.h5").exists()


def test_without_the_optimizer(tmp_path: Path) -> None:
    model = cases.sequential(tf.keras)
    for name in ("m.h5", "m.keras"):
        model.save(tmp_path / name, include_optimizer=False)
        loaded = tf.keras.models.load_model(tmp_path / name)
        assert loaded.optimizer is None
        assert_same_bits(loaded, model)


@pytest.mark.parametrize(
    "name", ["e{epoch:02d}.keras", "e{epoch}.h5", "e{epoch}.weights.h5", "w/{epoch}", "e.safetensors"]
)
def test_checkpoints_while_training(name: str, tmp_path: Path) -> None:
    model = cases.sequential(tf.keras)
    whole = name.endswith((".keras", "}.h5"))
    saver = tf.keras.callbacks.ModelCheckpoint(str(tmp_path / name), save_weights_only=not whole)
    x, y = cases.data("sequential")
    model.fit(x, y, epochs=2, verbose=0, callbacks=[saver])
    last = str(tmp_path / name.format(epoch=2))
    if whole:
        loaded = tf.keras.models.load_model(last)
    else:
        loaded = cases.sequential(tf.keras)
        loaded.load_weights(last)
    assert_same_bits(loaded, model)


class Broken(tf.keras.callbacks.Callback):
    """Breaks a training off, as Ctrl-C does."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 2:
            raise KeyboardInterrupt


def test_a_broken_off_training_ends_with_the_same_bits(tmp_path: Path) -> None:
    x, y = cases.formula((40, 4), 0.1), cases.formula((40, 1), 0.2)

    def fit(*callbacks: Any) -> Any:
        tf.keras.utils.set_random_seed(3)
        model = tf.keras.Sequential(
            [layers.Dense(8, "relu", input_shape=(4,)), layers.Dropout(0.5), layers.Dense(1)]
        )
        model.compile(tf.keras.optimizers.Nadam(0.01), "mse")
        slower = tf.keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)
        history = model.fit(x, y, batch_size=8, epochs=6, verbose=0, callbacks=[slower, *callbacks])
        return model, history

    backup = tf.keras.callbacks.BackupAndRestore
    whole, _ = fit()
    with pytest.raises(KeyboardInterrupt):
        fit(backup(tmp_path / "b"), Broken())
    resumed, history = fit(backup(tmp_path / "b"))
    assert history.epoch == [3, 4, 5]
    assert_same_bits(resumed, whole)
    assert not list((tmp_path / "b").iterdir())


def test_a_backup_of_another_model_is_refused(tmp_path: Path) -> None:
    model = cases.sequential(tf.keras)
    x, y = cases.data("sequential")
    model.fit(
        x, y, verbose=0, callbacks=[tf.keras.callbacks.BackupAndRestore(tmp_path, delete_checkpoint=False)]
    )
    other = tf.keras.Sequential([layers.Flatten(input_shape=(2, 2)), layers.Dense(3, "softmax")])
    other.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match=r"training\.h5.*another model"):
        other.fit(x, y, verbose=0, callbacks=[tf.keras.callbacks.BackupAndRestore(tmp_path)])
    (tmp_path / "training.h5").write_bytes((tmp_path / "training.h5").read_bytes()[:900])
    with pytest.raises(ValueError, match=r"training\.h5.*damaged"):
        model.fit(x, y, verbose=0, callbacks=[tf.keras.callbacks.BackupAndRestore(tmp_path)])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("random", {"global_seed": None, "fallback": 2**70, "counters": {}, "traced": 0}),
        ("random", {"global_seed": 1, "fallback": 1, "counters": {"5": -1}, "traced": 0}),
        ("random", {"global_seed": 1, "fallback": 1, "counters": {}, "traced": 2**63}),
        ("numpy", ["MT19937", "x", 0, 0.0]),
        ("python", [3, [1, 2, 3], None]),
    ],
)
def test_a_backup_with_damaged_generators_changes_nothing(tmp_path: Path, name: str, value: Any) -> None:
    import json
    import random

    import h5py

    from tensorlet.core import random_state
    from tensorlet.keras.saving import backup

    model = cases.sequential(tf.keras)
    path = tmp_path / "training.h5"
    backup.write(str(path), model, 1)
    with h5py.File(path, "r+") as file:
        file.attrs["state"] = json.dumps(json.loads(file.attrs["state"]) | {name: value})

    def state() -> tuple[Any, ...]:
        drawn = np.random.get_state()[1].tolist()  # noqa: NPY002 - programs draw from it
        return random.getstate(), drawn, random_state.saved_state()

    before, weights = state(), model.get_weights()
    with pytest.raises(ValueError, match=r"training\.h5"):
        backup.restore(str(path), model)
    assert state() == before
    for one, other in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_another_extension_names_a_folder_as_in_keras_2(tmp_path: Path) -> None:
    model, path = cases.sequential(tf.keras), tmp_path / "m.ckpt"
    with pytest.warns(UserWarning, match="a folder of this name"):
        model.save(path)
    assert (path / "model.keras").is_file()
    np.testing.assert_array_equal(tf.keras.models.load_model(path).get_weights()[0], model.get_weights()[0])
    model.save(path)  # the folder exists now
