"""`evaluate`: how good a saved model is on other rows."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import numpy as np

from tensorlet.localization import translate as _
from tensorlet.localization.suggestions import suggestion
from tensorlet.tabular.answering import Answers
from tensorlet.tabular.columns.target import listed
from tensorlet.tabular.columns.values import coded
from tensorlet.tabular.measures import Measure, class_measures, confusion_matrix, number_measures
from tensorlet.tabular.model import TabularModel
from tensorlet.tabular.reading.source import ReadOptions
from tensorlet.tabular.reading.streams import open_stream
from tensorlet.tabular.table_error import TableError


@dataclass
class Evaluation:
    """How good a model is.

    Attributes:
        rows: the number of rows.
        measures: as in `tabular.measures`, by name.
        baseline: the measures of always answering the commonest class of these rows, or their mean.
        confusion: the confusion matrix for classes; None for numbers.
        notes: sentences about what was unusual.
    """

    rows: int
    measures: dict[str, Measure]
    baseline: dict[str, Measure]
    confusion: np.ndarray | None
    notes: list[str] = field(default_factory=list)


def evaluate(
    model: TabularModel, path: str | os.PathLike[str], options: ReadOptions | None = None
) -> Evaluation:
    """Measures a model on the rows of a file, which may be larger than memory.

    Args:
        model: the model.
        path: a table with the columns of the model and its target.
        options: how to read it.

    Raises:
        TableError: if a column is missing, or no row has a target that the model knows.
    """
    target = model.description.target
    stream = open_stream(path, options)
    if target.name not in stream.columns:
        raise TableError(
            stream.name,
            _("there is no column '{name}'.").format(name=target.name)
            + suggestion(target.name, stream.columns),
            _("To evaluate a model, its target is needed. The table has {names}.").format(
                names=listed(stream.columns)
            ),
        )
    answers = Answers(model, stream)
    labels, outputs, strange = [], [], set()
    for table, output in answers.batches():
        values = table.column(target.name)
        found = target.encode(values)
        labels.append(found)
        outputs.append(output)
        if target.classes and (found < 0).any():
            texts, codes = coded(values)
            strange |= {texts[code] for code in np.unique(codes[(found < 0) & (codes >= 0)])} - {""}
    all_labels, all_outputs = np.concatenate(labels), np.concatenate(outputs)
    known = all_labels >= 0 if target.classes else np.isfinite(all_labels)
    left_out = int((~known).sum())
    if left_out:
        note = _("Rows without a target that the model knows: {count}. They were left out.").format(
            count=f"{left_out:,}"
        )
        if strange:
            note += " " + _("Classes that it does not know: {names}.").format(
                names=listed(sorted(strange), 5)
            )
        answers.notes.append(note)
    if not known.any():
        raise TableError(
            stream.name,
            _("no row has a value of '{name}' that the model knows.").format(name=target.name),
            _("Expected {names}.").format(names=listed(target.classes) if target.classes else _("numbers")),
        )
    return _evaluation(model, all_labels[known], all_outputs[known], answers.notes)


def _evaluation(model: TabularModel, labels: np.ndarray, outputs: np.ndarray, notes: list[str]) -> Evaluation:
    classes = len(model.classes)
    if not classes:
        base = number_measures(labels, np.full(len(labels), labels.mean()))
        return Evaluation(len(labels), number_measures(labels, outputs), base, None, notes)
    shares = np.bincount(labels, minlength=classes) / len(labels)
    base = class_measures(labels, np.tile(shares, (len(labels), 1)))
    confusion = confusion_matrix(labels, outputs.argmax(1), classes)
    return Evaluation(len(labels), class_measures(labels, outputs), base, confusion, notes)
