"""Datasets of binary files whose records all have the same length: `tf.data.FixedLengthRecordDataset`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tensorlet.core.signature import TensorSpec
from tensorlet.core.tensor import EagerTensor
from tensorlet.data.dataset import Dataset, dataset_of
from tensorlet.data.paths import paths_of
from tensorlet.data.pipeline import Pipeline
from tensorlet.data.text_files import opened
from tensorlet.dtypes import string
from tensorlet.errors import InvalidArgumentError


class FixedLengthRecords(Pipeline):
    """The records of files, as bytes."""

    shown_name = "FixedLengthRecordDatasetV2"

    def __init__(
        self, filenames: Any, record_bytes: int, around: tuple[int, int], compression: str | None
    ) -> None:
        self._filenames, self._record_bytes = filenames, record_bytes
        self._header, self._footer = around
        self._compression = compression

    @property
    def element_spec(self) -> Any:
        """A scalar of text."""
        return TensorSpec((), string)

    def one_by_one(self) -> Iterator[Any]:
        for name in paths_of(self._filenames):
            with opened(name, self._compression) as file:
                content = file.read()
            records = content[self._header : len(content) - self._footer]
            length = len(content) - self._header - self._footer
            if length < 0 or length % self._record_bytes:
                raise InvalidArgumentError(
                    f"FixedLengthRecordDataset: {name} has {len(content)} bytes. Without a header of {self._header} "
                    f"and a footer of {self._footer} bytes, {max(length, 0)} are left, which are not whole records "
                    f"of {self._record_bytes} bytes. Check record_bytes, header_bytes and footer_bytes."
                )
            for start in range(0, length, self._record_bytes):
                yield EagerTensor(np.array(records[start : start + self._record_bytes], object))


def fixed_length_record_dataset(
    filenames: Any, record_bytes: int, header_bytes: int | None = None, footer_bytes: int | None = None,
    buffer_size: int | None = None, compression_type: str | None = None, num_parallel_reads: int | None = None,
    name: str | None = None,
) -> Dataset:  # fmt: skip
    """The records of binary files, such as those of CIFAR-10: `tf.data.FixedLengthRecordDataset`.

    `tf.io.decode_raw` makes numbers of a record.

    Args:
        filenames: a path, several, or a dataset of paths.
        record_bytes: the length of each record, at least 1.
        header_bytes, footer_bytes: bytes at the beginning and at the end of each file that are left out.
        buffer_size, num_parallel_reads, name: ignored.
        compression_type: None, or ``"GZIP"``.

    Raises:
        InvalidArgumentError: if a length is out of its range; while iterating, if a file is not made of whole records.
        NotFoundError: while iterating, if a file does not exist.

    >>> import tensorlet as tf, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "a.bin")
    >>> tf.io.write_file(path, b"HEADabcdef")
    >>> list(tf.data.FixedLengthRecordDataset(path, 3, header_bytes=4).as_numpy_iterator())
    [b'abc', b'def']
    """
    sizes = {
        "record_bytes": record_bytes,
        "header_bytes": header_bytes or 0,
        "footer_bytes": footer_bytes or 0,
    }
    for argument, value in sizes.items():
        least = 1 if argument == "record_bytes" else 0
        if int(value) != value or value < least:
            raise InvalidArgumentError(
                f"FixedLengthRecordDataset: {argument} must be a whole number of at least {least}, got {value!r}."
            )
    if compression_type not in (None, "", "GZIP"):
        raise InvalidArgumentError(
            f"FixedLengthRecordDataset: compression_type {compression_type!r} is not supported; give None or 'GZIP'."
        )
    around = (int(sizes["header_bytes"]), int(sizes["footer_bytes"]))
    return dataset_of(FixedLengthRecords(filenames, int(record_bytes), around, compression_type))
