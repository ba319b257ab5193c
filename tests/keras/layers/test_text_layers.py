"""`TextVectorization` and other layers of text and categories, held against Keras 2.15."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from text_layer_cases import NEW, TEXTS, results

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, ShapeError

layers = tf.keras.layers
GOLDEN = Path(__file__).parents[2] / "golden" / "text_layers.json"


def test_layers_follow_keras() -> None:
    expected = json.loads(GOLDEN.read_text(encoding="utf-8"))
    found = json.loads(json.dumps(results(tf)))
    assert list(found) == list(expected)
    for name, result in expected.items():
        assert found[name] == result, name


def adapted(**options: Any) -> Any:
    layer = layers.TextVectorization(**options)
    layer.adapt(TEXTS)
    return layer


def test_texts_may_come_in_every_form(tmp_path: Path) -> None:
    layer = adapted(output_sequence_length=3)
    expected = layer(np.array(NEW)).numpy()
    column = np.array(NEW)[:, None]
    for given in (
        NEW,
        tf.constant(NEW),
        column,
        tf.constant(column),
        np.array(NEW, object),
        np.char.encode(column, "utf-8"),
    ):
        np.testing.assert_array_equal(layer(given), expected)
    np.testing.assert_array_equal(layer(NEW[0]), expected[0])
    np.testing.assert_array_equal(layer(tf.constant(NEW[0])), expected[0])
    rows = tf.data.Dataset.from_tensor_slices(NEW).map(layer)
    np.testing.assert_array_equal(np.stack([row.numpy() for row in rows]), expected)
    batched = tf.data.Dataset.from_tensor_slices(NEW).batch(2).map(layer)
    np.testing.assert_array_equal(np.concatenate([one.numpy() for one in batched]), expected)


def test_a_vocabulary_is_learned_from_datasets_too() -> None:
    words = adapted().get_vocabulary()
    single = tf.data.Dataset.from_tensor_slices(TEXTS)
    for data in (single, single.batch(2), np.array(TEXTS)[:, None], iter([TEXTS[:1], TEXTS[1:]])):
        layer = layers.TextVectorization()
        layer.adapt(data)
        assert layer.get_vocabulary() == words
    layer = layers.TextVectorization()
    layer.adapt(single.batch(1), steps=1)
    assert layer.get_vocabulary(include_special_tokens=False) == ["the", "sat", "on", "mat", "cat"]
    with pytest.raises(InvalidArgumentError, match="lambda text, label: text"):
        layer.adapt(tf.data.Dataset.from_tensor_slices((TEXTS, [0, 1, 0])))


def test_a_vocabulary_is_given_or_set(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("cat\ndog\n", encoding="utf-8")
    from_file = layers.TextVectorization(vocabulary=str(tmp_path / "words.txt"))
    assert from_file.get_vocabulary() == ["", "[UNK]", "cat", "dog"] and from_file.vocabulary_size() == 4
    layer = layers.TextVectorization()
    layer.set_vocabulary(["", "[UNK]", "dog", "cat"])
    assert layer("cat dog bird").numpy().tolist() == [3, 2, 1]
    layer.reset_state()
    with pytest.raises(InvalidArgumentError, match="has no vocabulary yet"):
        layer("cat")


def test_own_functions_standardize_and_split() -> None:
    def clean(texts: Any) -> Any:
        return tf.strings.regex_replace(tf.strings.lower(texts), "<br />", " ")

    layer = layers.TextVectorization(standardize=clean, split=lambda texts: tf.strings.split(texts, sep="-"))
    layer.adapt(["A-B<br />C", "b-A"])
    assert layer.get_vocabulary() == ["", "[UNK]", "a", "b c", "b"]
    assert layer(["b-a", "A"]).numpy().tolist() == [[4, 2], [2, 0]]


def test_rows_of_words() -> None:
    layer = adapted(split=None, standardize="lower", vocabulary=None)
    layer.set_vocabulary(["cat", "dog"])
    assert layer(tf.constant([["Cat", "x"], ["dog", ""]])).numpy().tolist() == [[2, 1], [3, 0]]
    ragged = layer(tf.ragged.constant([["dog", "cat"], ["x"]]))
    assert np.asarray(ragged).tolist() == [[3, 2], [1, 0]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"standardize": "upper"}, "standardize='upper'"),
        ({"split": "comma"}, "split='comma'"),
        ({"output_mode": "one_hot"}, "output_mode='one_hot'"),
        ({"output_mode": "count", "output_sequence_length": 3}, "omit output_sequence_length"),
        ({"output_sequence_length": 0}, "1 or more"),
        ({"max_tokens": 2}, "no room"),
        ({"output_mode": "count", "pad_to_max_tokens": True}, "needs max_tokens"),
        ({"sparse": True}, "sparse=True is not supported"),
        ({"vocabulary": ["a"], "output_mode": "tf_idf"}, "0 idf_weights for 1 values"),
    ],
)
def test_options_are_checked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        layers.TextVectorization(**options)


def test_mistakes_with_texts_are_explained() -> None:
    layer = adapted()
    with pytest.raises(ShapeError, match=r"shape \[1, 2\]"):
        layer([["the cat", "a dog"]])
    with pytest.raises(InvalidArgumentError, match="text is expected"):
        layer([1.0, 2.0])
    with pytest.raises(InvalidArgumentError, match="has no words"):
        layers.TextVectorization().adapt(["", "!"])
    with pytest.raises(InvalidArgumentError, match="ragged=True is for datasets"):
        adapted(ragged=True)(tf.keras.Input((1,), dtype="string"))
    with pytest.raises(InvalidArgumentError, match="salt='a'"):
        layers.Hashing(3, salt="a")


def test_weights_of_words_are_in_the_configuration() -> None:
    layer = adapted(output_mode="tf_idf")
    again = layers.TextVectorization.from_config(json.loads(json.dumps(layer.get_config())))
    np.testing.assert_allclose(again(NEW), layer(NEW))
