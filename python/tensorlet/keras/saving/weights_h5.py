"""Weights grouped by the attributes of the model: ``.weights.h5`` files, and those inside ``.keras`` files.

A group ``layers/dense_1/vars`` contains the arrays ``0``, ``1`` and so on of one layer. Groups are named after
classes rather than layers, whose names may be numbered differently in two runs. The dialects differ for
subclassed models: Keras 3 visits the attributes in alphabetical order, Keras 2 in reverse alphabetical order,
and in both, the list ``layers`` is one of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from tensorlet.core.variable import Variable
from tensorlet.errors import FileFormatError
from tensorlet.keras.layers.layer_weights import HasWeights
from tensorlet.keras.layers.stored_weights import reads_its_own, writes_its_own
from tensorlet.keras.models.model import Model
from tensorlet.keras.models.sequential import Sequential
from tensorlet.keras.naming import snake_case
from tensorlet.keras.optimizers import saved_variables
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.keras.optimizers.saved_variables import KERAS_2, KERAS_3
from tensorlet.keras.saving import optimizer_state
from tensorlet.keras.saving.hdf5 import Hdf5File, WritableGroup

#: The name of the list of layers of a model in Keras 2.12.
_KERAS_2_12_LAYERS = "_layer_checkpoint_dependencies"
#: The path of the product of Nadam in files of the dialect of Keras 2, which does not define one.
_PRODUCT = "tensorlet/u_product"


#: Layers, containers of layers, and other objects, which are skipped.
Container = Sequence[Any] | dict[str, Any]


class Place(NamedTuple):
    """The location of the weights of one layer in a file.

    Attributes:
        path: the path of the group, "" for the model itself.
        layer: the layer.
        variables: the variables of the layer, without those of layers inside it.
    """

    path: str
    layer: Any
    variables: list[Variable]

    def array_path(self, number: int) -> str:
        """Returns the path of one of the arrays."""
        return f"{self.path}/vars/{number}" if self.path else f"vars/{number}"


def places(model: Model, dialect: str) -> list[Place]:
    """Returns the locations of the weights of a model and all layers in it, in files of a dialect."""
    return list(_walk(model, "", dialect, set()))


def _walk(layer: HasWeights, path: str, dialect: str, seen: set[int]) -> Iterator[Place]:
    if id(layer) in seen:
        return
    seen.add(id(layer))
    yield Place(path, layer, layer._stored_variables())
    for name, child in _children(layer, dialect):
        inner = f"{path}/{name}" if path else name
        if isinstance(child, HasWeights):
            yield from _walk(child, inner, dialect, seen)
        else:
            yield from _walk_container(child, inner, dialect, seen)


def _walk_container(container: Container, path: str, dialect: str, seen: set[int]) -> Iterator[Place]:
    used: dict[str, int] = {}
    for item in container.values() if isinstance(container, dict) else container:
        is_layer = isinstance(item, HasWeights)
        if dialect == KERAS_2 and (not is_layer or id(item) in seen):
            continue
        if not is_layer and not isinstance(item, list | tuple | dict):
            continue
        name = snake_case(type(item).name_in_files or type(item).__name__) if is_layer else "container"
        count = used.get(name, -1) + 1
        used[name] = count
        inner = f"{path}/{name}_{count}" if count else f"{path}/{name}"
        if is_layer:
            yield from _walk(item, inner, dialect, seen)
        else:
            yield from _walk_container(item, inner, dialect, seen)


def _children(layer: HasWeights, dialect: str) -> Iterator[tuple[str, Any]]:
    """Yields the layers and containers inside a layer, by attribute, in the order of the dialect."""
    skipped = {"_own", *layer._not_parts}
    attributes = {
        name: value
        for name, value in vars(layer).items()
        if name not in skipped and isinstance(value, HasWeights | list | tuple | dict)
    }
    if isinstance(layer, Model):
        attributes["layers"] = layer.layers
    if dialect == KERAS_3:
        attributes = {layer.names_in_keras_3.get(name, name): value for name, value in attributes.items()}
        if isinstance(layer, Sequential) or getattr(layer, "_graph", None) is not None:
            yield "layers", attributes.pop("layers")
        yield from sorted(
            attributes.items(), key=lambda pair: f"~{pair[0]}" if pair[0][0] == "_" else pair[0]
        )
    else:
        yield from sorted(attributes.items(), reverse=True)


# Writing.


def write_weights(file: WritableGroup, model: Model, dialect: str, with_optimizer: bool = True) -> None:
    """Writes all weights of a model, and the variables of its optimizer, to an open HDF5 file."""
    for place in places(model, dialect):
        group = file.require_group(f"{place.path}/vars" if place.path else "vars")
        if dialect == KERAS_3:
            group.attrs["name"] = place.layer.name
        for name, array in _arrays_of(place).items():
            group.create_dataset(name, data=np.asarray(array))
        for name, array in place.layer.named_arrays().items():
            group.create_dataset(name, data=array)
            if hasattr(
                place.layer, "_lookup"
            ):  # Keras keeps the table of a TextVectorization as a layer in it
                inner = file.require_group(f"{place.path}/_lookup_layer/vars")
                inner.create_dataset(name, data=array)
    optimizer = model.optimizer
    if not with_optimizer or optimizer is None:
        return
    build_optimizer(model)
    group = file.require_group("optimizer/vars")
    if dialect == KERAS_3:
        group.attrs["name"] = str(optimizer.name)
    for number, entry in enumerate(saved_variables.entries(optimizer, dialect)):
        group.create_dataset(str(number), data=entry.value())
    if dialect == KERAS_2:
        write_product(file, optimizer)


def _arrays_of(place: Place) -> dict[str, Any]:
    """The arrays of a layer by name, as its class puts them into a file."""
    if not writes_its_own(place.layer):
        numbered = enumerate(place.variables)
        return {str(number): place.layer._stored_value(variable) for number, variable in numbered}
    arrays: dict[str, Any] = {}
    place.layer.save_own_variables(arrays)
    return arrays


def write_product(file: WritableGroup, optimizer: Optimizer) -> None:
    """Writes the product of Nadam under a name that Keras 2 does not read."""
    if optimizer.momentum_product is not None:
        file.create_dataset(_PRODUCT, data=np.asarray(optimizer.momentum_product))


def read_product(file: Hdf5File, optimizer: Optimizer) -> None:
    """Sets the product of Nadam, if the file contains it."""
    product = optimizer.momentum_product
    if product is not None and _PRODUCT in file.arrays and file.shape(_PRODUCT) == ():
        product.assign(file.array(_PRODUCT).astype(np.float32))


def build_optimizer(model: Model) -> None:
    """Creates the slots, if no step has been taken yet."""
    if not model.optimizer.built:
        model.optimizer.build(list(model.trainable_variables))


# Reading.


def read_weights(file: Hdf5File, model: Model, skip_mismatch: bool = False) -> str:
    """Sets all weights of a model from an open file.

    Args:
        file: a file in either dialect.
        model: a built model with the same layers.
        skip_mismatch: whether to skip layers whose weights do not match.

    Returns:
        The dialect of the file.

    Raises:
        FileFormatError: if layers are missing or their weights have other shapes; no weight is changed in that case.
    """
    paths = {path.replace(_KERAS_2_12_LAYERS, "layers"): path for path in file.arrays}
    if len(paths) != len(file.arrays):
        raise FileFormatError("two of its arrays have the same name")
    options = {dialect: places(model, dialect) for dialect in (KERAS_3, KERAS_2)}

    def found(dialect: str) -> int:
        return sum(place.array_path(0) in paths for place in options[dialect] if place.variables)

    dialect = KERAS_2 if found(KERAS_2) > found(KERAS_3) else KERAS_3
    pairs, loaded = [], []
    own = [place for place in options[dialect] if reads_its_own(place.layer)]
    for place in options[dialect]:
        if place in own:
            continue
        problem = _problem(place, paths, file)
        if problem is None:
            loaded.append(place.layer)
            pairs += [
                (variable, paths[place.array_path(number)]) for number, variable in enumerate(place.variables)
            ]
        elif skip_mismatch:
            warnings.warn(f"Weights were not loaded: {problem}.", stacklevel=5)
        else:
            raise FileFormatError(f"{problem}. {_fix(options[dialect], paths)}")
    assign_all(pairs, file)
    for layer in loaded:
        layer._after_loading()
    for place in own:
        _load_own(place, paths, file)
    return dialect


def _load_own(place: Place, paths: dict[str, str], file: Hdf5File) -> None:
    """Calls `load_own_variables` of a class that has its own, with the arrays that the file has for the layer."""
    prefix = place.array_path(0)[:-1]
    names = [path for path in paths if path.startswith(prefix)]
    place.layer.load_own_variables({path[len(prefix) :]: file.array(paths[path]) for path in names})


def assign_all(pairs: Iterable[tuple[Variable, str]], file: Hdf5File) -> None:
    """Reads all arrays before setting any variable, so that a damaged file changes nothing."""
    pairs = list(pairs)
    values = [file.array(path) for _, path in pairs]
    for (variable, _), value in zip(pairs, values, strict=True):
        variable.assign(value.astype(variable.dtype.numpy))


def _problem(place: Place, paths: dict[str, str], file: Hdf5File) -> str | None:
    """Returns why the weights of a layer cannot be set; None if they can."""
    prefix = place.array_path(0)[:-1]
    stored = sum(path.startswith(prefix) and path[len(prefix) :].isdigit() for path in paths)
    if stored != len(place.variables):
        return (
            f"the layer '{place.layer.name}' ({type(place.layer).__name__}) expected {len(place.variables)} "
            f"variables, but received {stored} variables from the file (in '{prefix[:-1]}')"
        )
    for number, variable in enumerate(place.variables):
        path = place.array_path(number)
        if path not in paths:
            return f"the array '{path}' is missing"
        shape = file.shape(paths[path])
        if shape != tuple(variable.shape):
            return (
                f"the weight {variable.label} has shape {tuple(variable.shape)}, but the file has shape {shape} "
                f"(in '{path}'); the shapes must match"
            )
    return None


def _fix(expected: list[Place], paths: dict[str, str]) -> str:
    groups = sorted({path.rpartition("/vars/")[0] for path in paths if "/vars/" in path})
    groups = [group for group in groups if group.split("/")[0] not in ("optimizer", "metrics")]
    wanted = [place.path for place in expected if place.variables]
    return (
        f"The file contains weights of: {_listed(groups)}; the model has weights in: {_listed(wanted)}. Create the "
        "same layers in the same order, or pass skip_mismatch=True to load those that match"
    )


def _listed(names: list[str]) -> str:
    shown = ", ".join(name or "the model itself" for name in names[:12])
    return (shown or "nothing") + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def has_optimizer(file: Hdf5File) -> bool:
    """Whether a file contains the state of an optimizer."""
    return any(path.startswith("optimizer/vars/") for path in file.arrays)


def read_optimizer(file: Hdf5File, model: Model, dialect: str, with_rate: bool = True) -> bool:
    """Sets the variables of the optimizer from an open file, if the file contains them and they match.

    Args:
        file: a file in either dialect.
        model: a compiled and built model.
        dialect: the dialect of the file, as returned by `read_weights`.
        with_rate: whether to restore the learning rate.
    """
    prefix = "optimizer/vars/"
    count = sum(path.startswith(prefix) for path in file.arrays)
    numbered = [f"{prefix}{number}" for number in range(count)]
    if not count or model.optimizer is None or any(path not in file.arrays for path in numbered):
        return False
    named = "name" in file.groups["optimizer/vars"].attrs
    done = optimizer_state.restore(
        model.optimizer,
        model.trainable_variables,
        [file.shape(path) for path in numbered],
        lambda number: file.array(numbered[number]),
        prefer=dialect if named or "metrics" not in file.groups else KERAS_2,
        with_rate=with_rate,
    )
    if done:
        read_product(file, model.optimizer)
    return done
