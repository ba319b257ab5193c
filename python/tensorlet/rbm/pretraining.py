"""`pretrain`: initial weights for a model from restricted Boltzmann machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import InvalidArgumentError, warn_user
from tensorlet.keras.layers.core import Dense
from tensorlet.keras.layers.input_layer import InputLayer
from tensorlet.localization import translate as _
from tensorlet.ops.conversion import to_array
from tensorlet.rbm.belief_net import DeepBeliefNet
from tensorlet.rbm.machine import RBM

if TYPE_CHECKING:
    from tensorlet.core.epochs import History
    from tensorlet.keras.models.sequential import Sequential
    from tensorlet.type_aliases import ArrayLike

#: Layers without weights, which the rows pass through in inference mode.
_PASSING = ("Flatten", "Reshape", "Rescaling", "Dropout", "GaussianNoise", "Activation")


def pretrain(
    model: Sequential,
    x: ArrayLike,
    *,
    epochs: int = 10,
    batch_size: int = 100,
    seed: int | None = None,
    verbose: int = 0,
    **options: Any,
) -> DeepBeliefNet:
    """Gives the Dense layers of a model, except the last one, weights that were learned without labels.

    Layer by layer, a restricted Boltzmann machine of the same size learns the outputs of the layer below, and hands its
    kernel and hidden bias over. Then train the model with labels as usual.

    Args:
        model: a `Sequential` model of Dense layers, best with sigmoid activations; layers such as Flatten, Rescaling
            and Dropout may be between them.
        x: rows of input. If they are all from 0 to 1, the first machine has Bernoulli visible units, otherwise Gaussian
            ones: standardize the rows then.
        epochs, batch_size, seed, verbose: of `RBM.fit`, for each machine.
        options: further arguments of `RBM`, such as ``learning_rate``, ``momentum`` and ``k``.

    Returns:
        The machines, as a `DeepBeliefNet`.

    Raises:
        InvalidArgumentError: if the model has no Dense layer before the last one, or another kind of layer.

    Source: G. Hinton, S. Osindero and Y. Teh, "A Fast Learning Algorithm for Deep Belief Nets", Neural Computation 18
    (2006); G. Hinton and R. Salakhutdinov, "Reducing the Dimensionality of Data with Neural Networks", Science 313
    (2006).

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> from tensorlet.rbm import pretrain
    >>> rows = np.repeat([[1.0, 1, 0, 0], [0, 0, 1, 1]], 50, axis=0)
    >>> model = tf.keras.Sequential(
    ...     [tf.keras.layers.Dense(3, activation="sigmoid"), tf.keras.layers.Dense(1, activation="sigmoid")]
    ... )
    >>> net = pretrain(model, rows, epochs=5, seed=0)
    >>> bool(np.all(model.layers[0].kernel.numpy() == net.machines[0].kernel.numpy()))
    True
    """
    rows = to_array(x)
    if rows.dtype.kind not in "biuf" or rows.ndim < 2 or not rows.size:
        raise InvalidArgumentError(
            f"pretrain got {rows.dtype} of shape {rows.shape}, expected rows of numbers."
        )
    rows = rows.astype(np.float32)
    if not model.built:
        model(rows[:1])
    hidden = _hidden_layers(model)
    machines: list[RBM] = []
    histories: list[History] = []
    for layer in model.layers[: model.layers.index(hidden[-1]) + 1]:
        if layer not in hidden:
            rows = _passed(layer, rows)
            continue
        kind = "gaussian" if rows.min() < 0 or rows.max() > 1 else "bernoulli"
        machine = RBM(layer.units, kind, **options)
        own = None if seed is None else seed + len(machines)
        if verbose:
            print(f"Layer '{layer.name}': {rows.shape[1]} visible ({kind}), {layer.units} hidden units")
        histories.append(machine.fit(rows, epochs=epochs, batch_size=batch_size, seed=own, verbose=verbose))
        machines.append(machine)
        layer.kernel.assign(machine.kernel)
        if layer.bias is not None:
            layer.bias.assign(machine.bias)
        rows = _passed(layer, rows)
    net = DeepBeliefNet(machines)
    net.histories = histories
    return net


def _hidden_layers(model: Any) -> list[Any]:
    """The Dense layers except the last one."""
    dense = [layer for layer in model.layers if isinstance(layer, Dense)]
    others = [
        layer
        for layer in model.layers
        if not isinstance(layer, Dense | InputLayer) and type(layer).__name__ not in _PASSING
    ]
    if others:
        raise InvalidArgumentError(
            f"pretrain cannot train the layer '{others[0].name}' ({type(others[0]).__name__}); expected a "
            f"Sequential model of Dense layers, with {', '.join(_PASSING)} between them."
        )
    if len(dense) < 2:
        raise InvalidArgumentError(
            f"pretrain: '{model.name}' has {len(dense)} Dense layers; expected two or more, since the last one "
            "is trained with labels."
        )
    names = {getattr(layer.activation, "__name__", "") for layer in dense[:-1]} - {"sigmoid"}
    if names:
        warn_user(
            _(
                "pretrain: hidden layers have the activation {names}. The machines learn weights for sigmoid units; "
                "use activation='sigmoid' for what Hinton (2006) describes."
            ).format(names=", ".join(sorted(names)))
        )
    return dense[:-1]


def _passed(layer: Any, rows: np.ndarray) -> np.ndarray:
    """The outputs of a layer for many rows, in inference mode."""
    if isinstance(layer, InputLayer):
        return rows
    size = 4096
    return np.concatenate(
        [np.asarray(layer(rows[start : start + size])) for start in range(0, len(rows), size)]
    )
