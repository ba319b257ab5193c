"""Variables, constants and random numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.tracing import current_trace
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras import config
from tensorlet.ops import random
from tensorlet.ops.registry import Tensor, TensorLike

if TYPE_CHECKING:
    from tensorlet.type_aliases import AnyTensor, ArrayLike, DTypeLike, FloatLike, ShapeLike


def _dtype(dtype: DTypeLike | None) -> DTypeLike:
    return config.floatx() if dtype is None else dtype


def variable(
    value: TensorLike,
    dtype: DTypeLike | None = None,
    name: str | None = None,
    constraint: Callable[[Tensor], Tensor] | None = None,
) -> Variable:
    """Creates a variable, by default with dtype `floatx`.

    >>> import tensorlet as tf
    >>> tf.keras.backend.variable([1, 2]).numpy()
    array([1., 2.], dtype=float32)
    """
    return Variable(value, dtype=_dtype(dtype), name=name, constraint=constraint)


def constant(
    value: TensorLike,
    dtype: DTypeLike | None = None,
    shape: Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """Creates a tensor from a value, by default with dtype `floatx`; ``shape`` repeats or reshapes it.

    >>> import tensorlet as tf
    >>> tf.keras.backend.constant(3, shape=[2]).numpy()
    array([3., 3.], dtype=float32)
    """
    tensor = ops.cast(value, _dtype(dtype))
    if shape is None:
        return tensor
    size = int(np.prod(shape, dtype=np.int64))
    one = int(np.prod(tensor.shape, dtype=np.int64)) == 1
    return ops.reshape(ops.fill([size], ops.reshape(tensor, [])) if one else tensor, list(shape))


def placeholder(
    shape: Sequence[int | None] | None = None,
    ndim: int | None = None,
    dtype: DTypeLike | None = None,
    sparse: bool = False,
    name: str | None = None,
) -> Any:
    """Creates an input of a functional model; see `tf.keras.Input`."""
    from tensorlet.keras.layers.input_layer import Input

    if shape is None:
        if ndim is None:
            raise InvalidArgumentError("backend.placeholder: pass the shape, such as shape=(None, 784).")
        shape = (None,) * ndim
    return Input(batch_input_shape=tuple(shape), dtype=_dtype(dtype), name=name)


def zeros(shape: ShapeLike, dtype: DTypeLike | None = None, name: str | None = None) -> Tensor:
    """A tensor of zeros, by default with dtype `floatx`."""
    return ops.zeros(shape, _dtype(dtype))


def ones(shape: ShapeLike, dtype: DTypeLike | None = None, name: str | None = None) -> Tensor:
    """A tensor of ones, by default with dtype `floatx`."""
    return ops.ones(shape, _dtype(dtype))


def eye(size: int, dtype: DTypeLike | None = None, name: str | None = None) -> Tensor:
    """The identity matrix, of shape ``(size, size)``."""
    return ops.eye(size, dtype=_dtype(dtype))


def zeros_like(x: TensorLike, dtype: DTypeLike | None = None, name: str | None = None) -> Tensor:
    """A tensor of zeros with the shape of ``x``."""
    return ops.zeros_like(x, dtype)


def ones_like(x: TensorLike, dtype: DTypeLike | None = None, name: str | None = None) -> Tensor:
    """A tensor of ones with the shape of ``x``."""
    return ops.ones_like(x, dtype)


def arange(start: int, stop: int | None = None, step: int = 1, dtype: DTypeLike | None = "int32") -> Tensor:
    """Integers from ``start`` up to but not including ``stop``; with one argument, starting at 0.

    >>> import tensorlet as tf
    >>> tf.keras.backend.arange(3).numpy()
    array([0, 1, 2], dtype=int32)
    """
    if stop is None:
        start, stop = 0, max(start, 0)
    return ops.range(start, stop, step, dtype=dtype)


def eval(x: object) -> Any:
    """Returns the values of a tensor or variable as a NumPy array (a scalar for rank 0).

    >>> import tensorlet as tf
    >>> tf.keras.backend.eval(tf.argmax([[1.0, 3.0, 2.0]], axis=1))
    array([1])
    """
    return get_value(x)


def get_value(x: object) -> Any:
    """Returns the values of a tensor or variable; other values are returned unchanged.

    >>> import tensorlet as tf
    >>> tf.keras.backend.get_value(tf.Variable([1.0, 2.0]))
    array([1., 2.], dtype=float32)
    """
    return x.numpy() if hasattr(x, "numpy") else x


def set_value(x: Variable, value: ArrayLike) -> None:
    """Sets the value of a variable, as in ``K.set_value(model.optimizer.lr, 0.001)``.

    >>> import tensorlet as tf
    >>> optimizer = tf.keras.optimizers.SGD(0.5)
    >>> tf.keras.backend.set_value(optimizer.learning_rate, 0.25)
    >>> float(optimizer.learning_rate)
    0.25
    """
    given: object = x
    if not isinstance(given, Variable):
        fix = "model.optimizer.learning_rate."
        if callable(given):
            fix += " A schedule has no value to set: create the optimizer with a number."
        raise InvalidArgumentError(
            f"backend.set_value: got {type(given).__name__}, expected a variable, such as {fix}"
        )
    x.assign(np.asarray(value, x.dtype.numpy))


def batch_get_value(tensors: Sequence[object]) -> list[Any]:
    """Returns the values of several variables."""
    return [get_value(one) for one in tensors]


def batch_set_value(tuples: Sequence[tuple[Variable, ArrayLike]]) -> None:
    """Sets the values of several variables, from pairs of a variable and a value."""
    for one, value in tuples:
        set_value(one, value)


def update(x: Variable, new_x: TensorLike) -> Any:
    """Assigns a new value to a variable."""
    return x.assign(new_x)


def update_add(x: Variable, increment: TensorLike) -> Any:
    """Adds to a variable."""
    return x.assign_add(increment)


def update_sub(x: Variable, decrement: TensorLike) -> Any:
    """Subtracts from a variable."""
    return x.assign_sub(decrement)


def moving_average_update(x: Variable, value: TensorLike, momentum: FloatLike) -> Any:
    """Moves a variable towards a value: ``x * momentum + value * (1 - momentum)``."""
    return x.assign(x * momentum + ops.cast(value, x.dtype) * (1.0 - momentum))


def count_params(x: AnyTensor) -> int:
    """Returns the number of elements of a variable."""
    return int(np.prod(tuple(x.shape), dtype=np.int64))


def cast_to_floatx(x: TensorLike) -> Any:
    """Converts a value to dtype `floatx`: a tensor to a tensor, anything else to an array."""
    if hasattr(x, "numpy"):
        return ops.cast(x, config.floatx())
    return np.asarray(x, config.floatx())


def is_sparse(tensor: object) -> bool:
    """Returns False: sparse tensors are not supported."""
    return False


def to_dense(tensor: Tensor) -> Any:
    """Returns the tensor unchanged, because all tensors are dense."""
    return tensor


def print_tensor(x: Tensor, message: str = "", summarize: int = 3) -> Any:
    """Prints a message and a tensor, and returns the tensor. While a function is traced, the shape and
    dtype are printed."""
    print(message, x if current_trace() is not None else np.asarray(x))
    return x


def random_normal(
    shape: ShapeLike,
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: DTypeLike | None = None,
    seed: int | None = None,
) -> Tensor:
    """Draws from a normal distribution."""
    return random.normal(shape, mean, stddev, _dtype(dtype), seed)


def random_uniform(
    shape: ShapeLike,
    minval: float = 0.0,
    maxval: float = 1.0,
    dtype: DTypeLike | None = None,
    seed: int | None = None,
) -> Tensor:
    """Draws from a uniform distribution between two bounds."""
    return random.uniform(shape, minval, maxval, _dtype(dtype), seed)


def truncated_normal(
    shape: ShapeLike,
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: DTypeLike | None = None,
    seed: int | None = None,
) -> Tensor:
    """Draws from a normal distribution truncated at two standard deviations from the mean."""
    return random.truncated_normal(shape, mean, stddev, _dtype(dtype), seed)


def random_bernoulli(
    shape: ShapeLike, p: float = 0.0, dtype: DTypeLike | None = None, seed: int | None = None
) -> Tensor:
    """Returns 1 with probability ``p``, otherwise 0, for each element.

    >>> import tensorlet as tf
    >>> tf.keras.backend.random_bernoulli([2], p=1.0).numpy()
    array([1., 1.], dtype=float32)
    """
    return ops.cast(ops.less(random.uniform(shape, 0.0, 1.0, "float32", seed), p), _dtype(dtype))


random_binomial = random_bernoulli


def random_uniform_variable(
    shape: ShapeLike,
    low: float,
    high: float,
    dtype: DTypeLike | None = None,
    name: str | None = None,
    seed: int | None = None,
) -> Variable:
    """Creates a variable with uniformly distributed initial values."""
    return variable(random_uniform(shape, low, high, dtype, seed), dtype, name)


def random_normal_variable(
    shape: ShapeLike,
    mean: float,
    scale: float,
    dtype: DTypeLike | None = None,
    name: str | None = None,
    seed: int | None = None,
) -> Variable:
    """Creates a variable with normally distributed initial values."""
    return variable(random_normal(shape, mean, scale, dtype, seed), dtype, name)
