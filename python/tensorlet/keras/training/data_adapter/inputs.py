"""Creation of data adapters from the arguments of `fit`, `evaluate` and `predict`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tensorlet.data.dataset import Dataset
from tensorlet.errors import InvalidArgumentError, PerformanceWarning, warn_user
from tensorlet.keras.training.data_adapter.batch_parts import packed, unpack
from tensorlet.keras.training.data_adapter.batches import Batches
from tensorlet.keras.training.data_adapter.columns import as_columns, is_batched
from tensorlet.keras.training.data_adapter.dataset_rows import DatasetRows, dataset_rows
from tensorlet.keras.training.data_adapter.rows import Rows, split
from tensorlet.localization import translate as _


class InputOptions(NamedTuple):
    """Options for the interpretation of the user's input.

    Attributes:
        class_weight: a dictionary from class index to the weight of its examples.
        steps: the number of batches in an epoch, for infinite input.
        steps_name: the name of the argument for ``steps``.
        several_inputs: whether a list of arrays means one array per input of the model.
        batch_size: the value passed by the user; only allowed with arrays.
        shuffle: whether to use the batches of a `Sequence` in a new order in each epoch.
        preparation: what is applied to x first, for models with layers that run on values.
        training: whether the data are used in many epochs, where work for each batch is worth a warning.
        text: whether x may hold text.
    """

    class_weight: dict[int, float] | None = None
    steps: int | None = None
    steps_name: str = "steps"
    several_inputs: bool = False
    batch_size: int | None = None
    shuffle: bool = False
    preparation: Callable[[object], Any] | None = None
    training: bool = False
    text: bool = False


DEFAULTS = InputOptions()


def make_input(
    x: object, y: object = None, sample_weight: object = None, options: InputOptions = DEFAULTS
) -> Rows | Batches:
    """Returns rows for native epochs if possible, otherwise batches.

    Args:
        x: an array, a structure of arrays, a data frame, table, generator, `Sequence` or `Dataset`.
        y, sample_weight: arrays or structures of arrays, only if x is one.
        options: the options for their interpretation.
    """
    if not is_batched(x):
        return array_rows(x, y, sample_weight, options).with_class_weight(options.class_weight)
    kind = "Dataset" if isinstance(x, Dataset) else type(x).__name__
    if y is not None or sample_weight is not None:
        raise InvalidArgumentError(
            f"y and sample_weight were passed together with x of type {kind}, which yields batches. "
            "The input itself must yield the labels, as (x, y) or (x, y, sample_weight)."
        )
    if options.batch_size is not None:
        raise InvalidArgumentError(
            f"batch_size={options.batch_size} was passed together with x of type {kind}, which already yields batches. "
            "Omit it, and set the batch size of the input: dataset.batch(32)."
        )
    prepare = options.preparation
    rows = dataset_rows(x, options.steps, options.class_weight, options.steps_name, prepare)
    if rows is None and prepare is not None and options.training:
        warn_user(
            _(
                "The layers of text in the model run in Python on each batch of the {kind}, in every epoch. To run "
                "them once, call them on the texts before training: dataset.map(lambda x, y: (layer(x), y)).cache()."
            ).format(kind=kind),
            PerformanceWarning,
        )
    return rows or Batches(x, options.class_weight, options.shuffle, prepare, options.text)  # type: ignore[arg-type]


def array_rows(x: object, y: object, sample_weight: object, options: InputOptions) -> Rows:
    """Returns the rows of arrays.

    Args:
        x, y, sample_weight: arrays, frames, tables, or structures of them.
        options: the options for their interpretation.
    """
    if options.preparation is None:
        x = as_columns(x, options.several_inputs, options.text)
    else:
        x = options.preparation(x)
    y = None if y is None else as_columns(y)
    sample_weight = None if sample_weight is None else as_columns(sample_weight)
    return Rows(packed(x, y, sample_weight))


def make_training_input(
    x: object, y: object, sample_weight: object, options: InputOptions, validation_split: float
) -> tuple[Rows | Batches, Rows | None]:
    """Returns the input of `fit`, and the rows that ``validation_split`` reserves for validation.

    Class weights are used only in training, not in validation, as in Keras.
    """
    if not validation_split:
        return make_input(x, y, sample_weight, options), None
    if is_batched(x):
        raise InvalidArgumentError(
            "validation_split requires arrays, whose last rows are used for validation. Pass validation_data instead."
        )
    rows, validation = split(array_rows(x, y, sample_weight, options), validation_split)
    return rows.with_class_weight(options.class_weight), validation


def make_validation_input(given: object, options: InputOptions) -> Rows | Batches:
    """Returns the input of a validation.

    Args:
        given: ``validation_data`` as passed to `fit`.
        options: the options for its interpretation.
    """
    if is_batched(given):
        return make_input(given, options=options)
    parts = tuple(given) if isinstance(given, list | tuple) else (given,)
    if len(parts) > 3:
        raise InvalidArgumentError(
            f"validation_data has {len(parts)} parts, expected (x, y) or (x, y, sample_weight)."
        )
    x, y, weight = unpack(parts)
    return make_input(x, y, weight, options)


def make_prediction_input(x: object, options: InputOptions) -> Rows | Batches:
    """Returns the input of `predict`; only x of the batches of a dataset is used.

    Args:
        x: the argument of `predict`.
        options: the options for its interpretation.
    """
    data = make_input(x, options=options)
    if isinstance(data, DatasetRows) and data.stages:
        return Batches(x)  # type: ignore[arg-type]
    return data.in_order(options.steps) if isinstance(data, DatasetRows) else data
