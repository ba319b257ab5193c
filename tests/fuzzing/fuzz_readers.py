"""Feeds damaged files to every reader: whatever is in a file, only an error that explains may come out.

    python tests/fuzzing/fuzz_readers.py                         every target, ten seconds each
    python tests/fuzzing/fuzz_readers.py --seconds 600 h5 keras  these targets, ten minutes each
    python tests/fuzzing/fuzz_readers.py --cases 3000 "silent h5"  so many files, however long it takes
    python tests/fuzzing/fuzz_readers.py --list
    python tests/fuzzing/fuzz_readers.py --replay FOLDER TARGET  reads a kept case again

Each target runs in a process of its own with a limit on its memory. The process writes a damaged file, reads
it, and goes on; a watching process notices if it crashes, hangs or asks for too much memory, keeps the files
that did it (``--keep``), and starts another one behind that case. Cases follow from the seed alone.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path
from typing import NamedTuple

from damage import damaged
from targets import TARGETS, Target, explained

#: A damaged file of some kilobytes must not take more than this beyond what the program has at its start.
MEMORY = 1 << 28
#: Nor more seconds than this, on a machine that has other work as well.
PATIENCE = 20.0
#: The start imports, trains a small model and writes the whole files.
PATIENCE_AT_START = 90.0
#: More cases, and more seconds, than any run has.
EVER = 1 << 40

# The process that reads


def work(target_name: str, seed: int, first: int, last: int, seconds: float, folder: Path) -> None:
    """Reads damaged files until the time or the cases are over; notes the number of each case before it."""
    warnings.simplefilter("ignore")
    target = TARGETS[target_name]
    whole, current = folder / "whole", folder / "current"
    whole.mkdir(parents=True)
    target.make(whole)
    # Once with whole files: everything is imported, the engine's threads run, and the files must be good.
    target.read(whole)
    _limit_memory()
    until = time.monotonic() + seconds
    case = first
    with open(folder / "progress", "w", encoding="ascii", buffering=1) as progress:
        while time.monotonic() < until and case < last:
            progress.write(f"{case}\n")
            prepare(target, seed, case, whole, current)
            explained(lambda: target.read(current))
            case += 1
        progress.write("done\n")


def prepare(target: Target, seed: int, case: int, whole: Path, current: Path) -> None:
    """Fills the folder of a case."""
    rng = random.Random(f"{seed}/{case}")
    shutil.rmtree(current, ignore_errors=True)
    shutil.copytree(whole, current)
    files = sorted(file for file in current.iterdir() if file.is_file())
    chosen = files if rng.random() < 0.1 else [rng.choice(files)]
    for file in chosen:
        if len(chosen) == 1 and target.rebuild is not None and rng.random() < 0.6:
            target.rebuild(rng, current, file.name)
        else:
            file.write_bytes(damaged(rng, file.read_bytes()))


def _limit_memory() -> None:
    status = Path("/proc/self/statm")
    if status.exists():
        used = int(status.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))


# The process that watches


class Finding(NamedTuple):
    """What a reader did that it must not do."""

    target: str
    case: int
    what: str
    folder: Path


class Outcome(NamedTuple):
    """How a target did: how many cases were read, and what was found."""

    cases: int
    findings: list[Finding]


def watch(
    target: str, seed: int, seconds: float, keep: Path, most_findings: int = 20, most_cases: int = EVER
) -> Outcome:
    """Runs a target for some seconds of reading, or some cases, over as many processes as it takes."""
    findings: list[Finding] = []
    cases = 0
    first = 0
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and first < most_cases:
        with tempfile.TemporaryDirectory() as scratch:
            count, last, trouble = _run_one(target, seed, (first, most_cases), max(left, 0.5), Path(scratch))
            cases += count
            if trouble is None:
                break
            kept = keep / f"{target}-{seed}-{last}"
            shutil.rmtree(kept, ignore_errors=True)
            if (Path(scratch) / "current").is_dir():
                shutil.copytree(Path(scratch) / "current", kept)
            findings.append(Finding(target, last, trouble, kept))
            first = last + 1
        if len(findings) >= most_findings or last < 0:
            break
    return Outcome(cases, findings)


def _run_one(
    target: str, seed: int, cases: tuple[int, int], seconds: float, scratch: Path
) -> tuple[int, int, str | None]:
    """One process; returns how many cases it read, the last one, and what went wrong."""
    command = [sys.executable, str(Path(__file__).resolve()), "--work", str(scratch), "--seed", str(seed)]
    command += ["--first", str(cases[0]), "--cases", str(cases[1]), "--seconds", str(seconds), target]
    log, progress = scratch / "log", scratch / "progress"
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
        heard, size, hung = time.monotonic(), 0, False
        while process.poll() is None and not hung:
            time.sleep(0.02)
            now = progress.stat().st_size if progress.exists() else 0
            if now != size:
                size, heard = now, time.monotonic()
            hung = time.monotonic() - heard > (PATIENCE if size else PATIENCE_AT_START)
        if hung:
            process.kill()
        process.wait()
    lines = progress.read_text().split() if progress.exists() else []
    numbers = [int(line) for line in lines if line.isdigit()]
    last = numbers[-1] if numbers else cases[0] - 1
    if lines[-1:] == ["done"] and process.returncode == 0:
        return len(numbers), last, None
    tail = log.read_text(encoding="utf-8", errors="replace")[-4000:]
    what = "did not answer" if hung else f"ended with {process.returncode}"
    return len(numbers), last, f"{what}\n{tail}"


def main(arguments: list[str]) -> int:
    """Runs the targets; 1 if anything was found."""
    parser = argparse.ArgumentParser(description="Feeds damaged files to every reader.")
    parser.add_argument("targets", nargs="*", help=f"of {', '.join(TARGETS)}; by default all")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each target")
    parser.add_argument("--cases", type=int, help="for each target, instead of seconds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--keep", type=Path, default=Path("fuzz-findings"), help="folder for files that did harm"
    )
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--replay", type=Path, help="folder of a kept case")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    names = options.targets or list(TARGETS)
    if options.list:
        print("\n".join(TARGETS))
        return 0
    if options.work:
        work(names[0], options.seed, options.first, options.cases or EVER, options.seconds, options.work)
        return 0
    if options.replay:
        try:
            TARGETS[names[0]].read(options.replay)
        except Exception:
            traceback.print_exc()
            return 1
        return 0
    found = 0
    for name in names:
        seconds = options.seconds if options.cases is None else float(EVER)
        outcome = watch(name, options.seed, seconds, options.keep, most_cases=options.cases or EVER)
        found += len(outcome.findings)
        print(f"{name}: {outcome.cases} cases, {len(outcome.findings)} findings", flush=True)
        for finding in outcome.findings:
            print(f"  case {finding.case}: {finding.what}\n  kept in {finding.folder}", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
