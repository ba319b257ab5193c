"""The tools that judge the project judge rightly: documentation examples, packages, benchmark tables."""

from __future__ import annotations

from pathlib import Path

import pytest

import check_docs
import check_package
import measure


def page(folder: Path, *blocks: str) -> Path:
    """A page with the given Python blocks and a shell block that nobody may run."""
    file = folder / "page.md"
    fenced = "\n".join(f"```python\n{block}\n```\n" for block in blocks)
    file.write_text(f"# A page\n\n```sh\nexit 1\n```\n\n{fenced}", encoding="utf-8")
    return file


def test_examples_of_a_page_are_one_program(tmp_path: Path) -> None:
    assert check_docs.check_page(page(tmp_path, "a = 2", ">>> a + 1\n3\n", "assert a == 2")) == (3, 0)


@pytest.mark.parametrize("wrong", ["assert 1 == 2", "unknown_name", ">>> 1 + 1\n3\n", "a ="])
def test_a_wrong_example_is_found(tmp_path: Path, wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_docs.check_page(page(tmp_path, "a = 2", wrong)) == (2, 1)
    assert "page.md" in capsys.readouterr().out


def test_a_package_that_lacks_or_carries_too_much_is_refused() -> None:
    names = ["tensorlet/__init__.py", "tensorlet/__pycache__/x.py"]
    complaints = check_package.complaints_about("the wheel", names, ("tensorlet/__init__.py", "py.typed"))
    assert complaints == ["the wheel lacks py.typed", "the wheel contains tensorlet/__pycache__/x.py"]


def test_ratio_and_verdicts() -> None:
    samples = {"tensorlet": [2.0, 9.0, 3.0], "peer": [13.0, 12.0, 11.0]}
    result = measure.Result("an epoch", "ms", samples, theirs="peer", target=4.0)
    assert result.ratio == 4.0  # the medians: 12 / 3
    assert result.reached is True
    assert measure.Result("an epoch", "ms", samples, theirs="peer", target=4.1).reached is False
    assert measure.Result("an epoch", "ms", samples, limit=2.9).reached is False
    assert measure.Result("an epoch", "ms", samples).reached is None
    assert result.as_rows() == [
        ["an epoch", "tensorlet", "ms", "2", "3", "9", "4.0", "≥ 4 times: reached"],
        ["an epoch", "peer", "ms", "11", "12", "13", "", ""],
    ]


def test_losses_that_differ_end_the_comparison() -> None:
    assert measure.check_losses_agree({"ours": [2.0, 1.0], "theirs": [2.0, 1.00005]}, 1e-4) == pytest.approx(
        5e-5
    )
    for other in (1.0003, float("nan")):
        with pytest.raises(SystemExit, match=r"in epoch 2, ours has 1\.0000000 and theirs"):
            measure.check_losses_agree({"ours": [2.0, 1.0], "theirs": [2.0, other]}, 1e-4)
