"""The peers' private environments, made when they are first needed and kept.

Set ``TENSORLET_BENCH_JAX`` or ``TENSORLET_BENCH_TENSORFLOW`` to the Python of an environment that already
has the peer, and that one is used.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]

PACKAGES = {"jax": ["jax"], "tensorflow": ["tensorflow-cpu"]}


def peer_python(peer: str) -> Path:
    """The Python of the environment that holds ``peer``; installs it the first time (some minutes)."""
    given = os.environ.get(f"TENSORLET_BENCH_{peer.upper()}")
    if given:
        return Path(given)
    folder = CHECKOUT / f".venv-bench-{peer}"
    python = folder / "bin" / "python"
    complete = folder / "complete"
    if not complete.exists():
        print(f"Installing {peer} into {folder.name}; this takes some minutes the first time", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES[peer]]
        subprocess.run([str(python), *install], check=True)
        complete.touch()
    return python
