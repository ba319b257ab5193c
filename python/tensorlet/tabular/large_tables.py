"""A `Problem` from a table larger than memory: most rows stay on disk, in random order."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.localization import translate as _
from tensorlet.tabular.columns.column import Column
from tensorlet.tabular.columns.target import check_name
from tensorlet.tabular.columns.values import coded
from tensorlet.tabular.extras import require
from tensorlet.tabular.problem import (
    FEWEST_ROWS,
    Plan,
    Problem,
    check_groups,
    check_parts,
    make_problem,
    need_target,
    note_weights,
    times_of,
)
from tensorlet.tabular.reading.files import read, start_of
from tensorlet.tabular.reading.room import free_memory
from tensorlet.tabular.reading.source import ReadOptions, Table
from tensorlet.tabular.row_store import LABELS, WORD, RowStore
from tensorlet.tabular.splitting import Split, split_rows
from tensorlet.tabular.streaming import TableStream
from tensorlet.tabular.table_error import TableError
from tensorlet.tabular.weighting import WEIGHTS, weights_of

if TYPE_CHECKING:
    import pyarrow as pa

#: From this size of the content in bytes on, or this share of the memory that is free, a table stays on disk.
LARGE, FREE_SHARE = 1 << 30, 0.2
#: About how many times as large as a Parquet or Arrow file its content is.
COMPRESSION = 4.0
#: The bytes of a gzip file that show how well it is compressed, and the bytes that they may become.
SAMPLED, MOST_SAMPLED = 1 << 20, 1 << 28
#: The rows that are in memory, at most, for validation, for the test, and of the training rows; and their bytes.
HELD_ROWS, HELD_BYTES = 50_000, 1 << 23
VALIDATION_SHARE = 0.15
TRAIN, VALIDATION, TEST = range(3)
#: Divides the rows of a block, given the number of its first row: TRAIN, VALIDATION or TEST for each.
Divider = Callable[["pa.Table", int, np.random.Generator], np.ndarray]


def open_problem(
    path: str | os.PathLike[str], plan: Plan, options: ReadOptions | None = None, stream: bool | None = None
) -> Problem:
    """Reads a file and prepares it for training, in memory or, if it is large, on disk.

    Args:
        path: as for `tabular.reading.files.read`.
        plan: the target and the choices of the user.
        options: how to read the file.
        stream: whether the rows stay on disk; None to decide by the size of the file and of the free memory.

    Raises:
        TableError: if it cannot be read, or if nothing can be learned from it.
    """
    name = os.fspath(path)
    if stream is None:
        stream = is_large(name)
    return large_problem(name, plan, options) if stream else make_problem(read(name, options), plan)


def is_large(name: str) -> bool:
    """Whether the content of a file is large for the memory of this machine."""
    if name == "-" or not os.path.isfile(name) or start_of(name).startswith((b"PK", b"\0\0")):
        return False
    return _content_size(name) > min(LARGE, FREE_SHARE * free_memory())


def _content_size(name: str) -> float:
    """Returns about how many bytes the content of a file takes in memory."""
    size, start = float(os.path.getsize(name)), start_of(name)
    if start.startswith(b"\x1f\x8b"):
        with open(name, "rb") as file:
            packed = file.read(SAMPLED)
        try:
            found = zlib.decompressobj(31).decompress(packed, MOST_SAMPLED)
        except zlib.error:  # which whoever reads it says
            return size
        return max(size * len(found) / len(packed), float(len(found)))
    if start.startswith(b"PAR1"):
        try:
            metadata = require("pyarrow.parquet", "data").read_metadata(name)
        except (OSError, ValueError):
            return size
        return max(COMPRESSION * size, 8.0 * metadata.num_rows * metadata.num_columns)
    return size * (COMPRESSION if start.startswith(b"ARROW1") else 1.0)


@dataclass
class _Part:
    """Rows that are kept in memory, drawn with some probability."""

    share: float
    most: int
    blocks: list[dict[str, np.ndarray]] = field(default_factory=list)
    count: int = 0

    def add(self, arrays: dict[str, np.ndarray], rows: np.ndarray, random: np.random.Generator) -> None:
        """Adds some of the rows (inputs, labels and weights), until there are enough."""
        if self.share < 1:
            rows = rows[random.random(len(rows)) < self.share]
        rows = rows[: self.most - self.count]
        self.blocks.append({name: array[rows] for name, array in arrays.items()})
        self.count += len(rows)


def large_problem(path: str, plan: Plan, options: ReadOptions | None = None) -> Problem:
    """Examines a table and writes its training rows, encoded, to a temporary file.

    The validation and the test have `HELD_ROWS` rows at most; all others are for training. The choice depends only on
    the seed.

    Raises:
        TableError: if nothing can be learned from it.
    """
    target = need_target(path, plan)
    apart = plan.apart
    stream = TableStream(
        path, target, seed=plan.seed, choices=plan.choices, options=options, task=plan.task, apart=apart
    )
    choices = plan.choices
    for name in sorted(choices.ignore | choices.numbers | choices.categories):
        check_name(stream.sample, name)
    text = _(
        "The rows are read from disk in blocks; the kinds of the columns were found from {count} of them."
    )
    stream.notes.insert(0, text.format(count=f"{stream.sample.data.num_rows:,}"))
    most = int(np.clip(HELD_BYTES // (sum(stream.inputs.values()) * WORD), 100, HELD_ROWS))
    divide, shares, how = _divider(stream, plan, most)
    store = stream.new_store(stream.rows, plan.weights is not None)
    parts = [_Part(share, most) for share in shares]
    start, counts, total = 0, np.zeros(len(stream.target.classes), np.int64), 0.0
    for inputs, labels, table in stream.encoded(list(apart)):
        random = np.random.default_rng((plan.seed, start))
        places = divide(table, start, random)
        start += table.num_rows
        known = stream.is_known(labels)
        places[~known] = -1
        if len(counts):
            counts += np.bincount(labels[known], minlength=len(counts))
        arrays = {**inputs, LABELS: labels[:, None]}
        if plan.weights is not None:
            weights = _weights(stream, table, start - table.num_rows, plan.weights)
            arrays[WEIGHTS] = weights[:, None]
        for place, part in enumerate(parts):
            part.add(arrays, np.flatnonzero(places == place), random)
        rows = np.flatnonzero(places == TRAIN)
        total += float(arrays[WEIGHTS][rows].sum()) if plan.weights is not None else 0.0
        store.add({name: array[rows] for name, array in arrays.items()})
    problem = _problem(stream, parts, how, store.finished(), counts if len(counts) else None)
    if problem.weights is not None:
        problem.mean_weight = total / store.rows
        note_weights(problem.weights, problem.split, path, str(plan.weights), problem.notes)
    return problem


def _weights(stream: TableStream, table: pa.Table, first: int, name: str) -> np.ndarray:
    """Returns the weights of a block, given the number of its first row."""
    is_text = stream.file.line_of_first is not None
    line_of = (lambda row: stream.file.line(first + row)) if is_text else None
    return weights_of(Table(stream.path, table, line_of=line_of), _column(stream, name))


def _problem(
    stream: TableStream, parts: list[_Part], how: str, store: RowStore, counts: np.ndarray | None
) -> Problem:
    ends = np.cumsum([part.count for part in parts])
    training, validation, test = np.split(np.arange(ends[-1]), ends[:-1])
    split = Split(training, validation, test, how)
    if ends[-1] < FEWEST_ROWS:
        raise TableError(
            stream.path,
            _("only {count} rows have a target.").format(count=int(ends[-1])),
            _("Expected at least {count} rows.").format(count=FEWEST_ROWS),
        )
    check_parts(split, stream.path)
    blocks = [block for part in parts for block in part.blocks]
    arrays = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    labels, weights = arrays.pop(LABELS)[:, 0], arrays.pop(WEIGHTS, None)
    return Problem(
        stream.path, stream.format, stream.target, stream.columns, stream.encoder, arrays, labels, split,
        stream.notes, stream.rows, store, counts, None if weights is None else weights[:, 0],
    )  # fmt: skip


def _divider(stream: TableStream, plan: Plan, most: int) -> tuple[Divider, list[float], str]:
    """Returns what divides the rows, the share of each part that is kept in memory, and how it is done, in words."""
    shares = [min(share, most / stream.rows) for share in (VALIDATION_SHARE, plan.test_share)]
    train = min(1.0, most / (stream.rows * (1 - sum(shares))))
    if plan.time is not None:
        return (
            _by_time(stream, plan.time, shares),
            [train, 1.0, 1.0],
            _("by time: the latest rows are the test"),
        )
    if plan.group is not None:
        kept = [min(1.0, most / (stream.rows * share)) for share in (VALIDATION_SHARE, plan.test_share)]
        return _by_group(stream, plan), [train, *kept], _("by group: no group is in two parts")
    ends = np.cumsum([shares[1], shares[0]])

    def at_random(table: pa.Table, _first: int, random: np.random.Generator) -> np.ndarray:
        return TEST - np.searchsorted(ends, random.random(table.num_rows), side="right")

    return at_random, [train, 1.0, 1.0], _("at random (seed {seed})").format(seed=plan.seed)


def _by_time(stream: TableStream, name: str, shares: list[float]) -> Divider:
    column = _column(stream, name)
    known = np.unique(times_of(stream.sample, column))
    values = times_of(stream.sample, column)
    test = np.quantile(values, 1 - shares[1], method="higher")
    validation = np.quantile(values, 1 - sum(shares), method="higher")
    if validation >= test and known[0] < test:
        validation = known[np.searchsorted(known, test) - 1]

    def by_time(table: pa.Table, first: int, _random: np.random.Generator) -> np.ndarray:
        is_text = stream.file.line_of_first is not None
        line_of = (lambda row: stream.file.line(first + row)) if is_text else None
        times = times_of(Table(stream.path, table, line_of=line_of), column)
        return (times >= validation).astype(np.int64) + (times >= test)

    return by_time


def _by_group(stream: TableStream, plan: Plan) -> Divider:
    assert plan.group is not None
    texts, codes = coded(stream.sample.data.column(plan.group))
    check_groups(codes, stream.path, plan.group)
    split = split_rows(codes, 0, plan.seed, plan.test_share, VALIDATION_SHARE, groups=codes)
    names = [*texts, ""]
    places = {names[code]: TEST for code in np.unique(codes[split.test])}
    places |= {names[code]: VALIDATION for code in np.unique(codes[split.validation])}

    def by_group(table: pa.Table, _first: int, _random: np.random.Generator) -> np.ndarray:
        found, numbers = coded(table.column(plan.group))
        by_number = np.array([places.get(text, TRAIN) for text in found] + [places.get("", TRAIN)], np.int64)
        return by_number[numbers]

    return by_group


def _column(stream: TableStream, name: str) -> Column:
    return next(column for column in stream.columns if column.name == name)
