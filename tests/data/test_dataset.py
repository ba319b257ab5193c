"""`tf.data.Dataset`: the elements that TensorFlow gives, orders, and errors that teach."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER

import tensorlet as tf

GOLDEN = GOLDEN_FOLDER

from dataset_cases import CASES, record  # noqa: E402

EXPECTED: dict[str, Any] = json.loads((GOLDEN / "dataset_golden.json").read_text(encoding="utf-8"))
Dataset = tf.data.Dataset


@pytest.mark.parametrize("name", CASES)
def test_same_elements_as_tensorflow(name: str) -> None:
    found = json.loads(json.dumps(record(CASES[name](tf))))
    assert found == EXPECTED[name]


@pytest.mark.parametrize("name", CASES)
def test_a_second_iteration_gives_the_same(name: str) -> None:
    dataset = CASES[name](tf)
    assert record(dataset) == record(dataset)


def numbers(dataset: Any) -> list[Any]:
    return [value.tolist() for value in dataset.as_numpy_iterator()]


# Shuffling


@pytest.mark.parametrize("size", [1, 2, 7, 100, 1000])
@pytest.mark.parametrize("batched", [False, True])
def test_shuffle_gives_each_element_once_and_none_too_early(size: int, batched: bool) -> None:
    source = Dataset.range(100).batch(1).batch(1) if batched else Dataset.range(100)  # batches: one by one
    found = np.ravel(numbers(source.shuffle(size, seed=3)))
    assert sorted(found) == list(range(100))
    # An element can leave the buffer only after it has come in: at most ``size - 1`` places early.
    assert all(place >= element - (size - 1) for place, element in enumerate(found))
    assert (found == np.arange(100)).all() == (size == 1)


def test_shuffle_of_rows_is_the_textbook_algorithm() -> None:
    """The orders that are computed for many rows at once, against a buffer in Python."""
    from tensorlet.data import row_numbers

    shuffler = row_numbers.Shuffler(5, again=False)
    whole = np.concatenate(list(shuffler.blocks([range(500)], 16)))
    words = row_numbers._words(shuffler.key, 0)
    held, expected = list(range(16)), []
    for number in range(16, 500):
        place = int(row_numbers._below(16, words.random_raw(1))[0])
        expected.append(held[place])
        held[place] = number
    order = row_numbers.permutation(16, shuffler.key, 0)
    assert whole.tolist() == expected + [held[place] for place in order]
    assert list(shuffler.items(range(500), 16)) == whole.tolist()


def test_shuffle_in_pieces_is_the_shuffle_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    from tensorlet.data import row_numbers

    at_once = np.concatenate(list(row_numbers.Shuffler(5, False).blocks([range(500)], 16)))
    monkeypatch.setattr(row_numbers, "CHUNK", 37)
    pieces = [range(100), np.arange(100, 103), range(103, 500)]
    assert (
        np.concatenate(list(row_numbers.Shuffler(5, False).blocks(pieces, 16))).tolist() == at_once.tolist()
    )


def test_places_are_drawn_evenly() -> None:
    """Chi-squared over 10 elements and 10 places; 81 degrees of freedom, 99.9% quantile 126.1."""
    dataset = Dataset.range(10).shuffle(10, seed=1)
    counts = np.zeros((10, 10))
    for _ in range(2000):
        counts[np.arange(10), numbers(dataset)] += 1
    assert ((counts - 200) ** 2 / 200).sum() < 126.1


def test_each_iteration_has_its_own_order_unless_told_otherwise() -> None:
    again = Dataset.range(50).shuffle(50, seed=1)
    assert numbers(again) != numbers(again)
    same = Dataset.range(50).shuffle(50, seed=1, reshuffle_each_iteration=False)
    assert numbers(same) == numbers(same)
    twice = numbers(Dataset.range(50).shuffle(50, seed=1).repeat(2))
    assert sorted(twice[:50]) == list(range(50)) == sorted(twice[50:])
    assert twice[:50] != twice[50:]


def test_the_same_seed_gives_the_same_orders() -> None:
    first, second = (Dataset.range(50).shuffle(20, seed=4) for _ in range(2))
    assert [numbers(first), numbers(first)] == [numbers(second), numbers(second)]
    pairs = Dataset.zip((first, second))
    assert all(int(a) == int(b) for a, b in pairs)


def test_set_seed_decides_about_shuffles_without_a_seed() -> None:
    def orders() -> list[Any]:
        tf.random.set_seed(8)
        return [numbers(Dataset.range(30).shuffle(30)), numbers(Dataset.range(30).shuffle(30))]

    first = orders()
    assert first == orders()
    assert first[0] != first[1]


def test_cache_keeps_the_first_order() -> None:
    kept = Dataset.range(50).shuffle(50).cache()
    partly = next(iter(kept))  # an iteration that is not finished is not kept
    assert int(partly) in range(50)
    assert numbers(kept) == numbers(kept)
    in_batches = Dataset.range(50).shuffle(50).batch(7).cache().prefetch(1)
    assert numbers(in_batches) == numbers(in_batches)


def test_cache_calls_a_map_once_for_each_element() -> None:
    calls = []

    def double(n: Any) -> Any:
        calls.append(int(n))
        return n * 2

    dataset = Dataset.range(3).map(double).cache()
    assert numbers(dataset) == numbers(dataset) == [0, 2, 4]
    assert calls == [0, 1, 2]


# Elements


def test_elements_are_tensors_of_tensorflows_dtypes() -> None:
    dataset = Dataset.from_tensor_slices(
        ([1, 2], [1.0, 2.0], np.array([1.0, 2.0]), np.array([1, 2], np.uint8))
    )
    assert [part.dtype for part in next(iter(dataset))] == [tf.int32, tf.float32, tf.float64, tf.uint8]
    assert all(tf.is_tensor(part) for part in next(iter(dataset.batch(2))))


def test_an_iterator_goes_on_where_it_was() -> None:
    iterator = iter(Dataset.range(3))
    assert [int(next(iterator)), int(iterator.get_next()), int(next(iterator))] == [0, 1, 2]
    with pytest.raises(StopIteration):
        next(iterator)
    with pytest.raises(tf.errors.OutOfRangeError, match="no more elements"):
        iterator.get_next()


def test_a_batch_does_not_change_when_the_next_one_comes() -> None:
    batches = list(Dataset.range(6).shuffle(6, seed=1).batch(2))
    assert sorted(np.concatenate([batch.numpy() for batch in batches])) == list(range(6))


def test_rows_of_memory_mapped_and_strided_arrays(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(20.0).reshape(10, 2))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert numbers(Dataset.from_tensor_slices(mapped).batch(4))[0] == [[0, 1], [2, 3], [4, 5], [6, 7]]
    every_other = np.arange(20)[::2]
    assert numbers(Dataset.from_tensor_slices(every_other).batch(3))[1] == [6, 8, 10]


def test_a_frame_of_several_columns() -> None:
    class Frame:
        def to_numpy(self) -> Any:
            return np.array([[1.0, 2.0], [3.0, 4.0]])

    assert numbers(Dataset.from_tensor_slices(Frame())) == [[1, 2], [3, 4]]


def test_reduce() -> None:
    total, count = Dataset.range(1, 5).reduce(
        (tf.constant(0, tf.int64), 0), lambda state, n: (state[0] + n, state[1] + 1)
    )
    assert (int(total), int(count)) == (10, 4)


def test_random_numbers_and_counters() -> None:
    found = numbers(Dataset.random(seed=2).take(500))
    assert len(set(found)) == 500
    assert min(found) >= 0
    assert 2**31 < max(found) < 2**32
    assert numbers(Dataset.counter(3, -1).take(4)) == [3, 2, 1, 0]


def test_a_function_of_operations_is_differentiated_outside_only() -> None:
    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        total = sum(x * value for value in Dataset.from_tensor_slices([1.0, 3.0]).map(lambda v: v * 2.0))
    assert float(tape.gradient(total, x)) == 8.0


def test_a_loop_over_batches_with_a_traced_step() -> None:
    w = tf.Variable(0.0)

    @tf.function
    def step(x: Any, y: Any) -> None:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(w * x - y))
        w.assign_sub(0.1 * tape.gradient(loss, w))

    x = np.linspace(-1, 1, 64, dtype=np.float32)
    for _ in range(40):
        for batch_x, batch_y in Dataset.from_tensor_slices((x, 3 * x)).shuffle(64, seed=1).batch(16):
            step(batch_x, batch_y)
    assert abs(float(w) - 3) < 1e-3


# Lengths


def test_lengths_that_are_not_known() -> None:
    with pytest.raises(TypeError, match="infinite"):
        len(Dataset.range(3).repeat())
    with pytest.raises(TypeError, match="unknown"):
        len(Dataset.range(3).filter(lambda n: n > 1))
    assert len(Dataset.range(10).repeat(2).batch(3)) == 7
    assert int(tf.data.experimental.cardinality(Dataset.range(3).repeat())) == tf.data.INFINITE_CARDINALITY
    assert bool(Dataset.range(0)) is True


def test_a_wrong_assertion_of_length() -> None:
    for count in (2, 4):
        dataset = Dataset.range(3).apply(tf.data.experimental.assert_cardinality(count))
        with pytest.raises(tf.errors.InvalidArgumentError, match=f"{count} elements were expected"):
            list(dataset)


def test_older_spellings_of_experimental() -> None:
    dataset = Dataset.range(4).apply(tf.data.experimental.map_and_batch(lambda n: n + 1, 2))
    assert numbers(dataset.apply(tf.data.experimental.unbatch())) == [1, 2, 3, 4]
    shuffled = Dataset.range(4).apply(tf.data.experimental.shuffle_and_repeat(4, 2, seed=1))
    assert sorted(numbers(shuffled)) == [0, 0, 1, 1, 2, 2, 3, 3]


def test_options_are_kept() -> None:
    options = tf.data.Options()
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    options.deterministic = False
    dataset = Dataset.range(3).with_options(options).batch(2)
    assert dataset.options().deterministic is False
    assert dataset.options().experimental_distribute.auto_shard_policy == -1
    assert numbers(dataset) == [[0, 1], [2]]


# Mistakes


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: Dataset.from_tensor_slices(3), ValueError, "from_tensors"),
        (lambda: Dataset.from_tensor_slices((np.ones(3), np.ones(4))), ValueError, "3 and 4 rows"),
        (lambda: Dataset.from_tensor_slices(["a", 1]), TypeError, "numbers"),
        (lambda: Dataset.from_tensor_slices([[1, 2], [3]]), ValueError, "different lengths"),
        (lambda: Dataset.range(3).batch(0), ValueError, "at least 1"),
        (lambda: Dataset.range(3).batch("2"), TypeError, "an integer of at least 1 is expected"),
        (lambda: Dataset.range(3).batch(2.5), TypeError, "an integer of at least 1 is expected"),
        (lambda: Dataset.range(3).shuffle(0), ValueError, "at least 1"),
        (lambda: Dataset.range(3).shard(2, 2), ValueError, "less than num_shards"),
        (lambda: Dataset.range(0, 3, 0), ValueError, "step is 0"),
        (lambda: Dataset.zip(3), TypeError, r"Dataset.zip\(\(a, b\)\)"),
        (lambda: Dataset.from_generator([1], tf.int32), TypeError, "a function"),
        (lambda: Dataset.from_generator(lambda: iter([])), TypeError, "output_signature"),
        (lambda: Dataset(), TypeError, "from_tensor_slices"),
        (lambda: Dataset.range(3).map(3), TypeError, "a function of an element is expected"),
        (lambda: Dataset.range(3).concatenate(Dataset.from_tensors(1.0)), TypeError, "dtypes must be equal"),
        (lambda: Dataset.range(3).with_options(3), TypeError, "tf.data.Options"),
        (lambda: Dataset.range(3).unbatch(), ValueError, "elements are scalars"),
        (lambda: Dataset.range(3).shufle(3), AttributeError, "Did you mean 'shuffle'"),
        (lambda: next(Dataset.range(3).window(2).as_numpy_iterator()), ValueError, "flat_map"),
        (lambda: tf.data.experimental.SqlDataset, AttributeError, "from_tensor_slices"),
    ],
)  # fmt: skip
def test_mistakes_that_show_at_once(make: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        make()


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: Dataset.range(3).map(lambda n: None), ValueError, "returned None"),
        (lambda: Dataset.range(3).map(lambda a, b: a), TypeError, "missing 1 required"),
        (lambda: Dataset.range(3).filter(lambda n: n), ValueError, "a bool scalar is expected"),
        (lambda: Dataset.range(3).flat_map(lambda n: n), TypeError, "use map"),
        (lambda: Dataset.range(1, 3).map(lambda n: tf.fill([int(n)], 0)).batch(2), ValueError, "padded_batch"),
        (lambda: Dataset.from_tensors([1, 2, 3]).padded_batch(2, [2]), ValueError, "does not fit"),
        (lambda: Dataset.from_tensors(([1, 2, 3], [1])).unbatch(), ValueError, "3 and 1 rows"),
        (lambda: Dataset.from_generator(lambda: iter([1.5]), tf.int32), ValueError, "wrong dtype"),
        (lambda: Dataset.from_generator(lambda: iter([[1]]), tf.int32, ()), ValueError, "wrong shape"),
        (lambda: Dataset.from_generator(lambda: iter([1]), (tf.int32, tf.int32)), ValueError, "wrong structure"),
        (lambda: Dataset.from_generator(lambda: iter(["a"]), tf.int32), ValueError, "wrong values"),
        (lambda: Dataset.range(2).scan(0, lambda s, n: n), ValueError, "a tuple .* is expected"),
    ],
)  # fmt: skip
def test_mistakes_that_show_while_iterating(make: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        list(make())


def test_get_single_element_wants_exactly_one() -> None:
    with pytest.raises(ValueError, match="no element"):
        Dataset.range(0).get_single_element()
    with pytest.raises(ValueError, match="more than one"):
        Dataset.range(2).get_single_element()


@pytest.mark.parametrize(
    ("method", "apply"),
    [
        ("batch", lambda windows: windows.batch(2)),
        ("padded_batch", lambda windows: windows.padded_batch(2)),
        ("unbatch", lambda windows: windows.unbatch()),
    ],
)
def test_windows_in_batch_say_what_to_do(method: str, apply: Any) -> None:
    windows = Dataset.range(6).window(3)
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=rf"^{method}: the elements are datasets"
    ) as error:
        apply(windows)
    assert "dataset.flat_map(lambda window: window.batch(size))" in str(error.value)
    pairs = Dataset.from_tensor_slices(([1, 2, 3, 4], [5, 6, 7, 8])).window(2)
    with pytest.raises(tf.errors.InvalidArgumentError) as error:
        apply(pairs)
    fix = "dataset.flat_map(lambda x, y: tf.data.Dataset.zip((x.batch(size), y.batch(size))))"
    assert fix in str(error.value)
    fixed = eval(fix, {"dataset": pairs, "tf": tf, "size": 2})
    assert [(x.numpy().tolist(), y.numpy().tolist()) for x, y in fixed] == [
        ([1, 2], [5, 6]),
        ([3, 4], [7, 8]),
    ]


def test_a_list_of_results_is_a_tuple() -> None:
    """As in TensorFlow: functions such as `tf.io.decode_csv` return lists of tensors of different dtypes."""
    lines = tf.data.Dataset.from_tensor_slices(["1,a", "2,b"])
    rows = lines.map(lambda line: tf.io.decode_csv(line, [0, ""]))
    assert [(int(number), word.numpy()) for number, word in rows] == [(1, b"a"), (2, b"b")]
    assert list(tf.data.Dataset.range(2).map(lambda x: [x, x + 1]).as_numpy_iterator()) == [(0, 1), (1, 2)]
    nested = tf.data.Dataset.range(2).map(lambda x: ([x, x + 1], x))
    assert [pair.numpy().tolist() for pair, _ in nested] == [[0, 1], [1, 2]]


def test_compressed_tables(tmp_path: Any) -> None:
    import gzip

    with gzip.open(tmp_path / "a.csv.gz", "wb") as file:
        file.write(b"x,y\n1,2.5\n3,4.5\n")
    table = tf.data.experimental.make_csv_dataset(
        str(tmp_path / "a.csv.gz"), 2, label_name="y", num_epochs=1, shuffle=False, compression_type="GZIP"
    )
    ((features, labels),) = table
    assert features["x"].numpy().tolist() == [1, 3] and labels.numpy().tolist() == [2.5, 4.5]


@pytest.mark.parametrize("dtype", [tf.int32, tf.int64, tf.bool, tf.float32, tf.string])
def test_a_generator_may_yield_an_empty_list(dtype: Any) -> None:
    signature = tf.TensorSpec((None,), dtype)
    (empty,) = Dataset.from_generator(lambda: iter([[]]), output_signature=signature)
    assert empty.shape == (0,) and empty.dtype == dtype
    value = ["a"] if dtype is tf.string else [1]
    both = Dataset.from_generator(lambda: iter([[], value]), output_signature=signature).padded_batch(2)
    assert next(iter(both)).shape == (2, 1)


def test_concatenated_arrays_are_shuffled_as_a_whole() -> None:
    x = {"a": np.arange(600.0), "b": np.arange(1200).reshape(600, 2)}
    both = Dataset.from_tensor_slices(x).concatenate(Dataset.from_tensor_slices(x).take(10))
    assert (len(both), [int(one["a"]) for one in both.skip(598)][:4]) == (610, [598, 599, 0, 1])
    seen = np.concatenate([batch["a"].numpy() for batch in both.shuffle(1000).batch(64)])
    np.testing.assert_array_equal(np.sort(seen), np.sort(np.r_[x["a"], x["a"][:10]]))
    wide = Dataset.from_tensors(np.zeros(3)).concatenate(Dataset.from_tensor_slices(np.zeros((2, 5))))
    assert [one.shape[0] for one in wide] == [3, 5, 5]
    doubled = both.map(lambda one: one["a"] * 2).concatenate(Dataset.from_tensors(np.float64(7)))
    assert [float(one) for one in doubled.skip(608)] == [16, 18, 7]


@pytest.mark.parametrize("drop", [False, True])
@pytest.mark.parametrize(("shift", "stride"), [(1, 1), (2, 3), (6, 2), (None, 1)])
def test_windows_of_rows_are_those_of_single_elements(shift: int | None, stride: int, drop: bool) -> None:
    x, y = np.arange(34).reshape(17, 2), np.arange(17.0)

    def windows(dataset: Dataset) -> list[list[Any]]:
        parts = dataset.window(4, shift, stride, drop).flat_map(
            lambda a, b: Dataset.zip((a.batch(4), b.batch(4)))
        )
        return [[part.numpy().tolist() for part in pair] for pair in parts]

    rows = Dataset.from_tensor_slices((x, y))
    single = Dataset.from_generator(
        lambda: iter(zip(x, y, strict=True)), output_types=(tf.int64, tf.float64), output_shapes=((2,), ())
    )
    assert windows(rows) == windows(single) != []
