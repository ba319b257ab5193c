"""`TensorBoard`: writes losses, metrics and weights to log files for TensorBoard."""

from __future__ import annotations

import json
import os
import time
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import InvalidArgumentError, TensorletError
from tensorlet.formats.events import EventWriter, log_folder
from tensorlet.keras.optimizers.schedules.base import LearningRateSchedule
from tensorlet.keras.training.report.callback import Callback
from tensorlet.localization import translate as _
from tensorlet.registry import register
from tensorlet.summary import records
from tensorlet.summary.messages import metadata, scalar_summary, summary, tensor_message
from tensorlet.summary.tracing import graph
from tensorlet.summary.writers import SUMMARY, SummaryWriter, record_if

if TYPE_CHECKING:
    from tensorlet.keras.callbacks.projector import RowNames
    from tensorlet.keras.models.model import Model
    from tensorlet.type_aliases import PathLike

#: The longest time in seconds until written data becomes visible in TensorBoard.
FLUSH_INTERVAL = 1.0


@register("callback")
class TensorBoard(Callback):
    r"""Writes losses, metrics, histograms of weights and the graph of the model for TensorBoard.

    View them with ``tensorboard --logdir logs``, during or after training (``pip install tensorboard``;
    TensorFlow is not needed). ``log_dir`` contains the run "train", and "validation" if there is one. No Python
    runs between batches unless ``update_freq`` requires it: an epoch remains one native call.

    Args:
        log_dir: the folder. On systems other than Windows, a Windows path becomes a folder below the current one,
            with a message on standard error: ``c:\temp\log_ex`` becomes ``temp/log_ex``.
        histogram_freq: the number of epochs between histograms of the weights; 0 for none.
        write_graph: whether to write the layers ("Conceptual graph") and the graph of the training step.
        write_images: whether to write an image of the weights with each histogram; the smallest is black, the
        largest white.
        write_steps_per_second: whether to write the speed of training.
        update_freq: "epoch"; or "batch" or a number of batches, after which losses and metrics are also written,
            with Python running in between.
        profile_batch: has no effect; profiling is not supported.
        embeddings_freq: the number of epochs between writing the weights of `Embedding` layers for the Projector.
        embeddings_metadata: a file with the names of the rows of the embedding, or a dictionary from layer names
            to such files.
        **unknown: raises an error.

    Raises:
        InvalidArgumentError: for invalid values.
        SavingError: (an `OSError`) from `fit`, before training begins, if the folder is not writable.

    >>> import os, tempfile
    >>> import numpy as np
    >>> import tensorlet as tf
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    >>> model.compile("sgd", "mse")
    >>> folder = tempfile.mkdtemp()
    >>> history = model.fit(np.zeros((4, 2)), np.zeros(4), validation_split=0.5, verbose=0,
    ...                     callbacks=[tf.keras.callbacks.TensorBoard(folder, histogram_freq=1)])
    >>> sorted(os.listdir(folder))
    ['train', 'validation']
    """

    def __init__(
        self,
        log_dir: PathLike = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        profile_batch: str | int | Sequence[int] = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: RowNames = None,
        **unknown: object,
    ) -> None:
        super().__init__()
        _refuse_unknown(unknown)
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = _checked_frequency(update_freq)
        self.profile_batch = _checked_profile(profile_batch)
        self.embeddings_freq = embeddings_freq
        self.embeddings_metadata = embeddings_metadata
        self._folder = ""
        self._writers: dict[str, SummaryWriter] = {}
        self._defaults = ExitStack()
        self._flushed = self._epoch_started = self._batch_started = 0.0
        self._steps_before = 0
        self._weights: list[tuple[str, Any]] = []
        self._graph_is_due = False
        if self.update_freq != "epoch":
            # Batch hooks are defined only here, because they make Python run between batches.
            self.on_train_batch_begin = self._before_batch  # type: ignore[method-assign]
            self.on_train_batch_end = self._after_batch  # type: ignore[method-assign]

    def set_model(self, model: Model) -> None:
        """Sets the model; each run writes its own files."""
        super().set_model(model)
        self._close()
        self._weights = []
        self._folder = log_folder(self.log_dir)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Opens the log and writes the layers of the model."""
        writer = self._writer("train")
        self._graph_is_due = self.write_graph
        self._flushed = time.monotonic()
        if self.write_graph:
            self._write_layers()
        if self.update_freq != "epoch":
            self._defaults.enter_context(writer.as_default(self.model.optimizer.iterations))
            self._defaults.enter_context(record_if(self._is_due))

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Records the start time."""
        if self.write_steps_per_second:
            self._steps_before = self._iterations()
            self._epoch_started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes the losses and metrics of the epoch, and histograms if they are due."""
        logs = logs or {}
        training = {name: value for name, value in logs.items() if not name.startswith("val_")}
        validation = {name[4:]: value for name, value in logs.items() if name.startswith("val_")}
        rate = getattr(self.model.optimizer, "_learning_rate", None)
        if isinstance(rate, LearningRateSchedule):
            training["learning_rate"] = float(np.asarray(rate(self.model.optimizer.iterations)))
        if self.write_steps_per_second:
            seconds = max(time.perf_counter() - self._epoch_started, 1e-9)
            training["steps_per_second"] = (self._iterations() - self._steps_before) / seconds
        self._write_scalars("train", "epoch_", training, epoch)
        self._write_scalars("validation", "epoch_", validation, epoch)
        self._write_graph_of_step()
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            from tensorlet.keras.callbacks.projector import write_embeddings

            write_embeddings(self.model, self._folder, self.embeddings_metadata)
        self._flush_now_and_then()

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Writes the results of an evaluation or validation, at the current number of training steps."""
        values = {f"{name}_vs_iterations": value for name, value in (logs or {}).items()}
        if self.model.optimizer is not None:
            self._write_scalars("validation", "evaluation_", values, self._iterations())
            self._flush_now_and_then()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Closes the log."""
        self._write_graph_of_step()
        self._close()

    # Batch hooks, used if `update_freq` requires them:

    def _before_batch(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._batch_started = time.perf_counter()

    def _after_batch(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._is_due():
            values = dict(logs or {})
            if self.write_steps_per_second:
                values["steps_per_second"] = 1 / max(time.perf_counter() - self._batch_started, 1e-9)
            self._write_scalars("train", "batch_", values, self._iterations())
            self._flush_now_and_then()
        self._write_graph_of_step()

    def _is_due(self) -> bool:
        """Whether the values of the current batch should be written."""
        return self._iterations() % int(self.update_freq) == 0

    # Writing:

    def _writer(self, run: str) -> SummaryWriter:
        writer = self._writers.get(run)
        if writer is None:
            events = EventWriter(os.path.join(self._folder, run), ".v2")
            writer = self._writers[run] = SummaryWriter(events)
        return writer

    def _write_scalars(self, run: str, prefix: str, values: dict[str, Any], step: int) -> None:
        for name, value in values.items():
            array = np.asarray(value)
            if array.size == 1:
                content = scalar_summary(prefix + name, array, metadata("scalars"))
                self._writer(run).write(SUMMARY, content, step)

    def _write_layers(self) -> None:
        """Writes the configuration of the model, which TensorBoard shows as the "Conceptual graph"."""
        try:
            configuration = json.loads(self.model.to_json())
        except (TensorletError, NotImplementedError, AttributeError, TypeError, ValueError):
            return
        if "layers" not in configuration["config"]:
            return  # a subclassed model, of which only the training step is shown
        text = json.dumps(keras_3_connections(configuration))
        content = summary("keras", tensor_message(text), metadata("graph_keras_model", b"1"))
        self._writer("train").write(SUMMARY, content, 0)

    def _write_graph_of_step(self) -> None:
        """Writes the graph of the training step, once it has been traced."""
        if not self._graph_is_due:
            return
        for key, function in self.model._programs.functions.items():
            if key[0] == "train" and function.experimental_get_tracing_count():
                self._graph_is_due = False
                with self._writer("train").as_default(), record_if(True):
                    graph(function)
                return

    def _write_weights(self, epoch: int) -> None:
        with self._writer("train").as_default(), record_if(True):
            for name, weight in self._named_weights():
                values = np.asarray(weight)
                records.histogram(f"{name}/histogram", values, step=epoch)
                picture = as_pictures(values) if self.write_images else None
                if picture is not None:
                    records.image(f"{name}/image", picture, step=epoch)

    def _named_weights(self) -> list[tuple[str, Any]]:
        """Returns the weights of the layers, named as in TensorFlow; collected once per run."""
        if not self._weights:
            weights = [weight for layer in self.model.layers for weight in layer.weights]
            self._weights = [(weight.label.replace(":", "_"), weight) for weight in weights]
        return self._weights

    def _iterations(self) -> int:
        """The number of training steps so far."""
        return int(np.asarray(self.model.optimizer.iterations))

    def _flush_now_and_then(self) -> None:
        now = time.monotonic()
        if now - self._flushed > FLUSH_INTERVAL:
            self._flushed = now
            for writer in self._writers.values():
                writer.flush()

    def _close(self) -> None:
        self._defaults.close()
        for writer in self._writers.values():
            writer.close()
        self._writers = {}


def as_pictures(weights: np.ndarray) -> np.ndarray | None:
    """Converts weights to grayscale images of shape [count, height, width, 1], from 0 (smallest) to 1 (largest).

    A vector is one row of pixels, a matrix is rotated to landscape format, and of three axes the last counts images.
    Returns None for weights that cannot be shown as images.

    >>> import numpy as np
    >>> from tensorlet.keras.callbacks.tensorboard import as_pictures
    >>> as_pictures(np.array([[1.0], [2.0], [3.0]]))[0, :, :, 0].tolist()
    [[0.0, 0.5, 1.0]]
    """
    image = np.squeeze(weights)
    if image.size == 0 or image.ndim > 3 or image.dtype.kind != "f":
        return None
    if image.ndim < 2:
        image = image.reshape(1, -1)
    if image.ndim == 2:
        image = (image.T if image.shape[0] > image.shape[1] else image)[None]
    else:
        image = np.moveaxis(image, -1, 0)
    low, high = image.min(), image.max()
    return ((image - low) / (high - low if high > low else 1))[..., None]


def keras_3_connections(configuration: object) -> Any:
    """Converts the connections in a model configuration to the form of Keras 3, which TensorBoard requires.

    >>> from tensorlet.keras.callbacks.tensorboard import keras_3_connections
    >>> keras_3_connections({"inbound_nodes": [[["dense", 0, 0, {}]]]})
    {'inbound_nodes': [{'args': [[{'config': {'keras_history': ['dense', 0, 0]}}]], 'kwargs': {}}]}
    """
    if isinstance(configuration, list):
        return [keras_3_connections(item) for item in configuration]
    if not isinstance(configuration, dict):
        return configuration
    found = {}
    for key, value in configuration.items():
        if key == "inbound_nodes" and isinstance(value, list):
            found[key] = [_connections(node) for node in value]
        else:
            found[key] = keras_3_connections(value)
    return found


def _connections(node: object) -> Any:
    if not isinstance(node, list):
        return node
    sources = node if node and isinstance(node[0], list) else [node]
    tensors = [{"config": {"keras_history": source[:3]}} for source in sources]
    return {"args": [tensors], "kwargs": {}}


def _checked_frequency(frequency: str | int) -> str | int:
    if frequency == "epoch":
        return frequency
    if frequency == "batch":
        return 1
    if isinstance(frequency, bool) or not isinstance(frequency, int | np.integer) or frequency < 1:
        raise InvalidArgumentError(
            f"TensorBoard: update_freq is {frequency!r}, expected 'epoch', 'batch' or a number of batches."
        )
    return int(frequency)


def _checked_profile(batches: str | int | Sequence[int]) -> str | int | Sequence[int]:
    """Checks ``profile_batch``, and warns that profiling is not supported if it is requested."""
    numbers: Any = batches
    try:
        if isinstance(numbers, str):
            numbers = [int(part) for part in numbers.split(",")]
        numbers = [int(number) for number in (numbers if isinstance(numbers, list | tuple) else [numbers])]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) not in (1, 2) or numbers[0] < 0 or numbers[-1] < numbers[0]:
        raise InvalidArgumentError(
            f"TensorBoard: profile_batch is {batches!r}, expected the number of a batch, or of the first and last one. "
            "Use 0 for none."
        )
    if numbers[0] > 0:
        warnings.warn(
            _(
                "TensorBoard: profile_batch is ignored, because profiling is not supported. Everything else is written."
            ),
            stacklevel=3,
        )
    return batches


def _refuse_unknown(unknown: dict[str, object]) -> None:
    if unknown:
        raise TypeError(
            f"TensorBoard got unknown arguments: {', '.join(sorted(unknown))}. Expected log_dir, histogram_freq, "
            "write_graph, write_images, write_steps_per_second, update_freq, profile_batch, embeddings_freq or "
            "embeddings_metadata."
        )
