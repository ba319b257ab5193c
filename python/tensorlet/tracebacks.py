"""Short tracebacks: the user's lines and one line of Tensorlet.

What happens between the user's call and the place of an error is of no use to most readers: a wrong shape in `fit`
goes through a dozen functions. So where an uncaught exception is *shown*, the frames of this package are left out,
except the last one. The exceptions themselves are not changed: debuggers, ``logging`` and ``traceback.format_exc()``
see every frame. ``TENSORLET_TRACEBACKS=full`` shows every frame everywhere.

There are three places where exceptions are shown, each with a hook of its own:

* Python's `sys.excepthook` (and `threading.excepthook`);
* IPython, that is notebooks and consoles: the method that formats tracebacks;
* pytest: it leaves out frames whose module has ``__tracebackhide__``.

Nothing happens before an exception is shown, except that pytest's marks are set when modules are imported.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import PathFinder
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any

from tensorlet.errors import TensorletError
from tensorlet.settings import TRACEBACKS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec

PACKAGE = __name__.partition(".")[0]
_FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "")
_LIBRARY = os.path.join(os.path.dirname(os.path.abspath(os.__file__)), "")


def are_short() -> bool:
    """Whether frames are left out."""
    try:
        return TRACEBACKS.read() == "short"
    except ValueError:  # an invalid value was set after the import
        return False


def shortened(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback without what happens inside of this package, except the last line if the error comes from there.

    What the package calls from the outside to pass through (`contextlib`, say) goes with it; what it calls last,
    such as a function of NumPy that raises the error, is kept.
    """
    entries: list[TracebackType] = []
    while traceback is not None:
        entries.append(traceback)
        traceback = traceback.tb_next
    kept: TracebackType | None = None
    for entry in reversed(_without_inside(entries)):
        kept = TracebackType(kept, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return kept


def _without_inside(entries: Sequence[TracebackType]) -> list[TracebackType]:
    kept: list[TracebackType] = []
    passed: list[TracebackType] = []  # since the last line of the user
    for entry in entries:
        file = entry.tb_frame.f_code.co_filename
        if _is_ours(file) or _is_library(file):
            passed.append(entry)
            continue
        first, last = _inside(passed)
        kept += [*passed[:first], *passed[last:], entry]
        passed = []
    first, last = _inside(passed)
    return [*kept, *passed[:first], *passed[max(last - 1, 0) :]]


def _inside(entries: Sequence[TracebackType]) -> tuple[int, int]:
    """Where the first frame of this package is, and where the frames after the last one begin; both 0 without any."""
    ours = [place for place, one in enumerate(entries) if _is_ours(one.tb_frame.f_code.co_filename)]
    return (ours[0], ours[-1] + 1) if ours else (0, 0)


def _is_ours(file: str) -> bool:
    return file.startswith(_FOLDER)


def _is_library(file: str) -> bool:
    return file.startswith((_LIBRARY, "<frozen ")) or "site-packages" in file


def note_for(error: BaseException) -> str:
    """What to say below a shortened traceback: nothing for errors that Tensorlet raises on purpose, or of the user."""
    entry = error.__traceback__
    last = ""
    while entry is not None:
        file = entry.tb_frame.f_code.co_filename
        last = file if _is_ours(file) or not _is_library(file) else last
        entry = entry.tb_next
    if isinstance(error, TensorletError | KeyboardInterrupt) or not _is_ours(last):
        return ""
    return "Frames inside of Tensorlet are left out; TENSORLET_TRACEBACKS=full shows them."


@contextmanager
def short_chain(error: BaseException | None) -> Iterator[None]:
    """Shortens the tracebacks of an exception and its causes, and restores them after the block."""
    before: list[tuple[BaseException, TracebackType | None]] = []
    waiting, seen = [error], set()
    try:
        while waiting:
            one = waiting.pop()
            if one is None or id(one) in seen:
                continue
            seen.add(id(one))
            before.append((one, one.__traceback__))
            one.__traceback__ = shortened(one.__traceback__)
            waiting += [one.__cause__, None if one.__suppress_context__ else one.__context__]
        yield
    finally:
        for one, traceback in before:
            one.__traceback__ = traceback


def install() -> None:
    """Sets the hooks; called once, when Tensorlet is imported."""
    _hook_python()
    _hook_threads()
    if "IPython" in sys.modules:
        _hook_ipython()
    if "_pytest" in sys.modules:
        _hook_pytest()


def _hook_python() -> None:
    show = sys.excepthook

    def excepthook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        if error is None or not are_short():
            show(kind, error, traceback)
            return
        with short_chain(error):
            show(kind, error, shortened(traceback))
        note = note_for(error)
        if note and sys.stderr is not None:
            print(note, file=sys.stderr)

    sys.excepthook = excepthook


def _hook_threads() -> None:
    show = threading.excepthook

    def excepthook(caught: Any) -> None:
        if caught.exc_value is None or not are_short():
            show(caught)
            return
        with short_chain(caught.exc_value):
            thread = caught.thread
            show(
                threading.ExceptHookArgs(
                    (caught.exc_type, caught.exc_value, shortened(caught.exc_traceback), thread)
                )
            )

    threading.excepthook = excepthook


def _hook_ipython() -> None:
    """Lets IPython format shortened tracebacks; ``%debug`` still has every frame."""
    ask = getattr(sys.modules["IPython"], "get_ipython", None)
    formatter = getattr(ask() if ask is not None else None, "InteractiveTB", None)
    format_traceback: Callable[..., Any] | None = getattr(formatter, "structured_traceback", None)
    if formatter is None or format_traceback is None:
        return

    def structured_traceback(
        etype: Any, evalue: Any = None, etb: TracebackType | None = None, *args: Any, **options: Any
    ) -> Any:
        if not isinstance(evalue, BaseException) or not are_short():
            return format_traceback(etype, evalue, etb, *args, **options)
        with short_chain(evalue):
            lines = format_traceback(etype, evalue, shortened(etb), *args, **options)
        note = note_for(evalue)
        return [*lines, note] if note and isinstance(lines, list) else lines

    formatter.structured_traceback = structured_traceback


# --- pytest ---------------------------------------------------------------------------------------


def _is_hidden(excinfo: object) -> bool:
    """Whether pytest leaves out the frames of this package; it asks with the exception."""
    return are_short()


class PytestFinder:
    """Marks each module of the package, as it is imported, so that pytest leaves out its frames."""

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Finds the module as usual, and lets its loader set the mark first; called by Python."""
        if not fullname.startswith(PACKAGE + "."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        execute = getattr(getattr(spec, "loader", None), "exec_module", None)
        if spec is None or execute is None:
            return spec

        def exec_module(module: ModuleType) -> None:
            _mark(module)
            execute(module)

        spec.loader.exec_module = exec_module  # type: ignore[union-attr, method-assign]
        return spec


def _mark(module: ModuleType) -> None:
    module.__dict__["__tracebackhide__"] = _is_hidden


def _hook_pytest() -> None:
    for name, module in list(sys.modules.items()):
        if name == PACKAGE or name.startswith(PACKAGE + "."):
            _mark(module)
    sys.meta_path.insert(0, PytestFinder)
