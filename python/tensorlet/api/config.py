"""``tf.config`` and ``tf.test``: the devices that Tensorlet uses.

Tensorlet runs on the CPU and reports that there are no GPUs.
"""

from __future__ import annotations

import importlib
import re
import sys
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from tensorlet.errors import InvalidArgumentError, warn_user
from tensorlet.settings import THREADS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType


class PhysicalDevice(NamedTuple):
    """A device of the machine."""

    name: str
    device_type: str


class LogicalDevice(NamedTuple):
    """A device under the name that programs use."""

    name: str
    device_type: str


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """Returns the devices of a type, or all of them: one ``"CPU"``.

    >>> import tensorlet as tf
    >>> tf.config.list_physical_devices("GPU")
    []
    """
    return [PhysicalDevice("/physical_device:CPU:0", "CPU")] if device_type in (None, "CPU") else []


def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """Returns the logical devices of a type: one ``"CPU"``."""
    return [LogicalDevice("/device:CPU:0", "CPU")] if device_type in (None, "CPU") else []


def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """Returns the devices in use: all of them."""
    return list_physical_devices(device_type)


def set_visible_devices(
    devices: PhysicalDevice | Sequence[PhysicalDevice] | None, device_type: str | None = None
) -> None:
    """Selects devices. Hiding GPUs has no effect, since there are none.

    Args:
        devices: a device or a list of them, from `list_physical_devices`.
        device_type: the type of the devices to select; None for all types.

    Raises:
        InvalidArgumentError: if the CPU is not selected.
    """
    chosen = [devices] if isinstance(devices, PhysicalDevice) else list(devices or [])
    if device_type != "GPU" and not any(device.device_type == "CPU" for device in chosen):
        raise InvalidArgumentError(
            f"tf.config.set_visible_devices: {chosen} does not contain the CPU, the only device that "
            f"Tensorlet supports. Remove the call, or pass device_type='GPU' to hide GPUs."
        )


def get_memory_growth(device: object) -> bool:
    """Returns True: memory is always allocated as needed."""
    return True


def set_memory_growth(device: object, enable: bool) -> None:
    """Has no effect, because memory is always allocated as needed."""


def enable_op_determinism() -> None:
    """Has no effect, because operations are always deterministic: the same seed gives bitwise equal results."""


def set_soft_device_placement(enabled: bool) -> None:
    """Has no effect, because the CPU is always used in place of other devices."""


def get_soft_device_placement() -> bool:
    """Returns True: the CPU is always used in place of other devices."""
    return True


def set_jit(enabled: object) -> None:
    """Has no effect, because traced functions are always compiled."""


def get_jit() -> str:
    """Returns an empty string, because XLA is not used; Tensorlet's engine compiles functions."""
    return ""


#: The options of TensorFlow's graph optimizer that a program has set, which have no effect.
_optimizer_options: dict[str, Any] = {}


def get_experimental_options() -> dict[str, Any]:
    """Returns the options of the graph optimizer that the program has set."""
    return dict(_optimizer_options)


def set_experimental_options(options: dict[str, Any]) -> None:
    """Stores options of TensorFlow's graph optimizer, which have no effect."""
    _optimizer_options.update(options)


def enable_tensor_float_32_execution(enabled: bool) -> None:
    """Has no effect: float32 is always computed with full precision."""


def tensor_float_32_execution_enabled() -> bool:
    """Returns False: float32 is always computed with full precision."""
    return False


def set_synchronous_execution(enable: bool | None) -> None:
    """Has no effect: operations always run synchronously."""


def get_synchronous_execution() -> bool:
    """Returns True: operations always run synchronously."""
    return True


def get_memory_usage(device: object) -> int:
    """Returns the peak memory of this process in bytes (0 if the system does not report it)."""
    return get_memory_info(device)["peak"]


def get_memory_info(device: object) -> dict[str, int]:
    """Returns the peak memory of this process in bytes, under both ``"peak"`` and ``"current"``."""
    try:
        resource = importlib.import_module("resource")
    except ImportError:
        return {"current": 0, "peak": 0}
    unit = 1 if sys.platform == "darwin" else 1024
    peak = int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * unit
    return {"current": peak, "peak": peak}


class LogicalDeviceConfiguration(NamedTuple):
    """A part of a device that programs use as a separate device."""

    memory_limit: int | None = None
    experimental_priority: int | None = None


def set_logical_device_configuration(device: object, logical_devices: Sequence[object]) -> None:
    """Has no effect: the CPU is always one device. Several parts are answered with a warning."""
    if logical_devices is not None and len(logical_devices) > 1:
        warn_user(
            f"tf.config.set_logical_device_configuration: {len(logical_devices)} parts of {device} were asked for, but "
            "the CPU stays one device, which uses all threads. Strategies of tf.distribute have one replica."
        )


def get_device_details(device: object) -> dict[str, Any]:
    """Returns an empty dictionary."""
    return {}


def get_intra_op_parallelism_threads() -> int:
    """Returns the number of threads of one operation; 0 if the engine is not available."""
    native = _native()
    return int(native.threads()) if native is not None else int(THREADS.read() or "0")


def set_intra_op_parallelism_threads(num_threads: int) -> None:
    """Sets the number of threads of one operation, on which results do not depend.

    Args:
        num_threads: 1 or more; 0 for an automatic choice.

    Raises:
        InvalidArgumentError: if the number is negative.
    """
    if num_threads < 0:
        raise InvalidArgumentError(
            f"tf.config.threading: the number of threads is {num_threads}, but it must be 0 or more "
            f"(0 for an automatic choice)."
        )
    native = _native()
    if native is not None and num_threads:
        native.set_threads(num_threads)


def get_inter_op_parallelism_threads() -> int:
    """Returns 1, because operations run one after the other."""
    return 1


def set_inter_op_parallelism_threads(num_threads: int) -> None:
    """Has no effect, because operations run one after the other, each on all threads."""


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: object = None) -> bool:
    """Returns False, because GPUs are not supported."""
    return False


def is_built_with() -> bool:
    """Returns False, because Tensorlet is not built with CUDA, ROCm or XLA."""
    return False


def gpu_device_name() -> str:
    """Returns an empty string, because GPUs are not supported."""
    return ""


class device:  # noqa: N801 - TensorFlow's name
    """Context manager for a device. Everything runs on the CPU.

    Args:
        device_name: such as ``"/CPU:0"``; other devices give a warning and the CPU is used, as in
            TensorFlow on a machine without that device.

    Raises:
        InvalidArgumentError: if it is not the name of a device.

    >>> import tensorlet as tf
    >>> with tf.device("/CPU:0"):
    ...     print(tf.constant(1) + 1)
    tf.Tensor(2, shape=(), dtype=int32)
    """

    def __init__(self, device_name: str | None) -> None:
        kind = re.search(r"(CPU|GPU|TPU)(:\d+|:\*)?$", (device_name or "CPU").upper())
        if kind is None:
            raise InvalidArgumentError(
                f"tf.device: {device_name!r} is not a device. Use '/CPU:0', or remove the block."
            )
        if kind[1] != "CPU":
            note = f"tf.device: {device_name} is not available; the CPU is used."
            warnings.warn(note, RuntimeWarning, stacklevel=2)

    def __enter__(self) -> None:
        """Enters the block."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leaves the block."""


def _native() -> Any:
    try:
        return importlib.import_module("tensorlet.engine").native
    except ImportError:
        return None
