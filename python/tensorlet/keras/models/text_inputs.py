"""The part of `Model` that handles inputs of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet.dtypes import string
from tensorlet.keras.models.compiled_calls import CompiledLayer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorlet.keras.layers.shape_inference import OpenSpec
    from tensorlet.keras.models.graph import LayerGraph


class TakesText(CompiledLayer):
    """A model whose layers of text run in front of its compiled part; see `tensorlet.keras.models.front`."""

    _graph: LayerGraph | None

    def _inferred(self, run: Callable[..., Any], specs: Sequence[OpenSpec]) -> Any:
        if self._graph is not None and any(spec.dtype is string for spec in specs):  # text cannot be traced
            return self._graph.output_specs()
        return super()._inferred(run, specs)

    def _preparation(self) -> Callable[[object], Any] | None:
        """Calls the layers that run on values, on the data of a user; None for a model without such layers."""
        graph = getattr(self, "_graph", None)
        return graph.preparation(self.name) if graph is not None else None
