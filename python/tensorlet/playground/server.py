"""The web server of the playground: files, one socket for each page, uploads and downloads."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect

from tensorlet.errors import TensorletError
from tensorlet.playground.errors import PlaygroundError
from tensorlet.playground.security import Guard
from tensorlet.playground.session import Session
from tensorlet.playground.tables import MOST_BYTES
from tensorlet.playground.worker import Worker

STATIC = Path(__file__).parent / "static"
LANGUAGES = ("en", "ko")
MOST_SESSIONS = 8
#: The largest message of a page, in bytes.
MOST_MESSAGE = 256 * 1024
#: How long a frame waits for news, in seconds.
PATIENCE = 2.0


class Playground:
    """The application: its pages, and the thread that trains.

    Args:
        port: the port of the server.
        token: the secret that the address contains.
        language: the language of the page, or "" for that of the browser.
    """

    def __init__(self, port: int, token: str, language: str = "") -> None:
        self.language = language
        self.worker = Worker()
        self.sessions: dict[str, Session] = {}
        self._drawers = ThreadPoolExecutor(MOST_SESSIONS, "tensorlet-drawing")
        routes = [
            Route("/", self._page),
            Route("/table", self._table, methods=["POST"]),
            Route("/download", self._download),
            WebSocketRoute("/socket", self._socket),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]
        self.app: ASGIApp = Guard(Starlette(routes=routes), port, token)

    def stop(self) -> None:
        """Ends all threads."""
        self.worker.stop()
        self._drawers.shutdown(wait=False, cancel_futures=True)

    async def _page(self, request: Request) -> Response:
        text = (STATIC / "index.html").read_text(encoding="utf-8")
        return HTMLResponse(text.replace('data-language=""', f'data-language="{self.language}"'))

    async def _table(self, request: Request) -> Response:
        session = self.sessions.get(request.headers.get("x-session", ""))
        if session is None:
            return JSONResponse(
                {"error": _described(PlaygroundError("session", "There is no such page."))}, 404
            )
        content = bytearray()
        async for part in request.stream():
            content += part
            if len(content) > MOST_BYTES:
                break  # `load_table` refuses it, and no more is read
        try:
            return JSONResponse(await self._call(partial(session.load_table, bytes(content))))
        except PlaygroundError as error:
            return JSONResponse({"error": _described(error)}, 400)

    async def _download(self, request: Request) -> Response:
        query = request.query_params
        session = self.sessions.get(query.get("session", ""))
        number = query.get("network", "0")
        if session is None or not number.isdecimal() or len(number) > 2:
            return Response(status_code=404)
        try:
            content, name = await self._call(partial(session.download, query.get("kind", ""), int(number)))
        except PlaygroundError as error:
            return JSONResponse({"error": _described(error)}, 404)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type="application/octet-stream", headers=headers)

    async def _call(self, function: Any) -> Any:
        """Runs a function on the thread that trains."""
        return await asyncio.wrap_future(self.worker.call(function))

    async def _socket(self, socket: WebSocket) -> None:
        if len(self.sessions) >= MOST_SESSIONS:
            await socket.accept()
            await socket.close(1013, "too many pages")
            return
        await socket.accept()
        session = await self._call(Session)
        name = secrets.token_urlsafe(12)
        self.sessions[name] = session
        self.worker.add(session)
        try:
            await socket.send_text(json.dumps({"session": name}))
            await Conversation(self, socket, session).run()
        finally:
            self.worker.remove(session)
            del self.sessions[name]


def make_server(playground: Playground) -> uvicorn.Server:
    """Returns a server for a playground; its method `run` takes the listening socket."""
    return uvicorn.Server(
        uvicorn.Config(
            playground.app,
            log_level="critical",
            access_log=False,
            ws="websockets-sansio",
            ws_max_size=MOST_MESSAGE,
            ws_per_message_deflate=False,  # nothing leaves this computer: compression would only cost time
            timeout_graceful_shutdown=1,
            server_header=False,
            lifespan="off",
        )
    )


class Conversation:
    """The messages of one page: commands in their order, and a frame whenever the page asks for one.

    A page asks for the next frame when it has drawn the last one, so never more than one frame is on its way.
    """

    def __init__(self, playground: Playground, socket: WebSocket, session: Session) -> None:
        self.playground = playground
        self.socket = socket
        self.session = session
        self.news = asyncio.Event()
        loop = asyncio.get_running_loop()
        session.changed = lambda: _tell(loop, self.news)
        self._frame: asyncio.Task[None] | None = None
        self._request: dict[str, Any] = {}

    async def run(self) -> None:
        """Answers messages until the page closes."""
        try:
            while True:
                message = json.loads(await self.socket.receive_text())
                await self._answer(message)
        except (WebSocketDisconnect, RuntimeError):
            pass
        except (ValueError, KeyError, TypeError):
            await self.socket.close(1003, "not a message of the page")
        finally:
            self.session.changed = lambda: None
            if self._frame is not None:
                self._frame.cancel()

    async def _answer(self, message: dict[str, Any]) -> None:
        name, arguments = message["do"], message.get("with", {})
        if not isinstance(arguments, dict):
            raise TypeError("the arguments of a command are an object")
        if name == "frame":
            self._request = arguments
            if arguments.get("now"):
                self.news.set()
            if self._frame is None or self._frame.done():
                self._frame = asyncio.create_task(self._send_frame())
            return
        if name == "guess":
            await self._send_guess(message["id"], arguments)
            return
        reply: dict[str, Any] = {"id": message["id"]}
        try:
            reply["reply"] = await self.playground._call(partial(self.session.do, str(name), arguments))
        except (TensorletError, ValueError, MemoryError) as error:
            reply["error"] = _described(error)
        await self.socket.send_text(json.dumps(reply))

    async def _send_frame(self) -> None:
        """Sends a frame when there is news, as the page asked last; without news, after a while."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.news.wait(), PATIENCE)
        self.news.clear()
        loop = asyncio.get_running_loop()
        frame = await loop.run_in_executor(self.playground._drawers, self.session.frame, self._request)
        await self.socket.send_bytes(frame)

    async def _send_guess(self, number: int, arguments: dict[str, Any]) -> None:
        try:
            pixels = bytes(arguments.get("pixels", []))
            guess = partial(self.session.digits.guess, pixels, int(arguments.get("digit", -1)))
            loop = asyncio.get_running_loop()
            await self.socket.send_bytes(await loop.run_in_executor(self.playground._drawers, guess))
            reply: dict[str, Any] = {"id": number, "reply": {}}
        except PlaygroundError as error:
            reply = {"id": number, "error": _described(error)}
        await self.socket.send_text(json.dumps(reply))


def _tell(loop: asyncio.AbstractEventLoop, news: asyncio.Event) -> None:
    """Sets an event of a loop from another thread; a loop that has ended needs no news."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(news.set)


def _described(error: Exception) -> dict[str, Any]:
    """An error for the page: the name of its message with values, or its text."""
    if isinstance(error, PlaygroundError):
        return {"code": error.code, "values": error.values, "text": str(error)}
    return {"code": "raised", "values": {}, "text": str(error)}
