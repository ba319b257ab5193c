"""What a regularizer is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet.errors import InvalidArgumentError
from tensorlet.ops.registry import TensorLike

if TYPE_CHECKING:
    pass


def factor_of(name: str, value: float | None) -> float:
    """A factor of a penalty: a number that is finite and not negative."""
    number = 0.0 if value is None else value
    if isinstance(number, bool) or not 0 <= float(number) < float("inf"):
        raise InvalidArgumentError(
            f"The regularization factor {name} is {value!r}. Expected a number of at least 0, such as 0.01."
        )
    return float(number)


class Regularizer:
    """The base of all regularizers: a function from a weight to a scalar, with a configuration.

    Subclass it with ``__call__`` and ``get_config``, or pass any function in its place.
    """

    def __call__(self, x: TensorLike) -> Any:
        """The penalty of a weight: a scalar tensor."""
        return 0.0

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same regularizer again."""
        raise InvalidArgumentError(
            f"The regularizer {type(self).__name__} has no get_config(), so it cannot be saved. Give it one "
            "that returns a dictionary of the arguments that __init__ takes."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Regularizer:
        """The regularizer of a configuration."""
        return cls(**config)
