"""Training on tables larger than memory: the rows are read in blocks, and each block is trained on natively."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.localization import translate as _
from tensorlet.tabular.columns.column import USABLE
from tensorlet.tabular.columns.encoder import Encoder, learn
from tensorlet.tabular.columns.kinds import Choices, find_column
from tensorlet.tabular.columns.target import Target, check_name, find_target
from tensorlet.tabular.columns.values import is_text
from tensorlet.tabular.extras import require
from tensorlet.tabular.reading.formats import MISSING
from tensorlet.tabular.reading.source import ReadOptions, Table
from tensorlet.tabular.reading.streams import Stream, open_stream
from tensorlet.tabular.table_error import TableError

if TYPE_CHECKING:
    import pyarrow as pa

#: The rows of a block, and those from which the kinds of the columns are found.
BLOCK_ROWS, SAMPLE_ROWS = 32_768, 50_000


class TableStream:
    """The encoded rows of a table on disk, block by block.

    The kinds of the columns, the categories, the means and the classes are found from the first `SAMPLE_ROWS` rows. In
    each epoch, the blocks come in the order of the file and the rows inside a block in a new random order, which
    depends only on the seed and the number of the epoch. A table that is sorted should be shuffled once when
    it is written.

    Args:
        path: a CSV, TSV, Parquet or Arrow file; text may be compressed with gzip.
        target: the column to predict.
        block_rows: the number of rows in a block: what is in memory at a time.
        seed: the seed of the order of the rows.
        choices: what is known of columns.
        options: how to read the file.

    Attributes:
        encoder: the encoding of the columns.
        target: what is predicted.
        columns: all columns.
        notes: sentences about what was guessed.

    Raises:
        TableError: if nothing can be learned from the file.

    >>> import os, tempfile
    >>> import numpy as np
    >>> from tensorlet.tabular.streaming import TableStream
    >>> path = os.path.join(tempfile.mkdtemp(), "line.csv")
    >>> np.savetxt(path, [(x / 7, x / 3) for x in range(100)], "%.2f", ",", header="x,y", comments="")
    >>> stream = TableStream(path, "y", block_rows=40)
    >>> [len(labels) for _inputs, labels in stream.blocks()]
    [40, 40, 20]
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        target: str,
        block_rows: int = BLOCK_ROWS,
        seed: int = 0,
        choices: Choices | None = None,
        options: ReadOptions | None = None,
    ) -> None:
        self.path, self.block_rows, self.seed, self.options = os.fspath(path), block_rows, seed, options
        stream = open_stream(self.path, options)
        sample = _first_rows(stream, SAMPLE_ROWS)
        table = Table(stream.name, _typed(sample), list(stream.notes))
        check_name(table, target)
        self.columns = [
            find_column(table, name, choices or Choices(), {target}) for name in table.data.column_names
        ]
        own = next(column for column in self.columns if column.name == target)
        self.target: Target = find_target(table, own)
        own.role = "target"
        inputs = [column for column in self.columns if column.role == "input" and column.kind in USABLE]
        if not inputs:
            raise TableError(
                stream.name,
                _("no column is left to predict '{name}' from.").format(name=target),
                _("Columns that are empty, constant, identifiers or free text are left out."),
            )
        # A value that is missing further on needs its column of the encoding, whether or not the sample has one.
        for column in inputs:
            if column.kind != "category" and not column.missing:
                column.missing = 1
        self.encoder = Encoder([learn(column, table.data.column(column.name)) for column in inputs])
        self.notes = table.notes
        labels = self.target.encode(table.data.column(target))
        known = labels[np.isfinite(labels)]
        #: For a target that is a number: its mean and its deviation in the sample.
        self.offset, self.scale = (
            (0.0, 1.0) if self.target.classes else (float(known.mean()), float(known.std()) or 1.0)
        )

    @property
    def inputs(self) -> dict[str, int]:
        """The name of each input of a model -> the number of its columns."""
        return self.encoder.inputs

    def blocks(self, epoch: int | None = None) -> Iterator[tuple[dict[str, np.ndarray], np.ndarray]]:
        """Yields the inputs and the labels of each block.

        Rows without a target, or of a class that the sample did not have, are left out.

        Args:
            epoch: the number of the epoch, which selects the order of the rows inside a block; None for that of
                the file.
        """
        names = [column.name for column in self.encoder.columns]
        wanted = [*names, self.target.name]
        for number, table in enumerate(
            _in_blocks(open_stream(self.path, self.options), wanted, self.block_rows)
        ):
            labels = self.target.encode(table.column(self.target.name))
            known = np.flatnonzero(labels >= 0 if self.target.classes else np.isfinite(labels))
            if epoch is not None:
                known = np.random.default_rng((self.seed, epoch, number)).permutation(known)
            arrays = self.encoder.encode(table.select(names)).arrays
            yield {name: array[known] for name, array in arrays.items()}, labels[known]

    def fit(
        self, model: Any, epochs: int = 1, batch_size: int = 256, verbose: int = 0
    ) -> dict[str, list[float]]:
        """Trains a compiled Keras model on all rows, a native call for each block.

        Args:
            model: a model with the `inputs`. For a target that is a number, it learns the standardized number:
                ``(y - offset) / scale``.
            epochs: the number of passes over the file.
            batch_size: the rows in a batch; the last batch of a block may be smaller.
            verbose: 1 prints a line for each epoch.

        Returns:
            The mean of the loss and of each metric over the rows of each epoch, by name.
        """
        history: dict[str, list[float]] = {}
        for epoch in range(epochs):
            sums: dict[str, float] = {}
            rows = 0
            for inputs, labels in self.blocks(epoch):
                if not len(labels):
                    continue
                if not self.target.classes:
                    labels = ((labels - self.offset) / self.scale).astype(np.float32)
                # The rows are in random order already.
                logs = model.fit(inputs, labels, batch_size=batch_size, verbose=0, shuffle=False).history
                rows += len(labels)
                for name, values in logs.items():
                    sums[name] = sums.get(name, 0.0) + values[-1] * len(labels)
            for name, total in sums.items():
                history.setdefault(name, []).append(total / rows)
            if verbose:
                shown = ", ".join(f"{name} {values[-1]:.4f}" for name, values in history.items())
                print(
                    _("epoch {epoch}: {rows:,} rows, {measures}").format(
                        epoch=epoch + 1, rows=rows, measures=shown
                    )
                )
        return history


