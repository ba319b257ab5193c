"""Event files, `tf.summary` and `callbacks.TensorBoard`, read back record by record."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.formats.atomic import SavingError
from tensorlet.formats.crc32c import crc32c, mask
from tensorlet.formats.events import FILE_VERSION, SUMMARY, EventWriter, frame, log_folder
from tensorlet.formats.png import encode as png
from tensorlet.formats.protobuf import Reader
from tensorlet.summary.media import as_pixels
from tensorlet.summary.messages import tensor_message
from tensorlet.summary.records import bucket_table

PROGRAMS = Path(__file__).parents[1] / "programs" / "several_steps"
GOLDEN = json.loads((GOLDEN_FOLDER / "summaries.json").read_text(encoding="utf-8"))
GRAPH_DEF = 4


def events_in(path: Path) -> list[Reader]:
    """The events of a file; lengths and checksums are compared."""
    content, events, at = path.read_bytes(), [], 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 8], "little")
        record = content[at : at + 16 + length]
        assert record == frame(record[12 : 12 + length])
        events.append(Reader(record[12 : 12 + length], str(path)))
        at += len(record)
    assert events[0].text(FILE_VERSION) == "brain.Event:2"
    return events


def events_of(folder: Path) -> list[Reader]:
    """The events of the only file in a folder, without the first."""
    (path,) = sorted(folder.glob("events.out.tfevents.*"))
    return events_in(path)[1:]


def values_of(folder: Path, plugin: str | None = None) -> dict[str, dict[int, Any]]:
    """From tags to steps to values."""
    found: dict[str, dict[int, Any]] = {}
    for event in events_of(folder):
        for value in event.message(5).messages(1):
            kind = value.message(9).message(1).text(1)
            if plugin in (None, kind):
                found.setdefault(value.text(1), {})[event.signed(2)] = tensor_in(value.message(8))
    return found


def tensor_in(message: Reader) -> Any:
    shape = [dimension.integer(1) for dimension in message.message(2).messages(2)]
    if message.integer(1) == 7:
        return [bytes(item) for item in message.all_data(8)]
    dtype = {1: "<f4", 2: "<f8", 9: "<i8"}[message.integer(1)]
    array = np.frombuffer(message.data(4), dtype).reshape(shape)
    return array.item() if array.shape == () else array


# Records


def test_a_record_has_its_length_and_two_checksums() -> None:
    record = frame(b"abc")
    assert record[:8] == (3).to_bytes(8, "little")
    assert record[8:12] == mask(crc32c(record[:8])).to_bytes(4, "little")
    assert record[12:15] == b"abc"
    assert record[15:] == mask(crc32c(b"abc")).to_bytes(4, "little")


def test_events_wait_until_there_are_enough_of_them(tmp_path: Path) -> None:
    writer = EventWriter(tmp_path, most_waiting=3)
    path = Path(writer.path)
    for step, on_disk in [(1, 1), (2, 1), (3, 4)]:
        writer.write(SUMMARY, b"", step=step)
        assert len(events_in(path)) == on_disk
    writer.write(SUMMARY, b"", step=4)
    writer.flush()
    assert [event.integer(2) for event in events_in(path)] == [0, 1, 2, 3, 4]
    writer.close()
    writer.close()


def test_events_do_not_wait_longer_than_they_may(tmp_path: Path) -> None:
    writer = EventWriter(tmp_path, longest_wait=0.0)
    writer.write(SUMMARY, b"")
    assert len(events_in(Path(writer.path))) == 2
    writer.close()


def test_two_writers_in_one_folder_have_files_of_their_own(tmp_path: Path) -> None:
    first, second = EventWriter(tmp_path, ".v2"), EventWriter(tmp_path, ".v2")
    assert first.path != second.path
    name = Path(first.path).name
    assert name.startswith("events.out.tfevents.") and name.endswith(".v2") and f".{os.getpid()}." in name
    first.close()
    second.close()


def test_a_folder_that_cannot_be_written_to_is_explained(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(SavingError, match=r"cannot write to the log folder '.*logs.run': a part of its path"):
        tf.summary.create_file_writer(str(tmp_path / "logs" / "run"))


class _FullDisk:
    closed = False

    def write(self, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def close(self) -> None:
        self.closed = True


def test_a_full_disk_ends_the_log_and_not_the_training(tmp_path: Path) -> None:
    writer = EventWriter(tmp_path)
    writer._file.close()
    writer._file = _FullDisk()  # type: ignore[assignment]
    writer.write(SUMMARY, b"")
    with pytest.warns(
        RuntimeWarning, match="Could not write to the log .*: the disk is full.*Training continues"
    ):
        writer.flush()
    writer.write(SUMMARY, b"")
    writer.close()


@pytest.mark.skipif(os.name == "nt", reason="paths of Windows are taken as they are there")
@pytest.mark.parametrize(
    ("path", "folder"),
    [
        (r"c:\temp\log_ex", "temp/log_ex"),
        ("C:/temp/log_ex", "temp/log_ex"),
        (r"D:\..\..\etc\logs", "etc/logs"),
        ("logs\\fit\\20200101-120000", "logs/fit/20200101-120000"),
        (r"..\logs", "../logs"),
        (r"\\server\share\logs", "server/share/logs"),
        ("c:\\", "logs"),
        ("/tmp/a\\b", "/tmp/a\\b"),
        ("logs/fit", "logs/fit"),
        ("로그/실험", "로그/실험"),
        ("c:temp", "c:temp"),
    ],
)
def test_paths_of_windows_become_folders_below_the_current_one(path: str, folder: str) -> None:
    assert log_folder(path) == folder


@pytest.mark.skipif(os.name == "nt", reason="paths of Windows are taken as they are there")
def test_the_user_is_told_once_where_the_log_is(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = "c:\\told\\once"
    assert log_folder(path) == log_folder(path) == "told/once"
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"the log is in {tmp_path}/told/once\n" in shown.err
    assert shown.err.count("tensorboard --logdir told/once") == 1


# tf.summary


def test_summaries_have_tensorflows_bytes(tmp_path: Path) -> None:
    step = 300
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        tf.summary.scalar("loss", 1.5, step=step)
        tf.summary.scalar("group/loss", np.float64(0.1), step=step, description="a *number*")
        tf.summary.text("note", "안녕, **world**", step=step)
        tf.summary.text("table", [["a", "b"], ["c", "d"]], step=step)
        tf.summary.histogram("three", [0.0, 0.1, 1.0, 2.0, 4.0], step=step, buckets=3)
        tf.summary.histogram("thirty", np.linspace(-1.0, 2.0, 7) ** 3, step=step)
        tf.summary.histogram("equal", [2.0, 2.0], step=step, buckets=2)
        tf.summary.histogram("empty", np.zeros([0], np.float32), step=step, buckets=2)
        sound = np.array([[[-1.0], [0.0], [0.5], [1.0]]], np.float32)
        tf.summary.audio("tone", sound, 8000, step=step)
        tf.summary.write("raw", np.arange(6, dtype=np.int64).reshape(2, 3), step=step)
    events = events_of(tmp_path)
    assert [event.integer(2) for event in events] == [step] * 10
    for event, golden in zip(events, GOLDEN["summaries"], strict=True):
        assert bytes(event.data(5)).hex() == golden


def test_histogram_by_hand() -> None:
    table = bucket_table(np.array([0, 1, 1, 2, 3, 4]), 2)
    assert table.tolist() == [[0.0, 2.0, 3.0], [2.0, 4.0, 3.0]]
    with_gaps = bucket_table(np.array([np.nan, 1.0, np.inf, 2.0, -np.inf]), 1)
    assert with_gaps.tolist() == [[1.0, 2.0, 2.0]]
    assert bucket_table(np.array([5.0]), 0).shape == (0, 3)


def test_floats_become_the_bytes_that_tensorflow_makes() -> None:
    floats, expected = GOLDEN["pixels"]
    images = np.array(floats, np.float32).reshape(1, 1, -1, 1)
    assert as_pixels(images).reshape(-1).tolist() == expected
    assert as_pixels(np.array([[[[np.nan]], [[np.inf]]]], np.float32)).reshape(-1).tolist() == [0, 255]
    assert as_pixels(np.ones([1, 1, 1, 3], bool)).reshape(-1).tolist() == [255] * 3


def test_images_are_written_with_their_size(tmp_path: Path) -> None:
    with tf.summary.create_file_writer(str(tmp_path)).as_default(step=7):
        assert tf.summary.image("digits", tf.zeros([5, 2, 3, 1]), max_outputs=2)
    (stored,) = values_of(tmp_path, "images")["digits"].values()
    assert stored[:2] == [b"3", b"2"]
    assert stored[2:] == [png(np.zeros((2, 3, 1), np.uint8))] * 2


@pytest.mark.parametrize(
    ("images", "kind", "message"),
    [
        (np.zeros([28, 28, 1]), ShapeError, r"got shape \[28, 28, 1\], expected \[count, height, width"),
        (np.zeros([1, 4, 4, 5]), ShapeError, r"with 1 to 4"),
        (np.zeros([1, 4, 4, 1], np.int64), InvalidArgumentError, r"got int64, expected floats from 0 to 1"),
    ],
)
def test_other_images_are_explained(tmp_path: Path, images: Any, kind: type, message: str) -> None:
    with (
        tf.summary.create_file_writer(str(tmp_path)).as_default(step=1),
        pytest.raises(kind, match=message),
    ):
        tf.summary.image("digits", images)


def test_wrong_values_are_explained(tmp_path: Path) -> None:
    with tf.summary.create_file_writer(str(tmp_path)).as_default(step=1):
        with pytest.raises(ShapeError, match=r"scalar 'loss' got shape \[2\], expected one number"):
            tf.summary.scalar("loss", [1.0, 2.0])
        with pytest.raises(InvalidArgumentError, match="scalar 'loss' got 'high', expected a number"):
            tf.summary.scalar("loss", "high")
        with pytest.raises(InvalidArgumentError, match=r"text 'note' got array\(5\)"):
            tf.summary.text("note", np.array(5))
        with pytest.raises(InvalidArgumentError, match="expected a string, bytes"):
            tf.summary.text("note", [["a"], ["b", "c"]])
        with pytest.raises(InvalidArgumentError, match="the name is None"):
            tf.summary.scalar(None, 1.0)
        with pytest.raises(InvalidArgumentError, match="step is 'x'"):
            tf.summary.scalar("loss", 1.0, step="x")
    assert values_of(tmp_path) == {}


def test_the_step_comes_from_the_argument_the_writer_or_set_step(tmp_path: Path) -> None:
    counter = tf.Variable(5, dtype=tf.int64)
    writer = tf.summary.create_file_writer(str(tmp_path))
    with writer.as_default():
        with pytest.raises(InvalidArgumentError, match=r"tf\.summary\.scalar needs a step: pass step"):
            tf.summary.scalar("a", 0.0)
        tf.summary.experimental.set_step(2)
        tf.summary.scalar("a", 2.0)
        with writer.as_default(step=counter):
            tf.summary.scalar("a", 5.0)
            counter.assign_add(1)
            tf.summary.scalar("a", 6.0)
            tf.summary.scalar("a", 9.0, step=tf.constant(9))
        tf.summary.scalar("a", -2.0, step=np.int64(-2))
        tf.summary.experimental.set_step(None)
    writer.close()
    assert values_of(tmp_path) == {"a": {2: 2.0, 5: 5.0, 6: 6.0, 9: 9.0, -2: -2.0}}


def test_without_a_writer_nothing_is_written() -> None:
    assert tf.summary.scalar("a", [1.0, 2.0], step=1) is False
    assert tf.summary.should_record_summaries() is False
    with tf.summary.create_noop_writer().as_default():
        assert tf.summary.histogram("a", [1.0]) is False
    tf.summary.flush()


def test_record_if_decides(tmp_path: Path) -> None:
    step = tf.Variable(0, dtype=tf.int64)
    with (
        tf.summary.create_file_writer(str(tmp_path)).as_default(step),
        tf.summary.record_if(lambda: tf.equal(step % 2, 0)),
    ):
        written = []
        for _ in range(4):
            written.append(tf.summary.scalar("a", 1.0))
            step.assign_add(1)
        assert written == [True, False, True, False]
        with tf.summary.record_if(True):
            assert tf.summary.should_record_summaries()
    assert list(values_of(tmp_path)["a"]) == [0, 2]


def test_set_as_default_and_close(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    with tf.summary.create_noop_writer().as_default():
        writer = tf.summary.create_file_writer(str(before))
        writer.set_as_default(step=1)
        assert tf.summary.scalar("a", 1.0)
        writer.close()
        with pytest.raises(
            InvalidArgumentError, match=r"summary writer of '.*before' is closed\. Create a new"
        ):
            tf.summary.scalar("a", 2.0)
        tf.summary.create_file_writer(str(after)).set_as_default()
        tf.summary.scalar("a", 3.0)
        tf.summary.flush()
        tf.summary.experimental.set_step(None)
    assert values_of(before) == {"a": {1: 1.0}}
    assert values_of(after) == {"a": {1: 3.0}}


def test_korean_folders_and_names(tmp_path: Path) -> None:
    folder = tmp_path / "실험 1"
    with tf.summary.create_file_writer(folder, filename_suffix=".끝").as_default(step=1):
        tf.summary.scalar("손실", 0.5)
    assert values_of(folder) == {"손실": {1: 0.5}}


def test_traced_functions_write_each_time_that_they_run(tmp_path: Path) -> None:
    count = tf.Variable(0, dtype=tf.int64)

    @tf.function
    def step(x: Any) -> Any:
        count.assign_add(1)
        tf.summary.scalar("x", tf.reduce_sum(x), step=count)
        with tf.summary.record_if(count % 2 == 0):
            tf.summary.scalar("even", x[0], step=count)
        if x[0] > 2.0:
            tf.summary.scalar("large", x[0], step=count)
        return x

    assert step(tf.constant([1.0])).numpy() == [1.0]  # no writer: nothing to do
    with tf.summary.create_file_writer(str(tmp_path)).as_default(), warnings.catch_warnings():
        warnings.simplefilter("ignore", tf.errors.PerformanceWarning)
        for value in (1.0, 2.0, 3.0):
            step(tf.constant([value, 10.0]))
    assert values_of(tmp_path) == {
        "x": {2: 11.0, 3: 12.0, 4: 13.0},
        "even": {2: 1.0, 4: 3.0},
        "large": {4: 3.0},
    }


def test_raw_messages_are_written_as_they_are(tmp_path: Path) -> None:
    golden = bytes.fromhex(GOLDEN["summaries"][0])
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        assert tf.summary.experimental.write_raw_pb(golden, step=2)
        with pytest.raises(InvalidArgumentError, match="write_raw_pb got str"):
            tf.summary.experimental.write_raw_pb("text", step=2)
    assert values_of(tmp_path) == {"loss": {2: 1.5}}


def test_tensors_of_other_types_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="array of complex128, expected strings or one of float32"):
        tensor_message(np.zeros(2, complex))


# Graphs


def graph_in(content: Any) -> dict[str, tuple[str, list[str]]]:
    """From names of nodes to operations and inputs."""
    nodes = Reader(content, "graph").messages(1)
    found = {node.text(1): (node.text(2), node.texts(3)) for node in nodes}
    assert len(found) == len(nodes)
    boxes = {name[:at] for name in found for at in range(len(name)) if name[at] == "/"}
    assert not boxes & set(found)
    assert {source for _, sources in found.values() for source in sources} <= set(found)
    return found


def test_the_graph_of_a_function(tmp_path: Path) -> None:
    w = tf.Variable([[1.0], [2.0]], name="layer/w")

    @tf.function
    def run(x: Any) -> Any:
        with tf.name_scope("layer"):
            y = x @ w
        w.assign_add(y)
        return tf.reduce_sum(y, axis=0)

    run(tf.ones([2, 2]))
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        tf.summary.graph(run)
    (event,) = events_of(tmp_path)
    nodes = graph_in(event.data(GRAPH_DEF))
    assert nodes == {
        "x": ("Placeholder", []),
        "layer/w": ("VariableV2", []),
        "layer/matmul": ("MatMul", ["x", "layer/w"]),
        "reduce_sum": ("Sum", ["layer/matmul"]),
        "add": ("AddV2", ["layer/w", "layer/matmul"]),
        "assign": ("AssignVariableOp", ["layer/w", "add"]),
    }


def test_trace_export_writes_what_was_traced(tmp_path: Path) -> None:
    @tf.function
    def square(x: Any) -> Any:
        return x * x

    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        with pytest.raises(InvalidArgumentError, match=r"Call tf\.summary\.trace_on\(\) first"):
            tf.summary.trace_export("nothing", step=0)
        tf.summary.trace_on(graph=True, profiler=True)
        square(tf.constant(2.0))
        tf.summary.trace_export("square", step=0, profiler_outdir=str(tmp_path))
        tf.summary.trace_on()
        square(tf.constant(3.0))
        with pytest.warns(UserWarning, match="no function was traced"):
            tf.summary.trace_export("again", step=0)
    ((_, stored),) = values_of(tmp_path, "graph_run_metadata_graph")["square"].items()
    graph = Reader(stored[0], "metadata").message(4).data(2)
    assert graph_in(graph) == {"x": ("Placeholder", []), "multiply": ("Mul", ["x", "x"])}


def test_graphs_of_other_things_are_explained(tmp_path: Path) -> None:
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        with pytest.raises(InvalidArgumentError, match="has no graph yet: call it with tensors"):
            tf.summary.graph(tf.function(lambda x: x))
        with pytest.raises(InvalidArgumentError, match=r"or a tf\.function, got int"):
            tf.summary.graph(5)


# Hyper-parameters


def test_hyper_parameters(tmp_path: Path) -> None:
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        values = {"units": np.int64(16), "rate": 0.25, "optimizer": "adam", "bias": True}
        assert tf.summary.hparams(values, trial_id="first", start_time_secs=8.0)
        with pytest.raises(InvalidArgumentError, match=r"hparams: 'layers' is \[8, 4\], expected a number"):
            tf.summary.hparams({"layers": [8, 4]})
    (event,) = events_of(tmp_path)
    value = event.message(5).message(1)
    assert value.text(1) == "_hparams_/session_start_info"
    plugin = value.message(9).message(1)
    assert plugin.text(1) == "hparams"
    start = Reader(plugin.data(2), "hparams").message(3)
    assert (start.text(4), start.float64(5)) == ("first", 8.0)
    entries = {entry.text(1): entry.message(2) for entry in start.messages(1)}
    assert list(entries) == ["units", "rate", "optimizer", "bias"]
    assert (entries["units"].float64(2), entries["rate"].float64(2)) == (16.0, 0.25)
    assert (entries["optimizer"].text(3), entries["bias"].integer(4)) == ("adam", 1)


# The callback


def small_model() -> Any:
    tf.keras.utils.set_random_seed(4)
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Dense(3, input_shape=(2,), activation="relu", name="hidden"),
            tf.keras.layers.Dense(1, name="out"),
        ],
        name="small",
    )
    model.compile(tf.keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
    return model


def fit(model: Any, callback: Any, **options: Any) -> Any:
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    y = np.array([[0], [1], [1], [0]], np.float32)
    options = {"batch_size": 2, "epochs": 3, "validation_data": (x, y), "verbose": 0} | options
    return model.fit(x, y, callbacks=[callback], **options)


def test_tags_folders_and_values_are_those_of_keras(tmp_path: Path) -> None:
    model = small_model()
    history = fit(model, tf.keras.callbacks.TensorBoard(tmp_path, histogram_freq=2)).history
    assert sorted(os.listdir(tmp_path)) == ["train", "validation"]
    training = values_of(tmp_path / "train", "scalars")
    assert list(training) == ["epoch_loss", "epoch_mae"]
    assert list(training["epoch_loss"]) == [0, 1, 2]
    assert list(training["epoch_loss"].values()) == pytest.approx(history["loss"])
    validation = values_of(tmp_path / "validation", "scalars")
    assert sorted(validation) == [
        "epoch_loss", "epoch_mae", "evaluation_loss_vs_iterations", "evaluation_mae_vs_iterations",
    ]  # fmt: skip
    assert list(validation["epoch_mae"].values()) == pytest.approx(history["val_mae"])
    assert list(validation["evaluation_loss_vs_iterations"]) == [2, 4, 6]
    histograms = values_of(tmp_path / "train", "histograms")
    names = ["hidden/kernel_0", "hidden/bias_0", "out/kernel_0", "out/bias_0"]
    assert list(histograms) == [f"{name}/histogram" for name in names]
    assert list(histograms["out/bias_0/histogram"]) == [0, 2]
    last = histograms["hidden/kernel_0/histogram"][2]
    assert np.array_equal(last, bucket_table(model.layers[0].get_weights()[0], 30))


def test_nothing_runs_between_batches_unless_it_is_asked_for(tmp_path: Path) -> None:
    from tensorlet.keras.training.report.callback_list import CallbackList

    every_epoch = tf.keras.callbacks.TensorBoard(tmp_path, histogram_freq=1, write_steps_per_second=True)
    assert not CallbackList([every_epoch]).wants_batches("train")
    assert not CallbackList([every_epoch]).wants_batches("test")
    assert CallbackList([tf.keras.callbacks.TensorBoard(tmp_path, update_freq=5)]).wants_batches("train")


def test_batches_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    callback = tf.keras.callbacks.TensorBoard(tmp_path, update_freq=2, write_steps_per_second=True)
    fit(small_model(), callback, batch_size=1, epochs=2)
    training = values_of(tmp_path / "train", "scalars")
    assert list(training["batch_loss"]) == [2, 4, 6, 8]
    assert list(training["batch_mae"]) == [2, 4, 6, 8]
    assert all(speed > 0 for speed in training["batch_steps_per_second"].values())
    assert list(training["epoch_steps_per_second"]) == [0, 1]
    # The mean over the epoch so far: at its last batch it is the epoch's.
    assert training["batch_loss"][8] == training["epoch_loss"][1]


def test_update_freq_batch_writes_each_one_and_trains_the_same(tmp_path: Path) -> None:
    watched, alone = small_model(), small_model()
    fit(watched, tf.keras.callbacks.TensorBoard(tmp_path, update_freq="batch"), shuffle=False)
    fit(alone, tf.keras.callbacks.TensorBoard(tmp_path / "alone"), shuffle=False)
    assert list(values_of(tmp_path / "train", "scalars")["batch_loss"]) == [1, 2, 3, 4, 5, 6]
    for mine, other in zip(watched.get_weights(), alone.get_weights(), strict=True):
        assert np.array_equal(mine, other)


def test_the_graphs_of_the_layers_and_of_the_step(tmp_path: Path) -> None:
    fit(small_model(), tf.keras.callbacks.TensorBoard(tmp_path))
    (layers,) = values_of(tmp_path / "train", "graph_keras_model")["keras"].values()
    described = json.loads(layers[0])
    assert [layer["config"]["name"] for layer in described["config"]["layers"][1:]] == ["hidden", "out"]
    (content,) = [event.data(GRAPH_DEF) for event in events_of(tmp_path / "train") if GRAPH_DEF in event]
    nodes = graph_in(content)
    operation, inputs = nodes["small/hidden/matmul"]
    assert (operation, inputs[1]) == ("MatMul", "small/hidden/kernel")
    assert nodes["small/hidden/kernel"] == ("VariableV2", [])
    assert {"loss", "gradients", "SGD", "metrics"} <= {name.partition("/")[0] for name in nodes}
    assigned = {inputs[0] for kind, inputs in nodes.values() if kind == "AssignVariableOp"}
    assert {"small/hidden/kernel", "small/out/bias"} <= assigned


def test_connections_of_functional_models_have_the_form_of_keras_3(tmp_path: Path) -> None:
    inputs = tf.keras.Input((2,), name="features")
    outputs = tf.keras.layers.Add(name="sum")([inputs, tf.keras.layers.Dense(2, name="dense")(inputs)])
    model = tf.keras.Model(inputs, outputs)
    model.compile("sgd", "mse")
    x = np.zeros((4, 2), np.float32)
    model.fit(x, x, verbose=0, callbacks=[tf.keras.callbacks.TensorBoard(tmp_path)])
    (layers,) = values_of(tmp_path / "train", "graph_keras_model")["keras"].values()
    (node,) = json.loads(layers[0])["config"]["layers"][-1]["inbound_nodes"]
    history = [tensor["config"]["keras_history"] for tensor in node["args"][0]]
    assert history == [["features", 0, 0], ["dense", 0, 0]]


def test_a_subclassed_model_has_the_graph_of_its_step_only(tmp_path: Path) -> None:
    class Small(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = tf.keras.layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.dense(x)

    model = Small()
    model.compile("sgd", "mse")
    fit(model, tf.keras.callbacks.TensorBoard(tmp_path, histogram_freq=1))
    assert "keras" not in values_of(tmp_path / "train")
    assert sum(GRAPH_DEF in event for event in events_of(tmp_path / "train")) == 1


def test_write_graph_false_writes_none(tmp_path: Path) -> None:
    fit(small_model(), tf.keras.callbacks.TensorBoard(tmp_path, write_graph=False))
    assert set(values_of(tmp_path / "train")) == {"epoch_loss", "epoch_mae"}
    assert not any(GRAPH_DEF in event for event in events_of(tmp_path / "train"))


def test_pictures_of_the_weights(tmp_path: Path) -> None:
    model = small_model()
    fit(model, tf.keras.callbacks.TensorBoard(tmp_path, histogram_freq=1, write_images=True), epochs=1)
    pictures = values_of(tmp_path / "train", "images")
    kernel = model.layers[0].get_weights()[0]
    between = (kernel - kernel.min()) / (kernel.max() - kernel.min())
    assert pictures["hidden/kernel_0/image"][0] == [b"3", b"2", png(as_pixels(between[None, ..., None])[0])]


def test_the_learning_rate_of_a_schedule_is_written(tmp_path: Path) -> None:
    model = small_model()
    schedule = tf.keras.optimizers.schedules.ExponentialDecay(0.5, decay_steps=2, decay_rate=0.5)
    model.compile(tf.keras.optimizers.SGD(schedule), "mse")
    fit(model, tf.keras.callbacks.TensorBoard(tmp_path))
    rates = values_of(tmp_path / "train", "scalars")["epoch_learning_rate"]
    assert list(rates.values()) == pytest.approx([0.25, 0.125, 0.0625])


def test_evaluate_writes_to_the_validation_run_alone(tmp_path: Path) -> None:
    model = small_model()
    x = np.zeros((4, 2), np.float32)
    callback = tf.keras.callbacks.TensorBoard(tmp_path)
    model.evaluate(x, x[:, :1], verbose=0, callbacks=[callback])
    callback._close()
    assert os.listdir(tmp_path) == ["validation"]
    assert list(values_of(tmp_path / "validation")["evaluation_loss_vs_iterations"]) == [0]


def test_a_second_fit_writes_files_of_its_own(tmp_path: Path) -> None:
    model, callback = small_model(), tf.keras.callbacks.TensorBoard(tmp_path)
    fit(model, callback, epochs=1)
    fit(model, callback, epochs=2, initial_epoch=1)
    files = sorted((tmp_path / "train").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    steps = [
        [event.integer(2) for event in events_in(path) if b"epoch_loss" in event.data(5).tobytes()]
        for path in files
    ]
    assert steps == [[0], [1]]


def test_embeddings_are_written_for_the_projector(tmp_path: Path) -> None:
    tf.keras.utils.set_random_seed(1)
    layer = tf.keras.layers.Embedding(4, 2, input_length=1, name="words")
    model = tf.keras.Sequential([layer, tf.keras.layers.Flatten(), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    callback = tf.keras.callbacks.TensorBoard(
        tmp_path, embeddings_freq=1, embeddings_metadata={"words": "names.tsv"}
    )
    model.fit(np.array([[0], [3]]), np.zeros(2), verbose=0, callbacks=[callback])
    lines = (tmp_path / "train" / "words.tsv").read_text().splitlines()
    written = np.array([[float(number) for number in line.split("\t")] for line in lines], np.float32)
    assert np.allclose(written, layer.get_weights()[0], rtol=1e-6)
    assert (tmp_path / "projector_config.pbtxt").read_text() == (
        'embeddings {\n  tensor_name: "words"\n  tensor_shape: 4\n  tensor_shape: 2\n'
        '  tensor_path: "train/words.tsv"\n  metadata_path: "names.tsv"\n}\n'
    )
    wrong = tf.keras.callbacks.TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata={"letters": "x"})
    with pytest.raises(InvalidArgumentError, match=r"contains \['letters'\], but .* are \['words'\]"):
        model.fit(np.array([[0], [3]]), np.zeros(2), verbose=0, callbacks=[wrong])


def test_arguments_of_all_years_are_taken() -> None:
    callback = tf.keras.callbacks.TensorBoard("logs", 1, True, False, False, "epoch", "0,0", 0, None)
    assert (callback.log_dir, callback.histogram_freq, callback.update_freq) == ("logs", 1, "epoch")
    with pytest.warns(UserWarning, match="profile_batch is ignored"):
        tf.keras.callbacks.TensorBoard(profile_batch="500,520")
    with pytest.raises(TypeError, match="got unknown arguments: logdir"):
        tf.keras.callbacks.TensorBoard(logdir="logs")
    for frequency in (0, "step", True, 2.5):
        with pytest.raises(InvalidArgumentError, match="expected 'epoch', 'batch' or a number of batches"):
            tf.keras.callbacks.TensorBoard(update_freq=frequency)
    for batches in ((5, 2), "a", -1, (1, 2, 3), None):
        with pytest.raises(InvalidArgumentError, match="expected the number of a batch"):
            tf.keras.callbacks.TensorBoard(profile_batch=batches)


def test_an_unwritable_folder_stops_fit_before_it_begins(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    model = small_model()
    before = model.get_weights()
    with pytest.raises(SavingError, match="cannot write to"):
        fit(model, tf.keras.callbacks.TensorBoard(tmp_path / "logs"))
    assert np.array_equal(model.get_weights()[0], before[0])


def test_the_log_can_be_read_while_it_is_written(tmp_path: Path) -> None:
    seen = []

    class Look(tf.keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            time.sleep(0.6)
            seen.append(len(values_of(tmp_path / "train", "scalars").get("epoch_loss", {})))

    model = small_model()
    x = np.zeros((4, 2), np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(
            x, x[:, :1], epochs=4, verbose=0, callbacks=[tf.keras.callbacks.TensorBoard(tmp_path), Look()]
        )
    # Written at most a second late, always whole records.
    assert seen == sorted(seen) and seen[-1] >= 2


LONG_TRAINING = """
import sys, numpy as np, tensorlet as tf
model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
model.compile("sgd", "mse")
class Tell(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 3:
            print("ready", flush=True)
            import time; time.sleep(60)
model.fit(np.zeros((4, 2)), np.zeros(4), epochs=100, verbose=0,
          callbacks=[tf.keras.callbacks.TensorBoard(sys.argv[1]), Tell()])
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_loses_nothing_of_the_log(tmp_path: Path) -> None:
    # A shell that starts programs in the background lets them ignore Ctrl-C; Python takes that over.
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n" + LONG_TRAINING
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stdout.readline().strip() == b"ready"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert list(values_of(tmp_path / "train", "scalars")["epoch_loss"]) == [0, 1, 2, 3]


def test_a_program_with_a_path_of_windows(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "tensorlet", "run", str(PROGRAMS / "parity_in_tensorboard.py")],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    folder = tmp_path / "temp" / "parity"
    assert f"the log is in {folder}" in finished.stderr
    training = values_of(folder / "train")
    assert list(training["epoch_loss"]) == list(range(300))
    assert len(training["dense/kernel_0/histogram"]) == 300
    assert len(values_of(folder / "validation")["evaluation_accuracy_vs_iterations"]) == 300


# The names of ``tensorboard.plugins.hparams.api``


def plugin_data(event: Reader) -> tuple[str, Reader]:
    value = event.message(5).message(1)
    return value.text(1), Reader(value.message(9).message(1).data(2), "hparams")


def test_an_experiment_says_what_it_tries_and_measures(tmp_path: Path) -> None:
    from tensorlet.keras.callbacks import hparams as hp

    parameters = [
        hp.HParam("units", hp.IntInterval(8, 64), display_name="Units"),
        hp.HParam("rate", hp.RealInterval(0.25, 0.5)),
        hp.HParam("optimizer", hp.Discrete(["sgd", "adam"]), description="*which*"),
        hp.HParam("seed"),
    ]
    metrics = [hp.Metric("epoch_loss", "validation", "Loss", dataset_type=hp.Metric.VALIDATION)]
    with tf.summary.create_file_writer(str(tmp_path)).as_default():
        assert hp.hparams_config(parameters, metrics, time_created_secs=4.0)
    (event,) = events_of(tmp_path)
    tag, content = plugin_data(event)
    experiment = content.message(2)
    assert (tag, experiment.float64(3)) == ("_hparams_/experiment", 4.0)
    units, rate, optimizer, seed = experiment.messages(4)
    assert (units.text(1), units.text(2), units.integer(4)) == ("units", "Units", 3)
    assert (units.message(6).float64(1), units.message(6).float64(2)) == (8.0, 64.0)
    assert (rate.message(6).float64(1), rate.message(6).float64(2)) == (0.25, 0.5)
    assert [value.text(3) for value in optimizer.message(5).messages(1)] == ["adam", "sgd"]
    assert (optimizer.integer(4), optimizer.text(3)) == (1, "*which*")
    assert 4 not in seed and seed.text(1) == "seed"
    (metric,) = experiment.messages(5)
    assert (metric.message(1).text(1), metric.message(1).text(2)) == ("validation", "epoch_loss")
    assert (metric.text(3), metric.integer(5)) == ("Loss", 2)


def test_domains_draw_and_check_their_values() -> None:
    import random

    from tensorlet.keras.callbacks import hparams as hp

    chance = random.Random(1)
    assert {hp.IntInterval(1, 3).sample_uniform(chance) for _ in range(50)} == {1, 2, 3}
    assert all(0.5 <= hp.RealInterval(0.5, 1.0).sample_uniform(chance) <= 1.0 for _ in range(50))
    assert {hp.Discrete([True, False]).sample_uniform(chance) for _ in range(50)} == {True, False}
    assert str(hp.HParam("rate", hp.RealInterval(0.1, 0.2))) == "<HParam 'rate': [0.1, 0.2]>"
    assert str(hp.HParam("units", hp.Discrete([16, 8]))) == "<HParam 'units': {8, 16}>"
    with pytest.raises(TypeError, match=r"IntInterval got 1\.5, expected a bound of type int"):
        hp.IntInterval(1.5, 2)
    with pytest.raises(InvalidArgumentError, match="the lower bound 3 is larger than the upper bound 2"):
        hp.IntInterval(3, 2)
    with pytest.raises(InvalidArgumentError, match="Discrete got no values"):
        hp.Discrete([])
    with pytest.raises(TypeError, match="Discrete got 'a' among values of type int"):
        hp.Discrete([1, "a"])
    with pytest.raises(TypeError, match=r"the domain is \[1, 2\], expected Discrete"):
        hp.HParam("units", [1, 2])  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="dataset_type is 7"):
        hp.Metric("loss", dataset_type=7)


