"""Bad files: each gives a sentence with the file, the line and the column, and what to do; nothing is written."""

from __future__ import annotations

import gzip
import os
import re

import numpy as np
import pytest
from table_files import (
    ROWS,
    arrow,
    boastful,
    changed,
    excel,
    gigantic,
    idx,
    linked,
    no_permission,
    one_class,
    parquet,
    pictures,
    problem_of,
    repeated,
    table,
    text,
    two_sheets,
    written,
    zipped,
)

from tensorlet.tabular.columns.kinds import Choices
from tensorlet.tabular.table_error import TableError

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
        r"data\.npz: it cannot be read: the array x\.npy holds Python objects .* Save it again with numpy\.savez",
    ),
    "an .npz file that states more than it holds": (
        lambda folder: boastful(folder),
        {},
        r"data\.npz: it cannot be read: .* Save it again",
    ),
    "formulas without values in Excel": (
        lambda folder: excel(folder, [["x", "kind"], *([f"=ROW()*{i}", "ab"[i % 2]] for i in range(ROWS))]),
        {},
        r"data\.xlsx, line 2, column 'x': cell A2 has a formula, but the file does not have its value\. Open the",
    ),
    "a picture folder that is two folders deep": (
        lambda folder: pictures(folder).parent,
        {},
        r"its pictures are two folders deep, such as data/a/0\.png\. Pass the folder .*/data\.",
    ),
    "pictures of one class": (
        lambda folder: one_class(folder),
        {},
        r"all pictures are of the class 'a'\. There is nothing to learn",
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
    "only a header, without a line end": ("x,size,kind", {}, r"the file has a header, but no rows"),
    "the names of the rows without a header": (
        text(["size,kind", *(f"r{i},{i % 7},{'ab'[i % 2]}" for i in range(ROWS))]),
        {},
        r"line 2, column 3: .* All rows have as many: the header lacks a name",
    ),
    "delimiters at the end of all rows": (
        text([table()[0], *(line + "," for line in table()[1:])]),
        {},
        r"line 2, column 4: .* the lines end with one delimiter too many\. Correct the header",
    ),
    "columns between spaces": (
        text(table(delimiter="  ")),
        {},
        r"there is no column 'kind'\. The columns are .*\. Is the delimiter right\?",
    ),
    "a link to nothing": (
        lambda folder: linked(folder, "nowhere.csv"),
        {},
        r"data\.csv: it is a link to nowhere\.csv, which does not exist\. Correct the link",
    ),
    "a link to itself": (
        lambda folder: linked(folder, "data.csv"),
        {},
        r"it cannot be read: Too many levels",
    ),
    "a pointer of Git LFS": (
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
        {},
        r"the file is a pointer of Git LFS, .* git lfs pull",
    ),
    "an .npy file": (
        lambda folder: np.save(folder / "data.npy", np.ones((5, 2))) or folder / "data.npy",
        {},
        r"the file is not a table, but \.npy\. Expected .* \.npz",
    ),
    "a gzip file of a gzip file": (
        lambda folder: written(folder, gzip.compress(gzip.compress(text(table()).encode())), "data.csv.gz"),
        {},
        r"the file is compressed twice\. Unpack it once: gunzip",
    ),
    "an empty Parquet file": (
        lambda folder: written(folder, "", "data.parquet"),
        {},
        r"data\.parquet: the file is empty",
    ),
    "an Arrow file that is cut short": (
        lambda folder: arrow(folder, cut=100),
        {},
        r"data\.arrow: the file is damaged or cut short, or not a file of the format Arrow",
    ),
    "an Excel file whose first sheet is empty": (
        lambda folder: two_sheets(folder),
        {},
        r"the sheet has no rows\. .* Other sheets: Second\. --sheet NAME chooses one",
    ),
    "an IDX file that is cut short": (
        lambda folder: idx(folder, cut=9),
        {},
        r"not a file of the format IDX \(727 bytes uncompressed, but the header states 736\)\. Copy",
    ),
    "an IDX file without labels": (
        lambda folder: idx(folder, labels=False),
        {},
        r"train-images-idx3-ubyte: there is no file with labels beside it",
    ),
    "an .npz file without labels": (
        lambda folder: np.savez(folder / "data.npz", x=np.ones((40, 2))) or folder / "data.npz",
        {"target": None},
        r"no target was given",
    ),
    "an .npz file with complex numbers": (
        lambda folder: (
            np.savez(folder / "data.npz", x=np.ones((40, 2), complex), y=np.ones(40)) or folder / "data.npz"
        ),
        {},
        r"array x\.npy: it holds elements of type complex128; expected numbers or texts",
    ),
    "an .npz file with a picture of texts": (
        lambda folder: (
            np.savez(folder / "data.npz", x=np.full((40, 2, 2), "a"), y=np.ones(40)) or folder / "data.npz"
        ),
        {},
        r"x has shape \(40, 2, 2\) and holds texts\. Expected numbers",
    ),
    "a picture of 3.6 gigapixels": (
        lambda folder: pictures(folder, lambda data: gigantic()),
        {},
        r"0\.png: the picture is too large to be read: .*3600000000 pixels.* Make it smaller",
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
