"""Names that are imported when somebody asks for them: ``tf.keras`` is large, and a program uses little of it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tensorlet.core.symbolic import takes_symbols
from tensorlet.errors import UnknownNameError, did_you_mean
from tensorlet.keras.spellings import OLD_MODULES, OLD_NAMES, note_old_spelling


def lazy_names(
    package: str,
    places: Mapping[str, str],
    modules: Iterable[str] = (),
    absent: Mapping[str, str] | None = None,
    on_symbols: Iterable[str] = (),
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` for a package that imports its parts on first use.

    Args:
        package: the package's ``__name__``.
        places: from a module (below the package) to the names that it has, separated by blanks;
            ``theirs:ours`` where the two differ.
        modules: submodules that are names themselves.
        absent: names that users look for in vain, and what to do without them.
        on_symbols: modules whose functions become layers when they are called on a `KerasTensor`.
    """
    table: dict[str, tuple[str, str]] = {}
    inside = package.partition(".")[2]  # without "tensorlet."
    for module, names in places.items():
        for name in names.split():
            public, _, own = name.partition(":")
            table[public] = (module, own or public)
    submodules = frozenset(modules)
    of_tensors = frozenset(on_symbols)

    def find(name: str) -> Any:
        if name in submodules or f"{inside}.{name}" in OLD_MODULES:
            return importlib.import_module(f"{package}.{name}")
        if name in table:
            module, own = table[name]
            value = getattr(importlib.import_module(module), own)
            if module in of_tensors:
                value = takes_symbols(value, f"{inside}.{own}")
            setattr(sys.modules[package], name, value)
            return value
        if name == "__all__":  # from keras.layers import *
            return sorted({*submodules, *table})
        if f"{inside}.{name}" in OLD_NAMES:
            return _by_old_name(f"{inside}.{name}")
        raise missing_name(package, name, {*submodules, *table}, absent)

    def listed() -> list[str]:
        return sorted({*vars(sys.modules[package]), *submodules, *table})

    return find, listed


def missing_name(
    package: str, name: str, known: Iterable[str], absent: Mapping[str, str] | None = None
) -> AttributeError:
    """The error for a name that a package does not have; its ``mend`` says what there is instead."""
    if name.startswith("__"):
        return AttributeError(name)  # Python itself asks: __path__, __wrapped__ and the like
    names = sorted(known)
    mend = (absent or {}).get(name)
    if mend is None:
        mend = did_you_mean(name, names).strip() or f"There is: {', '.join(names)}."
    shown = package.replace("tensorlet", "tf", 1)
    error = UnknownNameError(f"{shown}.{name} is not part of Tensorlet. {mend}", name=name)
    error.mend = mend
    return error


def explain_missing(package: str, absent: Mapping[str, str] | None = None) -> None:
    """Lets a module that imports all its names at once explain those that it does not have.

    Args:
        package: the module's ``__name__``.
        absent: names that users look for in vain, and what to do without them.
    """
    module = sys.modules[package]
    inside = package.partition(".")[2]

    def find(name: str) -> Any:
        if f"{inside}.{name}" in OLD_MODULES:
            return importlib.import_module(f"{package}.{name}")
        if f"{inside}.{name}" in OLD_NAMES:
            return _by_old_name(f"{inside}.{name}")
        raise missing_name(package, name, vars(module).get("__all__") or _own_names(module), absent)

    module.__dict__["__getattr__"] = find


def _by_old_name(old: str) -> Any:
    """What an old name means; the note comes once."""
    today = OLD_NAMES[old]
    note_old_spelling(f"tf.{old}", f"tf.{today}")
    module, _, name = today.rpartition(".")
    return getattr(importlib.import_module(f"tensorlet.{module}"), name)


def _own_names(module: Any) -> list[str]:
    """The public classes and functions of a module, without what it has imported from outside Keras."""
    return [
        name
        for name, value in vars(module).items()
        if callable(value)
        and not name.startswith("_")
        and getattr(value, "__module__", "").startswith("tensorlet.keras")
        and name not in ("Registry", "explain_missing")
    ]
