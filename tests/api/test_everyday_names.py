"""Names around the tensors that small programs use: files, tables, strategies, test cases."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import DTypeError, FailedPreconditionError, InvalidArgumentError


class TestDistribute:
    def test_one_replica_computes_what_the_program_would_without_it(self) -> None:
        strategy = tf.distribute.MirroredStrategy()
        assert strategy.num_replicas_in_sync == 1
        with strategy.scope():
            assert tf.distribute.get_strategy() is strategy
            model = tf.keras.Sequential(
                [tf.keras.layers.Dense(1, kernel_initializer="ones", input_shape=(2,))]
            )
            model.compile(tf.keras.optimizers.SGD(0.1), "mse")
        assert tf.distribute.get_strategy() is not strategy
        model.fit(np.ones((4, 2), "float32"), np.zeros((4, 1)), batch_size=4, verbose=0)
        # the error is 2, so each gradient is 2 * 2 * 1
        np.testing.assert_allclose(model.get_weights()[0], [[0.6], [0.6]], rtol=1e-6)

    def test_a_loop_by_hand(self) -> None:
        strategy = tf.distribute.MirroredStrategy(["CPU:0"])
        rows = strategy.experimental_distribute_dataset(tf.data.Dataset.range(4).batch(2))

        def step(batch: tf.Tensor) -> tf.Tensor:
            context = tf.distribute.get_replica_context()
            return context.all_reduce("SUM", tf.reduce_sum(batch))

        sums = [strategy.run(step, args=(batch,)) for batch in rows]
        assert [int(strategy.reduce(tf.distribute.ReduceOp.SUM, one, axis=None)) for one in sums] == [1, 5]
        assert strategy.reduce("mean", tf.constant([1.0, 3.0]), axis=0).numpy() == 2.0
        with pytest.raises(InvalidArgumentError, match="'SUM' or 'MEAN'"):
            strategy.reduce("max", 1.0)

    def test_other_devices_are_named(self) -> None:
        with pytest.warns(RuntimeWarning, match="gpu:1 is not available"):
            tf.distribute.MirroredStrategy(["/gpu:0", "/gpu:1"])


class TestFiles:
    def test_files_are_written_and_read(self, tmp_path: pathlib.Path) -> None:
        path = str(tmp_path / "new" / "a.txt")
        tf.io.write_file(path, "one\ntwo\n")
        assert tf.io.read_file(path).numpy() == b"one\ntwo\n"
        with tf.io.gfile.GFile(path) as file:
            assert file.readline() == "one\n"
            assert list(file) == ["two\n"]
        with tf.io.gfile.GFile(path, "rb") as file:
            assert (file.size(), file.read(3)) == (8, b"one")
        assert tf.io.gfile.glob(str(tmp_path / "new" / "*.txt")) == [path]
        tf.io.gfile.copy(path, path + "2")
        with pytest.raises(tf.errors.AlreadyExistsError, match="overwrite=True"):
            tf.io.gfile.copy(path, path + "2")
        tf.io.gfile.remove(path)
        assert sorted(tf.io.gfile.listdir(str(tmp_path / "new"))) == ["a.txt2"]
        tf.io.gfile.rmtree(str(tmp_path / "new"))
        assert not tf.io.gfile.exists(str(tmp_path / "new"))

    def test_a_missing_file_is_named(self) -> None:
        with pytest.raises(tf.errors.NotFoundError, match="no_such_file") as raised:
            tf.io.read_file("no_such_file")
        assert isinstance(raised.value, FileNotFoundError)
        assert "no_such_file" in raised.value.message

    def test_other_file_systems_are_refused(self) -> None:
        with pytest.raises(InvalidArgumentError, match="gs://bucket/x: only local files"):
            tf.io.gfile.exists("gs://bucket/x")


class TestTables:
    def test_a_static_table(self) -> None:
        pairs = tf.lookup.KeyValueTensorInitializer(["a", "b"], [1.5, 2.5])
        table = tf.lookup.StaticHashTable(pairs, default_value=-1.0)
        assert table.lookup(tf.constant([["a"], ["z"]])).numpy().tolist() == [[1.5], [-1.0]]
        assert int(table.size()) == 2
        assert table.lookup(tf.ragged.constant([["a"], ["b", "b"]])).to_list() == [[1.5], [2.5, 2.5]]
        with pytest.raises(DTypeError, match="int32"):
            table.lookup(tf.constant([1]))
        with pytest.raises(FailedPreconditionError, match="b'a'"):
            tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a", "a"], [1, 2]), 0)

    def test_in_a_dataset(self) -> None:
        pairs = tf.lookup.KeyValueTensorInitializer(["a", "b"], [1, 2])
        table = tf.lookup.StaticHashTable(pairs, default_value=0)
        rows = tf.data.Dataset.from_tensor_slices(["b", "a", "c"]).map(table.lookup)
        assert [int(number) for number in rows] == [2, 1, 0]

    def test_a_mutable_table(self) -> None:
        table = tf.lookup.experimental.MutableHashTable(tf.int64, tf.string, default_value="?")
        table.insert(tf.constant([1, 2], tf.int64), ["one", "two"])
        table.remove(tf.constant([1], tf.int64))
        assert table.lookup(tf.constant([1, 2], tf.int64)).numpy().tolist() == [b"?", b"two"]

    def test_unknown_words_get_tensorflows_buckets(self) -> None:
        words = tf.lookup.KeyValueTensorInitializer(["a", "b"], tf.constant([0, 1], tf.int64))
        table = tf.lookup.StaticVocabularyTable(words, 5)
        # of TensorFlow 2.15
        assert table.lookup(tf.constant(["b", "rose", "tulip", "a"])).numpy().tolist() == [1, 6, 3, 0]

    def test_a_file_of_words(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / "words.txt").write_text("red\nblue\n")
        lines = tf.lookup.TextFileInitializer(
            str(tmp_path / "words.txt"),
            tf.string, tf.lookup.TextFileIndex.WHOLE_LINE,
            tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER,
        )  # fmt: skip
        assert tf.lookup.StaticHashTable(lines, -1).lookup(tf.constant(["blue"])).numpy().tolist() == [1]


class TestTheTestCase:
    def test_assertions_pass_and_fail(self) -> None:
        case = tf.test.TestCase()
        case.assertAllClose({"a": tf.constant([1.0])}, {"a": [1.0]})
        case.assertAllEqual(tf.constant([1, 2]), [1, 2])
        case.assertNear(1.0, 1.05, 0.1)
        for wrong in (
            lambda: case.assertAllClose(tf.constant([1.0]), [1.1]),
            lambda: case.assertAllClose([1.0], [1.0, 1.0]),
            lambda: case.assertAllEqual(tf.constant([1]), [2]),
            lambda: case.assertAllInRange([0.5, 2.0], 0.0, 1.0),
            lambda: case.assertDTypeEqual(tf.constant(1.0), tf.int32),
        ):
            with pytest.raises(AssertionError):
                wrong()

    def test_gradients_are_compared_with_differences(self) -> None:
        exact, measured = tf.test.compute_gradient(
            lambda x, y: x * y, [tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0])]
        )
        assert exact[0].tolist() == [[3.0, 0.0], [0.0, 4.0]]
        np.testing.assert_allclose(measured[1], [[1.0, 0.0], [0.0, 2.0]], atol=1e-3)

    def test_a_row_of_the_matrices_for_each_result(self) -> None:
        both = tf.test.compute_gradient(
            lambda x, y: tf.stack([tf.reduce_sum(x**2), x[0, 1] * y[0], y[1]]),
            [tf.constant([[1.0, 2.0]]), tf.constant([3.0, 5.0])],
        )
        for first, second in both:  # of TensorFlow
            np.testing.assert_allclose(first, [[2.0, 4.0], [0.0, 3.0], [0.0, 0.0]], atol=1e-2)
            np.testing.assert_allclose(second, [[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]], atol=1e-2)


def test_the_profiler_says_once_that_it_records_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from tensorlet.api import profiler

    monkeypatch.setattr(profiler, "_told", [])
    with pytest.warns(RuntimeWarning, match="cProfile"):
        tf.profiler.experimental.start("logs")
    with tf.profiler.experimental.Trace("step", step_num=1), tf.profiler.experimental.Profile("logs"):
        pass
    tf.profiler.experimental.stop()


def test_the_time_is_seconds_since_1970() -> None:
    assert 1.6e9 < float(tf.timestamp()) < 1e10


def test_options_of_the_graph_optimizer_are_kept() -> None:
    tf.config.optimizer.set_experimental_options({"constant_folding": True})
    assert tf.config.optimizer.get_experimental_options()["constant_folding"] is True
