"""``tensorlet serve``: a trained model answers over HTTP."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tensorlet.argument_parser import Parser
from tensorlet.cli.train import guarded
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    import argparse

#: The variable from which the token is taken, so that it does not appear in the list of processes.
TOKEN = "TENSORLET_SERVE_TOKEN"


def make_parser() -> Parser:
    """Returns the parser of the arguments."""
    parser = Parser(
        "serve",
        _("Answers over HTTP with a trained model: JSON or CSV, with a page to try it, an OpenAPI document, metrics\n"
          "for Prometheus and limits. Requests that come at the same time are predicted together."),
        "MODEL [OPTIONS]",
        [
            ("tensorlet serve iris.keras", _("at http://127.0.0.1:8000")),
            ("tensorlet serve iris.keras --host 0.0.0.0 --port 80", _("for other machines, with a token")),
        ],
    )  # fmt: skip
    parser.add_argument("model", metavar="MODEL", help=_("a model of `tensorlet train`, or any Keras model"))
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help=_("where to listen (default: this machine only)"),
    )
    parser.add_argument(
        "--port", type=int, default=8000, help=_("the port; 0 for a free one (default: 8000)")
    )
    parser.add_argument(
        "--token",
        help=_(
            "what clients have to send (default: TENSORLET_SERVE_TOKEN, or a new one if others can connect)"
        ),
    )
    group = parser.add_argument_group(_("limits"))
    group.add_argument("--most-bytes", type=int, default=10_000_000, metavar="N", help=_("of a body"))
    group.add_argument("--most-rows", type=int, default=10_000, metavar="N", help=_("of a request"))
    group.add_argument("--timeout", type=float, default=30.0, metavar="SECONDS", help=_("for a request"))
    group.add_argument(
        "--waiting-rows",
        type=int,
        default=20_000,
        metavar="N",
        help=_("before requests are refused as overload"),
    )
    parser.add_common(json=False)
    return parser


def main(arguments: list[str]) -> int:
    """Runs the command; returns the exit status."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    if not 0 <= given.port <= 65535:
        parser.error(_("--port is {port}. Expected a number from 0 to 65535.").format(port=given.port))
    for name in ("most_bytes", "most_rows", "timeout", "waiting_rows"):
        if not getattr(given, name) > 0:
            option = "--" + name.replace("_", "-")
            parser.error(
                _("{option} is {value}. Expected a number above 0.").format(
                    option=option, value=getattr(given, name)
                )
            )
    return guarded("serve", lambda: _serve(given))


def _serve(given: argparse.Namespace) -> int:
    from tensorlet.serve import Settings, serve

    settings = Settings(
        host=given.host,
        port=given.port,
        token=given.token or os.environ.get(TOKEN) or None,
        most_body_bytes=given.most_bytes,
        most_rows=given.most_rows,
        timeout=given.timeout,
        waiting_rows=given.waiting_rows,
    )
    serve(given.model, settings, announce)
    return 0


def announce(address: str, token: str | None) -> None:
    """Prints where the server listens."""
    print(_("Serving at {address}").format(address=address), flush=True)
    if token is not None:
        print(_("Token: {token}").format(token=token), flush=True)
