"""Runs random programs on Tensorlet and on the real Keras, and says where they differ.

    python differ.py --seeds 0:2000 --peer keras2=PYTHON --peer keras3=PYTHON [--peer tf_keras=PYTHON] [--keep FOLDER]

Each peer runs in a worker process (`worker.py`) with the Python that is named; its outcomes are kept in a folder, so
that the next run only runs Tensorlet. ``keras2`` and ``tf_keras`` are compared with Tensorlet's meaning of Keras 2,
``keras3`` with its meaning of Keras 3 (``TENSORLET_KERAS``).
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from comparison import difference
from control_flow import program as control_flow
from explained import explanation
from features import FEATURES

from programs import program

WORKER = Path(__file__).with_name("worker.py")
#: One program of so many is traced by the peer at once; the others run eagerly, which is faster for a few steps.
TRACED = 40


class Worker:
    """A process that runs programs on one library; started when first needed, and again if it ends."""

    def __init__(self, python: str, library: str, **environment: str) -> None:
        self._command = [python, str(WORKER), library]
        self._environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", **environment}
        self._process: subprocess.Popen[str] | None = None

    def outcome(self, text: str, eagerly: bool) -> dict[str, Any]:
        """What the program recorded; an error named ``Crash`` if the process ended."""
        if self._process is None:
            self._process = subprocess.Popen(
                self._command, env=self._environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps({"program": text, "eagerly": eagerly}) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if line:
            return dict(json.loads(line))
        return {"records": [], "error": {"line": 0, "type": "Crash", "message": str(self.close())}}

    def close(self) -> int | None:
        """Ends the process, if there is one, and returns its exit status."""
        process, self._process = self._process, None
        if process is None:
            return None
        process.communicate()  # closes both pipes, and waits
        return process.returncode


class Kept:
    """A peer whose outcomes are kept in a file, one line for each program."""

    def __init__(self, worker: Worker | None, file: Path | None) -> None:
        self._worker = worker
        self._file = file
        self._known: dict[str, dict[str, Any]] = {}
        if file is not None and file.exists():
            for line in file.read_text().splitlines():
                entry = json.loads(line)
                self._known[entry.pop("program")] = entry

    def outcome(self, text: str, eagerly: bool, exactly: bool = False) -> dict[str, Any] | None:
        """The peer's outcome, kept or fresh. None without a worker.

        That of a traced run stands for both, unless the eager one is wanted ``exactly``.
        """
        plain = hashlib.sha256(text.encode()).hexdigest()[:20]
        traced = f"{plain} traced"
        key = plain if eagerly and (exactly or traced not in self._known) else traced
        if key not in self._known:
            if self._worker is None:
                return None
            found = self._worker.outcome(text, eagerly)
            self._known[key] = found
            if self._file is not None:
                with self._file.open("a") as file:
                    file.write(json.dumps({"program": key, **found}) + "\n")
        return self._known[key]

    def close(self) -> None:
        if self._worker is not None:
            self._worker.close()


def peers_of(pairs: list[str], keep: Path | None) -> dict[str, Kept]:
    """``name=python`` pairs as workers."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    peers = {}
    for pair in pairs:
        name, _, python = pair.partition("=")
        legacy = {"TF_USE_LEGACY_KERAS": "1"} if name == "tf_keras" else {}
        worker = Worker(python, "tensorflow", **legacy) if python else None
        peers[name] = Kept(worker, keep / f"{name}.jsonl" if keep else None)
    return peers


def compare(name: str, text: str, ours: Worker, peer: Kept, wanted: dict[str, Any]) -> tuple[str, str]:
    """Where Tensorlet differs from a peer, and why it may; both empty if nowhere.

    What differs from an eager run is held against a traced one, which is what users run.
    """
    found = ours.outcome(text, eagerly=True)
    in_order = name != "keras3"
    where = difference(found, wanted, in_order)
    why = where and explanation(name, text, where, found, wanted)
    if where and not why:
        wanted = peer.outcome(text, eagerly=False) or wanted
        where = difference(found, wanted, in_order)
        why = where and explanation(name, text, where, found, wanted)
    if (
        where
        and not why
        and wanted["error"]
        and not difference(found, peer.outcome(text, eagerly=True, exactly=True) or wanted)
    ):
        why = "TensorFlow refuses it in a graph; the values are those that it gives without one"
    return where, why


def seeds_of(text: str) -> list[int]:
    """The numbers that ``"3,10:13"`` names."""
    found: list[int] = []
    for part in text.split(","):
        first, _, end = part.partition(":")
        found += range(int(first), int(end or int(first) + 1))
    return found


#: Kind of programs -> the text of the one with a number, and whether a peer may run it eagerly.
KINDS: dict[str, tuple[Callable[[int], str], bool]] = {
    "training": (program, True),
    "control_flow": (control_flow, False),
    "features": (lambda number: list(FEATURES.values())[number], False),
}


def main(arguments: list[str]) -> int:
    """Prints each difference; 1 if one is not explained."""
    parser = argparse.ArgumentParser(description="Random programs on Tensorlet and on the real Keras.")
    parser.add_argument("--seeds", default="0:50", help="FIRST:END, or numbers, with commas")
    parser.add_argument(
        "--peer",
        action="append",
        default=[],
        help="keras2=PYTHON, keras3=PYTHON or tf_keras=PYTHON; without PYTHON only what is kept",
    )
    parser.add_argument("--kind", choices=KINDS, default="training")
    parser.add_argument("--keep", type=Path, help="folder for the outcomes of the peers")
    parser.add_argument(
        "--only-peers", action="store_true", help="makes the peers' outcomes and compares nothing"
    )
    parser.add_argument("--seconds", type=float, default=float("inf"), help="ends after this time")
    parser.add_argument("--show", action="store_true", help="prints the programs that differ")
    options = parser.parse_args(arguments)
    peers = peers_of(options.peer, options.keep)
    ours = {version: Worker(sys.executable, "tensorlet", TENSORLET_KERAS=version) for version in "23"}
    counts: collections.Counter[str] = collections.Counter()
    draw, may_be_eager = KINDS[options.kind]
    end = time.monotonic() + options.seconds
    for seed in seeds_of(options.seeds):
        if time.monotonic() > end:
            print(f"The time is over before program {seed}.")
            break
        text = draw(seed)
        for name, peer in peers.items():
            wanted = peer.outcome(text, eagerly=may_be_eager and seed % TRACED != 0)
            if options.only_peers or wanted is None:
                continue
            where, why = compare(name, text, ours["3" if name == "keras3" else "2"], peer, wanted)
            counts[f"{name}: {'same' if not where else why or 'DIFFERENT'}"] += 1
            if where and not why:
                print(f"program {seed}, {name}: {where}", flush=True)
                if options.show:
                    print(text)
    for worker in (*peers.values(), *ours.values()):
        worker.close()
    for what, count in sorted(counts.items()):
        print(f"{count:6} {what}")
    return int(any("DIFFERENT" in what for what in counts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
