"""The registry: an activation, layer, file format or backend is added by one file in its folder.

    @register("activation", "steps")
    def steps(x): ...

Nothing else has to be edited. ``tf.keras.activations.steps``, ``activation="steps"`` and saved models find it
through the generated table `tensorlet._index`, which maps names to modules, so that a module is imported only
when one of its names is used. ``python tools/make_index.py`` writes the table. A new file works before that,
too: a name that is missing from the table is searched for in the new files.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from tensorlet.errors import InvalidArgumentError, did_you_mean
from tensorlet.extensions import extended

T = TypeVar("T")
Registered = TypeVar("Registered")

#: Kind of object -> the folder of the package whose files define such objects.
FOLDERS: dict[str, str] = {
    "activation": "keras/activations",
    "backend": "backends",
    "callback": "keras/callbacks",
    "constraint": "keras/constraints",
    "control flow": "core/autograph",
    "export format": "export",
    "file format": "keras/saving/formats",
    "initializer": "keras/initializers",
    "layer": "keras/layers",
    "learning-rate schedule": "keras/optimizers/schedules",
    "loss": "keras/losses",
    "metric": "keras/metrics",
    "optimizer": "keras/optimizers",
    "regularizer": "keras/regularizers",
}


class Registry(Generic[T]):
    """The objects of one kind, by name.

    Args:
        kind: the kind, as it appears in messages, such as ``"backend"``.
        index: for names that are not registered yet, the module that registers them when it is imported.
        folder: the folder below the package that may contain new files, which are not in the index yet.

    Attributes:
        public: the own name of each class or function -> its module.

    >>> from tensorlet.registry import Registry
    >>> SHAPES = Registry("shape")
    >>> @SHAPES.register("square", "box")
    ... class Square:
    ...     pass
    >>> SHAPES.find("box").__name__, SHAPES.names()
    ('Square', ['box', 'square'])
    """

    def __init__(self, kind: str, index: Mapping[str, str] | None = None, folder: str | None = None) -> None:
        self.kind = kind
        self.public: dict[str, str] = {}
        self._entries: dict[str, T] = {}
        self._index = dict(index or {})
        self._new_files_in = folder

    def register(self, *names: str) -> Callable[[Registered], Registered]:
        """A decorator that adds a class or function under these names, by default its own name.

        A second object of the same name replaces the first, so that a notebook cell can run twice.
        """

        def decorate(thing: Registered) -> Registered:
            own, module = str(getattr(thing, "__name__", "")), str(getattr(thing, "__module__", ""))
            if own == module.rpartition(".")[2]:
                raise InvalidArgumentError(
                    f"The file of the {self.kind} {own!r} has the same name as the {self.kind}, so that "
                    f"importing it would hide the {self.kind} in its package. Rename the file."
                )
            self.public.setdefault(own, module)
            if self.kind in preparations:
                thing = preparations[self.kind](thing)
            thing = extended(self.kind, thing)
            self.add(thing, *(names or (own,)))
            return thing

        return decorate

    def add(self, thing: object, *names: str) -> None:
        """Adds an object under these names."""
        for name in names:
            self._entries[name] = thing  # type: ignore[assignment]  # the decorator keeps the type of what it gets

    def get(self, name: str) -> T | None:
        """The object registered under a name, imported if necessary; None if there is none."""
        if name not in self._entries:
            if name not in self._index:
                self.import_new_files()
            if name in self._index:
                importlib.import_module(self._index[name])
        return self._entries.get(name)

    def find(self, name: str) -> T:
        """The object registered under a name.

        Raises:
            InvalidArgumentError: if there is none; the message lists all names.
        """
        found = self.get(name)
        if found is None:
            raise InvalidArgumentError(self.unknown(name))
        return found

    def import_new_files(self) -> None:
        """Imports the files of the folder that register such objects and are not in the index yet; once."""
        if self._new_files_in is None:
            return
        package = os.path.dirname(__file__)
        folder, self._new_files_in = os.path.join(package, self._new_files_in), None
        known = {*self._index.values(), *self.public.values()}
        for where, _, files in sorted(os.walk(folder)):
            parts = os.path.relpath(where, os.path.dirname(package)).split(os.sep)
            for file in sorted(name for name in files if name.endswith(".py")):
                module = ".".join(parts if file == "__init__.py" else [*parts, file.removesuffix(".py")])
                if module not in known and self._registers(os.path.join(where, file)):
                    importlib.import_module(module)

    def _registers(self, path: str) -> bool:
        with open(path, encoding="utf-8") as file:
            return f'@register("{self.kind}"' in file.read()

    def unknown(self, name: str) -> str:
        """The message for a name that is not registered."""
        known = ", ".join(self.names()) or "none is registered"
        return (
            f"There is no {self.kind} named '{name}'.{did_you_mean(name, self.names())} Known names: {known}."
        )

    def names(self) -> list[str]:
        """All names, sorted; modules of the index are not imported for this."""
        return sorted(self._entries.keys() | self._index.keys())

    def values(self) -> list[T]:
        """Every object once, imported if necessary, in the order of their names."""
        self.import_new_files()
        return list({id(found): found for found in map(self.find, self.names())}.values())

    def name_of(self, thing: object) -> str | None:
        """The first name under which an object is registered; None if it is not."""
        return next((name for name, entry in self._entries.items() if entry is thing), None)

    def __contains__(self, name: object) -> bool:
        if name not in self._entries and name not in self._index:
            self.import_new_files()
        return name in self._entries or name in self._index

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())


_registries: dict[str, Registry[Any]] = {}
#: Kind -> a function that is applied to each object of this kind when it is registered.
preparations: dict[str, Callable[[Any], Any]] = {}


def registry_of(kind: str) -> Registry[Any]:
    """The registry of a kind of object in the package, with its part of the index.

    Raises:
        InvalidArgumentError: if the kind is not in `FOLDERS`.

    >>> from tensorlet.registry import registry_of
    >>> registry_of("optimizer").find("SGD").__name__
    'SGD'
    """
    if kind not in _registries:
        if kind not in FOLDERS:
            raise InvalidArgumentError(
                f"register: {kind!r} is not a known kind. Expected one of: {', '.join(FOLDERS)}."
            )
        from tensorlet._index import INDEX

        found: Registry[Any] = Registry(kind, folder=FOLDERS[kind])
        for module, things in INDEX.get(kind, {}).items():
            for thing, names in things.items():
                found.public[thing] = module
                found._index.update(dict.fromkeys(names.split(), module))
        _registries[kind] = found
    return _registries[kind]


def register(kind: str, *names: str) -> Callable[[Registered], Registered]:
    """A decorator that registers a class or function under names, and makes it public in its package.

    Args:
        kind: one of `FOLDERS`, written out as a string: ``tools/make_index.py`` reads the source.
        *names: its own name if none are given.
    """
    return registry_of(kind).register(*names)
