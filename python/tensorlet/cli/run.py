"""``tensorlet run``: runs a program like Python, with Tensorlet in place of TensorFlow and Keras."""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import os
import sys
import weakref
from collections.abc import Callable
from types import CodeType, ModuleType, TracebackType

from tensorlet.cli import refuse
from tensorlet.localization import mark
from tensorlet.localization import translate as _

HELP = mark("""\
usage: tensorlet run SCRIPT [ARGUMENTS...]
       tensorlet run -m MODULE [ARGUMENTS...]
       tensorlet run -c CODE [ARGUMENTS...]
       tensorlet run - [ARGUMENTS...]          reads the program from standard input

Runs a Python program like `python`. `import tensorflow`, `import keras` and imports of
their modules import Tensorlet instead; the program does not need to change.""")

#: The number of new objects between two garbage collections; 700 to 2,000 in Python itself.
GARBAGE_THRESHOLD = 30_000
#: The exit status that a shell reports for a program stopped with Ctrl-C: 128 + SIGINT.
INTERRUPTED = 130

#: The folder of the package.
_PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")
#: The ``__main__`` of the command, whose functions are still running while the program has that name.
_kept_alive: list[ModuleType] = []


def main(arguments: list[str]) -> int:
    """Runs the program named by the arguments after ``tensorlet run``; returns its exit status."""
    if not arguments:
        return _refuse(_("expected a program: tensorlet run SCRIPT.py"))
    first, rest = arguments[0], arguments[1:]
    if first in ("-h", "--help"):
        print(_(HELP))
        return 0
    if first in ("-m", "-c"):
        if not rest:
            return _refuse(
                _("-m needs a module name after it.")
                if first == "-m"
                else _("-c needs a program text after it.")
            )
        if first == "-m":
            return _run_module(rest[0], rest[1:])
        return _run_source(rest[0], "<string>", ["-c", *rest[1:]], "")
    if first == "-":
        return _run_source(sys.stdin.buffer.read(), "<stdin>", ["-", *rest], "")
    if first.startswith("-") and not os.path.exists(first):
        return _refuse(
            _("unknown option '{word}'. Options of the program go after its name.").format(word=first)
        )
    return _run_script(first, rest)


def _run_script(script: str, arguments: list[str]) -> int:
    path = os.path.abspath(script)
    if os.path.isdir(path):
        inner = os.path.join(path, "__main__.py")
        if not os.path.exists(inner):
            return _refuse(
                _("the folder '{folder}' has no __main__.py. Pass a Python file in it.").format(folder=script)
            )
        path, folder = inner, path
    else:
        folder = os.path.dirname(os.path.realpath(path))
    try:
        with open(path, "rb") as file:
            source = file.read()
    except FileNotFoundError:
        return _refuse(
            _("no such file: '{file}'.").format(file=script)
            + _near_files(script)
            + " "
            + _("The current folder is {folder}.").format(folder=os.getcwd())
        )
    except OSError as error:
        return _refuse(_("cannot read '{file}': {reason}.").format(file=script, reason=error.strerror))
    return _run_source(source, path, [script, *arguments], folder)


def _near_files(script: str) -> str:
    from tensorlet.localization.suggestions import suggestion

    try:
        names = [name for name in os.listdir(os.path.dirname(script) or ".") if name.endswith(".py")]
    except OSError:
        return ""
    return suggestion(os.path.basename(script), names)


def _run_source(source: str | bytes, path: str, arguments: list[str], folder: str) -> int:
    """Compiles and runs a program in a fresh ``__main__``."""
    _prepare(arguments, folder)
    program = ModuleType("__main__")
    program.__dict__["__builtins__"] = sys.modules["builtins"]
    if not path.startswith("<"):
        program.__dict__["__file__"] = path
        program.__dict__["__cached__"] = None
    atexit.register(_end_quickly, folder)  # functions that are registered first are called last

    def run() -> None:
        code = _compiled(source, path)
        _kept_alive.append(sys.modules["__main__"])
        sys.modules["__main__"] = program
        exec(code, program.__dict__)

    return _guarded(run)


