"""Functions of pictures against real TensorFlow, inside and outside of `tf.function`; what they refuse."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER
from picture_function_cases import FUNCTIONS, call

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops.image_transform import transform

GOLDEN = json.loads((GOLDEN_FOLDER / "picture_layers.json").read_text(encoding="utf-8"))["functions"]


@pytest.mark.parametrize(
    "number", range(len(FUNCTIONS)), ids=lambda number: f"{FUNCTIONS[number][0]}-{number}"
)
def test_function_follows_tensorflow(number: int) -> None:
    dtype, shape, numbers = call(tf, FUNCTIONS[number])
    assert [dtype, shape] == GOLDEN[number][:2]
    np.testing.assert_allclose(numbers, GOLDEN[number][2], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "path", ["image.random_flip_left_right", "image.random_flip_up_down", "image.random_brightness",
             "image.random_contrast", "image.random_saturation", "image.random_hue", "image.random_crop"],
)  # fmt: skip
def test_random_functions_run_natively(path: str, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    monkeypatch.setenv("TENSORLET_DEBUG", "backend")
    arguments: dict[str, tuple[Any, ...]] = {
        "image.random_brightness": (0.3,), "image.random_contrast": (0.5, 1.5),
        "image.random_saturation": (0.5, 1.5), "image.random_hue": (0.2,), "image.random_crop": ([2, 3, 4, 3],),
    }  # fmt: skip
    function = tf
    for name in path.split("."):
        function = getattr(function, name)
    x = np.random.default_rng(0).uniform(0, 1, (2, 5, 6, 3)).astype("float32")
    traced = tf.function(lambda value: function(value, *arguments.get(path, ())))
    tf.random.set_seed(3)
    results = [traced(x).numpy() for _ in range(6)]
    assert any(not np.array_equal(results[0], other) for other in results[1:])
    tf.random.set_seed(3)
    np.testing.assert_array_equal(traced(x).numpy(), results[0])
    assert "reference" not in capfd.readouterr().err


def test_pictures_are_turned_and_moved_to_where_they_belong() -> None:
    x = tf.reshape(tf.range(6.0), [1, 2, 3, 1])
    same = [[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]]
    np.testing.assert_array_equal(transform(x, tf.constant(same)).numpy(), x.numpy())
    moved = tf.constant([[1.0, 0.0, -1.0, 0.0, 1.0, 0.0]])  # one place to the right
    rows = {
        "reflect": [0, 0, 1], "wrap": [2, 0, 1], "constant": [9, 0, 1], "nearest": [0, 0, 1],
    }  # fmt: skip
    for fill_mode, expected in rows.items():
        found = transform(x, moved, fill_mode, 9.0).numpy()[0, 0, :, 0]
        np.testing.assert_array_equal(found, expected, err_msg=fill_mode)
    half = tf.constant([[1.0, 0.0, 0.5, 0.0, 1.0, 0.0]])
    np.testing.assert_array_equal(transform(x, half).numpy()[0, 0, :, 0], [0.5, 1.5, 2.0])


def _conv2d(pictures: tuple[int, ...], filters: tuple[int, ...], strides: Any, padding: str) -> Any:
    return tf.nn.conv2d(np.ones(pictures, "f"), np.ones(filters, "f"), strides, padding)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: _conv2d((3, 5, 5), (2, 2, 1, 1), 1, "SAME"), r"input\[\.\.\., None\]"),
        (lambda: _conv2d((1, 5, 5, 3), (2, 2, 2, 1), 1, "SAME"), "3 channels"),
        (lambda: _conv2d((1, 5, 5, 1), (2, 2, 1, 1), 1, "FULL"), "'SAME', 'VALID'"),
        (lambda: _conv2d((1, 5, 5, 1), (2, 2, 1, 1), [2, 1, 1, 1], "SAME"), "must be 1"),
        (lambda: tf.nn.max_pool2d(np.ones((1, 2, 2, 1), "f"), 3, 1, "VALID"), "3 x 3 is larger"),
        (lambda: tf.image.resize(np.ones((5, 5)), [2, 2]), r"images\[\.\.\., None\]"),
        (lambda: tf.image.resize(np.ones((5, 5, 1)), [2, 2], "cubic"), "method='cubic' is not"),
        (lambda: tf.image.crop_to_bounding_box(np.ones((5, 5, 1)), 3, 3, 3, 3), "does not lie in pictures of 5 x 5"),
        (lambda: tf.image.adjust_hue(np.ones((5, 5, 1), "f"), 0.5), "red, green and blue"),
    ],
)  # fmt: skip
def test_mistakes_are_explained(make: Any, message: str) -> None:
    with pytest.raises((InvalidArgumentError, ShapeError), match=message):
        make()
