"""When the loss becomes NaN or infinite: where that began, and why."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from tensorlet.core.calls import Concrete
from tensorlet.core.structure import flatten
from tensorlet.graph import ir
from tensorlet.keras.trainer.inputs import Rows, row_ranges

#: Weights of more bytes than this are not kept from epoch to epoch.
MOST_BYTES = 1 << 28
#: Operations that are not finite at 0 or below.
SINGULAR = ("log", "log1p", "divide", "rsqrt", "reciprocal", "xdivy", "pow", "sqrt")
#: Inputs beyond this are far from unit scale.
FAR = 50.0

Place = tuple[int, ir.Node | None, list[np.ndarray]]


class TrainingWarning(UserWarning):
    """Training has gone wrong."""


class Watchman:
    """Keeps each epoch's first weights, and says after one that went wrong where and why.

    Args:
        model: the model that is trained.
        loop: its training loop.
    """

    def __init__(self, model: Any, loop: Any) -> None:
        self.model = model
        self.loop = loop
        self.reported = False
        self.buffers: list[np.ndarray] = []
        if loop.runner is not None:
            self.buffers = loop.runner.parts[0].buffers
            if sum(buffer.nbytes for buffer in self.buffers) > MOST_BYTES:
                self.buffers = []
        self.copies = [np.empty_like(buffer) for buffer in self.buffers]

    def before(self) -> None:
        """Keeps the weights."""
        if not self.reported:
            for copy, buffer in zip(self.copies, self.buffers, strict=True):
                np.copyto(copy, buffer)

    def after(self, epoch: int, order: np.ndarray | None, logs: dict[str, Any]) -> None:
        """Looks at the loss; warns once."""
        loss = logs.get("loss")
        if self.reported or not isinstance(loss, float) or math.isfinite(loss):
            return
        self.reported = True
        place = self._find(order) if self.buffers else None
        warnings.warn(TrainingWarning(self._text(epoch, loss, place)), stacklevel=4)

    def _find(self, order: np.ndarray | None) -> Place | None:
        """The first batch after which something is not finite, its first such operation, and the batch."""
        data: Rows = self.loop.data
        buffers = [copy.copy() for copy in self.copies]
        for number, rows in enumerate(row_ranges(self.loop.rows, self.loop.batch_size)):
            batch = data.batch(rows if order is None else order[rows])
            leaves = [leaf._array for leaf in flatten(batch)]
            concrete = self.loop.function.get_concrete_function(batch)
            if number == 0:
                # Both programs have the same variables; the first epoch's first batch starts from reset metrics.
                self._reset_metrics(concrete, buffers)
            before = [buffer.copy() for buffer in buffers]
            concrete.executable().run(leaves, buffers)
            if not all(map(_is_finite, buffers)):
                return number, first_bad_node(concrete, leaves, before), leaves
        return None

    def _reset_metrics(self, concrete: Concrete, buffers: list[np.ndarray]) -> None:
        metrics = {id(variable) for metric in self.model.metrics for variable in metric.variables}
        for variable, buffer in zip(concrete.variables, buffers, strict=True):
            if id(variable) in metrics:
                buffer[...] = 0

    def _text(self, epoch: int, loss: float, place: Place | None) -> str:
        text = f"The loss became {loss} in epoch {epoch + 1}"
        if place is None:
            return f"{text}. {self._reason(None, [])}"
        number, node, leaves = place
        text += f", batch {number + 1} of {self.loop.steps}"
        if node is not None:
            text += f"; the first operation to give a number that is not finite was {describe(node)}"
        return f"{text}. {self._reason(node, leaves)}"

    def _reason(self, node: ir.Node | None, leaves: list[np.ndarray]) -> str:
        for leaf in leaves:
            if not _is_finite(leaf):
                return (
                    "The data itself holds NaN or infinite numbers. Drop such rows, or fill the gaps "
                    "(np.nan_to_num, or the mean of the column)."
                )
        inputs = leaves[: len(flatten(self.loop.data.structure[0]))] if leaves else []
        scales = [scale or 1.0 for scale in self.loop.data.scales] if inputs else []
        largest = max(
            (_largest(leaf) / scale for leaf, scale in zip(inputs, scales, strict=False)), default=0.0
        )
        labels = max(map(_largest, leaves[len(inputs) :]), default=0.0)
        if node is not None and node.is_op(*SINGULAR) and largest <= FAR:
            return (
                "It met a zero or a negative number, as log(0) does. Use a loss of tf.keras.losses, which is safe "
                "there, or keep the number away from 0: tf.math.log(x + 1e-7)."
            )
        if largest > FAR:
            what = f"The inputs reach {largest:.6g}"
            if labels > FAR:
                what += f" and the labels {labels:.6g}"
            return (
                f"{what}, far from unit scale, so the steps are far too large. Scale them to 0..1 or to mean 0 "
                "and deviation 1 (x / 255 for pixels, MinMaxScaler, tf.keras.layers.Normalization)."
            )
        if labels > FAR and _is_float(leaves[len(inputs) :]):
            return f"The labels reach {labels:.6g}, far from unit scale. Scale them (MinMaxScaler) and train on that."
        rate = getattr(self.model.optimizer, "learning_rate", None)
        try:
            shown = f"The learning rate {float(rate):.6g}"  # type: ignore[arg-type]
        except (TypeError, ValueError):
            shown = "The learning rate"
        return (
            f"{shown} is probably too large: the weights grow with each step until they overflow. Lower it by a "
            "factor of 10, or limit the steps with clipnorm=1.0."
        )


def first_bad_node(concrete: Concrete, leaves: list[np.ndarray], buffers: list[np.ndarray]) -> ir.Node | None:
    """The first operation of a step whose result is not finite although its inputs are.

    Args:
        concrete: the traced step.
        leaves: the batch.
        buffers: the variables before it.
    """
    own = {id(variable): buffer for variable, buffer in zip(concrete.variables, buffers, strict=True)}
    values: dict[int, np.ndarray] = {}
    with np.errstate(all="ignore"):
        for node, array in _interpreted(concrete, leaves, own, values):
            if _is_finite(array):
                continue
            if node.kind != ir.APPLY or all(_is_finite(values[id(other)]) for other in node.inputs):
                return node
    return None


def _interpreted(
    concrete: Concrete, leaves: list[np.ndarray], own: dict[int, np.ndarray], values: dict[int, np.ndarray]
) -> Iterator[tuple[ir.Node, np.ndarray]]:
    for node in concrete.graph.nodes():
        if node.kind == ir.INPUT:
            array = leaves[node.value]
        elif node.kind == ir.CONSTANT:
            array = node.value
        elif node.kind == ir.VARIABLE:
            array = own[id(node.value)]
        else:
            inputs = [values[id(other)] for other in node.inputs]
            array = np.asarray(node.operation.reference(*inputs, **node.attributes))  # type: ignore[union-attr]
        values[id(node)] = array
        if node.kind != ir.CONSTANT:  # constants may be infinite on purpose: the start of a maximum
            yield node, array


def describe(node: ir.Node) -> str:
    """An operation in words, with the weights that it works on."""
    if node.kind == ir.VARIABLE:
        return f"the variable '{node.value.name}' (it was so before the batch)"
    if node.kind == ir.INPUT:
        return "the input itself"
    weights = [other.value.name for other in node.inputs if other.kind == ir.VARIABLE]
    with_weights = f" with '{weights[0]}'" if weights else ""
    return f"'{node.operation.name}'{with_weights} of shape {list(node.shape)}"  # type: ignore[union-attr]


def _largest(array: np.ndarray) -> float:
    return float(np.abs(array).max(initial=0))


def _is_finite(array: np.ndarray) -> bool:
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


def _is_float(leaves: list[np.ndarray]) -> bool:
    return any(leaf.dtype.kind == "f" for leaf in leaves)
