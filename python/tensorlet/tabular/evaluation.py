"""`evaluate`: how good a saved model is on other rows."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.localization import translate as _
from tensorlet.localization.suggestions import suggestion
from tensorlet.tabular.answering import Answers
from tensorlet.tabular.columns.column import Column
from tensorlet.tabular.columns.target import listed
from tensorlet.tabular.columns.values import coded
from tensorlet.tabular.measures import Measure, class_measures, confusion_matrix, number_measures
from tensorlet.tabular.model import TabularModel
from tensorlet.tabular.reading.files import read
from tensorlet.tabular.reading.pictures import picture_of
from tensorlet.tabular.reading.source import Pictures, ReadOptions, Table
from tensorlet.tabular.reading.streams import Stream, open_stream
from tensorlet.tabular.table_error import TableError
from tensorlet.tabular.weighting import check_total, class_shares, weighted_mean, weights_of

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass
class Evaluation:
    """How good a model is.

    Attributes:
        rows: the number of rows.
        measures: as in `tabular.measures`, by name.
        baseline: the measures of always answering the commonest class of these rows, or their mean.
        confusion: the confusion matrix for classes; None for numbers.
        notes: sentences about what was unusual.
        weights: the column that the rows counted by; None if all counted the same.
    """

    rows: int
    measures: dict[str, Measure]
    baseline: dict[str, Measure]
    confusion: np.ndarray | None
    notes: list[str] = field(default_factory=list)
    weights: str | None = None


def evaluate(
    model: TabularModel,
    path: str | os.PathLike[str],
    options: ReadOptions | None = None,
    weights: str | None = None,
) -> Evaluation:
    """Measures a model on the rows of a file, which may be larger than memory.

    Args:
        model: the model.
        path: a table with the columns of the model and its target; for a model of pictures, a folder of them.
        options: how to read it.
        weights: the column that says how much each row counts; None for the one of the training, if the file has it.

    Raises:
        TableError: if a column is missing, a weight is wrong, or no row has a target that the model knows.
    """
    if model.description.picture_shape is not None:
        return _of_pictures(model, path, options)
    target = model.description.target
    stream = open_stream(path, options)
    _check_columns(stream, target.name, weights)
    answers = Answers(model, stream)
    counting = _counting(answers, weights)
    labels, outputs, counted, strange = _collected(answers, counting)
    known = labels >= 0 if target.classes else np.isfinite(labels)
    if not known.all():
        answers.notes.append(_left_out(int((~known).sum()), strange))
    if not known.any():
        raise TableError(
            stream.name,
            _("no row has a value of '{name}' that the model knows.").format(name=target.name),
            _("Expected {names}.").format(names=listed(target.classes) if target.classes else _("numbers")),
        )
    counted = None if counted is None else counted[known]
    if counted is not None:
        check_total(counted, stream.name, str(counting))
        answers.notes.append(_("The rows count by column '{name}'.").format(name=counting))
    result = _evaluation(model, labels[known], outputs[known], answers.notes, counted)
    result.weights = counting
    return result


def _counting(answers: Answers, weights: str | None) -> str | None:
    """Returns the column of the weights; notes that the table does not have the one of the training."""
    name = weights or answers.model.description.weights
    if name is None or name in answers.stream.columns:
        return name
    answers.notes.append(
        _(
            "The table has no column '{name}', whose weights the training used: all rows count the same."
        ).format(name=name)
    )
    return None


def _collected(
    answers: Answers, counting: str | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, set[str]]:
    """Returns the labels, the outputs and the weights of all rows, and the classes that the model does not know."""
    target = answers.model.description.target
    labels, outputs, weights, strange = [], [], [], set()
    for table, output in answers.batches():
        values = table.column(target.name)
        found = target.encode(values)
        labels.append(found)
        outputs.append(output)
        if counting is not None:
            weights.append(_weights(answers.stream, table, answers.rows - table.num_rows, counting))
        if target.classes and (found < 0).any():
            texts, codes = coded(values)
            strange |= {texts[code] for code in np.unique(codes[(found < 0) & (codes >= 0)])} - {""}
    counted = np.concatenate(weights) if weights else None
    return np.concatenate(labels), np.concatenate(outputs), counted, strange


def _of_pictures(
    model: TabularModel, path: str | os.PathLike[str], options: ReadOptions | None
) -> Evaluation:
    """Measures a model of pictures on a folder of pictures, or on an array of them."""
    source = read(path, options)
    if not isinstance(source, Pictures) or source.y is None:
        raise TableError(
            os.fspath(path),
            _("it does not hold pictures with their classes."),
            _(
                "Expected one folder for each class, with its pictures inside, or a file such as the training had."
            ),
        )
    shape = model.description.picture_shape
    x = source.x
    if source.files is not None and shape is not None:  # in the size of the training
        x = np.stack([picture_of(file, shape) for file in source.files])
    index = {name: number for number, name in enumerate(model.classes)}
    labels = np.array([index.get(name, -1) for name in source.y], np.int32)
    known = labels >= 0
    if not known.any():
        raise TableError(
            source.name,
            _("no row has a value of '{name}' that the model knows.").format(
                name=model.description.target.name
            ),
            _("Expected {names}.").format(names=listed(model.classes)),
        )
    notes = list(source.notes)
    if not known.all():
        notes.append(_left_out(int((~known).sum()), set(source.y) - set(index)))
    return _evaluation(model, labels[known], model.predict_pictures(x[known]), notes)


def _left_out(count: int, strange: set[str]) -> str:
    note = _("Rows without a target that the model knows: {count}. They were left out.").format(
        count=f"{count:,}"
    )
    if strange:
        note += " " + _("Classes that it does not know: {names}.").format(names=listed(sorted(strange), 5))
    return note


def _check_columns(stream: Stream, target: str, weights: str | None) -> None:
    """Refuses a table without the target or the weights."""
    fixes = {
        target: _("To evaluate a model, its target is needed. The table has {names}."),
        weights: _("The columns are {names}."),
    }
    for name, fix in fixes.items():
        if name is not None and name not in stream.columns:
            raise TableError(
                stream.name,
                _("there is no column '{name}'.").format(name=name) + suggestion(name, stream.columns),
                fix.format(names=listed(stream.columns)),
            )


def _weights(stream: Stream, data: pa.Table, first: int, name: str) -> np.ndarray:
    """Returns the weights of a batch, given the number of its first row."""
    line_of = None if stream.line_of_first is None else lambda row: stream.line(first + row)
    return weights_of(Table(stream.name, data, line_of=line_of), Column(name, "number"))


def _evaluation(
    model: TabularModel,
    labels: np.ndarray,
    outputs: np.ndarray,
    notes: list[str],
    weights: np.ndarray | None = None,
) -> Evaluation:
    classes = len(model.classes)
    if not classes:
        mean = np.full(len(labels), weighted_mean(labels, weights))
        base = number_measures(labels, mean, weights=weights)
        return Evaluation(len(labels), number_measures(labels, outputs, weights=weights), base, None, notes)
    shares = class_shares(labels, classes, weights)
    base = class_measures(labels, np.tile(shares, (len(labels), 1)), weights=weights)
    confusion = confusion_matrix(labels, outputs.argmax(1), classes)
    return Evaluation(len(labels), class_measures(labels, outputs, weights=weights), base, confusion, notes)
