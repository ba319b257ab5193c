"""Rewrites of the gradients of pooling: what follows works on one number for each window, not for each place."""

from __future__ import annotations

from tensorlet.backends.native.instructions import Program, Value, map_, result

#: Comparisons whose result for a window's largest number is the result for the place where it lies.
COMPARISONS = frozenset(("greater", "greater_equal", "less", "less_equal"))


def simplify_pooling(program: Program) -> None:
    """Moves the gradient of relu before the gradient of pooling, and lets sums over pictures skip the latter."""
    if not any(value.op in ("max_pool2d_scatter", "avg_pool2d_gradient") for value in program.values()):
        return
    _select_before_scatter(program)
    _sum_before_spreading(program)


def _select_before_scatter(program: Program) -> None:
    """``where(x > c, scatter(g, x), 0)`` becomes ``scatter(where(pool(x) > c, g, 0), x)``.

    The number of a window goes to where its largest number lies, so that the comparison is one with this number; all
    other places have zeros.
    """
    pooled = {
        (id(value.inputs[0]), repr(value.attributes)): value
        for value in program.values()
        if value.op == "max_pool2d"
    }
    change: dict[int, Value] = {}
    for value in program.values():
        if value.step() != "select" or value.inputs[0].step() not in COMPARISONS:
            continue
        condition, *choices = value.inputs
        scatter = next((other for other in choices if other.op == "max_pool2d_scatter"), None)
        if scatter is None or scatter.shape != value.shape or not any(map(_is_zero, choices)):
            continue
        slopes, pictures = scatter.inputs
        largest = pooled.get((id(pictures), repr(scatter.attributes)))
        bounds = [other for other in condition.inputs if other is not pictures]
        if largest is None or len(bounds) != 1 or bounds[0].size != 1 or bounds[0].kind != "constant":
            continue
        compared = [largest if other is pictures else other for other in condition.inputs]
        small = map_(condition.step() or "", compared, condition.dtype, largest.shape, condition.name)
        chosen = [slopes if other is scatter else other for other in choices]
        masked = map_("select", [small, *chosen], value.dtype, slopes.shape, value.name)
        change[id(value)] = result(
            scatter.op, [masked, pictures], scatter.dtype, scatter.shape, scatter.name, **scatter.attributes
        )
    program.replace(change)


def _is_zero(value: Value) -> bool:
    return value.kind == "constant" and value.size == 1 and not value.array.any()  # type: ignore[union-attr]


def _sum_before_spreading(program: Program) -> None:
    """The sum over the places of all pictures, as for the gradient of a bias, is that over all windows."""
    change: dict[int, Value] = {}
    for value in program.values():
        if value.op != "reduce" or value.attributes["kind"] != "sum":
            continue
        spread = value.inputs[0]
        places = {1, 2} <= {axis % len(spread.shape) for axis in value.attributes["axes"]}
        if places and spread.op in ("max_pool2d_scatter", "avg_pool2d_gradient"):
            source = spread.inputs[0]
            change[id(value)] = result(
                "reduce", [source], value.dtype, value.shape, value.name, **value.attributes
            )
    program.replace(change)
