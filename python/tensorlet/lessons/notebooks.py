"""From the sources of lessons to Jupyter notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorlet.lessons import source

if TYPE_CHECKING:
    from nbformat import NotebookNode

#: The introduction of the table of contents.
_WELCOME = {
    "ko": "# Tensorlet 수업\n\n"
    "소프트맥스에서 드롭아웃까지, 순서대로 읽으며 직접 실행해 보는 노트북입니다. 셀을 하나씩 선택하고 "
    "**Shift + Enter**를 누르면 실행됩니다. 각 수업 끝에는 연습 문제가 있습니다. `...`을 지우고 답을 쓴 다음 "
    "실행하면 맞았는지 바로 알려 줍니다. 막히면 `lesson.hint(...)`가 힌트를 한 단계씩 보여 줍니다.",
    "en": "# Lessons with Tensorlet\n\n"
    "These notebooks lead from softmax to dropout. Read them in order, and run them as you read: select a cell and "
    "press **Shift + Enter**. Each lesson ends with exercises. Replace the `...` with your answer and run the cell; it "
    "tells you at once whether the answer is right. If you are stuck, `lesson.hint(...)` shows one hint at a time.",
}


def notebook(name: str, language: str) -> NotebookNode:
    """Makes the notebook of a lesson in one language, without results.

    Args:
        name: the lesson, such as ``"softmax"``; see `source.names`.
        language: ``"ko"`` or ``"en"``.

    Raises:
        ImportError: if Jupytext is not installed.
    """
    return _from_markdown(source.localized(source.read(name), language), f"{name}-{language}")


def contents(language: str) -> NotebookNode:
    """Makes the table of contents: a notebook with a link to each lesson."""
    lines = [
        f"- [{source.title(source.read(name), language)}]({notebook_name(name)})" for name in source.names()
    ]
    return _from_markdown("\n\n".join([_WELCOME[language], "\n".join(lines)]), f"contents-{language}")


def notebook_name(name: str) -> str:
    """The file name of a lesson's notebook, such as ``"01_softmax.ipynb"``."""
    return source.file_name(name).replace(".md", ".ipynb")


def _from_markdown(text: str, prefix: str) -> NotebookNode:
    try:
        import jupytext
    except ImportError as error:
        raise ImportError(
            f"Lessons require Jupytext, which could not be imported ({error}). "
            "Install it: pip install 'tensorlet[lessons]'"
        ) from error
    made = jupytext.reads(text, fmt="md")
    made.metadata.clear()
    made.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made.metadata["language_info"] = {"name": "python"}
    made.nbformat, made.nbformat_minor = 4, 5
    # The same source gives the same file, so that the copy of a student can be told from a changed one.
    for number, cell in enumerate(made.cells):
        cell["id"] = f"{prefix.replace('_', '-')}-{number:02}"
        cell.metadata.clear()
    return made
