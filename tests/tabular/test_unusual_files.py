"""Unusual files: they are read right, and what is unusual is said."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from table_files import (
    ROWS,
    changed,
    column,
    deep_pictures,
    excel,
    mixed_pictures,
    numbers,
    odd_sizes,
    parquet,
    pictures,
    problem_of,
    repeated,
    table,
    text,
)


def repeated_names(folder):
    path = folder / "data.parquet"
    values = [
        pa.array(list(range(ROWS)), pa.float64()),
        pa.array([i % 7 for i in range(ROWS)]),
        pa.array(["a", "b"] * 20),
    ]
    pq.write_table(pa.Table.from_arrays(values, names=["x", "x", "kind"]), path)
    return path


def typed_columns():
    start = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=9)))
    return {
        "zone": pa.array(
            [start + datetime.timedelta(hours=i) for i in range(ROWS)], pa.timestamp("us", "Asia/Seoul")
        ),
        "price": pa.array([decimal.Decimal("1.25") * i for i in range(ROWS)], pa.decimal128(12, 2)),
        "code": pa.array([i % 9 for i in range(ROWS)]).dictionary_encode(),
        "city": pa.array(["가", "나"] * (ROWS // 2), pa.large_string()).dictionary_encode(),
        "bytes": pa.array([b"\xff\xfe"] * ROWS),
        "kind": ["a", "b"] * (ROWS // 2),
    }


#: name -> (content, plan, a part of a note, a function that returns a value of the problem, that value).
READ_ALOUD = {
    "CP949": (
        text(table({"kind": repeated("서울", "부산")})).encode("cp949"),
        {},
        "read as CP949",
        lambda p: p.target.classes,
        ["부산", "서울"],
    ),
    "UTF-16": (
        text(table({"kind": repeated("é", "b")})).encode("utf-16"),
        {},
        "The text is UTF-16",
        lambda p: p.target.classes,
        ["b", "é"],
    ),
    "UTF-8 with a byte order mark": (
        text(table()).encode("utf-8-sig"),
        {},
        None,
        lambda p: p.columns[0].name,
        "x",
    ),
    "Latin-1": (
        text(table({"kind": repeated("Müller, François".replace(",", ""), "Señor Núñez à la carte")})).encode(
            "latin-1"
        ),
        {},
        "The text is not UTF-8",
        lambda p: p.target.classes[0],
        "Müller François",
    ),
    "two headers of the same name": (
        text(["x,x,kind", *table()[1:]]),
        {},
        "Two columns are named 'x'; the one at place 2 is named 'x (2)'",
        lambda p: [c.name for c in p.columns],
        ["x", "x (2)", "kind"],
    ),
    "an empty header": (
        text(["x,,kind", *table()[1:]]),
        {},
        "Column 2 is unnamed in the header; it is named 'column 2'",
        lambda p: p.columns[1].name,
        "column 2",
    ),
    "no header": (
        text(table({"kind": repeated("1", "2")})[1:]),
        {"target": "column 3"},
        "the file has no header",
        lambda p: p.rows,
        ROWS,
    ),
    "a column that is all missing": (
        text(table({"size": [""] * ROWS})),
        {},
        None,
        lambda p: (column(p, "size").kind, column(p, "size").role),
        ("empty", "left out"),
    ),
    "a constant column": (
        text(table({"size": ["7"] * ROWS})),
        {},
        None,
        lambda p: (column(p, "size").kind, column(p, "size").role),
        ("constant", "left out"),
    ),
    "decimal commas": (
        text(table({"x": [f"{i},5" for i in range(ROWS)]}, delimiter=";")),
        {},
        None,
        lambda p: numbers(p, "x")[:3].tolist(),
        [0.5, 1.5, 2.5],
    ),
    "decimal commas in every column": (
        text(["x;y;kind"] + [f"{i},25;{i % 7},5;1,{i % 2}" for i in range(ROWS)]),
        {},
        None,
        lambda p: ([c.name for c in p.columns], numbers(p, "x")[:2].tolist(), numbers(p, "y")[:2].tolist()),
        (["x", "y", "kind"], [0.25, 1.25], [0.5, 1.5]),
    ),
    "decimal commas and no header": (
        text([f"{i},25;{i % 7},5;1,{i % 2}" for i in range(ROWS)]),
        {"target": "column 3"},
        "the file has no header",
        lambda p: (p.rows, numbers(p, "column 1")[:2].tolist()),
        (ROWS, [0.25, 1.25]),
    ),
    "values with semicolons": (
        text(["x,pair,kind"] + [f"{i % 8},{i % 3};{i % 2};1,{'ab'[i % 2]}" for i in range(ROWS)]),
        {},
        None,
        lambda p: ([c.name for c in p.columns], p.target.classes),
        (["x", "pair", "kind"], ["a", "b"]),
    ),
    "thousands separators": (
        text(table({"x": [f'"{i + 1},500.25"' for i in range(ROWS)]})),
        {},
        None,
        lambda p: numbers(p, "x")[:2].tolist(),
        [1500.25, 2500.25],
    ),
    "commas that may be either": (
        text(table({"x": [f'"{i + 1},500"' for i in range(ROWS)]})),
        {},
        "'1,500' was read as 1500, with a thousands separator",
        lambda p: float(numbers(p, "x")[0]),
        1500.0,
    ),
    "infinities": (
        text(table({"x": ["inf" if i == 4 else str(i * 1.5) for i in range(ROWS)]})),
        {},
        "Column 'x' has 1 value that is infinite, or beyond 3.4e38, in line 6",
        lambda p: column(p, "x").missing,
        1,
    ),
    "a stray word among numbers": (
        text(table({"x": ["oops" if i == 8 else str(i * 1.5) for i in range(60)]}, 60)),
        {},
        "'oops' in line 10 is not one; it counts as missing",
        lambda p: column(p, "x").kind,
        "number",
    ),
    "a stray word among dates": (
        text(
            table(
                {"size": ["soon" if i == 8 else f"2024-0{i // 28 + 1}-{i % 28 + 1:02}" for i in range(60)]},
                60,
            )
        ),
        {},
        "Column 'size' holds dates, but 'soon' in line 10 is not one; it counts as missing",
        lambda p: (column(p, "size").kind, column(p, "size").missing),
        ("date", 1),
    ),
    "two columns of Parquet of the same name": (
        lambda folder: repeated_names(folder),
        {},
        "Two columns are named 'x'; the one at place 2 is named 'x (2)'",
        lambda p: [c.name for c in p.columns],
        ["x", "x (2)", "kind"],
    ),
    "an .npz file without a named target": (
        lambda folder: (
            np.savez(folder / "data.npz", x=np.arange(80.0).reshape(40, 2) % 7, y=np.arange(40) % 2)
            or folder / "data.npz"
        ),
        {"target": None},
        None,
        lambda p: (p.target.name, p.target.classes),
        ("y", ["0", "1"]),
    ),
    "an .npz file of texts": (
        lambda folder: (
            np.savez(
                folder / "data.npz", x=np.array([["a", "c"], ["b", "d"]] * 20), y=np.array([b"u", b"v"] * 20)
            )
            or folder / "data.npz"
        ),
        {"target": "y"},
        None,
        lambda p: (column(p, "x0").categories, p.target.classes),
        (["a", "b"], ["u", "v"]),
    ),
    "a link to a picture that is gone": (
        lambda folder: (pictures(folder) / "a" / "gone.png").symlink_to("nowhere.png") or folder / "data",
        {},
        "Files that are not pictures: 1, such as a/gone.png. They were left out",
        lambda p: len(p.labels),
        24,
    ),
    "mixed dates": (
        text(
            table(
                {
                    "size": [
                        f"2024-01-{i % 28 + 1:02}" if i % 2 else f"{i % 28 + 1}.03.2024" for i in range(ROWS)
                    ]
                }
            )
        ),
        {},
        "holds dates that are written in different ways",
        lambda p: column(p, "size").role,
        "left out",
    ),
    "dates that may be either": (
        text(table({"size": [f"0{i % 9 + 1}/0{i % 7 + 1}/2024" for i in range(ROWS)]})),
        {},
        "were read as %m/%d/%Y, but %d/%m/%Y would fit as well",
        lambda p: column(p, "size").kind,
        "date",
    ),
    "codes with leading zeros": (
        text(table({"size": repeated("007", "012", "099")})),
        {},
        None,
        lambda p: (column(p, "size").kind, sorted(column(p, "size").categories)),
        ("category", ["007", "012", "099"]),
    ),
    "rows without a target": (
        text(table({"kind": ["" if i == 3 else "ab"[i % 2] for i in range(ROWS)]})),
        {},
        "Rows without a value of the target 'kind': 1, the first in line 5",
        lambda p: len(p.labels),
        ROWS - 1,
    ),
    "bad rows that are to be left out": (
        changed(7, "1,2,a,9"),
        {"skip_bad_rows": True},
        "1 row with too many or too few values was left out",
        lambda p: p.rows,
        ROWS - 1,
    ),
    "a line break inside quotation marks": (
        changed(3, '"1.5","2","a"', changed(4, '1.5,2,"b\n"').splitlines()),
        {},
        None,
        lambda p: p.target.classes,
        ["a", "b", "b\n"],
    ),
    "Windows line ends": ("\r\n".join(table()) + "\r\n", {}, None, lambda p: p.target.classes, ["a", "b"]),
    "semicolons": (text(table(delimiter=";")), {}, None, lambda p: len(p.columns), 3),
    "a quotation mark inside a value": (changed(5, '3,4" pipe,a'), {}, None, lambda p: p.rows, ROWS),
    "lists in Parquet": (
        lambda folder: parquet(
            folder,
            columns={"x": [i * 1.5 for i in range(ROWS)], "list": [[1, 2]] * ROWS, "kind": ["a", "b"] * 20},
        ),
        {},
        "Column 'list' holds list<",
        lambda p: [c.name for c in p.columns],
        ["x", "kind"],
    ),
    "formulas without a value in Excel": (
        lambda folder: excel(
            folder, [["x", "kind"], *([("#DIV/0!" if i == 2 else i * 1.5), "ab"[i % 2]] for i in range(ROWS))]
        ),
        {},
        "Column 'x' has formulas without a value, such as #DIV/0! in line 4; number of them: 1",
        lambda p: (column(p, "x").kind, column(p, "x").missing),
        ("number", 1),
    ),
    "a title above the table in Excel": (
        lambda folder: excel(
            folder,
            [
                ["Sales 2024"],
                [],
                ["x", "size", "kind"],
                *([i * 1.5, i % 7, "ab"[i % 2]] for i in range(ROWS)),
            ],
        ),
        {},
        "row 3 has the names of the columns",
        lambda p: ([c.name for c in p.columns], p.rows),
        (["x", "size", "kind"], ROWS),
    ),
    "dates and empty rows in Excel": (
        lambda folder: excel(
            folder,
            [
                ["x", "kind"],
                *([datetime.datetime(2024, 1, i % 28 + 1, 12), "ab"[i % 2]] for i in range(ROWS)),
                [None, None],
                [datetime.datetime(2024, 3, 1), "a"],
            ],
        ),
        {},
        None,
        lambda p: (column(p, "x").kind, column(p, "x").minimum, p.rows),
        ("date", 19723.5, ROWS + 1),
    ),
    "Parquet with time zones, decimals, dictionaries and bytes": (
        lambda folder: parquet(folder, columns=typed_columns()),
        {},
        "Column 'bytes' holds binary that cannot be read as text; it was left out.",
        lambda p: [(c.name, c.kind, c.minimum) for c in p.columns],
        [
            ("zone", "date", 19722.625),
            ("price", "number", 0.0),
            ("code", "number", 0.0),
            ("city", "category", 0.0),
            ("kind", "category", 0.0),
        ],
    ),
    "several arrays in .npz": (
        lambda folder: (
            np.savez(
                folder / "data.npz", x=np.eye(ROWS)[:, :2], y=np.array(["가", "나"] * (ROWS // 2)), z=[1]
            )
            or folder / "data.npz"
        ),
        {"target": "y"},
        "The arrays x and y were read; not read: z",
        lambda p: p.target.classes,
        ["가", "나"],
    ),
    "the delimiter in the first line": (
        "sep=;\r\n" + "\r\n".join(table(delimiter=";")) + "\r\n",
        {},
        None,
        lambda p: [c.name for c in p.columns],
        ["x", "size", "kind"],
    ),
    "pictures of several modes, with Korean names, between other files": (
        lambda folder: mixed_pictures(folder),
        {},
        "Files that are not pictures: 1, such as 고양이/notes.txt",
        lambda p: (p.inputs["pictures"].shape, p.target.classes, len(p.notes)),
        ((24, 6, 7, 3), ["dog é", "고양이"], 3),
    ),
    "grey pictures of 16 bits": (
        lambda folder: deep_pictures(folder),
        {},
        None,
        lambda p: sorted(p.inputs["pictures"][:, 0, 0, 0].tolist()),
        [i * 10 for i in range(24)],
    ),
    "pictures of other sizes": (
        lambda folder: odd_sizes(folder),
        {},
        "Pictures of another size: 1 of 24",
        lambda p: p.inputs["pictures"].shape,
        (24, 6, 6, 3),
    ),
}


@pytest.mark.parametrize("name", READ_ALOUD)
def test_it_is_read_right_and_says_what_is_unusual(name, tmp_path):
    content, plan, note, value, expected = READ_ALOUD[name]
    problem = problem_of(tmp_path, content, plan)
    assert value(problem) == expected
    if note is None:
        assert problem.notes == []
    else:
        assert any(note in one for one in problem.notes), problem.notes