def _first_rows(stream: Stream, count: int) -> pa.Table:
    pa = require("pyarrow", "data")
    parts, rows = [], 0
    for table in stream.batches:
        parts.append(table)
        rows += table.num_rows
        if rows >= count:
            break
    close = getattr(stream.batches, "close", None)
    if close is not None:
        close()
    if not parts:
        raise TableError(
            stream.name,
            _("the file has a header, but no rows."),
            _("Expected at least a few rows of values."),
        )
    return pa.concat_tables(parts).slice(0, count)


def _typed(table: pa.Table) -> pa.Table:
    """Returns a table whose text columns are numbers where all of them are plain numbers, as files are read whole."""
    pa, compute = require("pyarrow", "data"), require("pyarrow.compute", "data")
    missing = pa.array(sorted(MISSING))
    columns = []
    for column in table.columns:
        if is_text(column) and pa.types.is_string(column.type):
            known = compute.if_else(compute.is_in(column, missing), pa.scalar(None, pa.string()), column)
            try:
                has_codes = compute.any(compute.match_substring_regex(known, r"^0\d+$")).as_py()
                column = known.dictionary_encode() if has_codes else compute.cast(known, pa.float64())
            except pa.ArrowInvalid:
                column = known.dictionary_encode()
        columns.append(column)
    return pa.table(columns, names=table.column_names)


def _in_blocks(stream: Stream, names: Sequence[str], rows: int) -> Iterator[pa.Table]:
    """Yields tables of the same number of rows; the last one may be smaller."""
    pa = require("pyarrow", "data")
    waiting: list[Any] = []
    count = 0
    for table in stream.batches:
        waiting.append(table.select(list(names)))
        count += table.num_rows
        while count >= rows:
            joined = pa.concat_tables(waiting)
            yield joined.slice(0, rows)
            rest = joined.slice(rows)
            waiting, count = ([rest], rest.num_rows) if rest.num_rows else ([], 0)
    if count:
        yield pa.concat_tables(waiting)
