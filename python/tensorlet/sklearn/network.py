"""The network of an estimator: a Keras model that is traced and compiled once for all estimators of one form.

An estimator keeps its weights as arrays. To train or predict, it borrows a network of its form, puts the weights in,
and takes them out again. So a search over hundreds of settings builds and compiles a few networks only.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from tensorlet import ops
from tensorlet.core.variable import Variable
from tensorlet.keras import optimizers
from tensorlet.keras import random as keras_random
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.core import Dense
from tensorlet.keras.layers.input_layer import Input
from tensorlet.keras.models.sequential import Sequential
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.keras.regularizers.base import Regularizer
from tensorlet.ops.registry import Tensor

#: The number of forms whose networks are kept; the least recently used one is discarded first.
MOST_FORMS = 32


class Form(NamedTuple):
    """What distinguishes networks that cannot share a compiled step.

    Attributes:
        inputs: the number of features.
        hidden: the widths of the hidden layers.
        activation: of the hidden layers: the name of a Keras activation, or a function.
        outputs: the width of the last layer.
        output: the activation of the last layer.
        loss: the name of a Keras loss.
        factor: the loss is multiplied by this.
        dropout: the fraction of each hidden layer's outputs that training sets to 0.
        optimizer: the class of the optimizer, and its configuration without the learning rate, as JSON.
    """

    inputs: int
    hidden: tuple[int, ...]
    activation: str | Callable[[Any], Any]
    outputs: int
    output: str
    loss: str
    factor: float
    dropout: float
    optimizer: tuple[type[Optimizer], str]


class Penalty(Regularizer):
    """``factor * sum(w²)``, whose factor is a variable: a search over it needs one compiled step."""

    def __init__(self, factor: Variable) -> None:
        self.factor = factor

    def __call__(self, x: Tensor) -> Tensor:
        """Returns the penalty of a weight."""
        return self.factor * ops.reduce_sum(ops.square(x))


class SeededDropout(Layer):
    """Dropout whose seed is a variable; see `tensorlet.keras.layers.Dropout`."""

    def __init__(self, rate: float, seed: keras_random.SeedGenerator, name: str) -> None:
        super().__init__(name=name, dtype="float32")
        self.rate, self.seed = rate, seed

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        """Returns the inputs, with elements dropped in training mode."""
        return keras_random.dropout(inputs, self.rate, seed=self.seed) if training else inputs


class Network:
    """A compiled model for one form, which estimators borrow one after the other.

    Args:
        form: the form.
        optimizer: a new optimizer of the form's class and configuration.

    Attributes:
        model: the Keras model.
    """

    def __init__(self, form: Form, optimizer: Optimizer) -> None:
        self.form = form
        self._penalty = Variable(np.zeros((), np.float32), trainable=False, name="penalty")
        self._seeds = keras_random.SeedGenerator(0)
        layers: list[Any] = [Input((form.inputs,), dtype="float32")]
        for number, width in enumerate(form.hidden, 1):
            layers.append(self._dense(width, form.activation, f"hidden_{number}"))
            if form.dropout:
                layers.append(SeededDropout(form.dropout, self._seeds, f"dropout_{number}"))
        layers.append(self._dense(form.outputs, form.output, "output"))
        self.model = Sequential(layers, name="network")
        self.model.compile(optimizer, form.loss, loss_weights=None if form.factor == 1 else [form.factor])
        optimizer.build(self.model.trainable_variables)
        self._slots = list(optimizer.variables)
        self._first_slots = [np.array(variable) for variable in self._slots]

    def _dense(self, width: int, activation: str | Callable[[Any], Any], name: str) -> Dense:
        penalty = Penalty(self._penalty)
        return Dense(width, activation, kernel_regularizer=penalty, dtype="float32", name=name)

    def load(self, coefs: Sequence[np.ndarray], intercepts: Sequence[np.ndarray]) -> None:
        """Puts weights in: for each layer, its kernel and its bias."""
        variables = self.model.trainable_variables
        for kernel, bias, coef, intercept in zip(
            variables[::2], variables[1::2], coefs, intercepts, strict=True
        ):
            kernel.assign(coef)
            bias.assign(intercept)

    def weights(self) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Returns copies of the kernels and of the biases."""
        arrays = [np.array(variable) for variable in self.model.trainable_variables]
        return arrays[::2], arrays[1::2]

    def load_optimizer(self, slots: Sequence[np.ndarray] | None, learning_rate: float | None) -> None:
        """Puts in the state of an optimizer (None: of a new one) and its learning rate (None: it has a schedule)."""
        for variable, slot in zip(self._slots, self._first_slots if slots is None else slots, strict=True):
            variable.assign(slot)
        if learning_rate is not None:
            self.model.optimizer.learning_rate = learning_rate

    def optimizer_state(self) -> list[np.ndarray]:
        """Returns copies of the optimizer's variables."""
        return [np.array(variable) for variable in self._slots]

    def set_penalty(self, factor: float) -> None:
        """Sets the factor of the sum of all squared weights in the loss of a batch."""
        self._penalty.assign(np.float32(factor))

    def set_seed(self, seed: int) -> None:
        """Sets the seed of the dropout masks."""
        self._seeds.state.assign(np.array([seed, 0], np.int64))

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Returns the outputs for rows, float32 of shape [rows, outputs]."""
        found: np.ndarray = self.model.predict(x, verbose=0)
        return found


_free: OrderedDict[Form, list[Network]] = OrderedDict()
_lock = threading.Lock()


@contextmanager
def borrowed(form: Form) -> Iterator[Network]:
    """Context manager that lends a network of a form; two threads never get the same one."""
    with _lock:
        waiting = _free.get(form)
        network = waiting.pop() if waiting else None
    if network is None:
        kind, config = form.optimizer
        network = Network(form, optimizer_of(kind, config))
    try:
        yield network
    finally:
        with _lock:
            _free.setdefault(form, []).append(network)
            _free.move_to_end(form)
            while len(_free) > MOST_FORMS:
                _free.popitem(last=False)


def optimizer_of(kind: type[Optimizer], config: str) -> Optimizer:
    """A new optimizer from a form's entry."""
    made: Optimizer = kind.from_config(json.loads(config))
    return made


def optimizer_entry(optimizer: Optimizer) -> tuple[tuple[type[Optimizer], str], float | None]:
    """The entry of an optimizer in a form, and its learning rate; None if that is a schedule."""
    config = optimizer.get_config()
    rate = config["learning_rate"]
    if isinstance(rate, dict):
        return (type(optimizer), json.dumps(config, sort_keys=True)), None
    return (type(optimizer), json.dumps(config | {"learning_rate": 0.001}, sort_keys=True)), float(rate)


def named_optimizer(solver: str, settings: dict[str, Any]) -> Optimizer:
    """An optimizer by name, with those settings that it knows.

    Args:
        solver: ``"adam"``, ``"sgd"`` or any other name that `tensorlet.keras.optimizers.get` takes.
        settings: scikit-learn's arguments for all of its optimizers.
    """
    if solver == "sgd":
        return optimizers.SGD(momentum=settings["momentum"], nesterov=settings["nesterovs_momentum"])
    if solver == "adam":
        return optimizers.Adam(
            beta_1=settings["beta_1"], beta_2=settings["beta_2"], epsilon=settings["epsilon"]
        )
    found: Optimizer = optimizers.get(solver)
    return found
