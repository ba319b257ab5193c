"""Derivatives besides `GradientTape`: forward mode, and gradients in a graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tensorlet import ops
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tape import GradientTape, UnconnectedGradients
from tensorlet.core.tensor import Tensor
from tensorlet.core.tracing import current_trace, replay
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.graph import ir
from tensorlet.ops.registry import convert


class ForwardAccumulator:
    """Jacobian-vector products: how results change along a direction in the inputs.

    Args:
        primals: tensors or variables, in any nested structure.
        tangents: the direction, of the same structure, shapes and dtypes.

    Raises:
        ShapeError: if a tangent has another shape than its primal.

    Source: the product is the derivative of the vector-Jacobian product ``u -> J^T u``, which is linear in ``u``, along
    the direction; see B. Pearlmutter, "Fast exact multiplication by the Hessian", 1994.

    >>> import tensorlet as tf
    >>> x = tf.constant([1.0, 2.0])
    >>> with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, 0.0])) as forward:
    ...     y = x * x
    >>> forward.jvp(y).numpy()
    array([2., 0.], dtype=float32)
    """

    def __init__(self, primals: Any, tangents: Any) -> None:
        self._primals = flatten(primals)
        self._tangents = [
            convert(tangent, primal.dtype)
            for primal, tangent in zip(self._primals, flatten(tangents), strict=True)
        ]
        for primal, tangent in zip(self._primals, self._tangents, strict=True):
            if tuple(primal.shape) != tuple(tangent.shape):
                raise ShapeError(
                    f"tf.autodiff.ForwardAccumulator: a primal has the shape {tuple(primal.shape)}, but its tangent "
                    f"{tuple(tangent.shape)}. Give each tangent the shape of its primal."
                )
        self._tape = GradientTape(persistent=True, watch_accessed_variables=False)

    def __enter__(self) -> ForwardAccumulator:
        self._tape.__enter__()
        self._tape.watch(self._primals)
        return self

    def __exit__(self, *_: object) -> None:
        self._tape.__exit__()

    def jvp(
        self,
        primals: Any,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
    ) -> Any:
        """The derivatives along the tangents of what was computed in the ``with`` block.

        Args:
            primals: tensors, in any nested structure.
            unconnected_gradients: ``"none"`` or ``"zero"``: what a tensor gets that does not depend on the primals.
        """
        zero = UnconnectedGradients(unconnected_gradients) is UnconnectedGradients.ZERO
        return pack_like(primals, [self._product(convert(one), zero) for one in flatten(primals)])

    def _product(self, target: Tensor, zero: bool) -> Tensor | None:
        weights = ops.zeros_like(target)
        with GradientTape() as outer:
            outer.watch(weights)
            pulled = self._tape.gradient(target, self._primals, weights)
            pairs = zip(pulled, self._tangents, strict=True)
            parts = [
                ops.reduce_sum(gradient * tangent) for gradient, tangent in pairs if gradient is not None
            ]
            total = sum(parts[1:], parts[0]) if parts else None
        if total is None:
            return ops.zeros_like(target) if zero else None
        found: Tensor = outer.gradient(total, weights, unconnected_gradients="zero")
        return found


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    gate_gradients: bool = False,
    aggregation_method: object = None,
    stop_gradients: Any = None,
    unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
) -> list[Tensor | None]:
    """The derivatives of the sum of ``ys`` with respect to each of ``xs``, in a traced function.

    Args:
        ys: a tensor or a list of them.
        xs: tensors or variables, or a list of them.
        grad_ys: weights of the elements of ``ys``; ones by default.
        name, gate_gradients, aggregation_method: accepted without effect.
        stop_gradients: tensors that count as constants.
        unconnected_gradients: ``"none"`` or ``"zero"``: the gradient where ``ys`` do not depend on an ``x``.

    Raises:
        RuntimeError: outside of traced functions, as in TensorFlow.

    >>> import tensorlet as tf
    >>> @tf.function
    ... def slope(x):
    ...     return tf.gradients(x * x, x)[0]
    >>> slope(tf.constant(3.0)).numpy().item()
    6.0
    """
    trace = current_trace()
    if trace is None:
        raise RuntimeError(
            "tf.gradients works on the graph of a traced function only. Use tf.GradientTape, or call it inside a "
            "tf.function."
        )
    targets, sources = _listed(ys), _listed(xs)
    weights = [None] * len(targets) if grad_ys is None else _listed(grad_ys)
    if len(weights) != len(targets):
        raise InvalidArgumentError(
            f"tf.gradients: {len(targets)} ys, but {len(weights)} grad_ys. Give one for each."
        )
    outputs = [convert(target) for target in targets]
    inputs: Any = [convert(source) for source in sources]
    graph = ir.Graph([], [one.node for one in outputs])
    leaves = {
        id(node): trace.tensor_of(node) for node in graph.nodes() if node.kind in (ir.INPUT, ir.VARIABLE)
    }
    stopped = {id(one.node): one for one in map(convert, _listed(stop_gradients or []))}
    with GradientTape(watch_accessed_variables=False) as tape:
        own = {id(one.node): ops.identity(one) for one in inputs}
        tape.watch(list(own.values()))
        again = replay(
            graph, {**leaves, **{key: ops.stop_gradient(one) for key, one in stopped.items()}, **own}
        )
    seeds = [
        ops.ones_like(target) if weight is None else convert(weight, target.dtype)
        for target, weight in zip(outputs, weights, strict=True)
    ]
    places = [own[id(one.node)] for one in inputs]
    found: list[Tensor | None] = tape.gradient(again, places, seeds, unconnected_gradients)
    return found


def _listed(value: object) -> Sequence[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
