"""`ImageDataGenerator` and datasets of folders, held against real Keras 2.15."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from picture_generator_cases import (
    FITTED,
    RANDOM,
    changed,
    fitted,
    flowed,
    of_datasets,
    of_folder,
    pictures,
    written_pictures,
)

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, NotFoundError, ShapeError

GOLDEN = Path(__file__).parents[2] / "golden"
#: Pixels are numbers up to 255; interpolation is in float32 here, and in float64 in SciPy.
CLOSE = {"rtol": 1e-5, "atol": 2e-3}

image = tf.keras.preprocessing.image
Generator = image.ImageDataGenerator

# Keras warns, as Tensorlet does, of options that set others.
pytestmark = pytest.mark.filterwarnings("ignore:ImageDataGenerator")


@pytest.fixture(scope="module")
def golden() -> Any:
    with np.load(GOLDEN / "picture_generators.npz") as arrays:
        return dict(arrays)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    written_pictures(str(tmp_path))
    return str(tmp_path)


@pytest.mark.parametrize("name", sorted(RANDOM))
def test_random_changes_are_those_of_keras(name: str, golden: Any) -> None:
    np.testing.assert_allclose(changed(Generator, RANDOM[name]), golden[f"random {name}"], **CLOSE)


@pytest.mark.parametrize("name", sorted(FITTED))
def test_fitted_scales_are_those_of_keras(name: str, golden: Any) -> None:
    np.testing.assert_allclose(fitted(Generator, *FITTED[name]), golden[f"fitted {name}"], **CLOSE)


def test_batches_of_arrays_are_those_of_keras(golden: Any) -> None:
    for number, part in enumerate(flowed(Generator)):
        np.testing.assert_allclose(part, golden[f"flow {number}"], **CLOSE)


def test_batches_of_folders_are_those_of_keras(golden: Any, folder: str) -> None:
    found = of_folder(Generator, folder)
    assert len(found) == sum(name.startswith("folder") for name in golden)
    for number, part in enumerate(found):
        np.testing.assert_allclose(part, golden[f"folder {number}"], **CLOSE)


def test_datasets_of_folders_are_those_of_keras(golden: Any, folder: str) -> None:
    orders, found = of_datasets(tf.keras.utils.image_dataset_from_directory, folder)
    assert orders == json.loads((GOLDEN / "picture_generators.json").read_text(encoding="utf-8"))
    for number, part in enumerate(found):
        np.testing.assert_allclose(part, golden[f"dataset {number}"], **CLOSE)


def small_model() -> Any:
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [layers.Conv2D(2, 3, input_shape=(7, 9, 3)), layers.Flatten(), layers.Dense(2, "softmax")]
    )
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_a_model_trains_on_a_generator_as_on_its_batches() -> None:
    x, y = pictures(), np.array([0, 1, 1, 0, 1])
    flow = Generator(rescale=1 / 255, horizontal_flip=True).flow(x, y, batch_size=2, seed=3, shuffle=False)
    tf.random.set_seed(1)
    model = small_model()
    start = model.get_weights()
    history = model.fit(flow, epochs=2, shuffle=False, verbose=0)
    assert len(history.history["loss"]) == 2

    again = Generator(rescale=1 / 255, horizontal_flip=True).flow(x, y, batch_size=2, seed=3, shuffle=False)
    other = small_model()
    other.set_weights(start)
    for _ in range(2):
        for number in range(len(again)):
            other.train_on_batch(*again[number])
    for ours, theirs in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-7)


def test_steps_validation_and_the_older_name_of_fit() -> None:
    x, y = pictures(), np.array([0, 1, 1, 0, 1])
    make = Generator(validation_split=0.4)
    train = make.flow(x, y, batch_size=1, subset="training")
    valid = make.flow(x, y, batch_size=1, subset="validation")
    assert (len(train), len(valid)) == (3, 2)
    history = small_model().fit(train, validation_data=valid, steps_per_epoch=2, epochs=3, verbose=0)
    assert len(history.history["val_loss"]) == 3
    with pytest.warns(FutureWarning, match="fit_generator"):
        small_model().fit_generator(train, steps_per_epoch=2, epochs=1, verbose=0)


def test_changed_pictures_are_written_to_look_at(tmp_path: Path) -> None:
    flow = Generator().flow(pictures(), batch_size=3, shuffle=False, save_to_dir=tmp_path, save_prefix="a")
    next(flow)
    names = sorted(one.name for one in tmp_path.iterdir())
    assert [name.split("_")[:2] for name in names] == [["a", "0"], ["a", "1"], ["a", "2"]]
    assert image.img_to_array(image.load_img(tmp_path / names[0])).shape == (7, 9, 3)


def test_tables_of_paths(folder: str) -> None:
    rows = [
        ("birds/0.png", "bird", 0.5, 1.0),
        ("cats/0.png", "cat", 2.0, 3.0),
        ("fish/0.png", "fish", 1.0, 2.0),
    ]
    frame = pandas.DataFrame(rows, columns=["filename", "class", "weight", "size"])
    make = Generator()
    options: dict[str, Any] = {"directory": folder, "target_size": (4, 4), "shuffle": False}
    flow = make.flow_from_dataframe(frame, weight_col="weight", **options)
    x, y, weight = next(flow)
    assert flow.class_indices == {"bird": 0, "cat": 1, "fish": 2}
    assert y.tolist() == np.eye(3).tolist() and weight.tolist() == [0.5, 2.0, 1.0]
    expected = image.img_to_array(image.load_img(Path(folder) / "birds" / "0.png", target_size=(4, 4)))
    np.testing.assert_array_equal(x[0], expected)

    raw = make.flow_from_dataframe(frame, y_col=["weight", "size"], class_mode="raw", **options)
    assert next(raw)[1].tolist() == [[0.5, 1.0], [2.0, 3.0], [1.0, 2.0]]
    several = make.flow_from_dataframe(frame, y_col=["size", "weight"], class_mode="multi_output", **options)
    assert [one.tolist() for one in next(several)[1]] == [[1.0, 3.0, 2.0], [0.5, 2.0, 1.0]]
    two = make.flow_from_dataframe(frame, classes=["fish", "cat"], class_mode="binary", **options)
    assert two.filenames == ["cats/0.png", "fish/0.png"] and next(two)[1].tolist() == [1.0, 0.0]
    frame["class"] = [["bird", "cat"], ["cat"], ["fish"]]
    assert next(make.flow_from_dataframe(frame, **options))[1].tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]


def test_rows_without_a_file_are_left_out(folder: str) -> None:
    frame = pandas.DataFrame({"filename": ["cats/0.png", "none.png"], "class": ["a", "b"]})
    with pytest.warns(UserWarning, match="1 files of the column 'filename' do not exist, such as .*none.png"):
        flow = Generator().flow_from_dataframe(frame, folder)
    assert flow.filenames == ["cats/0.png"]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: Generator(zoom_range=[1, 2, 3]), InvalidArgumentError, "zoom_range"),
        (lambda: Generator(brightness_range=0.5), InvalidArgumentError, "brightness_range=0.5"),
        (lambda: Generator(fill_mode="mirror"), InvalidArgumentError, "nearest, reflect, wrap"),
        (lambda: Generator(validation_split=2), InvalidArgumentError, "validation_split=2"),
        (lambda: Generator().flow(np.zeros((4, 7, 9))), ShapeError, r"write x\[..., None\]"),
        (lambda: Generator().fit(np.zeros((4, 7, 9))), ShapeError, r"write x\[..., None\]"),
        (lambda: Generator().flow(pictures(), [1, 2]), ShapeError, "lengths 5, 2"),
        (
            lambda: Generator(validation_split=0.4).flow(pictures(), [0, 0, 1, 1, 1], subset="training"),
            InvalidArgumentError, "different classes",
        ),
        (lambda: Generator().flow(pictures(), subset="test"), InvalidArgumentError, "subset='test'"),
        (lambda: Generator().flow_from_directory("/nowhere"), NotFoundError, "/nowhere does not exist"),
        (
            lambda: Generator(interpolation_order=9, rotation_range=1).random_transform(pictures()[0]),
            InvalidArgumentError, "interpolation_order=9",
        ),
        (
            lambda: Generator().flow_from_dataframe(pandas.DataFrame({"filename": [], "class": []}), y_col="class",
                                                    class_mode="other"),
            InvalidArgumentError, "class_mode='other'",
        ),
        (
            lambda: Generator().flow_from_dataframe(pandas.DataFrame({"filename": ["a"], "class": [3]})),
            TypeError, "astype",
        ),
    ],
)  # fmt: skip
def test_mistakes_are_explained(call: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call()


def test_options_that_need_others_set_them() -> None:
    with pytest.warns(UserWarning, match="featurewise_std_normalization sets featurewise_center=True"):
        generator = Generator(featurewise_std_normalization=True)
    assert generator.featurewise_center
    with pytest.warns(UserWarning, match=r"Call generator.fit\(pictures\) first"):
        generator.standardize(pictures()[0].copy())


def test_functions_of_one_picture() -> None:
    x = pictures()[0]
    axes = {"row_axis": 0, "col_axis": 1, "channel_axis": 2}
    np.random.seed(3)  # noqa: NPY002
    theta = np.random.uniform(-30, 30)  # noqa: NPY002
    np.random.seed(3)  # noqa: NPY002
    turned = image.random_rotation(x, 30, **axes)
    np.testing.assert_array_equal(turned, image.apply_affine_transform(x, theta=theta, **axes))
    assert image.random_shift(x, 0.2, 0.2, **axes).shape == x.shape
    assert image.random_shear(x, 10, **axes, interpolation_order=0).shape == x.shape
    np.testing.assert_array_equal(image.random_zoom(x, (1, 1), **axes), x)
    assert image.random_channel_shift(x, 0.0).tolist() == x.tolist()
    np.testing.assert_allclose(image.random_brightness(x, (1.0, 1.0), scale=False), x)
    with pytest.raises(InvalidArgumentError, match="zoom_range"):
        image.random_zoom(x, 0.5)
    with pytest.raises(ShapeError, match="channels first or last"):
        image.apply_affine_transform(x, theta=1, row_axis=0, col_axis=2, channel_axis=1)


def test_a_dataset_of_two_subsets(folder: str, capsys: Any) -> None:
    both = tf.keras.utils.image_dataset_from_directory(
        folder, image_size=(3, 3), validation_split=0.4, subset="both", seed=1, batch_size=2
    )
    out = capsys.readouterr().out
    assert out.splitlines()[1:] == ["Using 6 files for training.", "Using 3 files for validation."]
    assert not set(both[0].file_paths) & set(both[1].file_paths)
    assert both[0].class_names == ["birds", "cats", "fish"]
    assert [len(y) for _, y in both[1]] == [2, 1]
    history = small_model_for(3).fit(both[0], validation_data=both[1], verbose=0)
    assert "val_loss" in history.history


def small_model_for(size: int) -> Any:
    model = tf.keras.Sequential(
        [tf.keras.layers.Flatten(input_shape=(size, size, 3)), tf.keras.layers.Dense(3)]
    )
    model.compile("sgd", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label_mode": "one_hot"}, "label_mode='one_hot'"),
        ({"color_mode": "grey"}, "color_mode='grey'"),
        ({"validation_split": 0.2}, "belong together"),
        ({"validation_split": 0.2, "subset": "training"}, "pass the same seed"),
        ({"validation_split": 2, "subset": "training", "seed": 1}, "between 0 and 1"),
        (
            {"validation_split": 0.01, "subset": "validation", "seed": 1},
            "there are no pictures for validation",
        ),
        ({"label_mode": "binary"}, "needs two classes"),
        ({"class_names": ["birds"]}, "the folders in"),
        ({"labels": [1, 2]}, "2 labels, but 9 files"),
        ({"labels": None, "class_names": ["a"]}, "class_names needs labels='inferred'"),
        ({"labels": "all"}, "labels='all'"),
        ({"interpolation": "cubic"}, "bicubic, bilinear"),
        ({"subset": "test", "validation_split": 0.2, "seed": 1}, "subset='test'"),
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "only one of"),
    ],
)
def test_mistakes_with_folders_are_explained(folder: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        tf.keras.utils.image_dataset_from_directory(folder, **options)


def test_padded_pictures_and_channels_first(folder: str) -> None:
    padded = tf.keras.utils.image_dataset_from_directory(
        folder, image_size=(8, 8), pad_to_aspect_ratio=True, shuffle=False, batch_size=None
    )
    x, _ = next(iter(padded))  # a picture of 6 x 8 pixels: a row of zeros above and below
    assert not x[0].numpy().any() and not x[7].numpy().any() and x[1].numpy().any()
    first = tf.keras.preprocessing.image_dataset_from_directory(
        folder, image_size=(4, 5), data_format="channels_first", labels=None
    )
    assert next(iter(first)).shape == (9, 3, 4, 5)


def test_linked_folders(tmp_path: Path, folder: str) -> None:
    linked = tmp_path / "linked"
    (linked / "a").mkdir(parents=True)
    (linked / "a" / "more").symlink_to(Path(folder) / "cats", target_is_directory=True)
    with pytest.raises(InvalidArgumentError, match="there are no pictures"):
        tf.keras.utils.image_dataset_from_directory(linked)
    followed = tf.keras.utils.image_dataset_from_directory(linked, follow_links=True)
    assert len(followed.file_paths) == 4
    assert Generator().flow_from_directory(linked).samples == 0
    assert Generator().flow_from_directory(linked, follow_links=True).samples == 4


def test_texts_in_folders(tmp_path: Path) -> None:
    for name, content in (
        ("neg/b", "bad"),
        ("neg/a", "boring"),
        ("pos/c", "good and long"),
        ("pos/x.md", "no"),
    ):
        tf.io.write_file(str(tmp_path / f"{name}.txt" if "." not in name else tmp_path / name), content)
    texts = tf.keras.utils.text_dataset_from_directory(
        tmp_path, shuffle=False, max_length=6, label_mode="binary"
    )
    x, y = next(iter(texts))
    assert x.numpy().tolist() == [b"boring", b"bad", b"good a"] and y.numpy().tolist() == [
        [0.0],
        [0.0],
        [1.0],
    ]
    plain = tf.keras.preprocessing.text_dataset_from_directory(tmp_path, labels=None, seed=1, batch_size=None)
    assert sorted(one.numpy() for one in plain) == [b"bad", b"boring", b"good and long"]
    with pytest.raises(NotFoundError, match="does not exist"):
        tf.keras.utils.text_dataset_from_directory(tmp_path / "none")
