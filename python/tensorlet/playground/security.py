"""Who may talk to the playground: only pages of this server, opened by the person who started it.

- ``Host`` must be this server's own address, so that a name that an attacker points to 127.0.0.1 (DNS rebinding)
  reaches nothing.
- ``Origin``, where a browser sends it, must be this server: other sites cannot open the socket or post.
- Everything but the page itself needs the token that `tensorlet playground` prints. The page stores it as a cookie
  that scripts cannot read and that other sites cannot send.
- The content-security policy allows only this server's own files: no inline script or style.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ADDRESSES = ("127.0.0.1", "localhost")
#: Paths that need no token: the page and its files, which hold nothing of the user's.
OPEN_PATHS = ("/", "/static/")


class Guard:
    """Middleware that checks every request and adds the headers of security to every answer.

    Args:
        app: the application.
        port: the port of this server.
        token: the secret of this server.
    """

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        self.app = app
        self.token = token
        self.cookie = f"tensorlet_playground_{port}"
        self.hosts = {f"{address}:{port}" for address in ADDRESSES}
        self.origins = {f"http://{host}" for host in self.hosts}
        sockets = " ".join(f"ws://{host}" for host in sorted(self.hosts))
        self.headers = {
            "Content-Security-Policy": (
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
                f"connect-src 'self' {sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                "require-trusted-types-for 'script'; trusted-types 'none'"
            ),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
            "Cache-Control": "no-store",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or passes it on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        refusal = self._refusal(scope)
        if refusal is None:
            await self.app(scope, receive, send_with_headers)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "not allowed"})
        else:
            await refusal(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if headers.get("host", "").lower() not in self.hosts or len(headers.getlist("host")) != 1:
            return PlainTextResponse("This address is not served here.\n", 421)
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in self.origins:
            return PlainTextResponse("Other sites may not use the playground.\n", 403)
        if scope["type"] == "websocket":
            return None if origin and self._has_token(headers) else PlainTextResponse("", 403)
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
        if scope["path"] == "/" and given:
            return self._welcome(given)
        if scope["path"] == "/" or scope["path"].startswith("/static/") or self._has_token(headers):
            return None
        return PlainTextResponse("Open the address that 'tensorlet playground' printed.\n", 403)

    def _welcome(self, given: Iterable[str]) -> Response:
        """Turns the token in the address into a cookie, so that it does not stay in the address."""
        if not any(self._equal(one) for one in given):
            return PlainTextResponse(
                "The token in this address is of another start of the playground. Open the address that "
                "'tensorlet playground' printed last.\n",
                403,
            )
        answer = RedirectResponse("/", 303)
        answer.set_cookie(self.cookie, self.token, httponly=True, samesite="strict", path="/")
        return answer

    def _has_token(self, headers: Headers) -> bool:
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return False
        found = cookies.get(self.cookie)
        return found is not None and self._equal(found.value)

    def _equal(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self.token.encode())