def _compiled(source: str | bytes, path: str) -> CodeType:
    try:
        return compile(source, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        if "unicode error" in str(error) or "codec can't decode" in str(error):
            error.msg += (
                ". The file is not in UTF-8: save it as UTF-8, or declare its encoding in the first line, "
                "such as # -*- coding: cp949 -*-"
            )
        raise


def _run_module(module: str, arguments: list[str]) -> int:
    import runpy

    _prepare([module, *arguments], os.getcwd())

    def run() -> None:
        runpy.run_module(module, run_name="__main__", alter_sys=True)

    return _guarded(run)


def _prepare(arguments: list[str], folder: str) -> None:
    """Sets up the process as if Python had been started with the program."""
    from tensorlet.api.install import install_as_tensorflow

    install_as_tensorflow()
    # Imports create many objects and almost no garbage: a program starts faster with fewer collections.
    gc.set_threshold(GARBAGE_THRESHOLD, *gc.get_threshold()[1:])
    gc.freeze()  # objects that exist now live to the end and need not be traversed again
    sys.argv[:] = arguments
    if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        # The first entry is the folder of the command (or, with `python -m`, where it was started).
        sys.path[0] = folder
    for stream in (sys.stdout, sys.stderr):
        # Korean text must not stop a program if the terminal cannot display it.
        narrow = getattr(stream, "encoding", "utf-8").lower() not in ("utf-8", "utf8")
        if narrow and getattr(stream, "errors", "") in ("strict", "surrogateescape"):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _end_quickly(folder: str) -> None:
    """Avoids most of the garbage collections that Python runs at exit.

    At exit, Python traverses all objects three times, including those of every library: a tenth of a second
    after importing matplotlib. Here the program's objects are released first, and finalized in one collection
    with all names still in place, as Python would have done. If that released everything, only libraries
    remain, which need no collection.
    """
    if not _kept_alive or len(sys._current_frames()) > 1 or _has_modules_in(folder):
        return  # no program ran; or a daemon thread, or another file of the program, may still need its names
    # A collection finalizes in any order: a text file whose buffer goes first would lose its unwritten text.
    for file in [thing for thing in gc.get_objects() if type(thing) is io.TextIOWrapper]:
        with contextlib.suppress(OSError, ValueError):  # closed, read-only, or a pipe without a reader
            file.flush()
    namespace, sys.modules["__main__"] = sys.modules["__main__"].__dict__, _kept_alive[-1]
    last = _Last()
    goes = weakref.ref(last)
    namespace["the last"] = last  # not a valid name, so a program cannot have it
    del namespace, last
    gc.collect()
    if goes() is None:
        gc.freeze()


class _Last:
    """An object that is released together with the program's namespace."""


def _has_modules_in(folder: str) -> bool:
    """Whether the program has imported its own files, which Python finalizes after the program."""
    start = os.path.join(os.path.abspath(folder), "")
    others = [module for name, module in sys.modules.items() if name != "__main__"]
    files = [getattr(module, "__file__", None) or "" for module in others]
    return any(
        file.startswith(start) and "site-packages" not in file and not file.startswith(_PACKAGE)
        for file in files
    )


def _guarded(run: Callable[[], None]) -> int:
    """Runs the program; prints an uncaught exception like Python, without the frames of this module."""
    try:
        run()
    except SystemExit:
        raise
    except BaseException as error:
        kind, traceback = type(error), _frames_of_the_program(error.__traceback__)
        error = error.with_traceback(traceback)
        sys.excepthook(kind, error, traceback)
        return INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _frames_of_the_program(traceback: TracebackType | None) -> TracebackType | None:
    while traceback is not None and _is_ours(traceback.tb_frame.f_code.co_filename):
        traceback = traceback.tb_next
    return traceback


def _is_ours(file: str) -> bool:
    return file == __file__ or file.startswith("<frozen ") or os.path.basename(file) == "runpy.py"


def _refuse(sentence: str) -> int:
    return refuse("run", sentence)
