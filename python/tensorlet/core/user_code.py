"""The user's Python functions, where they are called while a function is traced.

A traced function runs as it is written, until Python asks a tensor for its truth value: an ``if`` on a tensor,
say. Then, or at once if its code has branches of its own, the function is *converted* (`tensorlet.core.autograph`)
and traced again, and so are the user's functions that are called from then on.
"""

from __future__ import annotations

import dis
from pathlib import Path
from types import CodeType, TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from tensorlet.core.tracing import Trace, current_trace
from tensorlet.errors import NeedsConversion
from tensorlet.registry import Registry, registry_of

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")
T = TypeVar("T", bound=Trace)

#: The folder of this package, whose own functions need no conversion.
PACKAGE = str(Path(__file__).parent.parent)

_BRANCHES = frozenset(
    number
    for name, number in dis.opmap.items()
    if name == "FOR_ITER" or name == "UNARY_NOT" or ("JUMP" in name and ("_IF_" in name))
)
#: The parts of `tensorlet.core.autograph`, imported when a function is converted.
_CONTROL_FLOW: Registry[Callable[..., Any]] = registry_of("control flow")
#: What `do_not_convert` sets on functions.
AS_IT_IS = "_runs_as_it_is"
_END_OF_WITH = dis.opmap["WITH_EXCEPT_START"]


def has_branches(function: object) -> bool:
    """Whether the code of a Python function branches, loops or negates.

    >>> has_branches(lambda x: x * 2), has_branches(lambda x: x * 2 if x else x)
    (False, True)
    """
    function = getattr(function, "__func__", function)
    code = getattr(function, "__code__", None)
    if code is None:
        code = getattr(getattr(type(function), "__call__", None), "__code__", None)  # noqa: B004
    return isinstance(code, CodeType) and not code.co_filename.startswith(PACKAGE) and _counts(code)


def _counts(code: CodeType) -> bool:
    operations = code.co_code[::2]
    branches = sum(1 for one in operations if one in _BRANCHES)
    # The end of each `with` block has a jump of its own.
    return branches > operations.count(_END_OF_WITH)


def user_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the user's, as it must be called: converted, if the trace under way asks for it."""
    trace = current_trace()
    return function if trace is None or not trace.converts else converted(function)


def converted(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with control flow that works on tensors."""
    return _CONTROL_FLOW.find("converted")(function)


def source_of(function: Callable[..., Any]) -> str:
    """The converted function as text."""
    return _CONTROL_FLOW.find("source_of")(function)


def set_loop_options(shape_invariants: object, maximum_iterations: object) -> None:
    """Sets options of the innermost loop of a converted function."""
    _CONTROL_FLOW.find("set_loop_options")(shape_invariants, maximum_iterations)


def traced(make: Callable[[], T], run: Callable[[T], Result], converts: bool = False) -> Result:
    """Traces, and once more with converted functions if Python asks a tensor for its truth value.

    Args:
        make: makes the trace.
        run: traces.
        converts: whether functions are converted from the beginning.
    """
    if not converts:
        trace = make()
        trace.convertible = True
        try:
            result = run(trace)
        except NeedsConversion:
            pass
        except Exception:
            if not trace.asked_for_conversion:
                raise
        else:
            if not trace.asked_for_conversion:
                return result
    trace = make()
    trace.converts = True
    try:
        return run(trace)
    except Exception as error:
        raise error.with_traceback(_of_users(error.__traceback__)) from error.__cause__


#: Files whose frames a traceback leaves out: each stands between two frames of the user's function.
_MACHINERY = (f"{PACKAGE}/core/autograph/", f"{PACKAGE}/core/loops.py", f"{PACKAGE}/core/user_code.py")


def _of_users(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback without the frames of converted control flow, except where it ends there."""
    if traceback is None or traceback.tb_next is None:
        return traceback
    rest = _of_users(traceback.tb_next)
    if traceback.tb_frame.f_code.co_filename.startswith(_MACHINERY):
        return rest
    return TracebackType(rest, traceback.tb_frame, traceback.tb_lasti, traceback.tb_lineno)
