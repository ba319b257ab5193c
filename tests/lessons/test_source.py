"""The sources of lessons: both languages are complete, and what is missing is found."""

from __future__ import annotations

import pytest

from tensorlet.lessons import source

PAIR = "<!-- ko -->\n## 제목\n\n`x`와 $y$입니다.\n<!-- en -->\n## A title\n\nThese are `x` and $y$.\n"


@pytest.mark.parametrize("name", source.names())
def test_both_languages_are_complete(name: str) -> None:
    assert source.problems(source.read(name)) == []


def test_lessons_are_numbered_without_gaps() -> None:
    numbers = [source.file_name(name)[:2] for name in source.names()]
    assert numbers == [f"{number:02}" for number in range(1, len(numbers) + 1)]
    for number, name in enumerate(source.names(), start=1):
        for language in source.LANGUAGES:
            assert source.title(source.read(name), language).startswith(f"{number}. ")


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (PAIR, ""),
        (PAIR.replace("## A title", "A title"), "headings differ"),
        (PAIR.replace("`x` and", "x and"), "names in code differ"),
        (PAIR.replace("and $y$", "and $z$"), "formulas differ"),
        (PAIR + "- one\n", "items differ"),
        (PAIR + "![p](p.png)\n", "links and pictures differ"),
        (PAIR.replace("A title", "A 제목"), "Korean words in the English passage"),
        (PAIR.replace("제목", "title").replace("와", ",").replace("입니다", ""), "no Korean words"),
        (PAIR.split("<!-- en -->")[0], "this Korean passage has no English one"),
        ("<!-- en -->\nalone\n", "this English passage has no Korean one"),
        (PAIR + "many more words than there are in the other language " * 3, "times the characters"),
        ("words\n" + PAIR, "text outside of a passage"),
        (PAIR + '```python\nprint("«합|sum»")  # 합\n```\n', "words of one language in a part for both"),
        (PAIR + '```python\nprint("«합|»")\n```\n', "is not Korean and English"),
        (PAIR + f"```python\nx = '{90 * 'x'}'\n```\n", "columns of code"),
        (PAIR + "<!-- both -->\n$$x = 1$$\n", ""),
    ],
)
def test_what_is_missing_is_found(changed: str, problem: str) -> None:
    found = source.problems(changed)
    assert (found == []) if not problem else any(problem in one for one in found), found


def test_code_is_shared_and_its_words_are_translated() -> None:
    text = PAIR + '```python\nprint("«합|sum»", "@language")\n```\n'
    korean, english = source.localized(text, "ko"), source.localized(text, "en")
    assert 'print("합", "ko")' in korean and "제목" in korean and "title" not in korean
    assert 'print("sum", "en")' in english and "title" in english and "제목" not in english


def test_a_mark_inside_a_block_of_text_is_text() -> None:
    text = "<!-- ko -->\n글\n```text\n<!-- en -->\n```\n<!-- en -->\nwords\n```text\n<!-- en -->\n```\n"
    assert [passage.kind for passage in source.passages(text)] == ["ko", "en"]
