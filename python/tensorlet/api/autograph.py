"""``tf.autograph``: Python's control flow on tensors; `tensorlet.core.autograph` does the work."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from tensorlet.core.user_code import AS_IT_IS, converted, source_of
from tensorlet.core.user_code import set_loop_options as _set_loop_options

if TYPE_CHECKING:
    from collections.abc import Callable


def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """Accepted without effect: an error says where a function's control flow could not be converted.

    >>> import tensorlet as tf
    >>> tf.autograph.set_verbosity(0)
    """


def trace(*args: Any) -> None:
    """Prints its arguments once, while a function is being traced."""
    print(*args)


def do_not_convert(func: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """Marks a function whose control flow stays plain Python in traced functions; a decorator.

    >>> import tensorlet as tf
    >>> @tf.autograph.experimental.do_not_convert
    ... def twice(x):
    ...     return 2 * x
    >>> twice(3)
    6
    """
    if func is None:
        return do_not_convert
    if inspect.isroutine(func) and not inspect.isbuiltin(func):
        setattr(getattr(func, "__func__", func), AS_IT_IS, True)
    return func


def set_loop_options(
    parallel_iterations: int | None = None,
    swap_memory: bool | None = None,
    maximum_iterations: int | None = None,
    shape_invariants: object = None,
) -> None:
    """Sets options of the loop in whose body it stands, which must be its first statement.

    Args:
        parallel_iterations, swap_memory: accepted without effect.
        maximum_iterations: the most rounds.
        shape_invariants: pairs of a variable and the shape that it keeps, None where a length changes. The loop is then
            written out round by round while the function is traced. Its number of rounds must be known then, or follow
            from integers among the arguments, for each of which the function is traced.

    >>> import tensorlet as tf
    >>> @tf.function
    ... def doubled(x, times):
    ...     for _ in tf.range(times):
    ...         tf.autograph.experimental.set_loop_options(shape_invariants=[(x, tf.TensorShape([None]))])
    ...         x = tf.concat([x, x], axis=0)
    ...     return x
    >>> doubled(tf.constant([1, 2]), tf.constant(2)).numpy()
    array([1, 2, 1, 2, 1, 2, 1, 2], dtype=int32)
    """
    _set_loop_options(shape_invariants, maximum_iterations)


def to_graph(
    entity: Callable[..., Any], recursive: bool = True, experimental_optional_features: object = None
) -> Any:
    """The converted function: its control flow works on tensors that are traced, and on Python's values as before.

    >>> import tensorlet as tf
    >>> def sign(x):
    ...     if x < 0:
    ...         return -1
    ...     return 1
    >>> tf.autograph.to_graph(sign)(3)
    1
    """
    return converted(entity)


def to_code(
    entity: Callable[..., Any], recursive: bool = True, experimental_optional_features: object = None
) -> str:
    """The converted function as text.

    >>> import tensorlet as tf
    >>> def absolute(x):
    ...     return x if x > 0 else -x
    >>> print(tf.autograph.to_code(absolute))
    def absolute(x):
        return autograph_.conditional(x > 0, lambda: x, lambda: -x)
    """
    return source_of(entity)
