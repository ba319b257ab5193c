"""Every message is there in every language, and every message that the page or the server names exists."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import tensorlet.playground
from tensorlet.playground.settings import COMPARABLE, LOSSES, OPTIMIZERS

ROOM = Path(tensorlet.playground.__file__).parent
STATIC = ROOM / "static"
TABLES = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (STATIC / "messages").glob("*.json")
}


def test_both_languages_have_the_same_messages():
    assert set(TABLES) == {"en", "ko"}
    assert TABLES["en"].keys() == TABLES["ko"].keys()
    for key, text in TABLES["en"].items():
        assert text.strip() and TABLES["ko"][key].strip(), key
        names = [sorted(set(re.findall(r"\{(\w+)\}", table[key]))) for table in TABLES.values()]
        assert names[0] == names[1], f"{key} has {names}"


def test_korean_is_korean():
    """Names of people and formulas aside, each Korean message has Korean letters."""
    same = {key for key, text in TABLES["ko"].items() if not re.search("[가-힣]", text)}
    allowed = {"data.xor", "digits.lenet", "error.raised"} | {f"optimizer.{name}" for name in OPTIMIZERS}
    allowed |= {f"perceptron.{name}" for name in ("and", "or", "xor")} | {
        key for key in same if key.startswith("details.file.")
    }
    allowed |= {"plane.readout"}
    assert same <= allowed


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_the_page_names_only_messages_that_exist(path):
    keys = re.findall(r'\bt\("([\w.]+)"', path.read_text(encoding="utf-8"))
    missing = [key for key in keys if key not in TABLES["en"]]
    assert missing == []


def test_errors_of_the_server_have_messages():
    source = "".join(path.read_text(encoding="utf-8") for path in ROOM.glob("*.py"))
    codes = set(re.findall(r'PlaygroundError\(\s*"(\w+)"', source)) - {"too_many_rows"}
    assert len(codes) > 20
    assert {f"error.{code}" for code in codes} <= TABLES["en"].keys()


def test_choices_have_messages():
    wanted = [f"optimizer.{name}" for name in OPTIMIZERS] + [f"loss.{name}" for name in LOSSES]
    wanted += [f"compare.{name}" for name in COMPARABLE]
    assert set(wanted) <= TABLES["en"].keys()


def test_no_message_is_left_over():
    source = "".join(path.read_text(encoding="utf-8") for path in STATIC.glob("*.js"))
    families = set(re.findall(r"\bt\(`([\w.]+?)\.?\$\{", source)) | {
        "error",
        "loss",
        "optimizer",
    }  # see `named` in network-panel.js
    named = set(re.findall(r'"([\w]+\.[\w.]+)"', source)) | set(re.findall(r'\bt\("(\w+)"', source))
    left = [
        key
        for key in TABLES["en"]
        if key not in named and not any(key.startswith(f"{one}") for one in families)
    ]
    assert left == []


def test_the_page_loads_nothing_from_elsewhere():
    for path in STATIC.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            found = re.findall(r"https?://[^\s\"'`)]+", text)
            assert set(found) <= {"http://www.w3.org/2000/svg"}, path
            assert not re.search(
                r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
            ), path
            assert path.suffix == ".json" or len(text.splitlines()) <= 400, path
