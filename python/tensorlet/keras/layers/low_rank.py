"""Low-rank adaptation: large frozen weights, and a small trainable change to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers.base import Layer
from tensorlet.ops.registry import Tensor

if TYPE_CHECKING:
    from tensorlet.core.variable import Variable
    from tensorlet.type_aliases import Identifier


def adapted(name: str) -> Any:
    """A property: the weight of this name, with the change of `LowRank.enable_lora` if there is one."""

    def read(layer: LowRank) -> Any:
        base = layer.frozen_weight()
        return base if not layer.lora_enabled else base + layer.low_rank_change()

    def write(layer: LowRank, value: object) -> None:
        vars(layer)[name] = value

    return property(read, write, doc=f"The {name}, with the low-rank change if one is enabled.")


class LowRank(Layer):
    """The part of layers that can be fine-tuned by a change of low rank; see `enable_lora`.

    Args:
        lora_rank: if given, `enable_lora` is called with it when the layer is built.
        lora_alpha: see `enable_lora`.
    """

    #: The name of the weight that is adapted.
    adapted_weight: ClassVar[str] = "kernel"
    #: Whether the layer takes a low-rank change.
    can_be_adapted: ClassVar[bool] = True
    #: Whether a low-rank change is in use.
    lora_enabled = False

    def __init__(
        self, *args: Any, lora_rank: int | None = None, lora_alpha: float | None = None, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.lora_rank = lora_rank
        self.lora_alpha = lora_rank if lora_alpha is None else lora_alpha

    def frozen_weight(self) -> Variable:
        """The weight without the low-rank change.

        Raises:
            AttributeError: if the layer has not been built.
        """
        name = self.adapted_weight
        if name not in vars(self):
            raise AttributeError(
                f"The {type(self).__name__} layer '{self.name}' has no {name} yet. You must build the layer first: "
                "call it on data, or call build(input_shape)."
            )
        found: Variable = vars(self)[name]
        return found

    def enable_lora(
        self,
        rank: int,
        lora_alpha: float | None = None,
        a_initializer: Identifier = "he_uniform",
        b_initializer: Identifier = "zeros",
    ) -> None:
        """Freezes the large weight ``w`` and trains a change of low rank: ``w + lora_alpha / rank * a @ b``.

        Files of weights have the sum, as if the layer had been trained in full.

        Args:
            rank: the number of columns of ``a`` and of rows of ``b``.
            lora_alpha: how much the change counts; by default ``rank``.
            a_initializer, b_initializer: the initial values of the two.

        Raises:
            InvalidArgumentError: if the layer is not built, has a constraint, or has such a change already.

        Source: E. Hu et al., "LoRA: low-rank adaptation of large language models", 2021.

        >>> import tensorlet as tf
        >>> layer = tf.keras.layers.Dense(6)
        >>> layer.build((None, 8))
        >>> layer.enable_lora(2)
        >>> [tuple(weight.shape) for weight in layer.trainable_weights]
        [(6,), (8, 2), (2, 6)]
        """
        self._check_adaptable()
        if not self.built:
            raise InvalidArgumentError(
                f"{type(self).__name__}.enable_lora: the layer '{self.name}' isn't yet built, so the shape of its "
                f"{self.adapted_weight} is unknown. Call it on data, or call build(input_shape), before."
            )
        self._adapt(rank, lora_alpha, a_initializer, b_initializer)

    def _check_adaptable(self) -> None:
        name = self.adapted_weight
        if not self.can_be_adapted:
            raise InvalidArgumentError(
                f"{type(self).__name__}.enable_lora: the layer '{self.name}' takes no low-rank change. Dense, "
                "EinsumDense, Embedding, Conv1D and Conv2D do."
            )
        kind = name.removesuffix("s")
        if getattr(self, f"{name}_constraint", None) is not None:
            raise InvalidArgumentError(
                f"{type(self).__name__}.enable_lora is incompatible with {kind} constraints, since the sum of the "
                f"{name} and the change is not constrained. Remove {name}_constraint from the layer '{self.name}'."
            )
        if self.lora_enabled:
            raise InvalidArgumentError(
                f"{type(self).__name__}.enable_lora: lora is already enabled on the layer '{self.name}', with rank "
                f"{self.lora_rank}. Call it once."
            )

    def adapt_if_asked(self) -> None:
        """Enables the change that the constructor was asked for; called at the end of ``build``."""
        if self.lora_rank and not self.lora_enabled:
            self._adapt(self.lora_rank, self.lora_alpha, "he_uniform", "zeros")

    def _adapt(self, rank: int, alpha: float | None, first: Identifier, second: Identifier) -> None:
        self._check_adaptable()
        name = self.adapted_weight
        base = self.frozen_weight()
        shape, penalty = tuple(base.shape), getattr(self, f"{name}_regularizer", None)
        for label, lengths, initializer in (
            ("a", (*shape[:-1], rank), first), ("b", (rank, shape[-1]), second),
        ):  # fmt: skip
            part = self.add_weight(
                f"lora_{name}_{label}", lengths, dtype="float32", initializer=initializer, regularizer=penalty
            )
            setattr(self, f"lora_{name}_{label}", part)
        self._freeze(base)
        self.lora_enabled, self.lora_rank = True, rank
        self.lora_alpha = rank if alpha is None else alpha

    def _freeze(self, base: Variable) -> None:
        own = self._own
        own.trainable[:] = [one for one in own.trainable if one is not base]
        own.fixed.insert(0, base)
        own.penalties[:] = [pair for pair in own.penalties if pair[0] is not base]

    def low_rank_parts(self) -> tuple[Any, Any]:
        """The two factors ``a`` and ``b`` of the change."""
        name = self.adapted_weight
        return vars(self)[f"lora_{name}_a"], vars(self)[f"lora_{name}_b"]

    def low_rank_scale(self) -> float:
        """The number by which the product of the two factors is multiplied."""
        return float(self.lora_alpha or 0.0) / float(self.lora_rank or 1)

    def low_rank_change(self) -> Tensor:
        """The change, with the shape and dtype of the weight."""
        base = self.frozen_weight()
        first, second = self.low_rank_parts()
        product = ops.matmul(ops.reshape(first, [-1, self.lora_rank]), second)
        return ops.cast(ops.reshape(product, base.shape) * self.low_rank_scale(), base.dtype)

    def _stored_variables(self) -> list[Variable]:
        """The variables that files of weights have: those of the layer without the change."""
        if not self.lora_enabled:
            return super()._stored_variables()
        others = [*self._own_variables(trainable=True), *self._own_variables(trainable=False)]
        left_out = {id(one) for one in (self.frozen_weight(), *self.low_rank_parts())}
        return [self.frozen_weight(), *(one for one in others if id(one) not in left_out)]

    def _stored_value(self, variable: Variable) -> np.ndarray:
        """The array that files have for a variable: for the frozen weight, the sum with the change."""
        if self.lora_enabled and variable is self.frozen_weight():
            return np.asarray(variable + self.low_rank_change())
        return super()._stored_value(variable)

    def _after_loading(self) -> None:
        """Sets the change to zero: it is contained in the weight that has been loaded."""
        for part in self.low_rank_parts() if self.lora_enabled else ():
            part.assign(np.zeros(part.shape, np.float32))

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return (
            {**config, "lora_rank": self.lora_rank, "lora_alpha": self.lora_alpha}
            if self.lora_rank
            else config
        )
