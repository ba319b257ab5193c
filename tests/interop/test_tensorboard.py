"""Real TensorBoard reads what `tf.summary` and `callbacks.TensorBoard` write: its own reader, and its server."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf

pytest.importorskip("tensorboard", reason="TensorBoard is not installed: pip install tensorboard")

#: TensorBoard, and TensorFlow where it is installed beside it, warn of much that is not ours.
pytestmark = pytest.mark.filterwarnings("ignore")

STARTED_WITHIN, LOADED_WITHIN = 120.0, 60.0


def train(folder: Path) -> dict[str, list[float]]:
    tf.keras.utils.set_random_seed(3)
    x = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
    y = (x.sum(axis=1, keepdims=True) > 0).astype(np.float32)
    inputs = tf.keras.Input((4,), name="features")
    hidden = tf.keras.layers.Dense(8, activation="relu", name="hidden")(inputs)
    dropped = tf.keras.layers.Dropout(0.2, name="dropped")(hidden)
    total = tf.keras.layers.Add(name="total")([hidden, dropped])
    model = tf.keras.Model(
        inputs, tf.keras.layers.Dense(1, activation="sigmoid", name="out")(total), name="net"
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    callback = tf.keras.callbacks.TensorBoard(folder, histogram_freq=1, write_images=True)
    found = model.fit(x, y, epochs=3, validation_split=0.25, verbose=0, callbacks=[callback])
    return found.history


def write_by_hand(folder: Path) -> None:
    @tf.function
    def run(value: Any) -> Any:
        with tf.name_scope("square"):
            squared = value * value
        return tf.reduce_sum(squared)

    writer = tf.summary.create_file_writer(str(folder))
    with writer.as_default():
        tf.summary.scalar("group/curve", 0.25, step=3, description="a **curve**")
        tf.summary.histogram("values", [0.0, 1.0, 1.0, 4.0], step=1, buckets=2)
        tf.summary.image("digits", np.eye(4, dtype=np.float32)[None, :, :, None], step=1)
        tf.summary.text("note", "안녕, **world**", step=1)
        tf.summary.audio("tone", np.zeros([1, 8, 1], np.float32), 8000, step=1)
        tf.summary.trace_on()
        run(tf.ones([3]))
        tf.summary.trace_export("run", step=0)
    writer.close()


def write_hyper_parameters(folder: Path) -> None:
    for units in (4, 8):
        with tf.summary.create_file_writer(str(folder / str(units))).as_default():
            tf.summary.hparams({"units": units, "optimizer": "adam"})
            tf.summary.scalar("accuracy", units / 10, step=1)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[float]]]:
    folder = tmp_path_factory.mktemp("기록")
    history = train(folder / "fit")
    write_by_hand(folder / "hand")
    write_hyper_parameters(folder / "hparams")
    return folder, history


def accumulated(folder: Path) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload()


def test_its_reader_finds_the_scalars(log: Any) -> None:
    from tensorboard.util import tensor_util

    folder, history = log
    for run, prefix in (("train", ""), ("validation", "val_")):
        events = accumulated(folder / "fit" / run)
        for name in ("loss", "accuracy"):
            points = events.Tensors(f"epoch_{name}")
            assert [point.step for point in points] == [0, 1, 2]
            values = [tensor_util.make_ndarray(point.tensor_proto).item() for point in points]
            assert values == pytest.approx(history[prefix + name])
            about = events.SummaryMetadata(f"epoch_{name}")
            assert about.plugin_data.plugin_name == "scalars"


def test_its_reader_finds_histograms_and_the_graph(log: Any) -> None:
    from tensorboard.util import tensor_util

    events = accumulated(log[0] / "hand")
    (point,) = events.Tensors("values")
    assert tensor_util.make_ndarray(point.tensor_proto).tolist() == [[0.0, 2.0, 3.0], [2.0, 4.0, 1.0]]
    graph = accumulated(log[0] / "fit" / "train").Graph()
    nodes = {node.name: node for node in graph.node}
    assert list(nodes["net/hidden/matmul"].input) == ["input", "net/hidden/kernel"]
    shape = nodes["net/hidden/kernel"].attr["_output_shapes"].list.shape[0]
    assert [dimension.size for dimension in shape.dim] == [4, 8]


BODIES: dict[str, Callable[[], list[Any]]] = {
    "conv2d": lambda: [tf.keras.layers.Conv2D(3, 3, activation="relu"), tf.keras.layers.MaxPooling2D(),
                       tf.keras.layers.BatchNormalization(), tf.keras.layers.Flatten()],
    "scan": lambda: [tf.keras.layers.Reshape((6, 6)), tf.keras.layers.Masking(),
                     tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(3)),
                     tf.keras.layers.RepeatVector(2), tf.keras.layers.GRU(3)],
}  # fmt: skip


@pytest.mark.parametrize("operation", BODIES)
def test_its_reader_finds_graphs_of_pictures_and_sequences(operation: str, tmp_path: Path) -> None:
    from tensorboard.plugins.graph.keras_util import keras_model_to_graph_def

    body = BODIES[operation]()
    model = tf.keras.Sequential([*body, tf.keras.layers.Dense(1)], name="net")
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).random((6, 6, 6, 1)).astype(np.float32)
    model.fit(x, np.ones((6, 1)), verbose=0, callbacks=[tf.keras.callbacks.TensorBoard(tmp_path)])
    events = accumulated(tmp_path / "train")
    names = [node.name for node in events.Graph().node]
    assert len(set(names)) == len(names)
    assert any(re.search(f"net/.*/{operation}", name) for name in names)
    sources = {name.lstrip("^").split(":")[0] for node in events.Graph().node for name in node.input}
    assert sources <= set(names)
    (point,) = events.Tensors("keras")
    drawn = keras_model_to_graph_def(json.loads(point.tensor_proto.string_val[0]))
    assert [node.name for node in drawn.node][1:] == [f"net/{layer.name}" for layer in model.layers]


class Server:
    """TensorBoard's server, asked over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, path: str, body: Any = None, **query: str) -> bytes:
        url = f"{self.url}{path}?{urllib.parse.urlencode(query)}"
        request = urllib.request.Request(url)
        if body is not None:
            request = urllib.request.Request(
                url, json.dumps(body).encode(), {"Content-Type": "application/json"}
            )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def json(self, path: str, body: Any = None, **query: str) -> Any:
        return json.loads(self.ask(path, body, **query))


