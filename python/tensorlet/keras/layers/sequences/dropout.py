"""The dropout of recurrent cells: masks that stay the same for all steps of a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tensorlet import ops
from tensorlet.ops.registry import Tensor

#: From inputs and a part of a kernel to their product.
Product = Callable[[Tensor, Tensor], Tensor]


class Masks:
    """The masks of a call: none, one for all gates, or one for each gate.

    Args:
        masks: tensors that the inputs of products are multiplied with.
    """

    def __init__(self, masks: Sequence[Tensor] = ()) -> None:
        self._masks = list(masks)

    @classmethod
    def drawn(
        cls, rate: float, shape: Sequence[int], count: int, dtype: str, seed: int | None, training: bool
    ) -> Masks:
        """Draws the masks of a call.

        Args:
            rate: the fraction of the elements that is dropped; the others are divided by ``1 - rate``.
            shape: of what is dropped.
            count: the number of masks: 1, or the number of gates.
            dtype, seed: of the cell.
            training: whether anything is dropped.

        >>> from tensorlet.keras.layers.sequences.dropout import Masks
        >>> import tensorlet as tf
        >>> masks = Masks.drawn(0.5, [8, 3], 4, "float32", None, training=True)
        >>> sorted(set(masks.on(tf.ones([8, 3]), gate=1).numpy().ravel().tolist()))
        [0.0, 2.0]
        """
        if not training or not rate:
            return cls()
        ones = ops.ones([count, *shape], dtype)
        masks = ops.zeros_like(ones) if rate == 1 else ops.dropout(ones, rate, seed=seed)
        return cls([masks[number] for number in range(count)])

    def on(self, x: Tensor, gate: int = 0) -> Tensor:
        """Returns ``x`` with the mask of a gate."""
        if not self._masks:
            return x
        return x * self._masks[gate if len(self._masks) > 1 else 0]

    def product(
        self, x: Tensor, kernel: Tensor, of: Product, first: int = 0, gates: int = 1, axis: int = -1
    ) -> Tensor:
        """Returns the product of ``x`` and the kernels of some gates, each with the mask of its gate.

        Args:
            x: the inputs or the state.
            kernel: its last axis has a block of columns for each gate.
            of: the product: `tf.matmul`, or a convolution.
            first: the first of the gates.
            gates: their number.
            axis: the axis of the gates in the product.
        """
        if len(self._masks) < 2:
            return of(self.on(x), kernel)
        width = kernel.shape[-1] // gates
        blocks = [kernel[..., number * width : (number + 1) * width] for number in range(gates)]
        products = [of(self.on(x, first + number), block) for number, block in enumerate(blocks)]
        return ops.concat(products, axis)
