"""The parser of the subcommands: every word of its help and its errors in the language of the user."""

from __future__ import annotations

import re

import pytest

from tensorlet.argument_parser import Parser, integer
from tensorlet.cli import COMMANDS, WITHOUT_PARSER, main
from tensorlet.localization import use_language
from tensorlet.localization.width import width_of, wrapped

PARSED = [name for name in COMMANDS if name not in (*WITHOUT_PARSER, "run", "show")]


@pytest.fixture(autouse=True)
def language_of_the_environment():
    yield
    use_language(None)


def help_of(command: str, language: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as stop:
        main([command, "--help", "--lang", language])
    assert stop.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("command", PARSED)
def test_help_is_wholly_translated(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    english = help_of(command, "en", capsys)
    korean = help_of(command, "ko", capsys)
    assert korean.startswith(f"사용법: tensorlet {command}")
    own = r"usage:|options:|arguments:|show this|default:|examples:|\(default"
    assert re.search(own, english) and not re.search(own, korean)


@pytest.mark.parametrize("command", ["demo", "lessons", "playground"])
def test_help_fits_the_terminal(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    for language in ("en", "ko"):
        lines = help_of(command, language, capsys).splitlines()
        assert max(map(width_of, lines)) <= 60


@pytest.mark.parametrize(
    ("words", "english", "korean"),
    [
        (
            ["demo", "--epochs", "0"],
            "--epochs is '0'. Expected an integer of at least 1.",
            "1 이상의 정수여야",
        ),
        (["demo", "--model", "x"], "--model is 'x'. Expected one of", "--model이(가) 'x'입니다"),
        (
            ["demo", "--learning-rate", "nan"],
            "--learning-rate is 'nan'. Expected a positive",
            "0보다 큰 수여야",
        ),
        (["demo", "--seed"], "--seed needs a value.", "--seed에 값이 필요합니다"),
        (
            ["demo", "--epoch", "3"],
            "unknown arguments: --epoch 3. Did you mean '--epochs'?",
            "혹시 '--epochs'입니까?",
        ),
        (["playground", "--port", "70000"], "an integer from 0 to 65535", "0에서 65535 사이의 정수"),
        (["playground", "--no-browser=1"], "--no-browser takes no value, but got '1'.", "값이 없는데 '1'"),
        (["lessons"], "The folder for the notebooks is missing", "노트북을 둘 폴더가 없습니다"),
        (["train"], "expected these arguments as well: DATA", "다음 인자도 필요합니다: DATA"),
        (["dmo"], "unknown command 'dmo'. Did you mean 'demo'?", "혹시 'demo'입니까?"),
    ],
)
def test_errors_are_translated(words, english, korean, capsys):
    for language, expected in (("en", english), ("ko", korean)):
        try:
            status = main(["--lang", language, *words])
        except SystemExit as stop:
            status = stop.code
        assert status == 2
        assert expected in capsys.readouterr().err


def test_options_that_exclude_each_other(capsys):
    parser = Parser("demo", "A sentence.", "")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--one", type=integer(0))
    group.add_argument("--two", action="store_true")
    assert parser.parse_args(["--one", "3"]).one == 3
    for language, expected in (
        ("en", "--two cannot be used together with --one."),
        ("ko", "--two 옵션은 --one 옵션과 함께 쓸 수 없습니다."),
    ):
        use_language(language)
        with pytest.raises(SystemExit):
            parser.parse_args(["--one", "3", "--two"])
        assert expected in capsys.readouterr().err


def test_wrapped_counts_cells():
    assert wrapped("a bb ccc", 4) == ["a bb", "ccc"]
    assert wrapped("한국 어", 4) == ["한국", "어"]
    assert wrapped("longerthanfour x", 4) == ["longerthanfour", "x"]
