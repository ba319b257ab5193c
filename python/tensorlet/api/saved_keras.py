"""Keras models in ``tf.saved_model``: the file of the model, and its inference as a function for any number of rows."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from tensorlet.api.saved_functions import LoadedFunction, Signature, describe_open
from tensorlet.checkpoint.module import Module
from tensorlet.core.eager import EAGER
from tensorlet.core.function import in_chain
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.signature import TensorSpec
from tensorlet.core.variable import Variable
from tensorlet.errors import FileFormatError, InvalidArgumentError, TensorletError
from tensorlet.formats.array_archive import read_arrays

#: The file of the model in the folder.
MODEL_FILE = "model.keras"
DEFAULT_SIGNATURE = "serving_default"


def describe_model(model: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What is saved besides the file of a model: its inference as values for JSON, and its weights and constants.

    A model whose inference cannot be saved, such as one with recurrent layers, has none; the reason is saved instead.
    """
    weights = list(model.weights)
    arrays: dict[str, np.ndarray] = {}
    try:
        specs, structure = _inputs(model)

        def infer(*tensors: Any) -> Any:
            return model(pack_like(structure, list(tensors)), training=False)

        saved = describe_open(infer, specs, weights, "call", arrays)
    except (TensorletError, TypeError, ValueError) as error:
        return {"keras": True, "without_functions": str(error)}, {}
    arrays.update({f"variables/{place}": one.numpy() for place, one in enumerate(weights)})
    saved["names"] = list(model.input_names or _numbered("input", len(specs)))
    entries = [{"name": one.path, "trainable": one.trainable} for one in weights]
    outputs = list(model.output_names or ())
    return {"keras": True, "variables": entries, "call": saved, "outputs": outputs}, arrays


def _inputs(model: Any) -> tuple[list[TensorSpec], Any]:
    """The specs of the inputs of a model, and the structure in which it takes them."""
    graph = getattr(model, "_graph", None)
    if graph is not None:
        found = [TensorSpec(one.shape, one.dtype) for one in graph.input_tensors]
        return found, pack_like(graph.inputs, list(range(len(found))))
    shapes: Any = importlib.import_module("tensorlet.keras.saving.build_shapes").build_shape(model)
    if shapes is None:
        raise InvalidArgumentError(
            f"the input shape of '{model.name}' is unknown. Call the model on data before it is saved."
        )
    specs = _specs(shapes, model.dtype or "float32")
    return flatten(specs), specs


def _specs(shapes: Any, dtype: Any) -> Any:
    if isinstance(shapes, dict):
        return {name: _specs(shape, dtype) for name, shape in shapes.items()}
    if all(one is None or isinstance(one, int) for one in shapes):
        return TensorSpec(shapes, dtype)
    return [_specs(shape, dtype) for shape in shapes]


def _numbered(name: str, count: int) -> list[str]:
    return [f"{name}_{number + 1}" for number in range(count)]


class LoadedModel(Module):
    """A Keras model whose classes the program does not have: its weights, and its inference.

    Attributes:
        signatures: the inference by name: ``serving_default`` takes the inputs by name, and gives a dictionary.
    """

    def __init__(self, call: LoadedFunction, outputs: list[str], weights: list[Variable]) -> None:
        super().__init__(name="loaded_model")
        self._call = call
        self._weights = weights
        self.signatures = {DEFAULT_SIGNATURE: ModelSignature(call, outputs)}

    def __call__(self, inputs: Any, training: object = False) -> Any:
        """The result of the model in inference mode.

        Args:
            inputs: as the model takes them, with any number of rows.
            training: False or None.

        Raises:
            InvalidArgumentError: if ``training`` is True.
        """
        if training:
            raise InvalidArgumentError(
                "This model was loaded by tf.saved_model.load without its classes, which gives its inference only. To "
                "train it, define its classes first, or pass them as custom_objects to tf.keras.models.load_model."
            )
        return self._call(inputs)


class ModelSignature(Signature):
    """The inference of a model, with the names of its outputs."""

    def __init__(self, call: LoadedFunction, outputs: list[str]) -> None:
        super().__init__(call)
        self._outputs = outputs

    @property
    def structured_outputs(self) -> dict[str, Any]:
        """The specs of the outputs."""
        return self._named(super().structured_outputs)

    def __call__(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The outputs by name."""
        return self._named(super().__call__(*args, **kwargs))

    def _named(self, found: dict[str, Any]) -> dict[str, Any]:
        numbered = list(found) == [f"output_{number}" for number in range(len(found))]
        if not numbered:
            return found
        return dict(zip(self._outputs or _numbered("output", len(found)), found.values(), strict=True))


def load_model(folder: str, about: dict[str, Any], arrays_file: str) -> Any:
    """The Keras model of a folder; without its classes, its inference as a function.

    Raises:
        FileFormatError: if the program lacks a class of the model, and its functions could not be saved.
    """
    models: Any = importlib.import_module("tensorlet.keras.models")
    unknown: Any = importlib.import_module("tensorlet.keras.registry").UnknownThingError
    try:
        model = models.load_model(folder)
    except FileFormatError as error:
        if in_chain(error, unknown) is None:
            raise
        if "call" not in about:
            reason = about.get("without_functions", "The folder was written by an earlier version.")
            raise FileFormatError(
                f"saved_model.load: {error}. It cannot be loaded as functions either, since these were not saved: "
                f"{reason}"
            ) from None
        arrays = read_arrays(arrays_file)
        weights = [
            Variable(
                EAGER.convert(arrays[f"variables/{place}"]), trainable=entry["trainable"], name=entry["name"]
            )
            for place, entry in enumerate(about["variables"])
        ]
        return LoadedModel(_function(about, weights, arrays), about["outputs"], weights)
    if "call" in about:
        call = _function(about, list(model.weights), read_arrays(arrays_file))
        object.__setattr__(model, "signatures", {DEFAULT_SIGNATURE: ModelSignature(call, about["outputs"])})
    return model


def _function(about: dict[str, Any], weights: list[Variable], arrays: Any) -> LoadedFunction:
    return LoadedFunction("call", [about["call"]], weights, arrays, casts=True)
