"""``tensorlet doctor``: whether this installation works, and whether a program runs on it."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensorlet.argument_parser import Parser
from tensorlet.cli.terminal import aligned, styled
from tensorlet.cli.train import guarded
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    from tensorlet.cli.script_names import Use

#: Extra -> the packages that it installs.
EXTRAS = {
    "plot": ("matplotlib",),
    "image": ("pillow",),
    "data": ("pyarrow", "charset-normalizer", "openpyxl"),
    "sklearn": ("scikit-learn",),
    "serve": ("starlette", "uvicorn", "msgspec"),
    "playground": ("starlette", "uvicorn", "websockets"),
    "lessons": ("jupytext", "nbclient", "ipykernel"),
    "tensorboard": ("tensorboard",),
    "dask": ("distributed",),
    "ray": ("ray",),
}


def make_parser() -> Parser:
    """Returns the parser of the arguments."""
    parser = Parser(
        "doctor",
        _("Without a program: shows the machine and the versions, and tests the installation for a few seconds.\n"
          "With a program: says which names of TensorFlow and Keras in it run here, which do not, and which today's\n"
          "TensorFlow and Keras 3 would refuse. The program is not run."),
        "[PROGRAM.py ...] [OPTIONS]",
        [("tensorlet doctor", ""), ("tensorlet doctor homework.py", "")],
    )  # fmt: skip
    parser.add_argument(
        "programs", metavar="PROGRAM", nargs="*", help=_("Python programs, or Jupyter notebooks")
    )
    parser.add_argument("--quick", action="store_true", help=_("leave out the self-test"))
    parser.add_argument("--all", action="store_true", help=_("list the names that run as well"))
    parser.add_common()
    return parser


def main(arguments: list[str]) -> int:
    """Runs the command; returns the exit status: 1 if a test fails, or if a name is not supported."""
    given = make_parser().parse_args(arguments)
    return guarded("doctor", lambda: _programs(given) if given.programs else _machine(given))


def facts() -> dict[str, str]:
    """Returns the facts about the machine and the installation, in order."""
    from tensorlet.cli.info import facts as installation
    from tensorlet.engine import native

    found = installation()
    memory = _memory()
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    levels = list(native.simd_levels())
    return {
        **{
            name: found[name]
            for name in ("Tensorlet", "interface", "Python", "NumPy", "engine")
            if name in found
        },
        _("processor"): _processor(),
        _("CPUs"): _("{usable} of {all} usable").format(usable=usable, all=os.cpu_count()),
        _("vectors"): _("{used} (the processor supports {levels})").format(
            used=levels[-1], levels=", ".join(levels)
        ),
        **({_("memory"): memory} if memory else {}),
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory() -> str:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return ""
    return f"{size / 2**30:.1f} GiB"


def extras() -> dict[str, dict[str, str | None]]:
    """Returns for each extra the version of each of its packages; None for one that is not installed."""
    found: dict[str, dict[str, str | None]] = {}
    for extra, packages in EXTRAS.items():
        found[extra] = {}
        for package in packages:
            try:
                found[extra][package] = importlib.metadata.version(package)
            except importlib.metadata.PackageNotFoundError:
                found[extra][package] = None
    return found


def _machine(given: argparse.Namespace) -> int:
    from tensorlet.cli.self_test import self_test

    about, optional = facts(), extras()
    if not given.json:
        print("\n".join(aligned([[_(name), value] for name, value in about.items()], widest=90)) + "\n")
        rows = []
        for extra, packages in optional.items():
            missing = [name for name, version in packages.items() if version is None]
            text = ", ".join(f"{name} {version}" for name, version in packages.items() if version is not None)
            if missing:
                text = _("missing: pip install 'tensorlet[{extra}]'").format(extra=extra)
            rows.append([extra, text])
        print(styled(_("Extras"), "bold"))
        print("\n".join(aligned(rows, widest=90)) + "\n")
    checks = []
    if not given.quick:
        if not given.json:
            print(styled(_("Self-test"), "bold"), flush=True)
        for check in self_test():
            checks.append(check)
            if not given.json:
                mark = styled(_("good"), "green") if check.passed else styled(_("BAD"), "red")
                print(f"  {mark}  {check.name}: {check.text} ({check.seconds:.1f} s)", flush=True)
    failed = [check for check in checks if not check.passed]
    if given.json:
        tests = [{"name": one.name, "passed": one.passed, "text": one.text} for one in checks]
        print(json.dumps({"facts": about, "extras": optional, "tests": tests}, ensure_ascii=False, indent=1))
    elif checks:
        print(
            "\n"
            + (_("Everything works.") if not failed else _("Some tests failed: please report this output."))
        )
    return int(bool(failed))


def _programs(given: argparse.Namespace) -> int:
    results: dict[str, Any] = {}
    status = 0
    for name in given.programs:
        uses = _uses(name)
        missing = [use for use in uses if not use.here]
        status = status or int(bool(missing))
        if given.json:
            results[name] = [use.__dict__ for use in uses]
        else:
            _print_program(name, uses, missing, given.all)
    if given.json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
    return status


def _uses(name: str) -> list[Use]:
    from tensorlet.cli.script_names import uses_of
    from tensorlet.errors import InvalidArgumentError

    source = Path(name).read_text(encoding="utf-8")
    if name.endswith(".ipynb"):
        cells = [cell for cell in json.loads(source).get("cells", []) if cell.get("cell_type") == "code"]
        source = "\n".join("".join(cell["source"]) for cell in cells)
        source = "\n".join(
            "" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n")
        )
    try:
        return uses_of(source, name)
    except SyntaxError as error:
        raise InvalidArgumentError(
            _("{file}, line {line}: this is not valid Python: {reason}.").format(
                file=name, line=error.lineno, reason=error.msg
            )
        ) from None


def _print_program(name: str, uses: list[Use], missing: list[Use], shows_all: bool) -> None:
    print(styled(name, "bold") + "  " + _("{count} names of TensorFlow and Keras").format(count=len(uses)))
    refused = [use for use in uses if not use.today]
    if missing:
        print("\n" + _("Not supported here:"))
        for use in missing:
            print(
                f"  {_title(use)}  "
                + _("line {line}").format(line=use.line)
                + (f"  {use.advice}" if use.advice else "")
            )
    if refused:
        print("\n" + _("Refused by today's TensorFlow and Keras 3, although it may run here:"))
        for use in refused:
            here = _("runs here") if use.here else _("not here either")
            print(f"  {_title(use)}  " + _("line {line}").format(line=use.line) + f"  ({here})")
    if shows_all:
        print("\n" + _("All names:"))
        rows = [
            [_title(use), _("line {line}").format(line=use.line), _("runs here") if use.here else _("not supported"),
             _("today's Keras: yes") if use.today else _("today's Keras: no")]
            for use in uses
        ]  # fmt: skip
        print("\n".join(aligned(rows, widest=60)))
    if not missing:
        print("\n" + _("All of them run here: tensorlet run {file}").format(file=name))
    print()
    sys.stdout.flush()


def _title(use: Use) -> str:
    return use.path[1:] if use.path.startswith(".") else f"tf.{use.path}"
