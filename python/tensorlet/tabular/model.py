"""`TabularModel`: a trained model together with what its columns mean."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError
from tensorlet.localization import translate as _
from tensorlet.localization.suggestions import suggestion
from tensorlet.tabular.columns.encoder import Encoded, Encoder
from tensorlet.tabular.columns.target import listed
from tensorlet.tabular.extras import require
from tensorlet.tabular.model_file import Description, read_description
from tensorlet.tabular.names import kind_name
from tensorlet.tabular.problem import PICTURES
from tensorlet.tabular.reading.columnar import table_of
from tensorlet.tabular.reading.files import start_of
from tensorlet.tabular.reading.second_look import short
from tensorlet.tabular.table_error import TableError

#: The names of the columns that predictions add; a number is added if the table has such a column.
PREDICTION, PROBABILITY = "prediction", "probability"
BATCH = 4096


class TabularModel:
    """A model that answers for rows of a table by the names of their columns.

    Args:
        model: a Keras model with the inputs of the description.
        description: what its inputs and outputs mean.
        path: the file that it comes from, for messages.

    Attributes:
        model, description, path: as given.

    >>> import numpy as np
    >>> from tensorlet.tabular import load_model, train
    >>> import os, tempfile
    >>> x = np.random.default_rng(0).normal(size=300)
    >>> path = os.path.join(tempfile.mkdtemp(), "sign.keras")
    >>> train({"x": x, "sign": np.where(x > 0, "plus", "minus")}, "sign", trees=False).save(path)
    >>> load_model(path).predict_rows([{"x": 2.5}, {"x": -2.5}])[0]["prediction"]
    'plus'
    """

    def __init__(self, model: Any, description: Description, path: str = "") -> None:
        self.model, self.description, self.path = model, description, path

    @property
    def columns(self) -> list[str]:
        """The names of the columns that the model reads, in order."""
        return [column.name for column in self.description.columns]

    @property
    def classes(self) -> list[str]:
        """The names of the classes, in the order of the outputs; empty if the model predicts a number."""
        return self.description.target.classes

    @property
    def encoder(self) -> Encoder:
        """The encoding of the columns.

        Raises:
            InvalidArgumentError: for a model of pictures.
        """
        if self.description.encoder is None:
            raise InvalidArgumentError(_("The model reads pictures, not a table."))
        return self.description.encoder

    def check_columns(self, names: Sequence[str], file: str) -> list[str]:
        """Compares the columns of a table with those of the model.

        Args:
            names: the columns of the table, in order.
            file: the name of the table, for messages.

        Returns:
            Sentences about columns in another order, and about columns that the model does not read.

        Raises:
            TableError: if a column is missing.
        """
        wanted = self.columns
        missing = [name for name in wanted if name not in names]
        if missing:
            raise TableError(
                file,
                _("the model needs the columns {names}, which the table does not have.").format(
                    names=listed(missing)
                )
                + suggestion(missing[0], [name for name in names if name not in wanted]),
                _("The table has {names}.").format(names=listed(list(names))),
            )
        notes = []
        order = [name for name in names if name in wanted]
        if order != wanted:
            first = next(index for index, name in enumerate(order) if name != wanted[index])
            notes.append(
                _("The columns are in another order than in the training: '{found}' where '{expected}' was. They were "
                  "matched by name.").format(found=order[first], expected=wanted[first])
            )  # fmt: skip
        known = {*wanted, self.description.target.name, *self.description.left_out}
        extra = [name for name in names if name not in known]
        if extra:
            notes.append(
                _("Columns that the model does not know: {names}. They were ignored.").format(
                    names=listed(extra)
                )
            )
        return notes

    def predict_encoded(self, encoded: Encoded) -> np.ndarray:
        """Returns the outputs for encoded rows: probabilities of shape [rows, classes], or numbers of shape [rows]."""
        if len(next(iter(encoded.arrays.values()))) == 0:
            return np.empty((0, len(self.classes)) if self.classes else (0,), np.float32)
        found = np.asarray(self.model.predict(encoded.arrays, batch_size=BATCH, verbose=0))
        return found if self.classes else found[:, 0]

    def predict(self, frame: Any) -> np.ndarray:
        """Returns the outputs for the rows of a data frame or a table, matched by the names of the columns.

        Args:
            frame: a data frame of pandas or Polars, a table of Arrow, or a dictionary of columns.

        Returns:
            Probabilities of shape [rows, classes], or numbers of shape [rows].

        Raises:
            TableError: if a column is missing.
        """
        table = table_of(frame)
        self.check_columns(table.data.column_names, table.name)
        return self.predict_encoded(self.encoder.encode(table.data))

    def predict_frame(self, frame: Any) -> Any:
        """Returns the predictions as a frame of the same library, with one row for each row of ``frame``.

        Its columns are ``prediction`` and, for classes, ``probability`` (of the predicted class) and ``probability of
        CLASS`` for each class. The index of a pandas data frame is kept.

        Args:
            frame: as for `predict`.
        """
        columns = self.answer_columns(self.predict(frame))
        if hasattr(frame, "iloc"):
            return require("pandas", "data").DataFrame(columns, index=frame.index)
        if type(frame).__module__.partition(".")[0] == "polars":
            return require("polars", "data").DataFrame(columns)
        if isinstance(frame, dict):
            return columns
        pa = require("pyarrow", "data")
        return pa.table({name: pa.array(values) for name, values in columns.items()})

    def answer_columns(self, outputs: np.ndarray, taken: Sequence[str] = ()) -> dict[str, Any]:
        """Returns outputs as columns by name.

        Args:
            outputs: what `predict` returns.
            taken: names that are used already.
        """
        if not self.classes:
            return {free_name(PREDICTION, taken): outputs.astype(np.float64)}
        best = outputs.argmax(1)
        columns: dict[str, Any] = {
            free_name(PREDICTION, taken): [self.classes[index] for index in best],
            free_name(PROBABILITY, taken): outputs[np.arange(len(best)), best].astype(np.float64),
        }
        for index, name in enumerate(self.classes):
            columns[free_name(f"{PROBABILITY} of {name}", taken)] = outputs[:, index].astype(np.float64)
        return columns

    def predict_rows(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Returns an answer for each row.

        Args:
            rows: dictionaries from the names of columns to values. A name that is left out counts as missing.

        Returns:
            For each row a dictionary: ``prediction``, and for classes ``probabilities``, by class.

        Raises:
            InvalidArgumentError: for a name that is not a column, or a value that cannot be read; it names the field.
        """
        self._check_rows(rows)
        encoded = self.encoder.encode_rows(rows)
        for name, (row, text, _count) in encoded.unreadable.items():
            kind = next(column.kind for column in self.description.columns if column.name == name)
            raise InvalidArgumentError(
                _("Row {row}: the value of '{name}' is '{value}', but a {kind} is expected.").format(
                    row=row + 1, name=name, value=short(text), kind=kind_name(kind)
                )
            )
        return self.answers(self.predict_encoded(encoded))

    def answers(self, outputs: np.ndarray) -> list[dict[str, Any]]:
        """Returns outputs as `predict_rows` does."""
        if not self.classes:
            return [{PREDICTION: float(value)} for value in outputs]
        return [
            {
                PREDICTION: self.classes[int(row.argmax())],
                "probabilities": {name: float(value) for name, value in zip(self.classes, row, strict=True)},
            }
            for row in outputs
        ]

    def _check_rows(self, rows: Sequence[Mapping[str, Any]]) -> None:
        known = {*self.columns, self.description.target.name, *self.description.left_out}
        for number, row in enumerate(rows, 1):
            for name in row:
                if name not in known:
                    raise InvalidArgumentError(
                        _("Row {row}: there is no column '{name}'.").format(row=number, name=name)
                        + suggestion(str(name), self.columns)
                        + " "
                        + _("The columns are {names}.").format(names=listed(self.columns))
                    )

    def predict_pictures(self, pictures: np.ndarray) -> np.ndarray:
        """Returns the probabilities of the classes for pictures of shape [pictures, height, width, channels]."""
        shape = self.description.picture_shape
        if shape is None or tuple(pictures.shape[1:]) != shape:
            raise InvalidArgumentError(
                _("The pictures have the shape {found}, but the model expects {expected}.").format(
                    found=tuple(pictures.shape[1:]), expected=shape
                )
            )
        return np.asarray(self.model.predict({PICTURES: pictures}, batch_size=BATCH, verbose=0))


def load_model(path: str | os.PathLike[str]) -> TabularModel:
    """Loads a model that `train` or ``tensorlet train`` has written.

    Args:
        path: a ``.keras`` file.

    Raises:
        TableError: if there is no such file.
        FileFormatError: if the file is damaged.
        InvalidArgumentError: if it does not say what its columns mean: it was not written by ``tensorlet train``.
    """
    name = os.fspath(path)
    start_of(name)  # which says what is wrong if there is no such file
    description = read_description(name)
    if description is None:
        raise InvalidArgumentError(
            _("'{path}' does not say what its columns mean: it was not written by tensorlet train. Use "
              "tf.keras.models.load_model for other models.").format(path=name)
        )  # fmt: skip
    return TabularModel(tf.keras.models.load_model(name, compile=False), description, name)


def free_name(name: str, taken: Sequence[str]) -> str:
    """Returns a name for a new column that no column has.

    >>> free_name("prediction", ["prediction"])
    'prediction (2)'
    """
    fresh, number = name, 2
    while fresh in taken:
        fresh, number = f"{name} ({number})", number + 1
    return fresh
