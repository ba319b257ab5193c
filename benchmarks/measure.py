"""Tools for all benchmarks: pinned processes, alternating runs, spreads and tables.

All contestants run on the same CPUs and alternate (A B A B ...), so that a busy moment of the machine
affects all of them. Times are wall-clock seconds.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

BENCHMARKS = Path(__file__).resolve().parent
RESULTS = BENCHMARKS / "results"

#: Measurements by the name of the contestant.
Samples = dict[str, list[float]]


@dataclass(frozen=True)
class Spread:
    """Smallest, middle and largest of some measurements."""

    minimum: float
    median: float
    maximum: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> Spread:
        """The spread of at least one measurement."""
        return cls(min(samples), statistics.median(samples), max(samples))


@dataclass
class Result:
    """One line of the report: what was measured, in which unit, for whom.

    ``samples`` has the measurements of each contestant. ``theirs`` names the one that ours is compared with;
    ``target`` is the ratio to reach, and ``limit`` the maximum for ours, in the unit.
    """

    title: str
    unit: str
    samples: dict[str, list[float]]
    ours: str = "tensorlet"
    theirs: str = ""
    target: float | None = None
    limit: float | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def ratio(self) -> float | None:
        """How many times faster ours is, by the medians."""
        if not self.theirs:
            return None
        return statistics.median(self.samples[self.theirs]) / statistics.median(self.samples[self.ours])

    @property
    def reached(self) -> bool | None:
        """Whether target and limit are met; None where there is neither."""
        verdicts = []
        if self.target is not None and self.ratio is not None:
            verdicts.append(self.ratio >= self.target)
        if self.limit is not None:
            verdicts.append(statistics.median(self.samples[self.ours]) <= self.limit)
        return all(verdicts) if verdicts else None

    def as_json(self) -> dict[str, Any]:
        """Everything, for the JSON report."""
        spreads = {name: asdict(Spread.of(samples)) for name, samples in self.samples.items()}
        return {**asdict(self), "spreads": spreads, "ratio": self.ratio, "reached": self.reached}

    def as_rows(self) -> list[list[str]]:
        """One row of the Markdown table for each contestant."""
        rows = []
        for name, samples in self.samples.items():
            spread = Spread.of(samples)
            verdict = ["", ""]
            if name == self.ours:
                verdict = [f"{self.ratio:.1f}" if self.ratio is not None else "", self._target_text()]
            numbers = [f"{number:.4g}" for number in (spread.minimum, spread.median, spread.maximum)]
            rows.append([self.title, name, self.unit, *numbers, *verdict])
        return rows

    def _target_text(self) -> str:
        if self.reached is None:
            return ""
        target = f"≥ {self.target:g} times" if self.target is not None else f"≤ {self.limit:g} {self.unit}"
        return f"{target}: {'reached' if self.reached else 'missed'}"


HEADERS = ["measured", "who", "unit", "min", "median", "max", "times faster", "target"]


def markdown_table(results: Sequence[Result]) -> str:
    """The results as a Markdown table."""
    rows = [HEADERS, ["---"] * len(HEADERS), *(row for result in results for row in result.as_rows())]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def show(result: Result) -> Result:
    """Prints the lines of a result as soon as it is there; returns it."""
    for row in result.as_rows():
        print("| " + " | ".join(row) + " |", flush=True)
    for note in result.notes:
        print(f"  {note}", flush=True)
    return result


def report(results: Sequence[Result], name: str) -> None:
    """Prints the table and writes it, with the machine's facts, as ``results/NAME.md`` and ``.json``."""
    facts = machine_facts()
    notes = [f"- {result.title}: {note}" for result in results for note in result.notes]
    machine = ", ".join(f"{key}: {value}" for key, value in facts.items())
    text = "\n".join([markdown_table(results), "", *notes, f"- {machine}", ""])
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
    content = {"machine": facts, "results": [result.as_json() for result in results]}
    (RESULTS / f"{name}.json").write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
    print(f"\n{text}\nwritten to {RESULTS / name}.md and .json")


