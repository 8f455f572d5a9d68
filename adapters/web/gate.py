"""Who may talk to the server: the Host and Origin of every request, and the password where there is one.

Covers the websocket too. Without a password only this machine's own browser is served, by a
loopback name: no other site (a foreign Origin), no rebound name (a foreign Host), and nothing
that came through a proxy.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from http import cookies
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SESSION = 30 * 24 * 3600
"""Seconds that a login lasts."""

_TRIES, _WINDOW = 5, 60.0
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "cf-connecting-ip")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}


class Lock:
    """The password: compared in constant time, wrong tries counted by address, sessions as signed cookies."""

    def __init__(self, password: str, secret: bytes, cookie: str) -> None:
        self.cookie = cookie
        self._password = password
        # A new password, or a new secret, ends every session.
        self._key = hmac.digest(secret, f"easel web session {password}".encode(), "sha256")
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()

    @property
    def set(self) -> bool:
        return bool(self._password)

    def locked(self, address: str) -> bool:
        """Whether too many tries from there were wrong within the last minute."""
        wrong = self._wrong.get(address, deque[float]())
        while wrong and time.monotonic() - wrong[0] > _WINDOW:
            wrong.popleft()
        return len(wrong) >= _TRIES

    def opens(self, password: str, address: str) -> bool:
        """Whether this is the password; a wrong one is remembered, a locked address never opens."""
        if self.locked(address):
            return False
        if hmac.compare_digest(self._digest(password), self._digest(self._password)):
            self._wrong.pop(address, None)
            return True
        self._wrong.setdefault(address, deque()).append(time.monotonic())
        self._wrong.move_to_end(address)
        while len(self._wrong) > 1000:
            self._wrong.popitem(last=False)
        return False

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode(), "sha256")

    def token(self) -> str:
        """A fresh session: when it ends, and a signature."""
        ends = str(int(time.time()) + SESSION)
        return f"{ends}.{hmac.new(self._key, ends.encode(), 'sha256').hexdigest()}"

    def valid(self, token: str) -> bool:
        ends, _, signature = token.partition(".")
        wanted = hmac.new(self._key, ends.encode(), "sha256").hexdigest()
        fits = hmac.compare_digest(signature.encode(), wanted.encode())
        return fits and ends.isdecimal() and int(ends) > time.time()


class Gate:
    """ASGI middleware, outermost. ``open_to_all`` tells by method and path what is not looked at here: hooks,
    health, and files that are asked for by a signed link.
    """

    def __init__(
        self,
        app: ASGIApp,
        lock: Lock,
        open_to_all: Callable[[str, str], bool],
        say: Callable[[Headers, str], str],
    ) -> None:
        self._app, self._lock, self._open, self._say = app, lock, open_to_all, say

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or self._open(scope.get("method", ""), scope["path"]):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope, Headers(scope=scope))
        if refusal is None:
            await self._app(scope, receive, _guarded(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await refusal(scope, receive, _guarded(send))

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """The answer to a request that may not pass."""
        if not self._lock.set and any(name in headers for name in _FORWARDED):
            return PlainTextResponse(self._say(headers, "error-web-proxy"), 403)
        if not (self._lock.set or loopback(_name(headers.get("host", "")))):
            return PlainTextResponse(self._say(headers, "error-web-host"), 403)
        if not _same_origin(headers):
            return PlainTextResponse(self._say(headers, "error-web-origin"), 403)
        if self._lock.set and not self._known(scope, headers):
            return self._challenge(scope, headers)
        return None

    def _known(self, scope: Scope, headers: Headers) -> bool:
        path = scope["path"]
        if path == "/login" or path.startswith("/static/"):
            return True
        if path == "/metrics" and (password := _presented(headers)) is not None:
            return self._lock.opens(password, address(scope))
        return self._lock.valid(_cookie(headers, self._lock.cookie))

    def _challenge(self, scope: Scope, headers: Headers) -> Response:
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == "/":
            return RedirectResponse("/login", 303)
        asks = {"WWW-Authenticate": 'Basic realm="Easel"'} if scope["path"] == "/metrics" else None
        return PlainTextResponse(self._say(headers, "error-web-login"), 401, asks)


def address(scope: Scope) -> str:
    """Where a request comes from, as far as the server knows."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def loopback(name: str) -> bool:
    """Whether a host's name means this very machine, whoever answers for names."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _name(host: str) -> str:
    """``"[::1]:8000"`` → ``"::1"``."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _same_origin(headers: Headers) -> bool:
    """Browsers say where a request was made: a page of ours, or (no Origin) by hand."""
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site") != "cross-site" or headers.get("sec-fetch-mode") == "navigate"
    try:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
    except ValueError:
        return False


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = cookies.SimpleCookie(headers.get("cookie", "")).get(name)
    except cookies.CookieError:
        return ""
    return found.value if found else ""


def _presented(headers: Headers) -> str | None:
    """The password of ``Authorization``: Basic (any user) or Bearer."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return None


def _guarded(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return with_headers
