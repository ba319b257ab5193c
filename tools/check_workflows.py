"""Checks the workflow files: their syntax, and that they run what ``.ci/run`` and the Makefile run.

python tools/check_workflows.py
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TypedDict

from ruamel.yaml import YAML

CHECKOUT = Path(__file__).resolve().parents[1]
GITHUB = CHECKOUT / ".github"
#: Files -> the name of their schema in check-jsonschema.
SCHEMAS = {
    "workflows/*.yml": "vendor.github-workflows",
    "ISSUE_TEMPLATE/[!c]*.yml": "vendor.github-issue-forms",
    "ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
}
PYTHONS = ["3.10", "3.11", "3.12", "3.13", "3.14"]


class Step(TypedDict, total=False):
    """One step of a job."""

    run: str


class Job(TypedDict):
    """One job of a workflow, as far as it is checked."""

    steps: list[Step]
    strategy: dict[str, dict[str, list[str]]]


def check_syntax() -> list[str]:
    """The errors that check-jsonschema finds; it includes the schemas."""
    complaints = []
    for pattern, schema in SCHEMAS.items():
        files = [str(file) for file in sorted(GITHUB.glob(pattern))]
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *files]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        complaints += [done.stdout] if done.returncode else []
    return complaints


def jobs_of(name: str) -> dict[str, Job]:
    """The jobs of a workflow file."""
    jobs: dict[str, Job] = YAML(typ="safe").load(GITHUB / "workflows" / name)["jobs"]
    return jobs


def commands_of(job: Job) -> list[str]:
    """The commands of a job, one per line."""
    return [line.strip() for step in job["steps"] for line in step.get("run", "").splitlines()]


def check_commands() -> list[str]:
    """Commands that are neither in ``.ci/run`` nor in the Makefile, and versions of Python that are not supported."""
    ours = (CHECKOUT / ".ci/run").read_text(encoding="utf-8") + (CHECKOUT / "Makefile").read_text(
        encoding="utf-8"
    )
    project = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    ci, wheels = jobs_of("ci.yml"), jobs_of("wheels.yml")
    complaints = []
    if ".ci/run" not in commands_of(ci["everything"]):
        complaints.append("ci.yml: the job 'everything' does not run .ci/run")
    for command in [*commands_of(ci["tests"]), *commands_of(wheels["sdist"])]:
        if command.startswith("python -m pip"):
            continue
        plain = re.sub(r"^python ", "", command)
        if plain not in ours:
            complaints.append(f"'{plain}' is a command of a workflow, but not of .ci/run or the Makefile")
    tested = ci["tests"]["strategy"]["matrix"]["python"]
    if tested != PYTHONS:
        complaints.append(f"ci.yml tests Python {tested}, not {PYTHONS}")
    if f'requires-python = ">={PYTHONS[0]}"' not in project:
        complaints.append(
            f"pyproject.toml does not say that Python {PYTHONS[0]} is the oldest that is supported"
        )
    return complaints


def main() -> int:
    """Prints the errors; returns 1 if there are any."""
    complaints = [*check_syntax(), *check_commands()]
    for complaint in complaints:
        print(complaint)
    print("workflows: something is wrong" if complaints else "workflows: syntax and commands are correct")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
