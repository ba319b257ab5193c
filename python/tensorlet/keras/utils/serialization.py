"""Conversion of objects of any kind, such as layers and losses, to configurations and back."""

from __future__ import annotations

import contextlib
import importlib
import inspect
from typing import TYPE_CHECKING, Any, NoReturn

from tensorlet.errors import ArgumentTypeError, InvalidArgumentError
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.registry import (
    UnknownThingError,
    build_from_config,
    get_registered_name,
    get_registered_object,
    refuse_stand_in,
    registered_as,
    serialize_object,
)
from tensorlet.keras.utils import plain_values

if TYPE_CHECKING:
    from tensorlet.type_aliases import Config

#: Maps the "module" of a configuration to the module here, whose ``deserialize`` knows the names.
_KINDS = {
    "keras": "models.cloning",
    "keras.activations": "activations",
    "keras.constraints": "constraints",
    "keras.initializers": "initializers",
    "keras.layers": "layers",
    "keras.losses": "losses",
    "keras.metrics": "metrics",
    "keras.models": "layers",
    "keras.optimizers": "optimizers",
    "keras.optimizers.schedules": "optimizers.schedules",
    "keras.regularizers": "regularizers",
}

#: Where functions that a configuration does not place are looked up, in this order.
_OF_FUNCTIONS = ("activations", "initializers", "losses", "metrics", "regularizers", "constraints")


def serialize_keras_object(obj: object) -> Any:
    """Returns the class and configuration of an object, the name of a function, or None for None.

    >>> import tensorlet as tf
    >>> tf.keras.utils.serialize_keras_object(tf.keras.regularizers.L2(0.5))["class_name"]
    'L2'
    """
    if keras_generation() == 3:
        plain = plain_values.described(obj, serialize_keras_object)
        if plain is not plain_values.OTHER:
            return plain
        if inspect.isfunction(obj):
            return _described_function(obj)
    elif obj is None or isinstance(obj, str | int | float | bool | dict | list):
        return obj
    if not hasattr(obj, "get_config"):
        return get_registered_name(obj)
    parts = type(obj).__module__.split(".")
    kind = f"keras.{parts[2]}" if parts[:2] == ["tensorlet", "keras"] and len(parts) > 2 else None
    if kind == "keras.optimizers" and parts[3:4] == ["schedules"]:
        kind = "keras.optimizers.schedules"
    return serialize_object(obj, "keras" if kind == "keras.models" else kind)


def _described_function(function: Any) -> dict[str, Any]:
    """Returns the name of a function as Keras 3 writes it.

    Raises:
        InvalidArgumentError: for a lambda expression, an unnamed function.
    """
    if function.__name__ == "<lambda>":
        raise InvalidArgumentError(
            "serialize_keras_object: a lambda expression cannot be stored: it is unnamed, and code is not stored. "
            "Define a function with def."
        )
    own = function.__module__.startswith("tensorlet.keras.")
    module = f"keras.{function.__module__.split('.')[2]}" if own else "builtins"
    return {
        "module": module, "class_name": "function", "config": function.__name__,
        "registered_name": function.__name__ if own else get_registered_name(function),
    }  # fmt: skip


