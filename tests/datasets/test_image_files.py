"""Pictures in files: `tf.io.decode_jpeg`, `decode_image` and similar functions, eagerly and in datasets."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, PerformanceWarning, ShapeError

WAVES = np.stack(
    [127 + 100 * np.sin(np.arange(13) / 3 + shift)[None] * np.cos(np.arange(9) / 4)[:, None] for shift in range(3)], -1
).astype(np.uint8)  # fmt: skip


def file_of(form: str, pixels: np.ndarray = WAVES, **options: Any) -> bytes:
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, form, **options)
    return written.getvalue()


def test_jpeg_files_have_the_pixels_that_pillow_reads() -> None:
    file = file_of("JPEG", quality=90)
    expected = np.asarray(Image.open(io.BytesIO(file)))
    assert np.array_equal(tf.io.decode_jpeg(file), expected)
    assert np.array_equal(tf.image.decode_jpeg(tf.constant(file), channels=3), expected)
    grey = tf.io.decode_jpeg(file, channels=1).numpy()
    assert grey.shape == (9, 13, 1)
    np.testing.assert_allclose(grey[:, :, 0], expected @ [0.299, 0.587, 0.114], atol=2)
    assert tf.io.decode_jpeg(file, ratio=2).shape == (5, 7, 3)
    assert tf.io.decode_jpeg(file_of("JPEG", WAVES[:, :, 0])).shape == (9, 13, 1)
    cut = tf.io.decode_and_crop_jpeg(file, [1, 2, 3, 4])
    assert np.array_equal(cut, expected[1:4, 2:6])
    assert bool(tf.io.is_jpeg(file)) and not bool(tf.io.is_jpeg(file_of("PNG")))


@pytest.mark.parametrize("form", ["PNG", "BMP"])
def test_files_without_loss(form: str) -> None:
    file = file_of(form)
    decode = {"PNG": tf.io.decode_png, "BMP": tf.io.decode_bmp}[form]
    assert np.array_equal(decode(file), WAVES)
    assert np.array_equal(tf.io.decode_image(file, channels=3), WAVES)
    floats = tf.image.decode_image(file, dtype=tf.float32).numpy()
    np.testing.assert_allclose(floats, WAVES / 255.0, rtol=1e-6)
    assert decode(file, channels=4).numpy()[..., 3].min() == 255


def test_animations() -> None:
    frames = [Image.fromarray(np.full((2, 3, 3), value, np.uint8)) for value in (10, 200)]
    written = io.BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    found = tf.io.decode_gif(written.getvalue()).numpy()
    assert found.shape == (2, 2, 3, 3) and found[:, 0, 0, 0].tolist() == [10, 200]
    assert np.array_equal(tf.io.decode_image(written.getvalue()), found)
    assert np.array_equal(tf.io.decode_image(written.getvalue(), expand_animations=False), found[0])
    with pytest.raises(InvalidArgumentError, match="2 frames"):
        tf.io.decode_png(written.getvalue())


def test_written_jpeg_files() -> None:
    file = tf.io.encode_jpeg(WAVES, quality=98, chroma_downsampling=False)
    assert file.dtype is tf.string
    np.testing.assert_allclose(tf.io.decode_jpeg(file).numpy().astype(int), WAVES, atol=6)
    small = tf.io.encode_jpeg(WAVES, quality=20, optimize_size=True)
    assert len(small.numpy()) < len(file.numpy())
    assert Image.open(io.BytesIO(tf.io.encode_jpeg(WAVES, progressive=True).numpy())).info["progressive"]
    assert tf.io.decode_jpeg(tf.io.encode_jpeg(WAVES[:, :, :1], format="grayscale")).shape == (9, 13, 1)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: tf.io.decode_image(b"hello"), InvalidArgumentError, "is not a JPEG, PNG, GIF or BMP"),
        (lambda: tf.io.decode_jpeg(b""), InvalidArgumentError, "is not a JPEG"),
        (lambda: tf.io.decode_jpeg("a.jpg"), InvalidArgumentError, r"tf.io.read_file\(path\)"),
        (lambda: tf.io.decode_jpeg(tf.constant([1.0])), InvalidArgumentError, "float32 of shape"),
        (lambda: tf.io.decode_jpeg(file_of("JPEG"), channels=4), InvalidArgumentError, "a JPEG file one of 0, 1, 3"),
        (lambda: tf.io.decode_jpeg(file_of("JPEG"), ratio=3), InvalidArgumentError, "ratio=3"),
        (lambda: tf.io.decode_jpeg(file_of("JPEG")[:200]), InvalidArgumentError, "not a picture that can"),
        (lambda: tf.io.decode_jpeg(file_of("BMP")), InvalidArgumentError, "is a BMP file"),
        (lambda: tf.io.decode_bmp(file_of("PNG")), InvalidArgumentError, "is a PNG file"),
        (lambda: tf.io.decode_gif(file_of("BMP")), InvalidArgumentError, "not a GIF"),
        (lambda: tf.io.decode_and_crop_jpeg(file_of("JPEG"), [8, 0, 3, 3]), InvalidArgumentError, "9 x 13 pixels"),
        (lambda: tf.io.encode_jpeg(WAVES / 255.0), ShapeError, "convert_image_dtype"),
        (lambda: tf.io.encode_jpeg(WAVES, format="grayscale"), ShapeError, "does not fit 3 channels"),
    ],
)  # fmt: skip
def test_mistakes_are_explained(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call()


def test_files_are_read_in_datasets(tmp_path: Path) -> None:
    for number in range(4):
        tf.io.write_file(
            str(tmp_path / f"{'cat' if number % 2 else 'dog'}.{number}.jpg"), tf.io.encode_jpeg(WAVES)
        )

    def load(path: Any) -> Any:
        picture = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        picture.set_shape([9, 13, 3])
        label = tf.strings.regex_full_match(path, ".*cat.*")
        return tf.image.resize(picture, [4, 4]) / 255.0, tf.cast(label, tf.float32)

    paths = tf.data.Dataset.list_files(str(tmp_path / "*.jpg"), shuffle=False)
    dataset = paths.map(load, num_parallel_calls=tf.data.AUTOTUNE).batch(4)
    ((x, y),) = dataset
    assert x.shape == (4, 4, 4, 3) and y.numpy().tolist() == [1.0, 1.0, 0.0, 0.0]
    expected = tf.image.resize(tf.io.decode_jpeg(tf.io.encode_jpeg(WAVES)), [4, 4]) / 255.0
    np.testing.assert_allclose(x[0], expected, rtol=1e-6)


def test_a_compiled_function_that_reads_files_runs_as_python() -> None:
    file = file_of("PNG")

    @tf.function
    def load(number: Any) -> Any:
        return tf.io.decode_png(file)[number]

    with pytest.warns(PerformanceWarning, match="decode_png reads a file"):
        found = load(tf.constant(3))
    assert np.array_equal(found, WAVES[3])


def test_jpeg_quality() -> None:
    """As TensorFlow 2.15: through bytes, at the same quality; lower qualities lose more."""
    x = np.random.default_rng(0).uniform(size=(16, 16, 3)).astype("float32")
    bytes_ = tf.image.convert_image_dtype(x, tf.uint8, saturate=True)
    expected = tf.image.decode_jpeg(tf.io.encode_jpeg(bytes_, quality=60))
    np.testing.assert_array_equal(tf.image.adjust_jpeg_quality(bytes_, 60), expected)
    np.testing.assert_allclose(tf.image.adjust_jpeg_quality(x, 60), expected.numpy() / 255, atol=1e-6)
    losses = [float(tf.reduce_mean(abs(tf.image.adjust_jpeg_quality(x, one) - x))) for one in (100, 60, 5)]
    assert losses[0] < losses[1] < losses[2]
    assert tf.image.random_jpeg_quality(x[..., :1], 10, 90).shape == (16, 16, 1)
    with pytest.raises(InvalidArgumentError, match="from 0 to 100"):
        tf.image.adjust_jpeg_quality(x, 101)
    with pytest.raises(InvalidArgumentError, match="the smaller one"):
        tf.image.random_jpeg_quality(x, 90, 10)
