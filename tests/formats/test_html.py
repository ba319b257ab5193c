"""What notebooks show of pictures, histories and models."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.formats import png
from tensorlet.formats.html import history_html, pictures_html, table_html


def picture_in(page: str) -> np.ndarray:
    found = re.search(r'src="data:image/png;base64,([^"]+)"', page)
    assert found is not None
    return png.decode(base64.b64decode(found[1]))


def test_pictures_are_next_to_each_other() -> None:
    pictures = np.stack([np.full((8, 10), 10 * (number + 1), np.uint8) for number in range(9)])
    page = pictures_html(pictures, "nine <b>")
    assert page is not None and page.startswith("<div><div>nine &lt;b&gt;, 9 pictures</div>")
    sheet = picture_in(page)[..., 0]
    assert sheet.shape == (8 + 1 + 8, 8 * 11 - 1)
    assert sheet[0, 0] == 10 and sheet[0, 10] == 128 and sheet[0, 11] == 20 and sheet[9, 0] == 90


def test_floats_from_0_to_1_and_colours() -> None:
    pictures = np.zeros((2, 8, 8, 3), np.float32)
    pictures[1, ..., 0] = 1.0
    sheet = picture_in(pictures_html(pictures, "") or "")
    assert sheet.shape == (8, 17, 3) and sheet[0, 16].tolist() == [255, 0, 0]


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((28, 28), np.uint8),
        np.zeros((2, 4, 4), np.uint8),
        np.zeros((2, 28, 28), np.float32),  # nothing to see
        np.full((2, 28, 28), -1.0, np.float32),
        np.full((2, 28, 28), np.nan, np.float32),
        np.ones((2, 10, 100), np.float32),
        np.ones((2, 28, 28), np.int32),
        np.zeros((0, 28, 28), np.uint8),
        np.zeros((2, 28, 28, 2), np.uint8),
        np.array(3.0),
    ],
)
def test_other_arrays_are_not_pictures(array: np.ndarray) -> None:
    assert pictures_html(array, "") is None


def test_tensors_of_pictures_and_others() -> None:
    tensor = tf.constant(np.full((30, 28, 28, 1), 200, np.uint8))
    page = tensor._repr_html_()
    assert page is not None and "shape=(30, 28, 28, 1), dtype=uint8, 24 of 30 pictures" in page
    assert tf.constant([1.0, 2.0])._repr_html_() is None


def test_histories_are_curves() -> None:
    page = history_html({"loss": [2.0, 1.0, float("nan")], "val_loss": [3.0, 2.0, 1.0], "lr": [0.1] * 3})
    assert page is not None and page.startswith("<div><div>3 epochs</div>")
    root = ElementTree.fromstring(page)
    lines = [one.get("points", "").split() for one in root.iter("{http://www.w3.org/2000/svg}polyline")]
    assert [len(line) for line in lines] == [2, 3, 3]
    assert lines[1][0].endswith(",4.0") and lines[1][2].endswith(",86.0")  # from the largest to the smallest
    assert "validation 1" in page and " id=" not in page
    assert history_html({}) is None and history_html({"loss": []}) is None
    assert history_html({"words": ["a"], "tables": [[1, 2]]}) is None


def test_fit_and_run_epochs_show_their_history() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))], name="small")
    model.compile("sgd", "mse")
    history = model.fit(np.ones((4, 2)), np.ones(4), epochs=2, verbose=0)
    assert repr(history) == "<History of 2 epochs: loss>"
    assert "2 epochs" in history._repr_html_()
    weight = tf.Variable(0.0)
    own = tf.run_epochs(lambda x: weight * tf.reduce_mean(x), np.ones(4, np.float32))
    assert "1 epoch<" in own._repr_html_()


def test_models_are_tables() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(3, input_shape=(2,), name="<first>")], name="small")
    page = model._repr_html_()
    assert page is not None
    cells = [cell.text for cell in ElementTree.fromstring(page).iter("td")]
    assert cells == ["<first> (Dense)", "(None, 3)", "9"]
    assert 'Sequential "small"' in "".join(ElementTree.fromstring(page).itertext())
    assert "Total params: 9 (36.00 Byte)" in page
    assert tf.keras.Sequential([tf.keras.layers.Dense(3)])._repr_html_() is None  # not built
    assert repr(model) == str(model) == "<Sequential name=small, built=True>"


def test_texts_are_escaped() -> None:
    assert "<script>" not in table_html("<script>", ["<script>"], [["<script>"]], "<script>")
