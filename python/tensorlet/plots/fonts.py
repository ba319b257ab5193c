"""Fonts for texts in other scripts than the Latin one: an installed font that has the characters is found.

Matplotlib's own font, DejaVu Sans, has no Korean, Chinese or Japanese. Every plot of this package looks at its texts,
and adds a font that has the missing characters. Figures that a program draws by itself need `use_korean_font`.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING

from tensorlet.errors import warn_user
from tensorlet.localization import mark
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: The font that comes with matplotlib.
DEFAULT = "DejaVu Sans"
#: Fonts for Korean in the order of preference: of Debian and Ubuntu, Windows, macOS, and other packages.
KOREAN = (
    "NanumGothic", "NanumBarunGothic", "Malgun Gothic", "Apple SD Gothic Neo", "AppleGothic", "Noto Sans CJK KR",
    "Noto Sans KR", "NanumSquare", "Baekmuk Gulim", "UnDotum",
)  # fmt: skip
ADVICE = mark(
    "Install one: 'sudo apt install fonts-nanum' on Debian, Ubuntu and Colab, 'brew install --cask font-nanum-gothic' "
    "on macOS, or copy a .ttf file into the folder ~/.fonts; Windows has Malgun Gothic. Then restart Python."
)


def families_for(text: str) -> list[str]:
    """Returns the font families that together have all characters of a text, the default one first.

    If no installed font has a character, a warning says once what to install.

    Args:
        text: any text; line breaks do not count.

    >>> from tensorlet.plots.fonts import families_for
    >>> families_for("loss")
    ['DejaVu Sans']
    """
    missing = frozenset(text) - frozenset("\n\t ") - _characters_of_default()
    return [DEFAULT, *_others(missing)] if missing else [DEFAULT]


def korean_font() -> str | None:
    """Returns the name of an installed font that has Korean; None if there is none.

    >>> from tensorlet import plots
    >>> name = plots.korean_font()  # 'NanumGothic', 'Malgun Gothic', ...
    """
    return _font_with(frozenset("가나다한글"))


def use_korean_font() -> str | None:
    """Sets matplotlib's fonts for the rest of the program, so that its own figures can contain Korean.

    The plots of this package do not need it.

    Returns:
        The name of the font; None, with a warning that says what to install, if no installed font has Korean.

    >>> from tensorlet import plots
    >>> name = plots.use_korean_font()
    """
    import matplotlib

    name = korean_font()
    if name is None:
        _warn("가")
        return None
    matplotlib.rcParams["font.family"] = [DEFAULT, name]
    return name


def fit_fonts(figure: Figure) -> None:
    """Gives each text of a figure the fonts that have its characters."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        content = text.get_text()
        if not content.isascii():
            families = families_for(content)
            if len(families) > 1:
                text.set_fontfamily(families)


@functools.cache
def _characters_of_default() -> frozenset[str]:
    from matplotlib import font_manager

    return _characters(font_manager.findfont(DEFAULT))


@functools.cache
def _others(missing: frozenset[str]) -> tuple[str, ...]:
    """The fonts for some characters: one that has all of them if possible, otherwise one for each."""
    together = _font_with(missing)
    if together is not None:
        return (together,)
    found: list[str] = []
    for character in sorted(missing):
        name = _font_with(frozenset(character))
        if name is None:
            _warn(character)
        elif name not in found:
            found.append(name)
    return tuple(found)


@functools.cache
def _font_with(characters: frozenset[str]) -> str | None:
    from matplotlib import font_manager

    regular = [
        entry
        for entry in font_manager.fontManager.ttflist
        if entry.style == "normal" and entry.weight in (400, "normal", "regular")
    ]
    rank = {name: place for place, name in enumerate(KOREAN)}
    for entry in sorted(regular, key=lambda one: (rank.get(one.name, len(rank)), one.name)):
        if characters <= _characters(entry.fname):
            _offer_bold(entry.name)
            return str(entry.name)
    return None


def _offer_bold(name: str) -> None:
    """Lets matplotlib find the semi-bold face of a font as its bold one, without a message for each text."""
    from matplotlib import font_manager

    faces = font_manager.fontManager.ttflist
    weights = {face.weight: face for face in faces if face.name == name and face.style == "normal"}
    semibold = weights.get(600)
    if semibold is not None and not {700, "bold"} & set(weights):
        faces.append(dataclasses.replace(semibold, weight=700))


@functools.cache
def _characters(file: str) -> frozenset[str]:
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(map(chr, FT2Font(file).get_charmap()))
    except (OSError, RuntimeError):  # a font that was removed, or that FreeType cannot read
        return frozenset()


@functools.cache
def _warn(character: str) -> None:
    kind = (
        _("Korean")
        if "\uac00" <= character <= "\ud7a3" or "\u1100" <= character <= "\u318f"
        else repr(character)
    )
    problem = _("No installed font has {kind}, so that plots show boxes instead.").format(kind=kind)
    warn_user(f"{problem} {_(ADVICE)}")
