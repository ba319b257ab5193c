"""The errors that Tensorlet raises.

Every message says what was received, what was expected, and how to fix it.
Each class is also the built-in error that Python code expects in its place, so
that ``except ValueError`` and ``except TypeError`` keep working.
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
    """An argument with an invalid value, such as an axis or an option."""


class ShapeError(InvalidArgumentError):
    """Shapes that are not compatible."""


class DTypeError(InvalidArgumentError, TypeError):
    """Dtypes that are not compatible or not supported."""


class ArgumentTypeError(InvalidArgumentError, TypeError):
    """An argument of another type than expected."""


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
    """The value of a tensor is needed inside a ``tf.function``, while it is traced and has no value yet."""


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


class RunsEagerly(TracingError):  # noqa: N818 - a tf.function catches it, and runs as ordinary Python
    """A function cannot be compiled, since it needs values of tensors in Python."""


class UsedTapeError(TensorletError, RuntimeError):
    """`gradient` was called a second time on a tape that is not persistent."""


class UnknownNameError(TensorletError, AttributeError):
    """A TensorFlow name that Tensorlet does not support."""

    #: What to write instead, where it is known; the end of the message.
    advice: str = ""


class UnknownModuleError(TensorletError, ModuleNotFoundError):
    """A TensorFlow module that Tensorlet does not support."""


class FileFormatError(TensorletError, ValueError):
    """A file that is truncated, corrupted or of an unexpected format."""


class EngineError(TensorletError, RuntimeError):
    """The native engine refused or stopped a program. This is a bug; please report it."""


class PerformanceWarning(UserWarning):
    """Something works, but much more slowly than it could; the message says why and how to change it."""


def near_names(name: str, candidates: Iterable[str], most: int = 3) -> list[str]:
    """The candidates whose spelling is most similar to ``name``, best first.

    Of candidates that differ in capitals only, such as ``accuracy`` and ``Accuracy``, the one written like ``name``.
    """
    import difflib  # only errors need it

    is_lower = name[:1].islower()
    unlike_first = sorted(candidates, key=lambda candidate: candidate[:1].islower() == is_lower)
    by_lower = {candidate.lower(): candidate for candidate in unlike_first}
    found = difflib.get_close_matches(name.lower(), by_lower, n=most, cutoff=0.6)
    return [by_lower[lower] for lower in found]


#: The exit status of a command after a usage error.
USAGE_ERROR = 2


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """`` Did you mean 'a' or 'b'?`` with a space before it, or nothing."""
    names = [f"'{near}'" for near in near_names(name, candidates)]
    if not names:
        return ""
    return f" Did you mean {' or '.join(names)}?"


def warn_user(warning: str | Warning, category: type[Warning] = UserWarning) -> None:
    """Issues a warning that points to the user's line, the first one outside Tensorlet.

    Args:
        warning: the text, or a warning.
        category: the category of a text.
    """
    depth, frame = 1, sys._getframe()
    while frame.f_back is not None and f"{frame.f_globals.get('__name__')}.".startswith("tensorlet."):
        depth, frame = depth + 1, frame.f_back
    warnings.warn(warning, category, stacklevel=depth)