def machine_facts() -> dict[str, Any]:
    """The processor, its CPUs and the versions of the measured software."""
    model = "unknown"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        names = [
            line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line
        ]
        model = names[0] if names else model
    return {
        "processor": model,
        "cpus": len(available_cpus()),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
        "date": time.strftime("%Y-%m-%d"),
    }


def available_cpus() -> list[int]:
    """The CPUs that this process may use."""
    return sorted(os.sched_getaffinity(0))


def threads_text(threads: int) -> str:
    """``1 thread``, ``2 threads``."""
    return f"{threads} thread{'s' * (threads > 1)}"


def quickest(samples: Samples, names: Sequence[str]) -> str:
    """The name with the smallest median."""
    return min(names, key=lambda name: statistics.median(samples[name]))


def thread_environment(threads: int) -> dict[str, str]:
    """Environment variables that limit each library to this many threads.

    Bytecode may be written: installed packages have theirs, and so must a checkout's.
    """
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {
        **inherited,
        "TENSORLET_THREADS": str(threads),
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": str(threads),
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "TF_NUM_INTEROP_THREADS": str(threads),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
        "JAX_PLATFORMS": "cpu",
    }
    if threads == 1:
        environment["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    return environment


def refuse_debug_build() -> None:
    """Ends the program with a message if the engine was compiled without optimization."""
    from tensorlet import _native

    if _native.is_debug_build():
        sys.exit(
            "This tensorlet._native is a debug build, whose times are meaningless. "
            "Install it again with `pip install .`, which compiles it with optimization."
        )


class Run(NamedTuple):
    """A process that has ended: its wall-clock seconds, its CPU's (user and system), and what it printed."""

    seconds: float
    cpu_seconds: float
    output: str


def cpu_seconds_note(samples: Samples) -> str:
    """The CPU seconds of processes, as text: on a busy machine they are more reliable than wall-clock time."""
    medians = ", ".join(f"{name} {statistics.median(values):.3g}" for name, values in samples.items())
    return f"seconds of CPU, user and system, median: {medians}"


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_pinned(
    command: Sequence[str | Path], cpus: Sequence[int], environment: Mapping[str, str] | None = None
) -> Run:
    """Runs a program on the given CPUs to its end."""
    before = _children_seconds()
    start = time.perf_counter()
    done = subprocess.run(
        [str(part) for part in command],
        env=dict(environment or thread_environment(len(cpus))),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cpus),
        check=False,
    )
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}\n{done.stderr}")
    return Run(seconds, _children_seconds() - before, done.stdout)


class Worker:
    """A process on given CPUs that answers each JSON line with a JSON line.

    ``settings`` are environment variables; those that are None are left out.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        cpus: Sequence[int],
        settings: Mapping[str, str | None] | None = None,
    ) -> None:
        self.name = name
        environment = {**thread_environment(len(cpus)), **(settings or {})}
        self._process = subprocess.Popen(
            [str(part) for part in command],
            env={key: value for key, value in environment.items() if value is not None},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cpus),
        )
        self.facts = self._read()

    def ask(self, **request: Any) -> dict[str, Any]:
        """Sends a request and waits for its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"The worker '{self.name}' ended early; its errors are shown above.")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """Lets the process end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)


def requests(**facts: Any) -> Iterator[dict[str, Any]]:
    """The other end of a `Worker`: reports that it is ready, then yields the requests."""
    reply(**facts)
    for line in sys.stdin:
        yield json.loads(line)


def reply(**answer: Any) -> None:
    """Answers the request that was yielded last."""
    print(json.dumps(answer), flush=True)


def check_losses_agree(losses: Mapping[str, Sequence[float]], tolerance: float) -> float:
    """Ends the program if two contestants' losses differ; returns the largest relative difference."""
    names = list(losses)
    first = losses[names[0]]
    largest = 0.0
    for name in names[1:]:
        for epoch, (a, b) in enumerate(zip(first, losses[name], strict=True), start=1):
            difference = abs(a - b) / abs(a)
            largest = max(largest, difference)
            if not difference <= tolerance:
                sys.exit(
                    f"The losses differ: in epoch {epoch}, {names[0]} has {a:.7f} and {name} {b:.7f}. "
                    f"They train differently, so their times cannot be compared (tolerance {tolerance:g})."
                )
    return largest
