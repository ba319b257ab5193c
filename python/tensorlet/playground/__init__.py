"""The command ``tensorlet playground``: a page in the browser for trying out networks, without a network connection.

The rooms of the page: `session` (what a page can do, without the web), `run` (a network in training), `worker` (the
thread that trains), `server` and `security` (the web), and `static` (the page: plain modules, no build step).
"""

from __future__ import annotations

import importlib.util
import secrets
import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence

from tensorlet.argument_parser import Parser, integer
from tensorlet.errors import TensorletError
from tensorlet.localization import translate as _

PORT = 8765
#: The ports that are tried after the first one, if none was asked for.
MORE_PORTS = 20
NEEDED = ("starlette", "uvicorn", "websockets")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the playground until Ctrl-C; returns the exit status."""
    options = _parser().parse_args(arguments)
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        print(
            "tensorlet playground: "
            + _("not installed: {names}. Install with: pip install 'tensorlet[playground]'").format(
                names=", ".join(missing)
            ),
            file=sys.stderr,
        )
        return 1
    try:
        listening = listen(options.port)
    except OSError as error:
        print(
            "tensorlet playground: "
            + _(
                "port {port} cannot be used ({reason}). Choose another one: tensorlet playground --port 9000"
            ).format(port=options.port or PORT, reason=error.strerror),
            file=sys.stderr,
        )
        return 1
    try:
        _serve(listening, options.lang, not options.no_browser)
    except TensorletError as error:
        print(f"tensorlet playground: {error}", file=sys.stderr)
        return 1
    return 0


def listen(port: int | None) -> socket.socket:
    """Returns a socket that listens on 127.0.0.1.

    Args:
        port: the port, 0 for any free one; None for 8765, or one of the next 20 if it is taken.

    Raises:
        OSError: if the port is taken.

    >>> with listen(0) as listening:
    ...     listening.getsockname()[0]
    '127.0.0.1'
    """
    tried = [port] if port is not None else list(range(PORT, PORT + MORE_PORTS))
    for number in tried:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(("127.0.0.1", number))
            listening.listen(64)
            return listening
        except OSError:
            listening.close()
            if number == tried[-1]:
                raise
    raise AssertionError("there is always a port to try")


def _serve(listening: socket.socket, language: str, opens: bool) -> None:
    from tensorlet.playground.server import Playground, make_server

    port = listening.getsockname()[1]
    token = secrets.token_urlsafe(24)
    address = f"http://127.0.0.1:{port}/?token={token}"
    playground = Playground(port, token, language)
    text = _("The playground is at\n\n    {address}\n\nStop it with Ctrl-C.")
    print(text.format(address=address), flush=True)
    if opens:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    try:
        make_server(playground).run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        playground.stop()
        print("\n" + _("The playground has stopped."))


def _parser() -> Parser:
    parser = Parser(
        "playground",
        _(
            "Opens a page in the browser for trying out networks. It needs no network connection; "
            "only this computer can open it."
        ),
        "[OPTIONS]",
    )
    text = {
        "port": _("the port, or 0 for any free one (default: {port}, or the next free one)").format(
            port=PORT
        ),
        "lang": _("the language of the page, en or ko (default: the browser's)"),
    }
    parser.add_argument("--port", type=integer(0, 65535), metavar="PORT", help=text["port"])
    parser.add_argument("--no-browser", action="store_true", help=_("print the address, and open no browser"))
    parser.add_argument("--lang", choices=("en", "ko"), default="", metavar="LANG", help=text["lang"])
    return parser
