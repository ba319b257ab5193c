"""``tf.distribute`` on one machine: strategies with one replica, which is the CPU with all of its threads.

Programs written for several devices run on it unchanged. Strategies for several machines are not supported.
"""

from __future__ import annotations

import enum
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from tensorlet import ops
from tensorlet.core.nest import map_structure
from tensorlet.errors import InvalidArgumentError, warn_user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


class ReduceOp(enum.Enum):
    """The reduction of the values of several replicas."""

    SUM = "SUM"
    MEAN = "MEAN"


class InputContext(NamedTuple):
    """The argument of a function that creates a dataset for one of several machines."""

    num_input_pipelines: int = 1
    input_pipeline_id: int = 0
    num_replicas_in_sync: int = 1

    def get_per_replica_batch_size(self, global_batch_size: int) -> int:
        """Returns the number of rows of a batch for one replica: all of them."""
        return global_batch_size


class ReplicaContext:
    """The context of a function that runs on a replica."""

    num_replicas_in_sync = 1
    replica_id_in_sync_group = 0

    def __init__(self, strategy: Strategy) -> None:
        self.strategy = strategy

    def all_reduce(self, reduce_op: ReduceOp | str, value: object, options: object = None) -> Any:
        """Returns the sum or mean over the replicas: the value itself."""
        _reduce_op(reduce_op)
        return value

    def merge_call(
        self, merge_fn: Callable[..., Any], args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Calls a function with the strategy and the values of all replicas."""
        return merge_fn(self.strategy, *args, **(kwargs or {}))


class Strategy:
    """A strategy with one replica. Models are created, trained and saved as without a strategy.

    >>> import tensorlet as tf
    >>> strategy = tf.distribute.MirroredStrategy()
    >>> with strategy.scope():
    ...     weight = tf.Variable(2.0)
    >>> strategy.num_replicas_in_sync, strategy.run(lambda: weight * 3.0).numpy().item()
    (1, 6.0)
    """

    num_replicas_in_sync = 1

    @contextmanager
    def scope(self) -> Iterator[Strategy]:
        """Context manager in which `tf.distribute.get_strategy` returns this strategy."""
        _strategies.append(self)
        try:
            yield self
        finally:
            _strategies.remove(self)

    def run(
        self, fn: Callable[..., Any], args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None,
        options: object = None,
    ) -> Any:  # fmt: skip
        """Calls a function on the replica, and returns its result."""
        return fn(*args, **(kwargs or {}))

    def reduce(self, reduce_op: ReduceOp | str, value: object, axis: int | None = None) -> Any:
        """Returns the sum or mean over the replicas, and along an axis if one is given.

        >>> import tensorlet as tf
        >>> tf.distribute.get_strategy().reduce("MEAN", tf.constant([1.0, 3.0]), axis=0).numpy().item()
        2.0
        """
        combine = ops.reduce_sum if _reduce_op(reduce_op) is ReduceOp.SUM else ops.reduce_mean
        return value if axis is None else map_structure(lambda one: combine(one, axis), value)

    def gather(self, value: object, axis: int) -> Any:
        """Concatenates the values of all replicas: returns the value itself."""
        return value

    def experimental_distribute_dataset(self, dataset: object, options: object = None) -> Any:
        """Returns the dataset, since one replica gets all batches."""
        return dataset

    def distribute_datasets_from_function(
        self, dataset_fn: Callable[[InputContext], Any], options: object = None
    ) -> Any:
        """Returns the dataset that the function creates."""
        return dataset_fn(InputContext())

    def experimental_distribute_values_from_function(self, value_fn: Callable[[Any], Any]) -> Any:
        """Returns the value that the function creates for the replica."""
        return value_fn(ReplicaContext(self))

    def experimental_local_results(self, value: object) -> tuple[Any, ...]:
        """Returns the values of the replicas: a tuple of one."""
        return (value,)

    @property
    def extended(self) -> Strategy:
        """The strategy itself."""
        return self

    def _in_multi_worker_mode(self) -> bool:
        """Whether several programs train together, which KerasTuner asks: never."""
        return False

    @property
    def worker_devices(self) -> tuple[str, ...]:
        """The devices: the CPU."""
        return ("/job:localhost/replica:0/task:0/device:CPU:0",)


class OneDeviceStrategy(Strategy):
    """A strategy for one device, the CPU.

    Args:
        device: such as ``"/cpu:0"``; other devices give a warning and the CPU is used.
    """

    def __init__(self, device: str) -> None:
        _warn_of_other_devices("OneDeviceStrategy", [device])


class MirroredStrategy(Strategy):
    """A strategy with one replica per device, of which there is one: the CPU.

    Args:
        devices: such as ``["/gpu:0", "/gpu:1"]``; devices other than the CPU give a warning and the CPU is used.
        cross_device_ops: ignored, since one replica exchanges nothing.
    """

    def __init__(self, devices: Sequence[str] | None = None, cross_device_ops: object = None) -> None:
        _warn_of_other_devices("MirroredStrategy", list(devices or []))


class CrossDeviceOps:
    """The exchange of values between replicas, which has no effect with one replica."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Accepts the arguments of TensorFlow's classes."""


class RunOptions(NamedTuple):
    """Options of `Strategy.run`, which have no effect."""

    experimental_enable_dynamic_batch_size: bool = True
    experimental_bucketizing_dynamic_shape: bool = False


def _warn_of_other_devices(name: str, devices: Iterable[str]) -> None:
    others = [device for device in devices if "CPU" not in str(device).upper()]
    if others:
        warn_user(
            f"tf.distribute.{name}: {', '.join(map(str, others))} is not available; one replica runs on the CPU.",
            RuntimeWarning,
        )


def _reduce_op(value: ReduceOp | str) -> ReduceOp:
    try:
        return value if isinstance(value, ReduceOp) else ReduceOp[str(value).upper()]
    except KeyError:
        raise InvalidArgumentError(
            f"tf.distribute: reduce_op is {value!r}, expected 'SUM' or 'MEAN'."
        ) from None


_default = Strategy()
_strategies: list[Strategy] = []


def get_strategy() -> Strategy:
    """Returns the strategy of the current scope, or the default one with one replica."""
    return _strategies[-1] if _strategies else _default


def has_strategy() -> bool:
    """Whether the call is in the scope of a strategy."""
    return bool(_strategies)


def get_replica_context() -> ReplicaContext:
    """Returns the context of the replica."""
    return ReplicaContext(get_strategy())


def in_cross_replica_context() -> bool:
    """Whether the call is in the scope of a strategy, but not in its `run`."""
    return has_strategy()


def experimental_set_strategy(strategy: Strategy | None) -> None:
    """Sets the strategy; None for the default one."""
    _strategies[:] = [] if strategy is None else [strategy]
