"""Rewrites of a program that save work: equal values are computed once, and matrix products read smaller operands."""

from __future__ import annotations

import numpy as np

from tensorlet.backends.native.instructions import Program, Value, constant, map_, result
from tensorlet.backends.native.joins import join_padded
from tensorlet.backends.native.means import simplify_means
from tensorlet.backends.native.pooling import simplify_pooling

#: With this many terms in each sum, a factor applied to the result is cheap.
ENOUGH_TERMS = 16
#: If the result is this many times larger than an operand, factors are applied to the operand.
MUCH_LARGER = 4


def simplify(program: Program) -> None:
    """Merges equal instructions, and moves casts and scalar factors out of matrix products."""
    _unbroadcast_scalars(program)
    drop_trivial_reductions(program)
    sum_one_hot_rows(program)
    merge_equal(program)
    join_padded(program)
    simplify_means(program)
    compare_rectified(program)
    simplify_pooling(program)
    move_factors_out_of_products(program)
    move_factors_out_of_convolutions(program)
    merge_factors(program)
    merge_equal(program)


def merge_equal(program: Program) -> None:
    """Common subexpression elimination: equal instructions over equal values become one."""
    seen: dict[object, Value] = {}
    change: dict[int, Value] = {}
    for value in program.values():
        value.inputs = [change.get(id(other), other) for other in value.inputs]
        if value.kind == "constant" and value.size <= 64:
            key: object = ("constant", value.dtype, value.shape, value.array.tobytes())  # type: ignore[union-attr]
        elif value.kind == "result":
            key = (value.op, value.dtype, value.shape, tuple(map(id, value.inputs)), repr(value.attributes))
        else:
            continue
        first = seen.setdefault(key, value)
        if first is not value:
            change[id(value)] = first
    program.replace(change)


def _unbroadcast_scalars(program: Program) -> None:
    """A constant whose elements are all equal becomes a scalar where a map reads it."""
    for value in program.values():
        if not value.is_map:
            continue
        for position, other in enumerate(value.inputs):
            if other.kind == "constant" and other.size > 1 and (other.array == other.array.flat[0]).all():  # type: ignore[union-attr]
                value.inputs[position] = constant(other.array.flat[0])  # type: ignore[union-attr]


def drop_trivial_reductions(program: Program) -> None:
    """A reduction over axes of length 1 becomes a reshape, and a reduction over all elements skips reshapes before it.

    Losses and metrics with one number per row have many of these. For a tiny network they are half of a step.
    """
    change: dict[int, Value] = {}
    for value in program.values():
        value.inputs = [change.get(id(other), other) for other in value.inputs]
        if value.op == "reduce" and value.dtype == value.inputs[0].dtype:
            source = value.inputs[0]
            if source.size == value.size:
                change[id(value)] = _reshaped(source, value)
            elif value.size == 1 and source.op == "reshape":
                (source,) = source.inputs
                attributes = {**value.attributes, "axes": list(range(len(source.shape)))}
                total = result("reduce", [source], value.dtype, (), value.name, **attributes)
                change[id(value)] = _reshaped(total, value)
        elif value.op == "reshape" and value.inputs[0].op == "reshape":
            change[id(value)] = _reshaped(value.inputs[0], value)
    program.replace(change)


def _reshaped(source: Value, value: Value) -> Value:
    """The elements of ``source`` in the shape of ``value``."""
    while source.op == "reshape" and source.shape != value.shape:
        (source,) = source.inputs
    if source.shape == value.shape:
        return source
    return result("reshape", [source], value.dtype, value.shape, value.name)


def sum_one_hot_rows(program: Program) -> None:
    """The sum over a row that has a number at the position of its label, and zeros elsewhere, is that number.

    The gradient of picking one logarithm per row has this form, and the gradient of softmax sums over it.
    If a label lies outside the row, the sum is zero.
    """
    change: dict[int, Value] = {}
    for value in program.values():
        if value.op != "reduce" or (value.attributes["kind"], value.attributes["axes"]) != ("sum", [1]):
            continue
        row = value.inputs[0]
        if row.step() != "select" or row.inputs[0].step() != "equal":
            continue
        condition, number, zero = row.inputs
        label, places = condition.inputs
        rows, width = row.shape
        constants = all(other.kind == "constant" for other in (number, zero, places))
        forms = constants and number.size == zero.size == 1 and label.shape == (rows, 1)
        if not forms or places.shape != (width,) or width > 255 or label.dtype not in ("u8", "i32", "i64"):
            continue
        if zero.array.any() or not (places.array == np.arange(width)).all():  # type: ignore[union-attr]
            continue
        inside = map_("less", [label, constant(places.array.dtype.type(width))], "bool")  # type: ignore[union-attr]
        if label.dtype != "u8":
            least = constant(places.array.dtype.type(0))  # type: ignore[union-attr]
            inside = map_("and", [inside, map_("greater_equal", [label, least], "bool")], "bool")
        total = map_("select", [inside, number, zero], value.dtype, (rows, 1), value.name)
        change[id(value)] = _reshaped(total, value)
    program.replace(change)


#: Comparisons of z with a number c that have the same result for max(c, z), and the position of z.
OF_RECTIFIED = {"greater_equal": 1, "less": 1, "less_equal": 0, "greater": 0}


