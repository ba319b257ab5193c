"""Resolves identifiers: names such as ``"relu"``, configurations, classes and objects.

Each kind of object (activations, losses, layers and so on) has one `KerasRegistry`. All of them
also find what users register with `register_keras_serializable` or put into a
`custom_object_scope`. Nothing is imported because a configuration names it: loading a model
file runs no code from the file.
"""

from __future__ import annotations

import inspect
import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tensorlet.core.symbolic import takes_symbols
from tensorlet.errors import InvalidArgumentError, did_you_mean
from tensorlet.keras.generations import differs, meaning, name_of, split_name
from tensorlet.registry import Registry, preparations, registry_of

if TYPE_CHECKING:
    from collections.abc import Callable

#: The objects passed to `register_keras_serializable`: by registered name, and the reverse mapping.
_registered: dict[str, Any] = {}
_registered_names: dict[Any, str] = {}


class _Scopes(threading.local):
    """The active `custom_object_scope`s of a thread, innermost last."""

    def __init__(self) -> None:
        self.stack: list[dict[str, Any]] = []


_scopes = _Scopes()


def get_custom_objects() -> dict[str, Any]:
    """Returns the dictionary of custom objects by name; it may be modified.

    >>> import tensorlet as tf
    >>> from tensorlet.keras import activations, registry
    >>> registry.get_custom_objects()["twice"] = lambda x: 2.0 * x
    >>> activations.get("twice")(3.0)
    6.0
    >>> del registry.get_custom_objects()["twice"]
    """
    return _registered


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[Any], Any]:
    """Decorator that registers a class or function, so that it is found by name, also when a file is loaded.

    Args:
        package: the prefix of the registered name, as in ``"Custom>MyLayer"``.
        name: by default the name of the class or function.

    Raises:
        InvalidArgumentError: for a class without ``get_config``, which could not be saved.

    >>> from tensorlet.keras import activations, registry
    >>> @registry.register_keras_serializable()
    ... def half(x):
    ...     return x / 2.0
    >>> activations.get("Custom>half")(3.0)
    1.5
    """

    def register(thing: Any) -> Any:
        if inspect.isclass(thing) and not hasattr(thing, "get_config"):
            raise InvalidArgumentError(
                "Cannot register a class that does not have a get_config() method: "
                f"{thing.__name__}. Define one that returns a dictionary of the arguments of __init__."
            )
        own = name if name is not None else thing.__name__
        _registered[f"{package}>{own}"] = thing
        _registered_names[thing] = f"{package}>{own}"
        return thing

    return register


def get_registered_name(thing: object) -> str:
    """Returns the name under which a class or function is registered, or its own name if it is not."""
    return _registered_names.get(thing, getattr(thing, "__name__", str(thing)))


def get_registered_object(
    name: str, custom_objects: dict[str, Any] | None = None, module_objects: dict[str, Any] | None = None
) -> Any:
    """Returns the object that a user registered under the name, or None."""
    found = _custom(name, custom_objects)
    return found if found is not None or module_objects is None else module_objects.get(name)


class CustomObjectScope:
    """Context manager in which custom objects are found by name.

    Args:
        *objects: dictionaries that map names to classes or functions; None for an empty one.

    >>> from tensorlet.keras import activations, registry
    >>> with registry.CustomObjectScope({"twice": lambda x: 2.0 * x}):
    ...     activations.get("twice")(3.0)
    6.0
    """

    def __init__(self, *objects: dict[str, Any] | None) -> None:
        self.objects = {name: thing for one in objects for name, thing in (one or {}).items()}

    def __enter__(self) -> CustomObjectScope:
        _scopes.stack.append(self.objects)
        return self

    def __exit__(self, *_: object) -> None:
        _scopes.stack.pop()


custom_object_scope = CustomObjectScope


def _custom(name: str, more: dict[str, Any] | None = None) -> Any:
    """Returns the custom object with that name, or None; the innermost scope takes precedence."""
    for objects in [more or {}, *reversed(_scopes.stack), _registered]:
        if name in objects:
            return objects[name]
    return _registered.get(f"Custom>{name}")


def registered_as(name: str, custom_objects: dict[str, Any] | None = None) -> Any:
    """Returns a custom object by its registered name or, where only one fits, by that name without its package."""
    found = _custom(name, custom_objects)
    fitting = [thing for key, thing in _registered.items() if key.rpartition(">")[2] == name]
    return fitting[0] if found is None and len(fitting) == 1 else found


