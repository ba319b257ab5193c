"""The loops of `predict`: compiled programs for one row, for a few and for many rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.buffers import array_of
from tensorlet.core.compiled_call import uncompiled
from tensorlet.core.concrete_function import Concrete, pack_outputs, unpack_outputs
from tensorlet.core.effects import silenced
from tensorlet.core.function import Function, functions_run_eagerly, in_chain
from tensorlet.core.kept_values import unchanged_variables
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import EagerTensor
from tensorlet.core.user_code import user_function
from tensorlet.dtypes import string
from tensorlet.errors import InvalidArgumentError, RunsEagerly, TracingError
from tensorlet.keras.training.data_adapter.batch_parts import Batch, as_given
from tensorlet.keras.training.data_adapter.batches import Batches
from tensorlet.keras.training.data_adapter.epoch_plan import EpochSettings
from tensorlet.keras.training.data_adapter.rows import Rows
from tensorlet.keras.training.report.callback_list import CallbackList
from tensorlet.keras.training.report.progress import Display
from tensorlet.keras.training.step.preparation import errors_for_given_shapes, rows_are_independent

if TYPE_CHECKING:
    from tensorlet.keras.training.step.steps import Steps

#: The default number of rows in a batch of `predict`.
BATCH_SIZE = 32
#: The numbers of rows for which programs are compiled if the rows of a model are independent: few, since each program
#: has memory of its own, and close enough that of more than 64 rows, at most a third is padding.
SIZES = (1, 32, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
#: The number of row predictors that a model caches, and the bytes that the values of their programs may take.
MOST_PREDICTORS = 64
MOST_PREDICTOR_BYTES = 1 << 26


class PredictionLoop:
    """Predicts all rows or batches of an input once.

    Args:
        model: the model.
        callbacks: the callbacks, whose batch hooks are called.
        display: the progress display.
        settings: the settings for the batches.
    """

    def __init__(
        self, model: Steps, callbacks: CallbackList, display: Display, settings: EpochSettings
    ) -> None:
        self.model = model
        self.callbacks = callbacks
        self.display = display
        self.settings = settings
        self.steps: int | None = None

    def run(self, data: Rows | Batches) -> tuple[Any, RowPredictor | None]:
        """Returns the outputs, and a predictor that can be used again for rows of the same shape."""
        if isinstance(data, Batches):
            return self._run_batches(data, self.settings), None
        if self.settings.steps is not None:
            data = data.part(slice(0, self.settings.steps * self.settings.batch_size))
        chunk = self.settings.batch_size
        self.steps = -(-data.count // chunk)
        eager = self.model.run_eagerly or functions_run_eagerly() or data.holds_text
        size = program_size(data.count) if rows_are_independent(self.model) else data.count
        if eager or self.callbacks.wants_batches("predict") or (size == data.count > chunk):
            chunks = Batches(_Chunks(data, chunk), text=data.holds_text)
            with errors_for_given_shapes(self.model, data):
                return self._run_batches(chunks, EpochSettings(chunk)), None
        with errors_for_given_shapes(self.model, data):
            try:
                predictor = RowPredictor(self.model, data, size)
            except TracingError as error:
                if in_chain(error, RunsEagerly) is None:
                    raise
                return self._run_batches(Batches(_Chunks(data, chunk)), EpochSettings(chunk)), None
        return predictor.of(data.columns), predictor

    def _run_batches(self, data: Batches, settings: EpochSettings) -> Any:
        pieces = []
        structure = None
        self.model.stop_predicting = False
        for number, batch in enumerate(data.batches([], settings)):
            self.callbacks.batch("predict", "begin", number, {})
            outputs, structure = self._predict_one(batch)
            self.callbacks.batch("predict", "end", number, {"outputs": pack_outputs(structure, outputs)})
            self.display.update(number + 1, {})
            pieces.append(outputs)
            if self.model.stop_predicting:
                break
        self.steps = len(pieces)
        whole = [np.concatenate(column) for column in zip(*pieces, strict=True)]
        return pack_outputs(structure, whole)

    def _predict_one(self, batch: Batch) -> tuple[list[np.ndarray], Any]:
        has_text = any(leaf.dtype is string for leaf in flatten(batch))
        if self.model.run_eagerly or functions_run_eagerly() or has_text:
            result = self.model.predict_step(as_given(batch))
            return _leaves(result)
        try:
            concrete = predict_function(self.model, batch)
        except TracingError as error:
            if in_chain(error, RunsEagerly) is None:
                raise
            return _leaves(self.model.predict_step(as_given(batch)))
        arrays = concrete.executable().run([array_of(leaf) for leaf in flatten(batch)], concrete.buffers)
        return list(arrays), concrete.structure


def _leaves(result: Any) -> tuple[list[np.ndarray], Any]:
    """The arrays of a result, and its structure."""
    return [np.asarray(leaf) for leaf in flatten(result)], unpack_outputs(result)[1]


class RowPredictor:
    """`predict` for inputs of one shape: programs with a fixed number of rows, of which the last are padding.

    Args:
        model: the model.
        data: rows of the shape.
        size: the number of rows that the program processes at a time.
    """

    def __init__(self, model: Steps, data: Rows, size: int) -> None:
        self.layers = layer_ids(model)
        self.count = data.count
        self.size = size
        self.dtypes = [spec.dtype.numpy for spec in data.specs]
        stand_ins = [EagerTensor(np.zeros((self.size, *spec.shape), spec.dtype.numpy)) for spec in data.specs]
        concrete = predict_function(model, pack_like(data.structure, stand_ins))
        # A row is predicted with the same bits alone, among a few and among many.
        concrete.graph.steady_rows = rows_are_independent(model)
        self.structure = concrete.structure
        self.bytes = concrete.bytes + sum(array_of(one).nbytes for one in stand_ins)
        self.buffers = concrete.buffers
        self.run = concrete.executable().run
        self.specs = [node.spec for node in concrete.graph.outputs]
        for spec in self.specs:
            if not spec.rank or spec.shape[0] != self.size:
                raise InvalidArgumentError(
                    f"predict requires one output row per input row, but for {self.size} rows the model "
                    f"returns {spec}. Keep the first axis, or call the model itself: model(x)."
                )
        self.exact = self.count == self.size
        self.single = len(self.specs) == 1 and not isinstance(self.structure, list | tuple | dict)

    def __call__(self, x: np.ndarray) -> Any:
        """Returns the outputs for an array of this shape."""
        if self.exact and self.single:
            if x.dtype != self.dtypes[0] or not x.flags.c_contiguous:
                x = np.ascontiguousarray(x, self.dtypes[0])
            return self.run([x], self.buffers)[0]
        return self.of([x])

    def of(self, columns: Sequence[np.ndarray]) -> Any:
        """Returns the outputs for columns of rows."""
        results = [np.empty((self.count, *spec.shape[1:]), spec.dtype.numpy) for spec in self.specs]
        for start in range(0, self.count, self.size):
            stop = min(start + self.size, self.count)
            batch = [
                self._filled(column[start:stop], dtype)
                for column, dtype in zip(columns, self.dtypes, strict=True)
            ]
            for result, array in zip(results, self.run(batch, self.buffers), strict=True):
                result[start:stop] = array[: stop - start]
        return pack_outputs(self.structure, results)

    def _filled(self, rows: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
        """Returns the rows in the dtype of the program, padded with zeros."""
        if len(rows) == self.size:
            return np.ascontiguousarray(rows, dtype)
        padded = np.zeros((self.size, *rows.shape[1:]), dtype)
        padded[: len(rows)] = rows
        return padded


def predict_function(model: Steps, batch: Batch) -> Concrete:
    """Returns the compiled prediction step for a batch shape."""
    functions = model._programs.functions
    key = ("predict", layer_ids(model))
    if key not in functions:
        with uncompiled(), silenced(), unchanged_variables():
            model.predict_step(as_given(batch))  # builds what is not built yet

        def predict(data: Batch) -> Any:
            return user_function(model.predict_step)(as_given(data))

        functions[key] = Function(predict, name=f"predict of '{model.name}'", open_lengths=True)
    return functions[key].concrete(batch)


def layer_ids(model: Steps) -> tuple[int, ...]:
    """Returns the ids of the layers, which change when layers are added or removed."""
    return tuple(map(id, getattr(model, "layers", ())))


def program_size(count: int) -> int:
    """Returns the number of rows that a program processes at a time, so that a few programs serve all sizes.

    >>> [program_size(count) for count in (1, 5, 100, 1000, 5000)]
    [1, 32, 128, 1024, 1024]
    """
    return next((size for size in SIZES if count <= size), SIZES[-1])


class _Chunks:
    """Rows as batches accessed by index."""

    def __init__(self, data: Rows, size: int) -> None:
        self.data = data
        self.size = size

    def __len__(self) -> int:
        return (self.data.count + self.size - 1) // self.size

    def __getitem__(self, index: int, /) -> Batch:
        rows = slice(index * self.size, min((index + 1) * self.size, self.data.count))
        batch: Batch = pack_like(self.data.structure, [column[rows] for column in self.data.columns])
        return batch
