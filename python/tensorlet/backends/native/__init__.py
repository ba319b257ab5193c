"""The native backend: graphs become programs of the Rust engine."""

from __future__ import annotations

from tensorlet.backends.base import EpochProgram, Executable
from tensorlet.backends.native.instructions import UnsupportedError
from tensorlet.debug import log
from tensorlet.graph.ir import Graph


def compile_graph(graph: Graph, name: str) -> Executable:
    """The graph on the native engine, or on the reference backend if the engine cannot run it."""
    from tensorlet.backends.native.executable import Compiled

    try:
        return Compiled(graph, name)
    except UnsupportedError as reason:
        from tensorlet.backends.reference import Interpreted

        log("backend", f"'{name}' runs on the reference backend: the native engine lacks {reason}")
        return Interpreted(graph)


def compile_epoch(graph: Graph, name: str) -> EpochProgram:
    """Like `compile_graph`, for whole epochs."""
    from tensorlet.backends.native.executable import Epoch

    try:
        return Epoch(graph, name)
    except UnsupportedError as reason:
        from tensorlet.backends.reference import InterpretedEpoch

        log("backend", f"epochs of '{name}' run on the reference backend: the native engine lacks {reason}")
        return InterpretedEpoch(graph)
