"""Sums of padded values become joined values.

The gradients of slices are padded with zeros and added up. Where the slices cover all of a value, as the gates of a
recurrent layer do, that is one concatenation.
"""

from __future__ import annotations

from tensorlet.backends.native.instructions import Program, Value, result


def join_padded(program: Program) -> None:
    """``pad(a) + pad(b)`` becomes ``concat([a, b])`` if each place of the sum belongs to one of them."""
    change: dict[int, Value] = {}
    users = program.users()
    for value in program.values():
        inner = [user for user in users.get(id(value), []) if _is_sum(user, value.shape)]
        if not _is_sum(value, value.shape) or (inner and len(users[id(value)]) == 1):
            continue  # the sum around it is looked at instead
        joined = _joined(_terms(value, users))
        if joined is not None:
            change[id(value)] = joined
    program.replace(change)


def _is_sum(value: Value, shape: tuple[int, ...]) -> bool:
    return (
        value.step() == "add" and value.shape == shape and all(other.shape == shape for other in value.inputs)
    )


def _terms(value: Value, users: dict[int, list[Value]]) -> list[Value]:
    """The terms of a sum, and of the sums in it that nobody else reads."""
    terms = []
    for other in value.inputs:
        alone = len(users[id(other)]) == 1
        terms += _terms(other, users) if alone and _is_sum(other, value.shape) else [other]
    return terms


def _joined(terms: list[Value]) -> Value | None:
    """The terms one behind the other, if each is padded with zeros where the others are."""
    axes = {_axis(term) for term in terms}
    if len(terms) < 2 or len(axes) != 1 or None in axes:
        return None
    (axis,) = axes
    assert axis is not None
    terms = sorted(terms, key=lambda term: term.attributes["before"][axis])
    place = 0
    for term in terms:
        if term.attributes["before"][axis] != place:
            return None
        place += term.inputs[0].shape[axis]
    total = terms[0]
    if place != total.shape[axis]:
        return None
    return result(
        "concat", [term.inputs[0] for term in terms], total.dtype, total.shape, total.name, axis=axis
    )


def _axis(term: Value) -> int | None:
    """The only axis along which a value is padded with zeros; None if there is none, or several."""
    if term.op != "pad" or term.inputs[1].kind != "constant" or term.inputs[1].array.any():  # type: ignore[union-attr]
        return None
    inner = term.inputs[0].shape
    padded = [axis for axis, (one, other) in enumerate(zip(inner, term.shape, strict=True)) if one != other]
    return padded[0] if len(padded) == 1 else None