def test_the_keras_callback_frames_a_run(tmp_path: Path) -> None:
    from tensorlet.keras.callbacks import hparams as hp

    units = hp.HParam("units", hp.Discrete([3]))
    fit(small_model(), hp.KerasCallback(str(tmp_path), {units: 3}, trial_id="a"))
    start, end = (plugin_data(event) for event in events_of(tmp_path))
    assert start[0] == "_hparams_/session_start_info" and start[1].message(3).text(4) == "a"
    assert end[0] == "_hparams_/session_end_info" and end[1].message(4).integer(1) == 1
    with pytest.raises(TypeError, match="KerasCallback got None, expected a summary writer or a folder"):
        hp.KerasCallback(None, {})


HPARAMS_PROGRAM = """
import tensorflow as tf
from tensorboard.plugins.hparams import api as hp
units = hp.HParam("units", hp.Discrete([2, 4]))
with tf.summary.create_file_writer("logs").as_default():
    hp.hparams_config(hparams=[units], metrics=[hp.Metric("accuracy")])
for value in units.domain.values:
    with tf.summary.create_file_writer(f"logs/{value}").as_default():
        hp.hparams({units: value})
        tf.summary.scalar("accuracy", value / 4, step=1)
print(hp.__name__)
try:
    import tensorboard
    print(tensorboard.program.__name__)
except AttributeError as error:
    print(error)
"""


def test_programs_that_import_tensorboards_module_run(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "tensorlet", "run", "-c", HPARAMS_PROGRAM],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    name, other = finished.stdout.splitlines()
    assert name == "tensorlet.keras.callbacks.hparams"
    assert other == "tensorboard.program" or "pip install tensorboard" in other
    assert sorted(path.name for path in (tmp_path / "logs").iterdir() if path.is_dir()) == ["2", "4"]
    assert values_of(tmp_path / "logs" / "4", "scalars") == {"accuracy": {1: 1.0}}
