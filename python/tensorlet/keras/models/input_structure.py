"""The inputs of a call of a functional model, in the order of the model's inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tensorlet.core.nest import flatten
from tensorlet.errors import InvalidArgumentError, warn_user
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.keras_tensor import keras_tensors
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    from tensorlet.keras.layers.keras_tensor import KerasTensor


def in_order(model: str, expected: Any, names: Sequence[str], given: Any) -> list[Any]:
    """Returns the values of a structure of inputs, in the order of the model's inputs.

    Args:
        model: the name of the model.
        expected: the inputs of the model, in the structure with which it was created.
        names: the names of the inputs.
        given: the values: in that structure, in a dictionary by names, or in a list.

    Raises:
        InvalidArgumentError: if a key is missing, or a list does not say which value belongs to which key.
    """
    if isinstance(given, Mapping):
        if isinstance(expected, dict):
            return _of_dictionary(model, expected, given)
        by_name = dict(zip(names, keras_tensors(expected), strict=True))
        return _of_dictionary(model, by_name, given, names)
    if isinstance(expected, dict) and isinstance(given, list | tuple) and len(expected) > 1:
        _check_list(model, expected, given)
    if isinstance(expected, list | tuple) and isinstance(given, list | tuple) and len(expected) == len(given):
        return [
            leaf for own, one in zip(expected, given, strict=True) for leaf in in_order(model, own, (), one)
        ]
    return flatten(given)


def _of_dictionary(
    model: str, expected: Mapping[str, Any], given: Mapping[str, Any], order: Sequence[str] = ()
) -> list[Any]:
    keys = list(order) or sorted(expected)
    found = []
    for key in keys:
        if key in given:
            found += in_order(model, expected[key], (), given[key])
        elif all(is_optional(tensor) for tensor in keras_tensors(expected[key])):
            found += [None] * len(keras_tensors(expected[key]))
        else:
            raise InvalidArgumentError(
                f'Model "{model}" was called on a dictionary without "{key}". The dictionary has keys '
                f"{sorted(given)}; the model's inputs are {keys}."
            )
    extra = sorted(str(key) for key in given if key not in expected)
    if extra:
        _warn_once(
            model,
            _(
                'The structure of `inputs` doesn\'t match the expected structure of model "{model}": it has no inputs '
                "{extra}, which are ignored. Its inputs are {keys}."
            ).format(model=model, extra=extra, keys=keys),
        )
    return found


#: What has been said about which model.
_told: set[tuple[str, str]] = set()


def _warn_once(model: str, text: str) -> None:
    if (model, text) not in _told:
        _told.add((model, text))
        warn_user(text)


def _check_list(model: str, expected: Mapping[str, Any], given: Sequence[Any]) -> None:
    """Warns of a list in place of a dictionary; refuses it if its order is not that of the dictionary."""
    if len(given) != len(expected) or keras_generation() == 2:
        return
    problem = (
        f'The structure of `inputs` doesn\'t match the expected structure of model "{model}": it was created with a '
        f"dictionary with keys {list(expected)}, but got a {type(given).__name__}."
    )
    if list(expected) != sorted(expected):
        raise InvalidArgumentError(f"{problem} Pass a dictionary, since the order of a list is not clear.")
    _warn_once(model, f"{problem} Its values are taken in the order {sorted(expected)}.")


def is_optional(tensor: KerasTensor) -> bool:
    """Whether an input may be None."""
    return bool(getattr(tensor.node.layer, "optional", False))


def check_not_none(model: str, tensors: Sequence[KerasTensor], values: Sequence[Any]) -> None:
    """Refuses None for an input that is not optional.

    Raises:
        InvalidArgumentError: names the input.
    """
    for tensor, value in zip(tensors, values, strict=True):
        if value is None and not is_optional(tensor):
            raise InvalidArgumentError(
                f'Model "{model}": the input "{tensor.node.layer.name}" is None, but it is not optional. Pass its '
                "data, or create it with Input(..., optional=True)."
            )
