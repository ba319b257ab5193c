"""The progress bar: what it writes to a terminal, to a file, and to a stream that has gone."""

from __future__ import annotations

import io
import itertools
import os
import re
import subprocess
import sys

import pytest

from tensorlet import progress as module
from tensorlet.progress import Progress, format_duration, format_metric, format_per_step


class Stream(io.StringIO):
    """A stream that can pass for a terminal, and can have an encoding."""

    def __init__(self, terminal: bool = False, encoding: str = "utf-8") -> None:
        super().__init__()
        self._terminal = terminal
        self._encoding = encoding

    @property
    def encoding(self) -> str:
        return self._encoding

    def isatty(self) -> bool:
        return self._terminal


@pytest.fixture
def wide(monkeypatch):
    monkeypatch.setattr(module.shutil, "get_terminal_size", lambda: os.terminal_size((100, 24)))
    monkeypatch.setenv("NO_COLOR", "1")


def run(stream: Stream, seconds: float = 0.3, steps: int = 4) -> str:
    clock = itertools.count(0, seconds)
    bar = Progress(steps, 3, stream, clock=lambda: next(clock))
    bar.begin(0)
    for step in range(1, steps + 1):
        bar.update(step, {"loss": 1.0 / step})
    bar.end({"accuracy": 0.91312, "loss": 0.31168})
    return stream.getvalue()


def test_into_a_file_goes_one_line_an_epoch():
    # The clock ticks once for begin and once for end: 0.3 s for 4 steps.
    assert run(Stream()) == f"Epoch 1/3\n4/4 {'━' * 30} 0s 75ms/step - accuracy: 0.9131 - loss: 0.3117\n"


def test_on_a_terminal_the_line_is_drawn_over_itself(wide):
    drawn = run(Stream(terminal=True))
    head, *lines = drawn.split("\r")
    assert head == "Epoch 1/3\n"
    assert lines[0] == f"1/4 {'━' * 7}{'─' * 23} 0s 300ms/step - loss: 1.0000"
    assert lines[1] == f"2/4 {'━' * 15}{'─' * 15} 0s 300ms/step - loss: 0.5000"
    assert lines[-1] == f"4/4 {'━' * 30} 1s 375ms/step - accuracy: 0.9131 - loss: 0.3117\n"


def test_remaining_time_is_shown_while_it_runs(wide):
    lines = run(Stream(terminal=True), seconds=60).split("\r")
    assert " 3:00 60s/step" in lines[1]  # three steps of a minute to go
    assert " 5:00 75s/step" in lines[-1]  # five ticks in all, for four steps


def test_a_shorter_line_wipes_out_a_longer_one(wide):
    stream = Stream(terminal=True)
    bar = Progress(10, 1, stream, clock=itertools.count().__next__)
    bar.begin(0)
    bar.update(1, {"loss": 123456.0})
    bar.update(2, {"loss": 1.0})
    first, second = stream.getvalue().split("\r")[1:]
    assert len(first) == len(second) and second.endswith("loss: 1.0000     ")


def test_drawing_is_rare(wide):
    assert run(Stream(terminal=True), seconds=0.001, steps=1000).count("\r") < 30


def test_colours_only_where_they_are_wanted(wide, monkeypatch):
    assert "\033" not in run(Stream(terminal=True))
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")
    coloured = run(Stream(terminal=True))
    assert "\033[32m━" in coloured
    assert re.sub(r"\033\[\d+m", "", coloured).endswith("━ 1s 375ms/step - accuracy: 0.9131 - loss: 0.3117\n")
    monkeypatch.setenv("TERM", "dumb")
    assert "\033" not in run(Stream(terminal=True))


@pytest.mark.parametrize("columns", [1, 10, 30, 45, 60, 80])
def test_lines_fit_a_narrow_terminal(columns, wide, monkeypatch):
    monkeypatch.setattr(module.shutil, "get_terminal_size", lambda: os.terminal_size((columns, 24)))
    lines = run(Stream(terminal=True)).split("\r")[1:]
    assert all(len(line.rstrip("\n")) < columns for line in lines[:-1])
    assert "loss: 0.3117" in lines[-1]  # the result is never cut off


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp949", "no-such-encoding"])
def test_plain_characters_where_the_stream_knows_no_others(encoding, wide):
    drawn = run(Stream(terminal=True, encoding=encoding))
    if encoding == "cp949":  # Korean Windows has both characters
        assert "━━" in drawn
    else:
        assert f"2/4 {'=' * 15}{'.' * 15} " in drawn


class Gone(Stream):
    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def test_a_broken_pipe_or_closed_stream_only_silences_it():
    assert run(Gone()) == ""
    closed = Stream(terminal=True)
    bar = Progress(1, 1, closed)
    closed.close()
    bar.begin(0)
    bar.update(1, {"loss": 1.0})
    bar.end({"loss": 1.0})
    late = Progress(1, 1, closed)  # isatty() of a closed stream raises
    late.begin(0)
    late.end({})


def test_no_stream_at_all(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    bar = Progress(1, 1)
    bar.begin(0)
    bar.update(1, {})
    bar.end({"loss": 1.0})
    assert bar._stream is None


def test_a_reader_that_leaves_early_does_not_stop_the_program():
    program = (
        "from tensorlet.progress import Progress\n"
        "import os, sys, time\n"
        "bar = Progress(10, 3)\n"
        "bar.begin(0); time.sleep(0.3); bar.end({'loss': 1.0}); bar.begin(1); bar.end({'loss': 1.0})\n"
        "sys.stderr.write('done'); sys.stderr.flush(); os._exit(0)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline().decode().strip() == "Epoch 1/3"
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == b"done"
    assert process.wait() == 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.99, "0s"),
        (59.9, "59s"),
        (60, "1:00"),
        (125, "2:05"),
        (3600, "1:00:00"),
        (3725, "1:02:05"),
    ],
)
def test_durations(seconds, text):
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0us/step"), (25e-6, "25us/step"), (1e-3, "1ms/step"), (0.0314, "31ms/step"), (2.4, "2s/step")],
)
def test_times_of_a_step(seconds, text):
    assert format_per_step(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.31172, "0.3117"),
        (0, "0.0000"),
        (0.000123456, "1.2346e-04"),
        (-2.5, "-2.5000"),
        (float("nan"), "nan"),
    ],
)
def test_metrics(value, text):
    assert format_metric(value) == text


def test_an_epoch_without_steps_has_a_line_too():
    stream = Stream()
    bar = Progress(0, 1, stream, clock=lambda: 0.0)
    bar.begin(0)
    bar.end({})
    assert stream.getvalue() == f"Epoch 1/1\n0/0 {'─' * 30} 0s 0us/step\n"
