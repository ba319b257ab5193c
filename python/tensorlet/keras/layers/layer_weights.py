"""The weights of a layer and its sublayers: collecting, counting, getting and setting them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tensorlet.core.attributes import PLAIN
from tensorlet.core.variable import Variable
from tensorlet.dtypes import as_dtype
from tensorlet.errors import ResourceExhaustedError, ShapeError
from tensorlet.keras import constraints, initializers, regularizers
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers import checkpoint_parts
from tensorlet.keras.layers.call_context import eagerly, prefix_of_call
from tensorlet.keras.layers.stored_weights import StoredWeights
from tensorlet.keras.layers.weight_limits import check_allowed
from tensorlet.keras.layers.weight_order import in_order_of_creation
from tensorlet.keras.variables import named_variable

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, Identifier


class Bookkeeping:
    """The internal state of a layer, separate from the attributes that users set.

    Attributes:
        trainable, fixed: weights created by ``add_weight``, in order.
        penalties: pairs of a variable and its regularizer.
        losses: pairs of the active interpreter and a loss passed to ``add_loss``.
        losses_pass: the number of the pass in which those losses were added.
        metrics: the means that ``add_metric`` updates, by name.
        nodes: the layer's calls on `KerasTensor`s.
        batch_input_shape: the input shape, if the user specified one.
        build_depth: the number of running ``build`` methods of the layer: a subclass calls ``super().build(...)``.
        build_shape: the input shape for which a subclassed model was built.
        initial_weights: arrays for the weights, from ``weights=``.
        arguments: the arguments of the constructor, for ``get_config``.
        path: the beginning of the names of the weights, such as ``"lstm/lstm_cell/"``; None for the layer's name.
    """

    __slots__ = (
        "arguments", "batch_input_shape", "build_depth", "build_shape", "fixed", "initial_weights", "is_trainable",
        "losses", "losses_pass", "metrics", "nodes", "path", "penalties", "trainable",
    )  # fmt: skip

    def __init__(self) -> None:
        self.trainable: list[Variable] = []
        self.fixed: list[Variable] = []
        self.penalties: list[tuple[Variable, Any]] = []
        self.losses: list[tuple[Any, Any]] = []
        self.losses_pass = -1
        self.metrics: dict[str, Any] = {}
        self.nodes: list[Any] = []
        self.batch_input_shape: tuple[int | None, ...] | None = None
        self.build_depth = 0
        self.build_shape: Any = None
        self.initial_weights: Sequence[Any] | None = None
        self.arguments: dict[str, Any] = {}
        self.is_trainable = True
        self.path: str | None = None


class HasWeights(StoredWeights):
    """The part of `Layer` that handles weights.

    Sublayers and variables are found among the attributes, including lists and dictionaries that
    are filled later.
    """

    #: Attributes whose layers and variables do not belong to the layer.
    _not_parts: ClassVar[frozenset[str]] = frozenset()
    #: The name of the class in files of weights, if it is another one.
    name_in_files: ClassVar[str | None] = None
    #: The names in Keras 3's files of weights of attributes that have other names there.
    names_in_keras_3: ClassVar[dict[str, str]] = {}

    _own: Bookkeeping
    name: str
    dtype: str

    def add_weight(
        self,
        name: Sequence[int | None] | str | None = None,
        shape: Sequence[int | None] | int | str | None = None,
        dtype: DTypeLike | None = None,
        initializer: Identifier | None = None,
        regularizer: Identifier | None = None,
        trainable: bool | None = None,
        constraint: Identifier | None = None,
        **ignored: Any,
    ) -> Variable:
        """Adds a weight: a variable that is trained, saved and counted with the layer.

        Args:
            name: shown as ``layer/name``.
            shape: by default a scalar. It may be passed first, with the name as a keyword.
            dtype: by default that of the layer.
            initializer: a name, an initializer or a function; by default glorot_uniform for floats, otherwise zeros.
            regularizer: a penalty that is added to the loss.
            trainable: whether the optimizer updates it.
            constraint: applied after each update.
            ignored: options of TensorFlow for devices and replicas, which have no effect.

        Raises:
            ShapeError: if a length of the shape is unknown.
            ResourceExhaustedError: if there is too little memory for it.
        """
        if name is not None and not isinstance(name, str):
            name, shape = (shape if isinstance(shape, str) else None), name
        lengths = _weight_shape(self.name, name, shape)  # type: ignore[arg-type]  # a name is a string now
        wanted = dtype or self.dtype
        stored = as_dtype(wanted).numpy
        check_allowed(self.name, lengths, stored)
        is_float = stored.kind == "f"
        make = initializers.get(initializer or ("glorot_uniform" if is_float else "zeros"))
        with eagerly():
            variable = named_variable(
                f"{self.weight_prefix}{name or 'Variable'}",
                _initial_values(make, f'Layer "{self.name}"', name, lengths, wanted),
                trainable=trainable is not False,
                dtype=wanted,
                constraint=constraints.get(constraint),
            )
        (self._own.fixed if trainable is False else self._own.trainable).append(variable)
        if regularizer is not None:
            self._own.penalties.append((variable, regularizers.get(regularizer)))
        return variable

    @property
    def weight_prefix(self) -> str:
        """The beginning of the names of the weights: the layer's name, after those of the layers that call it first."""
        if self._own.path is None:
            self._own.path = f"{prefix_of_call()}{self.name}/"
        return self._own.path

    # Access.

    def _parts(self, generation: int | None = None) -> list[Any]:
        """Returns the sublayers and variables among the attributes, without duplicates.

        Args:
            generation: of Keras, by default that of the program. Keras 2 sorts dictionaries by their keys.
        """
        found: dict[int, Any] = {}
        not_parts = self._not_parts
        for name, value in vars(self).items():
            kind = type(value)
            if kind in PLAIN or not _may_hold_parts(kind) or name in not_parts:  # type: ignore[arg-type]
                continue
            if isinstance(value, _KINDS_OF_PARTS):
                found.setdefault(id(value), value)
            elif value:
                for part in _parts_of(value, generation):
                    found.setdefault(id(part), part)
        return list(found.values())

    def _sublayers(self, parts: list[Any] | None = None) -> list[Any]:
        """Returns the sublayers; ``parts`` is the output of `_parts`, if already known."""
        parts = self._parts() if parts is None else parts
        return [part for part in parts if isinstance(part, HasWeights)]

    def _own_variables(self, trainable: bool, parts: list[Any] | None = None) -> list[Variable]:
        """Returns the variables of the layer itself, in the order in which it got them, then those in containers."""
        direct, contained = self._split_variables(trainable, parts)
        return [*direct, *contained]

    def _split_variables(
        self, trainable: bool, parts: list[Any] | None = None
    ) -> tuple[list[Variable], list[Variable]]:
        """Returns the variables of `add_weight` and of attributes, and those in lists and dictionaries."""
        listed = self._own.trainable if trainable else self._own.fixed
        loose = [part for part in (self._parts() if parts is None else parts) if isinstance(part, Variable)]
        if loose:
            known = {id(variable) for variable in [*self._own.trainable, *self._own.fixed]}
            loose = [part for part in loose if id(part) not in known and part.trainable is trainable]
        if not loose:
            return list(listed), []
        attributes = {id(value) for value in vars(self).values() if isinstance(value, Variable)}
        direct = [variable for variable in loose if id(variable) in attributes]
        contained = [variable for variable in loose if id(variable) not in attributes]
        return in_order_of_creation(listed, direct, list(vars(self).values())), contained

    def _flatten_layers(self, include_self: bool = True, recursive: bool = True) -> Iterator[Any]:
        """Yields the layer, then all layers inside it, without duplicates.

        Args:
            include_self: whether to begin with the layer itself.
            recursive: whether to enter layers inside layers.
        """
        if not include_self or not recursive:
            inner = self._sublayers()
            yield from [self] if include_self else []
            for layer in inner:
                yield from layer._flatten_layers() if recursive else [layer]
            return
        seen: set[int] = set()
        stack: list[Any] = [self]
        while stack:
            layer = stack.pop()
            if id(layer) not in seen:
                seen.add(id(layer))
                yield layer
                stack.extend(reversed(layer._sublayers()))

    @property
    def submodules(self) -> tuple[Any, ...]:
        """All layers inside, without duplicates."""
        return tuple({id(layer): layer for layer in self._flatten_layers(include_self=False)}.values())

    @property
    def trainable(self) -> bool:
        """Whether training updates the weights; setting it also sets it for all layers inside."""
        return self._own.is_trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in self._flatten_layers():
            layer._own.is_trainable = bool(value)

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training updates."""
        if not self._own.is_trainable:
            return []
        parts = self._parts()
        inner = [variable for layer in self._sublayers(parts) for variable in layer.trainable_weights]
        return each_once([*self._own_variables(True, parts), *inner])

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training does not update: moving averages, frozen layers."""
        layers = self._sublayers()
        fixed = self._own_variables(trainable=False)
        if self._own.is_trainable:
            return each_once([*fixed, *(one for layer in layers for one in layer.non_trainable_weights)])
        frozen = self._own_variables(trainable=True)
        return each_once([*frozen, *fixed, *(one for layer in layers for one in layer.weights)])

    @property
    def weights(self) -> list[Variable]:
        """All weights: trainable ones first, then the others."""
        return each_once([*self.trainable_weights, *self.non_trainable_weights])

    @property
    def variables(self) -> list[Variable]:
        """Same as `weights`."""
        return self.weights

    @property
    def trainable_variables(self) -> list[Variable]:
        """Same as `trainable_weights`."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """Same as `non_trainable_weights`."""
        return self.non_trainable_weights

    # Getting and setting.

    def get_weights(self) -> list[np.ndarray]:
        """Returns copies of the weights as NumPy arrays, in the order of `weights`."""
        return [np.asarray(variable) for variable in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Sets all weights.

        Args:
            weights: arrays with the order and shapes of `get_weights`.

        Raises:
            ShapeError: if the number of arrays or a shape differs; no weight is changed in that case.
        """
        variables = self.weights
        arrays = [np.asarray(array) for array in weights]
        if len(arrays) != len(variables):
            raise ShapeError(
                f'set_weights on layer "{self.name}" got {len(arrays)} arrays, but the layer has '
                f"{len(variables)} weights: "
                f"{', '.join(f'{one.label} {one.shape}' for one in variables) or 'none yet'}. "
                f"{'Pass one array per weight.' if variables else 'Build it first: call it on a batch of data.'}"
            )
        for variable, array in zip(variables, arrays, strict=True):
            if tuple(variable.shape) != array.shape:
                raise ShapeError(
                    f'set_weights on layer "{self.name}": the weight {variable.label} has shape '
                    f"{tuple(variable.shape)}, but got {array.shape}. Pass the arrays in the order of get_weights()."
                )
        with eagerly():
            for variable, array in zip(variables, arrays, strict=True):
                variable.assign(array.astype(variable.dtype.numpy))

    def count_params(self) -> int:
        """Returns the total number of elements of all weights.

        Raises:
            ValueError: if the layer is not built.
        """
        if not getattr(self, "built", True):
            raise ValueError(
                f'count_params: layer "{self.name}" has no weights yet, because the shape of its input is unknown. '
                "Call the layer on a batch of data, or call build(input_shape), first."
            )
        return count(self.weights)

    # Checkpoints.

    def numbered_layers(self) -> list[Any]:
        """Returns the layers that checkpoints number: those of a sequential or functional model."""
        return []

    def _tracked_children(self) -> list[tuple[str, Any]]:
        return checkpoint_parts.layer_children(self)

    def _tracked_in(self, names: set[str]) -> list[tuple[str, Any]]:
        return checkpoint_parts.layer_children_in(self, names)


