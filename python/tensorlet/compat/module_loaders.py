"""Loaders of modules that have no file or a second name."""

from __future__ import annotations

import importlib
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tensorlet.errors import UnknownModuleError

PACKAGE = "tensorlet"


def is_missing(place: str, error: ModuleNotFoundError) -> bool:
    """Whether the module itself is missing, and not one that it imports."""
    if isinstance(error, UnknownModuleError):
        return True
    return error.name is not None and f"{place}.".startswith(f"{error.name}.")


def spec_for(fullname: str, loader: Any) -> ModuleSpec:
    """A module's spec. The loader is any class with a loader's two methods: ``importlib.abc`` is slow to import."""
    return ModuleSpec(fullname, loader, is_package=True)


class AliasLoader:
    """Loads a module under a second name: the same object under both names.

    Args:
        place: the module's own name.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self.own_spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module itself, loaded under its own name if it is not loaded yet."""
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
        """Restores the module's own spec, which Python has just replaced."""
        module.__spec__ = self.own_spec
