"""Names that are imported when somebody asks for them: ``tf.keras`` is large, and a program uses little of it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tensorlet.errors import UnknownNameError, did_you_mean


def lazy_names(
    package: str,
    places: Mapping[str, str],
    modules: Iterable[str] = (),
    absent: Mapping[str, str] | None = None,
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` for a package that imports its parts on first use.

    Args:
        package: the package's ``__name__``.
        places: from a module (below the package) to the names that it has, separated by blanks;
            ``theirs:ours`` where the two differ.
        modules: submodules that are names themselves.
        absent: names that users look for in vain, and what to do without them.
    """
    table: dict[str, tuple[str, str]] = {}
    for module, names in places.items():
        for name in names.split():
            public, _, own = name.partition(":")
            table[public] = (module, own or public)
    submodules = frozenset(modules)
    shown = package.replace("tensorlet", "tf", 1)

    def find(name: str) -> Any:
        if name in submodules:
            return importlib.import_module(f"{package}.{name}")
        if name in table:
            module, own = table[name]
            value = getattr(importlib.import_module(module), own)
            setattr(sys.modules[package], name, value)
            return value
        if name.startswith("__"):
            raise AttributeError(name)  # Python itself asks: __path__, __wrapped__ and the like
        known = sorted({*submodules, *table})
        mend = (absent or {}).get(name) or f"There is: {', '.join(known)}." + did_you_mean(name, known)
        raise UnknownNameError(f"{shown}.{name} is not part of Tensorlet. {mend}", name=name)

    def listed() -> list[str]:
        return sorted({*vars(sys.modules[package]), *submodules, *table})

    return find, listed
