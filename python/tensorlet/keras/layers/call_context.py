"""The context of a layer call: ``training`` of the surrounding calls, and the creation of weights during a call."""

from __future__ import annotations

import threading
from typing import Any

from tensorlet.core import active_tapes
from tensorlet.core.eager import EAGER
from tensorlet.ops.registry import interpreting


class _Calls(threading.local):
    def __init__(self) -> None:
        self.training: bool | None = None
        self.depth = 0
        self.passes = 0
        self.prefix = ""


_calls = _Calls()


class calling:  # noqa: N801 - reads like a statement: with calling(training=True)
    """Context manager for a layer call; calls inside it inherit ``training``.

    Args:
        training: whether the model is in training mode; None for the value of the surrounding call.
    """

    def __init__(self, training: bool | None) -> None:
        self._training = training

    def __enter__(self) -> None:
        self._before = _calls.training
        if self._training is not None:
            _calls.training = self._training
        if _calls.depth == 0:
            _calls.passes += 1
        _calls.depth += 1

    def __exit__(self, *_: object) -> None:
        _calls.training = self._before
        _calls.depth -= 1


def count_pass() -> None:
    """Counts a call of a layer that has run as a compiled graph, unless it was part of another one."""
    if _calls.depth == 0:
        _calls.passes += 1


class prefixed:  # noqa: N801 - reads like a statement: with prefixed("outer/")
    """Context manager in which layers are built whose weights have names that begin with ``prefix``."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def __enter__(self) -> None:
        self._before, _calls.prefix = _calls.prefix, self._prefix

    def __exit__(self, *_: object) -> None:
        _calls.prefix = self._before


def prefix_of_call() -> str:
    """The beginning of the names of weights of layers that are built now: the names of the layers being called."""
    return _calls.prefix


def prefix_inside(layer: Any) -> str:
    """The same for layers that a call of ``layer`` builds. Those of a model made of layers are named for themselves."""
    return "" if getattr(layer, "_graph", None) is not None else layer.weight_prefix


def training_of_call() -> bool | None:
    """``training`` of the current call; None outside of calls, or if it is not set."""
    return _calls.training


def pass_number() -> int:
    """The number of outermost layer calls so far; losses of earlier passes are dropped."""
    return _calls.passes


class eagerly:  # noqa: N801 - reads like a statement: with eagerly()
    """Context manager in which operations run eagerly and unrecorded, even while a function is being traced.

    Weights are created in such a block: a layer may be built by a call inside a trace, and its
    weights must outlive the trace.
    """

    def __enter__(self) -> Any:
        self._interpreting = interpreting(EAGER)
        self._paused = active_tapes.paused()
        self._paused.__enter__()
        return self._interpreting.__enter__()

    def __exit__(self, *error: object) -> None:
        self._interpreting.__exit__(*error)
        self._paused.__exit__(*error)
