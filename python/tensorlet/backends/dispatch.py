"""Compiles with the backend in force, or with the reference backend where that one cannot compile a graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from tensorlet.backends.base import BACKENDS, Backend
from tensorlet.backends.effects import WithEffects, can_follow, effects_of
from tensorlet.backends.programs import EpochProgram, Executable, Shuffle, Stage, UnsupportedError
from tensorlet.backends.stepwise import SteppedEpoch
from tensorlet.debug import log
from tensorlet.errors import InvalidArgumentError, PerformanceWarning, warn_user
from tensorlet.graph.ir import Graph
from tensorlet.settings import BACKEND

Compiled = TypeVar("Compiled")
HOW_TO_SILENCE = (
    "To silence this warning: warnings.filterwarnings('ignore', category=tf.errors.PerformanceWarning)."
)
_made: dict[type[Backend], Backend] = {}


def backend(name: str | None = None) -> Backend:
    """The backend of that name, by default the one that `TENSORLET_BACKEND` names.

    Raises:
        InvalidArgumentError: if there is no such backend; the message lists all of them.
    """
    wanted = BACKEND.read() if name is None else name
    if wanted not in BACKENDS:
        names = ", ".join(f"'{known}'" for known in BACKENDS)
        raise InvalidArgumentError(BACKEND.refusal(wanted, f"one of the registered backends ({names})"))
    kind = BACKENDS.find(wanted)
    if kind not in _made:
        _made[kind] = kind()
    return _made[kind]


def compile_graph(graph: Graph, name: str, quiet: bool = False) -> Executable:
    """Compiles a step with the backend in force; see `Backend.compile`.

    Args:
        graph: the step.
        name: the name of the function or model, for messages.
        quiet: do not warn if the graph has to run on the reference backend.
    """
    effects = effects_of(graph)
    if effects and can_follow(graph, effects):
        return WithEffects(graph, effects, lambda pure: compile_graph(pure, name, quiet))
    return _compiled(lambda chosen: chosen.compile(graph, name), name, quiet)


def compile_epoch(graph: Graph, name: str) -> EpochProgram:
    """Compiles a step for whole epochs with the backend in force; see `Backend.compile_epoch`."""
    effects = effects_of(graph)
    if effects and can_follow(graph, effects):
        names = " and ".join(dict.fromkeys(node.operation.name for node in effects))  # type: ignore[union-attr]
        shown = name if "'" in name else f"'{name}'"
        warn_user(
            f"{shown} calls {names} in each step, so Python runs between two steps, which is slower than a whole epoch "
            f"on the engine. {HOW_TO_SILENCE}",
            PerformanceWarning,
        )
        return SteppedEpoch(compile_graph(graph, name), graph)
    return _compiled(lambda chosen: chosen.compile_epoch(graph, name), name, quiet=False)


def permutation(count: int, seed: int, call: int) -> np.ndarray:
    """A random order of ``0 .. count - 1``; see `Backend.permutation`."""
    return backend().permutation(count, seed, call)


def run_schedule(
    stages: Sequence[Stage],
    copies: Sequence[tuple[np.ndarray, np.ndarray]],
    shuffle: Shuffle | None,
    history: np.ndarray,
    seconds: float,
) -> tuple[int, BaseException | None]:
    """Runs several epochs with the backend in force; see `Backend.run_schedule`."""
    return backend().run_schedule(stages, copies, shuffle, history, seconds)


def run_population(
    members: Sequence[tuple[Sequence[Stage], Shuffle | None, np.ndarray]],
) -> tuple[list[int], BaseException | None]:
    """Runs the schedules of several models with the backend in force; see `Backend.run_population`."""
    return backend().run_population(members)


def _compiled(compiler: Callable[[Backend], Compiled], name: str, quiet: bool) -> Compiled:
    """Compiles with the backend in force, or else with the reference backend and a warning that says why."""
    try:
        return compiler(backend())
    except UnsupportedError as reason:
        shown = name if "'" in name else f"'{name}'"
        text = f"{shown} runs on the slow reference backend, because the {BACKEND.read()} backend lacks {reason}."
        log("backend", text)
        if not quiet:
            advice = f" {reason.advice}" if reason.advice else ""
            warn_user(f"{text}{advice} {HOW_TO_SILENCE}", PerformanceWarning)
        return compiler(backend("reference"))
