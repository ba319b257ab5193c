"""One row on its way through the network: values forwards, gradients backwards, node by node."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

import tensorlet as tf
from tensorlet.playground.errors import PlaygroundError
from tensorlet.playground.network import labels_for
from tensorlet.playground.program import ACTIVATION_FORMULAS, LOSS_FORMULAS
from tensorlet.playground.run import Run


@dataclass
class GraphNode:
    """A value of the computation.

    Attributes:
        name: its name, such as "z1".
        kind: "input", "label", "weight", "bias", "sum", "norm", "activation" or "loss".
        inputs: the names of what it is computed from.
        formula: how it is computed.
        rule: how its gradient is computed from those after it.
        tensor: its value.
        function: for an activation, its name.
        gradient: the derivative of the loss with respect to it; empty for a label.
    """

    name: str
    kind: str
    inputs: list[str]
    formula: str
    rule: str
    tensor: Any
    function: str = ""
    gradient: list[Any] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The node for the page."""
        return {
            "name": self.name,
            "kind": self.kind,
            "inputs": self.inputs,
            "formula": self.formula,
            "rule": self.rule,
            "function": self.function,
            "value": _numbers(self.tensor),
            "gradient": self.gradient,
        }


def explain_row(run: Run, arguments: dict[str, Any]) -> dict[str, Any]:
    """Returns the computation graph of the loss of one row, with values and gradients.

    Dropout is off, and batch normalization uses its moving averages, as in a prediction.

    Args:
        run: the network.
        arguments: ``{"row": n}``, the number of a training row.

    >>> from tensorlet.playground.dataset import make_dataset
    >>> from tensorlet.playground.settings import DataSettings, LayerSettings, NetworkSettings
    >>> run = Run(NetworkSettings(layers=(LayerSettings(2),)), make_dataset(DataSettings("xor")))
    >>> [node["name"] for node in explain_row(run, {"row": 3})["nodes"]]
    ['x', 'W1', 'b1', 'z1', 'h1', 'W2', 'b2', 'z2', 'p', 'y', 'L']
    """
    row = arguments.get("row", 0)
    if not isinstance(row, int) or isinstance(row, bool) or not 0 <= row < run.data.training:
        raise PlaygroundError(
            "row",
            f"The row is {row!r}, expected an integer from 0 to {run.data.training - 1}.",
            most=run.data.training - 1,
        )
    label = labels_for(run.output, run.data.y_train[row : row + 1])
    with tf.GradientTape(persistent=True) as tape:
        nodes = _forwards(run, tf.constant(run.data.x_train[row : row + 1]), tf.constant(label), tape)
    loss = nodes[-1].tensor
    for node in nodes:
        if node.kind != "label":
            gradient = tape.gradient(loss, node.tensor)
            node.gradient = _numbers(tf.zeros_like(node.tensor) if gradient is None else gradient)
    _differentiate_output(run, nodes, label)
    _add_rules(nodes)
    return {
        "nodes": [node.as_dict() for node in nodes],
        "row": row,
        "rows": run.data.training,
        "label": int(run.data.y_train[row]),
        "rate": run.settings.rate,
        "optimizer": run.settings.optimizer,
        "epoch": run.epoch,
    }


def _differentiate_output(run: Run, nodes: list[GraphNode], label: np.ndarray) -> None:
    """The gradient of what the loss takes, by the formulas that the page shows.

    The tape has none: losses of a softmax or sigmoid are computed from its logits, past the probabilities.
    """
    node = next(one for one in nodes if one.name == nodes[-1].inputs[0])
    output = tf.constant(node.tensor.numpy())
    with tf.GradientTape() as tape:
        tape.watch(output)
        if run.output.loss == "sparse_categorical_crossentropy":
            loss = -tf.math.log(output[0, int(label[0])])
        else:
            loss = tf.reduce_mean(tf.keras.losses.get(run.output.loss)(tf.constant(label), output))
    node.gradient = _numbers(tape.gradient(loss, output))


