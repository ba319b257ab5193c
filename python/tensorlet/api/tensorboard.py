"""Replaces the modules of TensorBoard that programs use to write logs.

``tensorboard.plugins.hparams.api`` requires objects of TensorFlow; Tensorlet has a module with the same names.
If a program starts TensorBoard itself, the empty module ``tensorboard.compat.notf`` makes it run without
TensorFlow.
"""

from __future__ import annotations

import importlib.machinery
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tensorlet.compat.module_loaders import PACKAGE, AliasLoader, spec_for

API = "tensorboard.plugins.hparams.api"
NO_TENSORFLOW = "tensorboard.compat.notf"
#: The packages that contain `API`; they must exist for it to be imported.
PARENTS = ("tensorboard", "tensorboard.plugins", "tensorboard.plugins.hparams")


def find(fullname: str, path: Sequence[str] | None) -> ModuleSpec | None:
    """Returns the spec of a TensorBoard module that Tensorlet provides; None for any other module.

    Args:
        fullname: the name of the module.
        path: the search path of its package.
    """
    if fullname == API:
        return spec_for(fullname, AliasLoader(f"{PACKAGE}.keras.callbacks.hparams"))
    if fullname == NO_TENSORFLOW:
        return spec_for(fullname, EmptyLoader())
    if fullname in PARENTS and importlib.machinery.PathFinder.find_spec(fullname, path) is None:
        return spec_for(fullname, EmptyLoader())
    return None


class EmptyLoader:
    """Loads an empty module, which explains that TensorBoard is not installed."""

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:
        """Lets Python create the module with its defaults."""

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """Defines the module's ``__getattr__``."""

        def explain(name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            raise AttributeError(
                f"{module.__name__}.{name}: TensorBoard is not installed; without it, only {API} is available. "
                "Install it with: pip install tensorboard",
                name=name,
            )

        module.__dict__["__getattr__"] = explain
