"""Right and wrong answers go through every check; ``answers`` has a file with them for each lesson."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tensorlet.errors import InvalidArgumentError
from tensorlet.lessons import Lesson, source

ANSWERS = Path(__file__).parent / "answers"


def answers_of(name: str) -> ModuleType:
    """The answers to a lesson's exercises: ``RIGHT`` and ``WRONG``, each a dictionary of lists."""
    spec = importlib.util.spec_from_file_location(f"answers_{name}", ANSWERS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", source.names())
def test_right_and_wrong_answers(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # some answers are files
    answers = answers_of(name)
    for language in source.LANGUAGES:
        lesson = Lesson(name, language)
        assert list(answers.RIGHT) == list(answers.WRONG) == lesson.exercises
        for key in lesson.exercises:
            assert answers.RIGHT[key] and len(answers.WRONG[key]) >= 2
            for answer in answers.RIGHT[key]:
                verdict = lesson.judge(key, answer)
                assert verdict.right, (key, answer, verdict.text)
            for answer in answers.WRONG[key]:
                verdict = lesson.judge(key, answer)
                assert not verdict.right, (key, answer)
                assert verdict.text.ko and verdict.text.en


@pytest.mark.parametrize("name", source.names())
def test_answers_of_a_wrong_form_are_explained(name: str) -> None:
    def broken(*arguments: object) -> object:
        raise RuntimeError("oops")

    lesson = Lesson(name, "en")
    for key in lesson.exercises:
        for answer in (
            "words",
            object(),
            [],
            (),
            {},
            float("nan"),
            broken,
            lambda *_: None,
            np.zeros((2, 5, 1)),
            True,
        ):
            verdict = lesson.judge(key, answer)
            assert not verdict.right, (key, answer)
            assert "hangul" not in verdict.text.en and len(verdict.text.ko) > 5
        assert not lesson.judge(key, ...).answered
        assert not lesson.judge(key, None).answered


@pytest.mark.parametrize("name", source.names())
def test_hints_come_in_steps_and_start_again(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    lesson = Lesson(name, "ko")
    for key in lesson.exercises:
        lesson.hint(key)
        first = capsys.readouterr().out
        total = int(first.split("/")[1].split(":")[0])
        assert total >= 2
        shown = {first}
        for _ in range(total - 1):
            lesson.hint(key)
            shown.add(capsys.readouterr().out)
        assert len(shown) == total
        lesson.hint(key)
        assert capsys.readouterr().out == first


def test_what_check_prints(capsys: pytest.CaptureFixture[str]) -> None:
    korean, english = Lesson("softmax", "ko"), Lesson("softmax", "en")
    scores = np.log([0.5, 0.3, 0.2])
    printed: list[str] = []
    show: Callable[[], None] = lambda: printed.append(capsys.readouterr().out)  # noqa: E731
    for lesson in (korean, english):
        for answer in (scores, [1, 2, 3], ...):
            lesson.check("1b", answer)
            show()
    assert [line.split(":")[0] for line in printed] == ["✓ 1b", "✗ 1b", "– 1b"] * 2
    assert "맞았습니다!" in printed[0] and "아직 아닙니다." in printed[1]
    assert "Right!" in printed[3] and "0.090, 0.245, 0.665" in printed[4]


@pytest.mark.parametrize("rate", [0, -0.2])
def test_a_rate_that_never_arrives_is_not_said_to_converge(rate: float) -> None:
    verdict = Lesson("learning_rate", "en").judge("4b", rate)
    assert not verdict.right
    assert verdict.text.en.startswith("It must be above 0")


def test_unknown_lessons_languages_and_exercises_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match=r"There is no lesson 'softmx'\. Did you mean 'softmax'\?"):
        Lesson("softmx")
    with pytest.raises(InvalidArgumentError, match="expected 'ko' or 'en'"):
        Lesson("softmax", "de")
    with pytest.raises(InvalidArgumentError, match="its exercises are 1a, 1b, 1c"):
        Lesson("softmax").check("2a", 1)
