"""``tf.profiler.experimental``: the calls are accepted, and a warning says once that nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tensorlet.errors import warn_user

_told: list[bool] = []


class ProfilerOptions(NamedTuple):
    """What a profiler would record."""

    host_tracer_level: int = 2
    python_tracer_level: int = 0
    device_tracer_level: int = 1
    delay_ms: int | None = None


def start(logdir: str, options: ProfilerOptions | None = None) -> None:
    """Would start a profile; warns once that there is none.

    Args:
        logdir: where the profile would be written.
        options: what it would record.
    """
    if not _told:
        _told.append(True)
        warn_user(
            f"tf.profiler: no profile is written into {logdir!r}. Python's cProfile shows where a program spends its "
            "time, and TENSORLET_DEBUG=program what the engine runs.",
            RuntimeWarning,
        )


def stop(save: bool = True) -> None:
    """Ends what `start` would have started."""


@contextmanager
def profile(logdir: str, options: ProfilerOptions | None = None) -> Iterator[None]:
    """`start` and `stop` around a ``with`` block: `tf.profiler.experimental.Profile`."""
    start(logdir, options)
    yield


@contextmanager
def trace(name: str, **kwargs: object) -> Iterator[None]:
    """Would mark a part of a profile: `tf.profiler.experimental.Trace`."""
    yield