def _initial_values(
    make: Callable[..., Any], owner: str, name: str | None, shape: tuple[int, ...], dtype: DTypeLike
) -> Any:
    try:
        return make(shape, dtype=dtype)
    except MemoryError:
        size = prod(shape)
        gibibytes = size * as_dtype(dtype).numpy.itemsize / 2**30
        raise ResourceExhaustedError(
            f"{owner}: there is too little memory for its weight {name or 'Variable'} of shape {shape}: "
            f"{size:,} numbers, {gibibytes:,.1f} GiB. Use fewer units, or make the layer's input smaller."
        ) from None


#: Tuples created once, because creating unions is noticeable in the `fit` of a tiny model.
_KINDS_OF_PARTS = (HasWeights, Variable)
_CONTAINERS = (dict, list, tuple)


@lru_cache(maxsize=1024)
def _may_hold_parts(kind: type) -> bool:
    """Whether an attribute of this type can be a part of a layer or contain some. Most cannot."""
    return issubclass(kind, (*_KINDS_OF_PARTS, *_CONTAINERS))


def _parts_of(value: object, generation: int | None) -> Iterator[Any]:
    if isinstance(value, _KINDS_OF_PARTS):
        yield value
    elif isinstance(value, dict):
        keys = [key for key, item in value.items() if _may_hold_parts(type(item))]  # type: ignore[arg-type]
        if keys and (generation or keras_generation()) == 2 and all(isinstance(key, str) for key in keys):
            keys.sort()
        for key in keys:
            yield from _parts_of(value[key], generation)
    elif isinstance(value, list | tuple) and value and not isinstance(value[0], str | int | float):
        for item in value:
            yield from _parts_of(item, generation)


def each_once(variables: Iterable[Variable]) -> list[Variable]:
    """Returns the variables without duplicates."""
    return list({id(variable): variable for variable in variables}.values())


def count(variables: Iterable[Variable]) -> int:
    """Returns the total number of elements of the variables."""
    return sum(variable.spec.size for variable in variables)


def _weight_shape(layer: str, name: str | None, shape: Sequence[int | None] | int | None) -> tuple[int, ...]:
    lengths = () if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
    if not all(isinstance(length, int | np.integer) for length in lengths):
        raise ShapeError(
            f'add_weight: the weight "{name or "Variable"}" of layer "{layer}" got the shape {lengths}, but every '
            "length must be a number. An unknown length (None) comes from an input shape with an unknown axis: "
            "specify the whole input shape, such as input_shape=(784,)."
        )
    return tuple(int(length) for length in lengths if length is not None)
