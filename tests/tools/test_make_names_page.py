"""The page of names: what it says about a name agrees with the package and with its error messages."""

from __future__ import annotations

import re

import pytest

import make_names_page
import tensorlet as tf
from make_names_page import LIBRARIES, Name, names_of
from tensorlet.keras.absent_networks import AbsentNetworks

TENSORFLOW, KERAS_2, KERAS_3 = LIBRARIES


@pytest.fixture(scope="module")
def every_name() -> dict[str, Name]:
    found = {}
    for library in LIBRARIES:
        for names in names_of(library).values():
            found.update({f"{library.title} {name.path}": name for name in names})
    return found


def test_names_that_are_here_partly_here_and_missing(every_name: dict[str, Name]) -> None:
    def of(path: str, library: str = "TensorFlow 2.15") -> Name:
        return every_name[f"{library} {path}"]

    assert of("tf.matmul") == Name("tf.matmul", True, "")
    assert of("tf.strings.lower") == Name("tf.strings.lower", True, "outside of compiled functions")
    assert of("tf.nn.conv3d").here is False
    assert "for volumes, use TensorFlow" in of("tf.nn.conv3d").remark
    assert of("tf.keras.layers.Dense", "Keras 2.15").here
    assert of("keras.layers.Dense", "Keras 3.15").here
    assert of("keras.tree.flatten", "Keras 3.15").here
    assert of("keras.quantizers.get", "Keras 3.15").remark.startswith("Models are not quantized")
    assert "TensorFlow 2.15 tf.losses.mean_squared_error" not in every_name  # it is one of Keras


@pytest.mark.filterwarnings("ignore:.*legacy spelling:FutureWarning")
def test_the_page_says_what_the_error_says(every_name: dict[str, Name]) -> None:
    missing = [name for name in every_name.values() if not name.here and name.remark]
    assert len(missing) > 300
    for name in missing:
        found: object = tf
        parts = name.path.split(".")
        for part in parts[1:] if parts[0] == "tf" else parts:
            try:
                found = getattr(found, part)
            except AttributeError as error:
                assert name.remark in str(error), name
                break
        else:
            assert isinstance(found, AbsentNetworks), f"{name.path} is here"
            with pytest.raises(AttributeError, match=re.escape(name.remark)):
                found()


def test_no_remark_lists_other_names(every_name: dict[str, Name]) -> None:
    for name in every_name.values():
        assert not any(
            words in name.remark
            for words in ("Available names", "Did you mean", "Similar names", "lists the available")
        ), name


def test_the_page_counts_every_name_once(every_name: dict[str, Name]) -> None:
    text = make_names_page.page()
    rows = [
        line for line in text.splitlines() if line.startswith(tuple(f"| {one.title} |" for one in LIBRARIES))
    ]
    counts = [[int(cell) for cell in row.split("|")[2:6]] for row in rows]
    assert sum(total for total, *_ in counts) == len(every_name)
    assert all(total == here + partly + missing for total, here, partly, missing in counts)
    assert "`matmul`" in text and "| `tf.keras.applications` | 179 |" in text


def test_what_is_partly_here_exists() -> None:
    for path in make_names_page.PARTLY:
        found: object = tf
        for part in path.split(".")[1:]:
            found = getattr(found, part)
