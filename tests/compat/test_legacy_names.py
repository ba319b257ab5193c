"""Legacy names: each is accepted, reported once, and an error if that is requested."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.compat import deprecation
from tensorlet.compat.class_arguments import CLASS_ARGUMENTS
from tensorlet.compat.legacy_names import LEGACY_MODULES, LEGACY_NAMES, LEGACY_PACKAGES, current_module
from tensorlet.errors import InvalidArgumentError, UnknownModuleError, UnknownNameError

COURSES = Path(__file__).parents[1] / "programs" / "courses"

#: Program -> what it prints, and the legacy spellings that are noted, in order.
EXPECTED: dict[str, tuple[str, list[str]]] = {
    "autoencoder_with_a_penalty": (
        "keys: ['kl', 'loss']\nlearned: True\ncodes follow the rows: True\n",
        [],
    ),
    "estimators": (
        "best above 0.85: True\nTrue (3, 2)\n16 4\n",
        ["tf.keras.constraints.maxnorm", "Dense(input_dim=...)"],
    ),
    "generators": (
        "loss below 0.01: True\npredictions: (20, 1)\n",
        [
            "Dense(input_dim=...)",
            "fit_generator",
            "fit(use_multiprocessing=...)",
            "fit(workers=...)",
            "evaluate_generator",
            "predict_generator",
            "fit(max_queue_size=...)",
        ],
    ),
    "inside_names": (
        "['loss', 'acc']\nlearnt: [0 2]\n",
        [
            "tf.python.keras",
            "tf.python.keras.layers.normalization",
            "tf.python.keras.optimizer_v2.gradient_descent",
            "tf.python.keras.utils.np_utils",
            "Dense(input_dim=...)",
            "SGD(lr=...)",
        ],
    ),
    "k1_patients": (
        "accuracy above 85%: True\nclasses: (3, 1)\n",
        [
            "tf.keras.layers.core",
            "Dense(init=...)",
            "Dense(input_dim=...)",
            "Dense(W_regularizer=...)",
            "Dense(output_dim=...)",
            "Dropout(p=...)",
            "fit(nb_epoch=...)",
            "predict_classes(x)",
        ],
    ),
    "k2_digits": (
        "['accuracy', 'loss', 'val_accuracy', 'val_loss']\nlearns: True\ntest accuracy above 0.88: True\n"
        "probabilities: (2, 10)\n",
        [
            "tf.keras.utils.np_utils",
            "to_categorical(nb_classes=...)",
            "RMSprop(decay=...)",
            "RMSprop(lr=...)",
            "EarlyStopping(monitor='val_acc')",
            "history['acc']",
            "predict_proba",
        ],
    ),
    "losses_of_my_own": (
        "rate: 0.02\nwithin a tenth: True\ninside: True\nshape: (None, 1)\n",
        ["Model(input=...)", "Model(output=...)"],
    ),
    "padded_sentences": (
        "(10, 6) [5 0 0 0 0 0]\naccuracy: 1.00\npadding counts: False\n",
        [],
    ),
    "two_networks": ("['judge_loss', 'maker_loss']\nnear 3: True\n", []),
    "rates_and_scales": (
        "Adam error below 0.05: True\nSGD error below 0.05: True\nAdam error below 0.05: True\n",
        [
            "tf.keras.layers.experimental.preprocessing",
            "tf.keras.experimental",
            "tf.keras.optimizers.legacy",
            "SGD(lr=...)",
            "optimizers.adam",
            "Adam(lr=...)",
        ],
    ),
    "settings_first": ("GPUs: 0\nfloat64 float64 channels_last\ndrawn: True\n", []),
    "words": ("15 words; [[4, 1]]\n[12  4  0  0]\naccuracy: 1.0\n", []),
}


def run(program: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tensorlet", "run", str(COURSES / f"{program}.py")],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


@pytest.fixture
def fresh_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forgets which spellings have been noted in this process."""
    monkeypatch.setattr(deprecation, "_reported", set())


