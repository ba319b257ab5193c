"""``tf.profiler.experimental``: calls have no effect, except for one warning that nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tensorlet.errors import warn_user

_told: list[bool] = []


class ProfilerOptions(NamedTuple):
    """Options of a profile."""

    host_tracer_level: int = 2
    python_tracer_level: int = 0
    device_tracer_level: int = 1
    delay_ms: int | None = None


def start(logdir: str, options: ProfilerOptions | None = None) -> None:
    """Has no effect except for a warning, because profiling is not supported.

    Args:
        logdir: the folder of the profile.
        options: the options of the profile.
    """
    if not _told:
        _told.append(True)
        warn_user(
            f"tf.profiler: profiling is not supported, so no profile is written to {logdir!r}. Python's cProfile shows "
            "where a program spends its time, and TENSORLET_DEBUG=program what the engine runs.",
            RuntimeWarning,
        )


def stop(save: bool = True) -> None:
    """Has no effect; see `start`."""


@contextmanager
def profile(logdir: str, options: ProfilerOptions | None = None) -> Iterator[None]:
    """Context manager for `start` and `stop`: `tf.profiler.experimental.Profile`."""
    start(logdir, options)
    yield


@contextmanager
def trace(name: str, **kwargs: object) -> Iterator[None]:
    """Context manager without effect: `tf.profiler.experimental.Trace`."""
    yield
