"""Every environment variable that Tensorlet reads: its name, its possible values and what it does.

An invalid value is an error that lists the possible ones. Values are read when they are needed, so that a
program can set ``os.environ`` as well; `check_environment` checks all of them once, when Tensorlet is imported.

>>> from tensorlet import settings
>>> settings.DEPRECATIONS.possible
"'warn', 'error' or 'ignore'"
"""

from __future__ import annotations

import os
from collections.abc import Callable

from tensorlet.errors import InvalidArgumentError, did_you_mean, warn_user

PREFIX = "TENSORLET_"


class Setting:
    """One environment variable.

    Args:
        name: the variable's name.
        default: the value if the variable is not set or empty.
        possible: its possible values, in words.
        meaning: what it does.
        accepts: returns whether a value is valid.
        of_package: False for a variable that only the project's tests and benchmarks read.
    """

    def __init__(
        self,
        name: str,
        default: str,
        possible: str,
        meaning: str,
        accepts: Callable[[str], bool],
        of_package: bool = True,
    ) -> None:
        self.name = name
        self.default = default
        self.possible = possible
        self.meaning = meaning
        self.of_package = of_package
        self._accepts = accepts

    def is_set(self) -> bool:
        """Whether the variable is set."""
        return bool(os.environ.get(self.name))

    def read(self) -> str:
        """The value.

        Raises:
            InvalidArgumentError: if the value is not valid.
        """
        value = os.environ.get(self.name) or self.default
        if value != self.default and not self._accepts(value):
            raise InvalidArgumentError(self.refusal(value, self.possible))
        return value

    def refusal(self, value: str, possible: str) -> str:
        """The message for an invalid value."""
        return f"The environment variable {self.name} is '{value}'. Expected {possible}, or leave it unset."


def _is_one_of(*values: str) -> Callable[[str], bool]:
    return lambda value: value in values


def _is_count(value: str) -> bool:
    return value.strip().isdecimal() and int(value) > 0


def _is_positive_number(value: str) -> bool:
    try:
        return float(value) > 0
    except ValueError:
        return False


#: What `TENSORLET_DEBUG` can show.
DEBUG_TOPICS = ("backend", "program")


def _are_topics(value: str) -> bool:
    return value == "all" or all(topic in DEBUG_TOPICS for topic in value.split(","))


BACKEND = Setting(
    "TENSORLET_BACKEND", "native",
    "'native', 'reference' or the name of a backend that the program has registered",
    "The backend of traced functions and models. 'reference' interprets them with NumPy, slowly.",
    lambda value: True,  # checked by the registry of backends, which lists them
)  # fmt: skip
THREADS = Setting(
    "TENSORLET_THREADS", "", "an integer of at least 1",
    "The most threads that the engine uses. Results do not depend on it.", _is_count,
)  # fmt: skip
SIMD = Setting(
    "TENSORLET_SIMD", "", "'portable', 'neon', 'avx2', 'avx512' or 'amx', if the processor supports it",
    "The vector instructions that the engine uses; by default the best that the processor supports.",
    _is_one_of("portable", "neon", "avx2", "avx512", "amx"),
)  # fmt: skip
DEBUG = Setting(
    "TENSORLET_DEBUG", "", "'backend', 'program', both separated by a comma, or 'all'",
    "What is written to standard error: 'backend' says which functions the chosen backend could not compile, "
    "'program' shows the instructions that the engine runs.",
    _are_topics,
)  # fmt: skip
DEPRECATIONS = Setting(
    "TENSORLET_DEPRECATIONS", "warn", "'warn', 'error' or 'ignore'",
    "Whether a legacy spelling (tf.log, Adam(lr=0.1)) gives a warning, once, or an error, or nothing.",
    _is_one_of("warn", "error", "ignore"),
)  # fmt: skip

KERAS = Setting(
    "TENSORLET_KERAS", "", "'2' or '3'",
    "Whose meaning counts where Keras 2 and Keras 3 differ; by default Keras 3's for programs that import `keras.ops` "
    "or `keras.random`, and Keras 2's for all others.",
    _is_one_of("2", "3"),
)  # fmt: skip

LANGUAGE = Setting(
    "TENSORLET_LANG", "", "'en' or 'ko'",
    "The language of the command line and of explanations: English or Korean; by default that of the locale.",
    _is_one_of("en", "ko"),
)  # fmt: skip
TRACEBACKS = Setting(
    "TENSORLET_TRACEBACKS", "short", "'short' or 'full'",
    "'short' leaves out the frames inside of Tensorlet, except the last one, where uncaught errors are shown; 'full' "
    "shows all.",
    _is_one_of("short", "full"),
)  # fmt: skip

SETTINGS = {
    setting.name: setting
    for setting in (
        BACKEND, THREADS, SIMD, DEBUG, DEPRECATIONS, KERAS, LANGUAGE, TRACEBACKS,
        Setting(
            "TENSORLET_KILLS", "", "an integer of at least 1",
            "How many times the tests kill a process that saves files.", _is_count, False,
        ),
        Setting(
            "TENSORLET_BACKUP_KILLS", "", "an integer of at least 1",
            "How many times the tests kill a process that trains with BackupAndRestore.", _is_count, False,
        ),
        Setting(
            "TENSORLET_FUZZ_SECONDS", "", "a number greater than 0",
            "How many seconds the tests feed damaged files to each reader.", _is_positive_number, False,
        ),
        Setting(
            "TENSORLET_THREAD_SECONDS", "", "a number greater than 0",
            "How many seconds the tests use models in sixteen threads.", _is_positive_number, False,
        ),
        Setting(
            "TENSORLET_FUZZ_BAD_READER", "", "'1'",
            "Adds a reader with defects, to test that fuzzing finds them.", _is_one_of("1"), False,
        ),
        Setting(
            "TENSORLET_BENCH_JAX", "", "the path of a Python interpreter",
            "The environment with JAX that benchmarks compare with.", lambda value: True, False,
        ),
        Setting(
            "TENSORLET_BENCH_TENSORFLOW", "", "the path of a Python interpreter",
            "The environment with TensorFlow that benchmarks compare with.", lambda value: True, False,
        ),
    )
}  # fmt: skip


def check_environment() -> None:
    """Reads every variable once.

    Raises:
        InvalidArgumentError: if one has an invalid value.
    """
    for name in os.environ:
        if name.startswith(PREFIX):
            if name in SETTINGS:
                SETTINGS[name].read()
            else:
                warn_user(
                    f"The environment variable {name} is not known to Tensorlet and is ignored."
                    f"{did_you_mean(name, SETTINGS)}"
                )
