"""The progress bar of training: one line an epoch, in the form that Keras prints.

On a terminal the line is drawn again and again in its place; into a file or a pipe only the
finished line of each epoch goes.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from typing import TextIO

WIDEST_BAR = 30
NARROWEST_BAR = 5
SECONDS_BETWEEN_DRAWINGS = 0.05


class Progress:
    """Shows how far an epoch has come, how long it takes, and the means of its metrics.

    A stream that has been closed (``... | head``) silences the bar; training goes on.

    Args:
        total_steps: batches in an epoch.
        epochs: how many epochs there will be.
        stream: where to write; standard output, as it is at that moment, by default.
        clock: seconds that only grow; for tests.

    >>> import tensorlet as tf
    >>> from tensorlet.progress import Progress
    >>> ticks = iter([0.0, 1.2])
    >>> progress = Progress(total_steps=600, epochs=15, clock=lambda: next(ticks))
    >>> progress.begin(2)
    Epoch 3/15
    >>> progress.end({"accuracy": 0.9131, "loss": 0.3117})  # doctest: +ELLIPSIS
    600/600 ... 1s 2ms/step - accuracy: 0.9131 - loss: 0.3117
    """

    def __init__(
        self,
        total_steps: int,
        epochs: int,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.total_steps = total_steps
        self.epochs = epochs
        self._stream = sys.stdout if stream is None else stream  # None under pythonw: then nothing is shown
        self._clock = clock
        self._live = _is_terminal(self._stream)
        self._colours = self._live and _wants_colours()
        self._done_mark, self._rest_mark = _marks(self._stream)
        self._started = 0.0
        self._last_drawing = 0.0
        self._drawn_width = 0

    def begin(self, epoch: int) -> None:
        """Announces an epoch; the first one is number 0."""
        self._started = self._last_drawing = self._clock()
        self._drawn_width = 0
        self._write(f"Epoch {epoch + 1}/{self.epochs}\n")

    def update(self, step: int, metrics: Mapping[str, float]) -> None:
        """Redraws the line after ``step`` batches; does nothing where the line cannot be redrawn."""
        if not self._live or self._stream is None:
            return
        now = self._clock()
        if now - self._last_drawing < SECONDS_BETWEEN_DRAWINGS and self._drawn_width:
            return
        self._last_drawing = now
        self._draw(step, now - self._started, metrics, finished=False)

    def end(self, metrics: Mapping[str, float]) -> None:
        """Draws the full bar with the epoch's means and moves on to the next line."""
        self._draw(self.total_steps, self._clock() - self._started, metrics, finished=True)
        self._write("\n")

    def _draw(self, step: int, elapsed: float, metrics: Mapping[str, float], finished: bool) -> None:
        count = f"{step:>{len(str(self.total_steps))}}/{self.total_steps}"
        per_step = elapsed / max(step, 1)
        shown = elapsed if finished else per_step * (self.total_steps - step)
        tail = f"{format_duration(shown)} {format_per_step(per_step)}"
        tail += "".join(f" - {name}: {format_metric(value)}" for name, value in metrics.items())
        # The last column stays free: writing there makes some terminals begin a new line.
        columns = shutil.get_terminal_size().columns - 1 if self._live else 10_000
        width = min(WIDEST_BAR, columns - len(count) - len(tail) - 2)
        if width < NARROWEST_BAR:
            line = f"{count} {tail}"
            if not finished:
                line = line[:columns]  # a line that wraps could not be drawn over
            self._put(line, len(line))
            return
        done = width * step // max(self.total_steps, 1)
        bar = self._bar(done, width - done)
        self._put(f"{count} {bar} {tail}", len(count) + width + len(tail) + 2)

    def _bar(self, done: int, rest: int) -> str:
        if self._colours:
            return f"\033[32m{self._done_mark * done}\033[90m{self._rest_mark * rest}\033[0m"
        return self._done_mark * done + self._rest_mark * rest

    def _put(self, line: str, width: int) -> None:
        """Writes over the line that stands there, blanks included where that one was longer."""
        if not self._live:
            self._write(line)
            return
        self._write("\r" + line + " " * max(0, self._drawn_width - width))
        self._drawn_width = width

    def _write(self, text: str) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # the reader of a pipe has gone, or the stream was closed
            self._stream = None


def format_duration(seconds: float) -> str:
    """``5s``, ``2:05`` or ``1:02:05``."""
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"
    if whole >= 60:
        return f"{whole // 60}:{whole % 60:02}"
    return f"{whole}s"


def format_per_step(seconds: float) -> str:
    """The time of one step in the unit that suits it: ``2s/step``, ``31ms/step``, ``25us/step``."""
    if seconds >= 1:
        return f"{seconds:.0f}s/step"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.0f}ms/step"
    return f"{seconds * 1e6:.0f}us/step"


def format_metric(value: float) -> str:
    """Four decimals; the scientific form for what they would show as nothing."""
    return f"{value:.4f}" if abs(value) > 1e-3 or value == 0 else f"{value:.4e}"


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except (AttributeError, ValueError):
        return False


def _wants_colours() -> bool:
    return os.environ.get("TERM", "dumb") != "dumb" and not os.environ.get("NO_COLOR")


def _marks(stream: TextIO | None) -> tuple[str, str]:
    """The characters for what is done and for the rest, in so far as the stream can carry them."""
    try:
        "━─".encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return "=", "."
    return "━", "─"