def deserialize_keras_object(
    config: str | Config | None,
    module_objects: dict[str, Any] | None = None,
    custom_objects: dict[str, Any] | None = None,
    printable_module_name: str = "object",
    **ignored: object,
) -> Any:
    """Creates an object from its configuration. Nothing is imported because a configuration names it.

    Args:
        config: the output of `serialize_keras_object`, or the name of a function or class.
        module_objects: objects by name, which are searched first.
        custom_objects: user-defined objects by name.
        printable_module_name: the kind of object, for messages.
        ignored: arguments of other versions, which have no effect.

    Raises:
        InvalidArgumentError: if the name is unknown.

    >>> import tensorlet as tf
    >>> config = tf.keras.utils.serialize_keras_object(tf.keras.layers.Dense(3))
    >>> tf.keras.utils.deserialize_keras_object(config).units
    3
    """
    if config is None:
        return None
    if keras_generation() == 3 and module_objects is None:
        plain = _restored(config, custom_objects)
        if plain is not plain_values.OTHER:
            return plain
    name = config.get("registered_name") or config.get("class_name") if isinstance(config, dict) else config
    if not isinstance(name, str):
        raise InvalidArgumentError(
            f"deserialize_keras_object: {config!r} does not describe a {printable_module_name}. Expected a name, or a "
            "dictionary such as {'class_name': 'Dense', 'config': {'units': 3}}."
        )
    found = get_registered_object(name, custom_objects, module_objects)
    if found is not None:
        return build_from_config(found, config.get("config", {})) if isinstance(config, dict) else found
    kind = config.get("module") if isinstance(config, dict) else None
    failure: InvalidArgumentError | None = None
    for module in [_KINDS[kind]] if kind in _KINDS else dict.fromkeys(_KINDS.values()):
        try:
            return _deserialize(module, config, custom_objects)
        except InvalidArgumentError as error:
            if kind in _KINDS:
                raise
            failure = failure or error
    raise InvalidArgumentError(
        f"deserialize_keras_object: there is no {printable_module_name} '{name}'. To use your own, pass "
        "custom_objects={'" + name + "': ...}."
    ) from failure


def _restored(config: Any, custom_objects: dict[str, Any] | None) -> Any:
    """Returns a value that has no class of Keras; `OTHER` for others."""

    def restore(value: Any) -> Any:
        if isinstance(value, list):
            return [restore(item) for item in value]
        return (
            deserialize_keras_object(value, custom_objects=custom_objects)
            if isinstance(value, dict)
            else value
        )

    if isinstance(config, list):
        return restore(config)
    if isinstance(config, str):
        known = get_registered_object(config, custom_objects)
        return config if known is None else plain_values.OTHER
    if not isinstance(config, dict):
        return config
    if config.get("class_name") == "function":
        return _restored_function(config, custom_objects)
    if config.get("class_name") == "SeedGenerator":
        from tensorlet.keras.random import SeedGenerator

        return SeedGenerator.from_config(dict(config["config"]))
    return plain_values.restored(config, restore)


def _restored_function(config: Config, custom_objects: dict[str, Any] | None) -> Any:
    """Returns the function that a configuration names: one of the program, or Tensorlet's own.

    Raises:
        ArgumentTypeError: if the name is not a text.
        InvalidArgumentError: if there is none, or if the program's is missing and Tensorlet's own has the same name.
    """
    name, registered = config.get("config"), config.get("registered_name")
    if not isinstance(name, str):
        raise ArgumentTypeError(
            f"deserialize_keras_object: the name of a function is {name!r}. Expected 'config' to be a non-null str."
        )
    for one in (str(registered), name):
        found = registered_as(one, custom_objects)
        if found is not None:
            return found
    for module in [_KINDS[config["module"]]] if config.get("module") in _KINDS else _OF_FUNCTIONS:
        with contextlib.suppress(UnknownThingError):
            found = _deserialize(module, name, custom_objects)
            refuse_stand_in(registered, name, "function")
            return found
    raise InvalidArgumentError(
        f"deserialize_keras_object: there is no function '{name}'. Pass custom_objects={{'{name}': {name}}}."
    )


def _deserialize(module: str, config: str | Config, custom_objects: dict[str, Any] | None) -> Any:
    found = importlib.import_module(f"tensorlet.keras.{module}")
    if module == "models.cloning":
        from tensorlet.keras import layers

        found = layers
    return found.deserialize(config, custom_objects)


def refuse_code(*_: object, **__: object) -> NoReturn:
    """Raises an error: the code of functions is not stored in files or read from them."""
    raise InvalidArgumentError(
        "Code is not stored in files or read from them, because the author of a file could run anything. "
        "Register the function: tf.keras.utils.register_keras_serializable()."
    )
