"""Initializers: what weights start from."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core.eager import EAGER
from tensorlet.dtypes import as_dtype, float32
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.lazy import explain_missing
from tensorlet.keras.registry import Registry
from tensorlet.ops.registry import Tensor, interpreting

REGISTRY = Registry("initializer", "keras.initializers")

#: The standard deviation of a normal distribution that is cut off at two of its own.
TRUNCATED_STDDEV = 0.87962566103423978


def _at_once(method: Callable[..., Any]) -> Callable[..., Any]:
    """Weights are made at once, also while a step is being traced."""

    @wraps(method)
    def run(self: Any, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        with interpreting(EAGER):
            return method(self, tuple(shape), as_dtype(dtype or float32))

    return run


class Initializer:
    """The base of all initializers: a function from a shape and a dtype to a tensor.

    Subclass it with ``__call__(self, shape, dtype=None)`` and ``get_config``, or pass any
    function with these arguments in its place.

    >>> import tensorlet as tf
    >>> class Halves(tf.keras.initializers.Initializer):
    ...     def __call__(self, shape, dtype=None, **kwargs):
    ...         return tf.fill(shape, tf.constant(0.5, dtype))
    >>> Halves()((2,), tf.float32).numpy()
    array([0.5, 0.5], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """The first values of a weight of that shape."""
        raise NotImplementedError(
            f"The initializer {type(self).__name__} has no __call__(self, shape, dtype=None). Give it one "
            "that returns a tensor of that shape."
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same initializer again."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """The initializer of a configuration."""
        config.pop("dtype", None)
        return cls(**config)

    def clone(self) -> Initializer:
        """A second one of the same configuration."""
        return type(self).from_config(self.get_config())


@REGISTRY.register("Zeros", "zeros", "zero")
class Zeros(Initializer):
    """All 0.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.Zeros()((2,)).numpy()
    array([0., 0.], dtype=float32)
    """

    @_at_once
    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        return ops.zeros(shape, dtype)


@REGISTRY.register("Ones", "ones", "one")
class Ones(Initializer):
    """All 1.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.Ones()((2,)).numpy()
    array([1., 1.], dtype=float32)
    """

    @_at_once
    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        return ops.ones(shape, dtype)


@REGISTRY.register("Constant", "constant")
class Constant(Initializer):
    """All the same value, or the values of an array of the weight's shape.

    Raises:
        ShapeError: if the array's shape does not broadcast to the weight's.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.Constant(0.5)((2,)).numpy()
    array([0.5, 0.5], dtype=float32)
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    @_at_once
    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        values = np.asarray(self.value)
        try:
            filled = np.broadcast_to(values, shape)
        except ValueError:
            raise ShapeError(
                f"The Constant initializer has values of shape {values.shape}, but the weight has the shape "
                f"{shape}. Give it one number, or an array of the weight's shape."
            ) from None
        return EAGER.convert(np.array(filled, dtype.numpy))

    def get_config(self) -> dict[str, Any]:
        return {"value": self.value}


class _Drawn(Initializer):
    """What random initializers share: the seed, and where the numbers come from."""

    seed: int | None

    def _set_seed(self, seed: Any) -> None:
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int | np.integer)):
            raise InvalidArgumentError(
                f"{type(self).__name__}: seed is {seed!r}. Expected a whole number, or None for new numbers each time."
            )
        self.seed = None if seed is None else int(seed)

    def _draw(self, distribution: str, shape: Any, dtype: Any, *parameters: float) -> Tensor:
        """Numbers of a distribution of `ops.random`; with a seed the same ones each time."""
        first, second = parameters
        if self.seed is None:
            return getattr(ops.random, distribution)(shape, first, second, dtype)
        stateless = getattr(ops.random, f"stateless_{distribution}")
        return stateless(shape, (self.seed, 0), first, second, dtype)


@REGISTRY.register("RandomNormal", "random_normal", "normal")
class RandomNormal(_Drawn):
    """Normally distributed numbers.

    Args:
        mean: of the distribution.
        stddev: its standard deviation.
        seed: a whole number gives the same weights each time; None new ones, which
            ``tf.random.set_seed`` or ``tf.keras.utils.set_random_seed`` decide.

    >>> import tensorlet as tf
    >>> initializer = tf.keras.initializers.RandomNormal(seed=1)
    >>> bool(tf.reduce_all(initializer((2, 3)) == initializer((2, 3))))
    True
    """

    distribution = "normal"

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean = mean
        self.stddev = stddev
        self._set_seed(seed)

    @_at_once
    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        return self._draw(self.distribution, shape, dtype, self.mean, self.stddev)

    def get_config(self) -> dict[str, Any]:
        return {"mean": self.mean, "stddev": self.stddev, "seed": self.seed}


