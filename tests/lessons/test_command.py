"""``tensorlet lessons`` copies notebooks, and never loses one that a student has changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tensorlet.lessons import command, source

COUNT = len(source.names()) + 1  # and the table of contents


def test_both_languages_are_copied(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([str(tmp_path / "new" / "lessons")]) == 0
    for language in source.LANGUAGES:
        files = sorted(file.name for file in (tmp_path / "new" / "lessons" / language).iterdir())
        assert len(files) == COUNT
        assert files[:2] == ["00_contents.ipynb", "01_softmax.ipynb"]
    assert "Start with" in capsys.readouterr().out


def test_one_language(tmp_path: Path) -> None:
    assert command.main([str(tmp_path), "--lang", "en"]) == 0
    assert [file.name for file in tmp_path.iterdir()] == ["en"]


def test_a_changed_notebook_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command.main([str(tmp_path), "--lang", "ko"])
    mine = tmp_path / "ko" / "01_softmax.ipynb"
    fresh = mine.read_text(encoding="utf-8")
    mine.write_text("my work", encoding="utf-8")
    capsys.readouterr()
    assert command.main([str(tmp_path), "--lang", "ko"]) == 0
    assert mine.read_text(encoding="utf-8") == "my work"
    assert "1 notebook has been changed and was left as it is" in capsys.readouterr().out
    for number, name in enumerate(("01_softmax.mine.ipynb", "01_softmax.mine2.ipynb"), start=1):
        mine.write_text(f"my work {number}", encoding="utf-8")
        assert command.main([str(tmp_path), "--lang", "ko", "--overwrite"]) == 0
        assert mine.read_text(encoding="utf-8") == fresh
        assert (tmp_path / "ko" / name).read_text(encoding="utf-8") == f"my work {number}"
    # A second copy changes nothing.
    assert command.copy(tmp_path, ["ko"], overwrite=True) == []
    assert len(list((tmp_path / "ko").iterdir())) == COUNT + 2


def test_a_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert command.main([str(tmp_path / "file" / "lessons")]) == 1
    assert "tensorlet lessons:" in capsys.readouterr().err


def test_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        command.main([])
    assert stopped.value.code == 2
    assert "tensorlet lessons FOLDER" in capsys.readouterr().err
    assert command.main(["--list", "--lang", "en"]) == 0
    assert capsys.readouterr().out.startswith("1. From scores to probabilities: softmax\n")


def test_jupyter_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(subprocess, "call", lambda words: started.append(words) or 0)
    monkeypatch.setattr(command.importlib.util, "find_spec", lambda name: name == "notebook" or None)
    assert command.main([str(tmp_path), "--lang", "ko", "--open"]) == 0
    first = str(tmp_path / "ko" / "00_contents.ipynb")
    assert started == [[sys.executable, "-m", "jupyter", "notebook", first]]
    monkeypatch.setattr(command.importlib.util, "find_spec", lambda name: None)
    assert command.main([str(tmp_path), "--lang", "ko", "--open"]) == 1
    assert "pip install jupyterlab" in capsys.readouterr().err
