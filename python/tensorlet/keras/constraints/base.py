"""What a constraint is."""

from __future__ import annotations

from typing import Any

from tensorlet.ops.registry import TensorLike


class Constraint:
    """The base of all constraints: a function from a weight to the weight as it should be.

    Subclass it with ``__call__`` and ``get_config``, or pass any function in its place.
    """

    def __call__(self, w: TensorLike) -> Any:
        """The weight as it should be, of the same shape."""
        return w

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same constraint again."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Constraint:
        """The constraint of a configuration."""
        return cls(**config)
