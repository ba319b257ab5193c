"""Datasets of the lines and tables in text files: `tf.data.TextLineDataset`, `CsvDataset` and similar ones."""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tensorlet.core.eager import EAGER
from tensorlet.core.signature import TensorSpec
from tensorlet.core.tensor import EagerTensor
from tensorlet.data.dataset import Dataset, dataset_of
from tensorlet.data.elements import as_column
from tensorlet.data.paths import matching_paths, paths_of
from tensorlet.data.pipeline import Pipeline
from tensorlet.dtypes import DType, as_dtype, float32, float64, int32, int64, string
from tensorlet.errors import InvalidArgumentError, NotFoundError
from tensorlet.ops.conversion import to_array
from tensorlet.ops.registry import TensorLike


def opened(name: str, compression: str | None) -> Any:
    """A file that is read as bytes, and unpacked if it is compressed.

    Raises:
        NotFoundError: if it does not exist.
    """
    if not os.path.exists(name):
        raise NotFoundError(f"{name}; No such file or directory")
    return gzip.open(name, "rb") if compression == "GZIP" else open(name, "rb")


class Lines(Pipeline):
    """The lines of files, as text."""

    shown_name = "TextLineDatasetV2"

    def __init__(self, filenames: Any, compression: str | None) -> None:
        self._filenames, self._compression = filenames, compression

    @property
    def element_spec(self) -> Any:
        """A scalar of text."""
        return TensorSpec((), string)

    def one_by_one(self) -> Iterator[Any]:
        for name in paths_of(self._filenames):
            with opened(name, self._compression) as file:
                for line in file:
                    yield EagerTensor(np.array(line.rstrip(b"\n").removesuffix(b"\r"), object))


def text_line_dataset(
    filenames: Any, compression_type: str | None = None, buffer_size: int | None = None,
    num_parallel_reads: int | None = None, name: str | None = None,
) -> Dataset:  # fmt: skip
    """The lines of text files: `tf.data.TextLineDataset`.

    Args:
        filenames: a path, several, or a dataset of paths.
        compression_type: None, or ``"GZIP"``.
        buffer_size, num_parallel_reads, name: ignored.

    Raises:
        NotFoundError: while iterating, if a file does not exist.

    >>> import tensorlet as tf, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "a.txt")
    >>> tf.io.write_file(path, "one" + chr(10) + "two")
    >>> list(tf.data.TextLineDataset(path).as_numpy_iterator())
    [b'one', b'two']
    """
    return dataset_of(Lines(filenames, compression_type))


class Rows(Pipeline):
    """The rows of CSV files, as tuples of scalars."""

    shown_name = "CsvDatasetV2"

    def __init__(self, filenames: Any, columns: Sequence[tuple[DType, Any]], options: dict[str, Any]) -> None:
        self._filenames, self._columns, self._options = filenames, columns, options

    @property
    def element_spec(self) -> Any:
        """A scalar for each column."""
        return tuple(TensorSpec((), dtype) for dtype, _ in self._columns)

    def one_by_one(self) -> Iterator[Any]:
        select = self._options["select"]
        for name in paths_of(self._filenames):
            with opened(name, self._options["compression"]) as file:
                lines = (line.decode() for line in file)
                if self._options["header"]:
                    next(lines, None)
                for number, cells in enumerate(csv.reader(lines, **self._options["form"])):
                    cells = cells if select is None else [cells[one] for one in select]
                    yield row_of(cells, self._columns, self._options["na"], f"{name}, row {number}")


def row_of(
    cells: Sequence[str], columns: Sequence[tuple[DType, Any]], missing: str, where: str
) -> tuple[Any, ...]:
    """The cells of a row as scalars.

    Raises:
        InvalidArgumentError: for another number of cells, a cell that is not such a value, or one that is empty
            and has no default.
    """
    if len(cells) != len(columns):
        raise InvalidArgumentError(
            f"{where}: there are {len(cells)} cells, but record_defaults has {len(columns)}."
        )
    found = []
    for position, (cell, (dtype, default)) in enumerate(zip(cells, columns, strict=True)):
        if cell == missing or not cell:
            if default is None:
                raise InvalidArgumentError(
                    f"{where}: the cell {position} is empty, and its column has no default."
                )
            found.append(EagerTensor(default))
            continue
        try:
            value = cell.encode() if dtype is string else float(cell) if dtype.is_floating else int(cell)
        except ValueError:
            raise InvalidArgumentError(
                f"{where}: {cell!r} in the cell {position} is not of type {dtype.name}."
            ) from None
        found.append(EagerTensor(np.array(value, dtype.numpy)))
    return tuple(found)


def columns_of(record_defaults: Sequence[Any]) -> list[tuple[DType, np.ndarray | None]]:
    """The dtype of each column, and its default; None where it must not be empty."""
    found: list[tuple[DType, np.ndarray | None]] = []
    for one in record_defaults:
        if isinstance(one, DType) or one in (str, int, float):
            found.append((as_dtype(one), None))
            continue
        array = to_array(one)
        default = array.reshape(-1)[0] if array.size else None
        found.append((as_dtype(array.dtype), None if default is None else np.array(default, array.dtype)))
    return found