def _forwards(run: Run, x: Any, label: Any, tape: Any) -> list[GraphNode]:
    nodes = [GraphNode("x", "input", [], "x", "", x)]
    tape.watch(x)

    def add(name: str, kind: str, inputs: list[str], formula: str, tensor: Any, function: str = "") -> None:
        tape.watch(tensor)
        nodes.append(GraphNode(name, kind, inputs, formula, "", tensor, function))

    number, before = 0, "x"
    last = len([layer for layer in run.model.layers if isinstance(layer, tf.keras.layers.Dense)])
    for layer in run.model.layers:
        value = next(node.tensor for node in nodes if node.name == before)
        if isinstance(layer, tf.keras.layers.Dense):
            number += 1
            weight, bias = (tf.constant(array) for array in layer.get_weights())
            add(f"W{number}", "weight", [], f"W{number}", weight)
            add(f"b{number}", "bias", [], f"b{number}", bias)
            name, parts = f"z{number}", [before, f"W{number}", f"b{number}"]
            add(name, "sum", parts, f"{before} W{number} + b{number}", value @ weight + bias)
            before, value = name, nodes[-1].tensor
            if isinstance(layer.activation, type(None)) or _name_of(layer) == "linear":
                continue
        elif isinstance(layer, tf.keras.layers.BatchNormalization):
            add(f"n{number}", "norm", [before], f"BN({before})", layer(value, training=False))
            before = nodes[-1].name
            continue
        elif not isinstance(layer, tf.keras.layers.Activation):
            continue
        function = _name_of(layer)
        name = "p" if number == last else f"h{number}"
        add(name, "activation", [before], f"{function}({before})", layer.activation(value), function)
        before = name
    nodes.append(GraphNode("y", "label", [], "y", "", label))
    output = next(node.tensor for node in nodes if node.name == before)
    loss = tf.reduce_mean(tf.keras.losses.get(run.output.loss)(label, output))
    add("L", "loss", [before, "y"], LOSS_FORMULAS[run.output.loss], loss, run.output.loss)
    return nodes


def _name_of(layer: Any) -> str:
    return str(getattr(layer.activation, "__name__", "linear"))


def _add_rules(nodes: list[GraphNode]) -> None:
    """Says of each node how the chain rule gives its gradient."""
    for node in nodes:
        user = next((one for one in nodes if node.name in one.inputs), None)
        if node.kind == "loss":
            node.rule = "∂L/∂L = 1"
        elif user is not None and node.kind != "label":
            node.rule = f"∂L/∂{node.name} = {_through(node, user)}"


def _through(node: GraphNode, user: GraphNode) -> str:
    above = f"∂L/∂{user.name}"
    if user.kind == "loss":
        return _LOSS_RULES[user.function]
    if user.kind == "sum":
        before, weight, _ = user.inputs
        if node.kind == "weight":
            return f"{before}ᵀ · {above}"
        return above if node.kind == "bias" else f"{above} · {weight}ᵀ"
    if user.kind == "norm":
        return f"{above} · γ/√(σ² + ε)"
    if user.function == "softmax":
        return f"{user.name} ⊙ ({above} − Σ {above} ⊙ {user.name})"
    return f"{above} ⊙ {DERIVATIVES.get(user.function, user.function + '′')}".replace("z", node.name)


_LOSS_RULES = {
    "sparse_categorical_crossentropy": "−1/p[y] at the label, else 0",
    "binary_crossentropy": "(p − y) / (p·(1 − p))",
    "mean_squared_error": "2·(p − y)/n",
    "mean_absolute_error": "sign(p − y)/n",
}
#: Activation -> its derivative at z. The formulas of the activations are in `program.ACTIVATION_FORMULAS`.
DERIVATIVES = {
    "relu": "(1 if z > 0, else 0)",
    "tanh": "(1 − tanh²(z))",
    "sigmoid": "σ(z)·(1 − σ(z))",
    "leaky_relu": "(1 if z > 0, else 0.2)",
    "elu": "(1 if z > 0, else e^z)",
    "softplus": "σ(z)",
}
assert set(DERIVATIVES) <= set(ACTIVATION_FORMULAS)


def _numbers(tensor: Any) -> list[Any]:
    """The numbers of a tensor, without the axis of its one row; infinite ones become large, NaN zero."""
    array = np.nan_to_num(np.asarray(tensor, "float64"))
    flat: list[Any] = (array[0] if array.ndim == 2 and array.shape[0] == 1 else array).tolist()
    return flat if isinstance(flat, list) else [flat]
