"""What concrete functions say about their arguments and results; the values are those of TensorFlow 2.15."""

from __future__ import annotations

import pytest

import tensorlet as tf


@tf.function
def both(x: tf.Tensor, y: tf.Tensor) -> dict[str, object]:
    return {"s": x + y, "d": (x, y)}


def test_structures_of_arguments_and_results() -> None:
    concrete = both.get_concrete_function(tf.TensorSpec([2]), tf.TensorSpec([], name="z"))
    specs, named = concrete.structured_input_signature
    assert [(one.name, tuple(one.shape), one.dtype) for one in specs] == [
        ("x", (2,), tf.float32),
        ("y", (), tf.float32),
    ]
    assert named == {}
    assert concrete.structured_outputs == {
        "s": tf.TensorSpec([2]),
        "d": (tf.TensorSpec([2]), tf.TensorSpec([])),
    }
    assert concrete.output_shapes == {
        "s": tf.TensorShape([2]),
        "d": (tf.TensorShape([2]), tf.TensorShape([])),
    }
    assert concrete.output_dtypes == {"s": tf.float32, "d": (tf.float32, tf.float32)}
    assert [tuple(one.shape) for one in concrete.inputs] == [(2,), ()]
    assert sorted(tuple(one.shape) for one in concrete.outputs) == [(), (2,), (2,)]


def test_open_lengths_stay_open_in_the_results() -> None:
    function = tf.function(
        lambda x: (tf.reduce_sum(x), tf.concat([x, x], 0)), input_signature=[tf.TensorSpec([None, 3])]
    )
    concrete = function.get_concrete_function()
    total, joined = concrete.structured_outputs
    assert tuple(total.shape) == ()
    assert joined.shape.as_list() == [None, 3]
    assert len(concrete.inputs) == 1
    assert float(concrete(x=tf.ones([2, 3]))[0]) == 6.0
    assert function.experimental_get_tracing_count() == 1


def test_a_tensor_printed_while_tracing_has_the_name_of_its_argument(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @tf.function
    def shown(image: tf.Tensor, *more: tf.Tensor) -> tf.Tensor:
        print(image, *more)
        return image

    shown(tf.constant(1), tf.constant(2.0))
    out = capsys.readouterr().out
    assert out == 'Tensor("image:0", shape=(), dtype=int32) Tensor("more:0", shape=(), dtype=float32)\n'


@pytest.mark.parametrize("dtype", ["int32", "int64", "bool", "float32", "float64", "uint8"])
def test_empty_lists_have_any_dtype(dtype: str) -> None:
    assert tf.constant([], dtype).dtype.name == dtype
    assert tf.constant([[], []], dtype).shape.as_list() == [2, 0]
    assert tf.convert_to_tensor([], dtype).dtype.name == dtype


def test_empty_lists_of_text_and_next_to_integers() -> None:
    assert tf.constant([], tf.string).dtype is tf.string
    assert tf.concat([tf.constant([1, 2]), tf.constant([], tf.int32)], 0).numpy().tolist() == [1, 2]
    assert tf.reshape(tf.constant([5]), []).numpy() == 5
