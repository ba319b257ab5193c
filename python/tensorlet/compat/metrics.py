"""The legacy method ``reset_states`` of metrics, called ``reset_state`` since TensorFlow 2.5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet.compat.deprecation import warn_legacy

if TYPE_CHECKING:
    from tensorlet.keras.metrics.base import Metric


_LEGACY, _CURRENT = "Metric.reset_states()", "Metric.reset_state()"


def extend_metric(metric: Any) -> Any:
    """Gives metrics the method ``reset_states``, which subclasses may override in place of ``reset_state``."""
    reset = metric.reset_state

    def __init_subclass__(cls: Any, **options: Any) -> None:  # noqa: N807 - becomes the method of that name
        super(metric, cls).__init_subclass__(**options)
        if "reset_states" in vars(cls) and "reset_state" not in vars(cls):
            warn_legacy(_LEGACY, _CURRENT)
            cls.reset_state = _calling_reset_states(cls)

    def reset_states(self: Metric) -> None:
        """The legacy name of `reset_state`."""
        warn_legacy(_LEGACY, _CURRENT)
        if any(hasattr(vars(base).get("reset_state"), "calls_reset_states") for base in type(self).__mro__):
            reset(self)  # super().reset_states() of a subclass that overrides it
        else:
            self.reset_state()

    metric.__init_subclass__, metric.reset_states = classmethod(__init_subclass__), reset_states
    return metric


def _calling_reset_states(owner: type) -> Any:
    """A ``reset_state`` for a class that overrides ``reset_states``; it counts as the class's own method."""

    def reset_state(self: Metric) -> None:
        self.reset_states()

    reset_state.__module__ = owner.__module__
    reset_state.calls_reset_states = True  # type: ignore[attr-defined]
    return reset_state
