"""The web application: routes, limits, tokens."""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tensorlet.serve.batching import Batcher
from tensorlet.serve.metrics import Metrics
from tensorlet.serve.openapi import document
from tensorlet.serve.page import page_of
from tensorlet.serve.refusals import RefusedError
from tensorlet.serve.served_model import ServedModel
from tensorlet.serve.settings import Settings

JSON, CSV = "application/json", "text/csv"
#: The encodings of CSV that a content type may name -> their names in Python.
ENCODINGS = {
    "utf-8": "utf-8-sig", "utf-16": "utf-16", "cp949": "cp949", "euc-kr": "cp949", "ks_c_5601-1987": "cp949",
    "iso-8859-1": "latin-1", "windows-1252": "cp1252", "us-ascii": "ascii",
}  # fmt: skip
#: The names that programs of this machine call a local server by.
LOCAL_NAMES = ["127.0.0.1", "localhost", "::1", "[::1]"]
#: The paths that need no token: they say nothing about the model.
OPEN = ("/", "/health", "/ready")

_encode = msgspec.json.Encoder().encode
Handler = Callable[[Request], Awaitable[Response]]


class Service:
    """The handlers of a model's routes.

    Args:
        model: the model.
        settings: the settings.
    """

    def __init__(self, model: ServedModel, settings: Settings) -> None:
        self.model, self.settings = model, settings
        self.metrics = Metrics()
        self.batcher = Batcher(model, settings.batch_rows, settings.waiting_rows, self.metrics)
        self.ready = False

    def routes(self) -> list[Route]:
        """Returns all routes."""
        gets = {
            "/": self.page,
            "/health": self.health,
            "/ready": self.readiness,
            "/metrics": self.counters,
            "/model": self.description,
            "/openapi.json": self.openapi,
        }
        found = [Route(path, self.guarded(handler), methods=["GET"]) for path, handler in gets.items()]
        return [*found, Route("/predict", self.guarded(self.predict), methods=["POST"])]

    def guarded(self, handler: Handler) -> Handler:
        """A handler with a check of the token, refusals as answers, and metrics."""

        async def run(request: Request) -> Response:
            start = time.perf_counter()
            path = request.url.path
            try:
                self._check_token(request, path)
                response = await handler(request)
            except RefusedError as error:
                response = refused(error)
            except ClientDisconnect:
                response = Response(status_code=499)
            self.metrics.request(path, response.status_code, time.perf_counter() - start)
            return response

        return run

    def _check_token(self, request: Request, path: str) -> None:
        if self.settings.token is None or path in OPEN:
            return
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode(), self.settings.token.encode())
        if scheme.lower() != "bearer" or not right:
            raise RefusedError(401, "Send the token of the server: Authorization: Bearer TOKEN.")

    async def predict(self, request: Request) -> Response:
        """Answers a request for predictions."""
        task = asyncio.current_task()
        is_late = False

        def give_up() -> None:
            nonlocal is_late
            is_late = True
            if task is not None:
                task.cancel()

        # Like asyncio.wait_for, but without a task for each request.
        timer = asyncio.get_running_loop().call_later(self.settings.timeout, give_up)
        try:
            return await self._predict(request)
        except asyncio.CancelledError:
            if not is_late:
                raise
            getattr(task, "uncancel", int)()  # Python 3.11 and later count
            raise RefusedError(
                503, f"The request took longer than {self.settings.timeout:g} seconds.", retry_after=1
            ) from None
        finally:
            timer.cancel()

    async def _predict(self, request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in (JSON, CSV):
            raise RefusedError(
                415, f"The content type is '{kind}'. Expected {JSON} or {CSV}.", field="content-type"
            )
        body = await self._body(request)
        if kind == CSV:
            text = _text(body, request.headers["content-type"])
            found = self.model.read_csv(text, self.settings.most_rows)
        else:
            try:
                decoded = msgspec.json.decode(body)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise RefusedError(422, f"The body is not JSON: {error}.") from None
            except RecursionError:
                raise RefusedError(422, "The body is nested too deeply.") from None
            found = self.model.read_json(decoded, self.settings.most_rows)
        outputs = await self.batcher.predict(found)
        if kind == CSV and JSON not in request.headers.get("accept", ""):
            return Response(self.model.answer_csv(outputs), media_type=CSV)
        return json_answer(self.model.answer(outputs, found))

    async def _body(self, request: Request) -> bytes:
        most = self.settings.most_body_bytes
        declared = request.headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > most:
            raise RefusedError(413, f"The body has {declared} bytes, more than the limit of {most}.")
        parts = bytearray()
        async for part in request.stream():
            parts += part
            if len(parts) > most:
                raise RefusedError(413, f"The body has more than the limit of {most} bytes.")
        return bytes(parts)

    async def page(self, request: Request) -> Response:
        """A page to try the model."""
        nonce = secrets.token_urlsafe(16)
        policy = (
            f"default-src 'none'; connect-src 'self'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        headers = {"content-security-policy": policy, "x-content-type-options": "nosniff"}
        return HTMLResponse(page_of(nonce, self.settings.token is not None), headers=headers)

    async def health(self, request: Request) -> Response:
        """The server runs."""
        return json_answer({"status": "ok"})

    async def readiness(self, request: Request) -> Response:
        """The server takes requests."""
        if not self.ready:
            raise RefusedError(503, "The server is starting or stopping.", retry_after=1)
        return json_answer({"status": "ready"})

    async def counters(self, request: Request) -> Response:
        """Counters for Prometheus."""
        text = self.metrics.text(self.batcher.rows)
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")

    async def description(self, request: Request) -> Response:
        """What the model reads and predicts."""
        return json_answer(self.model.description())

    async def openapi(self, request: Request) -> Response:
        """The OpenAPI document."""
        return json_answer(document(self.model, self.settings.token is not None))


def json_answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Returns a value as JSON; floats have all their digits."""
    return Response(_encode(value), status, headers, JSON)


def refused(error: RefusedError) -> Response:
    """Returns the answer for a request that is refused."""
    headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    return json_answer(error.to_json(), error.status, headers)


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    texts = {
        404: f"There is no {request.url.path}. See /openapi.json.",
        405: f"Not allowed: {request.method}.",
    }
    return json_answer({"error": {"message": texts.get(status, "The server failed.")}}, status)


class App:
    """A web application whose requests for predictions take no detour through routes and middleware.

    Args:
        starlette: answers all other requests.
        service: the handlers.
        is_local: whether to check the name that clients call the server by.
    """

    def __init__(self, starlette: Starlette, service: Service, is_local: bool) -> None:
        self.starlette, self.service, self.is_local = starlette, service, is_local
        self._predict = service.guarded(service.predict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/predict" and scope["method"] == "POST":
            request = Request(scope, receive)
            if not self.is_local or request.headers.get("host", "").rpartition(":")[0] in LOCAL_NAMES:
                response = await self._predict(request)
                await response(scope, receive, send)
                return
        await self.starlette(scope, receive, send)


def make_app(model: ServedModel, settings: Settings) -> App:
    """Returns the web application of a model, for any ASGI server.

    Args:
        model: the model.
        settings: its settings; host and port belong to the server.
    """
    service = Service(model, settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        body = model.example()
        example = await asyncio.to_thread(model.read_json, body, settings.most_rows)
        await service.batcher.predict(example)  # compiles the prediction before the first request
        service.ready = True
        try:
            yield
        finally:
            service.ready = False
            service.batcher.close()

    middleware = []
    if settings.is_local:  # a page of another site must not reach this machine by a name of its own
        middleware.append(Middleware(TrustedHostMiddleware, allowed_hosts=LOCAL_NAMES))
    app = Starlette(
        routes=service.routes(),
        middleware=middleware,
        lifespan=lifespan,
        exception_handlers={HTTPException: _http_error, 500: _http_error},
    )
    return App(app, service, settings.is_local)


def _text(body: bytes, content_type: str) -> str:
    """Returns the text of a CSV body, in UTF-8 unless the content type names another encoding."""
    found = re.search(r';\s*charset="?([^";\s]+)', content_type, re.IGNORECASE)
    name = found[1].lower() if found else "utf-8"
    if name not in ENCODINGS:
        raise RefusedError(
            415, f"The charset is '{name}'. Expected one of {', '.join(ENCODINGS)}.", field="content-type"
        )
    try:
        return body.decode(ENCODINGS[name])
    except UnicodeError as error:
        hint = "" if found else " Name another encoding in the content type, such as text/csv; charset=cp949."
        raise RefusedError(422, f"The body is not {name.upper()} text: {error}.{hint}") from None
