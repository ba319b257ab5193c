"""`Model`: a group of layers that are trained together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from tensorlet import ops
from tensorlet.core.nest import flatten, pack_like
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError
from tensorlet.extensions import extensible
from tensorlet.keras.layers.keras_tensor import KerasTensor
from tensorlet.keras.layers.shape_inference import OpenSpec, infer, shape_structure, shapes_of, specs_of
from tensorlet.keras.models.exporting import Exporting
from tensorlet.keras.models.graph import LayerGraph
from tensorlet.keras.models.saving_methods import SavingMethods
from tensorlet.keras.models.state_tree import HasStateTree
from tensorlet.keras.models.text_inputs import TakesText
from tensorlet.keras.models.weights_by_layer import WeightsByLayer
from tensorlet.keras.naming import unique_name
from tensorlet.keras.registry import CustomObjectScope
from tensorlet.keras.training import Trainer
from tensorlet.registry import register

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from typing_extensions import Self

    from tensorlet.keras.layers.base import Layer
    from tensorlet.type_aliases import TensorLike


@extensible
class Model(WeightsByLayer, TakesText, Trainer, SavingMethods, Exporting, HasStateTree, sets_built=True):
    """A group of layers that are trained together.

    A model is either *functional*, ``Model(inputs, outputs)``, created from the outputs of `tf.keras.Input` and of
    layers called on them; or *subclassed*, with layers as attributes and a method ``call`` that uses them.

    Args:
        inputs: the output of `tf.keras.Input`, or a list or dictionary of these.
        outputs: `KerasTensor`s returned by layers.
        name: by default the name of the class with a number.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> x = tf.keras.Input(shape=(3,))
    >>> model = tf.keras.Model(inputs=x, outputs=tf.keras.layers.Dense(2)(x))
    >>> model.output_shape, model.count_params()
    ((None, 2), 8)
    >>> class Twice(tf.keras.Model):
    ...     def call(self, inputs):
    ...         return 2.0 * inputs
    >>> Twice()([[1.5]]).numpy()
    array([[3.]], dtype=float32)
    """

    #: Attributes used for training, whose contents do not belong to a layer.
    _not_parts: ClassVar[frozenset[str]] = frozenset(name for base in Trainer.__mro__ for name in vars(base))

    #: Those of training, which include those of the layers.
    metrics = Trainer.metrics

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        functional = len(args) >= 2 or "outputs" in kwargs
        model: Any = super().__new__(Functional if cls is Model and functional else cls, *args, **kwargs)
        return model

    def __init__(self, *args: Any, **options: Any) -> None:
        names = ("inputs", "outputs", "name")
        if len(args) == 1 and args[0] is self:  # super().__init__(self), a common mistake
            args = ()
        options.update(zip(names, args, strict=False))
        inputs, outputs = options.pop("inputs", None), options.pop("outputs", None)
        if (inputs is None) != (outputs is None):
            raise InvalidArgumentError(
                f"Model: {'inputs' if inputs is None else 'outputs'} is missing. Write Model(inputs=x, outputs=y), or "
                "subclass Model and write call()."
            )
        if outputs is not None and type(self).__name__ == "Functional" and options.get("name") is None:
            options["name"] = unique_name("model")
        super().__init__(**options)
        self._graph: LayerGraph | None = None
        if outputs is not None:
            self._set_graph(LayerGraph(inputs, outputs))

    def _set_graph(self, graph: LayerGraph | None) -> None:
        self._graph = graph
        self.built = graph is not None

    def add_loss(self, losses: Any, **ignored: Any) -> None:
        """Adds a loss to the one that training minimizes; see `Layer.add_loss`.

        Args:
            losses: a scalar tensor, a function that computes one, or a list; for a functional model also a
                `KerasTensor` computed from its inputs, whose value in each call is added.
            ignored: arguments that have no effect.

        >>> import numpy as np
        >>> import tensorlet as tf
        >>> x = tf.keras.Input(shape=(2,))
        >>> model = tf.keras.Model(x, tf.keras.layers.Dense(1, kernel_initializer="ones")(x))
        >>> model.add_loss(tf.reduce_sum(tf.square(x)))
        >>> model.compile("sgd")
        >>> model.evaluate(np.array([[1.0, 2.0]]), verbose=0)
        5.0
        """
        for loss in losses if isinstance(losses, list | tuple) else [losses]:
            if isinstance(loss, KerasTensor):
                self._watch("add_loss", loss, lambda value: self.add_loss(ops.reduce_mean(value)))
            else:
                super().add_loss(loss)

    def add_metric(
        self, value: TensorLike, name: str | None = None, aggregation: object = "mean", **ignored: Any
    ) -> None:
        """Logs a value during training; see `Layer.add_metric`.

        Args:
            value: a tensor; for a functional model also a `KerasTensor` computed from its inputs.
            name: the name in the logs.
            aggregation: ``"mean"``, the mean of all batches.
            ignored: arguments that have no effect.
        """
        if isinstance(value, KerasTensor):
            self._own_metric(name, aggregation)  # creates it before the first batch
            self._watch("add_metric", value, lambda found: self.add_metric(found, name, aggregation))
        else:
            super().add_metric(value, name, aggregation)

    def _watch(self, method: str, tensor: KerasTensor, see: Callable[[Any], None]) -> None:
        if self._graph is None:
            raise InvalidArgumentError(
                f"{method} got {tensor!r}, but the model was not created by Model(inputs, outputs). Call {method} in "
                "the model's call(), with a tensor that is computed there."
            )
        self._graph.watch(tensor, see)

    # Layers and weights.

    def _sublayers(self, parts: list[Any] | None = None) -> list[Any]:
        own = super()._sublayers(parts)
        graph = getattr(self, "_graph", None)
        if graph is None:
            return own
        known = {id(layer) for layer in graph.layers}
        return [*graph.layers, *(layer for layer in own if id(layer) not in known)]

    @property
    def layers(self) -> list[Any]:
        """The layers: for a functional model in the order of Keras, for a subclassed one in that of its attributes."""
        return self._sublayers()

    @layers.setter
    def layers(self, value: object) -> None:
        raise AttributeError(
            f"{type(self).__name__}.layers cannot be set: `Model.layers` attribute is reserved for the list of all "
            "layers. Use another name for the attribute."
        )

    @property
    def operations(self) -> list[Any]:
        """The layers of a functional model and its operations, such as sums of tensors, in the order of the calls."""
        return self._graph_or_explain("operations").layers

    def numbered_layers(self) -> list[Any]:
        """Returns the layers that checkpoints number: all of a functional model, none of a subclassed one."""
        return [] if self._graph is None else self.layers

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """Returns a layer by its name or index.

        Raises:
            InvalidArgumentError: if there is no such layer; the message lists the layers.
        """
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise InvalidArgumentError(
                    f"get_layer: index={index} is out of range: the model has {len(layers)} layers."
                )
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        raise InvalidArgumentError(
            f"get_layer: the model has no layer {name!r}. Its layers are: {', '.join(layer.name for layer in layers)}."
        )

    def get_weights(self) -> list[np.ndarray]:
        """Returns copies of the weights as NumPy arrays, in the order of `weights`.

        Raises:
            ValueError: if the model has no weights, because the shape of its input is unknown.
        """
        if not self.built:
            raise ValueError(not_built(self, "get_weights"))
        return super().get_weights()

    # Building and calling.

    def build(self, input_shape: Any) -> None:
        """Creates the weights of all layers, for inputs of a given shape.

        Args:
            input_shape: a shape with None for the batch axis; for several inputs a list or dictionary.
        """
        if self._graph is None and not self.built:
            self.built = True
            shapes = shape_structure(input_shape)
            self._own.build_shape = shapes
            try:
                self._trace_call(specs_of(shapes, as_dtype(self.dtype)))
            except Exception:
                self.built = False
                raise

    def build_from(self, x: TensorLike) -> Any:
        """Creates the weights by tracing a call; nothing is computed.

        Args:
            x: a batch: an array, a tensor, or a list or dictionary of these.

        Returns:
            The shapes of the outputs, with None for the batch axis.
        """
        inputs = self._converted(x)
        structure = pack_like(
            inputs, [OpenSpec((None, *leaf.shape[1:]), leaf.dtype) for leaf in flatten(inputs)]
        )
        self.build_for(shapes_of(structure))
        found = self._trace_call(structure)
        return pack_like(found, [tuple(spec.shape) for spec in flatten(found)])

    def build_for(self, input_shape: object) -> None:
        """Builds the model now, unless it is built; a subclassed model builds its layers when it calls them."""
        if self.built:
            return
        self._own.build_shape = input_shape
        if type(self).build is Model.build:
            self.built = True
        else:
            super().build_for(input_shape)

    def _trace_call(self, structure: object) -> Any:
        def run(*tensors: Any) -> Any:
            return self(pack_like(structure, list(tensors)))

        return infer(run, flatten(structure), self.name)

    if TYPE_CHECKING:  # subclasses define other arguments

        def call(self, *args: Any, **kwargs: Any) -> Any: ...
    else:

        def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
            """Calls the layers of a functional model. Subclasses override it."""
            if self._graph is None:
                raise NotImplementedError(
                    f'The model "{self.name}" has no call method. Define call(self, inputs) in {type(self).__name__}, '
                    "calling its layers, or write Model(inputs, outputs)."
                )
            return self._graph.run(self.name, inputs)

    # Inputs and outputs.

    def _graph_or_explain(self, what: str) -> LayerGraph:
        graph = getattr(self, "_graph", None)
        if graph is None:
            raise AttributeError(
                f'The model "{self.name}" has no {what}: '
                + (
                    "it is a subclass with its own call()."
                    if self.built or type(self).call is not Model.call
                    else "the shape of its input is unknown; call it on a batch of data first."
                )
            )
        return graph

    @property
    def inputs(self) -> list[Any]:
        """The input `KerasTensor`s."""
        return self._graph_or_explain("inputs").input_tensors

    @property
    def outputs(self) -> list[Any]:
        """The output `KerasTensor`s."""
        return self._graph_or_explain("outputs").output_tensors

    @property
    def input(self) -> Any:
        """The inputs, as they were passed to the constructor."""
        return self._graph_or_explain("input").inputs

    @property
    def output(self) -> Any:
        """The outputs, as they were passed to the constructor."""
        return self._graph_or_explain("output").outputs

    @property
    def input_shape(self) -> Any:
        """The shape of the input, or a list of shapes."""
        shapes = [tuple(tensor.shape) for tensor in self.inputs]
        return shapes[0] if len(shapes) == 1 else shapes

    @property
    def output_shape(self) -> Any:
        """The shape of the output, or a list of shapes."""
        shapes = [tuple(tensor.shape) for tensor in self.outputs]
        return shapes[0] if len(shapes) == 1 else shapes

    @property
    def input_names(self) -> list[str] | None:
        """The names of the inputs; None for a subclassed model."""
        graph = getattr(self, "_graph", None)
        return None if graph is None else graph.input_names

    @property
    def output_names(self) -> list[str] | None:
        """The names of the outputs; None for a subclassed model."""
        graph = getattr(self, "_graph", None)
        return None if graph is None else graph.output_names

    # Display and configuration.

    def summary(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        """Prints a table of the layers, with their output shapes and numbers of parameters.

        Args:
            line_length: the width of the table, in characters.
            positions: the ends of the columns, as fractions of the width (or in characters).
            print_fn: called with each line, instead of printing it.
            expand_nested: whether to show the layers of nested models.
            show_trainable: whether to add a column with Y or N.
            layer_range: the names of the first and the last layer to show.

        Raises:
            ValueError: if the shape of the model's input is unknown.
        """
        from tensorlet.keras.models.summary import print_summary

        if not self.built:
            raise ValueError(not_built(self, "summary"))
        print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    def _repr_html_(self) -> str | None:
        """The table of the layers, for notebooks."""
        from tensorlet.keras.models.summary import summary_html

        return summary_html(self) if self.built else None

    def get_config(self) -> dict[str, Any]:
        """Returns the layers, connections and names as values that can be stored in a file, without weights."""
        if self._graph is None or type(self).__init__ is not Model.__init__:
            return super().get_config()
        from tensorlet.keras.models.configuration import graph_config

        return graph_config(self, self._graph)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """Creates a model, with new weights, from the output of `get_config`."""
        from tensorlet.keras.models.configuration import model_from_graph_config

        if "layers" not in config or "input_layers" not in config:
            return cls(**config)
        with CustomObjectScope(custom_objects or {}):
            return model_from_graph_config(cls, config)

    def to_json(self, **options: Any) -> str:
        """Returns the configuration as JSON text, without weights; ``options`` are passed to `json.dumps`."""
        from tensorlet.keras.models.json_form import to_json

        return to_json(self, **options)


@register("layer", "Functional", "Model")
class Functional(Model):
    """The class of ``tf.keras.Model(inputs, outputs)``; see `Model`."""


def not_built(model: Layer, what: str) -> str:
    """Returns the message for a method that requires a built model."""
    return (
        f'{what}: the model "{model.name}" has not been built: the shape of its input is unknown, so it has no '
        "weights yet. Pass input_shape=(...) to the first layer, or call model.build((None, ...)), fit, or the model "
        "itself on a batch of data first."
    )
