"""Tensors of strings and `tf.strings`. The values are those of TensorFlow 2.15."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import DTypeError, InvalidArgumentError, PerformanceWarning, TracingError

#: The buckets of `test_hash_buckets_are_tensorflows`, of 1,000,003.
HASHED = [377723, 291400, 184354, 387482, 268677, 641401, 124045, 897609]


def texts(tensor: tf.Tensor) -> list[bytes]:
    return list(tensor.numpy().tolist())


def test_text_is_held_as_bytes() -> None:
    scalar = tf.constant("hello")
    assert scalar.dtype is tf.string
    assert scalar.numpy() == b"hello"
    assert str(scalar) == "tf.Tensor(b'hello', shape=(), dtype=string)"
    assert repr(tf.constant(["a", "b"])) == (
        "<tf.Tensor: shape=(2,), dtype=string, numpy=array([b'a', b'b'], dtype=object)>"
    )
    assert tf.constant("é").numpy() == b"\xc3\xa9"
    assert texts(tf.constant(np.array(["a", "bc"]))) == [b"a", b"bc"]
    assert texts(tf.constant(np.array(["a", "bc"], object))) == [b"a", b"bc"]


def test_operations_that_move_and_compare_take_text() -> None:
    words = tf.constant([["a", "b"], ["c", "d"]])
    assert texts(words[:, 1]) == [b"b", b"d"]
    assert words[0, 1].numpy() == b"b"
    assert tf.gather(["a", "b"], 1).numpy() == b"b"
    assert texts(tf.concat([["a"], ["b"]], 0)) == [b"a", b"b"]
    assert texts(tf.where([True, False], ["a", "b"], ["c", "d"])) == [b"a", b"d"]
    assert texts(tf.constant(["a", "b"]) == "a") == [True, False]
    assert texts(tf.constant(["a", "b"]) + "x") == [b"ax", b"bx"]
    assert texts(tf.zeros([2], tf.string)) == [b"", b""]
    assert texts(tf.unique(["a", "b", "a"]).y) == [b"a", b"b"]


def test_variables_hold_text() -> None:
    word = tf.Variable("x", dtype=tf.string)
    word.assign("longer")
    assert word.numpy() == b"longer"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: tf.constant(["a", 1]),
        lambda: tf.constant("a", tf.float32),
        lambda: tf.constant("a") * 2,
        lambda: tf.matmul([["a"]], [["b"]]),
        lambda: tf.reduce_sum(["a"]),
        lambda: tf.sort(["b", "a"]),
    ],
)
def test_numbers_and_text_do_not_mix(wrong: object) -> None:
    with pytest.raises(DTypeError):
        wrong()  # type: ignore[operator]


def test_casts_name_the_function_that_reads_numbers() -> None:
    with pytest.raises(DTypeError, match=r"tf\.strings\.to_number"):
        tf.cast(tf.constant("1"), tf.float32)
    with pytest.raises(DTypeError, match=r"tf\.strings\.as_string"):
        tf.cast(1.0, tf.string)


def test_functions_of_text_run_as_python_and_say_so_once() -> None:
    @tf.function
    def doubled(text: tf.Tensor) -> tf.Tensor:
        return text + text

    with pytest.warns(PerformanceWarning, match="strings"):
        assert doubled(tf.constant("a")).numpy() == b"aa"
    assert doubled(tf.constant("b")).numpy() == b"bb"


def test_text_within_a_traced_function_runs_as_python() -> None:
    word = tf.constant("a")

    @tf.function
    def mixed(x: tf.Tensor) -> tf.Tensor:
        return tf.where(word == "a", x, 0.0)

    with pytest.warns(PerformanceWarning, match="eagerly and in datasets"):
        assert mixed(tf.constant(1.0)).numpy() == 1.0


def test_a_traced_function_returns_python_text_as_a_tensor() -> None:
    assert tf.function(lambda x: x)("abc").numpy() == b"abc"
    number, word = tf.function(lambda x: (x * 2, "w"))(tf.constant(2.0))
    assert (number.numpy(), word.numpy()) == (4.0, b"w")


def test_datasets_of_text() -> None:
    rows = tf.data.Dataset.from_tensor_slices({"word": ["a", "b", "a"], "number": [1, 2, 3]})
    assert rows.element_spec["word"] == tf.TensorSpec((), tf.string)
    (batch,) = rows.batch(3).as_numpy_iterator()
    assert (batch["word"].tolist(), batch["number"].tolist()) == ([b"a", b"b", b"a"], [1, 2, 3])
    kept = rows.filter(lambda row: row["word"] == "a").map(lambda row: row["word"] + "!")
    assert list(kept.as_numpy_iterator()) == [b"a!", b"a!"]
    made = tf.data.Dataset.from_generator(lambda: iter(["a", "b"]), tf.string)
    assert list(made.as_numpy_iterator()) == [b"a", b"b"]


def test_models_refuse_text() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(DTypeError, match="string"):
        model.fit(np.array([["a"], ["b"]]), np.array([1.0, 2.0]), verbose=0)
    with pytest.raises(DTypeError, match="string"):
        model.fit(tf.data.Dataset.from_tensor_slices(([["a"]], [1.0])).batch(1), verbose=0)


def test_parts_and_joins() -> None:
    assert texts(tf.strings.lower(["AbC"])) == [b"abc"]
    assert texts(tf.strings.upper(["é"], encoding="utf-8")) == ["É".encode()]
    assert texts(tf.strings.join([["a", "b"], ["c", "d"]], separator=" ")) == [b"a c", b"b d"]
    assert tf.strings.reduce_join([["a", "b"], ["c", "d"]]).numpy() == b"abcd"
    assert texts(tf.strings.reduce_join([["a", "b"], ["c", "d"]], axis=0)) == [b"ac", b"bd"]
    assert tf.strings.substr("hello", -3, 2).numpy() == b"ll"
    with pytest.raises(InvalidArgumentError, match="outside"):
        tf.strings.substr("ab", 5, 1)
    assert tf.strings.split(["a b c", "d"]).to_list() == [[b"a", b"b", b"c"], [b"d"]]
    assert texts(tf.strings.split("a,b", sep=",")) == [b"a", b"b"]
    assert tf.strings.regex_replace("a1b22", "[0-9]+", r"<\0>").numpy() == b"a<1>b<22>"


def test_numbers_as_text_and_back() -> None:
    assert texts(tf.strings.as_string([1.5, 2.0])) == [b"1.500000", b"2.000000"]
    assert tf.strings.as_string(3.14159, precision=2).numpy() == b"3.14"
    assert texts(tf.strings.as_string([1, 22], width=4)) == [b"   1", b"  22"]
    assert texts(tf.strings.as_string([True, False])) == [b"true", b"false"]
    assert texts(tf.strings.to_number(["1", "2.5"])) == [1.0, 2.5]
    assert tf.strings.to_number("7", tf.int32).dtype is tf.int32
    with pytest.raises(InvalidArgumentError, match="'x' is not a number"):
        tf.strings.to_number("x")


def test_hash_buckets_are_tensorflows() -> None:
    words = ["", "a", "Hello", "TensorFlow", "x" * 20, "y" * 40, "z" * 80, "q" * 200]
    found = tf.strings.to_hash_bucket_fast(words, 1000003).numpy().tolist()
    assert found == HASHED


def test_traced_functions_that_make_text_run_as_python(capsys: pytest.CaptureFixture[str]) -> None:
    @tf.function
    def two_digits(number: tf.Tensor) -> tf.Tensor:
        text = tf.strings.format("{}", number)
        return tf.strings.join(["0", text]) if tf.strings.length(text) == 1 else text

    with pytest.warns(PerformanceWarning, match="'two_digits' cannot be compiled"):
        assert two_digits(tf.constant(7)).numpy() == b"07"
    assert two_digits(tf.constant(12)).numpy() == b"12"

    @tf.function
    def outer(number: tf.Tensor) -> tf.Tensor:
        tf.print(two_digits(number))
        return number + 1

    with pytest.warns(PerformanceWarning, match="'outer' cannot be compiled"):
        assert outer(tf.constant(3)).numpy() == 4
    assert capsys.readouterr().err == "03\n"

    @tf.function
    def constant(number: tf.Tensor) -> tf.Tensor:
        return tf.strings.to_number(tf.constant("2.5")) * number

    with pytest.warns(PerformanceWarning, match="the text"):
        assert constant(tf.constant(2.0)).numpy() == 5.0


def test_a_tensor_kept_from_a_traced_function_has_no_text() -> None:
    kept: list[tf.Tensor] = []
    tf.function(lambda x: kept.append(x) or x)(tf.constant(1))
    with pytest.raises(TracingError, match="was created while a function was traced"):
        tf.strings.as_string(kept[0])


def test_bytes_and_text_of_tf_compat() -> None:
    assert tf.compat.as_bytes("né") == "né".encode()
    assert tf.compat.as_text(b"a") == tf.compat.as_str("a") == "a"
    assert tf.compat.as_str_any(b"a") + tf.compat.as_str_any(1.5) == "a1.5"
    with pytest.raises(TypeError, match="text or bytes are expected, but got 3"):
        tf.compat.as_text(3)


def test_text_is_printed_in_quotes_unless_it_is_alone(capsys: pytest.CaptureFixture[str]) -> None:
    tf.print("s", tf.constant("abc"), 1, ["x", tf.constant("y")], {"k": tf.constant("v")})
    tf.print(tf.constant("abc"))
    tf.print(tf.constant('"a'), sep="")
    assert capsys.readouterr().err == 's "abc" 1 [\'x\', "y"] {\'k\': "v"}\nabc\n"a\n'
