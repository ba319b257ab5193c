"""The output of `fit`, `evaluate` and `predict`, in the format of Keras 2.

``verbose=1`` redraws a bar in place on a terminal or in a notebook; only the finished line is
written to a file. ``verbose=2`` prints one line per epoch. Where the bar is redrawn, it is shortened so that
the line fits the window: a line that wraps would be drawn again below itself.
"""

from __future__ import annotations

import os
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, TextIO

import numpy as np

from tensorlet.errors import InvalidArgumentError

#: The width of the bar in characters, and the smallest one; a narrower window has no bar.
WIDTH, NARROWEST = 30, 5
#: The characters in a line of a notebook, which wraps longer ones, and of a terminal of unknown size.
NOTEBOOK_COLUMNS, USUAL_COLUMNS = 100, 80
#: The shortest time in seconds between two updates.
INTERVAL = 0.05
#: "interactive": whether ``verbose="auto"`` shows the bar; see `tf.keras.utils.disable_interactive_logging`.
SETTINGS = {"interactive": True}


class Display:
    """The output of one run.

    Args:
        verbose: 0 for no output, 1 for a bar, 2 for one line per epoch.
        steps: the number of batches in an epoch; None if it is unknown.
        stream: the stream to write to; by default the current standard output.
        clock: a monotonic clock in seconds, for tests.

    >>> ticks = iter([0.0, 1.2])
    >>> display = Display(2, 600, clock=lambda: next(ticks))
    >>> display.begin("Epoch 1/15")
    Epoch 1/15
    >>> display.end({"loss": 0.6258, "accuracy": 0.8444})
    600/600 - 1s - loss: 0.6258 - accuracy: 0.8444 - 1s/epoch - 2ms/step
    """

    def __init__(
        self,
        verbose: int,
        steps: int | None,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.verbose = verbose
        self.steps = steps
        self._stream = stream
        self._clock = clock
        self._started = self._drawn = 0.0
        self._width = 0
        self.live = verbose == 1 and _can_redraw(stream)

    def begin(self, title: str | None = None) -> None:
        """Prints the title of an epoch and records its start time."""
        if not self.verbose:
            return
        if title is not None:
            self._write(title + "\n")
        self._started = self._drawn = self._clock()
        self._width = 0

    def update(self, step: int, logs: Mapping[str, Any]) -> None:
        """Redraws the bar after ``step`` batches; does nothing if it cannot be redrawn."""
        if not self.live:
            return
        now = self._clock()
        if now - self._drawn < INTERVAL and self._width:
            return
        self._drawn = now
        seconds = (now - self._started) / max(step, 1)
        if self.steps is None:
            tail = f" - {now - self._started:.0f}s{format_time(seconds, 'step')}"
        else:
            tail = f" - ETA: {format_eta(seconds * (self.steps - step))}"
        self._draw(step, tail, logs, finished=False)

    def end(self, logs: Mapping[str, Any], steps: int | None = None) -> None:
        """Prints the finished line of an epoch of ``steps`` batches."""
        if not self.verbose:
            return
        if steps is not None:
            self.steps = steps
        elapsed = self._clock() - self._started
        count = self.steps or 0
        each = elapsed / max(count, 1)
        shown = f" - {elapsed:.0f}s"
        if self.verbose == 1:
            self._draw(count, shown + format_time(each, "step"), logs, finished=True)
            self._write("\n")
        else:
            times = f" -{format_time(elapsed, 'epoch')} -{format_time(each, 'step')}"
            self._write(f"{count}/{count}{shown}{format_logs(logs)}{times}\n")

    def _bar(self, step: int, width: int) -> str:
        if self.steps is None:
            return f"{step:7d}/Unknown"
        count = f"{step:{len(str(self.steps))}d}/{self.steps}"
        if not width:
            return count
        done = width * step // max(self.steps, 1)
        head = "" if not done else "=" * (done - 1) + (">" if step < self.steps else "=")
        return f"{count} [{head}{'.' * (width - done)}]"

    def _draw(self, step: int, tail: str, logs: Mapping[str, Any], finished: bool) -> None:
        """Writes the bar, the times and the logs, on one line where it is redrawn."""
        rest = tail + format_logs(logs)
        if not self.live:
            self._write(self._bar(step, WIDTH) + rest)
            return
        room = window_columns(self._stream)
        width = min(WIDTH, room - len(self._bar(step, 0)) - columns_of(rest) - 3)
        line = self._bar(step, width if width >= NARROWEST else 0) + rest
        if columns_of(line) > room:
            line = wrapped(line, room) if finished else cut(line, room)
        first, newline, others = line.partition("\n")
        blanks = " " * max(0, min(self._width, room) - columns_of(first))  # over the rest of the last line
        self._width = columns_of(first)
        self._write(f"\r{first}{blanks}{newline}{others}")

    def _write(self, text: str) -> None:
        stream = sys.stdout if self._stream is None else self._stream
        if stream is None:  # under pythonw
            return
        try:
            stream.write(text)
            stream.flush()
        except (OSError, ValueError):  # the reader of a pipe is gone: training continues without output
            self.verbose, self.live = 0, False


def format_logs(logs: Mapping[str, Any]) -> str:
    """Formats logs as `` - loss: 0.6258 - accuracy: 0.8444``, with small values in scientific notation."""
    return "".join(f" - {name}: {format_value(value)}" for name, value in logs.items())


def format_value(value: object) -> str:
    """Formats a value with four decimals, or in scientific notation if these would show nothing.

    Of several values, such as the scores of each class, the mean is shown, as in Keras.
    """
    try:
        number = float(np.mean(np.asarray(value)))
    except (TypeError, ValueError):
        return str(value)
    return f"{number:.4f}" if abs(number) > 1e-3 or number != number else f"{number:.4e}"


def format_time(seconds: float, unit: str) -> str:
    """Formats a time as `` 2ms/step``, with a leading space, in a suitable unit."""
    if seconds >= 1 or seconds == 0:
        return f" {seconds:.0f}s/{unit}"
    if seconds >= 1e-3:
        return f" {seconds * 1e3:.0f}ms/{unit}"
    return f" {seconds * 1e6:.0f}us/{unit}"


def format_eta(seconds: float) -> str:
    """Formats a time as ``5s``, ``2:05`` or ``1:02:05``."""
    whole = int(seconds)
    if seconds > 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"
    if seconds > 60:
        return f"{whole // 60}:{whole % 60:02}"
    return f"{whole}s"


def resolve_verbose(verbose: str | int) -> int:
    """Converts ``"auto"`` and True to 1 (0 if the user disabled the bar); numbers are unchanged."""
    if verbose == "auto":
        return int(SETTINGS["interactive"])
    try:
        return int(verbose)
    except (TypeError, ValueError):
        raise InvalidArgumentError(
            f"verbose is {verbose!r}, expected 0 (no output), 1 (a progress bar), 2 (one line per epoch) or 'auto'."
        ) from None


def window_columns(stream: TextIO | None) -> int:
    """How many characters fit on a line of a terminal or notebook without wrapping."""
    stream = sys.stdout if stream is None else stream
    try:
        if stream.isatty():  # a notebook's stream may have the number of its server's terminal
            return max(os.get_terminal_size(stream.fileno()).columns - 1, 1)
    except (AttributeError, OSError, ValueError):
        pass
    return NOTEBOOK_COLUMNS if "ipykernel" in sys.modules else USUAL_COLUMNS - 1


def columns_of(text: str) -> int:
    """The columns that a text takes: two for each Korean, Chinese or Japanese character.

    >>> columns_of("loss"), columns_of("손실")
    (4, 4)
    """
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def cut(line: str, room: int) -> str:
    """The beginning of a line, with an ellipsis at its end.

    >>> cut("4/4 - loss: 0.25", 8)
    '4/4 - l…'
    """
    while columns_of(line) >= room:
        line = line[:-1]
    return f"{line}…"


def wrapped(line: str, room: int) -> str:
    """The line, broken so that each part fits: before some of its `` - ``, or in a narrow window anywhere.

    >>> print(wrapped("4/4 - 0s 1ms/step - loss: 0.2500 - accuracy: 0.5000", 34))
    4/4 - 0s 1ms/step - loss: 0.2500
        - accuracy: 0.5000
    >>> print(wrapped("4/4 - 0s - accuracy: 0.5000", 9))
    4/4 - 0s
    -
    accuracy:
    0.5000
    """
    lines = [""]
    for part in re.split(r"(?= - )", line):
        if lines[-1].strip() and columns_of(lines[-1] + part) > room:
            lines.append("   ")
        lines[-1] += part
    return "\n".join(piece for one in lines for piece in _broken(one, room))


def _broken(line: str, room: int) -> list[str]:
    """A line whose words, or letters, are divided among several lines if it is too long."""
    if columns_of(line) <= room:
        return [line]
    pieces = [""]
    for word in line.split():
        joined = f"{pieces[-1]} {word}".strip()
        if columns_of(joined) <= room:
            pieces[-1] = joined
            continue
        pieces += [""] if pieces[-1] else []
        for letter in word:
            if pieces[-1] and columns_of(pieces[-1] + letter) > room:
                pieces.append("")
            pieces[-1] += letter
    return pieces


def _can_redraw(stream: TextIO | None) -> bool:
    stream = sys.stdout if stream is None else stream
    try:
        return "ipykernel" in sys.modules or (stream is not None and stream.isatty())
    except (AttributeError, ValueError):
        return False
