"""Values that are written in unusual ways: read right, or said."""

from __future__ import annotations

import numpy as np
import pytest

from tensorlet.tabular.columns.kinds import Choices, find_column
from tensorlet.tabular.problem import Plan, make_problem
from tensorlet.tabular.reading.files import read
from tensorlet.tabular.reading.streams import open_stream
from tensorlet.tabular.table_error import TableError

ROWS = 60


def problem(tmp_path, value, header="x,y,t", end="\n", target="t"):
    lines = [f"{value(row)},{row % 7},{'ab'[row % 2]}" for row in range(ROWS)]
    (tmp_path / "a.csv").write_bytes((end.join([header, *lines]) + end).encode())
    return make_problem(read(tmp_path / "a.csv"), Plan(target, trees=False))


def column_of(found):
    return found.columns[0]


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        (lambda row: f"-${row * 10}.50", -590.5, -0.5),
        (lambda row: f"({row * 10}.50)", -590.5, -0.5),
        (lambda row: f"\u2212{row * 1.5}", -88.5, 0.0),
        (lambda row: " " if row % 5 == 0 else row * 1.5, 1.5, 88.5),
        (lambda row: "NA " if row % 5 == 0 else row * 1.5, 1.5, 88.5),
    ],
)
def test_numbers(tmp_path, value, low, high):
    column = column_of(problem(tmp_path, value))
    assert (column.kind, column.minimum, column.maximum) == ("number", low, high)


@pytest.mark.parametrize(
    ("value", "note"),
    [
        (lambda row: f"{'$' if row % 2 else '€'}{row * 10}", "the numbers have different signs ($, €)"),
        (lambda row: f"{row / 3:.2f}{'%' if row % 2 else ''}", "the numbers have different signs (%, none)"),
        (lambda row: 9223372036854775807 + 5000 * row, "whole numbers beyond 9,007,199,254,740,992"),
        (
            lambda row: "1e300" if row == 5 else row * 1.5,
            "1 value that is infinite, or beyond 3.4e38, in line 7",
        ),
        (lambda row: ["Red", "red", "blue"][row % 3], "differ in capitals only"),
        (lambda row: "x" if row == 9 else f"c{row % 3}", "its own name as a value in line 11"),
    ],
)
def test_what_is_said(tmp_path, value, note):
    found = problem(tmp_path, value)
    assert any(note in one for one in found.notes), found.notes
    assert all(np.isfinite(array).all() for array in found.inputs.values())


def test_truth_values_in_several_spellings(tmp_path):
    found = problem(tmp_path, lambda row: ["Y", "n", "예", "아니오"][row % 4])
    assert column_of(found).kind == "boolean"
    assert found.inputs["numbers"][:4, 0].tolist() == [1.0, 0.0, 1.0, 0.0]
    lines = "".join(f"{row * 1.5},{['Yes', 'yes', 'no'][row % 3]}\n" for row in range(60))
    (tmp_path / "b.csv").write_text("z,t\n" + lines)
    notes = make_problem(read(tmp_path / "b.csv"), Plan("t", trees=False)).notes
    assert any("has 3 classes, some of which mean the same: 'Yes', 'no', 'yes'" in note for note in notes)


def test_spaces_around_categories_do_not_count(tmp_path):
    found = problem(tmp_path, lambda row: ["red", " red", "blue "][row % 3])
    assert sorted(column_of(found).categories) == ["blue", "red"]


def test_dates_of_several_zones_are_converted(tmp_path):
    found = problem(
        tmp_path, lambda row: f"2024-01-{row % 28 + 1:02d}T10:00:00{'+09:00' if row % 2 else '-05:00'}"
    )
    assert column_of(found).kind == "date"
    assert column_of(found).minimum == 19723 + 15 / 24  # 2024-01-01 10:00 in New York is 15:00 in UTC
    found = problem(tmp_path, lambda row: f"01/{row % 28 + 1:02d}/2024 10:00 {'AM' if row % 2 else 'PM'}")
    assert column_of(found).minimum == 19723 + 22 / 24


@pytest.mark.parametrize(("header", "end"), [("x,y,t", "\r"), ('"two\nlines",y,t', "\n")])
def test_line_ends_and_names_of_several_lines(tmp_path, header, end):
    found = problem(tmp_path, lambda row: row * 1.5, header, end)
    assert found.rows == ROWS and found.notes == []
    assert [column.kind for column in found.columns] == ["number", "number", "category"]


def test_a_zero_byte_far_down_is_refused(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"x,t\n" + b"1.5,a\n" * 2000 + b"2.5,b\0\n")
    with pytest.raises(TableError, match="line 2002: the file contains zero bytes"):
        read(tmp_path / "a.csv")


def test_a_code_with_leading_zeros_far_down_keeps_them(tmp_path):
    lines = [f"{10000 + row % 500},{row % 7}" for row in range(3000)]
    lines[2500] = "00123,3"
    (tmp_path / "a.csv").write_text("zip,n\n" + "\n".join(lines) + "\n")
    table = read(tmp_path / "a.csv").data
    assert table.column("zip")[2500].as_py() == "00123" and table.column("zip")[0].as_py() == "10000"
    assert str(table.column("n").type) == "double"


def test_a_group_of_thousands_does_not_begin_with_a_zero(tmp_path):
    rows = "\n".join(
        f"{number // 1000},{number % 1000:03};{number % 7};{number % 2}" for number in range(0, 9000, 41)
    )
    (tmp_path / "t.csv").write_text("x;y;t\n" + rows + "\n")
    column = find_column(read(tmp_path / "t.csv"), "x", Choices())
    assert (column.number_format, column.minimum, column.maximum) == ("decimal comma", 0.0, 8.979)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("content", "kind"),
    [("<!DOCTYPE html>\n<html>, a", "HTML"), ('\n[{"x": 1,\n"y": 2}]', "JSON"), ("@relation iris\n", "ARFF")],
)
def test_other_texts_are_named(tmp_path, content, kind, stream):
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(TableError, match=f"not a table, but {kind}"):
        (open_stream if stream else read)(tmp_path / "t.csv")


def test_lines_above_the_header_are_named_as_the_likely_cause(tmp_path):
    (tmp_path / "t.csv").write_text("My things\n\nx,y\n1,2\n3,4\n")
    with pytest.raises(TableError, match=r"line 3.*title or comments, remove them"):
        read(tmp_path / "t.csv")
