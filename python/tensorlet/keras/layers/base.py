"""`Layer`: weights, and what is done with them and the inputs."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.checkpoint.pending import resume
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.shape import TensorShape
from tensorlet.core.tensor import Operators, Tensor
from tensorlet.core.tracing import scope
from tensorlet.dtypes import DType, as_dtype
from tensorlet.errors import InvalidArgumentError, TensorletError, UnknownNameError, did_you_mean
from tensorlet.keras import config, regularizers
from tensorlet.keras.layers.call_context import calling, eagerly, training_of_call
from tensorlet.keras.layers.input_spec import check_inputs
from tensorlet.keras.layers.keras_tensor import KerasTensor, Node, keras_tensors, replaced
from tensorlet.keras.layers.layer_weights import Bookkeeping, HasWeights
from tensorlet.keras.layers.shape_inference import OpenSpec, infer, shape_structure, shapes_of, specs_of
from tensorlet.keras.naming import snake_case, unique_name
from tensorlet.keras.spellings import (
    OLD_ARGUMENTS,
    OLD_LAYER_ARGUMENTS,
    note_old_layer_arguments,
    take_old_arguments,
)
from tensorlet.ops.registry import convert

#: Options of old Keras versions that every layer takes and that change nothing here.
_HARMLESS = frozenset({"autocast", "dynamic", "implementation", "experimental_autocast"})
_COMMON = (
    "name", "trainable", "dtype", "input_shape", "input_dim", "batch_input_shape", "batch_size", "weights",
    "activity_regularizer",
)  # fmt: skip


class Layer(HasWeights):
    """A step of a model: it may have weights, and `call` says what it does.

    Subclass it with ``build(input_shape)``, which makes the weights with `add_weight`, and
    ``call(inputs)``, which computes in tf operations. Layers and variables that are kept as
    attributes belong to the layer.

    Args:
        trainable: whether training changes the weights.
        name: by default the class's name with a number.
        dtype: of the weights and of the arithmetic; float inputs are converted to it.
        input_shape: of one example, without the axis of examples; a model's first layer may say it.
        input_dim: the same for examples that are a single row of numbers.
        batch_input_shape: with the axis of examples.
        batch_size: how many examples there always are.
        weights: arrays to start from.
        activity_regularizer: a penalty on what comes out, added to the loss.

    Raises:
        InvalidArgumentError: for an option that no layer has.

    >>> import tensorlet as tf
    >>> class Scale(tf.keras.layers.Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight(name="factor", shape=(), initializer="ones")
    ...     def call(self, inputs):
    ...         return inputs * self.factor
    >>> layer = Scale()
    >>> layer([[1.0, 2.0]]).numpy(), layer.name, layer.count_params()
    (array([[1., 2.]], dtype=float32), 'scale', 1)
    """

    #: Names of the constructor's arguments that `get_config` adds to those of every layer.
    config_names: tuple[str, ...] = ()
    #: What the inputs should look like: an `InputSpec`, a list of them, or None.
    input_spec: Any = None
    #: Whether float inputs are converted to the layer's dtype.
    converts_inputs = True
    #: Whether the steps that are padding are the same after the layer as before it.
    supports_masking = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.__module__.startswith("tensorlet.") and cls.__name__ in OLD_ARGUMENTS:
            take_old_arguments(cls)

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        layer = super().__new__(cls)
        # Here and not in __init__: attributes may be set before a subclass calls super().__init__().
        layer._own = Bookkeeping()
        layer._own.arguments = {"args": args, **kwargs}
        layer.built = False
        # A layer made from its config is not of the program's writing.
        if not OLD_LAYER_ARGUMENTS.keys().isdisjoint(kwargs) and not _called_from_tensorlet():
            note_old_layer_arguments(cls, kwargs)
        return layer

    def __init__(
        self, trainable: bool = True, name: str | None = None, dtype: Any = None, **options: Any
    ) -> None:
        self.name = str(name) if name is not None else unique_name(snake_case(type(self).__name__))
        self.dtype = as_dtype(dtype or config.floatx()).name
        self._own.is_trainable = bool(trainable)
        self._own.batch_input_shape = _batch_input_shape(options)
        self._own.initial_weights = options.pop("weights", None)
        self.activity_regularizer = regularizers.get(options.pop("activity_regularizer", None))
        unknown = sorted(set(options) - _HARMLESS)
        if unknown:
            parameters = inspect.signature(type(self).__init__).parameters
            known = [*_COMMON, *(one for one in parameters if one not in ("self", "kwargs", "options"))]
            hint = did_you_mean(unknown[0], known) or f" It takes: {', '.join(known)}."
            raise UnknownArgumentError(
                f"{type(self).__name__} does not take the argument '{unknown[0]}'.{hint}"
            )

    def __getattr__(self, name: str) -> Any:
        # Only asked for what is missing.
        kind = type(self).__name__
        if name in ("name", "dtype", "activity_regularizer"):
            raise UnknownNameError(
                f"{kind}.__init__ has not called super().__init__(), so the layer has no '{name}'. Write "
                "super().__init__() as its first line.",
                name=name,
            )
        if name in ("input", "output", "input_shape", "output_shape"):  # the property has refused
            _single_node(self, name)
        raise AttributeError(f"'{kind}' object has no attribute '{name}'", name=name, obj=self)

    # What subclasses write.

    def build(self, input_shape: Any) -> None:
        """Makes the weights, once, when the shape of the input is known. By default there are none."""
        self.built = True

    def call(self, inputs: Any) -> Any:
        """What the layer does: from input tensors to output tensors. By default nothing."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as values that can be written into a file.

        Raises:
            NotImplementedError: for a subclass whose constructor takes arguments of its own, unless it has a
                ``get_config`` that adds them.
        """
        if not self.config_names and not type(self).__module__.startswith("tensorlet."):
            _require_own_config(self)
        common: dict[str, Any] = {"name": self.name, "trainable": self.trainable, "dtype": self.dtype}
        if self._own.batch_input_shape is not None:
            common["batch_input_shape"] = self._own.batch_input_shape
        return common | {name: _plain(name, getattr(self, name)) for name in self.config_names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A new layer with the arguments that `get_config` gave."""
        return cls(**config)

    # Calling.

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Builds the layer if need be, and calls it.

        Args:
            args, kwargs: `call`'s; the first are the inputs: tensors, arrays or lists, or `KerasTensor`s,
                which become part of a functional model.

        Raises:
            ShapeError: if the inputs do not fit; the message names the layer.
        """
        if not args:
            args, kwargs = _first_from_keywords(self, kwargs)
        if keras_tensors((args, kwargs)):
            return self._call_symbolically(args, kwargs)
        inputs = self._converted(args[0])
        self._check(inputs)
        if not self.built:
            self.build_for(shapes_of(inputs))
        training = self._settle_training(args, kwargs)
        mask = mask_of(args[0])
        if mask is not None and kwargs.get("mask") is None and "mask" in _call_parameters(type(self))[0]:  # type: ignore[arg-type]
            kwargs["mask"] = mask
        with calling(training), scope(self.name):
            try:
                outputs = self.call(inputs, *args[1:], **kwargs)
            except TensorletError as error:
                raise _named(error, self, inputs) from None
            if self.activity_regularizer is not None:
                self._penalize(outputs)
            if mask is not None or type(self).compute_mask is not Layer.compute_mask:
                self._mark(outputs, self.compute_mask(inputs, mask))
        return outputs

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Which steps of the result are no padding; None: nobody knows. Layers after this one are told.

        Args:
            inputs: the inputs of the call.
            mask: which of their steps are no padding, a bool tensor (examples, steps); a list for a list of inputs.
        """
        return mask if self.supports_masking else None

    @staticmethod
    def _mark(outputs: Any, mask: Any) -> None:
        if mask is not None and isinstance(outputs, Tensor):
            outputs._keras_mask = mask

    def build_for(self, input_shape: Any) -> None:
        """Builds the layer now, unless it is built.

        Args:
            input_shape: a shape, or a list or dictionary of shapes.
        """
        if self.built:
            return
        with eagerly():
            self.build(shape_structure(input_shape))
        self.built = True
        if self._own.initial_weights is not None:
            self.set_weights(self._own.initial_weights)
            self._own.initial_weights = None
        resume()  # a checkpoint may have been waiting for these weights

    def _converted(self, inputs: Any) -> Any:
        """The inputs as tensors; floats in the layer's dtype."""
        if _is_structure(inputs):
            return pack_like(inputs, [self._converted(leaf) for leaf in flatten(inputs)])
        if not isinstance(inputs, Operators):
            inputs = convert(inputs) if inputs is not None else None
        if inputs is None or not self.converts_inputs:
            return inputs
        dtype: DType = inputs.dtype
        if dtype.is_floating and dtype.name != self.dtype:
            return ops.cast(inputs, self.dtype)
        return inputs

    def _check(self, inputs: Any) -> None:
        if self.input_spec is not None:
            check_inputs(self.name, self.input_spec, [leaf.shape for leaf in flatten(inputs)])

    def _settle_training(self, args: Sequence[Any], kwargs: dict[str, Any]) -> bool | None:
        """Puts the ``training`` of the call around into the arguments, where `call` takes it."""
        names, default = _call_parameters(type(self))  # type: ignore[arg-type]
        given = kwargs.get("training")
        if given is None and "training" in names and len(args) > names.index("training"):
            return bool(args[names.index("training")])
        if given is None:
            given = training_of_call()
        if given is None:
            given = default
        if "training" in names:
            kwargs["training"] = bool(given)
        elif None not in names:  # no **kwargs either
            kwargs.pop("training", None)
        return None if given is None else bool(given)

    def _penalize(self, outputs: Any) -> None:
        for output in flatten(outputs):
            self.add_loss(self.activity_regularizer(output) / float(output.shape[0] or 1))

    # As part of a functional model.

    def _call_symbolically(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
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

        specs = [OpenSpec(tensor.shape, tensor.dtype) for tensor in inputs]
        found = infer(run, specs, self.name)
        node = Node(self, args, kwargs, inputs, len(self._own.nodes))
        self._own.nodes.append(node)
        outputs = [
            KerasTensor(spec.shape, spec.dtype, self.name, node, position)
            for position, spec in enumerate(flatten(found))
        ]
        node.outputs = outputs
        node.output_structure = found
        return pack_like(found, outputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of what comes out for an input shape, found out by tracing `call`.

        Args:
            input_shape: a shape with None for open lengths, or a list or dictionary of shapes.

        >>> import tensorlet as tf
        >>> tf.keras.layers.Dense(3).compute_output_shape((None, 4))
        TensorShape([None, 3])
        """
        shapes = shape_structure(input_shape)
        self.build_for(shapes)
        structure = specs_of(shapes, as_dtype(self.dtype))

        def run(*tensors: Any) -> Any:
            return self(pack_like(structure, list(tensors)))

        found = infer(run, flatten(structure), self.name)
        return pack_like(found, [TensorShape(spec.shape) for spec in flatten(found)])

    @property
    def input(self) -> Any:
        """The `KerasTensor`s that the layer was called on, if it was called once in a functional model."""
        return _single_node(self, "input").args[0]

    @property
    def output(self) -> Any:
        """The `KerasTensor`s that came out, if the layer was called once in a functional model."""
        node = _single_node(self, "output")
        return pack_like(node.output_structure, node.outputs)

    def get_input_at(self, node_index: int) -> Any:
        """The inputs of one of the layer's calls in functional models."""
        return self._own.nodes[node_index].args[0]

    def get_output_at(self, node_index: int) -> Any:
        """The results of one of the layer's calls in functional models."""
        node = self._own.nodes[node_index]
        return pack_like(node.output_structure, node.outputs)

    @property
    def input_shape(self) -> Any:
        """The shape of `input`, as a tuple (a list of tuples for several inputs)."""
        if not self._own.nodes and self._own.batch_input_shape is not None:
            return self._own.batch_input_shape
        return _tuples(shapes_of(_single_node(self, "input_shape").args[0]))

    @property
    def output_shape(self) -> Any:
        """The shape of `output`, as a tuple (a list of tuples for several results)."""
        node = _single_node(self, "output_shape")
        return _tuples(shapes_of(pack_like(node.output_structure, node.outputs)))

    @property
    def inbound_nodes(self) -> list[Node]:
        """The layer's calls in functional models."""
        return self._own.nodes

    @property
    def compute_dtype(self) -> str:
        """The dtype of the arithmetic: the layer's."""
        return self.dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of the weights: the layer's."""
        return self.dtype

    @property
    def dtype_policy(self) -> str:
        """The layer's dtype, under the name that newer programs ask for."""
        return self.dtype

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


class UnknownArgumentError(InvalidArgumentError, TypeError):
    """An argument that a layer does not take."""


def _called_from_tensorlet() -> bool:
    """Whether Tensorlet itself makes the layer whose ``__new__`` asks."""
    return str(sys._getframe(2).f_globals.get("__name__", "")).startswith("tensorlet.")


def _batch_input_shape(options: dict[str, Any]) -> tuple[int | None, ...] | None:
    """The input's shape with its axis of examples, from any of the ways to say it."""
    whole = options.pop("batch_input_shape", None)
    if whole is None:
        whole = options.pop("batch_shape", None)
    examples = options.pop("batch_size", None)
    single = options.pop("input_shape", None)
    length = options.pop("input_dim", None)
    if whole is not None:
        return tuple(whole)
    if single is None and length is not None:
        single = (length,)
    if isinstance(single, int):
        single = (single,)
    return None if single is None else (examples, *single)


@functools.lru_cache(maxsize=1024)
def _call_parameters(layer_class: type) -> tuple[tuple[str | None, ...], Any]:
    """The names of `call`'s parameters without self (None for ``**kwargs``), and the default of ``training``."""
    names: list[str | None] = []
    default = None
    for parameter in list(inspect.signature(layer_class.call).parameters.values())[1:]:  # type: ignore[attr-defined]
        names.append(None if parameter.kind is inspect.Parameter.VAR_KEYWORD else parameter.name)
        if parameter.name == "training" and parameter.default is not inspect.Parameter.empty:
            default = parameter.default
    return tuple(names), default


def _first_from_keywords(layer: Layer, kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    names, _ = _call_parameters(type(layer))  # type: ignore[arg-type]
    first = names[0] if names else None
    if first is None or first not in kwargs:
        raise InvalidArgumentError(
            f'Layer "{layer.name}" was called without inputs. Pass them first: layer(x).'
        )
    return (kwargs[first],), {name: value for name, value in kwargs.items() if name != first}


def mask_of(inputs: Any) -> Any:
    """Which steps of the inputs are no padding, as the layer before has said it; None if it has not.

    For a list of inputs a list, with None where nobody knows.
    """
    if isinstance(inputs, list | tuple):
        masks = [getattr(one, "_keras_mask", None) for one in inputs]
        return None if all(mask is None for mask in masks) else masks
    return getattr(inputs, "_keras_mask", None)


def _is_structure(inputs: Any) -> bool:
    """Whether it is a list, tuple or dictionary of tensors, and not one nested list of numbers."""
    if isinstance(inputs, dict):
        return True
    return isinstance(inputs, list | tuple) and any(
        isinstance(item, Operators | np.ndarray | dict) or _is_structure(item) for item in inputs
    )


def _named(error: TensorletError, layer: Layer, inputs: Any) -> TensorletError:
    """The error with the layer's name before its message; the innermost layer's only."""
    if not getattr(error, "names_layer", False):
        shapes = ", ".join(
            f"{leaf.dtype.name}{list(leaf.shape)}" for leaf in flatten(inputs) if leaf is not None
        )
        error.args = (f'In layer "{layer.name}" ({type(layer).__name__}), called on {shapes}: {error}',)
        error.names_layer = True  # type: ignore[attr-defined]
    return error


def _require_own_config(layer: Layer) -> None:
    own = type(layer).__init__
    if own is Layer.__init__:
        return
    parameters = inspect.signature(own).parameters.values()
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    extra = [one.name for one in parameters if one.kind not in kinds and one.name not in ("self", *_COMMON)]
    if extra and type(layer).get_config is Layer.get_config:
        names = ", ".join(extra)
        raise NotImplementedError(
            f"{type(layer).__name__}.__init__ takes {names}, which get_config() does not know of, so the layer "
            f"cannot be saved or cloned. Give the class a get_config: return {{**super().get_config(), "
            f"'{extra[0]}': self.{extra[0]}}} (and so on for each argument)."
        )


def _plain(name: str, value: Any) -> Any:
    """An argument as it stands in a configuration."""
    from tensorlet.keras import activations, constraints, initializers

    if value is None or isinstance(value, str | int | float | bool):
        return value
    for ending, module in (
        ("activation", activations), ("initializer", initializers), ("regularizer", regularizers),
        ("constraint", constraints),
    ):  # fmt: skip
        if name.endswith(ending):
            return module.serialize(value)
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, DType):
        return value.name
    return list(value) if isinstance(value, tuple) and not isinstance(value, TensorShape) else value


def _single_node(layer: Layer, what: str) -> Node:
    nodes = layer._own.nodes
    if not nodes:
        raise AttributeError(
            f'Layer "{layer.name}" has no {what} yet: it was not called on a tf.keras.Input, nor is it part of a '
            "model whose input shape is known."
        )
    shapes = {str((shapes_of(node.args[0]), shapes_of(node.outputs))) for node in nodes}
    if len(nodes) > 1 and (what in ("input", "output") or len(shapes) > 1):
        raise AttributeError(
            f'Layer "{layer.name}" was called {len(nodes)} times, so its {what} is not one thing. '
            "Use get_input_at(index) or get_output_at(index)."
        )
    return nodes[0]


def _tuples(shapes: Any) -> Any:
    if isinstance(shapes, TensorShape):
        return tuple(shapes)
    if isinstance(shapes, dict):
        return {key: _tuples(shape) for key, shape in shapes.items()}
    return [_tuples(shape) for shape in shapes]
