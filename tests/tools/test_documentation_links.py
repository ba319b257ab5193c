"""Links between pages of the documentation, and to pictures and files of the checkout, lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = LINK.findall(CODE.sub("", page.read_text(encoding="utf-8")))
    missing = [one for one in targets if not one.startswith("http") and not (page.parent / one).exists()]
    assert missing == []


def test_the_readme_leads_to_every_page() -> None:
    found, waiting = set(), ["README.md"]
    while waiting:
        page = waiting.pop()
        if page in found or not page.endswith(".md"):
            continue
        found.add(page)
        path = CHECKOUT / page
        for one in LINK.findall(path.read_text(encoding="utf-8")):
            target = (path.parent / one).resolve()
            if not one.startswith("http") and target.is_relative_to(CHECKOUT):
                waiting.append(target.relative_to(CHECKOUT).as_posix())
    assert {page.relative_to(CHECKOUT).as_posix() for page in PAGES} - found == set()
