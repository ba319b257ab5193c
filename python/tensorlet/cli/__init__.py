"""The command ``tensorlet``. Each subcommand is a module of its own, imported when it is used."""

from __future__ import annotations

import importlib
import sys

from tensorlet.errors import did_you_mean

#: Subcommand -> (module with ``main(arguments) -> exit status``, what it does).
COMMANDS = {
    "run": ("tensorlet.cli.run", "run a program written for TensorFlow 2, unchanged"),
    "show": ("tensorlet.cli.show", "draw what a program computes, or list what a model's file holds"),
    "info": ("tensorlet.cli.info", "show versions, the engine and where the data are"),
    "demo": ("tensorlet.demo", "train softmax regression on MNIST and draw what it learnt"),
}

USAGE_ERROR = 2


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line.

    Args:
        arguments: the words after ``tensorlet``; by default those of this process.

    Returns:
        The exit status: 0 if all went well, 2 for a command line that makes no sense.
    """
    words = sys.argv[1:] if arguments is None else arguments
    if not words or words[0] in ("-h", "--help", "help"):
        print(help_text())
        return 0 if words else USAGE_ERROR
    if words[0] in ("-V", "--version"):
        from tensorlet.api.version import TENSORFLOW_INTERFACE, TENSORLET_VERSION

        print(f"tensorlet {TENSORLET_VERSION} (speaks the interface of TensorFlow {TENSORFLOW_INTERFACE})")
        return 0
    if words[0] not in COMMANDS:
        hint = did_you_mean(words[0], COMMANDS)
        if words[0].endswith(".py"):
            hint = f" To run a program: tensorlet run {words[0]}"
        print(f"tensorlet: there is no command '{words[0]}'.{hint}\n\n{help_text()}", file=sys.stderr)
        return USAGE_ERROR
    command = importlib.import_module(COMMANDS[words[0]][0])
    status = command.main(words[1:])
    return 0 if status is None else int(status)


def help_text() -> str:
    """What ``tensorlet --help`` prints."""
    lines = ["usage: tensorlet COMMAND [ARGUMENTS...]", ""]
    lines += [f"  {name:<10}{text}" for name, (_, text) in COMMANDS.items()]
    lines += ["", "  --version  print the version", "  tensorlet COMMAND --help says more about a command."]
    return "\n".join(lines)
