"""The errors that Tensorlet raises.

Every message says what was received, what was expected, and how to fix it.
Each class is also the built-in error that Python code expects in its place, so
that ``except ValueError`` and ``except TypeError`` go on working.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable


class TensorletError(Exception):
    """The base of all errors that Tensorlet raises on purpose."""

    @property
    def message(self) -> str:
        """The text of the error."""
        return str(self)


class InvalidArgumentError(TensorletError, ValueError):
    """A value that cannot be used: its contents, an axis, an option."""


class ShapeError(InvalidArgumentError):
    """Shapes that do not fit together."""


class DTypeError(InvalidArgumentError, TypeError):
    """Element types that do not fit together."""


class AssertionFailedError(InvalidArgumentError, AssertionError):
    """A check of values that failed while a traced function ran: ``assert``, ``tf.debugging.assert_...``."""


class OutOfRangeError(InvalidArgumentError, IndexError):
    """An index or label outside its range."""


class NotFoundError(TensorletError, FileNotFoundError):
    """A file or folder that does not exist."""


class AlreadyExistsError(TensorletError, FileExistsError):
    """A file or folder that exists, where a new one was to be made."""


class FailedPreconditionError(TensorletError, RuntimeError):
    """Something that has to be done before has not been done."""


class UnimplementedError(TensorletError, NotImplementedError):
    """An operation that is not supported for these values."""


class ResourceExhaustedError(TensorletError, MemoryError):
    """Too little memory."""


class PermissionDeniedError(TensorletError, PermissionError):
    """A file that may not be read or written."""


class DeadlineExceededError(TensorletError, TimeoutError):
    """Something took longer than it was allowed to."""


class RemoteError(TensorletError, RuntimeError):
    """What other machines, or threads of TensorFlow's runtime, would report. It is never raised here, and has
    a name so that programs may catch it.
    """


class TracingError(TensorletError, TypeError):
    """Python asked for the value of a tensor that has none yet, inside a ``tf.function``."""


class NeedsConversion(TracingError):  # noqa: N818 - asks for another trace; users see it only if none is possible
    """Python asked for the truth value of a tensor while a function was traced as it is written."""


class NeedsValues(TracingError):  # noqa: N818 - asks for another trace; users see it only if none is possible
    """A shape depends on the values of arguments of the traced function.

    Attributes:
        positions: the places of the arguments among the tensor arguments.
    """

    def __init__(self, message: str, positions: Iterable[int] = ()) -> None:
        super().__init__(message)
        self.positions = frozenset(positions)


class UsedTapeError(TensorletError, RuntimeError):
    """A tape that is not persistent was asked for gradients a second time."""


class UnknownNameError(TensorletError, AttributeError):
    """A name of TensorFlow's that Tensorlet does not have."""

    #: What to write instead, where somebody has said it; the message ends with it.
    advice: str = ""


class UnknownModuleError(TensorletError, ModuleNotFoundError):
    """A module of TensorFlow's that Tensorlet does not have."""


class FileFormatError(TensorletError, ValueError):
    """A file that is truncated, corrupted or of another kind than expected."""


class EngineError(TensorletError, RuntimeError):
    """The native engine refused or stopped a program; a defect worth reporting."""


class PerformanceWarning(UserWarning):
    """Something works, but much more slowly than it could; the message says why and how to change it."""


def near_names(name: str, candidates: Iterable[str], most: int = 3) -> list[str]:
    """The candidates that are spelled most like ``name``, best first."""
    import difflib  # only errors need it

    by_lower = {candidate.lower(): candidate for candidate in candidates}
    found = difflib.get_close_matches(name.lower(), by_lower, n=most, cutoff=0.6)
    return [by_lower[lower] for lower in found]


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """`` Did you mean 'a' or 'b'?`` with a space before it, or nothing."""
    names = [f"'{near}'" for near in near_names(name, candidates)]
    if not names:
        return ""
    return f" Did you mean {' or '.join(names)}?"


def warn_user(warning: str | Warning, category: type[Warning] = UserWarning) -> None:
    """Warns, and names the line outside of Tensorlet that the call came from.

    Args:
        warning: the text, or a warning.
        category: of a text.
    """
    depth, frame = 1, sys._getframe()
    while frame.f_back is not None and f"{frame.f_globals.get('__name__')}.".startswith("tensorlet."):
        depth, frame = depth + 1, frame.f_back
    warnings.warn(warning, category, stacklevel=depth)
