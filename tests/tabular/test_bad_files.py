"""Bad files: each gives a sentence with the file, the line and the column, and what to do; nothing is read wrongly."""

from __future__ import annotations

import gzip
import os
import re
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from tensorlet.localization import use_language
from tensorlet.tabular.columns.kinds import Choices
from tensorlet.tabular.problem import Plan, make_problem
from tensorlet.tabular.reading.files import read
from tensorlet.tabular.reading.source import ReadOptions
from tensorlet.tabular.table_error import TableError

ROWS = 40


@pytest.fixture(autouse=True)
def english():
    use_language("en")
    yield
    use_language(None)


def table(columns=None, rows=ROWS, delimiter=","):
    """The lines of a good table: x rises, kind is a or b. ``columns`` adds or replaces columns by name."""
    values = {
        "x": [str(i * 1.5) for i in range(rows)],
        "size": [str(i % 7) for i in range(rows)],
        "kind": ["ab"[i % 2] for i in range(rows)],
        **(columns or {}),
    }
    return [delimiter.join(values), *(delimiter.join(row) for row in zip(*values.values(), strict=True))]


def changed(line, text, lines=None):
    """A table with one line (counted from 1) replaced."""
    lines = list(lines or table())
    lines[line - 1] = text
    return "\n".join(lines) + "\n"


def text(lines):
    return "\n".join(lines) + "\n"


def repeated(*values):
    return [values[i % len(values)] for i in range(ROWS)]


