"""Loaders of modules without a file or with a second name."""

from __future__ import annotations

import importlib
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tensorlet.errors import UnknownModuleError

PACKAGE = "tensorlet"


def is_missing(place: str, error: ModuleNotFoundError) -> bool:
    """Whether the module itself is missing, rather than one that it imports."""
    if isinstance(error, UnknownModuleError):
        return True
    return error.name is not None and f"{place}.".startswith(f"{error.name}.")


def spec_for(fullname: str, loader: Any) -> ModuleSpec:
    """Returns the spec of a module. The loader has no base class, because ``importlib.abc`` is slow to import."""
    return ModuleSpec(fullname, loader, is_package=True)


class AliasLoader:
    """Loads a module under a second name, as the same object.

    Args:
        place: the original name of the module.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self.own_spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Returns the module, loading it under its original name if necessary."""
        try:
            module = importlib.import_module(self.place)
        except UnknownModuleError:
            raise
        except ModuleNotFoundError as error:
            if not is_missing(self.place, error):
                raise
            from tensorlet.compat.unknown_names import explain

            raise UnknownModuleError(explain(self.place[len(PACKAGE) + 1 :])) from None
        self.own_spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Restores the original spec of the module, which Python has just replaced."""
        module.__spec__ = self.own_spec
