"""Patterns, runs of words, characters and hashes of `tf.strings`; the values are those of TensorFlow 2.15."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError

S = tf.strings


def values(tensor: Any) -> Any:
    return tensor.to_list() if hasattr(tensor, "to_list") else tensor.numpy().tolist()


@pytest.mark.parametrize(
    ("text", "pattern", "rewrite", "expected"),
    [
        ("a1b22", r"\d+", r"<\0>", b"a<1>b<22>"),
        ("john smith", r"(\w+) (\w+)", r"\2 \1", b"smith john"),
        ("a  b\tc", "[[:space:]]+", "_", b"a_b_c"),
        ("a.b!c", "[[:punct:]]", "", b"abc"),
        ("né!", r"[^\w]", "-", b"n--"),
        ("né", "n.", "x", b"x"),
        ("a\\b", r"\\", r"\\\\", b"a\\\\b"),
    ],
)
def test_patterns_are_those_of_tensorflow(text: str, pattern: str, rewrite: str, expected: bytes) -> None:
    assert S.regex_replace(text, pattern, rewrite).numpy() == expected


def test_bytes_that_are_no_text_stay() -> None:
    assert S.regex_replace(tf.constant(b"\xff1"), "[0-9]", "").numpy() == b"\xff"
    assert values(S.regex_full_match(["abc", "ab"], "[[:alpha:]]{3}")) == [True, False]
    with pytest.raises(InvalidArgumentError, match=r"pattern '\(' is not supported"):
        S.regex_replace("a", "(", "")


def test_runs_of_words() -> None:
    rows = tf.ragged.constant([["a", "b", "c"], ["d"]])
    assert values(S.ngrams(rows, 2)) == [[b"a b", b"b c"], []]
    assert values(S.ngrams(tf.constant(["a", "b", "c"]), [1, 2], separator="_")) == [
        b"a", b"b", b"c", b"a_b", b"b_c",
    ]  # fmt: skip
    assert values(S.ngrams(tf.constant([["a", "b", "c"]]), 3)) == [[b"a b c"]]
    assert values(S.ngrams(tf.constant(["a", "b"]), 2, pad_values=("<", ">"))) == [b"< a", b"a b", b"b >"]
    assert values(S.ngrams(rows, 2, preserve_short_sequences=True)) == [[b"a b", b"b c"], [b"d"]]
    with pytest.raises(InvalidArgumentError, match="words are expected"):
        S.ngrams("a b", 2)


def test_characters_as_numbers() -> None:
    assert values(S.unicode_decode(["né", "a"], "UTF-8")) == [[110, 233], [97]]
    assert values(S.unicode_encode(tf.ragged.constant([[110, 233], [97]]), "UTF-8")) == ["né".encode(), b"a"]
    assert values(S.unicode_encode([[110], [97]], "UTF-8")) == [b"n", b"a"]
    assert values(S.unicode_transcode(["né"], "UTF-8", "UTF-16-BE")) == [b"\x00n\x00\xe9"]


def test_hashes() -> None:
    assert values(S.to_hash_bucket(["a", "b"], 10)) == [8, 0]
    assert values(S.to_hash_bucket_strong(["a", "b"], 10, [1, 2])) == [6, 4]
    assert values(S.to_hash_bucket_fast(["a", "b"], 10)) == [9, 2]


def test_bytes_as_text_and_numbers() -> None:
    for content in (b"", b"a", b"ab", b"abc", bytes(range(250, 256))):
        coded = tf.io.encode_base64(tf.constant(content))
        assert tf.io.decode_base64(coded).numpy() == content
    assert tf.io.encode_base64("a", pad=True).numpy() == b"YQ=="
    assert tf.io.decode_base64("YQ==").numpy() == b"a"
    with pytest.raises(InvalidArgumentError, match="base 64"):
        tf.io.decode_base64("!")
    assert values(tf.io.decode_raw(tf.constant([b"\x01\x02", b"\x03\x04"]), tf.int16)) == [[513], [1027]]
    assert values(tf.io.decode_raw(b"\x01\x02", tf.int16, little_endian=False)) == [258]
    np.testing.assert_array_equal(tf.io.decode_raw(np.float32(1.5).tobytes(), tf.float32), [1.5])
    with pytest.raises(InvalidArgumentError, match="one multiple of 2"):
        tf.io.decode_raw(["abc"], tf.int16)
