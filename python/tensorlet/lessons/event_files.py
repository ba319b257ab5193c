"""Reads the numbers of TensorBoard's event files, so that a lesson can look into them without TensorBoard."""

from __future__ import annotations

import os
import struct
from pathlib import Path

from tensorlet.formats.protobuf import Reader
from tensorlet.formats.tfrecord import records

#: Field numbers of Event, Summary, Value and TensorProto.
_STEP, _SUMMARY, _VALUE, _TAG, _TENSOR, _CONTENT = 2, 5, 1, 1, 8, 4
_FLOAT = 1  # the dtype of scalars


def scalars(folder: str | os.PathLike[str]) -> dict[str, dict[str, list[tuple[int, float]]]]:
    """Returns the scalars of each run below a folder.

    Args:
        folder: the folder that was given to the TensorBoard callback or to a summary writer.

    Returns:
        For each run (a folder with event files, relative to ``folder``) and each name in it, pairs of step and value.

    Raises:
        FileFormatError: if an event file is damaged.

    >>> import tempfile
    >>> import tensorlet as tf
    >>> from tensorlet.lessons.event_files import scalars
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with tf.summary.create_file_writer(f"{folder}/first").as_default():
    ...         _ = tf.summary.scalar("loss", 0.5, step=3)
    ...         tf.summary.flush()
    ...     scalars(folder)
    {'first': {'loss': [(3, 0.5)]}}
    """
    found: dict[str, dict[str, list[tuple[int, float]]]] = {}
    for path in sorted(Path(folder).rglob("events.out.tfevents.*")):
        run = found.setdefault(path.parent.relative_to(folder).as_posix(), {})
        for content in records(str(path)):
            event = Reader(content, path.name)
            for value in event.message(_SUMMARY).messages(_VALUE):
                tensor = value.message(_TENSOR)
                number = bytes(tensor.data(_CONTENT))
                if tensor.integer(1) == _FLOAT and len(number) == 4:
                    run.setdefault(value.text(_TAG), []).append(
                        (event.integer(_STEP), struct.unpack("<f", number)[0])
                    )
    return found
