"""The output shapes of a layer, found by tracing it without computing values."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any

from tensorlet.core.nest import flatten, map_structure, pack_like
from tensorlet.core.shape import TensorShape
from tensorlet.core.tensor import Operators
from tensorlet.core.tracing import Trace
from tensorlet.core.user_code import traced, user_function
from tensorlet.dtypes import as_dtype
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError
from tensorlet.graph import ir
from tensorlet.keras.generations import keras_generation
from tensorlet.ops.registry import Spec, convert, interpreting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np

    from tensorlet.dtypes import DType
    from tensorlet.keras.layers.base import Layer

#: Values for unknown lengths during tracing. Both are divisible by 2, 3 and 4; output lengths that differ between
#: the two traces are unknown.
STAND_INS = (12, 24)
#: Where a function needs longer axes, such as one that cuts parts off.
_LARGE_STAND_INS = (240, 480)
#: How many choices of lengths are tried.
_MOST_SEARCHED = 100
#: The most integers whose values are kept: a shape has a few.
_MOST_KNOWN = 64


class OpenCountError(ShapeError):
    """The number of results of a function depends on a length that is open."""


class OpenSpec:
    """A shape, whose lengths may be unknown (None), and a dtype.

    Not a tuple, so that nested structures treat it as a leaf.

    Attributes:
        known: the values of integers that follow from shapes, such as those of `tf.shape`: one array for each of the
            `STAND_INS`. None for all other tensors.
    """

    __slots__ = ("dtype", "known", "shape")

    def __init__(
        self, shape: Sequence[int | None], dtype: DType, known: Sequence[np.ndarray] | None = None
    ) -> None:
        self.shape = tuple(shape)
        self.dtype = dtype
        self.known = known

    def with_length(self, length: int) -> Spec:
        """Returns the spec with each unknown length replaced."""
        return Spec(tuple(length if one is None else one for one in self.shape), self.dtype)


def infer(function: Callable[..., Any], specs: Sequence[OpenSpec], name: str, search: bool = False) -> Any:
    """Returns the `OpenSpec`s of the results of a function, in the structure that it returns.

    Args:
        function: takes one tensor per spec.
        specs: the specs of its arguments; all unknown lengths are taken to be equal.
        name: the name of the layer, for messages.
        search: whether other lengths are tried if the function refuses these; see `_other_lengths`.
    """
    try:
        return _inferred(function, specs, name, STAND_INS)
    except OpenCountError:
        raise
    except InvalidArgumentError as error:
        beside = _as_beside(specs)
        changed = [one.shape for one in beside] != [one.shape for one in specs]
        if isinstance(error, DTypeError) or not (search or (changed and isinstance(error, ShapeError))):
            raise
        try:
            return _inferred(function, beside, name, STAND_INS)
        except InvalidArgumentError:
            for stand_ins, others in _other_lengths(specs) if search else ():
                with contextlib.suppress(InvalidArgumentError):
                    return _inferred(function, others, name, stand_ins)
            raise


def _inferred(
    function: Callable[..., Any], specs: Sequence[OpenSpec], name: str, stand_ins: tuple[int, int]
) -> Any:
    runs = [_trace(function, specs, name, 0, stand_ins)]
    if any(None in spec.shape or spec.known is not None for spec in specs):
        runs.append(_trace(function, specs, name, 1, stand_ins))
    results = [flatten(run) for run in runs]
    if len({len(result) for result in results}) > 1:
        raise OpenCountError(
            f'Layer "{name}": the number of its results depends on a length that is open. Give that length in the '
            "input shape, or as an argument, such as num for unstack."
        )
    return pack_like(runs[0], [_merged(found) for found in zip(*results, strict=True)])


def _other_lengths(specs: Sequence[OpenSpec]) -> Iterator[tuple[tuple[int, int], list[OpenSpec]]]:
    """Other stand-ins, and specs in which some unknown lengths are known, that a function may take.

    Unknown lengths need not be equal, and only some may be possible: ``reshape(x, (3, 2))`` of ``(None, 3)`` means a
    length of 2.
    """
    if all(spec.known is None for spec in specs):
        yield _LARGE_STAND_INS, list(specs)
    places = [
        (at, axis) for at, spec in enumerate(specs) for axis, one in enumerate(spec.shape) if one is None
    ]
    known = {one for spec in specs for one in spec.shape if one is not None}
    choices = [None, *sorted((known | {2, 3, 4}) - {1})]
    for lengths in itertools.islice(itertools.product(choices, repeat=len(places)), _MOST_SEARCHED):
        chosen = dict(zip(places, lengths, strict=True))
        yield (
            STAND_INS,
            [
                OpenSpec(
                    [chosen.get((at, axis), one) for axis, one in enumerate(spec.shape)],
                    spec.dtype,
                    spec.known,
                )
                for at, spec in enumerate(specs)
            ],
        )


def _as_beside(specs: Sequence[OpenSpec]) -> list[OpenSpec]:
    """The specs with the lengths of the others in place of unknown ones; axes correspond from the last one on.

    ``(None, 3) + (2, None)`` can only mean lengths of 2 and 3, unless they are 1.
    """
    found = []
    for spec in specs:
        lengths = list(spec.shape)
        for place in range(1, len(lengths) + 1):
            if lengths[-place] is None:
                beside = [one.shape[-place] for one in specs if one is not spec and len(one.shape) >= place]
                lengths[-place] = next((one for one in beside if one not in (None, 1)), None)
        found.append(OpenSpec(lengths, spec.dtype, spec.known))
    return found


def _trace(
    function: Callable[..., Any],
    specs: Sequence[OpenSpec],
    name: str,
    number: int,
    stand_ins: tuple[int, int],
) -> Any:
    """The specs of the results with one of the stand-ins in place of unknown lengths."""

    def run(trace: Trace) -> Any:
        with interpreting(trace):
            tensors = [
                trace.add_input(spec.with_length(stand_ins[number])) if spec.known is None
                else trace.convert(spec.known[number])
                for spec in specs
            ]  # fmt: skip
            result = user_function(function)(*tensors)
            return map_structure(_spec_of, result)

    return traced(lambda: Trace(name), run)


def _spec_of(value: object) -> OpenSpec | None:
    if value is None:
        return None
    tensor: Any = value if isinstance(value, Operators) else convert(value)
    node: Any = getattr(tensor, "node", None)
    constant = node is not None and node.kind == ir.CONSTANT and tensor.dtype.is_integer
    known = [node.value] if constant and node.value.size <= _MOST_KNOWN else None
    return OpenSpec(tensor.shape, tensor.dtype, known)


def _merged(found: Sequence[OpenSpec | None]) -> OpenSpec | None:
    first, last = found[0], found[-1]
    if first is None or last is None:
        return first
    pairs = zip(first.shape, last.shape, strict=True)
    known = [*first.known, *last.known] if first.known and last.known else None
    return OpenSpec([one if one == other else None for one, other in pairs], first.dtype, known)


def shapes_of(structure: Any) -> Any:
    """Returns the shapes of tensors, arrays or `KerasTensor`s, in their structure."""
    if isinstance(structure, list | tuple):
        return [shapes_of(item) for item in structure]
    if isinstance(structure, dict):
        return {key: shapes_of(item) for key, item in structure.items()}
    return TensorShape(structure.shape)


def declared_specs(layer: Layer, inputs: Any) -> Any:
    """Returns the `OpenSpec`s that a user's ``compute_output_shape`` says; None if the layer has to be traced.

    In Keras 3, such a method is enough: ``call`` does not run on `KerasTensor`s. Layers inside that are not built need
    a trace, which builds them.
    """
    own = type(layer).compute_output_shape
    if keras_generation() == 2 or own.__module__.startswith("tensorlet."):
        return None
    if not all(one.built for one in layer._flatten_layers(include_self=False)):
        return None
    return _declared(own(layer, shapes_of(inputs)), as_dtype(layer.dtype))


def _declared(shapes: Any, dtype: DType) -> Any:
    if isinstance(shapes, dict):
        return {key: _declared(shape, dtype) for key, shape in shapes.items()}
    if is_shape(shapes):
        return OpenSpec(shapes, dtype)
    return type(shapes)(_declared(shape, dtype) for shape in shapes)


def is_shape(value: object) -> bool:
    """Whether the value is a single shape rather than a list or dictionary of shapes."""
    return isinstance(value, list | tuple) and all(one is None or isinstance(one, int) for one in value)


def shape_structure(value: object) -> Any:
    """Converts user-defined shapes, of one or several inputs, to `TensorShape`s."""
    if isinstance(value, dict):
        return {key: shape_structure(item) for key, item in value.items()}
    if is_shape(value):
        return TensorShape(value)  # type: ignore[arg-type]  # checked by `is_shape`
    if isinstance(value, list | tuple):
        return [shape_structure(item) for item in value]
    raise ShapeError(
        f"An input shape is expected, such as (None, 784), or a list or dictionary of them; got {value!r}."
    )


def flat_shapes(structure: Any) -> list[TensorShape]:
    """Returns the shapes of such a structure, in order."""
    if isinstance(structure, dict):
        return [shape for key in sorted(structure) for shape in flat_shapes(structure[key])]
    if isinstance(structure, TensorShape):
        return [structure]
    return [shape for item in structure for shape in flat_shapes(item)]


def specs_of(structure: Any, dtype: DType) -> Any:
    """Replaces each shape by an `OpenSpec`."""
    if isinstance(structure, dict):
        return {key: specs_of(item, dtype) for key, item in structure.items()}
    if isinstance(structure, TensorShape):
        return OpenSpec(structure, dtype)
    return [specs_of(item, dtype) for item in structure]