def parquet(folder, name="data.parquet", cut=0, columns=None):
    path = folder / name
    pq.write_table(pa.table(columns or {"x": list(range(ROWS)), "kind": ["a", "b"] * (ROWS // 2)}), path)
    if cut:
        path.write_bytes(path.read_bytes()[:-cut])
    return path


def pictures(folder, spoil=None):
    for number in range(24):
        path = folder / "data" / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((6, 6, 3), number * 9, np.uint8)).save(path)
    if spoil is not None:
        path = folder / "data" / "a" / "0.png"
        path.write_bytes(spoil(path.read_bytes()))
    return folder / "data"


def excel(folder, rows):
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / "data.xlsx")
    return folder / "data.xlsx"


def written(folder, content, name="data.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def no_permission(folder):
    path = written(folder, text(table()))
    path.chmod(0)
    return path


#: name -> (content or a function that makes the file, the plan, what the message says).
REFUSED = {
    "a row with too few values": (
        changed(9, "1.5,2"),
        {},
        r"data\.csv, line 9, column 3: the row has 2 values, but the header has 3 columns\. Add the missing",
    ),
    "a row with too many values": (
        changed(7, "1,2,a,9"),
        {},
        r"line 7, column 4: the row has 4 values, but .* The first value too many is '9'\. Put quotation marks",
    ),
    "a quotation mark that is never closed": (
        changed(6, '1,2,"a'),
        {},
        r"line 6, column 5: a quotation mark is opened here and never closed\. Close it",
    ),
    "a quotation mark that is closed much later": (
        changed(20, '1,2,b"', changed(6, '1,2,"a').splitlines()),
        {},
        r"line 6, column 'kind': a value goes on to line 20, over lines that look like rows",
    ),
    "an empty file": ("", {}, r"data\.csv: the file is empty\. Expected a header"),
    "only blank lines": ("\n\n\n", {}, r"the file is empty"),
    "only a header": ("x,size,kind\n", {}, r"the file has a header, but no rows"),
    "one column": (text(["kind", *repeated("a", "b")]), {}, r"has only one column, 'kind'\. .*--delimiter"),
    "one row": (text(table(rows=1)), {}, r"all rows have the same value, 'a'\. There is nothing to learn"),
    "five rows": (text(table(rows=5)), {}, r"only 5 rows have a target\. Expected at least 10 rows"),
    "a target that is all missing": (
        text(table({"kind": [""] * ROWS})),
        {},
        r"column 'kind': this column cannot be the target: it has no values",
    ),
    "a constant target": (
        text(table({"kind": ["a"] * ROWS})),
        {},
        r"column 'kind': .*all rows have the same value, 'a'",
    ),
    "a target that does not exist": (
        text(table()),
        {"target": "color"},
        r"there is no column 'color'\. The columns are 'x', 'size', 'kind'",
    ),
    "a misspelt target": (
        text(table()),
        {"target": "kimd"},
        r"there is no column 'kimd'\. Did you mean 'kind'",
    ),
    "no target": (
        text(table()),
        {"target": None},
        r"no target was given\. Name the column to predict: --target kind",
    ),
    "a thousand classes": (
        text(table({"kind": [f"name {i}" for i in range(1000)]}, 1000)),
        {},
        r"it has 1,000 different values in 1,000 rows\. It may be an identifier",
    ),
    "a target of dates": (
        text(table({"kind": [f"2024-01-{i % 28 + 1:02}" for i in range(ROWS)]})),
        {},
        r"it holds dates\. Expected classes or a number",
    ),
    "a target of text as a number": (
        text(table()),
        {"task": "number"},
        r"it does not hold numbers .* Leave out --task number",
    ),
    "nothing but identifiers": (
        text(["id,kind", *(f"{i},{'ab'[i % 2]}" for i in range(ROWS))]),
        {},
        r"no column is left to predict 'kind' from.*'id' \(whole numbers that differ in every row\)",
    ),
    "a column to ignore that does not exist": (
        text(table()),
        {"choices": Choices(ignore=frozenset({"sise"}))},
        r"there is no column 'sise'\. Did you mean 'size'",
    ),
    "times that are no times": (
        text(table()),
        {"time": "kind"},
        r"column 'kind': it is not a date or a number in every row",
    ),
    "a file that does not exist": (
        lambda folder: folder / "dat.csv",
        {},
        r"dat\.csv: there is no such file\. Check the name",
    ),
    "an empty folder": (
        lambda folder: (folder / "data").mkdir() or folder / "data",
        {},
        r"it is a folder without pictures in folders\. Expected one folder for each class",
    ),
    "no permission": (no_permission, {}, r"you may not read the file\. Change its permissions"),
    "a gzip file that is cut short": (
        lambda folder: written(folder, gzip.compress(text(table()).encode())[:-30], "data.csv.gz"),
        {},
        r"data\.csv\.gz: the gzip file is cut short\. Its content can be read up to line \d+",
    ),
    "a gzip file that is damaged": (
        lambda folder: written(folder, b"\x1f\x8b\x08" + b"x" * 50, "data.csv.gz"),
        {},
        r"the gzip file is damaged",
    ),
    "a PDF": ("%PDF-1.4 ...", {}, r"the file is not a table, but PDF\. Expected CSV"),
    "a picture instead of a table": (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, {}, r"not a table, but PNG"),
    "zero bytes": (
        b"x,kind\n" + b"\0\1\2" * 20 + b"\n" + b"a,b\n" * 40,
        {},
        r"contains zero bytes, so it is not a text file",
    ),
    "a Parquet file that is cut short": (
        lambda folder: parquet(folder, cut=60),
        {},
        r"data\.parquet: the file is damaged or cut short, or not a file of the format Parquet",
    ),
    "a CSV file named Parquet": (
        lambda folder: written(folder, text(table()), "data.parquet"),
        {},
        r"not a file of the format Parquet",
    ),
    "an Excel file that is cut short": (
        lambda folder: written(folder, excel(folder, [["x", "kind"]]).read_bytes()[:-200], "data.xlsx"),
        {},
        r"damaged or cut short, or not a file of the format Excel",
    ),
    "an Excel file without rows": (
        lambda folder: excel(folder, [["x", "kind"]]),
        {},
        r"the sheet has no rows",
    ),
    "a zip file": (lambda folder: zipped(folder), {}, r"data\.zip: the file is a zip archive\. Unpack it"),
    "an .npz file without x": (
        lambda folder: np.savez(folder / "data.npz", a=np.ones(3)) or folder / "data.npz",
        {},
        r"it has the arrays a\. Expected x for the inputs",
    ),
    "an .npz file with objects": (
        lambda folder: (
            np.savez(folder / "data.npz", x=np.array([{}], object), y=np.ones(1)) or folder / "data.npz"
        ),
        {},
        r"the file is damaged .*\.npz",
    ),
    "an .npz file of other lengths": (
        lambda folder: np.savez(folder / "data.npz", x=np.ones((5, 2)), y=np.ones(4)) or folder / "data.npz",
        {"target": "y"},
        r"x has shape \(5, 2\) and y has shape \(4,\)",
    ),
    "a picture that is not one": (
        lambda folder: pictures(folder, lambda data: b"hello"),
        {},
        r"0\.png: the file is not a picture that can be read",
    ),
    "a picture that is cut short": (
        lambda folder: pictures(folder, lambda data: data[: len(data) // 2]),
        {},
        r"0\.png: the file is not a picture",
    ),
    "an encoding that does not exist": (
        text(table()),
        {"encoding": "utf-9"},
        r"there is no encoding 'utf-9'\. Use one such as",
    ),
    "an encoding that does not fit": (
        text(table({"kind": repeated("가", "나")})),
        {"encoding": "ascii"},
        r"line 2, column 7: byte 0xea is not valid in ascii\. Save the file as UTF-8",
    ),
}


def zipped(folder):
    with zipfile.ZipFile(folder / "data.zip", "w") as archive:
        archive.writestr("data.csv", text(table()))
    return folder / "data.zip"


def problem_of(folder, content, plan):
    path = content(folder) if callable(content) else written(folder, content)
    plan = dict(plan)
    options = ReadOptions(encoding=plan.pop("encoding", None), skip_bad_rows=plan.pop("skip_bad_rows", False))
    return make_problem(read(path, options), Plan(**{"target": "kind", **plan}))


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_its_place_and_what_to_do(name, tmp_path):
    if name == "no permission" and os.geteuid() == 0:
        pytest.skip("the superuser may read every file")
    content, plan, message = REFUSED[name]
    with pytest.raises(TableError) as error:
        problem_of(tmp_path, content, plan)
    assert re.search(message, str(error.value)), str(error.value)
    assert str(error.value).startswith(str(tmp_path))
    assert error.value.fix
    assert not list(tmp_path.glob("*.keras"))


def column(problem, name):
    return next(one for one in problem.columns if one.name == name)


def numbers(problem, name):
    index = problem.encoder.number_names.index(name)
    return problem.inputs["numbers"][:, index]


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
        "Column 2 has no name in the header; it is named 'column 2'",
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
        "Column 'x' has 1 infinite values, the first in line 6",
        lambda p: column(p, "x").missing,
        1,
    ),
    "a stray word among numbers": (
        text(table({"x": ["oops" if i == 8 else str(i * 1.5) for i in range(60)]}, 60)),
        {},
        "'oops' in line 10 is not one; 1 such values count as missing",
        lambda p: column(p, "x").kind,
        "number",
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
        None,
        lambda p: (column(p, "x").kind, column(p, "x").missing),
        ("number", 1),
    ),
    "pictures of other sizes": (
        lambda folder: odd_sizes(folder),
        {},
        "Pictures of another size: 1 of 24",
        lambda p: p.inputs["pictures"].shape,
        (24, 6, 6, 3),
    ),
}


def odd_sizes(folder):
    path = pictures(folder)
    Image.new("RGB", (9, 9)).save(path / "b" / "1.png")
    return path


@pytest.mark.parametrize("name", READ_ALOUD)
def test_it_is_read_right_and_says_what_is_unusual(name, tmp_path):
    content, plan, note, value, expected = READ_ALOUD[name]
    problem = problem_of(tmp_path, content, plan)
    assert value(problem) == expected
    if note is None:
        assert problem.notes == []
    else:
        assert any(note in one for one in problem.notes), problem.notes
