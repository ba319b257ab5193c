"""The page to try a model: a form made from its OpenAPI document, without scripts from elsewhere."""

from __future__ import annotations

from importlib import resources


def page_of(nonce: str, has_token: bool) -> str:
    """Returns the page.

    Args:
        nonce: allows its own script and style, and no others.
        has_token: whether to ask for the token.
    """
    text = (resources.files("tensorlet.serve") / "page.html").read_text("utf-8")
    return text.replace("NONCE", nonce).replace("HAS_TOKEN", "true" if has_token else "false")