def compare_rectified(program: Program) -> None:
    """``c >= z`` becomes ``c >= max(c, z)`` where the maximum is computed anyway.

    The gradient of relu needs to know where its input was positive, and the output shows that as well. So the
    input is not stored, and bias and activation can be fused into the matrix product.
    """
    rectified = {}
    for value in program.values():
        if value.step() == "max":
            for bound, other in (value.inputs, reversed(value.inputs)):
                if bound.kind == "constant" and bound.size == 1 and other.shape == value.shape:
                    rectified[id(bound), id(other)] = value
    for value in program.values():
        place = OF_RECTIFIED.get(value.step() or "")
        if place is not None:
            key = id(value.inputs[1 - place]), id(value.inputs[place])
            value.inputs[place] = rectified.get(key, value.inputs[place])


def move_factors_out_of_products(program: Program) -> None:
    """``(cast(x) * c) @ w`` becomes ``(x @ w) * c``.

    The product then reads bytes, and the factor is applied to the smaller result; for images this is most of the
    memory traffic of a step. If the sums are long, products with a larger result read bytes as well, since the engine
    skips bytes that are zero; if the result is much larger, the factor is applied to the other operand. All forms are
    equal up to rounding.
    """
    change: dict[int, Value] = {}
    for value in program.values():
        if value.op != "matmul" or value.dtype != "f32" or len(value.shape) != 2:
            continue
        factors: list[Value] = []
        bare = [_bare(operand, factors) for operand in value.inputs]
        if all(new is old for new, old in zip(bare, value.inputs, strict=True)):
            continue
        read_as_bytes = any(operand.dtype == "u8" for operand in bare) and _terms(value) >= ENOUGH_TERMS
        if sum(operand.size for operand in bare) < value.size and not read_as_bytes:
            continue
        small = [place for place in (0, 1) if bare[place].dtype == "f32" and _is_small(bare[place], value)]
        if read_as_bytes and small:
            place = small[0]
            for factor in factors:
                bare[place] = map_("mul", [bare[place], factor], "f32", bare[place].shape, value.name)
            factors = []
        product: Value = result("matmul", bare, "f32", value.shape, value.name, **value.attributes)
        for factor in factors:
            product = map_("mul", [product, factor], "f32", value.shape, value.name)
        change[id(value)] = product
    program.replace(change)


def move_factors_out_of_convolutions(program: Program) -> None:
    """A convolution of ``cast(x) * c`` reads the bytes of x, and its filters are multiplied instead, which are few.

    The gradient for the filters is multiplied by c. Zeros around the pictures stay zeros.
    """
    change: dict[int, Value] = {}
    for value in program.values():
        if value.op not in ("conv2d", "conv2d_filter_gradient") or value.dtype != "f32":
            continue
        factors: list[Value] = []
        bare = _bare(value.inputs[0], factors)
        if bare.dtype != "u8":
            continue
        other = value.inputs[1]
        if value.op == "conv2d":
            for factor in factors:
                other = map_("mul", [other, factor], "f32", other.shape, value.name)
            factors = []
        found = result(value.op, [bare, other], "f32", value.shape, value.name, **value.attributes)
        for factor in factors:
            found = map_("mul", [found, factor], "f32", value.shape, value.name)
        change[id(value)] = found
    program.replace(change)


def _is_small(operand: Value, product: Value) -> bool:
    return operand.size * MUCH_LARGER <= product.size


def _terms(product: Value) -> int:
    """The number of terms in each sum of a matrix product."""
    rows, columns = product.inputs[0].shape
    return rows if product.attributes["transpose_a"] else columns


def _bare(operand: Value, factors: list[Value]) -> Value:
    """The operand without a cast from bytes and without scalar factors, which are added to ``factors``."""
    step = operand.step()
    if operand.op == "reshape":
        inner = _bare(operand.inputs[0], factors)
        return (
            operand if inner is operand.inputs[0] else result("reshape", [inner], inner.dtype, operand.shape)
        )
    if step == "cast" and operand.inputs[0].dtype == "u8" and operand.inputs[0].shape == operand.shape:
        return operand.inputs[0]
    if step in ("mul", "div"):
        first, second = operand.inputs
        if second.size == 1 and first.shape == operand.shape and second.kind == "constant":
            number = second.array.reshape(())  # type: ignore[union-attr]
            if step == "div" and not 1e-30 < abs(float(number)) < 1e30:
                return operand
            factors.append(constant(number if step == "mul" else (1.0 / number).astype(number.dtype)))
            return _bare(first, factors)
        if step == "mul" and first.size == 1 and second.shape == operand.shape and first.kind == "constant":
            factors.append(constant(first.array.reshape(())))  # type: ignore[union-attr]
            return _bare(second, factors)
    return operand


def merge_factors(program: Program) -> None:
    """``(x * c) * d`` becomes ``x * (c * d)`` for constants c and d, if nothing else reads ``x * c``."""
    users = program.users()
    for value in program.values():
        if value.step() != "mul":
            continue
        inner, outer_factor = _factor(value)
        if inner is None or inner.step() != "mul" or len(users[id(inner)]) > 1:
            continue
        base, inner_factor = _factor(inner)
        if base is not None and base.shape == value.shape:
            joined = inner_factor.array.reshape(()) * outer_factor.array.reshape(())  # type: ignore[union-attr]
            value.inputs = [base, constant(joined)]


def _factor(value: Value) -> tuple[Value | None, Value]:
    """The operand and the constant scalar factor of a multiplication; None as operand if there is no such factor."""
    first, second = value.inputs
    if second.kind == "constant" and second.size == 1:
        return first, second
    if first.kind == "constant" and first.size == 1:
        return second, first
    return None, first
