"""`GradientTape`: records operations and differentiates them."""

from __future__ import annotations

from collections.abc import Sequence, ValuesView
from enum import Enum
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core import active_tapes
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import Operators, SymbolicTensor, Tensor
from tensorlet.core.tracing import scope
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError, ShapeError, UsedTapeError
from tensorlet.graph.gradient import Record, backpropagate
from tensorlet.ops.gradient_rows import sum_of
from tensorlet.ops.registry import convert, interpreter

if TYPE_CHECKING:
    from tensorlet.graph.gradient import TapeEntry
    from tensorlet.ops.registry import Operation


class UnconnectedGradients(Enum):
    """The result of `GradientTape.gradient` where the target does not depend on the source."""

    NONE = "none"
    ZERO = "zero"


class GradientTape:
    """Records operations, so that they can be differentiated.

    Trainable variables are watched automatically, tensors after a call of `watch`.

    Args:
        persistent: allow more than one call of `gradient`.
        watch_accessed_variables: watch trainable variables automatically.

    Source: reverse-mode automatic differentiation, which applies the chain rule from the result backwards;
    A. Griewank and A. Walther, "Evaluating Derivatives", chapter 3.

    >>> import tensorlet as tf
    >>> w, x, b = tf.Variable(-2.0), tf.Variable(5.0), tf.Variable(3.0)
    >>> with tf.GradientTape() as tape:
    ...     f = w * x + b
    >>> [g.numpy().item() for g in tape.gradient(f, [w, x, b])]
    [5.0, -2.0, 1.0]
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._watch_variables = watch_accessed_variables
        self.interpreter: Any = None
        self._forget()
        self._recording = False

    def _forget(self) -> None:
        self._records: list[TapeEntry] = []
        # Everything that depends on a watched tensor, by id; the reference keeps the id from being reused.
        self._tracked: dict[int, Any] = {}
        self._reads: list[tuple[Variable, Any]] = []
        self._used = False

    def __enter__(self) -> GradientTape:
        self.interpreter = interpreter()
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._recording:
            self._stop()

    def _start(self) -> None:
        if self._recording:
            raise InvalidArgumentError("This tape is already recording. Use each tape in one `with` block.")
        self._recording = True
        active_tapes.start(self)

    def _stop(self) -> None:
        self._recording = False
        active_tapes.stop(self)

    def watch(self, tensor: object) -> None:
        """Watches a tensor (or a nested list of them), so that it can be a source of gradients."""
        for leaf in flatten(tensor):
            if not isinstance(leaf, Operators):
                raise InvalidArgumentError(
                    f"tape.watch got {type(leaf).__name__}, but a tensor is expected. Create one with "
                    "tf.constant(...), and use that tensor in the computation."
                )
            if not leaf.dtype.is_floating:
                continue
            self._tracked[id(leaf)] = leaf
            if not isinstance(leaf, Variable):
                # In a traced function, a captured tensor from outside is a different object.
                own = convert(leaf)
                self._tracked[id(own)] = own

    def watched_variables(self) -> tuple[Variable, ...]:
        """The variables that were read while the tape recorded, in order."""
        return tuple({id(variable): variable for variable, _ in self._reads}.values())

    def reset(self) -> None:
        """Discards everything recorded so far."""
        self._forget()

    def stop_recording(self) -> _Stopped:
        """A ``with`` block in which the tape does not record."""
        return _Stopped(self)

    # Called by `active_tapes`:

    def record(
        self, operation: Operation, inputs: Sequence[Any], attributes: dict[str, Any], output: Tensor
    ) -> None:
        """Records a call if it depends on something that is watched."""
        tracked = self._tracked
        for tensor in inputs:
            if id(tensor) in tracked:
                if operation.gradient is not None:
                    self._records.append(Record(operation, inputs, attributes, output))
                    tracked[id(output)] = output
                return

    def record_call(self, call: TapeEntry) -> None:
        """Records a call that has its own pull-back."""
        if any(id(tensor) in self._tracked for tensor in call.inputs):
            self._records.append(call)
            for output in call.outputs:
                self._tracked[id(output)] = output

    def variable_read(self, variable: Variable, tensor: Tensor) -> None:
        """Records that the tensor is the value of the variable."""
        if (self._watch_variables and variable.trainable) or id(variable) in self._tracked:
            self._tracked[id(tensor)] = tensor
            self._reads.append((variable, tensor))

    def gradient(
        self,
        target: object,
        sources: object,
        output_gradients: object = None,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
    ) -> Any:
        """The derivatives of the target (summed over its elements) with respect to the sources.

        Args:
            target: a tensor, or a nested list of tensors, whose gradients are added.
            sources: variables or watched tensors, in any nested structure.
            output_gradients: the upstream gradients of the targets; ones by default.
            unconnected_gradients: ``"none"`` or ``"zero"``: the gradient of a source on which the target
                does not depend.

        Returns:
            Tensors with the shapes of the sources, in the structure of ``sources``.

        Raises:
            UsedTapeError: if called a second time, unless the tape is persistent.
        """
        if self._used:
            raise UsedTapeError(
                "This tape has already computed gradients, and discarded what it recorded. Compute all "
                "gradients in one call, gradient(target, [a, b]), or use tf.GradientTape(persistent=True)."
            )
        recording = self._recording
        if not self._persistent:
            self._used = True
            if recording:
                self._stop()
        try:
            with scope("gradients"):
                found = self._gradients(self._targets(target, output_gradients))
        finally:
            if recording and not self._persistent:
                self._start()
        zero = UnconnectedGradients(unconnected_gradients) is UnconnectedGradients.ZERO
        if isinstance(sources, ValuesView):  # as in gradient(y, variables.values())
            sources = list(sources)
        leaves = flatten(sources)
        gradients = pack_like(sources, [self._of_source(source, found, zero) for source in leaves])
        if not self._persistent:
            self._records, self._tracked, self._reads = [], {}, []
        return gradients

    def _targets(self, target: object, output_gradients: object) -> list[tuple[Tensor, Tensor]]:
        targets = flatten(target)
        given = flatten(output_gradients) if output_gradients is not None else [None] * len(targets)
        if len(given) != len(targets):
            raise InvalidArgumentError(
                f"gradient got {len(targets)} targets, but {len(given)} output_gradients. Pass one for each target."
            )
        pairs = []
        for one, weight in zip(targets, given, strict=True):
            if one is None:
                raise InvalidArgumentError(
                    "The target of gradient is None, but a tensor is expected. Check that the function that "
                    "computes the loss returns it."
                )
            for tensor in self._tensors_of(one):
                if tensor.dtype.is_floating:
                    upstream = ops.ones_like(tensor) if weight is None else convert(weight, tensor.dtype)
                    pairs.append((tensor, upstream))
        return pairs

    def _gradients(self, targets: list[tuple[Tensor, Tensor]]) -> dict[int, Tensor]:
        return backpropagate(self._records, targets, set(self._tracked))

    def _tensors_of(self, thing: object) -> list[Any]:
        """The tensors that stand for a source or target: for a variable, all of its reads."""
        if isinstance(thing, Variable):
            reads = [tensor for variable, tensor in self._reads if variable is thing]
            return list({id(tensor): tensor for tensor in reads}.values())
        own = convert(thing)
        if isinstance(thing, SymbolicTensor) and id(thing) in self._tracked and id(own) not in self._tracked:
            return [thing]  # asked for in a branch or a loop inside of the one that was recorded
        return [own]

    def _of_source(self, source: object, found: dict[int, Tensor], zero: bool) -> Tensor | None:
        parts = [found[id(tensor)] for tensor in self._tensors_of(source) if id(tensor) in found]
        if not parts:
            return ops.zeros_like(source) if zero else None
        total = parts[0]
        for part in parts[1:]:
            total = sum_of(total, part)
        return total

    def jacobian(
        self,
        target: Tensor,
        sources: object,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The Jacobian of the target, of shape ``target.shape + source.shape``.

        Costs one backward pass per element of the target.
        """
        if not self._persistent and self._recording:
            raise InvalidArgumentError(
                "Compute the Jacobian after the `with` block, or make the tape persistent."
            )
        persistent, self._persistent = self._persistent, True
        rows = []
        for index in range(target.spec.size):
            weight = ops.reshape(ops.one_hot(index, target.spec.size, dtype=target.dtype), target.spec.shape)
            rows.append(flatten(self.gradient(target, sources, weight, unconnected_gradients)))
        self._persistent, self._used = persistent, not persistent
        stacked = [
            None
            if column[0] is None
            else ops.reshape(ops.stack(list(column)), [*target.spec.shape, *column[0].spec.shape])
            for column in zip(*rows, strict=True)
        ]
        return pack_like(sources, stacked)

    def batch_jacobian(
        self,
        target: Tensor,
        source: Tensor,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: Any = None,
        experimental_use_pfor: bool = True,
    ) -> Tensor:
        """The Jacobian of each row of the target with respect to the same row of the source.

        Costs one backward pass per element of a row of the target.

        Args:
            target: [rows, ...]; a row depends on the same row of the source only.
            source: [rows, ...], watched.
            unconnected_gradients, parallel_iterations, experimental_use_pfor: accepted without effect; zeros
                stand where nothing flows, as in TensorFlow.

        Returns:
            [rows, *the rest of target.shape, *the rest of source.shape].

        Raises:
            ShapeError: if the two have no rows, or different numbers of them.

        >>> import tensorlet as tf
        >>> x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
        >>> with tf.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> tape.batch_jacobian(y, x).numpy()
        array([[[2., 0.],
                [0., 4.]],
        <BLANKLINE>
               [[6., 0.],
                [0., 8.]]], dtype=float32)
        """
        shape, inner = target.spec.shape, source.spec.shape
        if not shape or not inner or shape[0] != inner[0]:
            raise ShapeError(
                f"batch_jacobian: the target has the shape {shape} and the source {inner}, but both need as many rows."
            )
        count = target.spec.size // max(shape[0], 1)
        persistent, self._persistent = self._persistent, True
        columns = []
        for index in range(count):
            one = ops.reshape(ops.one_hot(index, count, dtype=target.dtype), (1, *shape[1:]))
            weight = ops.broadcast_to(one, shape)
            columns.append(self.gradient(target, source, weight, UnconnectedGradients.ZERO))
        self._persistent, self._used = persistent, not persistent
        return ops.reshape(ops.stack(columns, axis=1), (*shape, *inner[1:]))


class _Stopped:
    def __init__(self, tape: GradientTape) -> None:
        self._tape = tape

    def __enter__(self) -> None:
        if not self._tape._recording:
            raise ValueError(
                "stop_recording: the tape is not recording. Use it inside the `with tf.GradientTape()` block."
            )
        self._tape._stop()

    def __exit__(self, *_: object) -> None:
        self._tape._start()
