"""Traced functions for tensors of any length: what ``get_concrete_function`` gives for a shape with None."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from tensorlet.core.concrete_function import Concrete, argument_names, pack_outputs
from tensorlet.core.nest import flatten
from tensorlet.core.signature import TensorSpec, fitted
from tensorlet.errors import InvalidArgumentError

#: Two lengths: what differs between the functions for them is open.
_LENGTHS = (12, 24)


def has_open_length(spec: object) -> bool:
    """Whether a spec, or one in a structure of them, leaves a length open."""
    if isinstance(spec, dict):
        return any(map(has_open_length, spec.values()))
    if isinstance(spec, list | tuple):
        return any(map(has_open_length, spec))
    return isinstance(spec, TensorSpec) and not spec.shape.is_fully_defined()


class OpenConcrete:
    """A function for arguments of some specs, compiled for each length that it is called with.

    Args:
        function: the traced function.
        name: for messages.
        args, kwargs: its arguments, with `TensorSpec`s in the places of tensors.
    """

    def __init__(
        self, function: Callable[..., Any], name: str, args: Sequence[Any], kwargs: dict[str, Any]
    ) -> None:
        self._function = function
        self.name = name
        self._args = tuple(args)
        self._kwargs = dict(kwargs)

    @property
    def structured_input_signature(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments that it was made for."""
        return self._args, self._kwargs

    @cached_property
    def structured_outputs(self) -> Any:
        """The specs of the results, in the structure of the function's result."""
        body = getattr(self._function, "python_function", self._function)
        first, second = (
            Concrete(body, self.name, _filled(self._args, length), _filled(self._kwargs, length), False, True)
            for length in _LENGTHS
        )
        specs = [
            TensorSpec(
                [a if a == b else None for a, b in zip(one.shape, other.shape, strict=True)], one.dtype
            )
            for one, other in zip(first.outputs, second.outputs, strict=True)
        ]
        return pack_outputs(first.structure, specs)

    @property
    def inputs(self) -> list[TensorSpec]:
        """The specs of the tensor arguments."""
        return [one for one in flatten([self._args, self._kwargs]) if isinstance(one, TensorSpec)]

    @property
    def outputs(self) -> list[TensorSpec]:
        """The specs of the results, without their structure."""
        return flatten(self.structured_outputs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the function.

        Args:
            args: the tensors, in the order of the specs; arguments that are no tensors are those that it was made for.
            kwargs: the same by name.

        Raises:
            InvalidArgumentError: for another number of tensors, or tensors that do not fit the specs.
        """
        places = [index for index, one in enumerate(self._args) if isinstance(one, TensorSpec)]
        given = list(args)
        if kwargs and not self._kwargs:  # positional arguments by the names that the function gives them
            body = getattr(self._function, "python_function", self._function)
            names = argument_names(body, len(self._args))
            given += [kwargs.pop(name) for name in names[len(given) :] if name in kwargs]
        if len(given) == len(self._args):
            given = [given[place] for place in places]
        if len(given) != len(places):
            raise InvalidArgumentError(f"'{self.name}' takes {len(places)} tensors, but got {len(given)}.")
        full = list(self._args)
        for place, value in zip(places, given, strict=True):
            full[place] = fitted(self.name, full[place], value)
        named = dict(self._kwargs)
        for name, value in kwargs.items():
            spec = named.get(name)
            named[name] = fitted(self.name, spec, value) if isinstance(spec, TensorSpec) else value
        return self._function(*full, **named)

    def __repr__(self) -> str:
        return f"<concrete function {self.name}{self._args}>"


def _filled(specs: object, length: int) -> Any:
    """Arrays for specs, with a length for those that are open."""
    if isinstance(specs, dict):
        return {name: _filled(one, length) for name, one in specs.items()}
    if isinstance(specs, list | tuple):
        return type(specs)(_filled(one, length) for one in specs)
    if not isinstance(specs, TensorSpec):
        return specs
    return np.zeros([length if one is None else one for one in specs.shape], specs.dtype.numpy)