# --- course programs ---------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("program", sorted(EXPECTED))
def test_a_course_program_runs_with_a_note_for_each_old_spelling(program: str, tmp_path: Path) -> None:
    done = run(program, tmp_path)
    assert done.returncode == 0, done.stderr
    printed = "".join(line for line in done.stdout.splitlines(keepends=True) if "[=====" not in line)
    expected, notes = EXPECTED[program]
    assert printed == expected
    assert re.findall(r"FutureWarning: (.*) is a legacy spelling; use ", done.stderr) == notes
    # Each note shows the program's own line.
    assert done.stderr.count(f"{program}.py:") == len(notes)


@pytest.mark.parametrize("program", ["inside_names", "k1_patients", "rates_and_scales"])
def test_old_spellings_can_be_errors(program: str, tmp_path: Path) -> None:
    done = run(program, tmp_path, TENSORLET_DEPRECATIONS="error")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("tensorlet.errors.InvalidArgumentError: " + EXPECTED[program][1][0])
    assert last.endswith("Change it, or unset TENSORLET_DEPRECATIONS.")


def test_notes_on_old_spellings_can_be_left_out(tmp_path: Path) -> None:
    done = run("rates_and_scales", tmp_path, TENSORLET_DEPRECATIONS="ignore")
    assert done.returncode == 0 and "legacy spelling" not in done.stderr


def test_a_program_with_volumes_is_told_what_there_is(tmp_path: Path) -> None:
    done = run("pictures_of_eights", tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "tensorlet.errors.UnknownModuleError: tf.keras.layers.Conv3D: TensorFlow has this name, but Tensorlet does "
        "not. Tensorlet convolves sequences (1D) and pictures (2D); for volumes, use TensorFlow."
    )


def test_every_course_program_is_tried() -> None:
    assert {path.stem for path in COURSES.glob("*.py")} == {*EXPECTED, "pictures_of_eights"}


# --- modules and names -------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(LEGACY_MODULES))
def test_the_table_of_modules_names_modules_that_there_are(path: str) -> None:
    from tensorlet.compat.legacy_modules import LegacyModuleLoader

    names = LegacyModuleLoader(path, LEGACY_MODULES[path].split())._names()
    assert len([name for name in names if not name.startswith("_")]) > 3