def csv_dataset(
    filenames: Any, record_defaults: Sequence[Any], compression_type: str | None = None,
    buffer_size: int | None = None, header: bool = False, field_delim: str = ",", use_quote_delim: bool = True,
    na_value: str = "", select_cols: Sequence[int] | None = None, exclude_cols: Sequence[int] | None = None,
) -> Dataset:  # fmt: skip
    """The rows of CSV files: `tf.data.experimental.CsvDataset`.

    Args:
        filenames: a path, several, or a dataset of paths.
        record_defaults: for each column a dtype, or a default for empty cells, which has the dtype.
        compression_type: None, or ``"GZIP"``.
        buffer_size: ignored.
        header: whether the first line is left out.
        field_delim: the character between cells.
        use_quote_delim: whether quotes enclose cells.
        na_value: a cell that counts as empty.
        select_cols, exclude_cols: the numbers of the columns that are read, or left out.

    >>> import tensorlet as tf, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "a.csv")
    >>> tf.io.write_file(path, "x,y" + chr(10) + "1.5,7")
    >>> next(iter(tf.data.experimental.CsvDataset(path, [0.0, tf.int32], header=True)))[1].numpy()
    np.int32(7)
    """
    select = None if select_cols is None else list(select_cols)
    if exclude_cols is not None:
        total = len(record_defaults) + len(exclude_cols)
        select = [one for one in range(total) if one not in exclude_cols]
    form = {"delimiter": field_delim, "quoting": csv.QUOTE_MINIMAL if use_quote_delim else csv.QUOTE_NONE}
    options = {
        "compression": compression_type,
        "header": header,
        "form": form,
        "na": na_value,
        "select": select,
    }
    return dataset_of(Rows(filenames, columns_of(record_defaults), options))


def decode_csv(
    records: TensorLike, record_defaults: Sequence[Any], field_delim: str = ",", use_quote_delim: bool = True,
    na_value: str = "", select_cols: Sequence[int] | None = None, name: str | None = None,
) -> list[Any]:  # fmt: skip
    """The cells of lines of CSV, one tensor per column: `tf.io.decode_csv`. Arguments as for `csv_dataset`.

    >>> import tensorlet as tf
    >>> [column.numpy().tolist() for column in tf.io.decode_csv(["1,a", "2,b"], [0, ""])]
    [[1, 2], [b'a', b'b']]
    """
    lines = as_column(EAGER.convert(records), text=True)
    quoting: Any = csv.QUOTE_MINIMAL if use_quote_delim else csv.QUOTE_NONE
    columns = columns_of(record_defaults)
    rows = []
    for line in lines.reshape(-1).tolist():
        cells = next(csv.reader([line.decode()], delimiter=field_delim, quoting=quoting), [])
        cells = cells if select_cols is None else [cells[one] for one in select_cols]
        rows.append(row_of(cells, columns, na_value, "decode_csv"))
    return [
        EagerTensor(np.array([row[one].numpy() for row in rows], dtype.numpy).reshape(lines.shape))
        for one, (dtype, _) in enumerate(columns)
    ]


def _guessed(cells: list[str]) -> DType:
    """The narrowest dtype that can hold all cells."""
    tests: list[tuple[DType, Callable[[str], Any]]] = [
        (int32, lambda cell: np.int32(int(cell))), (int64, lambda cell: np.int64(int(cell))),
        (float32, float), (float64, float),
    ]  # fmt: skip
    for dtype, read in tests:
        try:
            for cell in cells:
                read(cell)
        except (ValueError, OverflowError):
            continue
        return dtype
    return string


def make_csv_dataset(
    file_pattern: Any, batch_size: int, column_names: Sequence[str] | None = None,
    column_defaults: Sequence[Any] | None = None, label_name: str | None = None,
    select_columns: Sequence[Any] | None = None, field_delim: str = ",", use_quote_delim: bool = True,
    na_value: str = "", header: bool = True, num_epochs: int | None = None, shuffle: bool = True,
    shuffle_buffer_size: int = 10000, shuffle_seed: int | None = None, compression_type: str | None = None,
    **ignored: Any,
) -> Dataset:  # fmt: skip
    """Batches of the rows of CSV files, as dictionaries of columns: `tf.data.experimental.make_csv_dataset`.

    Args:
        file_pattern: paths, which may contain ``*``.
        batch_size: rows of a batch.
        column_names: by default the first line of the first file.
        column_defaults: as for `csv_dataset`; by default found from the first rows.
        label_name: a column that becomes the second part of each element.
        select_columns: the columns that are read, by name or number.
        field_delim, use_quote_delim, na_value, header: as for `csv_dataset`.
        num_epochs: how often the rows are read; without end by default.
        shuffle, shuffle_buffer_size, shuffle_seed: whether, and how, the rows are shuffled.
        compression_type: None, or ``"GZIP"``.
        ignored: options about threads.
    """
    files = matching_paths("make_csv_dataset", file_pattern)
    with opened(files[0], compression_type) as file:
        lines = (line.decode() for line in file)
        head = [row for _, row in zip(range(101), csv.reader(lines, delimiter=field_delim), strict=False)]
    names = list(column_names) if column_names is not None else head[0]
    chosen = [
        names.index(one) if isinstance(one, str) else int(one) for one in select_columns or range(len(names))
    ]
    sample = head[1:] if header else head
    if column_defaults is None:
        cells = [[row[one] for row in sample if row[one] not in ("", na_value)] for one in chosen]
        column_defaults = [_default(_guessed(column)) for column in cells]
    rows = csv_dataset(
        files, column_defaults, compression_type, header=header, field_delim=field_delim,
        use_quote_delim=use_quote_delim, na_value=na_value, select_cols=chosen,
    )  # fmt: skip
    if shuffle:
        rows = rows.shuffle(shuffle_buffer_size, shuffle_seed)
    rows = rows.repeat(num_epochs).batch(batch_size)

    def named(*columns: Any) -> Any:
        found = dict(zip([names[one] for one in chosen], columns, strict=True))
        return found if label_name is None else (found, found.pop(label_name))

    return rows.map(named)


def _default(dtype: DType) -> Any:
    return "" if dtype is string else np.zeros((), dtype.numpy)
