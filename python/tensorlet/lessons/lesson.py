"""`Lesson`: checks the answers of a notebook's exercises, and gives hints."""

from __future__ import annotations

import importlib
import importlib.util
import logging
from collections.abc import Mapping

from tensorlet.errors import InvalidArgumentError, did_you_mean
from tensorlet.lessons import source
from tensorlet.lessons.answers import Exercise, NotAnAnswerError, Text, Verdict
from tensorlet.localization import use_language
from tensorlet.plots.figures import COLOURS
from tensorlet.plots.fonts import use_korean_font

_UNANSWERED = Verdict(
    False,
    Text(
        "아직 답이 없습니다. `...`을 지우고 답을 써 보세요.",
        "Not answered yet. Replace the `...` with your answer.",
    ),
    answered=False,
)


class Lesson:
    """The exercises of one lesson.

    Also gives matplotlib's figures the look of the lessons and a font with Korean, and sets the language of
    Tensorlet's own words, such as those in plots and explanations (see `tensorlet.localization.use_language`).

    Args:
        name: the lesson, such as ``"softmax"``.
        language: the language of the messages, ``"ko"`` or ``"en"``.

    Raises:
        InvalidArgumentError: if there is no such lesson or language.

    >>> from tensorlet.lessons import Lesson
    >>> Lesson("softmax", "en").check("1a", ...)
    – 1a: Not answered yet. Replace the `...` with your answer.
    """

    def __init__(self, name: str, language: str = "ko") -> None:
        if name not in source.names():
            hint = did_you_mean(name, source.names())
            raise InvalidArgumentError(
                f"There is no lesson {name!r}.{hint} The lessons are {', '.join(source.names())}."
            )
        if language not in source.LANGUAGES:
            raise InvalidArgumentError(f"The language is {language!r}; expected 'ko' or 'en'.")
        self.name = name
        self.language = language
        self._exercises: Mapping[str, Exercise] = importlib.import_module(
            f"tensorlet.lessons.exercises.{name}"
        ).EXERCISES
        self._hints_given: dict[str, int] = {}
        use_language(language)
        _prepare_figures(language)

    def check(self, key: str, answer: object = ...) -> None:
        """Prints whether an answer is right; if it is not, what is wrong with it.

        Args:
            key: the exercise, such as ``"1a"``.
            answer: the answer: a number, an array, a function or a model, as the exercise asks.

        Raises:
            InvalidArgumentError: if the lesson has no such exercise.
        """
        verdict = self.judge(key, answer)
        if not verdict.answered:
            print(f"– {key}: {self._say(verdict.text)}")
        elif verdict.right:
            print(f"✓ {key}: {self._say(Text('맞았습니다!', 'Right!'))} {self._say(verdict.text)}")
        else:
            print(f"✗ {key}: {self._say(Text('아직 아닙니다.', 'Not yet.'))} {self._say(verdict.text)}")

    def judge(self, key: str, answer: object) -> Verdict:
        """Like `check`, but returns the verdict instead of printing it."""
        exercise = self._exercise(key)
        if answer is ... or answer is None:
            return _UNANSWERED
        if isinstance(answer, (tuple, list)) and any(part is ... for part in answer):
            return _UNANSWERED
        try:
            return exercise.check(answer)
        except NotAnAnswerError as error:
            return error.verdict

    def hint(self, key: str) -> None:
        """Prints the next hint for an exercise; after the last one, it starts again.

        Args:
            key: the exercise, such as ``"1a"``.

        Raises:
            InvalidArgumentError: if the lesson has no such exercise.
        """
        hints = self._exercise(key).hints
        place = self._hints_given.get(key, 0) % len(hints)
        self._hints_given[key] = place + 1
        head = Text(f"힌트 {place + 1}/{len(hints)}", f"Hint {place + 1} of {len(hints)}")
        print(f"{self._say(head)}: {self._say(hints[place])}")

    @property
    def exercises(self) -> list[str]:
        """The names of the exercises, such as ``["1a", "1b"]``."""
        return list(self._exercises)

    def _exercise(self, key: str) -> Exercise:
        if key not in self._exercises:
            raise InvalidArgumentError(
                f"The lesson has no exercise {key!r}; its exercises are {', '.join(self._exercises)}."
            )
        return self._exercises[key]

    def _say(self, text: Text) -> str:
        return text.ko if self.language == "ko" else text.en


def _prepare_figures(language: str) -> None:
    """Figures without a frame, and with a font for Korean labels; without matplotlib there is nothing to do."""
    if importlib.util.find_spec("matplotlib") is None:
        return
    import matplotlib
    from cycler import cycler

    matplotlib.rcParams.update(
        {
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": "medium",
            "axes.prop_cycle": cycler(color=COLOURS),
            "figure.dpi": 100,
            "axes.unicode_minus": False,
        }
    )
    if language == "ko":
        # Bold titles of a font without a bold face are drawn in its normal one; matplotlib would log that each time.
        logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
        use_korean_font()
