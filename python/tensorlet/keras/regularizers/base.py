"""The base class of regularizers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet.errors import InvalidArgumentError
from tensorlet.ops.registry import TensorLike

if TYPE_CHECKING:
    pass


def factor_of(name: str, value: float | None) -> float:
    """Checks that the factor of a penalty is finite and not negative, and returns it."""
    number = 0.0 if value is None else value
    if isinstance(number, bool) or not 0 <= float(number) < float("inf"):
        raise InvalidArgumentError(
            f"The regularization factor {name} is {value!r}. Expected a number of at least 0, such as 0.01."
        )
    return float(number)


class Regularizer:
    """Base class of regularizers, which compute a scalar penalty from a weight.

    To write one, define ``__call__`` and ``get_config``. Any function may be used instead.
    """

    def __call__(self, x: TensorLike) -> Any:
        """Returns the penalty for a weight: a scalar tensor."""
        return 0.0

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments that recreate the regularizer."""
        raise InvalidArgumentError(
            f"The regularizer {type(self).__name__} has no get_config(), so it cannot be saved. Define one "
            "that returns a dictionary of the arguments of __init__."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Regularizer:
        """Creates a regularizer from its configuration."""
        return cls(**config)
