"""Keys that stand for tensors and variables, which cannot be hashed themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tensorlet.core.tensor import Operators


class Reference:
    """A hashable reference to a tensor or variable; ``deref()`` returns it."""

    __slots__ = ("_referred",)

    def __init__(self, referred: Operators) -> None:
        self._referred = referred

    def deref(self) -> Any:
        """The tensor or variable."""
        return self._referred

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self._referred is other._referred

    def __hash__(self) -> int:
        return id(self._referred)
