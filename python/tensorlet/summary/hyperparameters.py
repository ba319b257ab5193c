"""The hyperparameters of a run, for the "HParams" tab of TensorBoard.

Field numbers are those of ``plugin_data.proto`` and ``api.proto`` of TensorBoard's "hparams" plugin.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.formats.protobuf import Message
from tensorlet.summary.messages import metadata, summary, tensor_message
from tensorlet.summary.writers import add

EXPERIMENT, SESSION_START, SESSION_END = 2, 3, 4
TAGS = {
    EXPERIMENT: "_hparams_/experiment",
    SESSION_START: "_hparams_/session_start_info",
    SESSION_END: "_hparams_/session_end_info",
}
SUCCESS = 1


def hparams(
    hparams: Mapping[Any, Any], trial_id: str | None = None, start_time_secs: float | None = None
) -> bool:
    """Writes the hyperparameters of a run; the scalars in its folder are the results.

    Each run has its own folder, and therefore its own writer.

    Args:
        hparams: a dictionary from names to numbers, bools or strings.
        trial_id: runs with the same id are shown as one, with the mean of their results; by default runs
            with the same hyperparameters.
        start_time_secs: the start time of the run, in seconds since 1970.

    Returns:
        Whether they were written; False without a default writer.

    Raises:
        InvalidArgumentError: for values of another type.

    >>> import tempfile
    >>> import tensorlet as tf
    >>> with tf.summary.create_file_writer(tempfile.mkdtemp()).as_default():
    ...     tf.summary.hparams({"units": 16, "optimizer": "adam"})
    ...     tf.summary.scalar("accuracy", 0.9, step=1)
    True
    True
    """
    values = {_name(key): _plain(key, value) for key, value in hparams.items()}
    group = trial_id
    if group is None:
        group = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    message = Message()
    for key, value in values.items():
        message.message(1, Message().text(1, key).message(2, value_message(value)))
    message.text(4, group).float64(5, time.time() if start_time_secs is None else float(start_time_secs))
    return write_part(SESSION_START, message)


def end_session(status: int = SUCCESS) -> bool:
    """Writes that the run whose hyperparameters were written has ended."""
    return write_part(SESSION_END, Message().varint(1, status).float64(2, time.time()))


def write_part(part: int, message: Message) -> bool:
    """Writes a message of the "hparams" plugin with the default writer.

    Args:
        part: `EXPERIMENT`, `SESSION_START` or `SESSION_END`.
        message: the content.
    """
    content = bytes(Message().message(part, message))
    empty = tensor_message(np.zeros(0, np.float32))
    return add("hparams", 0, lambda: summary(TAGS[part], empty, metadata("hparams", content)))


def value_message(value: bool | float | str) -> Message:
    """Returns a ``google.protobuf.Value`` message."""
    if isinstance(value, bool):
        return Message().varint(4, int(value))
    if isinstance(value, str):
        return Message().text(3, value)
    return Message().float64(2, value)


def _name(key: object) -> str:
    name = getattr(key, "name", key)
    if not isinstance(name, str):
        raise InvalidArgumentError(
            f"hparams: {key!r:.60} is not a valid name of a hyperparameter, expected a string."
        )
    return name


def _plain(key: object, value: object) -> bool | float | str:
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, str):
        return value
    array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "iuf":
        raise InvalidArgumentError(
            f"hparams: '{_name(key)}' is {value!r:.60}, expected a number, a bool or a string. Use str(...)."
        )
    return float(array.reshape(()))
