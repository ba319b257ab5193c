"""`RowStore`: encoded rows in a temporary file, in random order."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping

import numpy as np

from tensorlet.localization import translate as _
from tensorlet.tabular.table_error import TableError

#: The size of a bucket, and of the rows that are collected before they are dealt out, in bytes.
BUCKET_BYTES = 1 << 22
#: The size of a value: a float32 or an int32.
WORD = 4
LABELS = "labels"


class RowStore:
    """Rows of float32 and int32 on disk, which come back in another random order in each epoch.

    The rows are dealt out like cards: each goes to a random one of many buckets, all of the same size. An epoch goes
    through the buckets in random order, and through the rows of a bucket in random order. So a table that is sorted
    is mixed as a whole, while no more than a bucket is in memory. The orders depend only on the seed and on the
    number of the epoch.

    The file is nameless, and is gone with the store or the process.

    Args:
        widths: the name of each array of a row -> its columns.
        dtypes: the same names -> float32 or int32.
        rows: the number of rows, or more.
        seed: the seed of the orders.
        bucket_bytes: the size of a bucket.

    Raises:
        TableError: if the disk has no room for them.

    >>> import numpy as np
    >>> from tensorlet.tabular.row_store import RowStore
    >>> store = RowStore({"x": 1}, {"x": np.float32}, rows=6, bucket_bytes=12)
    >>> store.add({"x": np.arange(6, dtype=np.float32)[:, None]})
    >>> orders = [np.concatenate([block["x"] for block in store.blocks(epoch)])[:, 0] for epoch in (0, 0, 1)]
    >>> [sorted(order.tolist()) for order in orders][0], np.array_equal(orders[0], orders[1])
    ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], True)
    """

    def __init__(
        self,
        widths: Mapping[str, int],
        dtypes: Mapping[str, type],
        rows: int,
        seed: int = 0,
        bucket_bytes: int = BUCKET_BYTES,
    ) -> None:
        self.rows, self._seed, self._bytes = 0, seed, bucket_bytes
        self._places: dict[str, tuple[int, int, type]] = {}
        start = 0
        for name, width in widths.items():
            self._places[name] = (start, start + width, dtypes[name])
            start += width
        self._words = start
        self._buckets = max(1, -(-rows * start * WORD // bucket_bytes))
        self._capacity = -(-rows // self._buckets)
        self._filled = np.zeros(self._buckets, np.int64)
        self._waiting: list[np.ndarray] = []
        self._random = np.random.default_rng(seed)
        folder = folder_for(rows * start * WORD)
        # Unbuffered: what is written is large already.
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed below
        weakref.finalize(self, self._file.close)

    def add(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Adds rows.

        Args:
            arrays: for each name an array of shape [rows, columns].
        """
        count = len(next(iter(arrays.values())))
        block = np.empty((count, self._words), np.uint32)
        for name, (start, end, dtype) in self._places.items():
            block[:, start:end] = np.ascontiguousarray(arrays[name], dtype).view(np.uint32)
        self._waiting.append(block)
        if sum(part.nbytes for part in self._waiting) >= BUCKET_BYTES:
            self._deal()

    def _deal(self) -> None:
        if not self._waiting:
            return
        rows = self._random.permutation(np.concatenate(self._waiting))
        self._waiting = []
        for offset in range(min(self._buckets, len(rows))):
            bucket = (self.rows + offset) % self._buckets
            piece = np.ascontiguousarray(rows[offset :: self._buckets])
            self._file.seek((bucket * self._capacity + int(self._filled[bucket])) * self._words * WORD)
            self._write(piece.data.cast("B"))
            self._filled[bucket] += len(piece)
        self.rows += len(rows)

    def _write(self, data: memoryview) -> None:
        while data:  # an unbuffered file may write less than it was given
            data = data[self._file.write(data) or 0 :]

    def finished(self) -> RowStore:
        """Writes what is still waiting; returns the store."""
        self._deal()
        return self

    def blocks(self, epoch: int) -> Iterator[dict[str, np.ndarray]]:
        """Yields the arrays of all rows, a bucket at a time, in the order of an epoch."""
        self._deal()
        for bucket in np.random.default_rng((self._seed, epoch)).permutation(self._buckets).tolist():
            count = int(self._filled[bucket])
            if not count:
                continue
            rows = self._read(bucket * self._capacity, count)
            rows = np.random.default_rng((self._seed, epoch, bucket)).permutation(rows)
            yield {
                name: np.ascontiguousarray(rows[:, start:end]).view(dtype)
                for name, (start, end, dtype) in self._places.items()
            }

    def _read(self, first: int, count: int) -> np.ndarray:
        rows = np.empty((count, self._words), np.uint32)
        self._file.seek(first * self._words * WORD)
        data = rows.data.cast("B")
        while data:
            data = data[self._file.readinto(data) :]
        return rows


def folder_for(size: int) -> str:
    """Returns the folder for a temporary file of some bytes: ``TMPDIR``, or one that is kept on a disk.

    Raises:
        TableError: if there is not enough room.
    """
    folder = tempfile.gettempdir()
    if "TMPDIR" not in os.environ and os.path.isdir("/var/tmp"):  # /tmp may be in memory
        folder = "/var/tmp"
    free = shutil.disk_usage(folder).free
    if free < size:
        raise TableError(
            folder,
            _("the encoded rows need {size:.1f} GB, but only {free:.1f} GB are free.").format(
                size=size / 1e9, free=free / 1e9
            ),
            _("Free some space, or name another folder in the environment variable TMPDIR."),
        )
    return folder
