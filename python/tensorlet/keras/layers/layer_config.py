"""The arguments of layers: those of every layer, and their form in configurations."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.dtypes import DType
from tensorlet.errors import ArgumentTypeError, InvalidArgumentError, did_you_mean
from tensorlet.extensions import extensible
from tensorlet.keras.generations import keras_generation

if TYPE_CHECKING:
    from tensorlet.keras.layers.base import Layer

#: Arguments of other versions of Keras that every layer accepts and that have no effect.
_HARMLESS = frozenset({"autocast", "dynamic", "implementation", "experimental_autocast"})
#: The arguments of every layer.
COMMON = (
    "name", "trainable", "dtype", "input_shape", "input_dim", "batch_input_shape", "batch_size", "weights",
    "activity_regularizer",
)  # fmt: skip


class UnknownArgumentError(InvalidArgumentError, TypeError):
    """An argument that a layer does not take."""


def refuse_unknown(layer_class: type[Layer], options: dict[str, Any]) -> None:
    """Raises an error for the first unknown option, if any; the message suggests similar arguments."""
    unknown = sorted(set(options) - _HARMLESS)
    if not unknown:
        return
    parameters = inspect.signature(layer_class.__init__).parameters
    known = [*COMMON, *(one for one in parameters if one not in ("self", "kwargs", "options"))]
    hint = did_you_mean(unknown[0], known) or f" Available arguments: {', '.join(known)}."
    raise UnknownArgumentError(f"{layer_class.__name__} does not take the argument '{unknown[0]}'.{hint}")


@extensible
def take_input_shape(layer: Layer, options: dict[str, Any]) -> tuple[int | None, ...] | None:
    """Removes the arguments that specify the input shape, and returns it with the batch axis."""
    whole = options.pop("batch_input_shape", None)
    if whole is None:
        whole = options.pop("batch_shape", None)
    batch_size = options.pop("batch_size", None)
    single = options.pop("input_shape", None)
    length = options.pop("input_dim", None)
    if whole is not None:
        return tuple(whole)
    if single is None and length is not None:
        single = (length,)
    if isinstance(single, int):
        single = (single,)
    return None if single is None else (batch_size, *single)


def recorded_arguments(layer: Layer, inherited: object) -> dict[str, Any]:
    """Returns the arguments with which a layer was created, for a class that does not define ``get_config``.

    Args:
        layer: an instance of a user-defined class.
        inherited: `Layer.__init__`; a class that does not override it has no arguments of its own.

    Raises:
        NotImplementedError: if an argument cannot be stored in a file; the message names it.
    """
    own = type(layer).__init__
    if own is inherited:
        return {}
    given = dict(layer._own.arguments)
    bound = inspect.signature(own).bind(layer, *given.pop("args"), **given)
    found: dict[str, Any] = {}
    for name, parameter in bound.signature.parameters.items():
        if name not in bound.arguments or bound.arguments[name] is layer:
            continue
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            found |= bound.arguments[name]
        else:
            found[name] = bound.arguments[name]
    found = {name: value for name, value in found.items() if name not in COMMON}
    for name, value in found.items():
        if not _is_plain(value):
            raise NotImplementedError(
                f"{type(layer).__name__}.__init__ got {name}, of type {type(value).__name__}, which a file cannot "
                "store, so the layer cannot be saved or cloned. Define get_config in the class: return "
                f"{{**super().get_config(), '{name}': ...}} with a value of numbers, texts, lists and dictionaries, "
                "and from_config, which creates the layer from it."
            )
    return found


def _is_plain(value: object) -> bool:
    """Whether a value consists of numbers, texts, lists and dictionaries."""
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) for key in value) and all(map(_is_plain, value.values()))
    return value is None or isinstance(value, str | int | float | bool)


def checked_trainable(layer: Layer, value: object) -> bool:
    """Checks the argument ``trainable``.

    Raises:
        ArgumentTypeError: for anything but True and False.
    """
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise ArgumentTypeError(
        f"{type(layer).__name__}: trainable={value!r} of type {type(value).__name__}. Expected `trainable` argument "
        "to be a "
        "boolean: True or False."
    )


def require_tensors(layer: Layer, args: tuple[Any, ...]) -> None:
    """In Keras 3, refuses options that are passed to a call by position.

    Raises:
        InvalidArgumentError: names the first of them.
    """
    for position, value in enumerate(args):
        if isinstance(value, bool | int | float | str) and keras_generation() == 3:
            raise InvalidArgumentError(
                f'Layer "{layer.name}" ({type(layer).__name__}) got {value!r} as its argument number {position + 1}. '
                "Only "
                "input tensors may be passed as positional arguments: pass options by their names, such as "
                "training=True."
            )


def config_of_own_layer(layer: Layer) -> dict[str, Any]:
    """Returns the arguments of one of Tensorlet's layers that not every layer has; see `Layer.config_names`."""
    later = {name: getattr(layer, name) for name in layer.keras_3_names}
    given = {name: getattr(layer, name) for name in layer.config_names}
    if keras_generation() == 2:
        later = {name: value for name, value in later.items() if value != layer.keras_3_names[name]}
    elif layer.activity_regularizer is None:
        given.pop("activity_regularizer", None)
    elif "activity_regularizer" in layer._own.arguments:
        given["activity_regularizer"] = layer.activity_regularizer
    return {name: plain(name, value) for name, value in {**given, **later}.items()}


def accepted(layer: Layer, arguments: dict[str, Any]) -> dict[str, Any]:
    """Returns those of the arguments of every layer that the constructor of a user-defined class takes."""
    parameters = inspect.signature(type(layer).__init__).parameters
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values()):
        return arguments
    return {name: value for name, value in arguments.items() if name in parameters}


def plain(name: str, value: object) -> object:
    """Converts an argument to a value that can be stored in a file."""
    from tensorlet.keras import activations, constraints, initializers, regularizers

    if value is None or isinstance(value, str | int | float | bool):
        return value
    for ending, module in (
        ("activation", activations), ("initializer", initializers), ("regularizer", regularizers),
        ("constraint", constraints),
    ):  # fmt: skip
        if name.endswith(ending):
            return module.serialize(value)
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, DType):
        return value.name
    return value
