"""Other Keras models: arrays by the names of their inputs."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

import numpy as np

from tensorlet.errors import TensorletError
from tensorlet.keras.models.model import Model
from tensorlet.keras.training.step.preparation import rows_are_independent
from tensorlet.serve.refusals import RefusedError
from tensorlet.serve.served_model import Request, ServedModel

TYPES = {"f": "number", "i": "integer", "u": "integer", "b": "boolean"}


class ArrayModel(ServedModel):
    """A Keras model without names of columns.

    Args:
        model: the model, with the shapes of its inputs.
        name: the name of its file.

    Raises:
        TensorletError: if the shapes of the inputs are not known.
    """

    def __init__(self, model: Model, name: str) -> None:
        self.model, self.name = model, name
        if not model.built or not model.inputs:
            raise TensorletError(
                f"The model '{name}' does not say what shape its inputs have. Give its first layer an input_shape, or "
                "begin it with keras.Input, and save it again."
            )
        self.joins_rows = rows_are_independent(model)
        self.specs = {
            _plain(one.name): (tuple(one.shape[1:]), np.dtype(one.dtype.numpy)) for one in model.inputs
        }
        self.output_names = [_plain(name) for name in model.output_names or ()]

    def read_json(self, body: Any, most_rows: int) -> Request:
        """Reads ``{"inputs": {name: array, ...}}``; for one input also ``{"inputs": array}``."""
        given = body.get("inputs") if isinstance(body, dict) else None
        if given is None:
            raise RefusedError(
                422, 'The body is not {"inputs": {name: array}}; see /openapi.json.', field="inputs"
            )
        if not isinstance(given, dict):
            if len(self.specs) > 1:
                raise RefusedError(
                    422, f"The model has the inputs {', '.join(self.specs)}: send an object.", field="inputs"
                )
            given = {next(iter(self.specs)): given}
        for name in given:
            if name not in self.specs:
                raise RefusedError(
                    422,
                    f"There is no input '{name}'. The inputs are {', '.join(self.specs)}.",
                    field=str(name),
                )
        arrays = {name: self._array(name, given) for name in self.specs}
        counts = {len(array) for array in arrays.values()}
        if len(counts) > 1:
            raise RefusedError(422, f"The inputs have different numbers of rows: {sorted(counts)}.")
        rows = counts.pop()
        if rows > most_rows:
            raise RefusedError(413, f"There are more than {most_rows} rows. Send them in several requests.")
        return Request(arrays, rows)

    def _array(self, name: str, given: Mapping[str, Any]) -> np.ndarray:
        shape, dtype = self.specs[name]
        wanted = "[" + ", ".join(["rows", *["any" if n is None else str(n) for n in shape]]) + "]"
        if name not in given:
            raise RefusedError(
                422, f"The input '{name}' is missing. Expected an array of shape {wanted}.", field=name
            )
        try:
            array = np.asarray(given[name])
        except ValueError:
            array = np.empty(0, object)
        if array.dtype.kind not in "biuf":
            raise RefusedError(
                422, f"The input '{name}' is not an array of numbers. Expected shape {wanted}.", field=name
            )
        fits = array.ndim == len(shape) + 1 and all(
            want is None or got == want for got, want in zip(array.shape[1:], shape, strict=True)
        )
        if not fits or not len(array):
            raise RefusedError(
                422, f"The input '{name}' has the shape {list(array.shape)}. Expected {wanted}.", field=name
            )
        with np.errstate(over="ignore"):
            found = array.astype(dtype)
        if dtype.kind == "f" and not np.isfinite(found).all():
            raise RefusedError(422, f"The input '{name}' contains numbers too large for {dtype}.", field=name)
        return found

    def read_csv(self, text: str, most_rows: int) -> Request:
        """Reads a table whose first line has names, for a model with one input of shape [rows, columns]."""
        (name, (shape, _)), *others = self.specs.items()
        if others or len(shape) != 1:
            raise RefusedError(415, "The model does not read rows of a table. Send JSON; see /openapi.json.")
        rows = []
        for number, line in enumerate(list(csv.reader(io.StringIO(text, newline="")))[1:], 1):
            try:
                rows.append([float(value) for value in line])
            except ValueError as error:
                raise RefusedError(422, f"Row {number}: {error}.", row=number) from None
        return self.read_json({"inputs": {name: rows}}, most_rows)

    def predict(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Returns the outputs of the model."""
        arrays = list(inputs.values())
        found = self.model.predict(arrays[0] if len(arrays) == 1 else arrays, batch_size=1 << 20, verbose=0)
        outputs = found if isinstance(found, list) else [found]
        return dict(zip(self.output_names, map(np.asarray, outputs), strict=True))

    def answer(self, outputs: Mapping[str, np.ndarray], request: Request) -> dict[str, Any]:
        """Returns ``{"outputs": {name: array}}``."""
        return {"outputs": {name: array.tolist() for name, array in outputs.items()}}

    def answer_csv(self, outputs: Mapping[str, np.ndarray]) -> str:
        """Returns one column for each number of the first output."""
        name, array = next(iter(outputs.items()))
        flat = array.reshape(len(array), -1)
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow([f"{name}_{index}" for index in range(flat.shape[1])])
        writer.writerows(flat.tolist())
        return text.getvalue()

    def schemas(self) -> dict[str, Any]:
        """Returns the schemas of the inputs and outputs."""
        inputs = {name: _array_schema(shape, dtype) for name, (shape, dtype) in self.specs.items()}
        outputs = {name: {"type": "array", "items": {}} for name in self.output_names}
        return {
            "Inputs": {"type": "object", "properties": inputs, "required": list(inputs)},
            "Request": {
                "type": "object",
                "properties": {"inputs": {"$ref": "#/components/schemas/Inputs"}},
                "required": ["inputs"],
            },
            "Answer": {
                "type": "object",
                "properties": {"outputs": {"type": "object", "properties": outputs}},
            },
        }

    def example(self) -> dict[str, Any]:
        """Returns a row of zeros."""
        return {
            "inputs": {
                name: np.zeros([1, *[n or 1 for n in shape]], dtype).tolist()
                for name, (shape, dtype) in self.specs.items()
            }
        }

    def description(self) -> dict[str, Any]:
        """Returns the shapes of the inputs."""
        inputs = {
            name: {"shape": [None, *shape], "dtype": str(dtype)}
            for name, (shape, dtype) in self.specs.items()
        }
        return {"name": self.name, "inputs": inputs, "outputs": self.output_names}


def _plain(name: str) -> str:
    return name.partition(":")[0]


def _array_schema(shape: tuple[int | None, ...], dtype: np.dtype[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": TYPES.get(dtype.kind, "number")}
    for length in reversed((None, *shape)):
        found = {"type": "array", "items": found}
        if length is not None:
            found |= {"minItems": length, "maxItems": length}
    return found
