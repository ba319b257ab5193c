"""What programs written for older versions of Keras expect of optimizers."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from tensorlet.keras.spellings import note_old_spelling

#: The optimizers that early versions of Keras 2 also had under their names in lower case: ``rmsprop(lr=0.001)``.
LOWER_CASE = ("SGD", "Adadelta", "Adagrad", "Adam", "Adamax", "Nadam", "RMSprop")


class CallableModule(ModuleType):
    """The module of an optimizer, such as ``keras.optimizers.adam``, which can also be called like the class."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Creates the optimizer."""
        name = self.__name__.rpartition(".")[2]
        optimizer = next(getattr(self, known) for known in LOWER_CASE if known.lower() == name)
        note_old_spelling(f"optimizers.{name}", f"optimizers.{optimizer.__name__}")
        return optimizer(*args, **kwargs)


def extend_optimizer(optimizer: type) -> type:
    """Makes the module of an optimizer callable; see `LOWER_CASE`."""
    module = sys.modules[optimizer.__module__]
    if optimizer.__name__ in LOWER_CASE and module.__name__.endswith(f".{optimizer.__name__.lower()}"):
        module.__class__ = CallableModule
    return optimizer
