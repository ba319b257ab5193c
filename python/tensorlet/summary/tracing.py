"""Graphs in summaries: `graph`, and `trace_on` ... `trace_export`, which collect them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core import concrete_function
from tensorlet.errors import InvalidArgumentError
from tensorlet.formats.events import GRAPH_DEF
from tensorlet.formats.protobuf import Message
from tensorlet.summary.graphs import graph_def
from tensorlet.summary.messages import metadata, summary, tensor_message
from tensorlet.summary.writers import STATE, add

if TYPE_CHECKING:
    from tensorlet.core.concrete_function import Concrete
    from tensorlet.type_aliases import FloatLike

_collected: list[Any] = []


def _collect(concrete: Concrete) -> None:
    _collected.append(concrete)


def graph(graph_data: object, name: str | None = None) -> bool:
    """Writes a graph, for the "Graphs" tab of TensorBoard. A run has one; the last one is shown.

    Args:
        graph_data: a traced `tf.function` or its concrete function.
        name: ignored.

    Returns:
        Whether it was written.

    >>> import tempfile
    >>> import tensorlet as tf
    >>> double = tf.function(lambda x: 2.0 * x)
    >>> _ = double(tf.constant(1.0))
    >>> with tf.summary.create_file_writer(tempfile.mkdtemp()).as_default():
    ...     tf.summary.graph(double)
    True
    """
    return add("graph", 0, lambda: graph_def(graph_data), GRAPH_DEF)


def trace_on(graph: bool = True, profiler: bool = False, profiler_outdir: str | None = None) -> None:
    """Starts collecting the graphs of functions that are traced, for `trace_export`.

    Args:
        graph: whether to collect them.
        profiler, profiler_outdir: ignored; profiling is not supported.
    """
    trace_off()
    if graph:
        concrete_function.WATCHERS.append(_collect)


def trace_off() -> None:
    """Stops collecting, and discards what was collected."""
    concrete_function.WATCHERS[:] = [
        watcher for watcher in concrete_function.WATCHERS if watcher is not _collect
    ]
    _collected.clear()


def trace_export(name: str, step: FloatLike | None = None, profiler_outdir: str | None = None) -> None:
    """Writes the graphs that were collected since `trace_on`, and stops collecting.

    Args:
        name: the tag in the "Graphs" tab of TensorBoard.
        step: as for `tf.summary.scalar`.
        profiler_outdir: ignored.

    Raises:
        InvalidArgumentError: if `trace_on` was not called.

    >>> import tempfile
    >>> import tensorlet as tf
    >>> tf.summary.trace_on()
    >>> _ = tf.function(lambda x: 2.0 * x)(tf.constant(1.0))
    >>> with tf.summary.create_file_writer(tempfile.mkdtemp()).as_default():
    ...     tf.summary.trace_export("double", step=0)
    """
    if _collect not in concrete_function.WATCHERS:
        raise InvalidArgumentError("trace_export: nothing was collected. Call tf.summary.trace_on() first.")
    if STATE.writer is None:
        raise InvalidArgumentError(
            "trace_export: there is no default summary writer. Call it in a block: with writer.as_default(): ..."
        )
    if not _collected:
        warnings.warn(
            "trace_export: no function was traced since trace_on(), so there is no graph. A function is traced in its "
            "first call: call trace_on() before it.",
            stacklevel=2,
        )
    else:
        add("trace_export", step, lambda: _run_metadata(name))
    trace_off()


def _run_metadata(name: str) -> bytes:
    """Returns a ``RunMetadata`` summary with the graph of each function."""
    message = Message()
    for concrete in _collected:
        message.message(4, Message().data(2, graph_def(concrete)))
    content = np.empty((), dtype=object)
    content[()] = bytes(message)
    return summary(name, tensor_message(content), metadata("graph_run_metadata_graph", b"1"))
