"""Elements of datasets: tensors in nested tuples and dictionaries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from tensorlet.core import active_tapes
from tensorlet.core.buffers import array_of
from tensorlet.core.eager import EAGER
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.ragged_spec import RaggedTensorSpec
from tensorlet.core.ragged_tensor import RaggedTensor, stack_rows
from tensorlet.core.shape import TensorShape
from tensorlet.core.signature import TensorSpec
from tensorlet.core.sparse_tensor import SparseTensor
from tensorlet.core.tensor import EagerTensor, Operators
from tensorlet.core.user_code import user_function
from tensorlet.data.pipeline import BaseDataset
from tensorlet.dtypes import float32
from tensorlet.errors import DTypeError, InvalidArgumentError
from tensorlet.ops.conversion import to_array
from tensorlet.ops.object_columns import object_error
from tensorlet.ops.registry import convert, interpreting


def as_column(value: object, text: bool = False) -> np.ndarray:
    """Converts a value to one array; a data frame becomes an array of its columns.

    Args:
        value: an array, tensor, list or frame.
        text: whether it may hold text, which becomes an array of bytes.

    Raises:
        DTypeError: for objects, and for text unless it is allowed.

    >>> as_column([1, 2])
    array([1, 2], dtype=int32)
    """
    if isinstance(value, np.ndarray):
        array = value
    elif isinstance(value, EagerTensor):
        array = value.__array__(copy=False)
    elif hasattr(value, "column_names") and hasattr(value, "column"):  # an Arrow table
        array = np.column_stack([np.asarray(value.column(name)) for name in value.column_names])
    elif hasattr(value, "toarray"):  # a SciPy sparse matrix, such as scikit-learn's encoders return
        array = np.asarray(value.toarray())
    elif hasattr(value, "to_numpy"):  # a pandas or polars data frame or series
        array = np.asarray(value.to_numpy())
    elif isinstance(value, Operators | list | tuple):
        array = EAGER.convert(value).__array__(copy=False)
    else:
        array = to_array(value)
    if text and _is_text(array):
        return to_array(array)
    if array.dtype.kind == "O":  # a frame whose columns have different dtypes
        try:
            array = array.astype(np.float32)
        except (TypeError, ValueError):
            raise DTypeError(object_error(value, array)) from None
    if array.dtype.kind not in "biuf":
        to_array(array, float32)  # raises the error for text
    return array


def _is_text(array: np.ndarray) -> bool:
    if array.dtype.kind == "O":
        return array.size > 0 and all(isinstance(item, str | bytes) for item in array.reshape(-1).tolist())
    return array.dtype.kind in "US"


def as_arrays(value: object) -> Any:
    """Converts the leaves of a structure to arrays. A list is an array and not a structure, as in TensorFlow.

    Ragged tensors stay what they are.
    """
    if isinstance(value, RaggedTensor):
        return value
    if isinstance(value, dict):
        return {name: as_arrays(value[name]) for name in value}
    if isinstance(value, tuple):
        items = [as_arrays(item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    return as_column(value, text=True)


def as_element(value: object) -> Any:
    """Converts the result of a user-defined function to an element of tensors, of the interpreter in force."""
    if isinstance(value, dict):
        return {name: as_element(value[name]) for name in value}
    if isinstance(value, tuple):
        items = [as_element(item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if value is None:
        raise InvalidArgumentError(
            "The function of the dataset returned None, but the new element is expected: a tensor, or a tuple or "
            "dictionary of tensors. Check whether a return statement is missing."
        )
    if isinstance(value, BaseDataset | RaggedTensor | SparseTensor):
        return value
    return convert(value)


def result_of(function: Callable[..., Any], element: object) -> Any:
    """The function's result for an element.

    As in TensorFlow, a tuple becomes several arguments, and a list of results becomes a tuple.
    """
    function = user_function(function)
    found = function(*element) if isinstance(element, tuple) else function(element)
    return tuple(found) if isinstance(found, list) else found


def called(function: Callable[..., Any], element: object) -> Any:
    """The function's result for an element, computed eagerly."""
    with interpreting(EAGER), active_tapes.paused():
        return as_element(result_of(function, element))


def eager_element(value: object) -> Any:
    """Converts a value to an element of eager tensors."""
    with interpreting(EAGER):
        return as_element(value)


def spec_of(element: object) -> Any:
    """The `TensorSpec`s and `RaggedTensorSpec`s of an element."""
    return pack_like(element, [_leaf_spec(leaf) for leaf in flatten(element)])


#: The form of a part of an element that is not a dataset.
LeafSpec: TypeAlias = TensorSpec | RaggedTensorSpec


