"""Encoding of whole tables, a piece at a time: the same numbers as row by row."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest

from tensorlet.tabular.columns.column import Column
from tensorlet.tabular.columns.encoder import Encoder, learn
from tensorlet.tabular.columns.values import mean_and_deviation, summary_of
from tensorlet.tabular.reading.delimited import read_delimited
from tensorlet.tabular.reading.source import ReadOptions


def chunked(values, lengths):
    ends = np.cumsum([0, *lengths])
    return pa.chunked_array([pa.array(values[a:b]) for a, b in itertools.pairwise(ends)])


def table_of_chunks(rows=9000, seed=0):
    random = np.random.default_rng(seed)
    return pa.table({
        "a": chunked(random.normal(size=rows), [5000, 1, rows - 5001]),
        "year": chunked(1.7e9 + random.normal(size=rows), [4096, rows - 4096]),
        "colour": chunked(random.choice(["red", "blue"], rows), [rows]),
        "b": chunked(random.normal(3.0, 2.0, rows), [rows]),
    })  # fmt: skip


def encoder_of(table):
    kinds = {"colour": "category"}
    columns = [Column(name, kinds.get(name, "number")) for name in table.column_names]
    return Encoder([learn(column, table.column(column.name)) for column in columns])


@pytest.mark.parametrize("strange", [None, float("nan"), float("inf"), -1e39, 3.4e38, 1e30])
def test_a_table_of_chunks_is_encoded_as_its_rows_are(strange):
    table = table_of_chunks()
    encoder = encoder_of(table)
    if strange is not None:  # which the training has not seen
        values = table.column("a").to_pylist()
        values[5000] = values[8999] = strange
        table = table.set_column(0, "a", chunked(values, [100, 4900, 4000]))
    found, expected = encoder.encode(table).arrays, encoder.encode_rows(table.to_pylist()).arrays
    assert found.keys() == expected.keys() == {"numbers", "categories"}
    for name, array in expected.items():
        np.testing.assert_array_equal(found[name], array)
    assert np.isfinite(found["numbers"]).all()
    if strange in (3.4e38, 1e30):
        assert found["numbers"][5000, 0] == np.float32(strange)


def test_a_table_without_rows_is_encoded():
    table = table_of_chunks()
    assert encoder_of(table).encode(table.slice(0, 0)).arrays["numbers"].shape == (0, 3)


@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_the_summary_of_chunks(offset):
    values = offset + np.random.default_rng(1).normal(5.0, 2.0, 20_001)
    low, high, mean, deviation = summary_of(chunked(values, [7, 10_000, 9_994]))
    assert (low, high) == (values.min(), values.max())
    assert mean == pytest.approx(values.mean(), rel=1e-14)
    assert deviation == pytest.approx(values.std(), rel=1e-7)
    assert (mean, deviation) == pytest.approx(mean_and_deviation(values), rel=1e-7)


def test_the_summary_leaves_out_what_is_missing():
    column = chunked([1.0, None, 3.0, None, 8.0], [2, 3])
    assert summary_of(column)[:3] == (1.0, 8.0, 4.0)
    assert summary_of(chunked([1.0, float("nan")], [2])) is None
    assert summary_of(chunked([1.0, 1e39], [1, 1])) is None


def test_quotation_marks_in_the_header_alone_and_in_rows():
    plain = b'"a","b"\n' + b"1,x\n" * 200_000
    table = read_delimited(plain, "t.csv", ReadOptions()).data
    assert (table.num_rows, table.column_names) == (200_000, ["a", "b"])
    quoted = plain + b'2,"two\nlines"\n' * 100_000
    table = read_delimited(quoted, "t.csv", ReadOptions()).data
    assert table.num_rows == 300_000
    assert table.column("b")[-1].as_py() == "two\nlines"
