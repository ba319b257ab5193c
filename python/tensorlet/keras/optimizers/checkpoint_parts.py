"""The parts of an optimizer in checkpoints, under the names that Keras 2 uses in them.

``_variables`` (a list), ``_iterations``, ``_learning_rate``, and one list per kind of slot. See
`tensorlet.checkpoint.object_graph`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.checkpoint.object_graph import Placeholder, WholeList
from tensorlet.core.variable import Variable
from tensorlet.keras.optimizers.saved_variables import KERAS_2, entries

if TYPE_CHECKING:
    from tensorlet.keras.optimizers.base import Optimizer

#: The names of the lists of slots in Keras 2, where they differ from the name of the slot.
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

#: Names of slots in TensorFlow 2.10 and earlier -> current names.
_TF_2_10_SLOTS = {
    "rms": "velocity", "mg": "average_gradient", "accum_grad": "accumulated_grad",
    "accum_var": "accumulated_delta_var",
}  # fmt: skip
_TF_2_10_SLOTS_OF = {"SGD": {"momentum": "m"}, "Adamax": {"v": "u"}}
#: Hyperparameters that TensorFlow 2.10 and earlier stored as variables; here they are arguments of the optimizer.
_TF_2_10_HYPERPARAMETERS = (
    "beta", "beta_1", "beta_2", "decay", "momentum", "rho", "l1_regularization_strength",
    "l2_regularization_strength", "learning_rate_power",
)  # fmt: skip


def optimizer_children(optimizer: Optimizer) -> list[tuple[str, Any]]:
    """Returns the variables of an optimizer, by name."""
    found = entries(optimizer, KERAS_2)
    # Slots that Keras 2 creates but does not use are written as zeros.
    variables = [
        one.variable
        if one.variable is not None
        else Placeholder(np.zeros(one.shape, np.float32), name=one.name.removesuffix(":0"))
        for one in found
    ]
    pairs: list[tuple[str, Any]] = [("_variables", variables), ("_iterations", optimizer._iterations)]
    rate = optimizer._learning_rate
    if isinstance(rate, Variable):
        pairs.append(("_learning_rate", rate))
    else:
        now = np.asarray(optimizer.current_learning_rate())
        pairs.append(("_current_learning_rate", Placeholder(now, name="current_learning_rate")))
    product = optimizer.momentum_product
    if product is not None:
        pairs.append(("_u_product", product))
    if inner := optimizer.inner_optimizers():
        pairs += [(one.path, one) for one in optimizer._tracked[1:]]
        return [
            *pairs,
            ("inner_optimizer", inner[0]) if len(inner) == 1 else ("_inner_optimizers", list(inner)),
        ]
    names = _LISTS | _LISTS_OF.get(type(optimizer).__name__, {})
    for slot in dict.fromkeys(name for _, name in optimizer._slots):
        weights = [one for one in optimizer._trainable_variables if (one.ref(), slot) in optimizer._slots]
        listed = WholeList(optimizer.slot(weight, slot) for weight in weights)
        pairs.append((names.get(slot, slot), listed))
    if len(variables) > 1 and not optimizer._slots and type(optimizer).__name__ == "SGD":
        pairs.append(("momentums", WholeList(variables[1:])))
    return pairs


def optimizer_children_in(optimizer: Optimizer, names: set[str]) -> list[tuple[str, Any]]:
    """Returns them for a file that contains these names; Keras 3 and TensorFlow 2.10 and earlier use others."""
    pairs = optimizer_children(optimizer)
    if type(optimizer).__module__.startswith("tensorlet."):
        # Each kind of slot has its own list. The list of all variables may be that of another optimizer, and
        # in Keras 3 it also contains the learning rate.
        pairs = [pair for pair in pairs if pair[0] != "_variables"]
    if "_trainable_variables" in names and type(optimizer).__name__ == "Lion":  # Keras 3
        pairs.append(("_momentums", dict(pairs).get("momentums", [])))
    if "iter" not in names:
        return pairs
    pairs.append(("iter", optimizer._iterations))
    if isinstance(optimizer._learning_rate, Variable):
        pairs.append(("learning_rate", optimizer._learning_rate))
    product = optimizer.momentum_product
    if product is not None:
        pairs.append(("momentum_cache", product))
    return pairs + [
        (name, Placeholder(np.zeros((), np.float32), name=name)) for name in _TF_2_10_HYPERPARAMETERS
    ]


def optimizer_slot(optimizer: Optimizer, variable: Variable, name: str) -> Variable | None:
    """Returns the slot with that name in TensorFlow 2.10 and earlier, or None if it does not exist yet."""
    current = {**_TF_2_10_SLOTS, **_TF_2_10_SLOTS_OF.get(type(optimizer).__name__, {})}.get(name, name)
    found = optimizer._slots.get((variable.ref(), current))
    return found if isinstance(found, Variable) else None
