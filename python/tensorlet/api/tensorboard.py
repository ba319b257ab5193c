"""Answers for the modules of TensorBoard's that programs write their logs with.

``tensorboard.plugins.hparams.api`` works on TensorFlow's own objects; Tensorlet has a module with the same names.
TensorBoard itself, where it is installed and a program starts it, is told to do without TensorFlow: that is what its
module ``tensorboard.compat.notf`` is for.
"""

from __future__ import annotations

import importlib.machinery
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tensorlet.compat.module_loaders import PACKAGE, AliasLoader, spec_for

API = "tensorboard.plugins.hparams.api"
NO_TENSORFLOW = "tensorboard.compat.notf"
#: The packages around `API`, which must be there for it to be imported.
PARENTS = ("tensorboard", "tensorboard.plugins", "tensorboard.plugins.hparams")


def find(fullname: str, path: Any) -> ModuleSpec | None:
    """The spec of a module of TensorBoard's that Tensorlet answers for; None for all others.

    Args:
        fullname: its name.
        path: where its package lies.
    """
    if fullname == API:
        return spec_for(fullname, AliasLoader(f"{PACKAGE}.keras.callbacks.hparams"))
    if fullname == NO_TENSORFLOW:
        return spec_for(fullname, EmptyLoader())
    if fullname in PARENTS and importlib.machinery.PathFinder.find_spec(fullname, path) is None:
        return spec_for(fullname, EmptyLoader())
    return None


class EmptyLoader:
    """Loads a module with nothing in it, which says so when it is asked for something."""

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:
        """Leaves the making of the module to Python."""

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """Lets the module explain what it does not have."""

        def explain(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            raise AttributeError(
                f"{module.__name__}.{name}: TensorBoard is not installed; without it there is {API} only. "
                "Install it with: pip install tensorboard",
                name=name,
            )

        module.__dict__["__getattr__"] = explain
