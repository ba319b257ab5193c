"""The executor ``mpi``: three real processes, one of which gives the others their work."""

from __future__ import annotations

import json
import os
import runpy
import shutil
import subprocess
import sys

import numpy as np
import pytest

#: mpiexec of the environment that runs the tests, or of the machine.
MPIEXEC = shutil.which(
    "mpiexec", path=os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")
)
SEARCH = ["--target", "kind", "--trials", "9", "--epochs", "3", "--repeats", "2", "--json", "--executor"]


def _run(command, folder):
    environment = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    environment["PRTE_MCA_rmaps_default_mapping_policy"] = ":oversubscribe"
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, env=environment, cwd=folder, check=False
    )


def _table(folder):
    x = np.random.default_rng(0).normal(size=(200, 2))
    rows = [f"{a:.3f},{b:.3f},{'ab'[int(a * b > 0)]}" for a, b in x]
    (folder / "data.csv").write_text("\n".join(["x,y,kind", *rows]) + "\n")


def test_the_program_does_not_run_when_a_worker_imports_it():
    """mpi4py runs the file of the program under another name in its workers."""
    runpy.run_module("tensorlet.__main__", run_name="__worker__")


@pytest.mark.slow
def test_processes_of_mpi_find_the_same_as_this_process(tmp_path):
    pytest.importorskip("mpi4py")
    if MPIEXEC is None:
        pytest.skip("there is no mpiexec")
    _table(tmp_path)
    alone = _run(
        [sys.executable, "-m", "tensorlet", "tune", "data.csv", *SEARCH[:-1], "--output", "a.keras"], tmp_path
    )
    program = [sys.executable, "-m", "mpi4py.futures", "-m", "tensorlet", "tune", "data.csv", *SEARCH, "mpi"]
    several = _run([MPIEXEC, "-n", "3", *program, "--output", "b.keras"], tmp_path)
    assert alone.returncode == several.returncode == 0, alone.stderr + several.stderr
    first, second = json.loads(alone.stdout), json.loads(several.stdout)
    assert first["best"] == second["best"]
    assert (first["mean"], first["test"]) == (second["mean"], second["test"])


@pytest.mark.slow
def test_one_process_alone_is_refused(tmp_path):
    pytest.importorskip("mpi4py")
    _table(tmp_path)
    found = _run([sys.executable, "-m", "tensorlet", "tune", "data.csv", *SEARCH, "mpi"], tmp_path)
    assert found.returncode != 0
    assert "this is the only process of MPI. Start several" in found.stderr
    assert "Traceback" not in found.stderr