@REGISTRY.register("TruncatedNormal", "truncated_normal")
class TruncatedNormal(RandomNormal):
    """Like `RandomNormal`, but without numbers further than two standard deviations from the mean.

    >>> import tensorlet as tf
    >>> numbers = tf.keras.initializers.TruncatedNormal(stddev=0.5)((1000,))
    >>> bool(tf.reduce_all(tf.abs(numbers) <= 1.0))
    True
    """

    distribution = "truncated_normal"


@REGISTRY.register("RandomUniform", "random_uniform", "uniform")
class RandomUniform(_Drawn):
    """Numbers that are equally likely everywhere between two bounds; ``seed`` as for `RandomNormal`.

    >>> import tensorlet as tf
    >>> numbers = tf.keras.initializers.RandomUniform(0.0, 2.0)((1000,))
    >>> bool(tf.reduce_all((numbers >= 0.0) & (numbers < 2.0)))
    True
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        self.minval = minval
        self.maxval = maxval
        self._set_seed(seed)

    @_at_once
    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        return self._draw("uniform", shape, dtype, self.minval, self.maxval)

    def get_config(self) -> dict[str, Any]:
        return {"minval": self.minval, "maxval": self.maxval, "seed": self.seed}


def fans(shape: Any) -> tuple[float, float]:
    """How many inputs and outputs a unit of a weight has: ``fan_in`` and ``fan_out``.

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


@REGISTRY.register("VarianceScaling", "variance_scaling")
class VarianceScaling(_Drawn):
    """Random numbers whose variance is ``scale / n``, where n counts a unit's inputs or outputs.

    Args:
        scale: a factor of at least 0.
        mode: what n is: ``"fan_in"``, ``"fan_out"`` or ``"fan_avg"``, their mean.
        distribution: ``"truncated_normal"`` (``"normal"``), ``"untruncated_normal"`` or ``"uniform"``.
        seed: as for `RandomNormal`.

    Raises:
        InvalidArgumentError: for any other argument.

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
            raise InvalidArgumentError(f"VarianceScaling: scale is {scale!r}. Expected a number above 0.")
        for name, given, allowed in (
            ("mode", mode, ("fan_in", "fan_out", "fan_avg")),
            ("distribution", distribution, ("truncated_normal", "normal", "untruncated_normal", "uniform")),
        ):
            if given not in allowed:
                raise InvalidArgumentError(
                    f"VarianceScaling: {name} is {given!r}. Expected one of: {', '.join(allowed)}."
                )
        self.scale = scale
        self.mode = mode
        self.distribution = "truncated_normal" if distribution == "normal" else distribution
        self._set_seed(seed)

    @_at_once
    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
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
            "seed": self.seed,
        }


class _Scaled(VarianceScaling):
    """A `VarianceScaling` whose arguments are its class's."""

    arguments: tuple[float, str, str]

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(*self.arguments, seed=seed)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed}


@REGISTRY.register("GlorotUniform", "glorot_uniform", "xavier_uniform")
class GlorotUniform(_Scaled):
    """Uniform up to ``sqrt(6 / (fan_in + fan_out))``: what Dense layers start from; also named after Xavier.

    Source: X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", 2010.

    >>> import tensorlet as tf
    >>> float(tf.reduce_max(tf.abs(tf.keras.initializers.GlorotUniform()((2, 4))))) < 1.0
    True
    """

    arguments = (1.0, "fan_avg", "uniform")


@REGISTRY.register("GlorotNormal", "glorot_normal", "xavier_normal")
class GlorotNormal(_Scaled):
    """Truncated normal of variance ``2 / (fan_in + fan_out)``; source as for `GlorotUniform`.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.GlorotNormal()((2, 4)).shape
    TensorShape([2, 4])
    """

    arguments = (1.0, "fan_avg", "truncated_normal")


@REGISTRY.register("HeUniform", "he_uniform")
class HeUniform(_Scaled):
    """Uniform up to ``sqrt(6 / fan_in)``: for layers with relu.

    Source: K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", 2015.

    >>> import tensorlet as tf
    >>> float(tf.reduce_max(tf.abs(tf.keras.initializers.HeUniform()((6, 4))))) < 1.0
    True
    """

    arguments = (2.0, "fan_in", "uniform")


@REGISTRY.register("HeNormal", "he_normal")
class HeNormal(_Scaled):
    """Truncated normal of variance ``2 / fan_in``: for layers with relu; source as for `HeUniform`.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.HeNormal()((6, 4)).shape
    TensorShape([6, 4])
    """

    arguments = (2.0, "fan_in", "truncated_normal")