def refuse_stand_in(registered: str | None, name: str, kind: str) -> None:
    """Refuses a built-in class or function in place of the program's own of the same name, which is not registered.

    Raises:
        InvalidArgumentError: names both, and how to register.
    """
    if not registered or registered in (name, "function"):
        return
    raise InvalidArgumentError(
        f"The {kind} '{name}' is registered as '{registered}', which is unknown, and its name would be resolved to a "
        f"Keras built-in instead. Register your own with @tf.keras.utils.register_keras_serializable(), or pass "
        f"custom_objects={{'{registered}': ...}}."
    )


def _loosely(name: str) -> str:
    return name.replace("_", "").lower()


class UnknownThingError(InvalidArgumentError):
    """An identifier that is not registered.

    Args:
        kind: the kind of object, such as ``"layer"``.
        name: the unknown name.
        near: a sentence that suggests similar names, or "".
        known: a sentence that lists all names, or "".
    """

    def __init__(self, kind: str, name: str, near: str = "", known: str = "") -> None:
        self.kind, self.name, self.near = kind, name, near
        super().__init__(
            f"There is no {kind} named '{name}'.{near}{known} To use your own {kind}, pass the object "
            "itself, or register its name with tf.keras.utils.custom_object_scope({...})."
        )


class KerasRegistry:
    """The objects of one kind, by name; see `tensorlet.registry` for how to add one.

    Args:
        kind: the name of the kind, also used in messages, such as ``"activation"``.
        module: the Keras module in configurations, such as ``"keras.activations"``.
        instantiate: whether `get` creates an object from a class.
        on_symbols: whether functions create a layer when called with a `KerasTensor`.
        resolved_later: names that stand for one of several things, such as ``"accuracy"``; errors suggest them.
        also: another kind whose objects serve as well, as layers serve as activations.

    >>> from tensorlet.keras.registry import CONSTRAINTS
    >>> CONSTRAINTS.get({"class_name": "MaxNorm", "config": {"max_value": 3}}).max_value
    3
    """

    def __init__(
        self,
        kind: str,
        module: str,
        instantiate: bool = True,
        on_symbols: bool = False,
        resolved_later: tuple[str, ...] = (),
        also: KerasRegistry | None = None,
    ) -> None:
        self.kind = kind
        self.resolved_later = resolved_later
        self.module = module
        self.instantiate = instantiate
        self.also = also
        if on_symbols:
            preparations[kind] = self._accept_symbols

    def _accept_symbols(self, thing: Any) -> Any:
        return takes_symbols(thing, f"{self.module}.{thing.__name__}") if inspect.isfunction(thing) else thing

    @cached_property
    def _things(self) -> Registry[Any]:
        return registry_of(self.kind)

    @cached_property
    def _by_loose_name(self) -> dict[str, str]:
        """Maps lower-case names without underscores to names. If two match, the lower-case name is taken."""
        found: dict[str, str] = {}
        for name in sorted(self._things, key=lambda one: (one != one.lower(), one)):
            found.setdefault(_loosely(name), name)
        return found

    def names(self) -> list[str]:
        """All names, sorted."""
        return self._things.names()

    def built_in(self, name: str) -> Any:
        """Returns Tensorlet's own class or function with exactly that name, or None."""
        return self._things.get(name) if name in self._things else None

    def find(self, name: str, custom_objects: dict[str, Any] | None = None) -> Any:
        """Returns the class or function with that name.

        Case and underscores are ignored if there is no exact match.

        Raises:
            InvalidArgumentError: if the name is unknown; similar names are suggested.
        """
        found = _custom(name, custom_objects)
        name, generation = split_name(name)
        if found is None:
            known = name if name in self._things else self._by_loose_name.get(_loosely(name), name)
            found = self._things.get(known)
            if found is not None:
                found = meaning(self.kind, known, found, generation)
        if found is None:
            own = [*(custom_objects or {}), *(one.split(">")[-1] for one in _registered)]
            near = did_you_mean(name, [*self._things, *self.resolved_later, *own])
            known = "" if near else f" Expected one of: {', '.join(sorted(self._by_loose_name.values()))}."
            raise UnknownThingError(self.kind, name, near, known)
        return found

    def get(self, identifier: object) -> Any:
        """Returns the object for an identifier.

        Args:
            identifier: None (returned unchanged), a name, a configuration dictionary, a class
                (which is instantiated), or the object or function itself.

        Raises:
            InvalidArgumentError: if the name is unknown, or the identifier has another type.
        """
        if identifier is None:
            return None
        if isinstance(identifier, dict):
            return self.deserialize(identifier)
        if isinstance(identifier, str):
            return self._made(self.find(identifier))
        if inspect.isclass(identifier):
            return self._made(identifier)
        if callable(identifier) or hasattr(identifier, "get_config"):
            return identifier
        raise InvalidArgumentError(
            f"{identifier!r} (of type {type(identifier).__name__}) was given as {self.kind}. Expected a name, "
            "a function, an object, a class or a configuration dictionary."
        )

    def _made(self, found: object) -> Any:
        return found() if self.instantiate and inspect.isclass(found) else found

    def serialize(self, thing: object) -> Any:
        """Returns a name for a function, a configuration dictionary for an object, None for None."""
        if thing is None or isinstance(thing, str | dict):
            return thing
        if not hasattr(thing, "get_config"):
            return self._name_of(thing)
        if self.also is not None and self.also.built_in(type(thing).__name__) is type(thing):
            return self.also.serialize(thing)
        return serialize_object(thing, self.module)

    def _name_of(self, function: object) -> str:
        name = self._things.name_of(function)
        plain = name or get_registered_name(function)
        if name is None and not hasattr(function, "keras_generation"):
            return plain
        return name_of(self.kind, function, plain) if differs(self.kind, plain) else plain

    def deserialize(self, config: object, custom_objects: dict[str, Any] | None = None) -> Any:
        """Creates the object from the output of `serialize`.

        Args:
            config: a name, or a dictionary with ``class_name`` and ``config`` (and, from Keras 3,
                ``module``, which is never imported, and ``registered_name``).
            custom_objects: custom classes and functions by name.

        Raises:
            InvalidArgumentError: if the name is unknown or the dictionary is malformed.
        """
        if config is None:
            return None
        if isinstance(config, str):
            return self._made(self.find(config, custom_objects))
        if not isinstance(config, dict) or "class_name" not in config:
            raise InvalidArgumentError(
                f"{_short(config)} does not describe a valid {self.kind}. Expected a name, or a dictionary such as "
                "{'class_name': 'Name', 'config': {...}}."
            )
        found = self._class_of(config, custom_objects)
        arguments = config.get("config", {})
        if config["class_name"] == "function":  # how Keras 3 writes a custom function
            return found
        return build_from_config(found, arguments, custom_objects)

    def _class_of(self, config: dict[str, Any], custom_objects: dict[str, Any] | None) -> Any:
        registered = config.get("registered_name")
        if registered:
            found = _custom(registered, custom_objects)
            if found is not None:
                return found
        name = config["class_name"]
        if name == "function" and isinstance(config.get("config"), str):
            name = config["config"]
        other = self.also.built_in(name) if self.also is not None else None
        if other is not None and other.__name__ == name:  # "ReLU" is the layer, "relu" the function
            return other
        found = self.find(name, custom_objects)
        if found is self.built_in(name):
            refuse_stand_in(registered, name, self.kind)
        return found


