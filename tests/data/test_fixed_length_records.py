"""Records of a fixed length, as TensorFlow 2.15 reads them."""

from __future__ import annotations

import gzip
import pathlib

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, NotFoundError


def test_records_of_several_files_become_numbers(tmp_path: pathlib.Path) -> None:
    rows = np.arange(12, dtype=np.uint8).reshape(4, 3)
    for number, part in enumerate((rows[:2], rows[2:])):
        (tmp_path / str(number)).write_bytes(b"HEAD" + part.tobytes() + b"F")
    names = [str(tmp_path / "0"), str(tmp_path / "1")]
    records = tf.data.FixedLengthRecordDataset(names, 3, header_bytes=4, footer_bytes=1)
    assert records.element_spec == tf.TensorSpec([], tf.string)
    (batch,) = records.map(lambda record: tf.io.decode_raw(record, tf.uint8)).batch(4)
    np.testing.assert_array_equal(batch, rows)


def test_compressed_files(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"abcdef"))
    records = tf.data.FixedLengthRecordDataset(str(tmp_path / "a.gz"), 2, compression_type="GZIP")
    assert list(records.as_numpy_iterator()) == [b"ab", b"cd", b"ef"]
    with pytest.raises(InvalidArgumentError, match="'ZIP' is not supported"):
        tf.data.FixedLengthRecordDataset("a", 2, compression_type="ZIP")


def test_a_file_that_is_not_made_of_whole_records_is_refused(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a").write_bytes(b"abcdefg")
    with pytest.raises(InvalidArgumentError, match=r"7 bytes.*6 are left.*whole records of 4 bytes"):
        list(tf.data.FixedLengthRecordDataset(str(tmp_path / "a"), 4, header_bytes=1))
    with pytest.raises(InvalidArgumentError, match="0 are left"):
        list(tf.data.FixedLengthRecordDataset(str(tmp_path / "a"), 4, header_bytes=9))
    with pytest.raises(NotFoundError, match="missing"):
        list(tf.data.FixedLengthRecordDataset(str(tmp_path / "missing"), 4))


@pytest.mark.parametrize("lengths", [(0, 0), (1.5, 0), (2, -1)])
def test_lengths_out_of_range_are_refused(lengths: tuple[int, int]) -> None:
    with pytest.raises(InvalidArgumentError, match="must be a whole number of at least"):
        tf.data.FixedLengthRecordDataset("a", lengths[0], header_bytes=lengths[1])