@REGISTRY.register("LecunUniform", "lecun_uniform")
class LecunUniform(_Scaled):
    """Uniform up to ``sqrt(3 / fan_in)``.

    Source: Y. LeCun, L. Bottou, G. Orr, K. Müller, "Efficient backprop", 1998.

    >>> import tensorlet as tf
    >>> float(tf.reduce_max(tf.abs(tf.keras.initializers.LecunUniform()((3, 4))))) < 1.0
    True
    """

    arguments = (1.0, "fan_in", "uniform")


@REGISTRY.register("LecunNormal", "lecun_normal")
class LecunNormal(_Scaled):
    """Truncated normal of variance ``1 / fan_in``: for layers with selu; source as for `LecunUniform`.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.LecunNormal()((3, 4)).shape
    TensorShape([3, 4])
    """

    arguments = (1.0, "fan_in", "truncated_normal")


@REGISTRY.register("Orthogonal", "orthogonal", "OrthogonalInitializer")
class Orthogonal(_Drawn):
    """A random matrix with orthogonal columns (or rows, whichever are fewer), times ``gain``.

    Axes before the last are taken as one.

    Source: A. Saxe, J. McClelland, S. Ganguli, "Exact solutions to the nonlinear dynamics of learning
    in deep linear neural networks", 2014.

    >>> import tensorlet as tf
    >>> w = tf.keras.initializers.Orthogonal(seed=1)((3, 2))
    >>> bool(tf.reduce_all(tf.abs(tf.matmul(w, w, transpose_a=True) - tf.eye(2)) < 1e-5))
    True
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        self.gain = gain
        self._set_seed(seed)

    @_at_once
    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        if len(shape) < 2:
            raise ShapeError(
                f"The Orthogonal initializer makes matrices, but the weight has the shape {shape}. "
                "Use another initializer for weights of fewer than two axes."
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        wide = (max(rows, columns), min(rows, columns))
        drawn = self._draw("normal", wide, float32, 0.0, 1.0).numpy()
        orthogonal, triangular = np.linalg.qr(drawn)
        # With the signs of the diagonal taken out, every orthogonal matrix is equally likely.
        orthogonal = orthogonal * np.where(np.diag(triangular) < 0, -1.0, 1.0)
        matrix = orthogonal.T if rows < columns else orthogonal
        return EAGER.convert(np.ascontiguousarray(self.gain * matrix.reshape(shape), dtype.numpy))

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain, "seed": self.seed}


@REGISTRY.register("Identity", "identity", "IdentityInitializer")
class Identity(Initializer):
    """The identity matrix times ``gain``; only for weights of two axes.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.Identity(gain=2.0)((2, 3)).numpy()
    array([[2., 0., 0.],
           [0., 2., 0.]], dtype=float32)
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    @_at_once
    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Tensor:
        if len(shape) != 2:
            raise ShapeError(
                f"The Identity initializer makes matrices, but the weight has the shape {shape}. "
                "Use another initializer for weights that have not two axes."
            )
        return EAGER.convert(np.eye(*shape, dtype=dtype.numpy) * dtype.numpy.type(self.gain))

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain}


zeros = Zeros
ones = Ones
constant = Constant
random_normal = RandomNormal
random_uniform = RandomUniform
truncated_normal = TruncatedNormal
variance_scaling = VarianceScaling
glorot_uniform = GlorotUniform
glorot_normal = GlorotNormal
he_uniform = HeUniform
he_normal = HeNormal
lecun_uniform = LecunUniform
lecun_normal = LecunNormal
orthogonal = Orthogonal
OrthogonalInitializer = Orthogonal
identity = Identity
IdentityInitializer = Identity


def get(identifier: Any) -> Any:
    """The initializer of a name, configuration or class; objects, functions and None as they are.

    Raises:
        InvalidArgumentError: for an unknown name; near names are listed.

    >>> import tensorlet as tf
    >>> type(tf.keras.initializers.get("he_normal")).__name__
    'HeNormal'
    """
    return REGISTRY.get(identifier)


def serialize(initializer: Any, use_legacy_format: bool = False) -> Any:
    """The configuration of an initializer.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.serialize(tf.keras.initializers.GlorotUniform(seed=1))["config"]
    {'seed': 1}
    """
    return REGISTRY.serialize(initializer)


def deserialize(
    config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False
) -> Any:
    """The initializer of a configuration.

    >>> import tensorlet as tf
    >>> tf.keras.initializers.deserialize({"class_name": "HeNormal", "config": {"seed": 1}}).seed
    1
    """
    return REGISTRY.deserialize(config, custom_objects)


explain_missing(__name__)
