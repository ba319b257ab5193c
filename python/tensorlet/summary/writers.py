"""Summary writers, the default writer, the default step, and conditional recording."""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core import effects
from tensorlet.core.tracing import current_trace
from tensorlet.errors import InvalidArgumentError, TracingError
from tensorlet.formats.events import LONGEST_WAIT, MOST_WAITING, SUMMARY, EventWriter, log_folder

if TYPE_CHECKING:
    from tensorlet.type_aliases import FloatLike, PathLike


class State(threading.local):
    """The defaults of a thread."""

    def __init__(self) -> None:
        self.writer: SummaryWriter | None = None
        self.step: Any = None
        self.recording: Any = True


STATE = State()


class SummaryWriter:
    """Writes summaries to its own file; created by `create_file_writer`.

    Args:
        events: the file; None for a writer that writes nothing.
    """

    def __init__(self, events: EventWriter | None) -> None:
        self._events = events
        self._closed = False

    @contextlib.contextmanager
    def as_default(self, step: FloatLike | None = None) -> Iterator[SummaryWriter]:
        """Context manager in which summaries are written by this writer.

        Args:
            step: the default step of the summaries: a number, or a variable that counts steps.
        """
        self._check_open()
        before = STATE.writer, STATE.step
        STATE.writer = self
        if step is not None:
            STATE.step = step
        try:
            yield self
        finally:
            # Makes what was written so far visible in TensorBoard.
            if not self._closed:
                self.flush()
            STATE.writer = before[0]
            if step is not None:
                STATE.step = before[1]

    def set_as_default(self, step: FloatLike | None = None) -> None:
        """Makes this the default writer of the thread.

        Args:
            step: the default step of the summaries.
        """
        self._check_open()
        STATE.writer = self
        if step is not None:
            STATE.step = step

    def init(self) -> None:
        """Does nothing, because the file already exists."""

    def flush(self) -> None:
        """Writes all buffered summaries, so that TensorBoard shows them."""
        if self._events is not None:
            self._check_open()
            self._events.flush()

    def close(self) -> None:
        """Writes all buffered summaries and closes the file."""
        if self._events is not None:
            self._events.close()
            self._closed = True

    def write(self, field: int, content: bytes, step: int) -> None:
        """Writes an event; see `EventWriter.write`."""
        self._check_open()
        if self._events is not None:
            self._events.write(field, content, step)

    @property
    def writes(self) -> bool:
        """Whether this writer has a file."""
        return self._events is not None

    def _check_open(self) -> None:
        if self._closed:
            raise InvalidArgumentError(
                f"The summary writer of '{self._events.folder}' is closed. "  # type: ignore[union-attr]
                "Create a new one with tf.summary.create_file_writer(); several may write to the same folder."
            )

    def __repr__(self) -> str:
        return f"<SummaryWriter {self._events.path if self._events else 'that writes nothing'}>"


def create_file_writer(
    logdir: PathLike,
    max_queue: int | None = None,
    flush_millis: int | None = None,
    filename_suffix: str | None = None,
    name: str | None = None,
    experimental_trackable: bool = False,
    experimental_mesh: object = None,
) -> SummaryWriter:
    r"""Creates a writer with a new file in a folder, which is created if it does not exist.

    Args:
        logdir: the folder; pass it, or a folder above it, to ``tensorboard --logdir``. On other systems a Windows
            path becomes a folder below the current one: ``c:\temp\log`` becomes ``temp/log``.
        max_queue: the largest number of buffered summaries.
        flush_millis: the longest time in milliseconds that they are buffered.
        filename_suffix: the end of the file's name, ".v2" by default.
        name, experimental_trackable, experimental_mesh: ignored.

    Raises:
        SavingError: (an `OSError`) if the folder is not writable.

    >>> import os, tempfile
    >>> import tensorlet as tf
    >>> folder = tempfile.mkdtemp()
    >>> writer = tf.summary.create_file_writer(folder)
    >>> with writer.as_default():
    ...     tf.summary.scalar("loss", 0.5, step=1)
    True
    >>> writer.close()
    >>> [name.startswith("events.out.tfevents.") for name in os.listdir(folder)]
    [True]
    """
    if logdir is None:
        raise InvalidArgumentError("create_file_writer: logdir is None, expected the path of a folder.")
    folder = log_folder(os.fsdecode(logdir))
    most = MOST_WAITING if max_queue is None else int(max_queue)
    wait = LONGEST_WAIT if flush_millis is None else float(flush_millis) / 1000
    return SummaryWriter(
        EventWriter(folder, ".v2" if filename_suffix is None else filename_suffix, most, wait)
    )


