"""A NumPy program that is being written: its functions, weights and names."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.core.buffers import array_of
from tensorlet.core.variable import Variable
from tensorlet.export.program_texts import FUNCTIONS
from tensorlet.keras import activations
from tensorlet.keras.activations.sigmoids import hard_sigmoid

if TYPE_CHECKING:
    from tensorlet.keras.layers.base import Layer
    from tensorlet.keras.layers.keras_tensor import Node

#: The functions of the program for built-in activations.
ACTIVATIONS: dict[Callable[..., object] | None, str] = {
    activations.linear: "linear", activations.relu: "relu", activations.sigmoid: "sigmoid",
    activations.tanh: "tanh", activations.softmax: "softmax", activations.log_softmax: "log_softmax",
    activations.softplus: "softplus", activations.softsign: "softsign", activations.elu: "elu",
    activations.selu: "selu", activations.relu6: "relu6", activations.leaky_relu: "leaky_relu",
    activations.exponential: "exponential", hard_sigmoid: "hard_sigmoid",
    activations.silu: "silu", activations.mish: "mish", activations.gelu: "gelu",
}  # fmt: skip
#: Names that a program uses itself.
_TAKEN = ("np", "math", "base64", "sys", "predict", "x", "z")


class Program:
    """A program that is being written.

    Attributes:
        functions: the source code of the functions of the layers, in order.
        weights: the arrays, by name.
        used: the functions of `program_texts` that are needed.
        function_names: the names of the functions of the layers, by the ``id`` of the layer.
    """

    def __init__(self) -> None:
        self.functions: list[str] = []
        self.weights: dict[str, np.ndarray] = {}
        self.used: set[str] = set()
        self.function_names: dict[int, str] = {}
        self._names = {*FUNCTIONS, *keyword.kwlist, *dir(builtins), *_TAKEN}
        self._weight_names: dict[int, str] = {}
        self._kept: list[Variable | np.ndarray] = []

    def name(self, wanted: str) -> str:
        """Returns an unused name similar to the desired one."""
        clean = re.sub(r"\W", "_", wanted) or "layer"
        clean = clean if clean.isidentifier() else f"layer_{clean}"
        found, number = clean, 1
        while found in self._names:
            number += 1
            found = f"{clean}_{number}"
        self._names.add(found)
        return found

    def weight(self, wanted: str, value: Variable | np.ndarray) -> str:
        """Returns the name of a weight; a variable has the same name everywhere."""
        if id(value) not in self._weight_names:
            name = self.name(wanted.upper())
            self.weights[name] = (value if isinstance(value, np.ndarray) else array_of(value)).copy()
            self._weight_names[id(value)] = name
            self._kept.append(value)  # keeps its id unique
        return self._weight_names[id(value)]

    def use(self, name: str) -> None:
        """Adds a function of `program_texts`, and those that it needs."""
        self.used.add(name)
        for other in FUNCTIONS[name][0]:
            self.use(other)


class LayerFunction:
    """The function of one layer that is being written.

    Attributes:
        inputs: the names of its parameters.
        shapes, result: the shapes of its inputs and of its output, with None for the number of rows.
        lines: the statements so far.
    """

    def __init__(self, program: Program, layer: Layer, node: Node) -> None:
        self.program = program
        self.layer = layer
        count = len(node.inputs)
        self.inputs = ["x", *(f"x{index + 1}" for index in range(1, count))]
        self.shapes = [tuple(tensor.shape) for tensor in node.inputs]
        self.result = tuple(node.outputs[0].shape)
        self.lines: list[str] = []

    def weight(self, name: str, value: Variable | np.ndarray) -> str:
        """Returns the name of an array in the program."""
        return self.program.weight(f"{self.layer.name}_{name}", value)

    def use(self, name: str) -> None:
        """Marks a function of `program_texts` as used."""
        self.program.use(name)

    def say(self, *lines: str) -> None:
        """Adds lines."""
        self.lines += lines

    def activate(self, function: Callable[..., object] | None, name: str) -> str | None:
        """Returns the activation of a value as an expression; None if the program has no function for it."""
        known = ACTIVATIONS.get(function)
        if known is None:
            return None
        if known == "linear":
            return name
        self.use(known)
        return f"{known}({name})"
