"""Names that are imported on first use: ``tf.keras`` is large, and most programs use little of it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType, ModuleType
from typing import Any

from tensorlet.core.symbolic import takes_symbols
from tensorlet.errors import UnknownNameError, did_you_mean
from tensorlet.extensions import extension, has_file
from tensorlet.keras.generations import differs, meaning
from tensorlet.registry import Registry, registry_of


def lazy_names(
    package: str,
    places: Mapping[str, str] | None = None,
    modules: Iterable[str] = (),
    absent: Mapping[str, str] | None = None,
    on_symbols: Iterable[str] = (),
    *,
    kind: str | None = None,
    aliases: Mapping[str, str] | None = None,
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Creates ``__getattr__`` and ``__dir__`` for a package that imports its parts on first use.

    Args:
        package: the package's ``__name__``.
        places: maps a module to its names, separated by spaces; ``public:internal`` where the two differ.
        modules: submodules that are public names.
        absent: names that Tensorlet does not have, with advice on what to use instead.
        on_symbols: modules whose functions create a layer when called with a `KerasTensor`.
        kind: the kind of object, such as ``"loss"``, whose registered members in this package are public; see
            `tensorlet.registry`.
        aliases: maps an alias to the name it stands for.
    """
    inside = package.partition(".")[2]  # without "tensorlet."
    things = registry_of(kind) if kind is not None else None
    table = _table(package, things, places or {}, aliases or {})
    submodules = frozenset(modules)
    of_tensors = frozenset(on_symbols)

    def find(name: str) -> Any:
        if name in submodules:
            return importlib.import_module(f"{package}.{name}")
        if name in table:
            module, own = table[name]
            value = getattr(importlib.import_module(module), own)
            if kind is not None and differs(kind, own):
                return meaning(kind, own, value)
            if module in of_tensors:
                value = takes_symbols(value, f"{inside}.{own}")
            setattr(sys.modules[package], name, value)
            return value
        if name == "__all__":  # from keras.layers import *
            return sorted({*submodules, *table, *_functions(package)})
        if has_file(package, name):  # from tensorlet.keras.layers import core
            return importlib.import_module(f"{package}.{name}")
        found = _from_elsewhere(f"{inside}.{name}")
        if found is not None:
            return found
        if things is not None and not name.startswith("_"):
            things.import_new_files()
            if name in things.public:
                return getattr(importlib.import_module(things.public[name]), name)
        raise missing_name(package, name, {*submodules, *table, *_functions(package)}, absent)

    def listed() -> list[str]:
        names = {*submodules, *table, *_functions(package), *_listed_elsewhere(inside)}
        return _public_dir(sys.modules[package], names)

    return find, listed


def _table(
    package: str, things: Registry[Any] | None, places: Mapping[str, str], aliases: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """Maps each public name to its module and its name in that module."""
    registered = things.public if things is not None else {}
    table = {name: (module, name) for name, module in registered.items() if module.startswith(f"{package}.")}
    for module, names in places.items():
        for name in names.split():
            public, _, theirs = name.partition(":")
            table[public] = (module, theirs or public)
    table.update({name: table[other] for name, other in aliases.items()})
    return table


def _functions(package: str) -> list[str]:
    """Returns the names of the functions that a package's ``__init__`` defines, such as ``get``."""
    return [
        name
        for name, value in vars(sys.modules[package]).items()
        if isinstance(value, FunctionType) and value.__module__ == package and not name.startswith("_")
    ]


def missing_name(
    package: str, name: str, known: Iterable[str], absent: Mapping[str, str] | None = None
) -> AttributeError:
    """Creates the error for a missing name; its attribute ``advice`` says what to use instead."""
    if name.startswith("__"):
        return AttributeError(name)  # Python looks these up itself: __path__, __wrapped__ and so on
    names = sorted(known)
    advice = (absent or {}).get(name)
    if advice is None:
        advice = did_you_mean(name, names).strip() or f"Available names: {', '.join(names)}."
    shown = package.replace("tensorlet", "tf", 1)
    error = UnknownNameError(f"{shown}.{name} is not part of Tensorlet. {advice}", name=name)
    error.advice = advice
    return error


def explain_missing(package: str, absent: Mapping[str, str] | None = None) -> None:
    """Gives a module that defines all its names itself the error messages of `missing_name`.

    Args:
        package: the module's ``__name__``.
        absent: names that Tensorlet does not have, with advice on what to use instead.
    """
    module = sys.modules[package]
    inside = package.partition(".")[2]

    def find(name: str) -> Any:
        found = _from_elsewhere(f"{inside}.{name}")
        if found is not None:
            return found
        raise missing_name(package, name, vars(module).get("__all__") or _own_names(module), absent)

    def listed() -> list[str]:
        return _public_dir(module, vars(module).get("__all__") or _own_names(module))

    module.__dict__["__getattr__"] = find
    module.__dict__["__dir__"] = listed


def _public_dir(module: ModuleType, public: Iterable[str]) -> list[str]:
    """Returns what ``dir`` shows: the public names and attributes such as ``__doc__``, without internals."""
    return sorted({*(name for name in vars(module) if name.startswith("__")), *public})


def _from_elsewhere(path: str) -> Any:
    """Asks the packages above, such as ``compat``, for a name that this package does not have; None if unknown."""
    if path.rpartition(".")[2].startswith("__"):
        return None
    find = extension("missing name")
    return None if find is None else find(path)


def _listed_elsewhere(path: str) -> tuple[str, ...]:
    """Returns the names of a package that are defined in packages above, such as ``compat``, but public."""
    find = extension("public names")
    return () if find is None else find(path)


def _own_names(module: ModuleType) -> list[str]:
    """Returns the public classes and functions of a module, without imports from outside Keras."""
    return [
        name
        for name, value in vars(module).items()
        if callable(value)
        and not name.startswith("_")
        and getattr(value, "__module__", "").startswith("tensorlet.keras")
        and name not in ("Registry", "explain_missing")
    ]
