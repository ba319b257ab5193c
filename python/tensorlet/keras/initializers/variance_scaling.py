"""Initializers whose variance depends on the number of inputs and outputs of a unit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tensorlet.dtypes import DType, float32
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.initializers.base import at_once
from tensorlet.keras.initializers.random import Drawn
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from collections.abc import Sequence


#: The standard deviation of a standard normal distribution truncated at -2 and 2.
TRUNCATED_STDDEV = 0.87962566103423978


def fans(shape: Sequence[int]) -> tuple[float, float]:
    """Returns the number of inputs and outputs of a unit: ``fan_in`` and ``fan_out``.

    >>> from tensorlet.keras.initializers import fans
    >>> fans((784, 10)), fans((5,)), fans((3, 3, 8, 16))
    ((784, 10), (5, 5), (72, 144))
    """
    if len(shape) == 0:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    field = math.prod(shape[:-2])
    return field * shape[-2], field * shape[-1]


@register("initializer", "VarianceScaling", "variance_scaling")
class VarianceScaling(Drawn):
    """Draws random numbers with variance ``scale / n``, where n is the number of inputs or outputs of a unit.

    Args:
        scale: a factor above 0.
        mode: defines n: ``"fan_in"``, ``"fan_out"``, or their mean, ``"fan_avg"``.
        distribution: ``"truncated_normal"`` (``"normal"``), ``"untruncated_normal"`` or ``"uniform"``.
        seed: as for `RandomNormal`.

    Raises:
        InvalidArgumentError: if an argument has another value.

    >>> import tensorlet as tf
    >>> initializer = tf.keras.initializers.VarianceScaling(3.0, "fan_in", "uniform")
    >>> float(tf.reduce_max(tf.abs(initializer((9, 1000))))) <= 1.0
    True
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
    ) -> None:
        if not scale > 0:
            raise InvalidArgumentError(
                f"VarianceScaling: Argument `scale` must be positive float. Received: scale={scale!r}."
            )
        for name, given, allowed in (
            ("mode", mode, ("fan_in", "fan_out", "fan_avg")),
            ("distribution", distribution, ("truncated_normal", "normal", "untruncated_normal", "uniform")),
        ):
            if given not in allowed:
                raise InvalidArgumentError(
                    f"VarianceScaling: Invalid `{name}` argument: {given!r}. Expected one of: {', '.join(allowed)}."
                )
        self.scale = scale
        self.mode = mode
        self.distribution = "truncated_normal" if distribution == "normal" else distribution
        self._set_seed(seed)

    @at_once
    def __call__(self, shape: Sequence[int], dtype: DType = float32, **kwargs: Any) -> Tensor:
        fan_in, fan_out = fans(shape)
        count = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, count)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return self._draw("uniform", shape, dtype, -limit, limit)
        if self.distribution == "untruncated_normal":
            return self._draw("normal", shape, dtype, 0.0, math.sqrt(variance))
        return self._draw("truncated_normal", shape, dtype, 0.0, math.sqrt(variance) / TRUNCATED_STDDEV)

    def get_config(self) -> dict[str, Any]:
        return {
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "seed": self.seed_config,
        }


class _Scaled(VarianceScaling):
    """A `VarianceScaling` with arguments fixed by the class."""

    arguments: tuple[float, str, str]

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(*self.arguments, seed=seed)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed_config}


@register("initializer", "GlorotUniform", "glorot_uniform", "xavier_uniform")
class GlorotUniform(_Scaled):
    """Uniform between plus and minus ``sqrt(6 / (fan_in + fan_out))``, the default of Dense; also named Xavier.

    Source: X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", 2010.

    >>> import tensorlet as tf
    >>> float(tf.reduce_max(tf.abs(tf.keras.initializers.GlorotUniform()((2, 4))))) < 1.0
    True
    """

    arguments = (1.0, "fan_avg", "uniform")


@register("initializer", "GlorotNormal", "glorot_normal", "xavier_normal")
class GlorotNormal(_Scaled):
    """Truncated normal with variance ``2 / (fan_in + fan_out)``; source as for `GlorotUniform`.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.GlorotNormal()((2, 4)).shape
    TensorShape([2, 4])
    """

    arguments = (1.0, "fan_avg", "truncated_normal")


@register("initializer", "HeUniform", "he_uniform")
class HeUniform(_Scaled):
    """Uniform between plus and minus ``sqrt(6 / fan_in)``, for layers with ReLU.

    Source: K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", 2015.

    >>> import tensorlet as tf
    >>> float(tf.reduce_max(tf.abs(tf.keras.initializers.HeUniform()((6, 4))))) < 1.0
    True
    """

    arguments = (2.0, "fan_in", "uniform")


@register("initializer", "HeNormal", "he_normal")
class HeNormal(_Scaled):
    """Truncated normal with variance ``2 / fan_in``, for layers with ReLU; source as for `HeUniform`.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.HeNormal()((6, 4)).shape
    TensorShape([6, 4])
    """

    arguments = (2.0, "fan_in", "truncated_normal")


@register("initializer", "LecunUniform", "lecun_uniform")
class LecunUniform(_Scaled):
    """Uniform between plus and minus ``sqrt(3 / fan_in)``.

    Source: Y. LeCun, L. Bottou, G. Orr, K. Müller, "Efficient backprop", 1998.

    >>> import tensorlet as tf
    >>> float(tf.reduce_max(tf.abs(tf.keras.initializers.LecunUniform()((3, 4))))) < 1.0
    True
    """

    arguments = (1.0, "fan_in", "uniform")


@register("initializer", "LecunNormal", "lecun_normal")
class LecunNormal(_Scaled):
    """Truncated normal with variance ``1 / fan_in``, for layers with SELU; source as for `LecunUniform`.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.LecunNormal()((3, 4)).shape
    TensorShape([3, 4])
    """

    arguments = (1.0, "fan_in", "truncated_normal")
