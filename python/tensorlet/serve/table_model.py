"""Models of `tensorlet train`: rows by the names of their columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tensorlet.errors import did_you_mean
from tensorlet.serve.refusals import RefusedError
from tensorlet.serve.served_model import Request, ServedModel
from tensorlet.tabular.columns.column import Column
from tensorlet.tabular.columns.values import date_text
from tensorlet.tabular.model import PREDICTION, TabularModel

#: More categories than this are not listed in the OpenAPI document.
MOST_LISTED = 100
OUTPUT = "outputs"
EXPECTED = {
    "number": "a number",
    "boolean": "true or false",
    "date": "a date such as 2024-02-29",
    "category": "a text",
}


class TableModel(ServedModel):
    """A model that reads rows of a table.

    Args:
        model: the model with the meaning of its columns.
        name: the name of its file.
    """

    def __init__(self, model: TabularModel, name: str) -> None:
        self.model, self.name = model, name
        self.columns = model.description.columns
        self._names = {column.name for column in self.columns}
        self._ignored = {model.description.target.name, *model.description.left_out}

    def read_json(self, body: Any, most_rows: int) -> Request:
        """Reads ``{"column": value, ...}``, a list of such rows, or ``{"rows": [...]}``."""
        single = isinstance(body, dict) and not ("rows" in body and "rows" not in self._names)
        rows = [body] if single else body["rows"] if isinstance(body, dict) else body
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise RefusedError(
                422,
                'The body is not a row such as {"column": value}, a list of rows, or {"rows": [...]}.',
            )
        return self._request(rows, most_rows, single)

    def read_csv(self, text: str, most_rows: int) -> Request:
        """Reads a table with the names of the columns in its first line; an empty value is missing."""
        try:
            lines = csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter(text))
            header = next(lines, [])
            rows = []
            for number, line in enumerate(lines, 1):
                if not line:
                    continue
                if len(line) != len(header):
                    raise RefusedError(
                        422,
                        f"Row {number} has {len(line)} values, but the header has {len(header)}.",
                        row=number,
                    )
                rows.append({name: value or None for name, value in zip(header, line, strict=True)})
                if len(rows) > most_rows:
                    break
        except csv.Error as error:
            raise RefusedError(422, f"The body is not a CSV table: {error}.") from None
        return self._request(rows, most_rows, single=False)

    def _delimiter(self, text: str) -> str:
        """Returns what separates the names in the first line: a semicolon or a tab if all columns are found so."""
        first = text[: text.find("\n") + 1] or text
        for delimiter in (";", "\t"):
            names = next(csv.reader([first], delimiter=delimiter), [])
            if len(names) > 1 and self._names <= set(names):
                return delimiter
        return ","

    def _request(self, rows: Sequence[Mapping[str, Any]], most_rows: int, single: bool) -> Request:
        if not rows:
            raise RefusedError(422, "There are no rows. Expected at least one.")
        if len(rows) > most_rows:
            raise RefusedError(413, f"There are more than {most_rows} rows. Send them in several requests.")
        for number, row in enumerate(rows, 1):
            if row.keys() != self._names:
                self._check_names(row, number)
            for column in self.columns:
                if isinstance(row[column.name], dict | list):
                    raise _wrong(column, row[column.name], number)
        encoded = self.model.encoder.encode_rows(rows)
        by_name = {column.name: column for column in self.columns}
        for name, (index, text, _count) in encoded.unreadable.items():
            raise _wrong(by_name[name], text, index + 1)
        for name, array in encoded.arrays.items():
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise RefusedError(422, f"The input '{name}' contains numbers too large for float32.")
        notes = [
            f"'{text}' is not a category of '{name}' in the training data; it counts as unknown."
            for name, texts in encoded.unknown.items()
            for text in list(texts)[:5]
        ]
        return Request(encoded.arrays, len(rows), single, tuple(notes))

    def _check_names(self, row: Mapping[str, Any], number: int) -> None:
        for name in row:
            if name not in self._names and name not in self._ignored:
                hint = did_you_mean(str(name), list(self._names))
                listed = ", ".join(column.name for column in self.columns)
                raise RefusedError(
                    422,
                    f"There is no column '{name}'.{hint} The columns are {listed}.",
                    field=str(name),
                    row=number,
                )
        for column in self.columns:
            if column.name not in row:
                raise RefusedError(
                    422,
                    f"The column '{column.name}' is missing. Expected {EXPECTED[column.kind]}, or null for a missing "
                    "value.",
                    field=column.name,
                    row=number,
                )

    def predict(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Returns the probabilities or the numbers."""
        found = np.asarray(self.model.model.predict(dict(inputs), batch_size=1 << 20, verbose=0))
        return {OUTPUT: found}

    def _outputs(self, outputs: Mapping[str, np.ndarray]) -> np.ndarray:
        found = outputs[OUTPUT]
        return found if self.model.classes else found[:, 0]

    def answer(self, outputs: Mapping[str, np.ndarray], request: Request) -> dict[str, Any]:
        """Returns the prediction of a single row, or ``{"predictions": [...]}``."""
        answers = self.model.answers(self._outputs(outputs))
        body: dict[str, Any] = dict(answers[0]) if request.single else {"predictions": answers}
        if request.notes:
            body["notes"] = list(request.notes)
        return body

    def answer_csv(self, outputs: Mapping[str, np.ndarray]) -> str:
        """Returns the columns ``prediction`` and those of the probabilities."""
        columns = self.model.answer_columns(self._outputs(outputs))
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(columns)
        writer.writerows(
            zip(
                *[
                    values.tolist() if isinstance(values, np.ndarray) else values
                    for values in columns.values()
                ],
                strict=True,
            )
        )
        return text.getvalue()

    def schemas(self) -> dict[str, Any]:
        """Returns the schemas of a row, a request and an answer."""
        row = {
            "type": "object",
            "properties": {column.name: _schema(column) for column in self.columns},
            "required": [column.name for column in self.columns],
        }
        reference = {"$ref": "#/components/schemas/Row"}
        properties: dict[str, Any] = {PREDICTION: {"type": "number"}}
        if self.model.classes:
            each = {name: {"type": "number"} for name in self.model.classes}
            properties = {
                PREDICTION: {"type": "string", "enum": self.model.classes},
                "probabilities": {"type": "object", "properties": each},
            }
        prediction = {"type": "object", "properties": properties}
        several = {
            "type": "object",
            "properties": {"predictions": {"type": "array", "items": prediction}},
        }
        rows = {"type": "array", "items": reference}
        return {
            "Row": row,
            "Request": {
                "oneOf": [
                    reference,
                    rows,
                    {"type": "object", "properties": {"rows": rows}, "required": ["rows"]},
                ]
            },
            "Answer": {"oneOf": [prediction, several]},
        }

    def example(self) -> dict[str, Any]:
        """Returns a row with the mean of each number and the most frequent categories."""
        return {column.name: _example(column) for column in self.columns}

    def description(self) -> dict[str, Any]:
        """Returns the columns and the target."""
        target = self.model.description.target
        return {
            "name": self.name,
            "kind": self.model.description.model,
            "target": target.name,
            "task": target.task,
            "classes": target.classes,
            "unit": target.unit,
            "columns": [
                {
                    "name": column.name,
                    "kind": column.kind,
                    "unit": column.unit,
                    "categories": column.categories[:MOST_LISTED],
                    "minimum": column.minimum,
                    "maximum": column.maximum,
                }
                for column in self.columns
            ],
        }


def _wrong(column: Column, value: object, row: int) -> RefusedError:
    shown = str(value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    return RefusedError(
        422,
        f"The value of '{column.name}' is '{shown}'. Expected {EXPECTED[column.kind]}.",
        field=column.name,
        row=row,
    )


def _schema(column: Column) -> dict[str, Any]:
    types = {"number": "number", "boolean": "boolean", "date": "string", "category": "string"}
    found: dict[str, Any] = {"type": [types[column.kind], "null"]}
    if column.kind == "date":
        found["format"] = "date-time" if column.has_time else "date"
    if column.kind == "category" and len(column.categories) <= MOST_LISTED:
        found["examples"] = column.categories
    if column.kind == "number":
        found["description"] = f"{column.minimum:g} to {column.maximum:g} in the training data" + (
            f", in {column.unit}" if column.unit else ""
        )
    return found


def _example(column: Column) -> Any:
    if column.kind == "category":
        return column.categories[0] if column.categories else ""
    if column.kind == "boolean":
        return True
    if column.kind == "date":
        return date_text(column.maximum, column.has_time)
    return round(column.mean) if column.is_whole else float(f"{column.mean:.4g}")
