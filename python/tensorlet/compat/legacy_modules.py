"""Legacy modules of TensorFlow and Keras, such as ``keras.layers.core`` and ``keras.utils.np_utils``.

The table is in `tensorlet.compat.legacy_names`. A program that imports such a module gets one that forwards to
the current names, and one warning. Imported only when a program uses a name that may be legacy.
"""

from __future__ import annotations

import importlib
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tensorlet.compat.deprecation import warn_legacy
from tensorlet.compat.legacy_names import (
    LEGACY_MODULES,
    LEGACY_PACKAGES,
    OWN_MODULES,
    PUBLIC,
    current_module,
    legacy_package,
)
from tensorlet.compat.module_loaders import PACKAGE, AliasLoader, spec_for
from tensorlet.compat.private_modules import private_module_spec
from tensorlet.errors import UnknownModuleError, UnknownNameError
from tensorlet.keras.lazy import missing_name

#: TensorFlow's private package, from which some programs import Keras.
PRIVATE = "python"


def legacy_module_spec(fullname: str, asked: str) -> ModuleSpec | None:
    """Returns the spec of a legacy module; None for any other module.

    Args:
        fullname: the name of the module, as imported by the program.
        asked: the name below ``tf``, such as ``"keras.layers.core"``.

    Raises:
        UnknownModuleError: for an unsupported name in a legacy module; the message names the alternative.
    """
    if asked == PRIVATE:
        return spec_for(fullname, PrivateLoader())
    if asked.startswith(f"{PRIVATE}.") and not asked.startswith(f"{PRIVATE}.keras"):
        return private_module_spec(fullname, asked.removeprefix(f"{PRIVATE}."))
    today = current_module(asked)
    if today in LEGACY_MODULES:
        return spec_for(fullname, LegacyModuleLoader(asked, LEGACY_MODULES[today].split()))
    parent, _, name = today.rpartition(".")
    if parent in LEGACY_MODULES:
        from tensorlet.compat.unknown_names import explain

        raise UnknownModuleError(explain(f"{LEGACY_MODULES[parent].split()[0]}.{name}"))
    package = legacy_package(asked)
    if package is None:
        return None
    warn_legacy(f"tf.{package}", f"tf.{LEGACY_PACKAGES[package]}")
    return spec_for(fullname, AliasLoader(f"{PACKAGE}.{today}"))


class LegacyModuleLoader:
    """Creates a module that forwards to the names of current modules.

    Args:
        path: the path of the module below ``tf``.
        places: the paths of the modules below ``tf`` that contain its names now; they are searched in order.
    """

    def __init__(self, path: str, places: list[str]) -> None:
        self.path = path
        self.places = places

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:
        """Lets Python create the module with its defaults."""

    def exec_module(self, module: ModuleType) -> None:
        """Defines the module's ``__getattr__``."""

        def get_attribute(name: str) -> Any:
            value = self._find(name)
            setattr(module, name, value)
            return value

        module.__doc__ = f"A legacy module; the current names are in ``tf.{self.places[0]}``."
        module.__dict__["__getattr__"] = get_attribute
        module.__dict__["__dir__"] = self._names

    def _find(self, name: str) -> Any:
        inner = f"{current_module(self.path)}.{name}"
        if inner in LEGACY_MODULES:
            return importlib.import_module(f"{PACKAGE}.{inner}")
        if not name.startswith("__"):
            warn_legacy(f"tf.{self.path}", f"tf.{self.places[0]}")
        if self.path in OWN_MODULES:
            found = getattr(importlib.import_module(OWN_MODULES[self.path]), name, None)
            if found is not None:
                return found
        failure: AttributeError | None = None
        for place in self.places:
            try:
                return getattr(importlib.import_module(f"{PACKAGE}.{place}"), name)
            except AttributeError as error:
                failure = failure or error
        if isinstance(failure, UnknownNameError) or name.startswith("__"):
            raise failure or AttributeError(name)
        raise missing_name(f"{PACKAGE}.{self.path}", name, self._public_names())

    def _public_names(self) -> list[str]:
        """Returns the classes and functions of Keras in those modules, without imports from elsewhere."""
        modules = [importlib.import_module(f"{PACKAGE}.{place}") for place in self.places]
        return [
            name
            for module in modules
            for name, value in vars(module).items()
            if name[0].isalpha() and str(getattr(value, "__module__", "")).startswith(f"{PACKAGE}.keras.")
        ]

    def _names(self) -> list[str]:
        listed = {
            name for place in self.places for name in dir(importlib.import_module(f"{PACKAGE}.{place}"))
        }
        return sorted(listed.difference(*(PUBLIC.get(place, ()) for place in self.places)))


class PrivateLoader:
    """Creates ``tensorflow.python``, which contains ``keras`` and explains that everything else is private."""

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:
        """Lets Python create the module with its defaults."""

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """Defines the module's ``__getattr__``."""

        def get_attribute(name: str) -> Any:
            if name == "keras":
                warn_legacy(f"tf.{PRIVATE}.keras", "tf.keras")
                return importlib.import_module(f"{PACKAGE}.keras")
            if name.startswith("__"):
                raise AttributeError(name)
            if private_module_spec(f"{PACKAGE}.{PRIVATE}.{name}", name) is not None:
                return importlib.import_module(f"{PACKAGE}.{PRIVATE}.{name}")
            from tensorlet.compat.unknown_names import explain

            raise UnknownNameError(explain(f"{PRIVATE}.{name}"), name=name)

        module.__dict__["__getattr__"] = get_attribute
