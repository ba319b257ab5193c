"""Stands in for the modules of TensorBoard that programs use to write logs.

``tensorboard.plugins.hparams.api`` works on TensorFlow's own objects; Tensorlet has a module with the same names.
TensorBoard itself, where it is installed and a program starts it, is told to do without TensorFlow: that is what its
module ``tensorboard.compat.notf`` is for.
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
    """The spec of a TensorBoard module that Tensorlet provides; None for any other module.

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
    """Loads an empty module, which explains that TensorBoard is not installed."""

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:
        """Lets Python create the module."""

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
