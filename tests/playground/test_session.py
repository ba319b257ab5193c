"""A session: commands and snapshots, without the web."""

from __future__ import annotations

import gc
import io
import time
import tracemalloc

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.playground.errors import PlaygroundError
from tensorlet.playground.frames import decode
from tensorlet.playground.session import Session
from tensorlet.playground.settings import COMPARABLE
from tensorlet.playground.worker import Worker

SMALL = {"data": {"kind": "moons", "rows": 40}, "network": {"layers": [{"units": 3}], "batch": 10}}


@pytest.fixture
def session() -> Session:
    made = Session()
    made.do("configure", {"settings": SMALL})
    return made


def frame(session: Session, **request):
    return decode(session.frame(request))


def test_configure_describes_what_is_on_the_screen(session):
    description = session.do("configure", {"settings": SMALL})
    assert (len(description["points"]), description["rows"], description["classes"]) == (
        40,
        [28, 12],
        ["0", "1"],
    )
    assert [line["text"] for line in description["networks"][0]["formula"]] == [
        "h1 = tanh(x W1 + b1)",
        "p = softmax(h1 W2 + b2)",
        "L = −1/m · Σ log p[y]",
    ]
    assert description["networks"][0]["parameters"] == 17 and description["networks"][0]["batches"] == 3
    assert description["settings"]["data"]["rows"] == 40


def test_frames_show_regions_units_weights_and_history(session):
    session.do("epoch", {})
    header, arrays = frame(session, view={"size": 40, "gradients": True})
    assert header["runs"][0]["epoch"] == 1 and header["playing"] is False
    assert arrays["0.classes"].shape == (40, 40) and set(np.unique(arrays["0.classes"])) <= {0, 1}
    assert arrays["0.units0"].shape == (3, 24, 24) and arrays["0.units1"].shape == (2, 24, 24)
    assert arrays["0.weights0"].shape == (3, 3) and arrays["0.gradients1"].shape == (4, 2)
    assert [row[0] for row in arrays["0.records"]] == [0, 1]
    # The page has both rows: the next frame brings only what is new.
    session.do("epoch", {})
    header, arrays = frame(session, seen=[[0, 2]])
    assert header["runs"][0]["first"] == 2 and [row[0] for row in arrays["0.records"]] == [2]


def test_regions_are_the_model_s_predictions(session):
    session.do("epoch", {})
    run, viewer = session._runs[0], session._viewers[0]
    _, arrays = frame(session, view={"size": 16})
    view = type("View", (), {"size": 16, "axes": (0, 1)})()
    predicted = run.trained().predict(viewer.grid(view), verbose=0)
    assert np.array_equal(arrays["0.classes"].ravel(), predicted.argmax(1))
    assert np.array_equal(arrays["0.certainty"].ravel(), (predicted.max(1) * 255).astype("uint8"))


def test_gradients_are_those_of_a_tape(session):
    session.do("epoch", {})
    run = session._runs[0]
    _, arrays = frame(session, view={"gradients": True})
    model, data = run.trained(), run.data
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(
            tf.keras.losses.sparse_categorical_crossentropy(data.y_train, model(data.x_train))
        )
    kernel, bias, *_ = (g.numpy() for g in tape.gradient(loss, model.trainable_variables))
    assert np.allclose(arrays["0.gradients0"], np.concatenate([kernel, bias[None]]), atol=1e-6)
    assert np.allclose(
        arrays["0.norms"][0], [np.linalg.norm(model.layers[0].kernel), np.linalg.norm(kernel)], atol=1e-5
    )


