"""`Lambda`: a function as a layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tensorlet.core.user_code import user_function
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.registry import get_registered_name, get_registered_object
from tensorlet.registry import register


@register("layer")
class Lambda(Layer):
    """Wraps a function without weights as a layer.

    Files store the name of the function, never its code: to load a model with a `Lambda`, define the function with
    ``def``, and pass it in ``custom_objects`` or register it with ``register_keras_serializable``.

    Args:
        function: a function from a tensor to a tensor, using tf operations.
        output_shape: ignored, as the shape is inferred; it is kept for the configuration.
        mask: the mask of the outputs, or a function that returns it, of the inputs and their mask; None for none.
        arguments: further keyword arguments for the function.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Lambda(lambda x: x ** 2)(tf.constant([1.0, 3.0])).numpy()
    array([1., 9.], dtype=float32)
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: object = None,
        mask: object = None,
        arguments: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.function = function
        self.arguments = dict(arguments or {})
        self.mask = mask
        self.supports_masking = mask is not None
        self._output_shape = output_shape

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Returns the mask of the outputs."""
        return user_function(self.mask)(inputs, mask) if callable(self.mask) else self.mask

    def call(self, inputs: Any) -> Any:
        """Returns the result of the function."""
        return user_function(self.function)(inputs, **self.arguments)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor, with the function by name.

        Raises:
            NotImplementedError: if the function is anonymous, such as a lambda expression.
        """
        return {
            **super().get_config(),
            "function": self._function_name(),
            "function_type": "function",
            "module": None,
            "output_shape": None,
            "output_shape_type": "raw",
            "output_shape_module": None,
            "arguments": self.arguments,
        }

    def _function_name(self) -> str:
        name = get_registered_name(self.function)
        if not name.rpartition(">")[2].isidentifier():
            raise NotImplementedError(
                f'Cannot save the Lambda layer "{self.name}": its function is anonymous, and code is not saved. Define '
                "it with def, and pass custom_objects={name: function} when you load the model; or write the layer as "
                "a subclass of tf.keras.layers.Layer, registered with @tf.keras.utils.register_keras_serializable()."
            )
        return name

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Lambda:
        """Creates a layer, looking the function up by its name.

        Args:
            config: the output of `get_config`; its function may also be the function itself.
            custom_objects: functions by name.

        Raises:
            InvalidArgumentError: if there is no function with that name.
        """
        function = config["function"]
        if isinstance(function, dict):  # the form of Keras 3
            function = function.get("config")
        if isinstance(function, str):
            name, function = function, get_registered_object(function, dict(custom_objects or {}))
            if function is None:
                raise InvalidArgumentError(
                    f"The Lambda layer \"{config.get('name')}\" calls the function '{name}', and files contain no "
                    f"code. Pass custom_objects={{'{name}': {name}}}."
                )
        common = {
            key: config[key] for key in ("name", "trainable", "dtype", "batch_input_shape") if key in config
        }
        return cls(function, arguments=config.get("arguments"), **common)

    def copy(self) -> Lambda:
        """Returns a new layer with the same function."""
        config = {**super().get_config(), "function": self.function, "arguments": self.arguments}
        return type(self).from_config(config)
