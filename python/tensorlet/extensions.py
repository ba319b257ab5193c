"""Lets a room extend what a lower room defines, without the lower room knowing of it.

A class or function that can be extended has the decorator `extensible`; everything registered with
`tensorlet.registry.register` is extended by its kind. `EXTENSIONS` is filled before any of them is imported
and names functions, which are imported together with what they extend.
"""

from __future__ import annotations

import importlib
import os
from typing import Any, TypeVar

T = TypeVar("T")

#: What is extended -> ``module:function``. The function takes the object and returns its replacement.
EXTENSIONS: dict[str, str] = {}


def extension(key: str) -> Any:
    """The function that extends something; None if nothing does."""
    place = EXTENSIONS.get(key)
    if place is None:
        return None
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def extended(key: str, thing: T) -> T:
    """Applies the extension of a class or function, if there is one."""
    extend = extension(key)
    return thing if extend is None else extend(thing)


def extensible(thing: T) -> T:
    """A decorator that allows `EXTENSIONS` to extend the class or function, under ``module.name``.

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
