"""Arguments of subcommands: argparse with translated texts and the options that all of them have."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from tensorlet.cli import USAGE_ERROR
from tensorlet.errors import did_you_mean
from tensorlet.localization import LANGUAGES
from tensorlet.localization import translate as _


class Parser(argparse.ArgumentParser):
    """The parser of a subcommand.

    Args:
        command: the name of the subcommand.
        description: what it does, in a sentence or two.
        usage: what follows the name of the subcommand.
        examples: command lines, each with what it does.
    """

    def __init__(
        self, command: str, description: str, usage: str, examples: Sequence[tuple[str, str]] = ()
    ) -> None:
        width = max((len(line) for line, _text in examples), default=0)
        lines = [f"  {line:<{width}}  {text}".rstrip() for line, text in examples]
        super().__init__(
            prog=f"tensorlet {command}",
            usage=f"tensorlet {command} {usage}",
            description=description,
            epilog="\n".join([_("examples:"), *lines]) if lines else None,
            formatter_class=_Formatter,
            add_help=False,
            allow_abbrev=False,
        )
        self.command = command
        self._positionals.title = _("arguments")
        self._optionals.title = _("options")
        self.add_argument("-h", "--help", action="help", help=_("show this text"))

    def add_common(self, json: bool = True) -> None:
        """Adds ``--lang``, and ``--json`` for commands whose result is of use to programs."""
        if json:
            self.add_argument(
                "--json", action="store_true", help=_("print the result as JSON, and nothing else")
            )
        self.add_argument(
            "--lang",
            choices=list(LANGUAGES),
            metavar="LANG",
            help=_("the language: en or ko (default: the locale's)"),
        )

    def error(self, message: str) -> NoReturn:
        """Prints a usage error in the form of all subcommands."""
        found = re.fullmatch(r"unrecognized arguments: (--[\w-]+).*", message, re.DOTALL)
        hint = did_you_mean(found[1], self._option_string_actions) if found else ""
        see = _("See {command} --help.").format(command=self.prog)
        print(f"{self.prog}: {_translated(message)}{hint}\n{see}", file=sys.stderr)
        raise SystemExit(USAGE_ERROR)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(prog, max_help_position=30, width=min(options.pop("width", None) or 100, 100))

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, _("usage: ") if prefix is None else prefix)


def _translated(message: str) -> str:
    """Returns a message of argparse in the language in use."""
    forms = (
        (r"the following arguments are required: (.*)", _("expected these arguments as well: {0}.")),
        (r"unrecognized arguments: (.*)", _("unknown arguments: {0}.")),
        (r"argument (\S+): expected one argument", _("{0} needs a value.")),
        (
            r"argument ([^:]+): invalid choice: (\S+) \(choose from (.*)\)",
            _("{0} is {1}. Expected one of {2}."),
        ),
        (r"argument ([^:]+): invalid (?:int|float) value: (.*)", _("{0} is {1}. Expected a number.")),
    )
    for pattern, text in forms:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return text.format(*found.groups())
    return message
