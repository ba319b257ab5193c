"""`Layer`: weights, and a computation that uses them."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tensorlet import ops
from tensorlet.checkpoint.pending import resume
from tensorlet.core.compiled_call import is_own
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import Operators, Tensor
from tensorlet.core.tracing import scope
from tensorlet.core.user_code import user_function
from tensorlet.errors import InvalidArgumentError, TensorletError, UnknownNameError
from tensorlet.extensions import extensible
from tensorlet.keras import config, regularizers
from tensorlet.keras.dtype_policies import dtype_of
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.call_context import calling, eagerly, prefix_inside, prefixed, training_of_call
from tensorlet.keras.layers.connections import OF_CALLS, HasConnections
from tensorlet.keras.layers.input_spec import check_inputs
from tensorlet.keras.layers.keras_tensor import keras_tensors
from tensorlet.keras.layers.layer_config import (
    accepted,
    checked_trainable,
    config_of_own_layer,
    recorded_arguments,
    refuse_unknown,
    require_tensors,
    take_input_shape,
)
from tensorlet.keras.layers.layer_dtypes import HasDtypes
from tensorlet.keras.layers.layer_weights import Bookkeeping
from tensorlet.keras.layers.shape_inference import shape_structure, shapes_of
from tensorlet.keras.naming import snake_case, unique_name
from tensorlet.ops.registry import convert

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typing_extensions import Self

    from tensorlet.type_aliases import DTypeLike


@extensible
class Layer(HasConnections, HasDtypes):
    """Base class of layers: a computation, defined in `call`, with its weights.

    To write a layer, define ``build(input_shape)``, which creates the weights with `add_weight`, and
    ``call(inputs)``, which computes the outputs with tf operations. Layers and variables assigned to
    attributes become part of the layer.

    Args:
        trainable: whether training changes the weights.
        name: by default the name of the class with a number.
        dtype: the dtype of the weights and of the computation; float inputs are converted to it.
        input_shape: the shape of one example, without the batch axis; for the first layer of a model.
        input_dim: the length of a one-dimensional example, short for ``input_shape=(input_dim,)``.
        batch_input_shape: the input shape with the batch axis.
        batch_size: a fixed number of examples per batch.
        weights: initial values, as arrays.
        activity_regularizer: a penalty on the outputs, added to the loss.

    Raises:
        InvalidArgumentError: for an unknown argument.

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

    #: Names of constructor arguments that `get_config` adds to those of every layer.
    config_names: tuple[str, ...] = ()
    #: Arguments that Keras 2 does not have, with their defaults: `get_config` adds them in programs for Keras 3, and in
    #: others if they differ from the default.
    keras_3_names: ClassVar[dict[str, Any]] = {}
    #: Whether float inputs are converted to the dtype of the layer.
    converts_inputs = True
    #: Whether a list of inputs, such as of pictures, is one input: a batch.
    stacks_lists = False
    #: Whether the mask of the inputs is passed on as that of the outputs.
    supports_masking = False
    #: Whether ``call`` does more with values than operations do, such as to refuse some of them.
    looks_at_values = False

    #: Whether the class is Tensorlet's own and creates no weights: Keras 3 calls such layers built from the start.
    _has_nothing_to_build = False

    def __init_subclass__(cls, sets_built: bool = False, **options: Any) -> None:
        """Prepares a subclass.

        Args:
            sets_built: whether ``build`` itself sets ``built``, as in models. Otherwise the layer is marked as built
                after ``build``, also if it is called directly.
        """
        super().__init_subclass__(**options)
        cls._has_nothing_to_build = cls.build is Layer.build and is_own(cls)
        if "build" in vars(cls) and not sets_built:
            cls.build = _marks_built(cls.build)  # type: ignore[method-assign]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        layer = super().__new__(cls)
        # Not in __init__: a subclass may set attributes before it calls super().__init__().
        layer._own = Bookkeeping()
        layer._own.arguments = {"args": args, **kwargs}
        layer.built = cls._has_nothing_to_build and keras_generation() == 3
        return layer

    def __init__(
        self, trainable: bool = True, name: str | None = None, dtype: DTypeLike | None = None, **options: Any
    ) -> None:
        given: object = name
        if isinstance(given, Layer):
            kind = type(self).__name__
            raise InvalidArgumentError(
                f"{kind}: name={name!r} is a layer. To give several layers, put them in a list: {kind}([one, two])."
            )
        self.name = str(name) if name is not None else unique_name(snake_case(type(self).__name__))
        self.dtype = config.dtype_of_layers() if dtype is None else dtype_of(dtype)
        self._own.is_trainable = checked_trainable(self, trainable)
        self._own.batch_input_shape = take_input_shape(self, options)
        self._own.initial_weights = options.pop("weights", None)
        self.activity_regularizer = regularizers.get(options.pop("activity_regularizer", None))
        refuse_unknown(type(self), options)

    if not TYPE_CHECKING:  # otherwise every attribute would exist for type checkers

        def __getattr__(self, name: str) -> Any:
            # Python calls this for missing attributes only.
            kind = type(self).__name__
            if name in ("name", "dtype", "activity_regularizer"):
                raise UnknownNameError(
                    f"{kind}.__init__ did not call super().__init__(), so the layer has no '{name}'. Call "
                    "super().__init__() in its first line.",
                    name=name,
                )
            if name in OF_CALLS:  # the property raised an AttributeError: call it again for its message
                self._single_node(name)
            raise AttributeError(f"'{kind}' object has no attribute '{name}'", name=name, obj=self)

    # Methods for subclasses to override.

    def build(self, input_shape: Any) -> None:
        """Creates the weights, once the shape of the input is known. By default there are none."""
        self.built = True

    if TYPE_CHECKING:  # subclasses define other arguments

        def call(self, *args: Any, **kwargs: Any) -> Any: ...
    else:

        def call(self, inputs: Any) -> Any:
            """Computes the outputs from the inputs. By default, returns the inputs."""
            return inputs

    def named_arrays(self) -> dict[str, np.ndarray]:
        """Returns arrays that are no variables here, but that files of Keras have beside the weights."""
        return {}

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor, as values that can be stored in a file.

        For a user-defined class that does not override it, these are the arguments with which the object was created.

        Raises:
            NotImplementedError: if one of these is not a number, text, list or dictionary.
        """
        common: dict[str, Any] = {"name": self.name, "trainable": self.trainable, "dtype": self.dtype}
        if self._own.batch_input_shape is not None:
            common["batch_input_shape"] = self._own.batch_input_shape
        is_users = not self.config_names and not type(self).__module__.startswith("tensorlet.")
        if is_users and type(self).get_config.__module__.startswith("tensorlet."):
            return accepted(self, common) | recorded_arguments(self, Layer.__init__)
        return common | config_of_own_layer(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Creates a layer from the output of `get_config`."""
        return cls(**config)

    # Calls.

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the layer, and builds it first if necessary.

        Args:
            args, kwargs: the arguments of `call`. The first contains the inputs: tensors, arrays or lists, or
                `KerasTensor`s, for which the layer becomes part of a functional model.

        Raises:
            ShapeError: if the inputs have an incompatible shape; the message names the layer.
        """
        if not args:
            args, kwargs = _first_from_keywords(self, kwargs)
        if len(args) > 1:
            require_tensors(self, args)
        if keras_tensors((args, kwargs)):
            with prefixed(""):
                return self._call_symbolically(args, kwargs)
        inputs = self._converted(args[0])
        self._check(inputs)
        if not self.built:
            self.build_for(shapes_of(inputs))
        training = self._settle_training(args, kwargs)
        mask = self._settle_mask(mask_of(args[0]), kwargs)
        with calling(training), prefixed(prefix_inside(self)), scope(self.name):
            try:
                outputs = user_function(self.call)(inputs, *args[1:], **kwargs)
            except TensorletError as error:
                raise _named(error, self, inputs) from None
            if self.activity_regularizer is not None:
                self._penalize(outputs)
            if mask is not None or type(self).compute_mask is not Layer.compute_mask:
                self._mark(outputs, self.compute_mask(inputs, mask))
        return outputs

    def compute_mask(self, inputs: object, mask: Any = None) -> Any:
        """Returns the mask of the outputs, which is passed to the next layers, or None for no mask.

        Args:
            inputs: the inputs of the call.
            mask: their mask, a bool tensor of shape (examples, steps) that is False for padding; for a list of
                inputs, a list of masks.
        """
        return mask if self.supports_masking else None

    def _settle_mask(self, attached: Any, kwargs: dict[str, Any]) -> Any:
        """Passes the mask of the inputs on, if `call` takes it and the caller passes none; returns the one in force."""
        if "mask" not in _call_parameters(type(self))[0]:  # type: ignore[arg-type]
            return attached
        if kwargs.get("mask") is None and attached is not None:
            kwargs["mask"] = attached
        return kwargs.get("mask")

    @staticmethod
    def _mark(outputs: object, mask: Any) -> None:
        """Attaches a mask to the outputs; several outputs have a list of masks."""
        if mask is None:
            return
        if isinstance(outputs, list | tuple):
            for output, own in zip(outputs, mask if isinstance(mask, list | tuple) else [mask], strict=False):
                Layer._mark(output, own)
        elif isinstance(outputs, Tensor):
            outputs._keras_mask = mask

    def build_for(self, input_shape: object) -> None:
        """Builds the layer, unless it is already built.

        Args:
            input_shape: a shape, or a list or dictionary of shapes.
        """
        if self.built:
            return
        with eagerly():
            self.build(shape_structure(input_shape))
        self._finish_build()

    def _finish_build(self) -> None:
        """Sets the weights passed as ``weights=``, or those of a restored checkpoint."""
        self.built = True
        if self._own.initial_weights is not None:
            initial, self._own.initial_weights = self._own.initial_weights, None
            self.set_weights(initial)
        resume()

    def _converted(self, inputs: Any) -> Any:
        """Converts the inputs to tensors, floats to the dtype of the layer."""
        if _is_structure(inputs):
            if not self.stacks_lists or isinstance(inputs, dict):
                return pack_like(inputs, [self._converted(leaf) for leaf in flatten(inputs)])
            inputs = ops.stack([convert(item) for item in inputs])
        if inputs is not None and not isinstance(inputs, Operators):
            inputs = convert(inputs)
        if inputs is None or not self.converts_inputs:
            return inputs
        if inputs.dtype.is_floating and inputs.dtype.name != self.dtype:
            converted = ops.cast(inputs, self.dtype)
            self._mark(converted, mask_of(inputs))
            return converted
        return inputs

    def _check(self, inputs: object) -> None:
        if self.input_spec is not None:
            check_inputs(self.name, self.input_spec, [leaf.shape for leaf in flatten(inputs)])

    def _settle_training(self, args: Sequence[Any], kwargs: dict[str, Any]) -> bool | None:
        """Passes ``training`` of the surrounding call on, if `call` takes it, and returns it."""
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

    def _penalize(self, outputs: object) -> None:
        for output in flatten(outputs):
            self.add_loss(self.activity_regularizer(output) / float(output.shape[0] or 1))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _marks_built(build: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps ``build`` so that the layer is marked as built: calling it does not build it again."""

    @functools.wraps(build)
    def build_once_known(self: Layer, *args: Any, **kwargs: Any) -> Any:
        depth = self._own.build_depth
        self._own.build_depth = depth + 1
        try:
            result = build(self, *args, **kwargs)
        finally:
            self._own.build_depth = depth
        if depth == 0:  # not in super().build(...), after which the subclass creates weights
            self._finish_build()
        return result

    return build_once_known


