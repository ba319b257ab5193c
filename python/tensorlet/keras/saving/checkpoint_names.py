"""What checkpoints save of layers, models, optimizers and metrics, under the names of Keras 2.

    model       layer-0, layer-1, ...; those with weights also as layer_with_weights-0, ...; optimizer
    layer       its weights by their names, and its attributes
    optimizer   _variables (a list), _iterations, _learning_rate, and a list for each kind of slot
    metric      its variables by their names, and its attributes

A subclassed model is a layer with an optimizer: its attributes count. See `tensorlet.checkpoint.object_graph`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tensorlet.checkpoint.object_graph import Stand, WholeList, attributes, is_trackable
from tensorlet.core.variable import Variable
from tensorlet.keras.saving.optimizer_state import KERAS_2, entries

#: What Keras 2 calls the list of a kind of slot; any other is called as the slot.
_LISTS = {
    "m": "_momentums", "v": "_velocities", "vhat": "_velocity_hats", "velocity": "_velocities",
    "momentum": "_momentums", "average_gradient": "_average_gradients", "accumulator": "_accumulators",
    "linear": "_linears", "accumulated_grad": "_accumulated_grads",
    "accumulated_delta_var": "_accumulated_delta_vars", "average": "_model_variables_moving_average",
}  # fmt: skip
_LISTS_OF = {
    "SGD": {"m": "momentums"},
    "Lion": {"m": "momentums"},
    "Adamax": {"m": "_m", "u": "_u"},
}

#: The slots of TensorFlow 2.10 and before -> today's.
_OLD_SLOTS = {
    "rms": "velocity", "mg": "average_gradient", "accum_grad": "accumulated_grad",
    "accum_var": "accumulated_delta_var",
}  # fmt: skip
_OLD_SLOTS_OF = {"SGD": {"momentum": "m"}, "Adamax": {"v": "u"}}
#: Hyper-parameters that those optimizers kept as variables; today's keep numbers, made with the optimizer.
_OLD_NUMBERS = (
    "beta", "beta_1", "beta_2", "decay", "momentum", "rho", "l1_regularization_strength",
    "l2_regularization_strength", "learning_rate_power",
)  # fmt: skip


# Layers and models


def layer_children(layer: Any) -> list[tuple[str, Any]]:
    """The parts of a layer or model that checkpoints save."""
    pairs = [*_model_children(layer), *_named_weights(layer)]
    pairs += _attributes(layer, layer._not_parts)
    optimizer = getattr(layer, "optimizer", None)
    if optimizer is not None:
        pairs.append(("optimizer", optimizer))
    return list(dict(pairs).items())


def _attributes(owner: Any, without: Iterable[str]) -> list[tuple[str, Any]]:
    """Attributes that are parts. Those of the classes here that start with "_" are no other program's business."""
    found = [pair for pair in attributes(owner, {"_own", *without}) if is_trackable(pair[1])]
    if type(owner).__module__.startswith("tensorlet."):
        found = [(name, value) for name, value in found if not name.startswith("_")]
    return found


def _named_weights(layer: Any) -> list[tuple[str, Variable]]:
    prefix = f"{layer.name}/"
    own = [*layer._own.trainable, *layer._own.fixed]
    return [(one.name.removesuffix(":0").removeprefix(prefix), one) for one in own]


def _model_children(model: Any) -> list[tuple[str, Any]]:
    """The layers of a sequential or functional model by number, with weights and without."""
    from tensorlet.keras.models.sequential import Sequential

    if getattr(model, "_graph", None) is None and not isinstance(model, Sequential):
        return []
    pairs = []
    with_weights = 0
    for number, layer in enumerate(model.layers):
        if layer.weights:
            pairs.append((f"layer_with_weights-{with_weights}", layer))
            with_weights += 1
        pairs.append((f"layer-{number}", layer))
    return pairs


def layer_children_in(layer: Any, names: set[str]) -> list[tuple[str, Any]]:
    """The same for a file that has these names; Keras 3 has others."""
    pairs = layer_children(layer)
    pairs += [(f"_{name}", weight) for name, weight in _named_weights(layer)]
    if _model_children(layer):
        layers = list(layer.layers)
        pairs.append(("_functional", layer))
        # Keras counts what stands for the input among the layers; a sequential model does not list it.
        has_input = bool(layers) and type(layers[0]).__name__ == "InputLayer"
        pairs.append(("_operations", layers if has_input else [None, *layers]))
    return pairs


# Optimizers


def optimizer_children(optimizer: Any) -> list[tuple[str, Any]]:
    """The variables of an optimizer."""
    found = entries(optimizer, KERAS_2)
    # What Keras 2 keeps and never uses is written as zeros.
    variables = [
        one.variable
        if one.variable is not None
        else Stand(np.zeros(one.shape, np.float32), name=one.name.removesuffix(":0"))
        for one in found
    ]
    pairs: list[tuple[str, Any]] = [("_variables", variables), ("_iterations", optimizer.iterations)]
    rate = optimizer._learning_rate
    if isinstance(rate, Variable):
        pairs.append(("_learning_rate", rate))
    else:
        now = np.asarray(optimizer.current_learning_rate(), np.float32)
        pairs.append(("_current_learning_rate", Stand(now, name="current_learning_rate")))
    product = getattr(optimizer, "_product", None)
    if product is not None:
        pairs.append(("_u_product", product))
    names = _LISTS | _LISTS_OF.get(type(optimizer).__name__, {})
    for slot in dict.fromkeys(name for _, name in optimizer._slots):
        listed = WholeList(optimizer.slot(weight, slot) for weight in optimizer._trainable_variables)
        pairs.append((names.get(slot, slot), listed))
    if len(variables) > 1 and not optimizer._slots and type(optimizer).__name__ == "SGD":
        pairs.append(("momentums", WholeList(variables[1:])))
    return pairs


def optimizer_children_in(optimizer: Any, names: set[str]) -> list[tuple[str, Any]]:
    """The same for a file that has these names; Keras 3, and TensorFlow 2.10 and before, have others."""
    pairs = optimizer_children(optimizer)
    if type(optimizer).__module__.startswith("tensorlet."):
        # Each kind of slot has a list of its own. The list of all may be that of another kind of optimizer, and
        # Keras 3's holds the learning rate as well.
        pairs = [pair for pair in pairs if pair[0] != "_variables"]
    if "_trainable_variables" in names and type(optimizer).__name__ == "Lion":  # Keras 3
        pairs.append(("_momentums", dict(pairs).get("momentums", [])))
    if "iter" not in names:
        return pairs
    pairs.append(("iter", optimizer.iterations))
    if isinstance(optimizer._learning_rate, Variable):
        pairs.append(("learning_rate", optimizer._learning_rate))
    product = getattr(optimizer, "_product", None)
    if product is not None:
        pairs.append(("momentum_cache", product))
    return pairs + [(name, Stand(np.zeros((), np.float32), name=name)) for name in _OLD_NUMBERS]


def optimizer_slot(optimizer: Any, variable: Variable, name: str) -> Variable | None:
    """The slot that TensorFlow 2.10 and before called so; None while there is none."""
    today = {**_OLD_SLOTS, **_OLD_SLOTS_OF.get(type(optimizer).__name__, {})}.get(name, name)
    found = optimizer._slots.get((variable.ref(), today))
    return found if isinstance(found, Variable) else None


# Metrics


def metric_children(metric: Any) -> list[tuple[str, Any]]:
    """The variables of a metric, and metrics inside it."""
    named = [(variable.name.removesuffix(":0"), variable) for variable in metric._variables]
    return list(dict([*named, *_attributes(metric, ("_variables",))]).items())