@pytest.mark.parametrize("what", COMPARABLE)
def test_networks_side_by_side_start_from_the_same_seed(what):
    values = {
        "initializer": ["zeros", "he_normal"],
        "rate": [0.001, 0.1],
        "activation": ["relu", "sigmoid"],
        "optimizer": ["sgd", "adam"],
        "batch": [4, 20],
        "l2": [0, 0.1],
        "dropout": [0, 0.5],
        "batchnorm": [False, True],
    }[what]
    session = Session()
    description = session.do("configure", {"settings": {**SMALL, "compare": what, "values": values}})
    assert len(description["networks"]) == 2
    session._train(2)
    alone = Session()
    for number, value in enumerate(values):
        network = session.settings.networks()[number]
        shown = network.layers[0] if what in ("activation", "dropout") else network
        assert getattr(shown, what) == value
        settings = {
            **SMALL,
            "network": session.settings.as_dict()["network"] | {"layers": list(network.layers)},
        }
        settings["network"] = {**vars(network), "layers": [vars(layer) for layer in network.layers]}
        alone.do("configure", {"settings": settings})
        alone._train(2)
        assert all(map(np.array_equal, alone._runs[0].weights(), session._runs[number].weights()))


def test_playing_trains_until_paused(session):
    session.do("play", {})
    assert session.busy and session.advance() and session._runs[0].epoch >= 1
    assert session.do("pause", {})["playing"] is False and not session.advance()
    session.do("speed", {"speed": 1})
    session.do("play", {})
    before = session._runs[0].epoch
    assert session.advance() and not session.advance()  # one epoch, then nothing for a second
    assert session._runs[0].epoch == before + 1


def test_stepping_resetting_and_going_back(session):
    start = session._runs[0].weights()
    assert session.do("step", {}) == {"epoch": 0, "batch": 1, "playing": False}
    session.do("epoch", {})
    session.do("epoch", {})
    assert session.do("back", {"epoch": 1})["epoch"] == 1
    assert session.do("reset", {})["epoch"] == 0
    assert all(map(np.array_equal, start, session._runs[0].weights()))


def test_tables_choose_columns_and_draw_two_of_them(session):
    rows = "".join(f"{i},{i % 7},{(i * i) % 11},{'yes' if i % 3 else 'no'}\n" for i in range(30))
    assert session.load_table(f"a,b,c,answer\n{rows}".encode())["numeric"] == [True, True, True, False]
    settings = {"data": {"kind": "table", "scale": "standard"}, "network": {"layers": []}}
    description = session.do("configure", {"settings": settings})
    assert description["columns"] == ["a", "b", "c"] and description["classes"] == ["no", "yes"]
    _, arrays = frame(session, view={"size": 20, "axes": [2, 0]})
    viewer = session._viewers[0]
    view = type("View", (), {"size": 20, "axes": (2, 0)})()
    grid = viewer.grid(view)
    assert len(np.unique(grid[:, 2])) == 20 and np.allclose(grid[:, 1], viewer.data.x[:, 1].mean())
    assert arrays["0.classes"].shape == (20, 20)
    names: dict = {}
    session.do("epoch", {})
    exec(session.do("program", {})["programs"][0].replace("tensorflow", "tensorlet"), names)
    assert all(map(np.array_equal, names["model"].get_weights(), session._runs[0].weights()))


