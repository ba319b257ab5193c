"""The order of the weights of a layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tensorlet.core.variable import Variable


def in_order_of_creation(
    listed: list[Variable], loose: list[Variable], attributes: list[Any]
) -> list[Variable]:
    """Returns the weights of `add_weight` and the variables in attributes, in the order in which they were created.

    Args:
        listed: the weights, in order.
        loose: the variables, in order.
        attributes: the values of all attributes, in the order in which they were set.
    """
    found: list[Variable] = []
    waiting, others = list(listed), {id(variable) for variable in loose}
    places = {id(variable): number for number, variable in enumerate(listed)}
    for value in attributes:
        if id(value) in others and not any(value is one for one in found):
            found.append(value)
        elif id(value) in places and any(value is one for one in waiting):
            # Weights that no attribute holds were created before the next one that an attribute holds.
            done = 1 + next(number for number, one in enumerate(waiting) if one is value)
            found += waiting[:done]
            del waiting[:done]
    return [*found, *waiting]
