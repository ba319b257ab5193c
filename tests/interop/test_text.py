"""Layers of text and categories in files, both ways, between Tensorlet and the real Keras 2 and Keras 3."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf

tensorflow = pytest.importorskip("tensorflow", reason="TensorFlow is not installed: make interop")
pytest.importorskip("tf_keras", reason="Keras 2 is not installed: make interop")

#: TensorFlow and Keras warn of much that is not ours.
pytestmark = pytest.mark.filterwarnings("ignore")

TEXTS = np.array(["The cat sat on the mat.", "a DOG, a dog", "bird", "no known words"])
CITIES = np.array(["rome", "oslo", "rome", "bonn"])
NUMBERS = np.array([3, 4, 4, 9])
PEERS = {"keras2": "tf_keras", "keras3": "keras"}


def text_model(keras: Any, **options: Any) -> Any:
    layers = keras.layers
    words = layers.TextVectorization(**options)
    words.adapt(TEXTS[:3])
    inputs = keras.Input((1,), dtype="string")
    x = words(inputs)
    if options.get("output_mode", "int") == "int":
        x = layers.Embedding(20, 3)(x)
        x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, layers.Dense(2)(x))


def sequential_model(keras: Any) -> Any:
    layers = keras.layers
    words = layers.TextVectorization(max_tokens=9, output_sequence_length=5)
    words.adapt(TEXTS[:3])
    return keras.Sequential(
        [keras.Input((1,), dtype="string"), words, layers.Embedding(9, 2), layers.Flatten(), layers.Dense(1)]
    )


def category_model(keras: Any) -> Any:
    layers = keras.layers
    text, number = (
        keras.Input((1,), dtype="string", name="a_text"),
        keras.Input((1,), dtype="int64", name="b_number"),
    )
    strings, integers = (
        layers.StringLookup(output_mode="one_hot"),
        layers.IntegerLookup(output_mode="multi_hot"),
    )
    strings.adapt(CITIES[:3])
    integers.adapt(NUMBERS[:3])
    parts = [
        strings(text), integers(number),
        layers.Hashing(5, output_mode="one_hot")(text), layers.Hashing(4, salt=7, output_mode="one_hot")(text),
        layers.HashedCrossing(6, output_mode="one_hot")((text, number)),
    ]  # fmt: skip
    return keras.Model([text, number], layers.Dense(2)(layers.Concatenate()(parts)))


def number_model(keras: Any) -> Any:
    layers = keras.layers
    inputs = keras.Input((1,))
    buckets = layers.Discretization([3.5, 5.0], output_mode="one_hot")
    scaled = layers.Normalization()
    scaled.adapt(NUMBERS[:, None].astype("float32"))
    return keras.Model(inputs, layers.Dense(1)(layers.Concatenate()([buckets(inputs), scaled(inputs)])))


MODELS = {
    "int": lambda keras: text_model(keras, output_sequence_length=6, max_tokens=12),
    "bigrams": lambda keras: text_model(keras, ngrams=2, output_mode="multi_hot"),
    "count": lambda keras: text_model(keras, output_mode="count", max_tokens=30, pad_to_max_tokens=True),
    "tf_idf": lambda keras: text_model(keras, output_mode="tf_idf", standardize="lower"),
    "characters": lambda keras: text_model(keras, split="character", output_sequence_length=30),
    "sequential": sequential_model,
    "categories": category_model,
    "numbers": number_model,
}


def rows_for(name: str, kind: Any) -> Any:
    if name == "categories":
        return [kind(CITIES[:, None]), kind(NUMBERS[:, None])]
    return kind(NUMBERS[:, None].astype("float32") if name == "numbers" else TEXTS[:, None])


def predicted(model: Any, name: str, kind: Any) -> np.ndarray:
    return np.asarray(model(rows_for(name, kind)))


@pytest.mark.parametrize("name", sorted(MODELS))
@pytest.mark.parametrize("dialect", sorted(PEERS))
def test_models_go_both_ways(dialect: str, name: str, tmp_path: Path) -> None:
    keras = importlib.import_module(PEERS[dialect])
    ours = MODELS[name](tf.keras)
    expected = predicted(ours, name, tf.constant)
    ours.save(str(tmp_path / "ours.keras"), dialect=dialect)
    theirs = keras.models.load_model(str(tmp_path / "ours.keras"), compile=False)
    np.testing.assert_allclose(predicted(theirs, name, tensorflow.constant), expected, rtol=1e-4, atol=1e-5)

    theirs = MODELS[name](keras)
    expected = predicted(theirs, name, tensorflow.constant)
    theirs.save(str(tmp_path / "theirs.keras"))
    again = tf.keras.models.load_model(str(tmp_path / "theirs.keras"), compile=False)
    np.testing.assert_allclose(predicted(again, name, tf.constant), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        again.predict(rows_for(name, np.asarray), verbose=0), expected, rtol=1e-4, atol=1e-5
    )


# Keras 2 keeps the weights of words for "tf_idf" among those of the model in HDF5 files; Tensorlet, in the settings.
@pytest.mark.parametrize("name", sorted(set(MODELS) - {"tf_idf"}))
def test_files_of_keras_2_in_hdf5(name: str, tmp_path: Path) -> None:
    keras = importlib.import_module("tf_keras")
    ours = MODELS[name](tf.keras)
    ours.save(str(tmp_path / "ours.h5"))
    theirs = keras.models.load_model(str(tmp_path / "ours.h5"), compile=False)
    expected = predicted(ours, name, tf.constant)
    np.testing.assert_allclose(predicted(theirs, name, tensorflow.constant), expected, rtol=1e-4, atol=1e-5)
    again = tf.keras.models.load_model(str(tmp_path / "ours.h5"), compile=False)
    np.testing.assert_allclose(predicted(again, name, tf.constant), expected, rtol=1e-6)
