"""One way to register things under names: backends, activations, layers, optimizers, file formats and so on.

Each kind of thing has one `Registry`. A class or function enters it through a decorator, in the file that
defines it. Where importing every such file would slow down the start, the registry has an *index*: which module
registers which name. That module is imported when the name is first asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

from tensorlet.errors import InvalidArgumentError, did_you_mean

T = TypeVar("T")
Registered = TypeVar("Registered")


class Registry(Generic[T]):
    """The things of one kind, by name.

    Args:
        kind: what error messages call one of them, such as ``"backend"``.
        index: for names that are not registered yet, the module that registers them when it is imported.

    >>> from tensorlet.registry import Registry
    >>> SHAPES = Registry("shape")
    >>> @SHAPES.register("square", "box")
    ... class Square:
    ...     pass
    >>> SHAPES.find("box").__name__, SHAPES.names()
    ('Square', ['box', 'square'])
    """

    def __init__(self, kind: str, index: Mapping[str, str] | None = None) -> None:
        self.kind = kind
        self._entries: dict[str, T] = {}
        self._index = dict(index or {})

    def register(self, *names: str) -> Callable[[Registered], Registered]:
        """A decorator that adds a class or function under these names, by default its own name.

        A second thing of the same name takes the place of the first, so that a notebook's cell can run twice.
        """

        def decorate(thing: Registered) -> Registered:
            self.add(thing, *(names or (str(getattr(thing, "__name__", "")),)))
            return thing

        return decorate

    def add(self, thing: object, *names: str) -> None:
        """Adds a thing under these names."""
        for name in names:
            self._entries[name] = thing  # type: ignore[assignment]  # the decorator keeps the type of what it gets

    def find(self, name: str) -> T:
        """The thing registered under a name.

        Raises:
            InvalidArgumentError: if there is none; the message lists all names.
        """
        if name not in self._entries and name in self._index:
            importlib.import_module(self._index[name])
        if name not in self._entries:
            raise InvalidArgumentError(self.unknown(name))
        return self._entries[name]

    def unknown(self, name: str) -> str:
        """The message for a name that is not registered."""
        known = ", ".join(self.names()) or "none is registered"
        return (
            f"There is no {self.kind} named '{name}'.{did_you_mean(name, self.names())} Known names: {known}."
        )

    def names(self) -> list[str]:
        """All names, sorted; modules of the index are not imported for this."""
        return sorted(self._entries.keys() | self._index.keys())

    def __contains__(self, name: object) -> bool:
        return name in self._entries or name in self._index

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())