@pytest.fixture(scope="module")
def server(log: Any) -> Iterator[Server]:
    command = [
        sys.executable,
        "-m",
        "tensorboard.main",
        "--logdir",
        str(log[0]),
        "--port",
        "0",
        "--load_fast",
        "false",
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        assert process.stderr is not None
        until = time.monotonic() + STARTED_WITHIN
        found = None
        while found is None:
            line = process.stderr.readline()
            assert line and time.monotonic() < until, "TensorBoard did not start"
            found = re.search(r"TensorBoard .* at (http://\S+)", line)
        server = Server(found[1].rstrip("/") + "/")
        runs: list[str] = []
        while len(runs) < 5 and time.monotonic() < until + LOADED_WITHIN:
            time.sleep(0.5)
            runs = server.json("data/runs")
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stderr is not None:
            process.stderr.close()


def test_runs_and_scalars(server: Server, log: Any) -> None:
    assert set(server.json("data/runs")) == {"fit/train", "fit/validation", "hand", "hparams/4", "hparams/8"}
    tags = server.json("data/plugin/scalars/tags")
    assert set(tags["fit/train"]) == {"epoch_loss", "epoch_accuracy"}
    assert set(tags["fit/validation"]) == {
        "epoch_loss", "epoch_accuracy", "evaluation_loss_vs_iterations", "evaluation_accuracy_vs_iterations",
    }  # fmt: skip
    assert "<strong>curve</strong>" in tags["hand"]["group/curve"]["description"]
    points = server.json("data/plugin/scalars/scalars", run="fit/train", tag="epoch_loss")
    assert [value for _, _, value in points] == pytest.approx(log[1]["loss"])
    assert [
        point[1:] for point in server.json("data/plugin/scalars/scalars", run="hand", tag="group/curve")
    ] == [[3, 0.25]]


def test_histograms(server: Server) -> None:
    tags = server.json("data/plugin/histograms/tags")
    assert set(tags["fit/train"]) == {
        "hidden/kernel_0/histogram", "hidden/bias_0/histogram", "out/kernel_0/histogram", "out/bias_0/histogram",
    }  # fmt: skip
    ((_, step, buckets),) = server.json("data/plugin/histograms/histograms", run="hand", tag="values")
    assert (step, buckets) == (1, [[0.0, 2.0, 3.0], [2.0, 4.0, 1.0]])


def test_images(server: Server) -> None:
    tags = server.json("data/plugin/images/tags")
    assert set(tags["hand"]) == {"digits"} and "hidden/kernel_0/image" in tags["fit/train"]
    (entry,) = server.json("data/plugin/images/images", run="hand", tag="digits", sample="0")
    query = dict(urllib.parse.parse_qsl(entry["query"]))
    picture = server.ask("data/plugin/images/individualImage", **query)
    assert picture.startswith(b"\x89PNG")
    assert picture == tf_png(np.eye(4)[..., None])


def tf_png(pixels: np.ndarray) -> bytes:
    from tensorlet.formats.png import encode

    return encode((pixels * 255).astype(np.uint8))


def test_text_and_sound(server: Server) -> None:
    (note,) = server.json("data/plugin/text/text", run="hand", tag="note")
    assert note["text"] == "<p>안녕, <strong>world</strong></p>"
    assert set(server.json("data/plugin/audio/tags")["hand"]) == {"tone"}


def test_graphs(server: Server) -> None:
    info = server.json("data/plugin/graphs/info")
    assert info["fit/train"]["run_graph"] is True
    assert info["fit/train"]["tags"]["keras"]["conceptual_graph"] is True
    assert info["hand"]["tags"]["run"]["op_graph"] is True
    step = server.ask("data/plugin/graphs/graph", run="fit/train", conceptual="false").decode()
    for part in (
        "net/hidden/matmul",
        "net/out/sigmoid",
        "gradients/",
        "Adam/hidden/kernel/",
        "loss/",
        "metrics/",
    ):
        assert f'name: "{part}' in step
    layers = server.ask("data/plugin/graphs/graph", run="fit/train", tag="keras", conceptual="true").decode()
    lines = [line.strip() for line in layers.splitlines()]
    inputs = [line for line in lines if line.startswith(("name:", "input:"))]
    assert inputs == [
        'name: "net/features"',
        'name: "net/hidden"', 'input: "net/features"',
        'name: "net/dropped"', 'input: "net/hidden"',
        'name: "net/total"', 'input: "net/hidden"', 'input: "net/dropped"',
        'name: "net/out"', 'input: "net/total"',
    ]  # fmt: skip
    traced = server.ask("data/plugin/graphs/graph", run="hand", tag="run", conceptual="false").decode()
    assert 'name: "square/multiply"' in traced


def test_hyper_parameters(server: Server) -> None:
    experiment = server.json("data/plugin/hparams/experiment", {"experimentName": ""})
    assert {info["name"] for info in experiment["hparamInfos"]} == {"units", "optimizer"}
    question = {
        "experimentName": "", "startIndex": 0, "sliceSize": 10, "colParams": [],
        "allowedStatuses": ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_RUNNING", "STATUS_FAILURE"],
    }  # fmt: skip
    groups = server.json("data/plugin/hparams/session_groups", question)["sessionGroups"]
    found = {group["hparams"]["units"]: group["metricValues"] for group in groups}
    accuracy = {
        units: [value["value"] for value in values if value["name"]["tag"] == "accuracy"]
        for units, values in found.items()
    }
    assert accuracy == {4.0: pytest.approx([0.4]), 8.0: pytest.approx([0.8])}
