"""Rewrites of means, variances and their gradients, as `BatchNormalization` has them: fewer passes over the rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tensorlet.backends.native.instructions import Program, Value, constant, map_, result


def simplify_means(program: Program) -> None:
    """Shares reductions that differ only in their shape, and takes factors out of sums over other axes."""
    if not any(_is_sum(value) for value in program.values()):
        return
    _skip_leading_axes(program)
    _share_reductions(program)
    _drop_sums_of_deviations(program)
    _move_factors_out_of_sums(program)


def _is_sum(value: Value) -> bool:
    return value.op == "reduce" and value.attributes["kind"] in ("sum", "mean")


def _skip_leading_axes(program: Program) -> None:
    """A map reads ``[columns]`` as it reads ``[1, columns]``: it broadcasts its inputs."""
    for value in program.values():
        if value.is_map:
            value.inputs = [_without_leading_axes(other) for other in value.inputs]


def _without_leading_axes(value: Value) -> Value:
    while value.op == "reshape" and _is_tail(value.inputs[0].shape, value.shape):
        (value,) = value.inputs
    return value


def _is_tail(inner: Sequence[int], shape: Sequence[int]) -> bool:
    """Whether a shape is another one with axes of length 1 in front."""
    front = len(shape) - len(inner)
    return (
        front >= 0 and tuple(shape[front:]) == tuple(inner) and all(length == 1 for length in shape[:front])
    )


def _share_reductions(program: Program) -> None:
    """Equal reductions of which only one keeps the axes are computed once."""
    first: dict[object, Value] = {}
    change: dict[int, Value] = {}
    for value in program.values():
        value.inputs = [change.get(id(other), other) for other in value.inputs]
        if value.is_map:
            value.inputs = [_without_leading_axes(other) for other in value.inputs]
        if value.op == "reduce":
            axes = tuple(sorted(value.attributes["axes"]))
            key = (id(value.inputs[0]), value.attributes["kind"], axes, value.dtype)
            known = first.setdefault(key, value)
            if known is not value and known.shape != value.shape:
                change[id(value)] = result("reshape", [known], value.dtype, value.shape, value.name)
    program.replace(change)
    _skip_leading_axes(program)


def _drop_sums_of_deviations(program: Program) -> None:
    """The deviations from a mean sum to zero, also times a factor for each of the sums.

    The gradient of a variance contains such a sum, since the mean in it depends on all rows.
    """
    change: dict[int, Value] = {}
    for value in program.values():
        if _is_sum(value) and _sums_to_zero(value.inputs[0], value.attributes["axes"]):
            change[id(value)] = constant(np.zeros(value.shape, value.inputs[0].dtype.replace("f", "float")))
    if not change:
        return
    program.replace(change)
    sums = {
        id(value): other
        for value in program.values()
        if value.step() == "add"
        for other, zero in (value.inputs, reversed(value.inputs))
        if other.shape == value.shape and _is_zero(zero)
    }
    program.replace(sums)


def _sums_to_zero(value: Value, axes: Sequence[int]) -> bool:
    step = value.step()
    if step == "neg":
        return _sums_to_zero(value.inputs[0], axes)
    if step in ("mul", "div"):
        pairs = [value.inputs] if step == "div" else [value.inputs, value.inputs[::-1]]
        return any(
            one.shape == value.shape and _is_constant_along(factor, value, axes) and _sums_to_zero(one, axes)
            for one, factor in pairs
        )
    if step != "sub":
        return False
    rows, mean = value.inputs[0], _source(value.inputs[1])
    is_mean = mean.op == "reduce" and mean.attributes["kind"] == "mean" and mean.inputs[0] is rows
    kept = is_mean and _is_constant_along(value.inputs[1], value, axes)
    return kept and rows.shape == value.shape and sorted(mean.attributes["axes"]) == sorted(axes)


def _source(value: Value) -> Value:
    while value.op in ("reshape", "broadcast"):
        (value,) = value.inputs
    return value


def _is_constant_along(factor: Value, value: Value, axes: Sequence[int]) -> bool:
    """Whether a factor that is broadcast to the value's shape is the same along some axes."""
    if factor.op == "broadcast":
        (factor,) = factor.inputs
    shape = (1,) * (len(value.shape) - len(factor.shape)) + factor.shape
    return all(shape[axis] == 1 for axis in axes)


def _is_zero(value: Value) -> bool:
    if value.kind == "constant":
        return not value.array.any()  # type: ignore[union-attr]
    if value.op in ("reshape", "broadcast") or value.step() == "neg":
        return _is_zero(value.inputs[0])
    if value.step() in ("mul", "div"):
        return _is_zero(value.inputs[0]) and value.inputs[1].kind == "constant"
    return False


def _move_factors_out_of_sums(program: Program) -> None:
    """``sum(-x * c)`` over rows is ``-sum(x) * c`` for a row c; ``sum(x)`` is often needed anyway."""
    change: dict[int, Value] = {}
    for value in program.values():
        if not _is_sum(value):
            continue
        axes, inner, negative = value.attributes["axes"], value.inputs[0], False
        if inner.step() == "neg":
            (inner,), negative = inner.inputs, True
        if inner.step() != "mul" or inner.dtype != value.dtype or inner.shape != value.inputs[0].shape:
            continue
        for one, factor in (inner.inputs, inner.inputs[::-1]):
            if one.shape == inner.shape and factor.size > 1 and _is_constant_along(factor, inner, axes):
                total = result("reduce", [one], value.dtype, value.shape, value.name, **value.attributes)
                scaled = map_("mul", [total, _reduced(factor, inner, value)], value.dtype, value.shape)
                change[id(value)] = map_("neg", [scaled], value.dtype, value.shape) if negative else scaled
                break
    program.replace(change)


def _reduced(factor: Value, inner: Value, value: Value) -> Value:
    """A factor in the shape of a sum."""
    if factor.op == "broadcast":
        (factor,) = factor.inputs
    shape = [1] * (len(inner.shape) - len(factor.shape)) + list(factor.shape)
    if len(value.shape) < len(inner.shape):
        axes = value.attributes["axes"]
        shape = [length for axis, length in enumerate(shape) if axis not in axes]
    return (
        factor
        if tuple(shape) == factor.shape
        else result("reshape", [factor], factor.dtype, shape, factor.name)
    )
