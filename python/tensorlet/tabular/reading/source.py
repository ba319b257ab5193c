"""What is read: a table, or pictures by class; and the options for reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


@dataclass(frozen=True)
class ReadOptions:
    """How a file is read; what is None is found out.

    Attributes:
        encoding: the encoding of a text file.
        delimiter: the character between two values of a text file.
        sheet: the name of the sheet of an Excel file; by default the first.
        skip_bad_rows: whether to leave out rows with too many or too few values.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    skip_bad_rows: bool = False


@dataclass
class Table:
    """A table that has been read.

    Attributes:
        name: the name of the file, for messages.
        data: the columns, as a table of Arrow; text is a dictionary or strings.
        notes: sentences about what was guessed or changed.
        line_of: returns the line of the file that a row comes from; None where there are no lines.
        format: the format of the file.
        places: if the rows are a sample: their numbers in the file, counted from 0, in order.
    """

    name: str
    data: pa.Table
    notes: list[str] = field(default_factory=list)
    line_of: Callable[[int], int] | None = None
    format: str = "CSV"
    places: np.ndarray | None = None


@dataclass
class Pictures:
    """Pictures by class.

    Attributes:
        name: the name of the folder or file.
        x: the pixels, of shape [pictures, height, width, channels] or any shape [rows, ...].
        y: the class of each picture; None if unknown.
        notes: sentences about what was guessed or changed.
        files: the file of each picture, if each has one.
        format: the format of the file.
    """

    name: str
    x: np.ndarray
    y: list[str] | None
    notes: list[str] = field(default_factory=list)
    files: list[str] | None = None
    format: str = "pictures"
