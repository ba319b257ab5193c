"""Every notebook runs from top to bottom in both languages, as a student would run it."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import nbformat
import pytest

from tensorlet.lessons import Lesson, notebooks, source

#: What notebooks may write to standard error: the warning that lesson 5 is about, and that no font has Korean.
EXPECTED = re.compile(r"TrainingWarning|No installed font has Korean")
TIMEOUT = 180


@pytest.mark.slow
@pytest.mark.parametrize("language", source.LANGUAGES)
@pytest.mark.parametrize("name", source.names())
def test_a_notebook_runs_from_top_to_bottom(
    name: str, language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nbclient import NotebookClient

    monkeypatch.delenv("MPLBACKEND", raising=False)  # the kernel shows pictures in the notebook
    notebook = notebooks.notebook(name, language)
    with warnings.catch_warnings():
        # About event loops and connections, in the libraries that run kernels.
        warnings.simplefilter("ignore")
        NotebookClient(
            notebook,
            timeout=TIMEOUT,
            kernel_name="python3",
            resources={"metadata": {"path": str(tmp_path)}},
        ).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    errors = "".join(output["text"] for output in outputs if output.get("name") == "stderr")
    assert not errors or EXPECTED.search(errors), errors
    assert any("image/png" in output.get("data", {}) for output in outputs)
    printed = "".join(output["text"] for output in outputs if output.get("name") == "stdout")
    keys = Lesson(name, language).exercises
    assert re.findall(r"^– (\w+): ", printed, re.MULTILINE) == keys  # every exercise, not answered yet
    assert not re.search(r"^[✓✗] ", printed, re.MULTILINE)
    if language == "en":
        assert not re.search("[가-힣]", printed)


@pytest.mark.parametrize("language", source.LANGUAGES)
@pytest.mark.parametrize("name", source.names())
def test_a_notebook_is_valid_and_the_same_each_time(name: str, language: str) -> None:
    notebook = notebooks.notebook(name, language)
    nbformat.validate(notebook)
    assert nbformat.writes(notebook) == nbformat.writes(notebooks.notebook(name, language))
    assert len({cell["id"] for cell in notebook.cells}) == len(notebook.cells)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert f'Lesson("{name}", "{language}")' in code
    assert re.findall(r'lesson\.check\("(\w+)"', code) == Lesson(name, language).exercises
    assert 2 <= len(Lesson(name, language).exercises) <= 3
    assert "«" not in nbformat.writes(notebook)


def test_the_contents_link_to_every_lesson() -> None:
    for language in source.LANGUAGES:
        text = "".join(cell.source for cell in notebooks.contents(language).cells)
        links = re.findall(r"\]\((.*?)\)", text)
        assert links == [notebooks.notebook_name(name) for name in source.names()]


def test_the_error_without_jupytext_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jupytext", None)
    with pytest.raises(ImportError, match=r"pip install 'tensorlet\[lessons\]'"):
        notebooks.notebook("softmax", "en")
