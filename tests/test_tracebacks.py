"""Short tracebacks: what is shown in plain Python, in threads, in IPython and by pytest, and what stays complete."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import tensorlet
from tensorlet import tracebacks

FOLDER = str(Path(tensorlet.__file__).parent)

WRONG_SHAPE = """\
import numpy as np
import tensorlet as tf

def train():
    model = tf.keras.Sequential([tf.keras.layers.Dense(3, input_shape=(4,))])
    model.compile("sgd", "mse")
    model.fit(np.zeros((5, 7)), np.zeros((5, 3)), verbose=0)

"""


def shown(tmp_path: Path, program: str, *, mode: str | None = None, command: tuple[str, ...] = ()) -> str:
    """What a program writes, both streams together."""
    file = tmp_path / "program.py"
    file.write_text(program, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "TENSORLET_TRACEBACKS"}
    environment |= {"PYTHONIOENCODING": "utf-8", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | (
        {} if mode is None else {"TENSORLET_TRACEBACKS": mode}
    )
    done = subprocess.run(
        [sys.executable, *command, str(file)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8", timeout=120, cwd=tmp_path,
    )  # fmt: skip
    return done.stdout


def files(text: str) -> list[str]:
    """The names of the files of the frames in a traceback of plain Python; those of Tensorlet as "tensorlet"."""
    found = [line.split('"')[1] for line in text.splitlines() if line.startswith('  File "')]
    return ["tensorlet" if file.startswith(FOLDER) else Path(file).name for file in found]


def test_the_lines_of_the_user_and_one_of_tensorlet(tmp_path):
    text = shown(tmp_path, WRONG_SHAPE + "train()\n")
    assert files(text) == ["program.py", "program.py", "tensorlet"]
    assert "    model.fit(np.zeros((5, 7)), np.zeros((5, 3)), verbose=0)\n" in text
    assert text.splitlines()[-1].startswith("tensorlet.errors.ShapeError: ") and "left out" not in text


def test_full_shows_every_frame(tmp_path):
    text = shown(tmp_path, WRONG_SHAPE + "train()\n", mode="full")
    assert files(text).count("tensorlet") > 5


def test_functions_of_the_user_below_are_kept(tmp_path):
    program = """\
import numpy as np, tensorlet as tf

class Failing(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        divide()

def divide():
    1 / 0

model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])
model.compile("sgd", "mse")
model.fit(np.zeros((2, 1)), np.zeros((2, 1)), verbose=0, callbacks=[Failing()])
"""
    text = shown(tmp_path, program)
    assert files(text) == ["program.py"] * 3
    assert text.splitlines()[-1] == "ZeroDivisionError: division by zero"


def test_causes_are_shortened_and_kept(tmp_path):
    text = shown(
        tmp_path,
        WRONG_SHAPE
        + "try:\n    train()\nexcept ValueError as error:\n    raise RuntimeError('mine') from error\n",
    )
    assert files(text) == ["program.py", "program.py", "tensorlet", "program.py"]
    assert "The above exception was the direct cause" in text and "RuntimeError: mine" in text


def test_errors_that_are_not_meant_say_how_to_see_all(tmp_path):
    text = shown(tmp_path, "import tensorlet as tf\ntf.keras.layers.Dense(3).missing_attribute\n")
    assert files(text) == ["program.py", "tensorlet"]
    assert (
        text.splitlines()[-1]
        == "Frames inside of Tensorlet are left out; TENSORLET_TRACEBACKS=full shows them."
    )


def test_the_exception_itself_is_complete(tmp_path):
    program = WRONG_SHAPE + (
        "import sys, traceback\n"
        "try:\n    train()\nexcept ValueError as error:\n"
        "    before = traceback.format_exc()\n"
        "    sys.excepthook(*sys.exc_info())\n"
        "    assert traceback.format_exc() == before\n"
        "    print('complete', before.count('File'))\n"
    )
    text = shown(tmp_path, program)
    assert int(text.rpartition("complete ")[2]) > 8 > len(files(text))


def test_threads(tmp_path):
    text = shown(
        tmp_path,
        WRONG_SHAPE + "import threading\none = threading.Thread(target=train)\none.start()\none.join()\n",
    )
    assert files(text)[-2:] == ["program.py", "tensorlet"] and files(text).count("tensorlet") == 1


def test_another_hook_of_the_program_is_called(tmp_path):
    program = (
        "import sys\nsys.excepthook = lambda kind, error, traceback: print('hook', kind.__name__)\n"
        "import tensorlet\nraise KeyError(1)\n"
    )
    assert shown(tmp_path, program) == "hook KeyError\n"


def test_ipython(tmp_path):
    pytest.importorskip("IPython", reason="the extra 'lessons' is not installed")
    program = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance(colors='NoColor', history_manager=None)\n"
        f"shell.run_cell({WRONG_SHAPE + 'train()'!r})\n"
        "import sys, traceback\n"
        "print('for debuggers', len(traceback.extract_tb(sys.last_traceback)))\n"
    )
    text = shown(tmp_path, program)
    frames = [line for line in text.splitlines() if line.startswith(("Cell In", "File "))]
    assert [line.startswith("File") for line in frames] == [False, False, True]
    assert "ShapeError: " in text
    assert int(text.rpartition("for debuggers ")[2]) > 8
    full = shown(tmp_path, program, mode="full")
    assert sum(line.startswith("File ") for line in full.splitlines()) > 5


def test_pytest(tmp_path):
    program = WRONG_SHAPE + "def test_training():\n    train()\n"
    command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", "--rootdir=.")
    text = shown(tmp_path, program, command=command)
    frames = [line for line in text.splitlines() if ": in " in line]
    functions = [frame.rpartition(": in ")[2] for frame in frames]
    assert functions[:2] == ["test_training", "train"]
    assert functions[2:] in ([], ["__exit__"])  # of Python's contextlib, which has no mark
    assert "E   tensorlet.errors.ShapeError: " in text
    full = shown(tmp_path, program, command=command, mode="full")
    assert sum(": in " in line for line in full.splitlines()) > 5


def test_only_what_is_between_frames_of_tensorlet_is_left_out():
    def entry(file: str) -> object:
        class Fake:
            class tb_frame:
                class f_code:
                    co_filename = file

        return Fake

    ours, library, user = (
        f"{FOLDER}/x.py",
        f"{os.path.dirname(os.__file__)}/contextlib.py",
        "/home/me/program.py",
    )

    def kept(*names: str) -> list[str]:
        left = tracebacks._without_inside([entry(name) for name in names])
        return [one.tb_frame.f_code.co_filename for one in left]

    assert kept(user, library, user) == [user, library, user]
    assert kept(user, ours, library, ours) == [user, ours]
    assert kept(user, ours, ours, library) == [user, ours, library]
    assert kept(user, library, ours, library, user, ours) == [user, library, library, user, ours]
    assert kept(user, ours) == [user, ours]
    assert kept(library, library) == [library, library]
    assert kept() == []
