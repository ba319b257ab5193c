"""Requirements of a layer on its inputs, and the errors for inputs that do not meet them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tensorlet.errors import ShapeError

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike


class InputSpec:
    """The requirements of a layer on one input.

    Args:
        dtype: stored but not checked: layers convert their inputs.
        shape: the whole shape, with None for axes of any length.
        ndim: the number of axes.
        max_ndim, min_ndim: the largest and smallest number of axes.
        axes: maps an axis to its required length.
        allow_last_axis_squeeze: has no effect.
        name: the name of the input.

    >>> import tensorlet as tf
    >>> tf.keras.layers.InputSpec(min_ndim=2, axes={-1: 4})
    InputSpec(min_ndim=2, axes={-1: 4})
    """

    def __init__(
        self,
        dtype: DTypeLike | None = None,
        shape: Sequence[int | None] | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
    ) -> None:
        self.dtype = dtype
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = {int(axis): length for axis, length in (axes or {}).items()}
        self.name = name

    def complaint(self, shape: Sequence[int | None]) -> str | None:
        """Returns what is wrong with a shape, as ``expected ..., found ...``, or None if nothing is."""
        rank = len(shape)
        if self.ndim is not None and rank != self.ndim:
            return f"expected ndim={self.ndim}, found ndim={rank}"
        if self.max_ndim is not None and rank > self.max_ndim:
            return f"expected max_ndim={self.max_ndim}, found ndim={rank}"
        if self.min_ndim is not None and rank < self.min_ndim:
            return f"expected min_ndim={self.min_ndim}, found ndim={rank}"
        for axis, length in self.axes.items():
            if length is None or not -rank <= axis < rank:
                continue
            if shape[axis] not in (length, None):
                return f"expected axis {axis} of the input shape to have length {length}, found {shape[axis]}"
        for expected, found in zip(self.shape or (), shape, strict=False):
            if expected is not None and found is not None and expected != found:
                return f"expected shape={self.shape}, found shape={tuple(shape)}"
        return None

    def advice(self, shape: Sequence[int | None]) -> str:
        """What to do about inputs of a shape that does not fit."""
        fewest = self.ndim if self.ndim is not None else self.min_ndim
        if len(shape) > 1 and self.shape is not None and tuple(self.shape[1:]) == tuple(shape):
            return (
                f"If these are {shape[0]} examples, give the layer the shape of one of them: "
                f"input_shape={tuple(shape[1:])}. The first axis is the batch axis: for a single example, pass x[None] "
                "or [x]."
            )
        if fewest is not None and len(shape) == fewest - 1:
            return "The first axis is the batch axis: for a single example, pass x[None] or [x]."
        if fewest is not None and len(shape) > fewest and self.ndim is not None:
            return self._flattened(shape)
        return "Reshape the data, or build the layer for data of this shape."

    def _flattened(self, shape: Sequence[int | None]) -> str:
        """What to do about examples with too many axes."""
        lengths, wanted = shape[1:], (self.shape or self._last_length())[-1:]
        if self.ndim != 2 or None in lengths:
            return "Flatten or reshape the examples first."
        numbers = math.prod(length for length in lengths if length is not None)
        fits = wanted in ((None,), (), (numbers,))
        example = f"an example of shape {tuple(lengths)} becomes {numbers} numbers"
        other = "" if fits else f", but {wanted[0]} are expected"
        return f"Put tf.keras.layers.Flatten() in front of it: {example}{other}."

    def _last_length(self) -> tuple[int | None, ...]:
        return (self.axes[-1],) if -1 in self.axes else ()

    def __repr__(self) -> str:
        settings = {
            "shape": self.shape,
            "ndim": self.ndim if self.shape is None else None,
            "max_ndim": self.max_ndim,
            "min_ndim": self.min_ndim,
            "axes": self.axes or None,
        }
        shown = ", ".join(f"{name}={value}" for name, value in settings.items() if value is not None)
        return f"InputSpec({shown})"


def check_inputs(
    layer_name: str, expected: InputSpec | Sequence[InputSpec | None], shapes: Sequence[Sequence[int | None]]
) -> None:
    """Checks that inputs match the ``input_spec`` of a layer: one spec, or a list of them.

    Raises:
        ShapeError: if they do not; it names the input, the expected shape and a fix.
    """
    specs = [expected] if isinstance(expected, InputSpec) else list(expected)
    if len(specs) != len(shapes):
        raise ShapeError(
            f'Layer "{layer_name}" expects {len(specs)} input(s), but it received {len(shapes)}. '
            "Pass a list with one tensor per input."
        )
    for position, (spec, shape) in enumerate(zip(specs, shapes, strict=True)):
        complaint = None if spec is None else spec.complaint(shape)
        if spec is not None and complaint is not None:
            raise ShapeError(
                f'Input {position} of layer "{layer_name}" is incompatible with the layer: {complaint}. '
                f"Full shape received: {tuple(shape)}. {spec.advice(shape)}"
            )
