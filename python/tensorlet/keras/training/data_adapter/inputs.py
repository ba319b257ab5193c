"""From the arguments of `fit`, `evaluate` and `predict` to data adapters."""

from __future__ import annotations

from typing import NamedTuple

from tensorlet.data.dataset import Dataset
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.training.data_adapter.batch_parts import packed, unpack
from tensorlet.keras.training.data_adapter.batches import Batches
from tensorlet.keras.training.data_adapter.columns import as_columns, is_batched
from tensorlet.keras.training.data_adapter.dataset_rows import DatasetRows, dataset_rows
from tensorlet.keras.training.data_adapter.rows import Rows, split


class InputOptions(NamedTuple):
    """How the user's input is to be understood.

    Attributes:
        class_weight: from class number to the weight of its examples.
        steps: batches in an epoch, for input without an end.
        steps_name: the argument by which the user can say ``steps``.
        several_inputs: whether a list of arrays means one array for each input of the model.
        batch_size: what the user asked for; only allowed with arrays.
        shuffle: take the batches of a `Sequence` in a new order in each epoch.
    """

    class_weight: dict[int, float] | None = None
    steps: int | None = None
    steps_name: str = "steps"
    several_inputs: bool = False
    batch_size: int | None = None
    shuffle: bool = False


DEFAULTS = InputOptions()


def make_input(
    x: object, y: object = None, sample_weight: object = None, options: InputOptions = DEFAULTS
) -> Rows | Batches:
    """Rows for native epochs where possible, else batches.

    Args:
        x: array, structure of arrays, data frame, table, generator, `Sequence` or `Dataset`.
        y, sample_weight: arrays or structures of them; only with arrays.
        options: how they are to be understood.
    """
    if not is_batched(x):
        return array_rows(x, y, sample_weight, options.several_inputs).with_class_weight(options.class_weight)
    kind = "Dataset" if isinstance(x, Dataset) else type(x).__name__
    if y is not None or sample_weight is not None:
        raise InvalidArgumentError(
            f"y and sample_weight were given together with x of type {kind}, which yields batches. "
            "Expected the labels to come with it: let it yield (x, y) or (x, y, sample_weight)."
        )
    if options.batch_size is not None:
        raise InvalidArgumentError(
            f"batch_size={options.batch_size} was given together with x of type {kind}, which yields batches already. "
            "Leave it out, and let the input make batches of that size: dataset.batch(32)."
        )
    rows = dataset_rows(x, options.steps, options.class_weight, options.steps_name)
    return rows or Batches(x, options.class_weight, options.shuffle)  # type: ignore[arg-type]


def array_rows(x: object, y: object, sample_weight: object, several_inputs: bool) -> Rows:
    """Rows of arrays.

    Args:
        x, y, sample_weight: arrays, frames, tables, or structures of them.
        several_inputs: whether a list of arrays means one array for each input of the model.
    """
    x = as_columns(x, several_inputs)
    y = None if y is None else as_columns(y)
    sample_weight = None if sample_weight is None else as_columns(sample_weight)
    return Rows(packed(x, y, sample_weight))


def make_training_input(
    x: object, y: object, sample_weight: object, options: InputOptions, validation_split: float
) -> tuple[Rows | Batches, Rows | None]:
    """The input of `fit`, and the rows that ``validation_split`` keeps for validation.

    Class weights belong to training: the validation is without them, as in Keras.
    """
    if not validation_split:
        return make_input(x, y, sample_weight, options), None
    if is_batched(x):
        raise InvalidArgumentError(
            "validation_split needs arrays, whose last rows can be split off. Pass validation_data."
        )
    rows, validation = split(array_rows(x, y, sample_weight, options.several_inputs), validation_split)
    return rows.with_class_weight(options.class_weight), validation


def make_validation_input(given: object, options: InputOptions) -> Rows | Batches:
    """The input of a validation.

    Args:
        given: ``validation_data`` as `fit` takes it.
        options: how it is to be understood.
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
    """The input of `predict`; of a dataset's batches only x is used.

    Args:
        x: what `predict` was given.
        options: how it is to be understood.
    """
    data = make_input(x, options=options)
    if isinstance(data, DatasetRows) and data.stages:
        return Batches(x)  # type: ignore[arg-type]
    return data.in_order(options.steps) if isinstance(data, DatasetRows) else data
