"""The hyperparameters and metrics of an experiment, for the "HParams" tab of TensorBoard.

Runs can be compared without this (see `hparams`); with it, TensorBoard knows the ranges, display names and metrics.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

from tensorlet.errors import InvalidArgumentError
from tensorlet.formats.protobuf import Message
from tensorlet.summary.hyperparameters import EXPERIMENT, value_message, write_part

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random
    from types import ModuleType


#: The numbers of the types of values; integers are stored as floats.
DATA_TYPES = {str: 1, bool: 2, int: 3, float: 3}


class Domain:
    """The possible values of a hyperparameter."""

    #: The Python type of the values.
    dtype: type = float

    def sample_uniform(self, rng: Random | ModuleType = random) -> Any:
        """Returns a random value.

        Args:
            rng: a `random.Random`.
        """
        raise NotImplementedError

    def fields(self, info: Message) -> None:
        """Adds the fields of the domain to an ``HParamInfo``."""
        raise NotImplementedError


class _Interval(Domain):
    def __init__(self, min_value: float, max_value: float) -> None:
        for value in (min_value, max_value):
            if not isinstance(value, self.dtype) or isinstance(value, bool):
                raise TypeError(
                    f"{type(self).__name__} got {value!r}, expected a bound of type {self.dtype.__name__}."
                )
        if min_value > max_value:
            raise InvalidArgumentError(
                f"{type(self).__name__}: the lower bound {min_value!r} is larger than the upper bound {max_value!r}."
            )
        self.min_value = min_value
        self.max_value = max_value

    def fields(self, info: Message) -> None:
        """Adds the type and both bounds."""
        ends = Message().float64(1, self.min_value).float64(2, self.max_value)
        info.varint(4, DATA_TYPES[self.dtype]).message(6, ends)

    def __str__(self) -> str:
        return f"[{self.min_value}, {self.max_value}]"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.min_value!r}, {self.max_value!r})"


class IntInterval(_Interval):
    """Integers from ``min_value`` to ``max_value``, inclusive.

    >>> from tensorlet.summary.experiments import IntInterval
    >>> IntInterval(8, 64)
    IntInterval(8, 64)
    """

    dtype = int

    def sample_uniform(self, rng: Random | ModuleType = random) -> int:
        """Returns a random value."""
        return int(rng.randint(int(self.min_value), int(self.max_value)))


class RealInterval(_Interval):
    """Floats from ``min_value`` to ``max_value``, inclusive."""

    dtype = float

    def sample_uniform(self, rng: Random | ModuleType = random) -> float:
        """Returns a random value."""
        return float(rng.uniform(self.min_value, self.max_value))


class Discrete(Domain):
    """A list of values: all strings, all bools, all integers or all floats.

    Args:
        values: the values.
        dtype: the type of the values; by default that of the first one.

    >>> from tensorlet.summary.experiments import Discrete
    >>> Discrete(["sgd", "adam"]).values
    ['adam', 'sgd']
    """

    def __init__(self, values: Iterable[Any], dtype: type | None = None) -> None:
        listed = list(values)
        if dtype is None:
            if not listed:
                raise InvalidArgumentError(
                    "Discrete got no values. Pass at least one, or pass their type as dtype=..."
                )
            dtype = type(listed[0])
        if dtype not in DATA_TYPES:
            raise InvalidArgumentError(
                f"Discrete got values of {dtype.__name__}, expected int, float, bool or str."
            )
        for value in listed:
            if not isinstance(value, dtype):
                raise TypeError(f"Discrete got {value!r} among values of type {dtype.__name__}.")
        self.dtype = dtype
        self.values = sorted(listed)

    def sample_uniform(self, rng: Random | ModuleType = random) -> Any:
        """Returns a random value."""
        return rng.choice(self.values)

    def fields(self, info: Message) -> None:
        """Adds the type and the values."""
        listed = Message()
        for value in self.values:
            listed.message(1, value_message(value))
        info.varint(4, DATA_TYPES[self.dtype]).message(5, listed)

    def __str__(self) -> str:
        return "{" + ", ".join(map(repr, self.values)) + "}"

    def __repr__(self) -> str:
        return f"Discrete({self.values!r})"


class HParam:
    """A hyperparameter of an experiment; it can be used as a dictionary key in place of its name.

    Args:
        name: its name.
        domain: the possible values.
        display_name: the name that TensorBoard shows.
        description: a Markdown description that TensorBoard shows.

    >>> from tensorlet.summary.experiments import HParam, IntInterval
    >>> print(HParam("units", IntInterval(8, 64)))
    <HParam 'units': [8, 64]>
    """

    def __init__(
        self,
        name: str,
        domain: Domain | None = None,
        display_name: str | None = None,
        description: str | None = None,
    ) -> None:
        if domain is not None and not isinstance(domain, Domain):
            raise TypeError(
                f"HParam '{name}': the domain is {domain!r:.60}, expected Discrete([...]), IntInterval(a, b) or "
                "RealInterval(a, b)."
            )
        self.name = name
        self.domain = domain
        self.display_name = display_name
        self.description = description

    def message(self) -> Message:
        """Returns the ``HParamInfo`` message."""
        info = Message().text(1, self.name).text(2, self.display_name or "").text(3, self.description or "")
        if self.domain is not None:
            self.domain.fields(info)
        return info

    def __str__(self) -> str:
        return f"<HParam {self.name!r}: {'any value' if self.domain is None else self.domain}>"

    def __repr__(self) -> str:
        return f"HParam({self.name!r}, {self.domain!r})"


class Metric:
    """A scalar that is used to compare runs.

    Args:
        tag: the name of the scalar, such as "epoch_accuracy".
        group: the subfolder of the run with its log, such as "validation".
        display_name: the name that TensorBoard shows.
        description: a Markdown description that TensorBoard shows.
        dataset_type: `Metric.TRAINING`, `Metric.VALIDATION` or None.
    """

    TRAINING, VALIDATION = 1, 2

    def __init__(
        self,
        tag: str,
        group: str | None = None,
        display_name: str | None = None,
        description: str | None = None,
        dataset_type: int | None = None,
    ) -> None:
        if dataset_type not in (None, self.TRAINING, self.VALIDATION):
            raise InvalidArgumentError(
                f"Metric '{tag}': dataset_type is {dataset_type!r}, expected Metric.TRAINING or Metric.VALIDATION."
            )
        self.tag = tag
        self.group = group
        self.display_name = display_name
        self.description = description
        self.dataset_type = dataset_type

    def message(self) -> Message:
        """Returns the ``MetricInfo`` message."""
        name = Message().text(1, self.group or "").text(2, self.tag)
        info = Message().message(1, name).text(3, self.display_name or "").text(4, self.description or "")
        return info.varint(5, self.dataset_type or 0)


def hparams_config(
    hparams: Iterable[HParam], metrics: Iterable[Metric], time_created_secs: float | None = None
) -> bool:
    """Writes the hyperparameters and metrics of an experiment to the folder that contains its runs.

    Args:
        hparams: the hyperparameters.
        metrics: the metrics.
        time_created_secs: the start time of the experiment, in seconds since 1970.

    Returns:
        Whether it was written; False without a default writer.

    >>> import tempfile
    >>> import tensorlet as tf
    >>> from tensorlet.keras.callbacks import hparams as hp
    >>> with tf.summary.create_file_writer(tempfile.mkdtemp()).as_default():
    ...     hp.hparams_config([hp.HParam("units", hp.Discrete([8, 16]))], [hp.Metric("accuracy")])
    True
    """
    created = time.time() if time_created_secs is None else float(time_created_secs)
    message = Message().float64(3, created)
    for hparam in hparams:
        message.message(4, hparam.message())
    for metric in metrics:
        message.message(5, metric.message())
    return write_part(EXPERIMENT, message)
