"""``tf.debugging``: checks of values, when the function runs; a step whose check fails changes no variable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core import effects
from tensorlet.core.eager import EAGER
from tensorlet.core.function import functions_run_eagerly, run_functions_eagerly
from tensorlet.core.tensor import Operators, Tensor
from tensorlet.errors import AssertionFailedError
from tensorlet.ops.registry import Operation, convert

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorlet.type_aliases import TensorLike


def _pair(x: TensorLike, y: TensorLike) -> tuple[Any, Any]:
    """Two values as tensors; a number takes the dtype of the tensor beside it."""
    if isinstance(x, Operators):
        return convert(x), convert(y) if isinstance(y, Operators) else convert(y, x.dtype)
    if isinstance(y, Operators):
        return convert(x, y.dtype), convert(y)
    return convert(x), convert(y)


def _first(array: np.ndarray, count: int | None) -> str:
    shown = array.reshape(-1)[: 3 if count is None else count]
    return f"{len(shown)} elements of {{}}:\n{shown}"


def _fail(text: str, message: str | None) -> None:
    raise AssertionFailedError(f"{message}\n{text}" if message else text)


def _compare(
    name: str,
    sign: str,
    holds: Callable[[np.ndarray, np.ndarray], np.ndarray],
    x: TensorLike,
    y: TensorLike,
    message: str | None,
    summarize: int | None,
) -> None:
    def check(values: list[Any]) -> None:
        one, other = (np.asarray(value) for value in values)
        try:
            verdict = holds(one, other)
        except ValueError:  # shapes that do not broadcast
            verdict = np.asarray(False)
        if not np.all(verdict):
            lines = [f"Condition x {sign} y did not hold."]
            if one.shape == other.shape and one.ndim and sign in ("==", "!="):
                places = np.argwhere(~verdict)[: summarize or 3]
                lines.append(f"Indices of first {len(places)} different values:\n{places}")
                lines.append(f"Corresponding x values:\n{one[tuple(places.T)]}")
                lines.append(f"Corresponding y values:\n{other[tuple(places.T)]}")
            lines += [
                f"First {_first(one, summarize).format('x')}",
                f"First {_first(other, summarize).format('y')}",
            ]
            _fail("\n".join(lines), message)

    effects.run(f"tf.debugging.{name}", check, list(_pair(x, y)), may_fail=True)


def assert_equal(
    x: TensorLike,
    y: TensorLike,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Checks that all elements of ``x`` and ``y``, broadcast against each other, are equal.

    Args:
        x, y: tensors.
        message: what the error begins with.
        summarize: how many elements the error shows, 3 by default.
        name: ignored.

    Raises:
        AssertionFailedError: a `tf.errors.InvalidArgumentError`; when the function runs, if it is traced.

    >>> import tensorlet as tf
    >>> tf.debugging.assert_equal(tf.constant([1, 2]), [1, 2])
    """
    _compare("assert_equal", "==", np.equal, x, y, message, summarize)