def create_noop_writer() -> SummaryWriter:
    """Creates a writer that writes nothing.

    >>> import tensorlet as tf
    >>> with tf.summary.create_noop_writer().as_default():
    ...     tf.summary.scalar("loss", 0.5, step=1)
    False
    """
    return SummaryWriter(None)


def flush(writer: SummaryWriter | None = None, name: str | None = None) -> None:
    """Writes the buffered summaries of a writer, by default the default one."""
    writer = writer or STATE.writer
    if writer is not None:
        writer.flush()


def set_step(step: FloatLike | None) -> None:
    """Sets the default step of summaries.

    Args:
        step: an integer, a variable that counts steps, or None.

    >>> import tensorlet as tf
    >>> tf.summary.experimental.set_step(3)
    >>> tf.summary.experimental.get_step()
    3
    >>> tf.summary.experimental.set_step(None)
    """
    STATE.step = step


def get_step() -> Any:
    """Returns the default step set by `set_step`."""
    return STATE.step


@contextlib.contextmanager
def record_if(condition: object) -> Iterator[None]:
    """Context manager in which summaries are written only if the condition is true.

    Args:
        condition: a bool, or a function without arguments that is called each time.

    >>> import tensorlet as tf
    >>> with tf.summary.record_if(False):
    ...     tf.summary.should_record_summaries()
    False
    """
    before, STATE.recording = STATE.recording, condition
    try:
        yield
    finally:
        STATE.recording = before


def should_record_summaries() -> bool:
    """Whether summaries are written: there is a default writer, and the condition of `record_if` is true."""
    if STATE.writer is None or not STATE.writer.writes:
        return False
    condition: Callable[[], Any] | Any = STATE.recording
    return bool(condition() if callable(condition) else condition)


def recorded(function: Callable[..., bool]) -> Callable[..., bool]:
    """A decorator: inside a traced function, the summary is written each time that the function runs.

    The writer, and what `record_if` said, are those of the trace, as in TensorFlow; the step and the data are tensors.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> bool:
        writer = STATE.writer
        if current_trace() is None or writer is None or not writer.writes:
            return function(*args, **kwargs)
        bound = signature.bind(*args, **kwargs)
        if bound.arguments.get("step") is None:
            bound.arguments["step"] = STATE.step
        condition: Callable[[], Any] | Any = STATE.recording

        def write(values: Any) -> None:
            arguments, wanted = values
            before = STATE.writer, STATE.recording
            STATE.writer, STATE.recording = writer, True
            try:
                if wanted:
                    function(**arguments)
            finally:
                STATE.writer, STATE.recording = before

        wanted = condition() if callable(condition) else condition
        effects.run(f"tf.summary.{function.__name__}", write, [dict(bound.arguments), wanted])
        return True

    return call


def add(kind: str, step: FloatLike | None, make: Callable[[], bytes], field: int = SUMMARY) -> bool:
    """Writes an event with the default writer.

    Args:
        kind: the function called by the user, for messages.
        step: the argument of that function.
        make: returns the content; called only if it is written.
        field: the field of ``Event`` that holds the content.

    Returns:
        Whether it was written.

    Raises:
        InvalidArgumentError: if the step is missing.
        TracingError: inside a ``tf.function``.
    """
    if STATE.writer is None or not STATE.writer.writes:
        return False
    if current_trace() is not None:
        raise TracingError(
            f"tf.summary.{kind} was called inside a tf.function: a compiled step runs no Python and writes no files. "
            "Return the value from the function and write the summary outside of it, or run the functions eagerly "
            "with tf.config.run_functions_eagerly(True)."
        )
    if not should_record_summaries():
        return False
    number = whole_step(kind, step)
    STATE.writer.write(field, make(), number)
    return True


def whole_step(kind: str, step: FloatLike | None) -> int:
    """Returns the step as a number: the argument, or the default step."""
    step = STATE.step if step is None else step
    if step is None:
        raise InvalidArgumentError(
            f"tf.summary.{kind} needs a step: pass step=..., or call tf.summary.experimental.set_step(step) first."
        )
    array = np.asarray(step)
    if array.size != 1 or array.dtype.kind not in "iufb":
        raise InvalidArgumentError(f"tf.summary.{kind}: step is {step!r:.60}, expected one integer.")
    return int(array.reshape(()))
