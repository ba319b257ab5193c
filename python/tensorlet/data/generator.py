"""`Dataset.from_generator`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from tensorlet.core.buffers import array_of
from tensorlet.core.eager import EAGER
from tensorlet.core.ragged_spec import RaggedTensorSpec
from tensorlet.core.shape import TensorShape
from tensorlet.core.signature import TensorSpec
from tensorlet.core.tensor import EagerTensor
from tensorlet.data.pipeline import Pipeline
from tensorlet.dtypes import as_dtype, string
from tensorlet.errors import InvalidArgumentError, TensorletError


class Generated(Pipeline):
    """The elements that a generator yields; see `Dataset.from_generator`."""

    shown_name = "_FlatMapDataset"

    def __init__(
        self,
        generator: Callable[..., Iterable[Any]],
        types: object,
        shapes: object,
        args: Iterable[object] | None,
        signature: object,
    ) -> None:
        if not callable(generator):
            raise TypeError(
                f"from_generator got {type(generator).__name__}, but a function that returns an iterable is "
                "expected: from_generator(lambda: items, ...)."
            )
        if signature is None and types is None:
            raise TypeError(
                "from_generator needs output_signature, which describes an element: for example "
                "output_signature=(tf.TensorSpec((784,), tf.float32), tf.TensorSpec((), tf.int32))."
            )
        self._generator = generator
        self._args = () if args is None else tuple(args)
        self._signature = _as_tuples(signature) if signature is not None else _signature(types, shapes)

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return self._signature

    def one_by_one(self) -> Iterator[Any]:
        arguments = [EAGER.convert(argument).numpy() for argument in self._args]
        for item in self._generator(*arguments):
            yield self._fitted(item, self._signature)

    def _fitted(self, item: object, signature: Any) -> Any:
        """Checks an element against its signature, and converts it to the dtypes of the signature."""
        if isinstance(signature, dict):
            if not isinstance(item, dict) or set(item) != set(signature):
                raise self._misfit(item, "structure")
            return {name: self._fitted(item[name], signature[name]) for name in signature}
        if isinstance(signature, tuple):
            if not isinstance(item, list | tuple) or len(item) != len(signature):
                raise self._misfit(item, "structure")
            return tuple(self._fitted(one, spec) for one, spec in zip(item, signature, strict=True))
        if isinstance(signature, RaggedTensorSpec) and signature.ragged_rank > 0:
            if not signature.is_compatible_with(item):
                raise self._misfit(item, "form")
            return item
        try:
            array = array_of(EAGER.convert(item))
        except TensorletError as error:
            raise self._misfit(item, f"values ({error})") from None
        if not signature.shape.is_compatible_with(array.shape):
            raise self._misfit(item, f"shape, {list(array.shape)}")
        wanted = signature.dtype.numpy
        if array.size and (array.dtype.kind == "O") != (signature.dtype is string):
            raise self._misfit(item, "values")
        # An empty list has no numbers, and so no dtype of its own.
        if array.dtype != wanted and array.size and array.dtype.kind == "f" and wanted.kind != "f":
            raise self._misfit(item, f"dtype, {array.dtype}")
        return EagerTensor(np.ascontiguousarray(array, wanted).reshape(array.shape))

    def _misfit(self, item: object, what: str) -> InvalidArgumentError:
        text = repr(item)
        return InvalidArgumentError(
            f"from_generator: the generator yielded an element of the wrong {what}: "
            f"{text if len(text) < 80 else text[:77] + '...'}. Expected {self._signature!r}."
        )


def _as_tuples(signature: object) -> Any:
    """Replaces the lists in a signature by tuples, as TensorFlow does."""
    if isinstance(signature, dict):
        return {name: _as_tuples(part) for name, part in signature.items()}
    if isinstance(signature, list | tuple):
        return tuple(_as_tuples(part) for part in signature)
    return signature


def _signature(types: Any, shapes: Any) -> Any:
    """The signature that `output_types` and `output_shapes` describe."""
    if isinstance(types, dict):
        return {name: _signature(types[name], None if shapes is None else shapes.get(name)) for name in types}
    if isinstance(types, list | tuple):
        parts = [None] * len(types) if shapes is None else list(shapes)
        return tuple(_signature(one, shape) for one, shape in zip(types, parts, strict=True))
    return TensorSpec(None if shapes is None else TensorShape(shapes), as_dtype(types))
