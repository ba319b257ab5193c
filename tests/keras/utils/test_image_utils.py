"""`load_img`, `img_to_array`, `array_to_img`, `save_img` and `smart_resize`."""

from __future__ import annotations

import builtins
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, ShapeError

utils = tf.keras.utils


@pytest.fixture
def path(tmp_path: Path) -> Path:
    pixels = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    return tmp_path / "a.png"


def test_pictures_are_loaded_in_a_colour_mode_and_size(path: Path) -> None:
    assert utils.load_img(path).mode == "RGB"
    assert utils.load_img(str(path), color_mode="rgba").mode == "RGBA"
    assert utils.load_img(io.BytesIO(path.read_bytes()), grayscale=True).mode == "L"
    assert utils.load_img(path, target_size=(2, 3)).size == (3, 2)
    kept = utils.load_img(path, target_size=(2, 2), keep_aspect_ratio=True)  # the middle four columns
    expected = Image.open(path).crop((1, 0, 5, 4)).resize((2, 2), Image.Resampling.NEAREST)
    assert np.array_equal(kept, expected)
    with open(path, "rb"):
        assert utils.img_to_array(utils.load_img(path))[0, 1].tolist() == [3.0, 4.0, 5.0]


def test_arrays_and_images() -> None:
    array = np.arange(24.0).reshape(2, 4, 3)
    assert utils.img_to_array(array[:, :, 0]).shape == (2, 4, 1)
    assert utils.img_to_array(array, "channels_first").shape == (3, 2, 4)
    assert utils.img_to_array(array[:, :, 0], "channels_first", dtype="uint8").dtype == np.uint8
    assert np.asarray(utils.array_to_img(array, scale=False)).tolist() == array.tolist()
    assert np.asarray(utils.array_to_img(array)).max() == 255
    assert utils.array_to_img(array.transpose(2, 0, 1), "channels_first").size == (4, 2)
    assert utils.array_to_img(np.full((2, 2, 4), 9), scale=False).mode == "RGBA"
    assert utils.array_to_img(np.full((2, 2, 1), 300), scale=False).mode == "I"
    assert np.asarray(utils.array_to_img(np.full((2, 2, 1), 3.0))).tolist() == [[0, 0], [0, 0]]


def test_pictures_are_saved_by_their_ending(tmp_path: Path) -> None:
    array = np.full((3, 3, 3), 40.0)
    utils.save_img(tmp_path / "a.png", array, scale=False)
    assert utils.img_to_array(utils.load_img(tmp_path / "a.png")).tolist() == array.tolist()
    utils.save_img(str(tmp_path / "b.jpg"), array, scale=False, quality=95)
    np.testing.assert_allclose(utils.img_to_array(utils.load_img(tmp_path / "b.jpg")), array, atol=2)
    opened = io.BytesIO()
    utils.save_img(opened, array, file_format="bmp")
    assert opened.getvalue().startswith(b"BM")
    with pytest.warns(UserWarning, match="no alpha channel"):
        utils.save_img(tmp_path / "c.jpeg", np.zeros((2, 2, 4)), file_format="jpeg")
    assert [one.name for one in sorted(tmp_path.iterdir())] == ["a.png", "b.jpg", "c.jpeg"]


def test_pictures_are_resized_without_distortion() -> None:
    x = np.zeros((2, 4, 1), np.float32)
    x[:, 1:3] = 1.0
    resized = tf.keras.preprocessing.image.smart_resize(x, (1, 1))
    assert isinstance(resized, np.ndarray) and resized.tolist() == [[[1.0]]]
    assert isinstance(tf.keras.preprocessing.image.smart_resize(tf.constant(x), (2, 2)), tf.Tensor)
    with pytest.raises(InvalidArgumentError, match="size="):
        tf.keras.preprocessing.image.smart_resize(x, (1, 1, 1))


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda path: utils.load_img(path, color_mode="grey"), InvalidArgumentError, "color_mode='grey'"),
        (lambda path: utils.load_img(path, target_size=(1, 1), interpolation="area"), InvalidArgumentError, "lanczos"),
        (lambda path: utils.load_img(3), TypeError, "got int"),
        (lambda path: utils.load_img(path.parent / "none.png"), FileNotFoundError, "none.png"),
        (lambda path: utils.load_img(io.BytesIO(b"text")), InvalidArgumentError, "cannot be read as a picture"),
        (lambda path: utils.load_img(io.BytesIO(path.read_bytes()[:45])), InvalidArgumentError, "cannot be read"),
        (lambda path: utils.array_to_img(np.zeros((1, 2, 2, 3))), ShapeError, r"write x\[0\]"),
        (lambda path: utils.array_to_img(np.zeros((2, 2, 2))), ShapeError, "2 channels"),
        (lambda path: utils.array_to_img(np.zeros((2, 2, 3)), "last"), InvalidArgumentError, "data_format='last'"),
        (lambda path: utils.img_to_array(np.zeros(3)), ShapeError, "2 or 3 axes"),
        (lambda path: utils.save_img(path.parent / "a.text", np.zeros((2, 2, 3))), InvalidArgumentError, "'text'"),
    ],
)  # fmt: skip
def test_mistakes_are_explained(path: Path, call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call(path)


def test_without_pillow_the_extra_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = builtins.__import__

    def refuse(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("PIL"):
            raise ImportError(name)
        return usual(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match=r"pip install 'tensorlet\[image\]'"):
        utils.load_img(path)
    with pytest.raises(ImportError, match=r"decode_jpeg.*pip install 'tensorlet\[image\]'"):
        tf.io.decode_jpeg(b"\xff\xd8\xff")
    assert tf.io.decode_image(path.read_bytes()).shape == (4, 6, 3)  # PNG files do not need it