def serialize_object(thing: Any, module: str | None) -> dict[str, Any]:
    """Returns the configuration dictionary of an object that has ``get_config``.

    >>> from tensorlet.keras import initializers
    >>> from tensorlet.keras.registry import serialize_object
    >>> serialize_object(initializers.Zeros(), "keras.initializers")["class_name"]
    'Zeros'
    """
    kind = type(thing)
    registered = _registered_names.get(kind)
    own = kind.__module__.split(".")[0] == "tensorlet"
    return {
        "module": module if own else None,
        "class_name": kind.__name__,
        "config": thing.get_config(),
        "registered_name": registered if registered or own else kind.__name__,
    }


def build_from_config(found: Any, arguments: object, custom_objects: dict[str, Any] | None = None) -> Any:
    """Creates an object of a class with its ``from_config`` or ``__init__``; functions are returned unchanged."""
    if not inspect.isclass(found):
        return found
    if not isinstance(arguments, dict):
        raise InvalidArgumentError(
            f"The configuration of {found.__name__} is {_short(arguments)}. Expected a dictionary of arguments."
        )
    with CustomObjectScope(custom_objects or {}):
        maker = getattr(found, "from_config", None)
        return maker(dict(arguments)) if maker is not None else found(**arguments)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


LAYERS = KerasRegistry("layer", "keras.layers")
ACTIVATIONS = KerasRegistry("activation", "keras.activations", on_symbols=True, also=LAYERS)
CONSTRAINTS = KerasRegistry("constraint", "keras.constraints")
INITIALIZERS = KerasRegistry("initializer", "keras.initializers")
LOSSES = KerasRegistry("loss", "keras.losses")
METRICS = KerasRegistry("metric", "keras.metrics", resolved_later=("accuracy", "crossentropy"))
OPTIMIZERS = KerasRegistry("optimizer", "keras.optimizers")
REGULARIZERS = KerasRegistry("regularizer", "keras.regularizers")
SCHEDULES = KerasRegistry("learning-rate schedule", "keras.optimizers.schedules")
