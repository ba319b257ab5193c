"""The base class of constraints."""

from __future__ import annotations

from typing import Any

from tensorlet.ops.registry import TensorLike


class Constraint:
    """Base class of constraints, which map a weight to one that meets a condition.

    To write one, define ``__call__`` and ``get_config``. Any function may be used instead.
    """

    def __call__(self, w: TensorLike) -> Any:
        """Returns the constrained weight, of the same shape."""
        return w

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that recreate the constraint."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Constraint:
        """Creates a constraint from its configuration."""
        return cls(**config)
