"""Where a room may add to what a lower room defines, without the lower room knowing of it.

A class or function that may be added to has the decorator `extensible`; everything under
`tensorlet.registry.register` is extended as its kind. `EXTENSIONS` is filled before any of them is imported,
with the places of functions, which are imported together with what they extend.
"""

from __future__ import annotations

import importlib
import os
from typing import Any, TypeVar

T = TypeVar("T")

#: What is extended -> ``module:function``. The function gets it, and returns what takes its place.
EXTENSIONS: dict[str, str] = {}


def extension(key: str) -> Any:
    """The function that extends something; None if nothing does."""
    place = EXTENSIONS.get(key)
    if place is None:
        return None
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def extended(key: str, thing: T) -> T:
    """A class or function with what `EXTENSIONS` adds to it."""
    extend = extension(key)
    return thing if extend is None else extend(thing)


def extensible(thing: T) -> T:
    """A decorator: `EXTENSIONS` may add to the class or function, under ``module.name``.

    >>> from tensorlet.extensions import EXTENSIONS, extensible
    >>> @extensible
    ... def twice(x):
    ...     return 2 * x
    >>> twice(3)
    6
    """
    return extended(f"{thing.__module__}.{getattr(thing, '__qualname__', '')}", thing)


def has_file(package: str, name: str) -> bool:
    """Whether a package of Tensorlet has a file or folder of that name.

    For ``from package import name`` Python asks the package's ``__getattr__`` first, and only then looks for a file.
    """
    path = os.path.join(os.path.dirname(__file__), *package.split(".")[1:], name)
    return os.path.isfile(f"{path}.py") or os.path.isdir(path)
