"""Hyperparameters for TensorBoard, with the names of ``tensorboard.plugins.hparams.api``.

Under ``tensorlet run``, this module replaces that one, so that writing does not require TensorBoard.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tensorlet.keras.training.report.callback import Callback
from tensorlet.summary.experiments import (
    Discrete,
    Domain,
    HParam,
    IntInterval,
    Metric,
    RealInterval,
    hparams_config,
)
from tensorlet.summary.hyperparameters import end_session, hparams
from tensorlet.summary.writers import SummaryWriter, create_file_writer, record_if

if TYPE_CHECKING:
    from tensorlet.type_aliases import PathLike

__all__ = [
    "Discrete",
    "Domain",
    "HParam",
    "IntInterval",
    "KerasCallback",
    "Metric",
    "RealInterval",
    "hparams",
    "hparams_config",
]


class KerasCallback(Callback):
    """Writes the hyperparameters when `fit` begins, and the status of the run when it ends.

    Args:
        writer: a summary writer, or the folder of the run.
        hparams: a dictionary from names or `HParam`s to numbers, bools or strings.
        trial_id: see `hparams`.

    Raises:
        TypeError: if the writer is neither.

    >>> import tempfile
    >>> import numpy as np
    >>> import tensorlet as tf
    >>> from tensorlet.keras.callbacks import hparams as hp
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(4, input_shape=(2,))])
    >>> model.compile("sgd", "mse")
    >>> folder = tempfile.mkdtemp()
    >>> callbacks = [tf.keras.callbacks.TensorBoard(folder), hp.KerasCallback(folder, {"units": 4})]
    >>> history = model.fit(np.zeros((4, 2)), np.zeros((4, 4)), verbose=0, callbacks=callbacks)
    """

    def __init__(
        self, writer: SummaryWriter | PathLike, hparams: Mapping[Any, Any], trial_id: str | None = None
    ) -> None:
        super().__init__()
        if not isinstance(writer, SummaryWriter | str | os.PathLike):
            raise TypeError(f"KerasCallback got {writer!r:.60}, expected a summary writer or a folder.")
        self._place = writer
        self._writer: SummaryWriter | None = None
        self._hparams = dict(hparams)
        self._trial_id = trial_id

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Writes the hyperparameters."""
        place = self._place
        self._writer = place if isinstance(place, SummaryWriter) else create_file_writer(place)
        with self._writer.as_default(), record_if(True):
            hparams(self._hparams, self._trial_id)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Writes that the run ended successfully."""
        if self._writer is not None:
            with self._writer.as_default(), record_if(True):
                end_session()
            if self._writer is not self._place:
                self._writer.close()
            self._writer = None