def assert_none_equal(
    x: TensorLike,
    y: TensorLike,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Checks that no elements of ``x`` and ``y`` are equal; see `assert_equal`."""
    _compare("assert_none_equal", "!=", np.not_equal, x, y, message, summarize)


def assert_greater(
    x: TensorLike,
    y: TensorLike,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Checks that ``x > y`` for all elements; see `assert_equal`."""
    _compare("assert_greater", ">", np.greater, x, y, message, summarize)


def assert_greater_equal(
    x: TensorLike,
    y: TensorLike,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Checks that ``x >= y`` for all elements; see `assert_equal`."""
    _compare("assert_greater_equal", ">=", np.greater_equal, x, y, message, summarize)


def assert_less(
    x: TensorLike,
    y: TensorLike,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Checks that ``x < y`` for all elements; see `assert_equal`."""
    _compare("assert_less", "<", np.less, x, y, message, summarize)


def assert_less_equal(
    x: TensorLike,
    y: TensorLike,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Checks that ``x <= y`` for all elements; see `assert_equal`."""
    _compare("assert_less_equal", "<=", np.less_equal, x, y, message, summarize)


def _sign(
    name: str, text: str, holds: Callable[[np.ndarray], np.ndarray], x: TensorLike, message: str | None
) -> None:
    def check(values: list[Any]) -> None:
        array = np.asarray(values[0])
        if not np.all(holds(array)):
            shown = array.reshape(-1)[:3]
            _fail(f"Condition {text} did not hold element-wise:\nx (shape={array.shape}) = {shown}", message)

    effects.run(f"tf.debugging.{name}", check, [convert(x)], may_fail=True)


def assert_positive(
    x: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Checks that all elements are greater than 0; see `assert_equal`.

    >>> import tensorlet as tf
    >>> tf.debugging.assert_positive([1.0, 2.0])
    """
    _sign("assert_positive", "x > 0", lambda array: array > 0, x, message)


def assert_negative(
    x: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Checks that all elements are less than 0; see `assert_equal`."""
    _sign("assert_negative", "x < 0", lambda array: array < 0, x, message)


def assert_non_negative(
    x: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Checks that no element is less than 0; see `assert_equal`."""
    _sign("assert_non_negative", "x >= 0", lambda array: array >= 0, x, message)


def assert_non_positive(
    x: TensorLike, message: str | None = None, summarize: int | None = None, name: str | None = None
) -> None:
    """Checks that no element is greater than 0; see `assert_equal`."""
    _sign("assert_non_positive", "x <= 0", lambda array: array <= 0, x, message)


def assert_near(
    x: TensorLike,
    y: TensorLike,
    rtol: float | None = None,
    atol: float | None = None,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> None:
    """Checks that ``|x - y| <= atol + rtol * |y|`` for all elements; see `assert_equal`.

    Args:
        x, y: tensors of floats.
        rtol, atol: by default 10 times the distance from 1 to the next number of the dtype.
        message, summarize, name: as for `assert_equal`.

    >>> import tensorlet as tf
    >>> tf.debugging.assert_near(tf.constant(1.0), 1.0000001)
    """
    one, other = _pair(x, y)
    default = 10 * float(np.finfo(one.dtype.numpy).eps) if one.dtype.is_floating else 0.0
    relative = default if rtol is None else float(rtol)
    absolute = default if atol is None else float(atol)

    def check(values: list[Any]) -> None:
        a, b = (np.asarray(value) for value in values)
        if not np.all(np.abs(a - b) <= absolute + relative * np.abs(b)):
            _fail(
                f"x and y not equal to tolerance rtol = {relative}, atol = {absolute}\nx (shape={a.shape}) = "
                f"{a.reshape(-1)[:3]}\ny (shape={b.shape}) = {b.reshape(-1)[:3]}",
                message,
            )

    effects.run("tf.debugging.assert_near", check, [one, other], may_fail=True)


def Assert(  # noqa: N802 - TensorFlow's name
    condition: TensorLike, data: Sequence[Any], summarize: int | None = None, name: str | None = None
) -> None:
    """Checks that a condition holds.

    Args:
        condition: one truth value.
        data: what the error shows.
        summarize: how many elements of each tensor the error shows.

    >>> import tensorlet as tf
    >>> tf.debugging.Assert(tf.constant(2) > 1, ["two is", 2])
    """

    def check(values: list[Any]) -> None:
        if not np.all(np.asarray(values[0])):
            shown = [value if isinstance(value, str) else str(np.asarray(value)) for value in values[1:]]
            _fail("Expected the condition to be true. Summarized data: " + "\n".join(shown), None)

    effects.run("tf.debugging.Assert", check, [condition, *data], may_fail=True)


# Values that are not finite.


def check_numerics(tensor: TensorLike, message: str, name: str | None = None) -> Tensor:
    """Returns the tensor, if it has no NaN and no infinity.

    Raises:
        AssertionFailedError: a `tf.errors.InvalidArgumentError` that begins with ``message``.

    >>> import tensorlet as tf
    >>> tf.debugging.check_numerics([1.0, 2.0], "the loss").numpy()
    array([1., 2.], dtype=float32)
    """
    checked = convert(tensor)

    def check(values: list[Any]) -> None:
        array = np.asarray(values[0])
        kinds = [kind for kind, found in (("Inf", np.isinf(array)), ("NaN", np.isnan(array))) if found.any()]
        if kinds:
            _fail(f"{message} : Tensor had {' and '.join(kinds)} values", None)

    effects.run("tf.debugging.check_numerics", check, [checked], may_fail=True)
    return checked


def assert_all_finite(x: TensorLike, message: str, name: str | None = None) -> Tensor:
    """Returns the tensor, if it has no NaN and no infinity; see `check_numerics`."""
    return check_numerics(x, message)


class _Checking:
    """Whether every operation is checked, and whether functions ran eagerly before."""

    on = False
    eagerly_before = False


def enable_check_numerics(stack_height_limit: int = 30, path_length_limit: int = 50) -> None:
    """Checks the result of every operation from now on, and raises an error at the first NaN or infinity.

    Traced functions and ``fit`` run operation by operation meanwhile, which is slow.

    Args:
        stack_height_limit, path_length_limit: accepted without effect: Python's traceback shows the place.

    >>> import tensorlet as tf
    >>> tf.debugging.enable_check_numerics()
    >>> try:
    ...     tf.math.log(tf.constant(-1.0))
    ... except tf.errors.InvalidArgumentError as error:
    ...     print(str(error)[:60])
    Detected NaN in the result of the operation log, of shape ()
    >>> tf.debugging.disable_check_numerics()
    """
    if _Checking.on:
        return
    _Checking.on, _Checking.eagerly_before = True, functions_run_eagerly()
    apply = type(EAGER).apply

    def checked(operation: Operation, inputs: Sequence[Any], attributes: dict[str, Any]) -> Any:
        output = apply(EAGER, operation, inputs, attributes)
        array = output._array
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            kind = "NaN" if np.isnan(array).any() else "infinity"
            given = ", ".join(str(np.asarray(one).reshape(-1)[:3]) for one in inputs)
            raise AssertionFailedError(
                f"Detected {kind} in the result of the operation {operation.name}, of shape {array.shape} and dtype "
                f"{array.dtype}. Its inputs begin with {given}."
            )
        return output

    EAGER.apply = checked  # type: ignore[method-assign]
    run_functions_eagerly(True)


def disable_check_numerics() -> None:
    """Ends the checks that `enable_check_numerics` started."""
    if _Checking.on:
        _Checking.on = False
        del EAGER.apply
        run_functions_eagerly(_Checking.eagerly_before)
