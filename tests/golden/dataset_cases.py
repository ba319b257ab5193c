"""Pipelines whose elements, printed forms and lengths are compared with real TensorFlow's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

X = np.arange(12, dtype=np.float64).reshape(6, 2)
Y = np.arange(6)
CASES: dict[str, Callable[[Any], Any]] = {}


def case(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Adds a pipeline; it is made from ``tf``."""
    CASES[make.__name__] = make
    return make


def pairs(tf: Any) -> Any:
    return tf.data.Dataset.from_tensor_slices((X, Y))


@case
def slices(tf: Any) -> Any:
    return pairs(tf)


@case
def slices_of_dictionary(tf: Any) -> Any:
    return tf.data.Dataset.from_tensor_slices({"b": [1.0, 2.0], "a": ([1, 2], [[True], [False]])})


@case
def slices_of_lists(tf: Any) -> Any:
    return tf.data.Dataset.from_tensor_slices([[1, 2], [3, 4], [5, 6]])


@case
def slices_of_one_tuple(tf: Any) -> Any:
    return tf.data.Dataset.from_tensor_slices((X,))


@case
def slices_of_tensors(tf: Any) -> Any:
    return tf.data.Dataset.from_tensor_slices((tf.constant([1.5, 2.5]), tf.range(2)))


@case
def tensors(tf: Any) -> Any:
    return tf.data.Dataset.from_tensors((X, 3))


@case
def numbers(tf: Any) -> Any:
    return tf.data.Dataset.range(10, 1, -4)


@case
def float_numbers(tf: Any) -> Any:
    return tf.data.Dataset.range(3, output_type=tf.float32)


@case
def no_numbers(tf: Any) -> Any:
    return tf.data.Dataset.range(0).batch(3)


@case
def batches(tf: Any) -> Any:
    return pairs(tf).batch(4)


@case
def full_batches(tf: Any) -> Any:
    return pairs(tf).batch(4, drop_remainder=True)


@case
def batches_of_batches(tf: Any) -> Any:
    return pairs(tf).batch(2).batch(2)


@case
def batches_of_repeated(tf: Any) -> Any:
    return pairs(tf).repeat(2).skip(1).batch(5)


@case
def repeated_batches(tf: Any) -> Any:
    return pairs(tf).batch(4).repeat(2)


@case
def endless(tf: Any) -> Any:
    return pairs(tf).batch(4).repeat().take(5)


@case
def repeated_not_at_all(tf: Any) -> Any:
    return pairs(tf).repeat(0)


@case
def taken(tf: Any) -> Any:
    return pairs(tf).take(3).skip(1).take(-1)


@case
def taken_too_many(tf: Any) -> Any:
    return pairs(tf).take(50)


@case
def skipped_all(tf: Any) -> Any:
    return pairs(tf).skip(-1)


@case
def sharded(tf: Any) -> Any:
    return tf.data.Dataset.range(11).repeat(2).shard(3, 1)


@case
def sharded_batches(tf: Any) -> Any:
    return tf.data.Dataset.range(11).batch(2).shard(2, 1)


@case
def zipped(tf: Any) -> Any:
    return tf.data.Dataset.zip((pairs(tf), tf.data.Dataset.range(4)))


@case
def zipped_dictionary(tf: Any) -> Any:
    return tf.data.Dataset.zip({"n": tf.data.Dataset.range(4), "m": tf.data.Dataset.range(9).batch(2)})


@case
def zipped_with_repeated(tf: Any) -> Any:
    return tf.data.Dataset.zip((tf.data.Dataset.range(5), tf.data.Dataset.range(2).repeat()))


@case
def enumerated(tf: Any) -> Any:
    return pairs(tf).enumerate(start=7).batch(4)


@case
def enumerated_batches(tf: Any) -> Any:
    return pairs(tf).batch(4).enumerate()


@case
def concatenated(tf: Any) -> Any:
    return pairs(tf).batch(3).concatenate(pairs(tf).batch(5, drop_remainder=True))


@case
def mapped(tf: Any) -> Any:
    return pairs(tf).map(lambda x, y: (tf.cast(x, tf.float32) / 2.0, tf.one_hot(y, 6)))


@case
def mapped_to_dictionary(tf: Any) -> Any:
    return pairs(tf).map(lambda x, y: {"k": x, "l": [y, y]}, num_parallel_calls=tf.data.AUTOTUNE)


@case
def mapped_to_numbers(tf: Any) -> Any:
    return pairs(tf).map(lambda x, y: (x, 3.0, 2)).batch(4)


@case
def mapped_batches(tf: Any) -> Any:
    return pairs(tf).batch(4).map(lambda x, y: (x[:, :1], tf.reduce_sum(x), tf.expand_dims(y, -1)))


