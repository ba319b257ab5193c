"""Optimizers: how weights change, given the gradients of a loss.

Each file of this folder may add optimizers, with ``@OPTIMIZERS.register("Name")``: a new one needs no other file to
be changed. Those named here are there for readers and for type checkers.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from tensorlet.keras.lazy import explain_missing
from tensorlet.keras.optimizers import schedules
from tensorlet.keras.optimizers.adadelta import Adadelta
from tensorlet.keras.optimizers.adagrad import Adagrad
from tensorlet.keras.optimizers.adam import Adam, AdamW
from tensorlet.keras.optimizers.adamax import Adamax
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.keras.optimizers.ftrl import Ftrl
from tensorlet.keras.optimizers.lion import Lion
from tensorlet.keras.optimizers.nadam import Nadam
from tensorlet.keras.optimizers.registry import OPTIMIZERS
from tensorlet.keras.optimizers.rmsprop import RMSprop
from tensorlet.keras.optimizers.sgd import SGD
from tensorlet.keras.spellings import note_old_spelling

__all__ = [
    "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lion", "Nadam", "Optimizer", "RMSprop",
    "deserialize", "get", "schedules", "serialize",
]  # fmt: skip


def get(identifier: Any) -> Any:
    """The optimizer that an identifier means.

    Args:
        identifier: a name, a configuration dictionary, a class, or an optimizer.

    Raises:
        InvalidArgumentError: for an unknown name, or anything else.

    >>> import tensorlet as tf
    >>> tf.keras.optimizers.get("sgd")
    <tf.keras.optimizers.SGD learning_rate=0.01>
    """
    return OPTIMIZERS.get(identifier)


def serialize(optimizer: Any, use_legacy_format: bool = False) -> Any:
    """The configuration dictionary of an optimizer.

    >>> import tensorlet as tf
    >>> tf.keras.optimizers.serialize(tf.keras.optimizers.Adam())["config"]["beta_1"]
    0.9
    """
    config = OPTIMIZERS.serialize(optimizer)
    if use_legacy_format:
        return {"class_name": config["class_name"], "config": config["config"]}
    return config


def deserialize(
    config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """The optimizer that a configuration dictionary describes.

    >>> import tensorlet as tf
    >>> config = {"class_name": "Adam", "config": {"learning_rate": 0.5}}
    >>> float(tf.keras.optimizers.deserialize(config).learning_rate)
    0.5
    """
    return OPTIMIZERS.deserialize(config, custom_objects)


def _lower_case(name: str, optimizer: Any) -> Any:
    """Keras 2's first versions had each class under its name in lower case as well: ``rmsprop(lr=0.001)``."""

    def make(*args: Any, **kwargs: Any) -> Any:
        note_old_spelling(f"optimizers.{name}", f"optimizers.{optimizer.__name__}")
        return optimizer(*args, **kwargs)

    return make


for _file in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_file.name}")
for _name in OPTIMIZERS.names():
    if isinstance(_found := OPTIMIZERS.find(_name), type):
        globals().setdefault(_found.__name__, _found)
        if _found.__name__ not in __all__:
            __all__.append(_found.__name__)

for _optimizer in (SGD, Adadelta, Adagrad, Adam, Adamax, Nadam, RMSprop):
    # In place of the submodule of that name, which is found by its whole path all the same.
    globals()[_optimizer.__name__.lower()] = _lower_case(_optimizer.__name__.lower(), _optimizer)

explain_missing(__name__)
