"""Runs the server of a model until it is stopped."""

from __future__ import annotations

import os
import secrets
import signal
import socket
from collections.abc import Callable
from dataclasses import replace

import uvicorn

import tensorlet as tf
from tensorlet.errors import NotFoundError, TensorletError
from tensorlet.serve.app import make_app
from tensorlet.serve.array_model import ArrayModel
from tensorlet.serve.served_model import ServedModel
from tensorlet.serve.settings import Settings
from tensorlet.serve.table_model import TableModel
from tensorlet.tabular.model import TabularModel
from tensorlet.tabular.model_file import read_description

#: The time in seconds that requests have to end when the server stops.
GRACE = 10


def open_model(path: str | os.PathLike[str]) -> ServedModel:
    """Loads a model for a server.

    Args:
        path: a model file in any format that `tf.keras.models.load_model` reads.

    Raises:
        FileFormatError: if the file is damaged.
        NotFoundError: if there is no such file.
    """
    name = os.fspath(path)
    if not os.path.exists(name):
        raise NotFoundError(f"There is no file '{name}'.")
    description = read_description(name) if os.path.isfile(name) else None
    model = tf.keras.models.load_model(name, compile=False)
    title = os.path.basename(os.path.normpath(name))
    if description is not None and description.encoder is not None:
        return TableModel(TabularModel(model, description, name), title)
    return ArrayModel(model, title)


def serve(
    path: str | os.PathLike[str],
    settings: Settings | None = None,
    announce: Callable[[str, str | None], None] | None = None,
) -> None:
    """Serves a model over HTTP until the process gets SIGTERM or Ctrl-C; requests that run are answered first.

    Args:
        path: the model file.
        settings: the settings. A server that other machines can reach always has a token; without one in the settings
            it is made.
        announce: called with the address and the token when the server listens; by default both are printed.

    Raises:
        TensorletError: if the model cannot be served, or the address cannot be used.
    """
    settings = settings or Settings()
    if not settings.is_local and settings.token is None:
        settings = replace(settings, token=secrets.token_urlsafe(24))
    model = open_model(path)
    listener = _listener(settings)
    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    config = uvicorn.Config(
        make_app(model, settings),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=30,
        lifespan="on",
    )
    server = _Server(config)
    server.announce = lambda: (announce or _print)(address, settings.token)
    # uvicorn raises the signal again when it has stopped; the process then ends by itself, with status 0.
    before = {one: signal.signal(one, signal.SIG_IGN) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        server.run(sockets=[listener])
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        listener.close()
    if not server.started:
        raise TensorletError("The server could not start; see the message above.")


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    announce: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.announce()


def _listener(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise TensorletError(
            f"Cannot listen on {settings.host}, port {settings.port}: {error}. Choose another port with --port, or 0 "
            "for a free one."
        ) from None
    listener.set_inheritable(True)
    return listener


def _print(address: str, token: str | None) -> None:
    print(f"Serving at {address}", flush=True)
    if token is not None:
        print(f"Token: {token}", flush=True)
