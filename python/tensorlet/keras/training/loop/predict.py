"""`predict`: compiled programs for one row, for a few, and for many at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlet.core.concrete_function import Concrete, pack_outputs
from tensorlet.core.function import functions_run_eagerly
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import EagerTensor
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.spellings import note_old_spelling
from tensorlet.keras.training.data_adapter.adapter import make_input
from tensorlet.keras.training.data_adapter.batches import Batches
from tensorlet.keras.training.data_adapter.dataset_rows import DatasetRows
from tensorlet.keras.training.data_adapter.rows import Rows
from tensorlet.keras.training.old_arguments import drop_useless
from tensorlet.keras.training.report.callback_list import CallbackList
from tensorlet.keras.training.report.progress import Display, resolve_verbose
from tensorlet.keras.training.step.steps import Steps

#: Rows in a batch of `predict`, where nobody says how many.
BATCH_SIZE = 32
#: Rows at a time for models whose rows do not see each other; programs are compiled for these sizes only.
SIZES = (1, 32, 1024)
#: Programs for the quick way that a model keeps.
MOST_PREDICTORS = 64


class Predictor(Steps):
    """The prediction half of a model."""

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
        **old: Any,
    ) -> Any:
        """The model's outputs for many rows.

        Args:
            x: inputs, of shape [rows, ...], in any form that `fit` takes.
            batch_size: rows at a time.
            verbose: 0: silent, 1 or "auto": a progress bar, 2: a line.
            steps: batches to take of input without an end.
            callbacks: `Callback`s.
            old: arguments of the years before, which are of no use here: ``workers`` and its kin.

        Returns:
            An array of shape [rows, ...], or a list or dictionary of them for several outputs.

        >>> import numpy as np
        >>> import tensorlet as tf
        >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,), kernel_initializer="ones")])
        >>> model.predict(np.array([[1.0, 2.0], [3.0, 4.0]]), verbose=0)
        array([[3.],
               [7.]], dtype=float32)
        """
        if old:
            drop_useless("predict", old, "x, batch_size, verbose, steps or callbacks")
        plain = verbose == 0 and type(x) is np.ndarray and callbacks is None and steps is None
        if plain and self._predictors is not None:
            quick = self._predictors.get((x.shape, x.dtype.num))
            if quick is not None and quick.layers == self._layer_ids() and not self.run_eagerly:
                return quick(x)
        return self._predict_slowly(x, batch_size, resolve_verbose(verbose), steps, callbacks)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch, as arrays."""
        return self.predict(x, verbose=0)

    def predict_generator(self, generator: Any, steps: int | None = None, **others: Any) -> Any:
        """The older name of `predict` for generators."""
        note_old_spelling("predict_generator", "predict")
        return self.predict(generator, steps=steps, **others)

    def predict_classes(self, x: Any, batch_size: int = BATCH_SIZE, verbose: Any = 0) -> np.ndarray:
        """The most probable class of each row; the older name of ``argmax(model.predict(x), axis=-1)``."""
        note_old_spelling("predict_classes(x)", "argmax(model.predict(x), axis=-1)")
        found = self.predict(x, batch_size=batch_size, verbose=verbose)
        if found.shape[-1] > 1:
            return np.asarray(found.argmax(axis=-1))
        return np.asarray((found > 0.5).astype("int32"))

    def predict_proba(self, x: Any, batch_size: int = BATCH_SIZE, verbose: Any = 0) -> Any:
        """The older name of `predict`."""
        note_old_spelling("predict_proba", "predict")
        return self.predict(x, batch_size=batch_size, verbose=verbose)

    def _predict_slowly(
        self, x: Any, batch_size: int | None, verbose: int, steps: int | None, callbacks: Any
    ) -> Any:
        data = make_input(x, steps=steps, several_inputs=getattr(self, "_has_several_inputs", bool)())
        if isinstance(data, DatasetRows) and data.stages:
            data = Batches(x, steps)
        elif isinstance(data, DatasetRows):
            data = data.in_order(steps)
            steps, batch_size = None, data.batch_size
        watchers = callbacks if isinstance(callbacks, CallbackList) else CallbackList(callbacks)
        watchers.set_model(self)
        shown = -(-data.count // (batch_size or BATCH_SIZE)) if isinstance(data, Rows) else data.steps
        if steps is not None and shown is not None:
            shown = min(steps, shown)
        display = Display(verbose, shown)
        display.begin()
        watchers.call("on_predict_begin", {})
        if isinstance(data, Batches):
            result, shown = self._predict_batches(data, watchers, display)
        else:
            if steps is not None:
                data = data.part(slice(0, steps * (batch_size or BATCH_SIZE)))
            result = self._predict_rows(data, x, batch_size, watchers, display)
        watchers.call("on_predict_end", {})
        display.end({}, shown)
        return result

    def _predict_batches(self, data: Batches, watchers: CallbackList, display: Display) -> tuple[Any, int]:
        pieces = []
        structure = None
        for number, batch in enumerate(data.epoch()):
            watchers.batch("predict", "begin", number, {})
            outputs, structure = self._predict_one(batch)
            watchers.batch("predict", "end", number, {"outputs": pack_outputs(structure, outputs)})
            display.update(number + 1, {})
            pieces.append(outputs)
        if not pieces:
            raise InvalidArgumentError("predict got input that yields no batch. Expected at least one.")
        whole = [np.concatenate(column) for column in zip(*pieces, strict=True)]
        return pack_outputs(structure, whole), len(pieces)

    def _predict_one(self, batch: Any) -> tuple[list[np.ndarray], Any]:
        if self.run_eagerly or functions_run_eagerly():
            result = self.predict_step(batch)
            leaves = [np.asarray(leaf) for leaf in flatten(result)]
            return leaves, _positions(result)
        concrete = self._predict_function(batch)
        arrays = concrete.executable().run(_leaves(batch), concrete._buffers)
        return list(arrays), concrete.structure

    def _predict_function(self, batch: Any) -> Concrete:
        functions = self._functions if self._functions is not None else {}
        self._functions = functions
        key = ("predict", self._layer_ids())
        if key not in functions:
            from tensorlet.core.function import Function

            self.predict_step(batch)  # builds what has not been built yet
            functions[key] = Function(self.predict_step, name=f"predict of '{self.name}'")
        return functions[key].get_concrete_function(batch)

    def _predict_rows(
        self, data: Rows, x: Any, batch_size: int | None, watchers: CallbackList, display: Display
    ) -> Any:
        chunk = batch_size or BATCH_SIZE
        eager = self.run_eagerly or functions_run_eagerly()
        size = program_size(data.count) if self._rows_are_alone() else data.count
        if eager or watchers.wants_batches("predict") or (size == data.count > chunk):
            batches = Batches(_Chunks(data, chunk), None)
            return self._predict_batches(batches, watchers, display)[0]
        predictor = Predicted(self, data, size)
        if type(x) is np.ndarray and not isinstance(data.structure[0], dict | list | tuple):
            if self._predictors is None or len(self._predictors) >= MOST_PREDICTORS:
                self._predictors = {}
            self._predictors[(x.shape, x.dtype.num)] = predictor
        return predictor.of(data.columns)

    def _rows_are_alone(self) -> bool:
        """Whether each row's output depends on that row only: so it is in every layer of ours."""
        layers = getattr(self, "_flatten_layers", None)
        found = list(layers()) if callable(layers) else [self, *getattr(self, "layers", ())]
        ours = all(type(layer).__module__.startswith("tensorlet.") for layer in found)
        return ours and not any(type(layer).__name__ == "Lambda" for layer in found)

    def _layer_ids(self) -> tuple[int, ...]:
        """Changes when layers are added or taken away."""
        return tuple(map(id, getattr(self, "layers", ())))


class Predicted:
    """`predict` for inputs of one shape: programs that run on as many rows as fit, the last ones padded.

    Args:
        model: the model.
        data: rows of the shape.
        size: rows that the program takes at a time.
    """

    def __init__(self, model: Predictor, data: Rows, size: int) -> None:
        self.layers = model._layer_ids()
        self.count = data.count
        self.size = size
        self.dtypes = [spec.dtype.numpy for spec in data.specs]
        stand_ins = [EagerTensor(np.zeros((self.size, *spec.shape), spec.dtype.numpy)) for spec in data.specs]
        concrete = model._predict_function(pack_like(data.structure, stand_ins))
        self.structure = concrete.structure
        self.buffers = concrete._buffers
        self.run = concrete.executable().run
        self.specs = [node.spec for node in concrete.graph.outputs]
        for spec in self.specs:
            if not spec.rank or spec.shape[0] != self.size:
                raise InvalidArgumentError(
                    f"predict needs one output row for each input row, but for {self.size} rows the model "
                    f"gives {spec}. Keep the first axis, or call the model itself: model(x)."
                )
        self.exact = self.count == self.size
        self.single = len(self.specs) == 1 and not isinstance(self.structure, list | tuple | dict)

    def __call__(self, x: np.ndarray) -> Any:
        """The outputs for an array of the shape."""
        if self.exact and self.single:
            if x.dtype != self.dtypes[0] or not x.flags.c_contiguous:
                x = np.ascontiguousarray(x, self.dtypes[0])
            return self.run([x], self.buffers)[0]
        return self.of([x])

    def of(self, columns: list[np.ndarray]) -> Any:
        """The outputs for columns of rows."""
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

    def _filled(self, rows: np.ndarray, dtype: Any) -> np.ndarray:
        """The rows in the program's dtype, with zeros after them where they are too few."""
        if len(rows) == self.size:
            return np.ascontiguousarray(rows, dtype)
        padded = np.zeros((self.size, *rows.shape[1:]), dtype)
        padded[: len(rows)] = rows
        return padded


def program_size(count: int) -> int:
    """How many rows a program takes at a time, so that a few programs serve every number of rows.

    >>> [program_size(count) for count in (1, 5, 100, 1000, 5000)]
    [1, 32, 128, 1024, 1024]
    """
    for size in SIZES:
        if count <= size:
            step = SIZES[1]
            # A few hundred rows: not many more than there are.
            return size if size <= step else min(size, -(-count // step) * step)
    return SIZES[-1]


class _Chunks:
    """Rows as batches, for `Batches`."""

    def __init__(self, data: Rows, size: int) -> None:
        self.data = data
        self.size = size

    def __len__(self) -> int:
        return (self.data.count + self.size - 1) // self.size

    def __getitem__(self, index: int) -> Any:
        rows = slice(index * self.size, min((index + 1) * self.size, self.data.count))
        return pack_like(self.data.structure, [column[rows] for column in self.data.columns])


def _leaves(batch: Any) -> list[np.ndarray]:
    return [leaf._array for leaf in flatten(batch)]


def _positions(result: Any) -> Any:
    from tensorlet.core.concrete_function import unpack_outputs

    return unpack_outputs(result)[1]
