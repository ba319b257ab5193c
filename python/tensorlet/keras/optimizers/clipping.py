"""Limits of gradients: ``clipnorm``, ``clipvalue`` and ``global_clipnorm``."""

from __future__ import annotations

from typing import Any

from tensorlet import ops
from tensorlet.ops.gradient_rows import rows_of, whole


class WithClipping:
    """The part of `Optimizer` that limits gradients.

    As in Keras 2, the limits apply to the rows of a gradient of `gather` as they are: the rows of an index that occurs
    twice are added afterwards.
    """

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None

    def _depends_on_rows(self) -> bool:
        """Whether the step needs to know the rows of gradients of `gather`; see `gradient_rows`."""
        return any(limit is not None for limit in (self.clipnorm, self.global_clipnorm, self.clipvalue))

    def _clipped(self, gradients: list[Any]) -> list[Any]:
        if not self._depends_on_rows():
            return gradients
        rows = [rows_of(gradient) for gradient in gradients]
        values = [
            gradient if one is None else one.values for one, gradient in zip(rows, gradients, strict=True)
        ]
        return [
            clipped if one is None else whole(one._replace(values=clipped), gradient.shape)
            for clipped, one, gradient in zip(self._clipped_values(values), rows, gradients, strict=True)
        ]

    def _clipped_values(self, gradients: list[Any]) -> list[Any]:
        if self.clipnorm is not None:
            return [ops.clip_by_norm(gradient, self.clipnorm) for gradient in gradients]
        if self.global_clipnorm is not None:
            return list(ops.clip_by_global_norm(gradients, self.global_clipnorm)[0])
        if self.clipvalue is not None:
            return [ops.clip_by_value(gradient, -self.clipvalue, self.clipvalue) for gradient in gradients]
        return gradients
