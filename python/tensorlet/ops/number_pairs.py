"""Functions of pairs of numbers that have no gradient: divisors, multiples, and neighboring floats."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tensorlet.ops.conversion import convert_together
from tensorlet.ops.registry import Elsewhere, Operation, Sample, Tensor, TensorLike
from tensorlet.ops.samples import integers, real
from tensorlet.ops.shape_rules import elementwise


def _integer_samples() -> list[Sample]:
    numbers = integers(2, 3, low=1, high=30)
    return [
        Sample(numbers, integers(3, low=1, high=30, seed=1)),
        Sample(numbers.astype(np.int64), integers(2, 3, dtype="int64", low=0, high=9, seed=1)),
        Sample(numbers[:0], numbers[:0]),
        Sample(numbers[:1, :1], numbers[:1, :1]),
    ]


def _float_samples() -> list[Sample]:
    return [
        Sample(real(2, 3), real(3, seed=1), differentiable=()),
        Sample(real(2, dtype="float64"), real(2, dtype="float64", seed=1), differentiable=()),
        Sample(real(0, 2), real(0, 2, seed=1), differentiable=()),
        Sample(real(1), real(1, seed=1), differentiable=()),
    ]


def _integers(name: str, compute: Callable[..., np.ndarray], doc: str) -> Operation:
    return Operation(
        name,
        doc=doc,
        infer=elementwise(f"keras.ops.{name}", "integer"),
        reference=lambda x, y: np.asarray(compute(x, y)),
        samples=_integer_samples,
        elsewhere=Elsewhere(numpy=f"np.{name}({{0}}, {{1}})", stacked="elementwise"),
    )


gcd = _integers("gcd", np.gcd, "The greatest common divisor of two integers, with broadcasting.")
lcm = _integers("lcm", np.lcm, "The least common multiple of two integers, with broadcasting.")
_nextafter = Operation(
    "nextafter",
    doc="The float that follows ``x`` in the direction of ``y``.",
    infer=elementwise("tf.math.nextafter", "float"),
    reference=lambda x, y: np.asarray(np.nextafter(x, y)),
    samples=_float_samples,
    elsewhere=Elsewhere(numpy="np.nextafter({0}, {1})", stacked="elementwise"),
)


def nextafter(x1: TensorLike, x2: TensorLike, name: str | None = None) -> Tensor:
    """The float that follows ``x1`` in the direction of ``x2``, with broadcasting.

    >>> import tensorlet as tf
    >>> bool(tf.math.nextafter(1.0, 2.0) > 1.0)
    True
    """
    return _nextafter(*convert_together((x1, x2)))
