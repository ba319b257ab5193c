"""Event files, which TensorBoard reads record by record while they are written.

A file is a sequence of records in TensorFlow's TFRecord format: the length (8 bytes, little-endian), a masked CRC-32C
of these 8 bytes, the content, and a masked CRC-32C of the content. Each content is an ``Event`` message; the first
one states the version.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import os
import re
import socket
import struct
import sys
import threading
import time
import warnings
import weakref
from itertools import count

from tensorlet.formats.atomic import SavingError, reason_of
from tensorlet.formats.crc32c import crc32c, mask
from tensorlet.formats.protobuf import Message

#: Field numbers of ``Event``.
WALL_TIME, STEP, FILE_VERSION, GRAPH_DEF, SUMMARY = 1, 2, 3, 4, 5
VERSION = "brain.Event:2"
#: The largest number of buffered events, and the longest time in seconds that they are buffered.
MOST_WAITING, LONGEST_WAIT = 10, 120.0
DRIVE = re.compile(r"^[A-Za-z]:(?=[\\/])")

_numbers = count()
_open: weakref.WeakSet[EventWriter] = weakref.WeakSet()
_noted: set[str] = set()


def frame(content: bytes) -> bytes:
    """Returns a record: the content with its length and checksums.

    >>> from tensorlet.formats.events import frame
    >>> len(frame(b"four")), frame(b"four")[12:-4]
    (20, b'four')
    """
    length = struct.pack("<Q", len(content))
    return b"".join(
        (length, struct.pack("<I", mask(crc32c(length))), content, struct.pack("<I", mask(crc32c(content))))
    )


class EventWriter:
    """Writes a new event file in a folder, which is created if it does not exist.

    Events are buffered and written as complete records, so that a reader never sees a part of a
    record. Buffered events are written at the end of the program, also after Ctrl-C.

    Args:
        folder: the folder; several writers may share it.
        suffix: the end of the file name.
        most_waiting: the largest number of buffered events.
        longest_wait: the longest time in seconds to buffer events, checked when an event is added.

    Attributes:
        path: the path of the file.

    Raises:
        SavingError: (an `OSError`) if the file cannot be created; it explains why.

    >>> import tempfile
    >>> from tensorlet.formats.events import EventWriter, SUMMARY
    >>> writer = EventWriter(tempfile.mkdtemp())
    >>> writer.write(SUMMARY, b"", step=1)
    >>> writer.close()
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        suffix: str = "",
        most_waiting: int = MOST_WAITING,
        longest_wait: float = LONGEST_WAIT,
    ) -> None:
        self.folder = os.fspath(folder)
        self._most_waiting = most_waiting
        self._longest_wait = longest_wait
        self._lock = threading.Lock()
        self._waiting: list[bytes] = []
        self._flushed = time.monotonic()
        self._process = os.getpid()
        now = time.time()
        host = re.sub(r"[^A-Za-z0-9._-]", "_", socket.gethostname()) or "localhost"
        name = f"events.out.tfevents.{int(now)}.{host}.{os.getpid()}.{next(_numbers)}{suffix}"
        self.path = os.path.join(self.folder, name)
        try:
            os.makedirs(self.folder, exist_ok=True)
            # Unbuffered: one system call writes several complete records.
            self._file = open(self.path, "xb", buffering=0)  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise SavingError(
                error.errno or errno.EIO,
                f"cannot write to the log folder '{self.folder}': {reason_of(error)}",
            ) from error
        self._add(Message().float64(WALL_TIME, float(int(now))).text(FILE_VERSION, VERSION))
        self.flush()
        _open.add(self)

    @property
    def closed(self) -> bool:
        """Whether `close` was called, or a write failed."""
        return self._file.closed

    def write(self, field: int, content: bytes, step: int | None = None) -> None:
        """Adds an event.

        Args:
            field: the field of ``Event``: `SUMMARY` or `GRAPH_DEF`.
            content: the bytes of the message in that field.
            step: an integer.
        """
        event = Message().float64(WALL_TIME, time.time())
        if step:
            event.varint(STEP, step)
        self._add(event.data(field, content))
        late = time.monotonic() - self._flushed > self._longest_wait
        if late or len(self._waiting) >= self._most_waiting:
            self.flush()

    def _add(self, event: Message) -> None:
        record = frame(bytes(event))
        with self._lock:
            self._waiting.append(record)

    def flush(self) -> None:
        """Writes buffered events. If this fails, a warning is shown and the log ends."""
        with self._lock:
            waiting, self._waiting = b"".join(self._waiting), []
            self._flushed = time.monotonic()
            # A forked process has a copy of the buffer, which only the original process writes.
            if not waiting or self._file.closed or self._process != os.getpid():
                return
            try:
                while waiting:
                    waiting = waiting[self._file.write(waiting) or 0 :]
            except OSError as error:
                self._file.close()
                # Training continues, since it is worth more than its log.
                warnings.warn(
                    f"Could not write to the log '{self.path}': {reason_of(error)}. Training continues without it.",
                    RuntimeWarning,
                    stacklevel=3,
                )

    def close(self) -> None:
        """Writes buffered events and closes the file; further calls do nothing."""
        self.flush()
        self._file.close()
        _open.discard(self)

    def __del__(self) -> None:
        # Also writes the buffer if the program does not close the writer.
        if hasattr(self, "_file"):
            self.close()


@atexit.register
def _flush_all() -> None:
    for writer in list(_open):
        with contextlib.suppress(OSError, ValueError):
            writer.flush()


def log_folder(path: str | os.PathLike[str]) -> str:
    r"""Returns the path of a log folder on this system, with a message on standard error if it differs from the text.

    On Windows, paths are returned unchanged. On other systems, a Windows path becomes a folder below the
    current one, without the drive: ``c:\temp\log_ex`` becomes ``temp/log_ex``. (A folder *named*
    ``c:\temp\log_ex`` would be valid, but hard to use in a shell.)

    >>> import contextlib, io, os
    >>> from tensorlet.formats.events import log_folder
    >>> with contextlib.redirect_stderr(io.StringIO()) as note:
    ...     folder = log_folder(r"c:\temp\log_ex")
    >>> folder.replace(os.sep, "/") if os.name != "nt" else "temp/log_ex"
    'temp/log_ex'
    """
    text = os.fspath(path)
    if os.name == "nt" or not _is_windows_path(text):
        return text
    parts = re.split(r"[\\/]+", DRIVE.sub("", text))
    rooted = bool(DRIVE.match(text)) or text.startswith("\\")
    if rooted:
        # The path below a drive or share must not leave the current folder.
        parts = [part for part in parts if part != ".."]
    folder = os.path.join(*[part for part in parts if part not in ("", ".")] or ["logs"])
    if text not in _noted:
        _noted.add(text)
        shown = f"'{folder}'" if " " in folder else folder
        print(
            f"Tensorlet: '{text}' is a Windows path; the log is in {os.path.abspath(folder)}\n"
            f"           To view it: tensorboard --logdir {shown}",
            file=sys.stderr,
        )
    return folder


def _is_windows_path(text: str) -> bool:
    return bool(DRIVE.match(text)) or ("\\" in text and not text.startswith("/"))
