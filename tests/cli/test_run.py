"""The command ``tensorlet``: it runs programs as Python does, and says in a sentence what it cannot do."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

PROGRAMS = Path(__file__).parents[1] / "programs"
EXPECTED = PROGRAMS / "expected"
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?(?![\w])", re.IGNORECASE)


def tensorlet(
    *words: str | Path, cwd: Path | None = None, stdin: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tensorlet", *map(str, words)],
        cwd=cwd,
        input=stdin,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def form(text: str) -> list[str]:
    """The lines with every number as ``#`` and every run of blanks as one: how wide a number is varies."""
    return [
        re.sub(r" *# *", "#", re.sub(r" +", " ", NUMBER.sub("#", line))).strip() for line in text.splitlines()
    ]


def numbers(text: str) -> list[float]:
    return [float(found) for found in NUMBER.findall(text)]


@pytest.mark.slow
@pytest.mark.parametrize("program", sorted(path.stem for path in PROGRAMS.glob("*.py")))
def test_a_course_program_prints_what_tensorflow_prints(program: str) -> None:
    """The expected texts were printed by real TensorFlow, from the same files."""
    done = tensorlet("run", PROGRAMS / f"{program}.py")
    assert done.returncode == 0, done.stderr
    expected = (EXPECTED / f"{program}.txt").read_text(encoding="utf-8")
    assert form(done.stdout) == form(expected)
    np.testing.assert_allclose(numbers(done.stdout), numbers(expected), rtol=2e-3, atol=1e-4)


def test_every_program_has_its_expected_text() -> None:
    programs = {path.stem for path in PROGRAMS.glob("*.py")}
    texts = {path.stem for path in EXPECTED.glob("*.txt")} - {"flowers_softmax"}
    assert programs == texts
    assert len(programs) >= 10


def test_a_program_that_starts_from_random_weights() -> None:
    """TensorFlow printed the expected text, from other random weights."""
    done = tensorlet("run", PROGRAMS / "random_start" / "flowers_softmax.py")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    expected = (EXPECTED / "flowers_softmax.txt").read_text(encoding="utf-8")
    assert form(done.stdout) == form(expected)
    costs = [float(cost) for cost in re.findall(r"cost:(\S+)", done.stdout)]
    assert costs[-1] < 0.05 < costs[0]
    # What does not depend on the random start: the data before training, and what was learned.
    assert done.stdout.split("turn:0")[0] == expected.split("turn:0")[0]
    assert done.stdout.split("Chosen =")[1] == expected.split("Chosen =")[1]


def test_a_program_that_slices_its_batches() -> None:
    done = tensorlet("run", PROGRAMS / "random_start" / "digits_in_batches.py", "2")
    assert done.returncode == 0, done.stderr
    assert form(done.stdout) == ["Epoch:#cost:#", "Epoch:#cost:#", "Accuracy =#"]
    (_, first, _, second, accuracy) = numbers(done.stdout)
    # TensorFlow, from other random weights: 0.81, 0.44 and 0.88.
    assert first == pytest.approx(0.82, abs=0.15)
    assert second == pytest.approx(0.44, abs=0.05)
    assert accuracy == pytest.approx(0.885, abs=0.015)


