"""Event files: what TensorBoard reads, record by record, while it is still being written.

A file is a row of records in TensorFlow's TFRecord form: the length (8 bytes, lowest first), a masked CRC-32C
of these 8 bytes, the content, a masked CRC-32C of the content. Each content is an ``Event`` message; the first
one names the version.
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

#: Fields of ``Event``.
WALL_TIME, STEP, FILE_VERSION, GRAPH_DEF, SUMMARY = 1, 2, 3, 4, 5
VERSION = "brain.Event:2"
#: Events that wait at most before they are written, and seconds that they wait at most.
MOST_WAITING, LONGEST_WAIT = 10, 120.0
DRIVE = re.compile(r"^[A-Za-z]:(?=[\\/])")

_numbers = count()
_open: weakref.WeakSet[EventWriter] = weakref.WeakSet()
_noted: set[str] = set()


def frame(content: bytes) -> bytes:
    """A record: the content between its length and the checksums.

    >>> from tensorlet.formats.events import frame
    >>> len(frame(b"four")), frame(b"four")[12:-4]
    (20, b'four')
    """
    length = struct.pack("<Q", len(content))
    return b"".join(
        (length, struct.pack("<I", mask(crc32c(length))), content, struct.pack("<I", mask(crc32c(content))))
    )


class EventWriter:
    """A new event file in a folder, which is made where it is missing.

    Events are collected and written together, whole records at a time, so that a reader never meets half a
    record. At the end of the program, also after Ctrl-C, what waits is written.

    Args:
        folder: where to; several writers may share it.
        suffix: the end of the file's name.
        most_waiting: how many events wait at most.
        longest_wait: how many seconds they wait at most; looked at when the next event comes.

    Attributes:
        path: the file.

    Raises:
        SavingError: (an `OSError`) if the file cannot be made; it says why.

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
            # Unbuffered: one call of the system for a row of whole records.
            self._file = open(self.path, "xb", buffering=0)  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise SavingError(
                error.errno or errno.EIO,
                f"the log folder '{self.folder}' cannot be written to: {reason_of(error)}",
            ) from error
        self._add(Message().float64(WALL_TIME, float(int(now))).text(FILE_VERSION, VERSION))
        self.flush()
        _open.add(self)

    @property
    def closed(self) -> bool:
        """Whether `close` was called, or the disk refused to take more."""
        return self._file.closed

    def write(self, field: int, content: bytes, step: int | None = None) -> None:
        """Adds an event.

        Args:
            field: which of the fields of ``Event``: `SUMMARY` or `GRAPH_DEF`.
            content: the bytes of that field's message.
            step: a whole number.
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
        """Writes what waits. If the disk does not take it, a warning says so, and the log ends here."""
        with self._lock:
            waiting, self._waiting = b"".join(self._waiting), []
            self._flushed = time.monotonic()
            # A process that was forked off has a copy of what waits; it is the first one's to write.
            if not waiting or self._file.closed or self._process != os.getpid():
                return
            try:
                while waiting:
                    waiting = waiting[self._file.write(waiting) or 0 :]
            except OSError as error:
                self._file.close()
                # A long training is worth more than its log: it goes on.
                warnings.warn(
                    f"The log '{self.path}' could not be continued: {reason_of(error)}. Training goes on without it.",
                    RuntimeWarning,
                    stacklevel=3,
                )

    def close(self) -> None:
        """Writes what waits and closes the file; calling it again does nothing."""
        self.flush()
        self._file.close()
        _open.discard(self)

    def __del__(self) -> None:
        # A writer that a program drops without closing it still writes what waits.
        if hasattr(self, "_file"):
            self.close()


@atexit.register
def _flush_all() -> None:
    for writer in list(_open):
        with contextlib.suppress(OSError, ValueError):
            writer.flush()


def log_folder(path: str | os.PathLike[str]) -> str:
    r"""A folder for logs as this system names it, and a note on standard error where that differs from the text.

    On Windows every path is taken as it is. Elsewhere a path in Windows' spelling becomes a folder below the
    current one, without the drive: ``c:\temp\log_ex`` becomes ``temp/log_ex``. (A folder whose *name* is
    ``c:\temp\log_ex`` would be legal, and hard to name in a shell.)

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
        # What stood below a drive or a share must not leave the current folder.
        parts = [part for part in parts if part != ".."]
    folder = os.path.join(*[part for part in parts if part not in ("", ".")] or ["logs"])
    if text not in _noted:
        _noted.add(text)
        shown = f"'{folder}'" if " " in folder else folder
        print(
            f"Tensorlet: '{text}' is a path of Windows; the log is in {os.path.abspath(folder)}\n"
            f"           To see it: tensorboard --logdir {shown}",
            file=sys.stderr,
        )
    return folder


def _is_windows_path(text: str) -> bool:
    return bool(DRIVE.match(text)) or ("\\" in text and not text.startswith("/"))
