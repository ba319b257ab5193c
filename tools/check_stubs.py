"""Checks the stub files against the running package with mypy's stubtest.

Only the generated stubs are checked: every name must exist, and every signature must be that of the running
function. Classes are re-exported from their source files, whose types mypy checks. `stubtest_allowlist.txt` lists
intended differences, with the reasons.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from mypy import stubtest
from mypy.config_parser import parse_config_file
from mypy.options import Options

import make_stubs

ALLOWED = Path(__file__).with_name("stubtest_allowlist.txt")


def allowed_differences() -> list[re.Pattern[str]]:
    """The regular expressions of the allow-list."""
    lines = ALLOWED.read_text(encoding="utf-8").splitlines()
    return [re.compile(line) for line in lines if line and not line.startswith("#")]


def checked_modules() -> list[str]:
    """The modules that have a generated stub and can be imported under its name."""
    namespaces = make_stubs.find_namespaces()
    return [name for name in namespaces if make_stubs.stub_of(name) == name]


def main() -> int:
    """Prints each difference that is not allowed; returns 1 if there are any."""
    options = Options()
    options.incremental = False
    options.config_file = str(make_stubs.SOURCES.parent / "pyproject.toml")
    parse_config_file(options, lambda: None, options.config_file, sys.stdout, sys.stderr)
    modules = stubtest.build_stubs(checked_modules(), options, find_submodules=False)
    allowed = allowed_differences()
    found = []
    for module in modules:
        for error in stubtest.test_module(module):
            if error.is_disjoint_base_related() or any(one.fullmatch(error.object_desc) for one in allowed):
                continue
            found.append(error.get_description(concise=True))
    for difference in found:
        print(difference.rstrip())
    print(f"{len(modules)} stub files {'differ from' if found else 'agree with'} the running package")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