def _leaf_spec(leaf: EagerTensor | RaggedTensor | BaseDataset) -> LeafSpec | BaseDataset:
    if isinstance(leaf, BaseDataset):
        return leaf
    return (
        RaggedTensorSpec.from_value(leaf)
        if isinstance(leaf, RaggedTensor)
        else TensorSpec(leaf.shape, leaf.dtype)
    )


def refuse_windows(specs: object, method: str) -> None:
    """Raises an error if the elements are datasets, which a method does not support.

    Raises:
        InvalidArgumentError: if a part of an element is a dataset.
    """
    leaves = flatten(specs)
    if not any(isinstance(leaf, BaseDataset) for leaf in leaves):
        return
    fix = "dataset.flat_map(lambda window: window.batch(size))"
    if isinstance(specs, tuple):
        fix = "dataset.flat_map(lambda x, y: tf.data.Dataset.zip((x.batch(size), y.batch(size))))"
    elif isinstance(specs, dict):
        fix = "dataset.flat_map(lambda window: window['name'].batch(size)) for the parts that you need"
    raise InvalidArgumentError(
        f"{method}: the elements are datasets (from window), not tensors. Convert each window to one tensor first: "
        f"{fix}, with the size of the windows."
    )


def mapped_specs(function: Callable[[Any], Any], specs: object) -> Any:
    """Applies a function to each spec of a structure."""
    return pack_like(specs, [function(spec) for spec in flatten(specs)])


def with_first_axis(spec: LeafSpec, length: int | None) -> LeafSpec:
    """The spec with an additional first axis."""
    if isinstance(spec, RaggedTensorSpec):
        return spec.with_first_axis(length)
    if spec.shape.rank is None:
        return spec
    return TensorSpec(TensorShape((length, *spec.shape)), spec.dtype)


def without_first_axis(spec: LeafSpec) -> LeafSpec:
    """The spec without its first axis."""
    if spec.shape.rank is None and isinstance(spec, TensorSpec):
        return spec
    if spec.shape.rank is not None and not spec.shape:
        raise InvalidArgumentError(
            f"The elements are scalars ({spec}), which have no rows. Tensors with at least one axis are expected."
        )
    if isinstance(spec, RaggedTensorSpec):
        return spec.without_first_axis()
    return TensorSpec(TensorShape(tuple(spec.shape)[1:]), spec.dtype)


def merged(first: LeafSpec, second: LeafSpec) -> LeafSpec:
    """The spec that matches both: lengths in which they differ are None."""
    for one in (first, second):
        if isinstance(one, RaggedTensorSpec):
            return RaggedTensorSpec(
                _merged_shape(first.shape, second.shape), one.dtype, one.ragged_rank, one.row_splits_dtype
            )
    return TensorSpec(_merged_shape(first.shape, second.shape), first.dtype)


def _merged_shape(first: TensorShape, second: TensorShape) -> TensorShape | None:
    if first.rank != second.rank or first.rank is None:
        return None
    return TensorShape([mine if mine == theirs else None for mine, theirs in zip(first, second, strict=True)])


def stacked(elements: list[Any], specs: object = None, may_differ: bool = False) -> Any:
    """Stacks elements of the same shape into one element with an additional first axis.

    Args:
        elements: the elements.
        specs: their specs. Parts with a `RaggedTensorSpec` become ragged tensors and may differ in length.
        may_differ: whether other parts become ragged tensors if their shapes differ.

    Raises:
        InvalidArgumentError: if their shapes differ.
    """
    columns = list(zip(*(flatten(element) for element in elements), strict=True))
    kinds = [None] * len(columns) if specs is None else flatten(specs)
    leaves: list[Any] = []
    for column, kind in zip(columns, kinds, strict=True):
        if _is_ragged(column, kind):
            leaves.append(stack_rows(column))
            continue
        shapes = {array_of(leaf).shape for leaf in column}
        if may_differ and len(shapes) > 1:
            leaves.append(stack_rows(column))
            continue
        if len(shapes) > 1:
            different = " and ".join(str(list(shape)) for shape in sorted(shapes, key=str)[:3])
            raise InvalidArgumentError(
                f"batch: elements of shapes {different} cannot be stacked into one batch. Give all elements the same "
                "shape with map before batch, or use padded_batch, which pads them."
            )
        leaves.append(EagerTensor(np.stack([array_of(leaf) for leaf in column])))
    return pack_like(elements[0], leaves)


def _is_ragged(column: tuple[Any, ...], spec: LeafSpec | None) -> bool:
    """Whether values are stacked into a ragged tensor."""
    if isinstance(spec, RaggedTensorSpec):
        return spec.ragged_rank >= 0
    return isinstance(column[0], RaggedTensor)