@pytest.mark.parametrize(
    "path", ["keras.layers.core", "keras.engine", "keras.optimizers.legacy", "keras.utils.np_utils"]
)
def test_an_old_module_hands_on_todays_names(path: str) -> None:
    code = f"""
import tensorlet, warnings
tensorlet.install_as_tensorflow()
with warnings.catch_warnings(record=True) as notes:
    warnings.simplefilter("always")
    import tensorflow.{path} as first
    import {path} as second
    name = next(one for one in dir(second) if one[0].isupper())
    assert getattr(first, name) is getattr(second, name)
print(*{{str(note.message) for note in notes}})
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    today = LEGACY_MODULES[path].split()[0]
    assert done.stdout == f"tf.{path} is a legacy spelling; use tf.{today}.\n"


@pytest.mark.parametrize("old", sorted(LEGACY_NAMES))
def test_an_old_name_leads_to_todays(old: str, fresh_notes: None) -> None:
    module, _, name = old.rpartition(".")
    with pytest.warns(FutureWarning, match=f"tf.{old} is a legacy spelling; use tf.{LEGACY_NAMES[old]}"):
        found = getattr(tf.keras if module == "keras" else getattr(tf.keras, module.split(".")[1]), name)
    today, _, name = LEGACY_NAMES[old].rpartition(".")
    assert found is getattr(getattr(tf.keras, today.split(".")[1]), name)


def test_old_packages_are_todays() -> None:
    assert (
        current_module("python.keras.layers")
        == current_module("keras.api._v2.keras.layers")
        == "keras.layers"
    )
    assert {current_module(package) for package in LEGACY_PACKAGES} == {"keras"}
    assert current_module("keras.layers") == "keras.layers"
    assert current_module("pythonic") == "pythonic"


def test_missing_names_of_keras_are_explained_by_their_module() -> None:
    with pytest.raises(UnknownModuleError, match=r"tf\.keras\.layers\.Conv3D: TensorFlow has .* for volumes"):
        from tensorlet.keras.layers import Conv3D  # noqa: F401
    with pytest.raises(UnknownModuleError, match=r"no pretrained networks"):
        import tensorlet.keras.applications.vgg16  # noqa: F401
    with pytest.raises(UnknownNameError, match="Did you mean 'EarlyStopping'"):
        tf.keras.callbacks.EarlyStoping  # noqa: B018
    with pytest.raises(UnknownNameError, match=r"tf.nn.softmax_cross_entropy_with_logits"):
        tf.losses.softmax_cross_entropy  # noqa: B018
    with pytest.raises(UnknownNameError, match=r"tensorflow.python is private to TensorFlow"):
        tf.python.anything  # noqa: B018


def test_star_imports_bring_every_layer() -> None:
    scope: dict[str, Any] = {}
    exec("from tensorlet.keras.layers import *\nfrom tensorlet.keras.models import *", scope)
    assert scope["Dense"] is tf.keras.layers.Dense
    assert scope["Sequential"] is tf.keras.Sequential
    assert {"BatchNormalization", "Dropout", "Input", "concatenate"} <= set(scope)


# --- arguments ---------------------------------------------------------------------------


def test_recurrent_layers_take_the_arguments_of_keras_1(fresh_notes: None) -> None:
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always")
        layer = tf.keras.layers.LSTM(
            output_dim=3, inner_init="zeros", inner_activation="relu", consume_less="mem"
        )
        assert (layer.units, layer.recurrent_activation) == (3, tf.keras.activations.relu)
        assert type(layer.recurrent_initializer).__name__ == "Zeros"
        assert tf.keras.layers.CuDNNGRU is tf.keras.layers.GRU
        assert tf.keras.layers.CuDNNLSTM is tf.keras.layers.LSTM
    assert any("LSTM(inner_activation=...)" in str(note.message) for note in notes)


def test_layers_take_the_arguments_of_keras_1(fresh_notes: None) -> None:
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always")
        layer = tf.keras.layers.Dense(output_dim=3, init="ones", b_constraint="non_neg", bias=False)
        assert (layer.units, layer.use_bias) == (3, False)
        assert layer(tf.constant([[1.0, 2.0]])).numpy().tolist() == [[3.0, 3.0, 3.0]]
        assert tf.keras.layers.Dropout(p=0.25).rate == 0.25
        assert tf.keras.layers.GaussianNoise(sigma=0.5).stddev == 0.5
        assert tf.keras.layers.BatchNormalization(mode=0, gamma_init="zeros").gamma_initializer is not None
        tf.keras.layers.Dropout(p=0.5)
    assert [str(note.message) for note in notes] == [
        "Dense(b_constraint=...) is a legacy spelling; use Dense(bias_constraint=...).",
        "Dense(bias=...) is a legacy spelling; use Dense(use_bias=...).",
        "Dense(init=...) is a legacy spelling; use Dense(kernel_initializer=...).",
        "Dense(output_dim=...) is a legacy spelling; use Dense(units=...).",
        "Dropout(p=...) is a legacy spelling; use Dropout(rate=...).",
        "GaussianNoise(sigma=...) is a legacy spelling; use GaussianNoise(stddev=...).",
        "BatchNormalization(gamma_init=...) is a legacy spelling; use BatchNormalization(gamma_initializer=...).",
        "BatchNormalization(mode=...) is a legacy spelling; use BatchNormalization().",
    ]
    assert {note.filename for note in notes} == {__file__}


def test_layers_of_pictures_take_the_arguments_of_keras_1(fresh_notes: None) -> None:
    layers = tf.keras.layers
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always")
        layer = layers.Convolution2D(
            nb_filter=4, nb_row=3, nb_col=2, border_mode="same", subsample=(2, 1), dim_ordering="tf"
        )
        assert (layer.filters, layer.kernel_size, layer.padding) == (4, (3, 2), "same")
        assert (layer.strides, layer.data_format) == ((2, 1), "channels_last")
        layer = layers.Convolution1D(nb_filter=4, filter_length=3, subsample_length=2)
        assert (layer.filters, layer.kernel_size, layer.strides) == (4, (3,), (2,))
        assert layers.MaxPool2D((2, 2), border_mode="same", dim_ordering="th").data_format == "channels_first"
        assert layers.MaxPooling1D(pool_length=3, stride=2).strides == (2,)
    assert "Conv2D(nb_row=..., nb_col=...) is a legacy spelling; use Conv2D(kernel_size=...)." in [
        str(note.message) for note in notes
    ]


@pytest.mark.parametrize("name", sorted(CLASS_ARGUMENTS))
def test_the_table_of_arguments_names_arguments_that_there_are(name: str) -> None:
    modules = (tf.keras.layers, tf.keras.regularizers, tf.keras.callbacks)
    (owner,) = [getattr(module, name) for module in modules if name in dir(module)]
    known = inspect.signature(owner).parameters
    for old, today in CLASS_ARGUMENTS[name].items():
        assert old not in known
        assert today is None or today in known


def test_regularizers_and_callbacks_take_legacy_arguments(fresh_notes: None) -> None:
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always")
        assert tf.keras.regularizers.l2(l=0.5).get_config() == {"l2": 0.5}
        assert tf.keras.regularizers.L1(l=0.25).get_config() == {"l1": 0.25}
        assert tf.keras.callbacks.ReduceLROnPlateau(epsilon=0.5).min_delta == 0.5
        assert tf.keras.callbacks.ModelCheckpoint("w.h5", period=3).period == 3
        assert tf.keras.callbacks.ModelCheckpoint("w.h5", period=1).period == 1
        tf.keras.callbacks.TensorBoard(write_grads=True)
    assert [str(note.message) for note in notes] == [
        "L2(l=...) is a legacy spelling; use L2(l2=...).",
        "L1(l=...) is a legacy spelling; use L1(l1=...).",
        "ReduceLROnPlateau(epsilon=...) is a legacy spelling; use ReduceLROnPlateau(min_delta=...).",
        "ModelCheckpoint(period=...) is a legacy spelling; use ModelCheckpoint(save_freq=...), a number of batches.",
        "TensorBoard(write_grads=...) is a legacy spelling; use TensorBoard().",
    ]
    assert {note.filename for note in notes} == {__file__}


def test_compile_takes_legacy_arguments(fresh_notes: None) -> None:
    network = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])
    with pytest.warns(FutureWarning, match=r"compile\(sample_weight_mode=\.\.\.\) is a legacy spelling"):
        network.compile("sgd", "mse", sample_weight_mode=None)
    with pytest.raises(RuntimeError, match="to_json"):
        network.to_yaml()


def test_legacy_metrics_override_reset_states(fresh_notes: None) -> None:
    with pytest.warns(
        FutureWarning, match=r"reset_states\(\) is a legacy spelling; use Metric.reset_state\(\)"
    ):

        class Counted(tf.keras.metrics.Mean):
            cleared = 0

            def reset_states(self) -> None:
                Counted.cleared += 1
                super().reset_states()

    metric = Counted()
    for method in (metric.reset_state, metric.reset_states):
        metric.update_state([5.0])
        method()
        assert metric.result().numpy() == 0.0
    assert Counted.cleared == 2

    class Further(Counted):
        def reset_state(self) -> None:
            super().reset_state()

    Further().reset_state()
    assert Counted.cleared == 3

    network = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="ones", input_shape=(1,))])
    network.compile("sgd", "mse", metrics=[Counted(name="counted")])
    Counted.cleared = 0
    network.fit(np.ones((4, 1)), np.ones((4, 1)), epochs=3, verbose=0)
    assert Counted.cleared >= 3


def test_other_metrics_have_the_legacy_method(fresh_notes: None) -> None:
    metric = tf.keras.metrics.SparseCategoricalAccuracy()
    metric.update_state([0, 1], [[0.9, 0.1], [0.9, 0.1]])
    with pytest.warns(FutureWarning, match="Metric.reset_state"):
        metric.reset_states()
    assert metric.result().numpy() == 0.0


def test_dir_lists_the_legacy_names_that_tensorflow_lists() -> None:
    assert "legacy" in dir(tf.keras.optimizers) and "ThresholdedReLU" in dir(tf.keras.layers)
    assert "legacy" not in dir(tf.keras.optimizers.legacy) and "Adam" in dir(tf.keras.optimizers.legacy)


def test_a_layer_of_the_users_own_with_that_name_is_left_alone() -> None:
    class Dense(tf.keras.layers.Layer):
        def __init__(self, init: str) -> None:
            super().__init__()
            self.init = init

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Dense(init="mine").init == "mine"


@pytest.mark.filterwarnings("ignore:.*is a legacy spelling")
@pytest.mark.parametrize(
    "options", [{"input_dim": 3}, {"input_shape": (3,)}, {"input_shape": 3}, {"batch_input_shape": (None, 3)}]
)
def test_any_layer_takes_the_shape_of_its_input_in_every_spelling(options: dict[str, Any]) -> None:
    for layer in (tf.keras.layers.Dropout(0.5, **options), tf.keras.layers.Activation("relu", **options)):
        assert tf.keras.Sequential([layer]).output_shape == (None, 3)


def test_arguments_of_every_layer_are_noted_where_the_program_wrote_them(fresh_notes: None) -> None:
    kernel = np.array([[2.0], [3.0]])
    with pytest.warns(FutureWarning) as noted:
        for _ in range(2):
            layer = tf.keras.layers.Dense(1, input_dim=2, weights=[kernel, [1.0]], kernel_regularizer="l2")
            other = tf.keras.layers.Dense(1, batch_input_shape=(None, 2))
    assert [str(one.message) for one in noted] == [
        "Dense(input_dim=...) is a legacy spelling; use Dense(input_shape=(...,)), or "
        "keras.Input(shape=(...,)) before it.",
        "Dense(weights=...) is a legacy spelling; use layer.set_weights(...).",
        "Dense(batch_input_shape=...) is a legacy spelling; use keras.Input(batch_shape=...) before it.",
    ]
    assert {one.filename for one in noted} == {__file__}
    model = tf.keras.Sequential([layer])
    assert model.predict([[1, 0], [1, 1]], verbose=0).tolist() == [[3.0], [6.0]]
    # L2's factor is 0.01: 0.01 * (4 + 9).
    assert float(model.losses[0]) == pytest.approx(0.13)
    # Neither what a layer needs of its own nor what a config says is a legacy spelling.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tf.keras.layers.Embedding(input_dim=3, output_dim=2)
        tf.keras.layers.Flatten.from_config(tf.keras.layers.Flatten(input_shape=(2, 2)).get_config())
        tf.keras.models.clone_model(tf.keras.Sequential([other]))


def test_arguments_for_several_processes_are_noted_and_change_nothing(fresh_notes: None) -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,), kernel_initializer="ones")])
    model.compile("sgd", "mse")
    x, y = np.ones((4, 2)), np.ones((4, 1))
    others: dict[str, Any] = {"workers": 2, "use_multiprocessing": True, "max_queue_size": 3}
    for method in ("fit", "evaluate", "predict"):
        arguments = (x,) if method == "predict" else (x, y)
        with pytest.warns(FutureWarning) as noted:
            for _ in range(2):
                getattr(model, method)(*arguments, verbose=0, **others)
        assert [str(one.message) for one in noted] == [
            f"{method}({name}=...) is a legacy spelling; use {method}() without it."
            for name in sorted(others)
        ]
        with pytest.raises(TypeError, match=rf"{method}\(\) does not have the argument 'turbo'"):
            getattr(model, method)(*arguments, verbose=0, turbo=True)


def test_optimizers_take_lr_and_decay(fresh_notes: None) -> None:
    weight = tf.Variable(0.0)
    with pytest.warns(FutureWarning, match="use SGD"):
        optimizer = tf.keras.optimizers.SGD(lr=1.0, decay=1.0)
    for _ in range(3):
        optimizer.apply_gradients([(tf.constant(-1.0), weight)])
    # The steps are 1, 1 / 2 and 1 / 3.
    assert float(weight) == pytest.approx(11 / 6)
    with pytest.warns(FutureWarning, match=r"optimizers\.rmsprop is a legacy spelling"):
        assert isinstance(tf.keras.optimizers.rmsprop(0.5), tf.keras.optimizers.RMSprop)
    # The function adam hides the submodule of that name, which is found all the same.
    assert importlib.import_module("tensorlet.keras.optimizers.adam").Adam is tf.keras.optimizers.Adam


@pytest.fixture
def model() -> Any:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="zeros", input_shape=(1,))])
    model.compile("sgd", "mse", metrics=["acc"])
    return model


def test_fit_takes_its_old_arguments(model: Any, fresh_notes: None) -> None:
    x = np.zeros((4, 1))
    with pytest.warns(FutureWarning, match=r"fit\(nb_epoch=...\) is a legacy spelling"):
        history = model.fit(x, x, nb_epoch=3, verbose=0)
    assert len(history.epoch) == 3
    with pytest.warns(FutureWarning, match=r"fit\(nb_worker=...\)"):
        model.fit(x, x, nb_worker=4, verbose=0)
    with (
        pytest.warns(FutureWarning, match="fit_generator is a legacy spelling; use fit"),
        pytest.raises(TypeError, match="rows // batch_size"),
    ):
        model.fit_generator(iter([(x, x)]), samples_per_epoch=4)
    with pytest.raises(TypeError, match=r"metrics=\['accuracy'\]"):
        model.fit(x, x, show_accuracy=True)
    with pytest.raises(TypeError, match=r"fit\(\) does not have the argument 'epoch'"):
        model.fit(x, x, epoch=3)


def test_accuracy_is_found_as_acc_and_the_other_way_round(model: Any, fresh_notes: None) -> None:
    x = np.zeros((4, 1))
    history = model.fit(x, x, validation_split=0.5, verbose=0).history
    assert sorted(history) == ["acc", "loss", "val_acc", "val_loss"]
    with pytest.warns(FutureWarning, match=r"history\['val_accuracy'\] is a legacy spelling"):
        assert history["val_accuracy"] == history["val_acc"]
    with pytest.raises(KeyError, match="the history does not contain this metric"):
        history["f1"]
    stop = tf.keras.callbacks.EarlyStopping(monitor="val_accuracy", patience=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(model.fit(x, x, validation_split=0.5, epochs=9, callbacks=[stop], verbose=0).epoch) == 2


def test_the_newer_keras_models_take_input_and_output(fresh_notes: None) -> None:
    x = tf.keras.Input((2,))
    with pytest.warns(FutureWarning, match=r"Model\((in|out)put=...\) is a legacy spelling"):
        model = tf.keras.Model(input=x, output=tf.keras.layers.Dense(3)(x), name="old")
    assert (model.name, model.output_shape) == ("old", (None, 3))


def test_an_error_in_place_of_each_note(monkeypatch: pytest.MonkeyPatch, fresh_notes: None) -> None:
    monkeypatch.setenv("TENSORLET_DEPRECATIONS", "error")
    for _ in range(2):
        with pytest.raises(InvalidArgumentError, match=r"Adam\(lr=...\) .* or unset TENSORLET_DEPRECATIONS"):
            tf.keras.optimizers.Adam(lr=0.1)
        with pytest.raises(InvalidArgumentError, match=r"Dropout\(p=...\) is a legacy spelling"):
            tf.keras.layers.Dropout(p=0.1)
        with pytest.raises(InvalidArgumentError, match=r"tf.keras.initializers.normal is a legacy spelling"):
            tf.keras.initializers.normal  # noqa: B018
