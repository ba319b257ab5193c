"""The calls of a layer in functional models, with their input and output tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.shape import TensorShape
from tensorlet.dtypes import as_dtype
from tensorlet.keras.layers.input_spec import check_inputs
from tensorlet.keras.layers.keras_tensor import KerasTensor, Node, keras_tensors, replaced
from tensorlet.keras.layers.layer_losses import HasLosses
from tensorlet.keras.layers.shape_inference import (
    OpenSpec,
    declared_specs,
    infer,
    shape_structure,
    shapes_of,
    specs_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorlet.keras.layers.base import Layer

#: Properties that require a call in a functional model.
OF_CALLS = ("input", "output", "input_shape", "output_shape")


class HasConnections(HasLosses):
    """The part of `Layer` that handles calls on `KerasTensor`s."""

    #: The expected inputs: an `InputSpec`, a list of them, or None.
    input_spec: Any = None
    #: Whether shape inference tries other lengths than the usual ones, if the layer refuses these.
    searches_lengths = False
    built: bool

    if TYPE_CHECKING:  # defined by Layer

        def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
        def build_for(self, input_shape: object) -> None: ...

    def _call_symbolically(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Returns the output `KerasTensor`s of a call on `KerasTensor`s, which becomes a node of the model."""
        inputs = keras_tensors((args, kwargs))
        first = keras_tensors(args[0])
        if self.input_spec is not None and first:
            check_inputs(self.name, self.input_spec, [tensor.shape for tensor in first])
        if not self.built:
            self.build_for(shapes_of(args[0]))

        def run(*tensors: Any) -> Any:
            given = dict(zip([id(tensor) for tensor in inputs], tensors, strict=True))
            filled_args, filled_kwargs = replaced((args, kwargs), lambda tensor: given[id(tensor)])
            return self(*filled_args, **filled_kwargs)

        specs = [OpenSpec(tensor.shape, tensor.dtype, tensor.known) for tensor in inputs]
        declared = declared_specs(cast("Layer", self), args[0]) if args else None
        found = self._inferred(run, specs) if declared is None else declared
        node = Node(cast("Layer", self), args, kwargs, inputs, len(self._own.nodes))
        self._own.nodes.append(node)
        outputs = [
            KerasTensor(spec.shape, spec.dtype, self.name, node, position, spec.known)
            for position, spec in enumerate(flatten(found))
        ]
        node.outputs = outputs
        node.output_structure = found
        return pack_like(found, outputs)

    def _inferred(self, run: Callable[..., Any], specs: Sequence[OpenSpec]) -> Any:
        """The specs of the results of a call on tensors of these specs."""
        return infer(run, self._with_implied_lengths(list(specs)), self.name, self.searches_lengths)

    def compute_output_shape(self, input_shape: object) -> Any:
        """Returns the output shape for an input shape, found by tracing `call`.

        Args:
            input_shape: a shape with None for unknown lengths, or a list or dictionary of shapes.

        >>> import tensorlet as tf
        >>> tf.keras.layers.Dense(3).compute_output_shape((None, 4))
        TensorShape([None, 3])
        """
        shapes = shape_structure(input_shape)
        self.build_for(shapes)
        structure = specs_of(shapes, as_dtype(self.dtype))

        def run(*tensors: Any) -> Any:
            return self(pack_like(structure, list(tensors)))

        found = infer(run, self._with_implied_lengths(flatten(structure)), self.name)
        return pack_like(found, [TensorShape(spec.shape) for spec in flatten(found)])

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Returns `KerasTensor`s with the shapes and dtypes of the outputs, for `KerasTensor`s as inputs.

        >>> import tensorlet as tf
        >>> tf.keras.layers.Dense(3).compute_output_spec(tf.keras.KerasTensor((None, 4))).shape
        TensorShape([None, 3])
        """
        before = len(self._own.nodes)
        outputs = self._call_symbolically(args, kwargs)
        del self._own.nodes[before:]  # it was only asked
        return pack_like(outputs, [KerasTensor(one.shape, one.dtype) for one in flatten(outputs)])

    def assumed_input_shape(self) -> tuple[int | None, ...] | None:
        """The input shape, with the batch axis, of a model that begins with the layer, if none is given."""
        return None

    def _with_implied_lengths(self, specs: list[OpenSpec]) -> list[OpenSpec]:
        """Fills unknown lengths that follow from the arguments of the layer, since no other length would fit."""
        return specs

    @property
    def input(self) -> Any:
        """The `KerasTensor`s that the layer was called on, if it was called once in a functional model."""
        return self._single_node("input").args[0]

    @property
    def output(self) -> Any:
        """The `KerasTensor`s that the layer returned, if it was called once in a functional model."""
        node = self._single_node("output")
        return pack_like(node.output_structure, node.outputs)

    def get_input_at(self, node_index: int) -> Any:
        """Returns the inputs of one of the layer's calls in functional models."""
        return self._own.nodes[node_index].args[0]

    def get_output_at(self, node_index: int) -> Any:
        """Returns the outputs of one of the layer's calls in functional models."""
        node = self._own.nodes[node_index]
        return pack_like(node.output_structure, node.outputs)

    @property
    def input_shape(self) -> Any:
        """The shape of `input`, as a tuple (a list of tuples for several inputs)."""
        if not self._own.nodes and self._own.batch_input_shape is not None:
            return self._own.batch_input_shape
        return _tuples(shapes_of(self._single_node("input_shape").args[0]))

    @property
    def output_shape(self) -> Any:
        """The shape of `output`, as a tuple (a list or tuple of tuples for several outputs, as `call` returns them)."""
        node = self._single_node("output_shape")
        return replaced(pack_like(node.output_structure, node.outputs), lambda tensor: tuple(tensor.shape))

    @property
    def inbound_nodes(self) -> list[Node]:
        """The layer's calls in functional models."""
        return self._own.nodes

    def _single_node(self, what: str) -> Node:
        """Returns the only call of the layer, or one of several with the same shapes.

        Raises:
            AttributeError: if there is no call, or the calls have different shapes.
        """
        nodes = self._own.nodes
        if not nodes:
            raise AttributeError(
                f'Layer "{self.name}" has no {what} yet: it was not called on a tf.keras.Input and is not part of a '
                "model with a known input shape."
            )
        shapes = {str((shapes_of(node.args[0]), shapes_of(node.outputs))) for node in nodes}
        if len(nodes) > 1 and (what in ("input", "output") or len(shapes) > 1):
            raise AttributeError(
                f'Layer "{self.name}" was called {len(nodes)} times, so its {what} is ambiguous. '
                "Use get_input_at(index) or get_output_at(index)."
            )
        return nodes[0]


def _tuples(shapes: Any) -> Any:
    if isinstance(shapes, TensorShape):
        return tuple(shapes)
    if isinstance(shapes, dict):
        return {key: _tuples(shape) for key, shape in shapes.items()}
    return [_tuples(shape) for shape in shapes]