@case
def mapped_dictionaries(tf: Any) -> Any:
    return tf.data.Dataset.from_tensor_slices({"a": [1, 2], "b": [3, 4]}).map(lambda row: row["a"] * row["b"])


@case
def filtered(tf: Any) -> Any:
    return pairs(tf).filter(lambda x, y: tf.reduce_sum(x) > 6.0).batch(3)


@case
def cached(tf: Any) -> Any:
    return pairs(tf).cache().prefetch(tf.data.AUTOTUNE)


@case
def unbatched(tf: Any) -> Any:
    return pairs(tf).batch(4).unbatch()


@case
def unbatched_arrays(tf: Any) -> Any:
    return tf.data.Dataset.from_tensor_slices(np.arange(12).reshape(2, 3, 2)).unbatch()


@case
def padded(tf: Any) -> Any:
    lengths = tf.data.Dataset.range(1, 6).map(lambda n: (tf.repeat(n, n), n))
    return lengths.padded_batch(2, padded_shapes=([None], []))


@case
def padded_with_values(tf: Any) -> Any:
    lengths = tf.data.Dataset.range(1, 5).map(lambda n: tf.repeat(n, n))
    minus_one = tf.constant(-1, tf.int64)
    return lengths.padded_batch(2, padded_shapes=[5], padding_values=minus_one, drop_remainder=True)


@case
def flat_mapped(tf: Any) -> Any:
    return pairs(tf).flat_map(lambda x, y: tf.data.Dataset.from_tensors(y).repeat(2))


@case
def interleaved(tf: Any) -> Any:
    def several(n: Any) -> Any:
        return tf.data.Dataset.from_tensors(n).repeat(n)

    return tf.data.Dataset.range(1, 7).interleave(several, cycle_length=3, block_length=2)


@case
def interleaved_one_by_one(tf: Any) -> Any:
    def several(n: Any) -> Any:
        return tf.data.Dataset.range(n * 10, n * 10 + n)

    return tf.data.Dataset.range(1, 6).interleave(several, cycle_length=2)


@case
def windows(tf: Any) -> Any:
    sliding = tf.data.Dataset.range(7).window(3, shift=2, stride=2, drop_remainder=True)
    return sliding.flat_map(lambda window: window.batch(3))


@case
def smaller_windows(tf: Any) -> Any:
    return tf.data.Dataset.range(7).window(3, shift=4).flat_map(lambda window: window.batch(3))


@case
def scanned(tf: Any) -> Any:
    zero = tf.constant(0, tf.int64)
    return tf.data.Dataset.range(5).scan(zero, lambda state, n: (state + n, state * n))


@case
def taken_while(tf: Any) -> Any:
    return tf.data.Dataset.range(9).take_while(lambda n: n < 4)


@case
def unique(tf: Any) -> Any:
    return tf.data.Dataset.from_tensor_slices([3, 1, 3, 2, 1]).unique()


@case
def generated(tf: Any) -> Any:
    def items() -> Any:
        for n in range(3):
            yield [n, n + 1], {"label": n}

    signature = (tf.TensorSpec((2,), tf.float32), {"label": tf.TensorSpec((), tf.int64)})
    return tf.data.Dataset.from_generator(items, output_signature=signature)


@case
def generated_the_older_way(tf: Any) -> Any:
    def items(stop: Any) -> Any:
        return ((n, [n] * n) for n in range(stop))

    types = (tf.int32, tf.float64)
    return tf.data.Dataset.from_generator(
        items, types, (tf.TensorShape([]), tf.TensorShape([None])), args=(3,)
    )


@case
def generated_of_unknown_shape(tf: Any) -> Any:
    return tf.data.Dataset.from_generator(lambda: iter([1, [2, 3]]), output_types=tf.int32)


@case
def said_to_be_long(tf: Any) -> Any:
    even = tf.data.Dataset.range(6).filter(lambda n: n % 2 == 0)
    return even.apply(tf.data.experimental.assert_cardinality(3))


@case
def rebatched(tf: Any) -> Any:
    return tf.data.Dataset.range(7).batch(2).unbatch().batch(3)


@case
def shuffled_one_by_one(tf: Any) -> Any:
    return pairs(tf).shuffle(1).batch(4)


@case
def with_options(tf: Any) -> Any:
    options = tf.data.Options()
    options.deterministic = False
    return pairs(tf).with_options(options)


def record(dataset: Any) -> dict[str, Any]:
    """What is compared: printed form, length, and elements with their dtypes."""
    return {
        "printed": repr(dataset),
        "count": int(dataset.cardinality()),
        "elements": [plain(element) for element in dataset.as_numpy_iterator()],
    }


def plain(value: Any) -> Any:
    """An element in lists, dictionaries, numbers and the names of dtypes."""
    if isinstance(value, dict):
        return {name: plain(value[name]) for name in value}
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return [str(value.dtype), value.tolist()]
