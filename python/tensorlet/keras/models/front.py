"""The part of a functional model that runs on values in front of the compiled part: layers of text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tensorlet.core.nest import flatten
from tensorlet.core.tensor import EagerTensor
from tensorlet.data.elements import as_column
from tensorlet.dtypes import string
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.keras_tensor import KerasTensor, Node, replaced

#: The names of the results of this part, which the compiled part reads instead of the inputs.
PREFIX = "in front "
#: The rows that are converted at a time.
ROWS = 4096


class Front:
    """The calls of layers that run on values, and what the compiled part reads.

    Args:
        inputs: the inputs of the model.
        nodes: all calls of the model, in order.
        ends: the outputs.

    Attributes:
        nodes: the calls that run on values.
        boundary: the results that the compiled part reads, and the inputs that it reads itself.
    """

    def __init__(
        self, inputs: Sequence[KerasTensor], nodes: Sequence[Node], ends: Sequence[KerasTensor]
    ) -> None:
        self.inputs = list(inputs)
        own = _with_what_they_read(nodes, {id(tensor) for tensor in inputs})
        self.nodes = [node for node in nodes if id(node) in own]
        ready = {id(tensor) for tensor in inputs}.union(
            *({id(one) for one in node.outputs} for node in self.nodes)
        )
        read = [tensor for node in nodes if id(node) not in own for tensor in node.inputs] + list(ends)
        self.boundary = list({id(one): one for one in read if id(one) in ready}.values())

    @property
    def layers(self) -> list[Layer]:
        """The layers that run on values."""
        return list({id(node.layer): node.layer for node in self.nodes}.values())

    def results(self, values: dict[int, Any]) -> None:
        """Runs the calls; adds their results, by the ids of the tensors that stand for them."""
        for node in self.nodes:
            args, kwargs = replaced((node.args, node.kwargs), lambda tensor: values[id(tensor)])
            found = flatten(node.layer(*args, **kwargs))
            values.update({id(one): value for one, value in zip(node.outputs, found, strict=True)})

    def prepared(self, columns: Sequence[Any]) -> dict[str, np.ndarray]:
        """What the compiled part reads, for columns of data.

        Args:
            columns: an array, list or tensor for each input.

        Returns:
            Arrays by names that `given` recognizes.

        Raises:
            InvalidArgumentError: if the compiled part would read text.
        """
        text = next((one for one in self.boundary if one.dtype is string), None)
        if text is not None:
            raise InvalidArgumentError(
                f'The layer "{text.node.layer.name}" returns text, which the compiled part of a model cannot read. '
                "Call the model on the data: model(x)."
            )
        arrays = [
            _with_rank(as_column(value, text=tensor.dtype is string), len(tensor.shape))
            for value, tensor in zip(columns, self.inputs, strict=True)
        ]
        parts: list[list[np.ndarray]] = [[] for _ in self.boundary]
        for start in range(0, max(len(arrays[0]), 1), ROWS):
            rows = {
                id(tensor): EagerTensor(array[start : start + ROWS])
                for tensor, array in zip(self.inputs, arrays, strict=True)
            }
            self.results(rows)
            for found, tensor in zip(parts, self.boundary, strict=True):
                found.append(_narrowed(np.asarray(rows[id(tensor)]), tensor, self.inputs))
        return {f"{PREFIX}{number:03d}": _joined(found) for number, found in enumerate(parts)}


def front_of(
    inputs: Sequence[KerasTensor], nodes: Sequence[Node], ends: Sequence[KerasTensor]
) -> Front | None:
    """The part of a model that runs on values; None for a model without one."""
    if not any(tensor.dtype is string for tensor in inputs) and not any(map(_runs_on_values, nodes)):
        return None
    return Front(inputs, nodes, ends)


def given(inputs: object) -> list[Any] | None:
    """What `Front.prepared` has made, in order; None for other inputs."""
    if isinstance(inputs, Mapping) and inputs and all(str(key).startswith(PREFIX) for key in inputs):
        return [inputs[key] for key in sorted(inputs)]
    return None


def _with_what_they_read(nodes: Sequence[Node], inputs: set[int]) -> set[int]:
    """The ids of the calls that run on values, and of the calls whose results these read.

    Raises:
        InvalidArgumentError: if one of the latter has weights to train.
    """
    needed: dict[int, str] = {}  # a tensor, and the layer that reads it
    own: set[int] = set()
    for node in reversed(nodes):
        reader = next((needed[id(one)] for one in node.outputs if id(one) in needed), None)
        if reader is None and not _runs_on_values(node):
            continue
        if reader is not None and node.layer.trainable_weights:
            raise InvalidArgumentError(
                f'Model: the layer "{reader}" works on values, but reads what the layer "{node.layer.name}" computes, '
                "which has weights to train. Let it read inputs of the model."
            )
        own.add(id(node))
        needed.update({id(one): node.layer.name for one in node.inputs if id(one) not in inputs})
    return own


def _runs_on_values(node: Node) -> bool:
    if getattr(node.layer, "runs_on_values", False):
        return True
    reads_text = any(tensor.dtype is string for tensor in node.inputs)
    if reads_text and node.layer.trainable_weights:
        raise InvalidArgumentError(
            f'Model: "{node.layer.name}" reads text and has weights to train. Call its layer of text and its other '
            "layers one after the other in this model instead."
        )
    return reads_text


def _with_rank(array: np.ndarray, rank: int) -> np.ndarray:
    return array[..., None] if array.ndim == rank - 1 else array


def _narrowed(array: np.ndarray, tensor: KerasTensor, inputs: Sequence[KerasTensor]) -> np.ndarray:
    """Rows of counts as bytes, which need a quarter of the memory; the compiled part converts them back."""
    if array.dtype.kind != "f" or any(tensor is one for one in inputs) or not array.size:
        return array
    is_small = array.min() >= 0 and array.max() <= 255
    return array.astype(np.uint8) if is_small and np.array_equal(array, np.rint(array)) else array


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    """Parts of a column, one below the other; shorter rows of numbers are padded with zeros."""
    if len(parts) == 1:
        return parts[0]
    if len({one.dtype for one in parts}) > 1:
        parts = [one.astype(np.float32) for one in parts]
    if parts[0].ndim > 1 and len({one.shape[1] for one in parts}) > 1:
        longest = max(one.shape[1] for one in parts)
        rest = [(0, 0)] * (parts[0].ndim - 2)
        parts = [np.pad(one, [(0, 0), (0, longest - one.shape[1]), *rest]) for one in parts]
    return np.concatenate(parts)


#: Converts the x of a user to what the compiled part of the model reads.
Preparation = Callable[[object], Any]
