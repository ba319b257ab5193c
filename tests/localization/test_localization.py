"""Messages in English and Korean."""

from __future__ import annotations

import pytest

import make_catalogs
from tensorlet.errors import FileFormatError, InvalidArgumentError
from tensorlet.localization import LANGUAGES, language, plural, translate, use_language
from tensorlet.localization.catalog import Catalog, read_catalog, write_catalog


@pytest.fixture(autouse=True)
def restored():
    yield
    use_language(None)


def test_catalogues_are_complete():
    assert [fault for name in LANGUAGES if name != "en" for fault in make_catalogs.faults_of(name)] == []


def test_a_missing_translation_is_a_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(make_catalogs, "CATALOGS", tmp_path)
    monkeypatch.setattr(make_catalogs, "messages_of_rooms", lambda: {"room": {"{n} rows": None, "new": None}})
    write_catalog(
        tmp_path / "ko" / "room.po", Catalog({"{n} rows": "행 {m}개", "old": "옛"}), ["{n} rows", "old"]
    )
    assert make_catalogs.faults_of("ko") == [
        "room.po: other {fields} in the translation of '{n} rows'",
        "room.po: no translation of 'new'",
        "room.po: not in the source code: 'old'",
    ]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "ko_KR.UTF-8", "TENSORLET_LANG": "en"}, "en"),
        ({"LC_MESSAGES": "ko"}, "ko"),
    ],
)
def test_the_language_is_that_of_the_environment(variables, expected, monkeypatch):
    for name in ("TENSORLET_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == expected


def test_translation_and_plural():
    use_language("ko")
    assert translate("options") == "옵션"
    assert translate("no such message") == "no such message"
    use_language("en")
    assert translate("options") == "options"
    assert plural("{n} row", "{n} rows", 1) == "{n} row"
    assert plural("{n} row", "{n} rows", 2) == "{n} rows"


def test_an_unknown_language_is_refused():
    with pytest.raises(InvalidArgumentError, match=r"'fr'\. Expected one of en, ko"):
        use_language("fr")


def test_catalogues_are_read_as_they_were_written(tmp_path):
    path = tmp_path / "room.po"
    given = Catalog({'a "b"\n\\': "가", "{n} row": "{n}행"}, {"{n} row": "{n} rows"}, "Language: ko\n")
    write_catalog(path, given, [*given.messages, "open"])
    assert read_catalog(path) == given
    path.write_text('msgid "a"\nnonsense\n', encoding="utf-8")
    with pytest.raises(FileFormatError, match="line 2"):
        read_catalog(path)
