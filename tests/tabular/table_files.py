"""Makes the files that the tests read, good and bad ones."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from tensorlet.tabular.problem import Plan, make_problem
from tensorlet.tabular.reading.files import read
from tensorlet.tabular.reading.source import ReadOptions

ROWS = 40


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


def arrow(folder, cut=0, columns=None):
    """A stream of Arrow."""
    path = folder / "data.arrow"
    data = pa.table(columns or {"x": list(range(ROWS)), "kind": ["a", "b"] * (ROWS // 2)})
    with pa.ipc.new_stream(path, data.schema) as stream:
        stream.write_table(data)
    path.write_bytes(path.read_bytes()[: -cut or None])
    return path


def idx(folder, cut=0, labels=True):
    """Twenty pictures of 6 x 6 pixels, and their labels."""
    path = folder / "train-images-idx3-ubyte"
    pixels = struct.pack(">4sIII", b"\0\0\x08\x03", 20, 6, 6) + bytes(720)
    path.write_bytes(pixels[: len(pixels) - cut])
    if labels:
        data = struct.pack(">4sI", b"\0\0\x08\x01", 20) + bytes(i % 2 for i in range(20))
        (folder / "train-labels-idx1-ubyte").write_bytes(data)
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


def two_sheets(folder):
    """An Excel file whose rows are in its second sheet."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.create_sheet("Second")
    for line in table():
        sheet.append(line.split(","))
    book.save(folder / "data.xlsx")
    return folder / "data.xlsx"


def linked(folder, target):
    """A link."""
    (folder / "data.csv").symlink_to(target)
    return folder / "data.csv"


def gigantic():
    """The beginning of a picture that states 60,000 x 60,000 pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    chunks = (header, b"IDAT" + zlib.compress(b"\0"))
    parts = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def written(folder, content, name="data.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def no_permission(folder):
    path = written(folder, text(table()))
    path.chmod(0)
    return path


def zipped(folder):
    with zipfile.ZipFile(folder / "data.zip", "w") as archive:
        archive.writestr("data.csv", text(table()))
    return folder / "data.zip"


def boastful(folder):
    """An .npz file whose array has 80 TB, by its own words."""
    header = io.BytesIO()
    form = {"descr": "<f8", "fortran_order": False, "shape": (10**12, 10)}
    np.lib.format.write_array_header_1_0(header, form)
    with zipfile.ZipFile(folder / "data.npz", "w") as archive:
        archive.writestr("x.npy", header.getvalue() + bytes(100))
    return folder / "data.npz"


def one_class(folder):
    path = pictures(folder)
    for file in (path / "b").iterdir():
        file.unlink()
    return path


def mixed_pictures(folder):
    """Pictures of several modes and sizes with Korean names, between other files."""
    path = folder / "data"
    for number in range(24):
        file = path / ("고양이", "dog é")[number % 2] / f"그림 {number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        mode = ("RGB", "L", "RGBA", "P", "LA", "1")[number % 6]
        Image.new(mode, (6 + number % 3, 6)).save(file)
    (path / "고양이" / "notes.txt").write_text("hi")
    (path / "고양이" / ".DS_Store").write_text("")
    (path / "고양이" / "old").mkdir()
    Image.new("L", (6, 6)).save(path / "고양이" / "old" / "1.png")
    return path


def deep_pictures(folder):
    """Grey pictures of 16 bits."""
    path = pictures(folder)
    for file in path.glob("*/*.png"):
        Image.fromarray(np.full((6, 6), int(file.stem) * 2570, np.uint16)).save(file)
    return path


def problem_of(folder, content, plan):
    path = content(folder) if callable(content) else written(folder, content)
    plan = dict(plan)
    options = ReadOptions(encoding=plan.pop("encoding", None), skip_bad_rows=plan.pop("skip_bad_rows", False))
    return make_problem(read(path, options), Plan(**{"target": "kind", **plan}))


def column(problem, name):
    return next(one for one in problem.columns if one.name == name)


def numbers(problem, name):
    index = problem.encoder.number_names.index(name)
    return problem.inputs["numbers"][:, index]


def odd_sizes(folder):
    path = pictures(folder)
    Image.new("RGB", (9, 9)).save(path / "b" / "1.png")
    return path
