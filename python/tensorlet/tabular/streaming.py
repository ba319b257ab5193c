"""Training on tables larger than memory: the rows are encoded once, and read back block by block in random order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.localization import translate as _
from tensorlet.tabular.columns.column import USABLE, Column
from tensorlet.tabular.columns.encoder import NUMBERS, Encoder, learn
from tensorlet.tabular.columns.kinds import Choices, find_column
from tensorlet.tabular.columns.target import Target, check_name, find_target
from tensorlet.tabular.examination import SAMPLE_ROWS, examine
from tensorlet.tabular.extras import require
from tensorlet.tabular.reading.source import ReadOptions
from tensorlet.tabular.reading.streams import Stream, open_stream
from tensorlet.tabular.row_store import LABELS, WORD, RowStore
from tensorlet.tabular.strange_values import Strange
from tensorlet.tabular.table_error import TableError
from tensorlet.tabular.weighting import WEIGHTS

if TYPE_CHECKING:
    import pyarrow as pa

#: The rows of a block at most.
BLOCK_ROWS = 32_768

#: The inputs, the labels and the weights of some rows.
Block = tuple[dict[str, np.ndarray], np.ndarray, np.ndarray | None]


class TableStream:
    """The encoded rows of a table on disk, block by block.

    The table is read once to find the kinds of the columns, the categories, the means and the classes, from a sample of
    rows from all over the file. For training it is read once more: the encoded rows go to a temporary file in random
    order (see `tabular.row_store.RowStore`), so that each epoch mixes the rows of the whole table anew. The orders
    depend only on the seed and the number of the epoch.

    Args:
        path: a CSV, TSV, Parquet or Arrow file; text may be compressed with gzip.
        target: the column to predict.
        block_rows: the number of rows in a block at most: what is in memory at a time.
        seed: the seed of the order of the rows.
        choices: what is known of columns.
        options: how to read the file.
        task: "classes" or "number"; None to decide.
        apart: columns that are no inputs, by which the rows are divided -> their role.

    Attributes:
        encoder: the encoding of the columns.
        target: what is predicted.
        columns: all columns.
        rows: the number of rows.
        notes: sentences about what was guessed, and, after `blocks`, about values that could not be used.

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
        task: str | None = None,
        apart: Mapping[str, str] | None = None,
    ) -> None:
        self.path, self.block_rows, self.seed, self.options = os.fspath(path), block_rows, seed, options
        found = examine(self.path, target, options, SAMPLE_ROWS)
        self.sample, self.rows, self.format = found.sample, found.rows, found.stream.format
        for name in (target, *(apart or ())):
            check_name(self.sample, name)
        self.columns = [
            find_column(self.sample, name, choices or Choices(), {target})
            for name in self.sample.data.column_names
        ]
        own = next(column for column in self.columns if column.name == target)
        self.target: Target = find_target(self.sample, own, task)
        own.role = "target"
        for column in self.columns:
            column.role = (apart or {}).get(column.name, column.role)
            column.count = self.rows
            # A sample does not show all that is missing; texts that are not numbers are missing as well.
            column.missing = max(column.missing, found.missing.get(column.name, 0))
        self.notes = self.sample.notes
        self.encoder = self._encoder(self.columns)
        #: The file that is being read, which knows the lines of rows.
        self.file: Stream = found.stream
        self._strange: Strange | None = None
        self._store: RowStore | None = None
        labels = self.target.encode(self.sample.data.column(target))
        known = labels[np.isfinite(labels)]
        #: For a target that is a number: its mean and its deviation in the sample.
        self.offset, self.scale = (
            (0.0, 1.0) if self.target.classes else (float(known.mean()), float(known.std()) or 1.0)
        )

    def _encoder(self, columns: Sequence[Column]) -> Encoder:
        inputs = [column for column in columns if column.role == "input" and column.kind in USABLE]
        if not inputs:
            raise TableError(
                self.path,
                _("no column is left to predict '{name}' from.").format(name=self.target.name),
                _("Columns that are empty, constant, identifiers or free text are left out."),
            )
        data = self.sample.data
        return Encoder([learn(column, data.column(column.name)) for column in inputs])

    @property
    def inputs(self) -> dict[str, int]:
        """The name of each input of a model -> the number of its columns."""
        return self.encoder.inputs

    def encoded(
        self, others: Sequence[str] = ()
    ) -> Iterator[tuple[dict[str, np.ndarray], np.ndarray, pa.Table]]:
        """Yields the inputs and the labels of each block in the order of the file, and the block itself.

        Rows without a target are in it: their label is -1 or NaN. At the end, `notes` has sentences about values that
        could not be used.

        Args:
            others: further columns that the block should have.
        """
        names = [column.name for column in self.encoder.columns]
        stream = self.file = open_stream(self.path, self.options)
        strange, start, unlabeled = Strange(self.encoder.columns, is_training=True), 0, [0, -1]
        for table in _in_blocks(
            stream, [*dict.fromkeys([*names, self.target.name, *others])], self.block_rows
        ):
            labels = self.target.encode(table.column(self.target.name))
            known = self.is_known(labels)
            if not known.all():
                unlabeled[0] += int((~known).sum())
                unlabeled[1] = start + int(np.argmin(known)) if unlabeled[1] < 0 else unlabeled[1]
            encoded = self.encoder.encode(table.select(names))
            strange.collect(encoded, start)
            start += table.num_rows
            yield encoded.arrays, labels, table
        if self._strange is None:  # the sentences are the same each time
            self._strange = strange
            self.notes += strange.notes(stream)
            if unlabeled[0]:
                self.notes.append(self._unlabeled(unlabeled[0], unlabeled[1], stream))

    def _unlabeled(self, count: int, first: int, stream: Stream) -> str:
        return _(
            "Rows without a value of the target '{name}': {count}, the first in {place}. They were left out."
        ).format(name=self.target.name, count=f"{count:,}", place=stream.place(first))

    def blocks(self, epoch: int | None = None) -> Iterator[tuple[dict[str, np.ndarray], np.ndarray]]:
        """Yields the inputs and the labels of each block.

        Rows without a target, or with an unreadable one, are left out; `notes` says how many.

        Args:
            epoch: the number of the epoch, which selects the order of the rows; None for that of the file.
        """
        if epoch is None:
            for arrays, labels, _table in self.encoded():
                known = self.is_known(labels)
                yield {name: array[known] for name, array in arrays.items()}, labels[known]
            return
        if self._store is None:
            store = self.new_store(self.rows)
            for inputs, labels in self.blocks():
                store.add({**inputs, LABELS: labels[:, None]})
            self._store = store.finished()
        for arrays in self._store.blocks(epoch):
            labels = arrays.pop(LABELS)[:, 0]
            yield arrays, labels

    def is_known(self, labels: np.ndarray) -> np.ndarray:
        """Returns for each row whether it has a label."""
        return labels >= 0 if self.target.classes else np.isfinite(labels)

    def new_store(self, rows: int, with_weights: bool = False) -> RowStore:
        """Returns an empty store for rows of this table with their labels, and with their weights if wanted."""
        widths = {**self.inputs, LABELS: 1, **({WEIGHTS: 1} if with_weights else {})}
        dtypes: dict[str, type] = {
            name: np.float32 if name in (NUMBERS, WEIGHTS) else np.int32 for name in widths
        }
        dtypes[LABELS] = np.int32 if self.target.classes else np.float32
        size = self.block_rows * sum(widths.values()) * WORD
        return RowStore(widths, dtypes, rows, self.seed, size)

    def fit(
        self, model: Any, epochs: int = 1, batch_size: int = 256, verbose: int = 0
    ) -> dict[str, list[float]]:
        """Trains a compiled Keras model on all rows, a native call for each block.

        Args:
            model: a model with the `inputs`. For a target that is a number, it learns the standardized number:
                ``(y - offset) / scale``.
            epochs: the number of passes over the rows.
            batch_size: the rows in a batch; the last batch of a block may be smaller.
            verbose: 1 prints a line for each epoch.

        Returns:
            The mean of the loss and of each metric over the rows of each epoch, by name.
        """
        history: dict[str, list[float]] = {}
        for epoch in range(epochs):
            logs, rows = fit_blocks(model, self._standardized(epoch), batch_size)
            for name, value in logs.items():
                history.setdefault(name, []).append(value)
            if verbose:
                shown = ", ".join(f"{name} {value:.4f}" for name, value in logs.items())
                print(
                    _("epoch {epoch}: {rows:,} rows, {measures}").format(
                        epoch=epoch + 1, rows=rows, measures=shown
                    )
                )
        return history

    def _standardized(self, epoch: int) -> Iterator[Block]:
        for inputs, labels in self.blocks(epoch):
            if not self.target.classes:
                labels = ((labels - self.offset) / self.scale).astype(np.float32)
            yield inputs, labels, None


def fit_blocks(
    model: Any,
    blocks: Iterator[Block],
    batch_size: int,
    report: Callable[[float], None] | None = None,
) -> tuple[dict[str, float], int]:
    """Trains a compiled model once on each block.

    Args:
        model: the model.
        blocks: the inputs, the labels and the weights of each block; None for weights that are all the same.
        batch_size: the rows in a batch.
        report: receives the mean of the loss so far, after each block.

    Returns:
        The mean of the loss and of each metric over all rows, by name; and the number of rows.
    """
    sums: dict[str, float] = {}
    rows = 0
    for inputs, labels, weights in blocks:
        # The rows are in random order already.
        logs = model.fit(
            inputs, labels, batch_size=batch_size, verbose=0, shuffle=False, sample_weight=weights
        ).history
        rows += len(labels)
        for name, values in logs.items():
            sums[name] = sums.get(name, 0.0) + values[-1] * len(labels)
        if report is not None:
            report(sums["loss"] / rows)
    return {name: total / rows for name, total in sums.items()}, rows


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