def test_downloads(session, tmp_path):
    session.do("epoch", {})
    expected = session._runs[0].trained().predict(session._data.x, verbose=0)
    for kind in ("keras", "h5"):
        content, name = session.download(kind)
        (tmp_path / name).write_bytes(content)
        loaded = tf.keras.models.load_model(tmp_path / name)
        assert np.array_equal(loaded.predict(session._data.x, verbose=0), expected)
    content, name = session.download("py")
    names: dict = {"__name__": "exported"}
    exec(content.decode(), names)
    assert np.allclose(names["predict"](session._data.x), expected, atol=1e-6)
    content, name = session.download("onnx")
    assert name == "model.onnx" and b"Softmax" in content
    points = np.load(io.BytesIO(session.download("npz")[0]))
    assert points["x"].shape == (40, 2) and points["y"].shape == (40,)
    assert session.download("program")[1] == "program.py"
    with pytest.raises(PlaygroundError):
        session.download("exe")
    with pytest.raises(PlaygroundError):
        session.download("keras", 4)


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("fly", {}, "command"),
        ("__init__", {}, "command"),
        ("configure", {"settings": {"data": {"rows": 10**9}}}, "setting"),
        ("configure", {"settings": {"network": {"layers": [{"units": 3}] * 9}}}, "setting"),
        ("configure", {"settings": {"data": {"kind": "drawn"}}}, "few_points"),
        ("configure", {"settings": {"data": {"kind": "table"}}}, "table_first"),
        ("configure", {"settings": {"data": {"kind": "formulas", "formulas": ["x + 1"]}}}, "formula_number"),
        ("configure", {"settings": {"compare": "rate", "values": [0.1]}}, "compare_count"),
        ("configure", {"settings": {"compare": "rate", "values": [0.1, "x"]}}, "setting"),
        ("configure", {"settings": []}, "setting"),
        ("back", {"epoch": "3"}, "epoch"),
        ("speed", {"speed": float("nan")}, "speed"),
        ("explain", {"row": -1}, "row"),
        ("perceptron", {"points": "x"}, "perceptron"),
    ],
)
def test_bad_commands_change_nothing(session, name, arguments, code):
    weights = session._runs[0].weights()
    with pytest.raises(PlaygroundError) as error:
        session.do(name, arguments)
    assert error.value.code == code
    assert session.settings.data.kind == "moons"
    assert all(map(np.array_equal, weights, session._runs[0].weights()))


def test_a_found_rate_is_between_its_ends(session):
    found = session.do("find_rate", {})
    assert len(found["rates"]) == len(found["losses"]) > 20 and 1e-5 <= found["best"] <= 10


def test_a_worker_trains_while_frames_are_drawn(session):
    worker = Worker()
    worker.add(session)
    try:
        worker.call(lambda: session.do("play", {})).result(10)
        drawn = []
        for _ in range(20):
            header, arrays = frame(session, view={"gradients": True})
            assert np.isfinite(arrays["0.weights0"]).all()
            drawn.append(header["runs"][0]["epoch"])
            time.sleep(0.005)
        assert drawn == sorted(drawn) and drawn[-1] > drawn[0]
        with pytest.raises(PlaygroundError):
            worker.call(lambda: session.do("fly", {})).result(10)
        worker.remove(session)
        assert not session.playing
    finally:
        worker.stop()


def test_memory_stays_bounded_while_a_page_plays_and_draws():
    session = Session()
    session.do(
        "configure",
        {"settings": {"data": {"kind": "xor", "rows": 20}, "network": {"layers": [{"units": 2}]}}},
    )

    def play(turns):
        for _ in range(turns):
            session._train(350)
            frame(session, view={"gradients": True})
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = play(15)  # 5250 epochs: the history was full, and was thinned out
        after = play(15)
    finally:
        tracemalloc.stop()
    assert session._runs[0].epoch == 10_500
    assert after - before < 300_000  # one row of the history has about 250 bytes


def test_networks_with_other_batches_meet_at_the_same_epoch():
    session = Session()
    session.do("configure", {"settings": {**SMALL, "compare": "batch", "values": [1, 14, 28]}})
    for _ in range(3):
        session.do("step", {})
    assert [(run.epoch, run.batch) for run in session._runs] == [(0, 3), (1, 1), (3, 0)]
    session.do("epoch", {})
    assert [(run.epoch, run.batch) for run in session._runs] == [(4, 0)] * 3
    session.do("play", {})
    session.advance()
    assert len({run.epoch for run in session._runs}) == 1
    whole = Session()
    whole.do("configure", {"settings": {**SMALL, "compare": "batch", "values": [1, 14, 28]}})
    whole._train(session._runs[0].epoch)
    for one, other in zip(whole._runs, session._runs, strict=True):
        assert all(map(np.array_equal, one.weights(), other.weights()))
