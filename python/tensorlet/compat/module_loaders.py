"""Loaders of modules that have no file or a second name, and the error for names that are not supported."""

from __future__ import annotations

import importlib
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tensorlet.errors import UnknownModuleError, UnknownNameError

PACKAGE = "tensorlet"


class MissingNameError(UnknownNameError):
    """A name that Tensorlet does not have. It looks for the explanation when its message is read:
    ``hasattr`` asks often and reads nothing.

    Args:
        path: the name without ``tf.``.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path, name=path.rpartition(".")[2])

    def __str__(self) -> str:
        from tensorlet.compat.unknown_names import explain

        return explain(self.args[0])


def is_missing(place: str, error: ModuleNotFoundError) -> bool:
    """Whether it is the place itself that is not there, and not something that it imports."""
    if isinstance(error, UnknownModuleError):
        return True
    return error.name is not None and f"{place}.".startswith(f"{error.name}.")


def spec_for(fullname: str, loader: Any) -> ModuleSpec:
    """A module's spec. The loader has the two methods of one (``importlib.abc`` takes long to import)."""
    return ModuleSpec(fullname, loader, is_package=True)


class AliasLoader:
    """Loads a module under a second name: it is the same object under both.

    Args:
        place: the module's own name.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self.own_spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module that there is already, or that its own name loads."""
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
        """Gives the module its own spec back, which Python has just replaced."""
        module.__spec__ = self.own_spec
