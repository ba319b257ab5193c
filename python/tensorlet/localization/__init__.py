"""Messages in the language of the user: English, or Korean from gettext catalogues.

Source code contains the English text. `translate` looks it up in the catalogue of the language in use and returns
it unchanged if that language is English. The language is the one that `use_language` was given (``--lang`` on the
command line), or that of the environment: ``TENSORLET_LANG``, ``LC_ALL``, ``LC_MESSAGES``, ``LANG``.

The catalogues are ``catalogs/LANGUAGE/ROOM.po``, one for each room of the package. ``tools/make_catalogs.py`` adds
the messages of the source code to them, and checks that they are complete.

>>> from tensorlet.localization import translate, use_language
>>> use_language("ko")
>>> translate("options")
'옵션'
>>> use_language("en")
>>> translate("options")
'options'
"""

from __future__ import annotations

import functools
import os

from tensorlet.errors import InvalidArgumentError
from tensorlet.settings import LANGUAGE

#: The languages with their own names; the first is that of the source code.
LANGUAGES = {"en": "English", "ko": "한국어"}
FOLDER = os.path.join(os.path.dirname(__file__), "catalogs")
#: The variables that name the user's language, most important first.
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")

_chosen: str | None = None


def use_language(name: str | None) -> None:
    """Sets the language of messages.

    Args:
        name: "en" or "ko"; None for that of the environment.

    Raises:
        InvalidArgumentError: for another language.
    """
    global _chosen
    if name is not None and name not in LANGUAGES:
        raise InvalidArgumentError(f"The language is {name!r}. Expected one of {', '.join(LANGUAGES)}.")
    _chosen = name


def language() -> str:
    """Returns the language of messages: "en" or "ko"."""
    return _chosen or LANGUAGE.read() or _language_of_environment()


def translate(text: str) -> str:
    """Returns a message in the language in use.

    Args:
        text: the English text, with ``{names}`` of values that are filled in afterwards.
    """
    name = language()
    return text if name == "en" else _messages(name).get(text, text)


def plural(one: str, many: str, count: float) -> str:
    """Returns the form of a message that fits a number.

    Args:
        one: the English text for 1.
        many: the English text for other numbers.
        count: the number.

    >>> from tensorlet.localization import plural
    >>> plural("{count} row", "{count} rows", 1).format(count=1)
    '1 row'
    """
    name = language()
    if name == "en":
        return one if count == 1 else many
    return _messages(name).get(one, many)


def mark(text: str) -> str:
    """Returns the text unchanged; marks a constant for the catalogues, which `translate` is given later."""
    return text


@functools.lru_cache(maxsize=4)
def _messages(name: str) -> dict[str, str]:
    from tensorlet.localization.catalog import read_catalog

    folder, whole = os.path.join(FOLDER, name), {}
    for file in sorted(os.listdir(folder)):
        if file.endswith(".po"):
            whole.update(read_catalog(os.path.join(folder, file)).messages)
    return whole


def _language_of_environment() -> str:
    for variable in _VARIABLES:
        value = os.environ.get(variable, "")
        if value:
            name = value.partition(".")[0].partition("_")[0].lower()
            return name if name in LANGUAGES else "en"
    return "en"
