"""``tensorlet run``: runs a program as Python does, with TensorFlow's names answered by Tensorlet."""

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

HELP = """\
usage: tensorlet run SCRIPT [ARGUMENTS...]
       tensorlet run -m MODULE [ARGUMENTS...]
       tensorlet run -c CODE [ARGUMENTS...]
       tensorlet run - [ARGUMENTS...]          reads the program from standard input

Runs a Python program as `python` does. `import tensorflow`, `import keras` and the
modules in them are answered by Tensorlet; nothing in the program needs to change."""

USAGE_ERROR = 2
#: New objects between two searches for garbage; 700 to 2,000 in Python itself.
GARBAGE_THRESHOLD = 30_000
#: What a shell reports for a program that was stopped with Ctrl-C: 128 + SIGINT.
INTERRUPTED = 130

#: Where Tensorlet's files are.
_PACKAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")
#: The command's own ``__main__``, whose functions are still running while the program has that name.
_kept_alive: list[ModuleType] = []


def main(arguments: list[str]) -> int:
    """Runs the program that the words after ``tensorlet run`` name, and gives its exit status."""
    if not arguments:
        return _refuse("there is no program to run. Name one: tensorlet run SCRIPT.py")
    first, rest = arguments[0], arguments[1:]
    if first in ("-h", "--help"):
        print(HELP)
        return 0
    if first in ("-m", "-c"):
        if not rest:
            return _refuse(f"{first} needs a {'module' if first == '-m' else 'program'} after it.")
        if first == "-m":
            return _run_module(rest[0], rest[1:])
        return _run_source(rest[0], "<string>", ["-c", *rest[1:]], "")
    if first == "-":
        return _run_source(sys.stdin.buffer.read(), "<stdin>", ["-", *rest], "")
    if first.startswith("-") and not os.path.exists(first):
        return _refuse(f"there is no option '{first}'. Options of the program stand after its name.")
    return _run_script(first, rest)


def _run_script(script: str, arguments: list[str]) -> int:
    path = os.path.abspath(script)
    if os.path.isdir(path):
        inner = os.path.join(path, "__main__.py")
        if not os.path.exists(inner):
            return _refuse(f"'{script}' is a folder without a __main__.py. Name a Python file in it.")
        path, folder = inner, path
    else:
        folder = os.path.dirname(os.path.realpath(path))
    try:
        with open(path, "rb") as file:
            source = file.read()
    except FileNotFoundError:
        return _refuse(
            f"there is no file '{script}'.{_near_files(script)} The current folder is {os.getcwd()}."
        )
    except OSError as error:
        return _refuse(f"'{script}' cannot be read: {error.strerror}.")
    return _run_source(source, path, [script, *arguments], folder)


def _near_files(script: str) -> str:
    from tensorlet.errors import did_you_mean

    try:
        names = [name for name in os.listdir(os.path.dirname(script) or ".") if name.endswith(".py")]
    except OSError:
        return ""
    return did_you_mean(os.path.basename(script), names)


def _run_source(source: str | bytes, path: str, arguments: list[str], folder: str) -> int:
    """Compiles and runs a program in a fresh ``__main__``."""
    _prepare(arguments, folder)
    program = ModuleType("__main__")
    program.__dict__["__builtins__"] = sys.modules["builtins"]
    if not path.startswith("<"):
        program.__dict__["__file__"] = path
        program.__dict__["__cached__"] = None
    atexit.register(_end_quickly, folder)  # the first to be registered is the last to be called

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
                ". The file is not in UTF-8: save it as UTF-8, or name its encoding in the first line, "
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
    """Makes the process look as if Python had been started with the program."""
    from tensorlet.api.install import install_as_tensorflow

    install_as_tensorflow()
    # Imports make a great many objects and next to no garbage: a program starts sooner if it is sought less often.
    gc.set_threshold(GARBAGE_THRESHOLD, *gc.get_threshold()[1:])
    gc.freeze()  # what is here already stays to the end: it need not be looked through again and again
    sys.argv[:] = arguments
    if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        # The first entry is the folder of the command (or, with `python -m`, where it was started).
        sys.path[0] = folder
    for stream in (sys.stdout, sys.stderr):
        # Korean text must not stop a program whose terminal cannot show it.
        narrow = getattr(stream, "encoding", "utf-8").lower() not in ("utf-8", "utf8")
        if narrow and getattr(stream, "errors", "") in ("strict", "surrogateescape"):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _end_quickly(folder: str) -> None:
    """Spares Python most of the searches for garbage that it ends with.

    While it ends, it looks three times through all objects, those of every library included: a tenth of a
    second after matplotlib. Here the program is let go, found in one search, and finalized as Python would
    have done it, with all of its names in place. If nothing holds on to it, what is left are libraries, which
    need no search.
    """
    if not _kept_alive or len(sys._current_frames()) > 1 or _has_modules_in(folder):
        return  # there was no program; or a thread that nobody waits for, or another file, may need its names
    # The search finalizes in any order: a text file whose buffer goes first would lose what it has not written.
    for file in [thing for thing in gc.get_objects() if type(thing) is io.TextIOWrapper]:
        with contextlib.suppress(OSError, ValueError):  # closed, read-only, or nobody reads the other end
            file.flush()
    namespace, sys.modules["__main__"] = sys.modules["__main__"].__dict__, _kept_alive[-1]
    last = _Last()
    goes = weakref.ref(last)
    namespace["the last"] = last  # no name of a program's
    del namespace, last
    gc.collect()
    if goes() is None:
        gc.freeze()


class _Last:
    """Goes when the program's namespace goes."""


def _has_modules_in(folder: str) -> bool:
    """Whether the program has imported files of its own, which Python finalizes later than the program."""
    start = os.path.join(os.path.abspath(folder), "")
    others = [module for name, module in sys.modules.items() if name != "__main__"]
    files = [getattr(module, "__file__", None) or "" for module in others]
    return any(
        file.startswith(start) and "site-packages" not in file and not file.startswith(_PACKAGE)
        for file in files
    )


def _guarded(run: Callable[[], None]) -> int:
    """Runs the program; prints an error of its as Python does, without the frames of this file."""
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
    print(f"tensorlet run: {sentence}", file=sys.stderr)
    return USAGE_ERROR
