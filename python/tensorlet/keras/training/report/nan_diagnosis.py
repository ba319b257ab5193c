"""Finds where a training step first produced a value that is not finite, and the likely reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tensorlet.core.buffers import array_of
from tensorlet.core.concrete_function import Concrete
from tensorlet.core.function import Function
from tensorlet.core.nest import flatten
from tensorlet.graph import ir
from tensorlet.keras.training.data_adapter.batch_parts import Batch
from tensorlet.localization import mark
from tensorlet.localization import translate as _

#: Common optimizers are not used with larger learning rates.
EXTREME_RATE = 100.0
#: Inputs beyond this value are far from unit scale.
FAR = 50.0
#: Singular operations: the index of the operand, the condition under which it causes the failure, and what
#: happened.
SINGULAR = {
    "log": (0, lambda x: x <= 0, mark("It took the logarithm of {value:.6g}.")),
    "log1p": (0, lambda x: x <= -1, mark("It took log1p of {value:.6g}.")),
    "divide": (1, lambda x: x == 0, mark("It divided by {value:.6g}.")),
    "reciprocal": (0, lambda x: x == 0, mark("It divided by {value:.6g}.")),
    "rsqrt": (0, lambda x: x <= 0, mark("It divided by the root of {value:.6g}.")),
    "sqrt": (0, lambda x: x < 0, mark("It took the root of {value:.6g}.")),
}  # fmt: skip
LOGARITHMS = ("log", "log1p")
#: exp of larger values is infinite in float32.
EXP_LIMIT = 88.0

#: The index of a batch in its epoch, its tensors, and the indices of its rows if they are known.
Numbered = tuple[int, Batch, slice | np.ndarray | None]


@dataclass
class Place:
    """Where the first value that is not finite appeared.

    Attributes:
        batch: the index of the batch in the epoch, from 0.
        leaves: the arrays of the batch, starting with x.
        inputs: the number of arrays that belong to x.
        rows: the indices of its rows in the data; None if they are unknown.
        node: the first operation with finite inputs whose result is not finite.
        operands: the values of its inputs.
        epoch: the index of the epoch, from 0.
    """

    batch: int
    leaves: list[np.ndarray]
    inputs: int
    rows: slice | np.ndarray | None = None
    node: ir.Node | None = None
    operands: list[np.ndarray] = field(default_factory=list)
    epoch: int = -1


def replayed(
    function: Function, start: dict[int, np.ndarray], batches: Iterable[Numbered], ignored: set[int]
) -> Place | None:
    """Repeats steps until one produces a value that is not finite.

    Args:
        function: the traced step.
        start: the values of the variables before the first batch, by the id of the variable.
        batches: the batches.
        ignored: the ids of variables that may be infinite: those of metrics.

    Returns:
        Where it appeared; None if all values are finite.
    """
    values = {key: array.copy() for key, array in start.items()}
    for number, batch, rows in batches:
        leaves = [array_of(leaf) for leaf in flatten(batch)]
        concrete: Concrete = function.concrete(batch)
        buffers = [values[id(variable)] for variable in concrete.variables]
        before = [buffer.copy() for buffer in buffers]
        outputs = concrete.executable().run(leaves, buffers)
        fine = all(map(is_finite, outputs)) and all(
            is_finite(new) or not is_finite(old) for new, old in zip(buffers, before, strict=True)
        )
        if not fine or not all(map(is_finite, leaves)):
            node, operands = first_bad_node(concrete, leaves, before, ignored)
            return Place(number, leaves, len(flatten(batch[0])), rows, node, operands)
    return None


def first_bad_node(
    concrete: Concrete, leaves: Sequence[np.ndarray], buffers: Sequence[np.ndarray], ignored: set[int]
) -> tuple[ir.Node | None, list[np.ndarray]]:
    """Returns the first operation with finite inputs whose result is not finite, and the values of its inputs.

    Args:
        concrete: the traced step.
        leaves: the batch.
        buffers: the values of the variables before it.
        ignored: the ids of variables that may be infinite.
    """
    own = {id(variable): buffer for variable, buffer in zip(concrete.variables, buffers, strict=True)}
    given = {id(node): leaves[node.value] for node in concrete.graph.inputs}
    with np.errstate(all="ignore"):
        return _first_bad(concrete.graph, given, own, ignored) or (None, [])


def _first_bad(
    graph: ir.Graph, given: dict[int, np.ndarray], own: dict[int, np.ndarray], ignored: set[int]
) -> tuple[ir.Node, list[np.ndarray]] | None:
    """Computes a graph node by node; see `first_bad_node`.

    Args:
        graph: the graph.
        given: the values of its inputs, by the id of the node.
        own: the values of its variables, by the id of the variable.
        ignored: the ids of variables that may be infinite.
    """
    values: dict[int, Any] = dict(given)
    for node in graph.nodes():
        operands = [values[id(other)] for other in node.inputs]
        if node.kind == ir.CONSTANT:
            # Constants may be infinite on purpose, such as the initial value of a maximum.
            values[id(node)] = node.value
            continue
        if node.kind == ir.VARIABLE:
            values[id(node)] = own[id(node.value)]
        elif node.kind == ir.APPLY:
            values[id(node)] = node.operation.reference(*operands, **node.attributes)  # type: ignore[union-attr]
        if _all_finite(values[id(node)]) or (node.kind == ir.VARIABLE and id(node.value) in ignored):
            continue
        if all(map(_all_finite, operands)):
            inside = _first_bad_step(node, operands) if node.is_op("scan") else None
            return inside or (node, operands)
    return None


def _first_bad_step(node: ir.Node, operands: list[np.ndarray]) -> tuple[ir.Node, list[np.ndarray]] | None:
    """Returns the operation inside a loop over steps; see `first_bad_node`."""
    loop: Any = node.operation
    states, rows = loop.layout
    own, stacks, fixed = operands[:states], operands[states : states + rows], operands[states + rows :]
    for step in range(loop.length)[:: -1 if loop.reverse else 1]:
        arrays = [*own, *(stack[step] for stack in stacks), *fixed]
        given = {id(one): array for one, array in zip(loop.body.inputs, arrays, strict=True)}
        found = _first_bad(loop.body, given, {}, set())
        if found is not None:
            found[0].scope = found[0].scope or node.scope  # that of the loop: the name of the layer
            return found
        own = _computed(loop.body, given)[:states]
    return None


def _computed(graph: ir.Graph, given: dict[int, np.ndarray]) -> list[np.ndarray]:
    """Returns the outputs of a graph without variables."""
    values: dict[int, Any] = dict(given)
    for node in graph.nodes():
        if node.kind == ir.CONSTANT:
            values[id(node)] = node.value
        elif node.kind == ir.APPLY:
            inputs = [values[id(other)] for other in node.inputs]
            values[id(node)] = node.operation.reference(*inputs, **node.attributes)  # type: ignore[union-attr]
    return [values[id(node)] for node in graph.outputs]


def _all_finite(value: Any) -> bool:
    """Whether a result is finite; loops have several results."""
    return (
        all(map(is_finite, map(np.asarray, value)))
        if isinstance(value, list)
        else is_finite(np.asarray(value))
    )


def describe(node: ir.Node) -> str:
    """Describes an operation, with the weights that it uses."""
    if node.kind == ir.VARIABLE:
        return _("the variable '{name}' (which was not finite before the batch)").format(name=node.value.name)
    weights = [other.value.name for other in node.inputs if other.kind == ir.VARIABLE]
    with_weights = _(" with '{name}'").format(name=weights[0]) if weights else ""
    scope = _(" in '{name}'").format(name=node.scope) if node.scope else ""
    return _("'{name}'{weights} of shape {shape}{scope}").format(
        name=node.operation.name,  # type: ignore[union-attr]
        weights=with_weights,
        shape=list(node.shape),
        scope=scope,
    )


def reason(place: Place | None, scales: Sequence[float | None], rate: object) -> str:
    """Returns the likely reason, and how to fix it.

    Args:
        place: where it appeared, if known.
        scales: the divisors of the arrays of the batch that store floats as bytes.
        rate: the learning rate: a number, or a schedule.
    """
    if place is None:
        return _too_large(rate)
    for position, leaf in enumerate(place.leaves):
        if not is_finite(leaf):
            return _bad_data(place, position, leaf)
    if _is_extreme(rate):
        return _too_large(rate)
    inputs = [
        largest(leaf) / (scale or 1.0)
        for leaf, scale in zip(place.leaves[: place.inputs], scales or [None] * place.inputs, strict=False)
    ]
    furthest = max(inputs, default=0.0)
    labels = [leaf for leaf in place.leaves[place.inputs : place.inputs + 1] if leaf.dtype.kind == "f"]
    highest = max(map(largest, labels), default=0.0)
    found = _singular(place)
    if found:
        far = _(
            "The inputs reach {inputs:.6g}, far from unit scale, which causes large values: scale them as well."
        ).format(inputs=furthest)
        return f"{found} {far}" if furthest > FAR else found
    if max(furthest, highest) > FAR:
        return _out_of_scale(furthest, highest)
    if place.node is not None and place.node.is_op("exp") and largest(place.operands[0]) > EXP_LIMIT:
        return _(
            "It computed exp({value:.6g}), which is infinite beyond {limit:g}. Use an activation that grows more "
            "slowly, or keep the values small: a lower learning rate, kernel_regularizer='l2', or clipnorm=1.0 in "
            "the optimizer."
        ).format(value=largest(place.operands[0]), limit=EXP_LIMIT)
    return _too_large(rate)


def _out_of_scale(inputs: float, labels: float) -> str:
    """Says which of the inputs and the labels are far from unit scale.

    Args:
        inputs: the largest absolute value of the inputs.
        labels: that of the labels.
    """
    if inputs <= FAR:
        return _(
            "The labels reach {labels:.6g}, far from unit scale. Scale them (MinMaxScaler) before training."
        ).format(labels=labels)
    also = _(" and the labels {labels:.6g}").format(labels=labels) if labels > FAR else ""
    return _(
        "The inputs reach {inputs:.6g}{also}, far from unit scale, so the steps are far too large. Scale them to "
        "0..1 or to mean 0 and standard deviation 1 (x / 255 for pixels, MinMaxScaler, "
        "tf.keras.layers.Normalization)."
    ).format(inputs=inputs, also=also)


def _singular(place: Place) -> str | None:
    """Describes the operand for which an operation has no finite result."""
    name = place.node.operation.name if place.node is not None and place.node.kind == ir.APPLY else None  # type: ignore[union-attr]
    if name not in SINGULAR:
        return None
    position, is_bad, what = SINGULAR[name]
    operand = place.operands[position]
    bad = operand[is_bad(operand)]
    if not bad.size:
        return None
    if name in LOGARITHMS:
        fix = _(
            "Use a loss from tf.keras.losses, which avoids this, or keep the value away from 0: tf.math.log(x + 1e-7)."
        )
    elif name == "sqrt":
        fix = _("Keep the value at 0 or above: tf.sqrt(tf.maximum(x, 0.0)).")
    elif "gradients" in place.node.scope:  # type: ignore[union-attr]
        fix = _(
            "This is a division in a gradient: that of tf.sqrt(x) or of a norm is infinite at 0. Add a small value "
            "first: tf.sqrt(x + 1e-7)."
        )
    else:
        fix = _("Use tf.math.divide_no_nan, or add a small value to the divisor, such as 1e-7.")
    return f"{_(what).format(value=bad.reshape(-1)[0])} {fix}"


def _bad_data(place: Place, position: int, leaf: np.ndarray) -> str:
    """Reports which row of which array contains a value that is not finite."""
    name = "x" if position < place.inputs else ("y", "sample_weight")[min(position - place.inputs, 1)]
    bad = ~np.isfinite(leaf.reshape(len(leaf), -1))
    row = int(np.argmax(bad.any(axis=1)))
    value = leaf.reshape(len(leaf), -1)[row][bad[row]][0]
    where = _("row {row} of the batch's {name}") if place.rows is None else _("row {row} of {name}")
    if isinstance(place.rows, slice):
        row += place.rows.start or 0
    elif place.rows is not None:
        row = int(place.rows[row])
    return _(
        "The data itself contains NaN or infinite values: {where} has {value}. Drop such rows, or fill in the missing "
        "values (np.nan_to_num, or the mean of the column)."
    ).format(where=where.format(row=row, name=name), value=value)


def _is_extreme(rate: object) -> bool:
    """Whether a learning rate is far beyond the usual range."""
    try:
        return float(rate) > EXTREME_RATE  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False


def _too_large(rate: object) -> str:
    try:
        shown = _("The learning rate {rate:.6g}").format(rate=float(rate))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        shown = _("The learning rate")
    return _(
        "{rate} is probably too large: the weights grow with each step until they overflow. Lower it by a factor of "
        "10, or limit the steps with clipnorm=1.0."
    ).format(rate=shown)


def largest(array: np.ndarray) -> float:
    """Returns the largest absolute value."""
    return float(np.abs(array).max(initial=0))


def is_finite(array: np.ndarray) -> bool:
    """Whether all values of an array are finite."""
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())
