"""Arguments of subcommands: argparse with translated texts and the options that all of them have."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from tensorlet.errors import USAGE_ERROR
from tensorlet.localization import LANGUAGES
from tensorlet.localization import translate as _
from tensorlet.localization.suggestions import suggestion
from tensorlet.localization.width import wrapped

#: The most cells of a line of help.
WIDEST = 100


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
        hint = suggestion(found[1], self._option_string_actions) if found else ""
        see = _("See {command} --help.").format(command=self.prog)
        print(f"{self.prog}: {_translated(message)}{hint}\n{see}", file=sys.stderr)
        raise SystemExit(USAGE_ERROR)


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Breaks lines by the cells that they take, since Korean letters take two; lines broken by hand stay."""

    def __init__(self, prog: str, **options: Any) -> None:
        width = options.pop("width", None) or shutil.get_terminal_size((WIDEST, 24)).columns
        super().__init__(prog, max_help_position=30, width=min(width, WIDEST))

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, _("usage: ") if prefix is None else prefix)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(text, width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines = [text] if "\n" in text else wrapped(text, width)
        return super()._fill_text("\n".join(lines), width, indent)


#: Stands for the name of an option in the messages of the functions below, which do not know it.
_OPTION = "\0"


def integer(least: int, most: int | None = None) -> Callable[[str], int]:
    """Returns a ``type`` of options for integers.

    Args:
        least: the smallest integer that is allowed.
        most: the largest one; None for no limit.

    >>> integer(1, 10)("7")
    7
    """

    def convert(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least or (most is not None and number > most):
            expected = (
                _("{option} is {given}. Expected an integer of at least {least}.")
                if most is None
                else _("{option} is {given}. Expected an integer from {least} to {most}.")
            )
            given = repr(text)
            raise argparse.ArgumentTypeError(
                expected.format(option=_OPTION, given=given, least=least, most=most)
            )
        return number

    return convert


def positive_number(text: str) -> float:
    """Is a ``type`` of options for positive numbers.

    >>> positive_number("0.001")
    0.001
    """
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < float("inf"):
        expected = _("{option} is {given}. Expected a positive number, such as 0.001.")
        raise argparse.ArgumentTypeError(expected.format(option=_OPTION, given=repr(text)))
    return number


def _translated(message: str) -> str:
    """Returns a message of argparse in the language in use."""
    forms = (
        (r"the following arguments are required: (.*)", _("expected these arguments as well: {0}.")),
        (r"unrecognized arguments: (.*)", _("unknown arguments: {0}.")),
        (r"argument (\S+): expected one argument", _("{0} needs a value.")),
        (
            r"argument ([^:]+): invalid choice: (.*) \(choose from (.*)\)",
            _("{0} is {1}. Expected one of {2}."),
        ),
        (r"argument ([^:]+): invalid (?:int|float) value: (.*)", _("{0} is {1}. Expected a number.")),
        (r"argument ([^:]+): ignored explicit argument (.*)", _("{0} takes no value, but got {1}.")),
        (r"argument ([^:]+): not allowed with argument (.*)", _("{0} cannot be used together with {1}.")),
    )
    for pattern, text in forms:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return text.format(*found.groups())
    found = re.fullmatch(f"argument ([^:]+): (.*{_OPTION}.*)", message, re.DOTALL)
    return found[2].replace(_OPTION, found[1]) if found else message
