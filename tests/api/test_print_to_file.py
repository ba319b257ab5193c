"""``tf.print`` adds to a file that ``output_stream`` names, as in TensorFlow."""

from __future__ import annotations

from pathlib import Path

import pytest

import tensorlet as tf


def test_each_call_adds_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "out.txt"

    @tf.function
    def run(x: tf.Tensor) -> tf.Tensor:
        tf.print("x:", x, output_stream=f"file://{file}")
        return x

    run(tf.constant([1.5, 2.0]))
    tf.print(3, output_stream=f"file://{file}", end="!")
    assert file.read_text() == "x: [1.5 2]\n3!"


def test_another_word_is_refused() -> None:
    with pytest.raises(TypeError, match="or 'file://' and the path of a file"):
        tf.print(1, output_stream="out.txt")


def test_arrays_of_other_lengths_after_two_branches_are_named() -> None:
    @tf.function
    def run(x: tf.Tensor) -> tf.Tensor:
        array = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
        if x > 0.0:
            array = array.write(0, x)
        return array.stack()

    with pytest.raises(
        tf.errors.InvalidArgumentError, match="'array' is a TensorArray of 1 tensors after the `if`"
    ):
        run(tf.constant(1.0))
