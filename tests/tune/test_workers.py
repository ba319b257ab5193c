"""Searches on workers of other processes, of which one is killed: the outcome is that of a search in this process."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import pytest

from tensorlet.tune import search
from tensorlet.tune.tasks import _kept, run_with_token
from tensorlet.tune.workers import OfExecutor, open_workers

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3)).astype("float32")
Y = (X[:, 0] > 0).astype("int32")
OPTIONS = {
    "space": {"learning_rate": [0.001, 0.01, 0.1], "width": [4, 8], "depth": [1], "batch_size": [16, 32]},
    "trials": 6,
    "epochs": 3,
    "repeats": 1,
}


@pytest.fixture(scope="module")
def expected():
    return search((X, Y), **OPTIONS).trials


class Counting(ThreadPoolExecutor):
    """Counts how often the data go out."""

    sent = 0

    def submit(self, function, token, data, task):
        self.sent += data is not None
        return super().submit(function, token, data, task)


def test_any_executor_gets_the_data_once(expected):
    with Counting(1) as executor:
        assert search((X, Y), executor=executor, **OPTIONS).trials == expected
        assert executor.sent <= 4  # the tasks that were under way before the first had the data
        before = executor.sent
        assert search((X, Y), executor=executor, **OPTIONS).trials == expected
        assert executor.sent > before  # other data
    assert len(_kept) <= 2


def test_a_worker_without_the_data_says_so():
    assert run_with_token("unknown", None, None) is None


def test_processes(expected):
    assert search((X, Y), executor="processes:2", **OPTIONS).trials == expected


@pytest.mark.filterwarnings("ignore:The executor is broken")
def test_a_killed_process_of_a_pool(expected):
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(2, get_context("spawn")) as executor:

        def kill(epochs, trials, seconds):
            if epochs == 1:
                os.kill(next(iter(executor._processes)), signal.SIGKILL)

        assert search((X, Y), executor=executor, progress=kill, **OPTIONS).trials == expected


def test_errors_of_trials_are_raised():
    class Failing:
        def submit(self, *arguments):
            future = Future()
            future.set_exception(KeyError("a mistake"))
            return future

    workers = open_workers(Failing())
    assert isinstance(workers, OfExecutor)
    with pytest.raises(KeyError, match="a mistake"):
        search((X, Y), executor=Failing(), **OPTIONS)


def dying(marker):
    """A function that builds models, and whose first call kills its process; sent by value, since it is nested."""

    def build(learning_rate, width, depth):
        import os
        import signal

        from tensorlet.tune import Perceptron

        try:
            os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return Perceptron(3, 2)(learning_rate, width, depth)
        return os.kill(os.getpid(), signal.SIGKILL)

    return build


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_dask_with_a_killed_worker(expected, tmp_path):
    distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")
    marker = str(tmp_path / "killed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as cluster:
        address = cluster.scheduler_address.replace("tcp:", "dask:")
        found = search((X, Y), executor=address, build=dying(marker), **OPTIONS)
        with distributed.Client(cluster, set_as_default=False) as client:
            again = search((X, Y), executor=client, **OPTIONS)
    assert os.path.exists(marker)
    assert [one.value for one in found.trials] == [one.value for one in expected]
    assert again.trials == expected


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_ray_with_a_killed_worker(expected, tmp_path):
    ray = pytest.importorskip("ray", reason="the extra ray is not installed")
    marker = str(tmp_path / "killed")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False)
    try:
        found = search((X, Y), executor=ray, build=dying(marker), **OPTIONS)
    finally:
        ray.shutdown()
    assert os.path.exists(marker)
    assert [one.value for one in found.trials] == [one.value for one in expected]
    assert threading.active_count() < 50
