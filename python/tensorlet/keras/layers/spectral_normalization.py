"""`SpectralNormalization`: a layer whose kernel has a largest singular value of 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core import active_tapes
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras import initializers
from tensorlet.keras.layers.core import positive_integer
from tensorlet.keras.layers.einsum_dense import Wrapper
from tensorlet.keras.layers.input_spec import InputSpec
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.core.variable import Variable
    from tensorlet.keras.layers.base import Layer


@register("layer")
class SpectralNormalization(Wrapper):
    """Wraps a layer with a kernel, which each call in training divides by an estimate of its largest singular value.

    A layer whose largest singular value is 1 does not make differences between its inputs larger, which keeps the
    training of generative adversarial networks stable. The estimate comes from power iterations on the vector
    ``vector_u``, which is kept from call to call.

    Args:
        layer: a layer with the weight ``kernel`` or ``embeddings``, such as `Dense`, `Conv2D` or `Embedding`.
        power_iterations: how many iterations each call in training does.
        options: the arguments of `Layer`.

    Raises:
        InvalidArgumentError: if ``power_iterations`` is not an integer of at least 1; when called, if the layer has
            neither weight.

    Source: T. Miyato and others, "Spectral normalization for generative adversarial networks", 2018.

    >>> import tensorlet as tf
    >>> inside = tf.keras.layers.Dense(1, kernel_initializer=tf.keras.initializers.Constant([[3.0], [4.0]]))
    >>> layer = tf.keras.layers.SpectralNormalization(inside)
    >>> layer(tf.constant([[5.0, 0.0]]), training=True).numpy().round(4)  # the singular value of [[3], [4]] is 5
    array([[3.]], dtype=float32)
    """

    def __init__(self, layer: Layer, power_iterations: int = 1, **options: Any) -> None:
        super().__init__(layer, **options)
        if isinstance(power_iterations, int) and power_iterations < 1:
            raise InvalidArgumentError(
                f"SpectralNormalization: power_iterations={power_iterations}, but `power_iterations` should be greater "
                "than zero."
            )
        self.power_iterations = positive_integer(
            "SpectralNormalization", "power_iterations", power_iterations
        )

    def build(self, input_shape: Any = None) -> None:
        """Builds the layer inside, and creates the vector of the power iterations, of shape (1, outputs)."""
        super().build(input_shape)
        self.input_spec = InputSpec(min_ndim=1, axes={-1: input_shape[-1]})
        #: The weight that is normalized, which the layer inside owns, too.
        self.kernel = self._kernel()
        self.vector_u = self.add_weight(
            "vector_u", (1, self.kernel.shape[-1]), trainable=False,
            initializer=initializers.TruncatedNormal(stddev=0.02),
        )  # fmt: skip

    def _kernel(self) -> Variable:
        for name in ("kernel", "embeddings"):
            found = getattr(self.layer, name, None)
            if found is not None:
                return found
        raise InvalidArgumentError(
            f"SpectralNormalization: the {type(self.layer).__name__} object has no attribute 'kernel' nor 'embeddings' "
            "to normalize. Wrap a layer with such a weight, such as Dense, Conv2D or Embedding."
        )

    def call(self, inputs: Tensor, training: bool | None = None) -> Any:
        """Returns the outputs of the layer inside; in training mode, after its kernel is normalized."""
        if training:
            with active_tapes.paused():
                self._normalize(self.kernel)
        return self.layer(inputs)

    def _normalize(self, kernel: Variable) -> None:
        """Divides the kernel by the estimate of its largest singular value; a kernel of zeros stays as it is."""
        rows = ops.reshape(kernel, [-1, kernel.shape[-1]])
        vector: Any = self.vector_u
        for _ in range(self.power_iterations):
            other = ops.l2_normalize(ops.matmul(vector, rows, transpose_b=True))
            vector = ops.l2_normalize(ops.matmul(other, rows))
        value = ops.reshape(ops.matmul(ops.matmul(other, rows), vector, transpose_b=True), [])
        nothing = ops.reduce_all(ops.equal(rows, 0.0))
        self.vector_u.assign(ops.where(nothing, self.vector_u, vector))
        kernel.assign(kernel / ops.where(nothing, 1.0, value))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        return {**super().get_config(), "power_iterations": self.power_iterations}
