"""Checkpoints of objects and models: of real TensorFlow, and of our own."""

from __future__ import annotations

import json
import os
import shutil
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER

import tensorlet as tf
from tensorlet.checkpoint.checkpoint_state import CheckpointState, read_state, write_state
from tensorlet.checkpoint.object_graph import GRAPH_KEY, key_of
from tensorlet.checkpoint.pending import WAITING
from tensorlet.errors import DTypeError, FileFormatError, InvalidArgumentError, ShapeError, TensorletError
from tensorlet.formats.tensor_bundle import BundleReader, write_bundle
from tensorlet.keras.saving import checkpoints

GOLDEN = GOLDEN_FOLDER

import checkpoint_cases  # noqa: E402

FILES = GOLDEN / "files" / "checkpoints"
EXPECTED: dict[str, Any] = json.loads((GOLDEN / "checkpoints.json").read_text(encoding="utf-8"))


# Files of real TensorFlow


@pytest.mark.parametrize("name", checkpoint_cases.KEPT)
def test_training_goes_on_from_keras_2(name: str) -> None:
    """Predictions, and the weights after two more steps, are those of real Keras 2."""
    model = checkpoint_cases.make(tf.keras, name)
    if not model.built:
        model(checkpoint_cases.data()[0])
    status = checkpoints.load_weights(model, FILES / name / "model")
    found = checkpoint_cases.results(model)
    np.testing.assert_allclose(found["before"], EXPECTED[name]["before"], rtol=1e-5, atol=1e-6)
    for ours, theirs in zip(found["after"], EXPECTED[name]["after"], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    status.assert_consumed()
    assert int(model.optimizer.iterations) == 5


@pytest.mark.parametrize("name", ["adam", "subclassed_rmsprop"])
def test_weights_that_come_later_are_restored_when_they_come(name: str) -> None:
    """Loaded before the model is compiled, built or has seen data; the files are gone by then."""
    model = checkpoint_cases.CASES[name]["model"](tf.keras)
    checkpoints.load_weights(model, FILES / name / "model")
    model.compile(checkpoint_cases.CASES[name]["optimizer"](tf.keras.optimizers), "mse")
    found = checkpoint_cases.results(model)
    np.testing.assert_allclose(found["before"], EXPECTED[name]["before"], rtol=1e-5, atol=1e-6)
    for ours, theirs in zip(found["after"], EXPECTED[name]["after"], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", ["adam", "subclassed_rmsprop", "nadam", "objects"])
def test_index_and_data_are_written_as_tensorflow_writes_them(name: str, tmp_path: Path) -> None:
    """The same arrays, in the order of TensorFlow's file: the same bytes."""
    prefix = str(tf.train.latest_checkpoint(FILES / name))
    reader = BundleReader(prefix)
    keys = sorted(reader, key=lambda key: reader.entry(key).offset)
    write_bundle(tmp_path / "x", {key: reader.read(key) for key in keys})
    for ending in (".index", ".data-00000-of-00001"):
        assert (tmp_path / f"x{ending}").read_bytes() == Path(prefix + ending).read_bytes()


@pytest.mark.parametrize("name", ["adam", "subclassed_rmsprop", "nadam"])
def test_names_of_arrays_are_those_of_keras_2(name: str, tmp_path: Path) -> None:
    model = checkpoint_cases.make(tf.keras, name)
    checkpoint_cases.step(model)
    checkpoints.save_weights(model, tmp_path / "ours")
    assert tf.train.list_variables(tmp_path / "ours") == tf.train.list_variables(FILES / name / "model")


def test_objects_of_real_tensorflow_are_restored() -> None:
    checkpoint = checkpoint_cases.objects(tf, tf.keras, start=100.0)
    manager = tf.train.CheckpointManager(checkpoint, FILES / "objects", max_to_keep=1)
    assert os.path.basename(str(manager.latest_checkpoint)) == "ckpt-2"
    checkpoint.restore(manager.latest_checkpoint).assert_consumed()
    assert checkpoint_cases.values_of(checkpoint) == EXPECTED["objects"]


# Our own


def test_save_counts_and_restore_takes_the_count_over(tmp_path: Path) -> None:
    v = tf.Variable([1.0, 2.0])
    checkpoint = tf.train.Checkpoint(v=v)
    assert checkpoint.save(tmp_path / "a") == str(tmp_path / "a-1")
    v.assign([3.0, 4.0])
    assert checkpoint.save(str(tmp_path / "a")) == str(tmp_path / "a-2")
    other = tf.train.Checkpoint(v=tf.Variable([0.0, 0.0]))
    other.restore(tf.train.latest_checkpoint(tmp_path)).assert_consumed()
    assert other.v.numpy().tolist() == [3.0, 4.0]
    assert int(other.save_counter) == 2
    assert other.save(tmp_path / "a") == str(tmp_path / "a-3")
    assert (tmp_path / "checkpoint").read_text() == (
        'model_checkpoint_path: "a-3"\nall_model_checkpoint_paths: "a-3"\n'
    )


def test_write_and_read_use_the_name_as_it_is(tmp_path: Path) -> None:
    checkpoint = tf.train.Checkpoint(v=tf.Variable(5))
    assert checkpoint.write(tmp_path / "exactly") == str(tmp_path / "exactly")
    assert not (tmp_path / "checkpoint").exists()
    checkpoint.v.assign(0)
    checkpoint.read(tmp_path / "exactly").assert_consumed()
    assert int(checkpoint.v) == 5


def test_a_root_and_its_parts(tmp_path: Path) -> None:
    class Line(tf.Module):
        def __init__(self, slope: float) -> None:
            super().__init__()
            self.slope = tf.Variable(slope)

    path = tf.train.Checkpoint(Line(2.0), step=tf.Variable(3)).write(tmp_path / "x")
    assert [name for name, _ in tf.train.list_variables(path)] == [
        GRAPH_KEY,
        key_of(("slope",)),
        key_of(("step",)),
    ]
    line = Line(0.0)
    tf.train.Checkpoint(line, step=tf.Variable(0)).read(path).assert_consumed()
    assert float(line.slope) == 2.0
    with pytest.raises(InvalidArgumentError, match="already has a part 'slope'"):
        tf.train.Checkpoint(line, slope=tf.Variable(1.0))


def test_attributes_set_later_are_saved_and_restored(tmp_path: Path) -> None:
    checkpoint = tf.train.Checkpoint()
    checkpoint.late = tf.Variable(7.0)
    path = checkpoint.write(tmp_path / "x")
    other = tf.train.Checkpoint()
    status = other.read(path)
    with pytest.raises(AssertionError, match="have no variable"):
        status.assert_consumed()
    other.late = tf.Variable(0.0)
    assert float(other.late) == 7.0
    status.assert_consumed().expect_partial().assert_nontrivial_match()


def test_an_optimizer_of_a_hand_written_loop(tmp_path: Path) -> None:
    def start() -> tuple[Any, Any, Any]:
        w, optimizer = tf.Variable([1.0, -2.0]), tf.keras.optimizers.Adam(0.1)
        return w, optimizer, tf.train.Checkpoint(w=w, optimizer=optimizer)

    def go(w: Any, optimizer: Any, steps: int) -> None:
        for _ in range(steps):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(w * w)
            optimizer.apply_gradients([(tape.gradient(loss, w), w)])

    w, optimizer, checkpoint = start()
    go(w, optimizer, 3)
    path = checkpoint.save(tmp_path / "ckpt")
    go(w, optimizer, 2)
    again, optimizer, checkpoint = start()
    checkpoint.restore(path)
    shutil.rmtree(tmp_path)  # the slots' values wait in memory
    go(again, optimizer, 2)
    assert again.numpy().tolist() == w.numpy().tolist()
    assert int(optimizer.iterations) == 5


def test_what_waits_goes_with_the_objects_that_it_waits_for(tmp_path: Path) -> None:
    layers = tf.keras.layers
    model = tf.keras.Sequential([layers.Dense(2)])
    model.build((None, 3))
    path = checkpoints.save_weights(model, tmp_path / "x")
    before = len(WAITING)
    waiting = tf.keras.Sequential([layers.Dense(2)])
    checkpoints.load_weights(waiting, path)
    assert len(WAITING) == before + 1
    alive = weakref.ref(waiting)
    del waiting
    assert alive() is None
    tf.keras.Sequential([layers.Dense(2)]).build((None, 3))
    assert len(WAITING) == before


def test_nothing_is_restored_if_anything_does_not_fit(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(a=tf.Variable([1.0]), b=tf.Variable([1.0, 2.0])).write(tmp_path / "x")
    a = tf.Variable([0.0])
    with pytest.raises(ShapeError, match=r"'b/.ATTRIBUTES/VARIABLE_VALUE' has shape \(2,\)"):
        tf.train.Checkpoint(a=a, b=tf.Variable([0.0])).read(path)
    with pytest.raises(DTypeError, match="is float32, but the variable"):
        tf.train.Checkpoint(a=a, b=tf.Variable([0, 0])).read(path)
    assert a.numpy().tolist() == [0.0]


def test_another_optimizer_starts_afresh() -> None:
    """Its arrays would fit by their places, and mean something else; the rate and the count are common to all."""
    model = checkpoint_cases.sequential(tf.keras)
    model.compile(tf.keras.optimizers.SGD(0.5, momentum=0.5), "mse")
    status = checkpoints.load_weights(model, FILES / "adam" / "model")
    np.testing.assert_allclose(
        model(checkpoint_cases.data()[0]).numpy(), EXPECTED["adam"]["before"], rtol=1e-5, atol=1e-6
    )
    model.optimizer.build(model.trainable_variables)
    assert int(model.optimizer.iterations) == 3
    assert float(model.optimizer.learning_rate) == np.float32(0.01)
    assert all(not slot.numpy().any() for slot in model.optimizer.variables[1:])
    with pytest.raises(AssertionError, match="nothing for 6 variables"):
        status.assert_consumed()


def test_slots_of_other_weights_are_not_taken() -> None:
    """A frozen layer has no slots: the others' would move to wrong places."""
    model = checkpoint_cases.sequential(tf.keras)
    model.layers[0].trainable = False
    model.compile("adam", "mse")
    checkpoints.load_weights(model, FILES / "adam" / "model")
    model.optimizer.build(model.trainable_variables)
    assert all(not slot.numpy().any() for slot in model.optimizer.variables[1:])


def test_a_hand_written_optimizer_is_restored(tmp_path: Path) -> None:
    class Signed(tf.keras.optimizers.Optimizer):
        def slot_names(self) -> tuple[str, ...]:
            return ("mean",)

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            mean = self.slot(variable, "mean")
            mean.assign(0.5 * mean + gradient)
            variable.assign_sub(learning_rate * tf.sign(mean))

    w, optimizer = tf.Variable([1.0, 2.0]), Signed(0.5)
    optimizer.apply_gradients([(tf.constant([3.0, -2.0]), w)])
    path = tf.train.Checkpoint(w=w, optimizer=optimizer).write(tmp_path / "x")
    w, optimizer = tf.Variable([0.0, 0.0]), Signed()
    status = tf.train.Checkpoint(w=w, optimizer=optimizer).read(path)
    optimizer.build([w])
    status.assert_consumed()
    assert optimizer.slot(w, "mean").numpy().tolist() == [3.0, -2.0]
    assert w.numpy().tolist() == [0.5, 2.5]
    assert float(optimizer.learning_rate) == 0.5


def test_a_layer_built_inside_a_traced_function_is_restored(tmp_path: Path) -> None:
    first = tf.keras.Sequential([tf.keras.layers.Dense(2)])
    x = tf.constant([[1.0, 2.0]])
    expected = first(x).numpy()
    path = tf.train.Checkpoint(net=first).write(tmp_path / "x")
    second = tf.keras.Sequential([tf.keras.layers.Dense(2)])
    tf.train.Checkpoint(net=second).read(path)
    assert tf.function(second)(x).numpy().tolist() == expected.tolist()


def test_attributes_of_a_users_own_model_are_saved_whatever_their_names(tmp_path: Path) -> None:
    class Net(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self._chain = [tf.keras.layers.Dense(2)]
            self._input = tf.keras.layers.Dense(3)
            self._graph_of_mine = {"a": tf.keras.layers.Dense(1)}

        def call(self, x: Any) -> Any:
            return self._graph_of_mine["a"](self._chain[0](self._input(x)))

    first, second = Net(), Net()
    x = np.ones((1, 2), np.float32)
    expected = first(x).numpy()
    checkpoints.save_weights(first, tmp_path / "x")
    assert [name for name, _ in tf.train.list_variables(tmp_path / "x")][1:3] == [
        key_of(("_chain", "0", "bias")), key_of(("_chain", "0", "kernel")),
    ]  # fmt: skip
    checkpoints.load_weights(second, tmp_path / "x")
    assert second(x).numpy() == expected


def test_questions_about_what_was_restored(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(a=tf.Variable(1.0), b=tf.Variable(2.0)).write(tmp_path / "x")
    less = tf.train.Checkpoint(a=tf.Variable(0.0)).read(path)
    less.assert_existing_objects_matched().assert_nontrivial_match()
    with pytest.raises(AssertionError, match="1 arrays of the checkpoint have no variable"):
        less.assert_consumed()
    more = tf.train.Checkpoint(a=tf.Variable(0.0), b=tf.Variable(0.0), c=tf.Variable(0.0)).read(path)
    with pytest.raises(AssertionError, match="nothing for 1 variables: c"):
        more.assert_existing_objects_matched()
    with pytest.raises(AssertionError, match="The children of its root are: a, b"):
        tf.train.Checkpoint(z=tf.Variable(0.0)).read(path).assert_nontrivial_match()
    nothing = tf.train.Checkpoint(a=tf.Variable(0.0)).restore(None)
    nothing.expect_partial()
    with pytest.raises(AssertionError, match="No checkpoint was given"):
        nothing.assert_consumed()


def test_what_cannot_be_saved_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"step=3 of type int, which contains no variables. .*tf.Variable\(3\)"
    ):
        tf.train.Checkpoint(step=3)
    with pytest.raises(InvalidArgumentError, match="got the folder"):
        tf.train.Checkpoint(v=tf.Variable(1)).save("folder/")


def test_a_checkpoint_without_objects_is_explained(tmp_path: Path) -> None:
    write_bundle(tmp_path / "old", {"dense/kernel": np.ones(3, np.float32)})
    with pytest.raises(FileFormatError, match="TensorFlow 1"):
        tf.train.Checkpoint(v=tf.Variable(1.0)).restore(tmp_path / "old")
    assert tf.train.load_variable(tmp_path / "old", "dense/kernel").tolist() == [1.0, 1.0, 1.0]


def test_looking_into_a_checkpoint(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(a=tf.Variable([[1.0, 2.0]]), n=tf.Variable(3)).save(tmp_path / "x")
    reader = tf.train.load_checkpoint(tmp_path)
    assert reader.has_tensor(key_of(("a",)))
    assert not reader.has_tensor("a")
    assert reader.get_variable_to_shape_map()[key_of(("a",))] == [1, 2]
    assert reader.get_variable_to_dtype_map()[key_of(("n",))] == tf.int32
    assert reader.get_variable_to_dtype_map()[GRAPH_KEY] == "string"
    assert b"save_counter/.ATTRIBUTES/VARIABLE_VALUE (int64) []" in reader.debug_string()
    assert tf.train.load_variable(path, key_of(("n",))) == 3
    with pytest.raises(KeyError, match="Did you mean 'n/"):
        tf.train.load_variable(path, "m/.ATTRIBUTES/VARIABLE_VALUE")


def test_lists_that_are_damaged_or_missing(tmp_path: Path) -> None:
    assert tf.train.latest_checkpoint(tmp_path / "nowhere") is None
    assert tf.train.get_checkpoint_state(tmp_path) is None
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "gone"\n')
    assert tf.train.latest_checkpoint(tmp_path) is None
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "a"\nall_model_checkpoint_paths "b"\n')
    with pytest.raises(FileFormatError, match="line 2 is not of the form"):
        tf.train.latest_checkpoint(tmp_path)
    (tmp_path / "checkpoint").write_text("last_preserved_timestamp: x\n")
    with pytest.raises(FileFormatError, match="expected a number of seconds"):
        tf.train.latest_checkpoint(tmp_path)


def test_names_in_any_alphabet_go_through_the_list(tmp_path: Path) -> None:
    write_state(
        tmp_path, str(tmp_path / '모델"1\\'), [str(tmp_path / '모델"1\\'), "/elsewhere/x"], [1.5, 2.0], 0.25
    )
    text = (tmp_path / "checkpoint").read_bytes()
    assert text.startswith(b'model_checkpoint_path: "\\353\\252\\250\\353\\215\\270\\"1\\\\"\n')
    assert read_state(tmp_path) == CheckpointState('모델"1\\', ['모델"1\\', "/elsewhere/x"], [1.5, 2.0], 0.25)


# The manager


def names(manager: Any) -> list[str]:
    return [os.path.basename(path) for path in manager.checkpoints]


def test_the_manager_keeps_the_newest(tmp_path: Path) -> None:
    v = tf.Variable(0.0)
    manager = tf.train.CheckpointManager(tf.train.Checkpoint(v=v), tmp_path / "한글", max_to_keep=2)
    assert manager.latest_checkpoint is None
    assert manager.restore_or_initialize() is None
    for number in range(1, 5):
        v.assign(float(number))
        assert manager.save() == str(tmp_path / "한글" / f"ckpt-{number}")
    assert names(manager) == ["ckpt-3", "ckpt-4"]
    assert sorted(os.listdir(tmp_path / "한글")) == [
        "checkpoint", "ckpt-3.data-00000-of-00001", "ckpt-3.index", "ckpt-4.data-00000-of-00001", "ckpt-4.index",
    ]  # fmt: skip
    again = tf.Variable(0.0)
    manager = tf.train.CheckpointManager(tf.train.Checkpoint(v=again), tmp_path / "한글", max_to_keep=2)
    assert names(manager) == ["ckpt-3", "ckpt-4"]
    assert manager.restore_or_initialize() == str(tmp_path / "한글" / "ckpt-4")
    assert float(again) == 4.0
    manager.save()
    assert names(manager) == ["ckpt-4", "ckpt-5"]
    assert manager.save(checkpoint_number=50) == str(tmp_path / "한글" / "ckpt-50")


def test_the_manager_saves_every_so_many_steps(tmp_path: Path) -> None:
    step = tf.Variable(0)
    manager = tf.train.CheckpointManager(
        tf.train.Checkpoint(step=step), tmp_path, max_to_keep=None, step_counter=step, checkpoint_interval=3
    )
    saved = []
    for _ in range(8):
        step.assign_add(1)
        saved.append(manager.save() is not None)
    assert saved == [True, False, False, True, False, False, True, False]
    assert manager.save(check_interval=False) is not None
    assert names(manager) == ["ckpt-1", "ckpt-2", "ckpt-3", "ckpt-4"]


def test_the_manager_keeps_some_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.time", lambda: now)
    manager = tf.train.CheckpointManager(
        tf.train.Checkpoint(v=tf.Variable(1)), tmp_path, max_to_keep=1, keep_checkpoint_every_n_hours=1
    )
    for _ in range(6):
        now += 1500.0
        manager.save()
    assert names(manager) == ["ckpt-6"]
    # Saved at 2500, 4000, 5500, 7000, 8500 s: an hour after 1000 is 4600, an hour after 5500 is 9100.
    assert sorted(path.name for path in tmp_path.glob("*.index")) == ["ckpt-3.index", "ckpt-6.index"]
    assert tf.train.get_checkpoint_state(tmp_path).last_preserved_timestamp == 5500.0


def test_the_manager_deletes_nothing_outside_its_folder(tmp_path: Path) -> None:
    """The file ``checkpoint`` may come from somebody else, and list anything."""
    outside = tf.train.Checkpoint(v=tf.Variable(1)).write(tmp_path / "precious")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "checkpoint").write_text(
        'model_checkpoint_path: "../precious"\nall_model_checkpoint_paths: "../precious"\n'
        f'all_model_checkpoint_paths: "{outside}"\n'
    )
    manager = tf.train.CheckpointManager(tf.train.Checkpoint(v=tf.Variable(2)), folder, max_to_keep=1)
    manager.save()
    assert len(manager.checkpoints) == 1
    tf.train.load_checkpoint(outside)


def test_settings_of_the_manager_that_make_no_sense(tmp_path: Path) -> None:
    checkpoint = tf.train.Checkpoint(v=tf.Variable(1))
    with pytest.raises(ValueError, match="max_to_keep is 0"):
        tf.train.CheckpointManager(checkpoint, tmp_path, max_to_keep=0)
    with pytest.raises(ValueError, match="requires a step_counter"):
        tf.train.CheckpointManager(checkpoint, tmp_path, max_to_keep=1, checkpoint_interval=5)


def test_an_unwritable_place_is_said_and_not_counted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    checkpoint = tf.train.Checkpoint(v=tf.Variable(1))
    with pytest.raises(TensorletError, match="could not be saved"):
        checkpoint.save(tmp_path / "file" / "ckpt")
    assert int(checkpoint.save_counter) == 0


# tf.Module


def test_a_module_finds_its_variables_and_modules() -> None:
    class Inner(tf.Module):
        def __init__(self) -> None:
            super().__init__(name="inner")
            self.v = tf.Variable(1.0, name="inner_v")

    class OuterNet(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.z = tf.Variable(1.0, name="z")
            self.a = tf.Variable(1.0, trainable=False, name="a")
            self.inner = [Inner(), {"key": Inner()}]
            self.layer = tf.keras.layers.Dense(1)
            self.layer.build((None, 2))
            self.again = self.z
            self.myself = self

        @tf.Module.with_name_scope
        def twice(self, x: float) -> float:
            return 2 * x

    module = OuterNet()
    assert module.name == "outer_net"
    assert module.twice(4.0) == 8.0
    with module.name_scope:
        assert [v.name.removesuffix(":0").rpartition("/")[2] for v in module.variables] == [
            "a", "z", "inner_v", "inner_v", "kernel", "bias",
        ]  # fmt: skip
    assert [v.name for v in module.non_trainable_variables] == ["a:0"]
    assert len(module.trainable_variables) == 5
    assert [type(one).__name__ for one in module.submodules] == ["Inner", "Inner", "Dense"]
    with pytest.raises(ValueError, match="'my name' is not a Python identifier"):
        tf.Module(name="my name")


def test_a_module_in_a_function() -> None:
    class Line(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.slope = tf.Variable(2.0)

        @tf.function
        def __call__(self, x: Any) -> Any:
            return self.slope * x

    line = Line()
    with tf.GradientTape() as tape:
        y = line(tf.constant(3.0))
    assert float(y) == 6.0
    assert float(tape.gradient(y, line.slope)) == 3.0
    line.slope.assign(10.0)
    assert float(line(tf.constant(3.0))) == 30.0