@functools.lru_cache(maxsize=1024)
def _call_parameters(layer_class: type) -> tuple[tuple[str | None, ...], Any]:
    """Returns the parameter names of `call` without self (None for ``**kwargs``), and the default of ``training``."""
    names: list[str | None] = []
    default = None
    for parameter in list(inspect.signature(layer_class.call).parameters.values())[1:]:  # type: ignore[attr-defined]
        names.append(None if parameter.kind is inspect.Parameter.VAR_KEYWORD else parameter.name)
        if parameter.name == "training" and parameter.default is not inspect.Parameter.empty:
            default = parameter.default
    return tuple(names), default


def names_of_call(layer: Layer) -> tuple[str | None, ...]:
    """The parameter names of a layer's ``call``, without self (None for ``**kwargs``)."""
    return _call_parameters(type(layer))[0]  # type: ignore[arg-type]


def takes_training(layer: Layer) -> bool:
    """Whether the layer's ``call`` depends on ``training``."""
    names = _call_parameters(type(layer))[0]  # type: ignore[arg-type]
    return "training" in names or None in names


def _first_from_keywords(layer: Layer, kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    names, _ = _call_parameters(type(layer))  # type: ignore[arg-type]
    first = names[0] if names else None
    if first is None or first not in kwargs:
        raise InvalidArgumentError(
            f'Layer "{layer.name}" was called without inputs. Pass them as the first argument: layer(x).'
        )
    return (kwargs[first],), {name: value for name, value in kwargs.items() if name != first}


def mask_of(inputs: object) -> Any:
    """Returns the mask that an earlier layer attached to the inputs, or None.

    For a list of inputs it is a list, with None for inputs without a mask.
    """
    if isinstance(inputs, list | tuple):
        masks = [getattr(one, "_keras_mask", None) for one in inputs]
        return None if all(mask is None for mask in masks) else masks
    return getattr(inputs, "_keras_mask", None)


def _is_structure(inputs: object) -> bool:
    """Whether the inputs are a list, tuple or dictionary of tensors rather than a nested list of numbers."""
    if isinstance(inputs, dict):
        return True
    return isinstance(inputs, list | tuple) and any(
        isinstance(item, Operators | np.ndarray | dict) or _is_structure(item) for item in inputs
    )


def _named(error: TensorletError, layer: Layer, inputs: object) -> TensorletError:
    """Returns the error with the name of the innermost layer prepended to the message."""
    if not getattr(error, "names_layer", False):
        shapes = ", ".join(
            f"{leaf.dtype.name}{list(leaf.shape)}" for leaf in flatten(inputs) if leaf is not None
        )
        error.args = (f'In layer "{layer.name}" ({type(layer).__name__}), called on {shapes}: {error}',)
        error.names_layer = True  # type: ignore[attr-defined]
    return error
