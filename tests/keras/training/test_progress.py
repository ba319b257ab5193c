"""What `summary`, `fit`, `evaluate` and `predict` print: line by line as real Keras 2."""

from __future__ import annotations

import fcntl
import io
import json
import os
import struct
import sys
import termios

import pytest
from golden_files import GOLDEN_FOLDER
from printed_cases import SUMMARIES, TRAININGS, last_drawings, summary, training

import tensorlet as tf
from tensorlet.keras.training.report import progress

GOLDEN = json.loads((GOLDEN_FOLDER / "keras_printed.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SUMMARIES)
def test_summary_is_that_of_keras(name: str) -> None:
    assert summary(tf.keras, name) == GOLDEN["summaries"][name]


@pytest.mark.parametrize("name", TRAININGS)
def test_training_prints_the_lines_of_keras(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The finished lines; the times in them differ from run to run and are left out."""
    training(tf.keras, name)
    assert last_drawings(capsys.readouterr().out) == GOLDEN["trainings"][name]


class Window(io.StringIO):
    """A terminal of a width that keeps what is visible, a list of lines."""

    def isatty(self) -> bool:
        return True

    def visible(self) -> list[str]:
        """The lines after all carriage returns."""
        lines = []
        for line in self.getvalue().split("\n"):
            shown = ""
            for part in line.split("\r"):
                shown = part + shown[len(part) :]
            lines.append(shown.rstrip())
        return lines


LOGS = {"loss": 0.251, "accuracy": 0.9302, "val_loss": 0.262, "val_accuracy": 0.928}


def drawn_in(
    columns: int, logs: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> tuple[list[str], list[str]]:
    """The widths of everything drawn, and the lines that are visible at the end."""
    monkeypatch.setattr(progress, "window_columns", lambda stream: columns)
    ticks = iter([0.0, 1.0, 2.0])
    window = Window()
    display = progress.Display(1, 600, window, clock=lambda: next(ticks))
    display.begin("Epoch 1/15")
    display.update(300, logs)
    display.end(logs)
    return [part for line in window.getvalue().split("\n") for part in line.split("\r")], window.visible()


@pytest.mark.parametrize("columns", [200, 120, 99, 79, 60, 40, 30, 24, 20, 12])
def test_the_bar_fits_the_window(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, visible = drawn_in(columns, LOGS, monkeypatch)
    assert max(map(len, drawn)) <= columns
    text = "".join("".join(line.split()) for line in visible)
    for name, value in LOGS.items():
        assert f"-{name}:{value:.4f}" in text  # the finished line has all


def test_the_bar_is_shortened_and_then_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    logs = {"loss": 0.251, "accuracy": 0.9302}
    assert drawn_in(99, logs, monkeypatch)[1][1] == (
        "600/600 [==============================] - 2s 3ms/step - loss: 0.2510 - accuracy: 0.9302"
    )
    assert drawn_in(79, logs, monkeypatch)[1][1] == (
        "600/600 [=====================] - 2s 3ms/step - loss: 0.2510 - accuracy: 0.9302"
    )
    assert drawn_in(60, logs, monkeypatch)[1][1] == "600/600 - 2s 3ms/step - loss: 0.2510 - accuracy: 0.9302"
    assert drawn_in(40, logs, monkeypatch)[1][1:3] == [
        "600/600 - 2s 3ms/step - loss: 0.2510",
        "    - accuracy: 0.9302",
    ]


def test_wide_characters_take_two_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, visible = drawn_in(60, {"손실": 0.25, "정확도": 0.5, "검증 손실": 0.25}, monkeypatch)
    assert max(map(progress.columns_of, drawn)) <= 60
    assert visible[1].startswith("600/600 - 2s 3ms/step - 손실: 0.2500")


def test_a_file_gets_the_whole_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "window_columns", lambda stream: 20)
    ticks = iter([0.0, 2.0])
    file = io.StringIO()
    display = progress.Display(1, 4, file, clock=lambda: next(ticks))
    display.begin()
    display.end({"loss": 1.0})
    assert file.getvalue() == "4/4 [==============================] - 2s 500ms/step - loss: 1.0000\n"


def test_the_width_is_that_of_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    assert progress.window_columns(io.StringIO()) == 79
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    assert progress.window_columns(io.StringIO()) == 100
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 61, 0, 0))
    with os.fdopen(slave, "w") as terminal:
        assert progress.window_columns(terminal) == 60
    os.close(master)
