"""The private environments of the peers, created when they are first needed, and kept.

To use an environment that already has a peer, set ``TENSORLET_BENCH_JAX`` or ``TENSORLET_BENCH_TENSORFLOW``
to its Python.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]

PACKAGES = {
    "jax": ["jax", "keras"],
    "tensorflow": ["tensorflow-cpu", "matplotlib", "scikit-learn", "fastapi", "uvicorn[standard]"],
}


def peer_python(peer: str) -> Path:
    """The Python of the environment that holds ``peer``; installs it the first time (some minutes)."""
    given = os.environ.get(f"TENSORLET_BENCH_{peer.upper()}")
    if given:
        return Path(given)
    folder = CHECKOUT / f".venv-bench-{peer}"
    python = folder / "bin" / "python"
    complete = folder / "complete"
    packages = PACKAGES[peer]
    if not complete.exists() or complete.read_text(encoding="utf-8").split() != packages:
        print(f"Installing {peer} into {folder.name}; this takes some minutes the first time", flush=True)
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        subprocess.run([str(python), *install], check=True)
        complete.write_text(" ".join(packages), encoding="utf-8")
    return python
