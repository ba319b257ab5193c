"""The command ``tensorlet``. Each subcommand is a separate module, imported on first use."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

from tensorlet.errors import USAGE_ERROR
from tensorlet.version_info import TENSORFLOW_INTERFACE, TENSORLET_VERSION

#: Subcommand -> (module with ``main(arguments) -> exit status``, description, which is translated).
COMMANDS = {
    "run": ("tensorlet.cli.run", "run a program written for TensorFlow 2, unchanged"),
    "show": (
        "tensorlet.cli.show",
        "draw the computation of a program, or list the contents of a model file",
    ),
    "train": ("tensorlet.cli.train", "train a model on your own table or pictures"),
    "evaluate": ("tensorlet.cli.evaluate", "measure a trained model on other rows"),
    "predict": ("tensorlet.cli.predict", "answer for the rows of a table, or for pictures"),
    "explain": ("tensorlet.cli.explain", "show which columns matter, and why a row has its answer"),
    "export": ("tensorlet.cli.export", "write a model as ONNX, or as a program for NumPy"),
    "tune": ("tensorlet.cli.tune", "search for the best perceptron for your own data"),
    "serve": ("tensorlet.cli.serve", "answer over HTTP with a trained model"),
    "doctor": ("tensorlet.cli.doctor", "test the installation, or check the names in a program"),
    "info": ("tensorlet.cli.info", "show versions, the engine and the data folder"),
    "enable": (
        "tensorlet.cli.enable",
        "let 'import tensorflow' mean Tensorlet in this virtual environment",
    ),
    "disable": ("tensorlet.cli.disable", "undo 'tensorlet enable'"),
    "typings": ("tensorlet.cli.typings", "let editors and type checkers resolve 'import tensorflow'"),
    "lessons": ("tensorlet.lessons.command", "copy the lessons, as Jupyter notebooks in Korean and English"),
    "demo": (
        "tensorlet.demo",
        "train softmax regression (--model cnn: a convolutional network) on MNIST and plot it",
    ),
    "playground": ("tensorlet.playground", "try out networks on a page in the browser, without a connection"),
}

#: Subcommands that read their words themselves.
WITHOUT_PARSER = ("info", "enable", "disable", "typings")


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line.

    Args:
        arguments: the command-line arguments after ``tensorlet``; by default those of this process.

    Returns:
        The exit status: 0 for success, 2 for a usage error.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    language = (
        words[:2]
        if words[:1] == ["--lang"]
        else words[:1]
        if words and words[0].startswith("--lang=")
        else []
    )
    words = words[len(language) :] or ["--help"] * bool(language)
    set_language(language or words * (words[:1] not in (["run"], ["show"])))
    if not words or words[0] in ("-h", "--help") or words == ["help"]:
        print(help_text())
        return 0 if words else USAGE_ERROR
    if words[0] == "help":  # tensorlet help run
        words = [words[1], "--help"]
    if words[0] in ("-V", "--version"):
        print(f"tensorlet {TENSORLET_VERSION} (interface of TensorFlow {TENSORFLOW_INTERFACE})")
        return 0
    if words[0] not in COMMANDS:
        print(_unknown(words[0]), file=sys.stderr)
        return USAGE_ERROR
    command = importlib.import_module(COMMANDS[words[0]][0])
    if words[0] == "run":  # the errors of a program are its own
        return int(command.main(words[1:]) or 0)
    if words[0] in WITHOUT_PARSER:
        words = without_language(words)
    try:
        status = command.main(words[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of the output has exited (`tensorlet info | head`); the flush at the end must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0 if status is None else int(status)


def _unknown(word: str) -> str:
    from tensorlet.localization import translate as _
    from tensorlet.localization.suggestions import suggestion

    hint = suggestion(word, COMMANDS)
    if word.endswith(".py"):
        hint = " " + _("To run a program: tensorlet run {file}").format(file=word)
    message = "tensorlet: " + _("unknown command '{word}'.").format(word=word) + hint
    commands = _("The commands are {names}; see tensorlet --help.").format(names=", ".join(COMMANDS))
    return f"{message}\n{commands}"


def refuse(command: str, sentence: str) -> int:
    """Prints a usage error of a subcommand; returns the exit status.

    Args:
        command: the subcommand.
        sentence: what is wrong and how to fix it.
    """
    from tensorlet.localization import translate as _

    more = _("See tensorlet {command} --help.").format(command=command)
    print(f"tensorlet {command}: {sentence}\n{more}", file=sys.stderr)
    return USAGE_ERROR


def without_language(words: Sequence[str]) -> list[str]:
    """Returns the words of a command line without ``--lang`` and its value, up to the name of a program."""
    end = next((index for index, word in enumerate(words) if word.endswith(".py")), len(words))
    own = words[:end]
    kept = [
        word
        for index, word in enumerate(own)
        if word != "--lang" and not word.startswith("--lang=") and (index == 0 or own[index - 1] != "--lang")
    ]
    return [*kept, *words[end:]]


def set_language(words: Sequence[str]) -> None:
    """Sets the language from ``--lang`` among the words of a command line, before texts are made.

    An unknown language is left to the parser of the subcommand, which refuses it.
    """
    if not any(word.startswith("--lang") for word in words):
        return
    from tensorlet.localization import LANGUAGES, use_language

    for index, word in enumerate(words):
        name = word.partition("=")[2] if word.startswith("--lang=") else None
        if word == "--lang" and index + 1 < len(words):
            name = words[index + 1]
        if name in LANGUAGES:
            use_language(name)


def help_text() -> str:
    """Returns the output of ``tensorlet --help``."""
    from tensorlet.localization import translate as _

    lines = [_("usage: tensorlet COMMAND [ARGUMENTS...]"), ""]
    lines += [f"  {name:<12}{_(text)}" for name, (_module, text) in COMMANDS.items()]
    lines += [
        "",
        _("  --version     print the version"),
        _("  --lang LANG   the language: en or ko (default: the locale's)"),
        _("  tensorlet COMMAND --help describes a command in detail."),
    ]
    return "\n".join(lines)
