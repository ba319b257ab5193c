"""Shapes, as users see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet.errors import ShapeError

if TYPE_CHECKING:
    from typing import SupportsIndex

    from tensorlet.type_aliases import ShapeLike


class TensorShape(tuple):
    """The lengths of a tensor's axes: a tuple of ints with TensorFlow's methods.

    >>> import tensorlet as tf
    >>> tf.zeros([2, 3]).shape
    TensorShape([2, 3])
    >>> print(tf.zeros([2, 3]).shape)
    (2, 3)
    """

    __slots__ = ()

    def __new__(cls, lengths: ShapeLike | None = ()) -> TensorShape:
        if lengths is None or isinstance(lengths, UnknownShape):
            return super().__new__(UnknownShape)
        if isinstance(lengths, int):
            lengths = (lengths,)
        return super().__new__(cls, lengths)  # type: ignore[arg-type]  # a tensor can be iterated over

    @property
    def rank(self) -> int | None:
        """The number of axes; None if it is unknown."""
        return len(self)

    @property
    def ndims(self) -> int | None:
        """The number of axes; None if it is unknown."""
        return self.rank

    @property
    def dims(self) -> list[int | None]:
        """The lengths of the axes, as a list."""
        return list(self)

    def as_list(self) -> list[int | None]:
        """The lengths of the axes, as a list."""
        return list(self)

    def num_elements(self) -> int | None:
        """The product of the lengths; None if one of them is unknown."""
        size = 1
        for length in self:
            if length is None:
                return None
            size *= length
        return size

    def is_fully_defined(self) -> bool:
        """Whether no length is unknown (None)."""
        return None not in self

    def is_compatible_with(self, other: ShapeLike | None) -> bool:
        """Whether the shapes could be equal; None matches every length."""
        other = TensorShape(other)
        if other.rank is None:
            return True
        return len(self) == len(other) and all(
            mine == theirs or mine is None or theirs is None for mine, theirs in zip(self, other, strict=True)
        )

    def assert_is_compatible_with(self, other: ShapeLike | None) -> None:
        """Raises `ShapeError` unless the shapes could be equal."""
        if not self.is_compatible_with(other):
            raise ShapeError(
                f"The shapes {self} and {TensorShape(other)} are not compatible. Their known lengths must be equal."
            )

    def concatenate(self, other: ShapeLike | None) -> TensorShape:
        """The axes of this shape, followed by those of another."""
        return TensorShape((*self, *TensorShape(other)))

    def __getitem__(self, key: SupportsIndex | slice) -> Any:
        found = super().__getitem__(key)
        return TensorShape(found) if isinstance(key, slice) else found

    def __add__(self, other: ShapeLike | None) -> TensorShape:  # type: ignore[override]
        return self.concatenate(other)

    def __radd__(self, other: ShapeLike | None) -> TensorShape:
        return TensorShape(other).concatenate(self)

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, tuple | list) else False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __str__(self) -> str:
        return str(tuple(self))

    def __repr__(self) -> str:
        return f"TensorShape({list(self)})"


class UnknownShape(TensorShape):
    """A shape with an unknown number of axes: ``tf.TensorShape(None)``."""

    __slots__ = ()

    @property
    def rank(self) -> None:
        """Nobody knows."""
        return

    @property
    def dims(self) -> None:  # type: ignore[override]
        """Nobody knows."""
        return

    def as_list(self) -> list[int | None]:
        """Raises `ShapeError`: there is no list of lengths."""
        raise ShapeError("The shape is unknown and has no list of lengths. Use tensors with known shapes.")

    def num_elements(self) -> None:
        """Nobody knows."""
        return

    def is_fully_defined(self) -> bool:
        """False."""
        return False

    def is_compatible_with(self, other: ShapeLike | None) -> bool:
        """True: every shape is compatible."""
        return True

    def concatenate(self, other: ShapeLike | None) -> TensorShape:
        """An unknown shape."""
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnknownShape)

    def __hash__(self) -> int:
        return hash(UnknownShape)

    def __str__(self) -> str:
        return "<unknown>"

    def __repr__(self) -> str:
        return "TensorShape(None)"