def test_a_program_sees_what_python_would_show_it(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import sys\nprint(sys.argv, sys.path[0], __name__, __file__, __spec__, __doc__)\n")
    (tmp_path / "helper.py").write_text("x = 1\n")
    for script in (program, "program.py"):
        python = subprocess.run(
            [sys.executable, str(script), "a", "-h", "--b=c"], cwd=tmp_path, capture_output=True, text=True
        )
        ours = tensorlet("run", script, "a", "-h", "--b=c", cwd=tmp_path)
        assert ours.stdout == python.stdout != ""
        assert ours.stderr == ""


def test_a_program_imports_its_neighbours_and_pickles_its_own(tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("import tensorflow as tf\nthree = tf.constant(3)\n")
    program = tmp_path / "program.py"
    program.write_text(
        "import pickle, sys\n"
        "import neighbour\n"
        "class Point:\n    x = 4\n"
        "copy = pickle.loads(pickle.dumps(Point()))\n"
        "print(int(neighbour.three), copy.x, sys.modules['__main__'].Point is Point)\n"
    )
    done = tensorlet("run", program)
    assert (done.stdout, done.stderr) == ("3 4 True\n", "")


def test_modules_code_and_standard_input(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "__init__.py").write_text("")
    (tmp_path / "inner" / "job.py").write_text(
        "import sys, tensorflow as tf\nprint(sys.argv[1:], __name__, int(tf.constant(1) + 1))\n"
    )
    assert tensorlet("run", "-m", "inner.job", "a", cwd=tmp_path).stdout == "['a'] __main__ 2\n"
    assert tensorlet("run", "-c", "import sys; print(sys.argv, sys.path[0])", "a").stdout == "['-c', 'a'] \n"
    assert tensorlet("run", "-", "a", stdin="import sys\nprint(sys.argv, '한')").stdout == "['-', 'a'] 한\n"
    (tmp_path / "inner" / "__main__.py").write_text("import job\n")
    assert tensorlet("run", "inner", "b", cwd=tmp_path).stdout == "['b'] job 2\n"


def test_a_traceback_shows_the_program_and_not_the_command(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("def broken():\n    raise ValueError('so')\n\nbroken()\n")
    python = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=False)
    ours = tensorlet("run", program)
    assert ours.returncode == python.returncode == 1
    assert ours.stderr == python.stderr
    assert "cli" not in ours.stderr
    module = tensorlet("run", "-m", "program", cwd=tmp_path)
    assert module.returncode == 1
    assert "runpy" not in module.stderr
    assert module.stderr.splitlines()[-1] == "ValueError: so"


@pytest.mark.parametrize(("code", "status"), [("3", 3), ("None", 0), ("'words'", 1), ("", 0)])
def test_the_exit_status_is_the_programs(code: str, status: int) -> None:
    done = tensorlet("run", "-c", f"import sys; sys.exit({code})")
    assert done.returncode == status
    assert done.stderr == ("words\n" if code == "'words'" else "")


def test_a_syntax_error_is_shown_as_python_shows_it(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("print('a'\n")
    python = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=False)
    ours = tensorlet("run", program)
    assert (ours.returncode, ours.stderr) == (1, python.stderr)


def test_a_file_in_another_encoding_gets_advice(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_bytes("print('정확도')\n".encode("cp949"))
    done = tensorlet("run", program)
    assert done.returncode == 1
    assert "save it as UTF-8, or declare its encoding in the first line" in done.stderr
    program.write_bytes("# -*- coding: cp949 -*-\nprint('정확도')\n".encode("cp949"))
    assert tensorlet("run", program).stdout == "정확도\n"


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "en_US.ISO-8859-1"])
def test_korean_names_and_sources_work_in_every_locale(tmp_path: Path, locale: str) -> None:
    program = tmp_path / "한글.py"
    program.write_text("import tensorflow as tf\nprint('정확도', int(tf.constant(1)))\n", encoding="utf-8")
    done = tensorlet(
        "run", program, LC_ALL=locale, PYTHONIOENCODING="", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout in ("정확도 1\n", r"\uc815\ud655\ub3c4 1" + "\n")


def test_ctrl_c_stops_a_program(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import time\nprint('ready', flush=True)\ntime.sleep(60)\n")
    with subprocess.Popen(
        [sys.executable, "-m", "tensorlet", "run", str(program)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.splitlines()[-1] == "KeyboardInterrupt"
    assert "cli" not in errors


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run"], "tensorlet run: expected a program: tensorlet run SCRIPT.py\n"),
        (["run", "-m"], "tensorlet run: -m needs a module name after it.\n"),
        (
            ["run", "--fast"],
            "tensorlet run: unknown option '--fast'. Options of the program go after its name.\n",
        ),
        (
            ["run", "porgram.py"],
            "no such file: 'porgram.py'. Did you mean 'program.py'? The current folder is ",
        ),
        (
            ["run", "folder"],
            "tensorlet run: the folder 'folder' has no __main__.py. Pass a Python file in it.\n",
        ),
        (["rum"], "tensorlet: unknown command 'rum'. Did you mean 'run'?\n"),
        (["program.py"], "unknown command 'program.py'. To run a program: tensorlet run program.py\n"),
        (["info", "more"], "tensorlet info: expected no arguments, but got more.\n"),
    ],
)
def test_a_command_line_that_makes_no_sense_gets_a_sentence(
    tmp_path: Path, words: list[str], sentence: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "program.py").write_text("")
    done = tensorlet(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 2  # the sentence, and where to find more: not the whole help


def test_help_version_and_info() -> None:
    assert tensorlet("--help").stdout.startswith("usage: tensorlet COMMAND [ARGUMENTS...]\n")
    assert tensorlet().returncode == 2
    assert tensorlet("--version").stdout == "tensorlet 0.1.0 (interface of TensorFlow 2.15.0)\n"
    usage = "usage: tensorlet run SCRIPT [ARGUMENTS...]\n"
    assert tensorlet("run", "--help").stdout.startswith(usage)
    assert tensorlet("help", "run").stdout.startswith(usage)
    assert tensorlet("help").stdout == tensorlet("--help").stdout
    assert "unknown command 'rum'" in tensorlet("help", "rum").stderr
    facts = dict(line.split(maxsplit=1) for line in tensorlet("info").stdout.splitlines())
    assert facts["Tensorlet"] == "0.1.0"
    assert facts["NumPy"] == np.__version__
    assert Path(facts["data"]).is_dir()
    assert facts["engine"].startswith(("native, ", "not there ("))


def test_the_command_adds_little_to_the_start() -> None:
    """Only what the command needs is imported beside what the program imports."""
    done = tensorlet(
        "run", "-c", "import sys; print(sorted(m for m in sys.modules if m.startswith('tensorlet')))"
    )
    assert eval(done.stdout) == [
        "tensorlet", "tensorlet.api", "tensorlet.api.install",
        "tensorlet.cli", "tensorlet.cli.run", "tensorlet.compat",
        "tensorlet.compat.module_loaders", "tensorlet.data", "tensorlet.dtypes", "tensorlet.errors",
        "tensorlet.extensions", "tensorlet.localization", "tensorlet.numpy_threads", "tensorlet.public_names",
        "tensorlet.settings", "tensorlet.summary", "tensorlet.tracebacks", "tensorlet.version_info",
    ]  # fmt: skip
    loaded = tensorlet("run", "-c", "import sys; print('argparse' in sys.modules)")
    assert loaded.stdout == "False\n"


ENDING = """\
import atexit, os, sys, threading, time

class Log:
    def __init__(self):
        self.file = open(sys.argv[1], "w")
        self.itself = self

    def __del__(self):
        print("gone", os.path.basename(__file__), NAME)

NAME = "a name"
log = Log()
log.file.write("all of it")
plain = open(sys.argv[1] + ".plain", "w")
plain.write("this too")
"""


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ("", 0),
        ("atexit.register(lambda: print('at exit', log.file.closed))", 0),  # this holds all names to the end
        ("sys.exit(3)", 3),
        ("raise ValueError('oh')", 1),
    ],
)
def test_at_its_end_a_program_is_finalized_with_its_names_in_place(
    tmp_path: Path, more: str, status: int
) -> None:
    program = tmp_path / "program.py"
    program.write_text(ENDING + more)
    done = tensorlet("run", program, tmp_path / "file")
    assert done.returncode == status
    first = "at exit False\n" if "atexit.register" in more else ""
    assert done.stdout == f"{first}gone program.py a name\n"
    assert "NameError" not in done.stderr
    assert (tmp_path / "file").read_text() == "all of it"
    assert (tmp_path / "file.plain").read_text() == "this too"


def test_a_thread_that_nobody_waits_for_keeps_its_names(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    work = "def work():\n    while True:\n        NAME; time.sleep(0)\n"
    start = "threading.Thread(target=work, daemon=True).start()\ntime.sleep(0.05)\n"
    program.write_text(ENDING + work + start)
    done = tensorlet("run", program, tmp_path / "file")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_module_of_the_program_keeps_what_it_needs_to_the_end(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text(
        "class Kept:\n"
        "    def __init__(self):\n"
        "        self.itself = self\n"
        "    def __del__(self):\n"
        "        print('helped')\n"
        "kept = Kept()\n"
    )
    (tmp_path / "program.py").write_text("import helper\nprint('end')\n")
    done = tensorlet("run", tmp_path / "program.py")
    assert done.stdout == "end\nhelped\n"


def test_the_environment_stays_as_it_was() -> None:
    done = tensorlet("run", "-c", "import os; print(os.environ.get('OPENBLAS_THREAD_TIMEOUT'))")
    assert done.stdout == "None\n"
    done = tensorlet(
        "run", "-c", "import os; print(os.environ['OPENBLAS_THREAD_TIMEOUT'])", OPENBLAS_THREAD_TIMEOUT="25"
    )
    assert done.stdout == "25\n"
