"""What goes wrong with relays, on demand: a queue for each route."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from aiohttp import web

WORDS = {
    400: "invalid request",
    401: "invalid api key",
    402: "insufficient credits",
    403: "forbidden",
    404: "not found",
    429: "rate limit",
    500: "upstream error",
    502: "upstream error",
    503: "upstream error",
}
TYPES = {401: "unauthorized", 402: "insufficient_quota", 429: "rate_limit_exceeded", 500: "server_error"}
PAGE = "<!DOCTYPE html><html><head><title>{}</title></head><body><h1>{}</h1><p>cloudflare</p></body></html>"


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    ``what`` is a status, or ``html``, ``truncated`` (JSON that stops), ``cut`` (a connection that
    breaks in the body), ``stall`` (one that falls silent there), ``reset``, ``timeout``,
    ``error200`` (an error under 200), ``empty``.
    ``accepted``: the order is taken and charged all the same. ``form`` is how the error is
    written: ``string``, ``openai``, ``detail``, ``numbered``, ``plain`` or ``html``. ``edge``:
    Cloudflare says it.
    """

    what: int | str
    accepted: bool = False
    text: str = ""
    form: str = "string"
    edge: bool = False
    headers: dict[str, str] = field(default_factory=dict)


class Faults:
    """Faults waiting for a request to their route."""

    def __init__(self) -> None:
        self._queues: defaultdict[str, deque[Fault]] = defaultdict(deque)

    def add(self, route: str, fault: Fault, times: int = 1) -> None:
        self._queues[route].extend([fault] * times)

    def next(self, route: str) -> Fault | None:
        return self._queues[route].popleft() if self._queues[route] else None

    def clear(self) -> None:
        self._queues.clear()


def in_seconds(seconds: float) -> str:
    """A Retry-After in its other form: a date."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


async def play(request: web.Request, fault: Fault | None, body: bytes = b"") -> web.StreamResponse:
    """Answer a request with a fault; ``body`` is the answer without one."""
    if fault is None:
        return web.Response(body=body, content_type="application/json")
    if isinstance(fault.what, int):
        return refuse(fault.what, fault.text, fault.form, fault.edge, fault.headers)
    return await _PLAYS[fault.what](request, fault, body)


def refuse(
    status: int,
    text: str = "",
    form: str = "string",
    edge: bool = False,
    headers: dict[str, str] | None = None,
) -> web.Response:
    """An error in one of the forms that are in use."""
    text = text or WORDS.get(status, f"error {status}")
    headers = {**(headers or {}), **({"Server": "cloudflare", "CF-RAY": "8f00ba4-AMS"} if edge else {})}
    if form == "html":
        page = PAGE.format(f"{status}: A timeout occurred", text)
        return web.Response(status=status, text=page, content_type="text/html", headers=headers)
    if form == "plain":
        return web.Response(status=status, text=text, headers=headers)
    body = {
        "string": {"error": text},
        "openai": {"error": {"message": text, "type": "invalid_request_error", "param": None, "code": None}},
        "detail": {"detail": text},
        "numbered": {"error": {"message": text, "type": TYPES.get(status, "error"), "code": status}},
    }[form]
    return web.json_response(body, status=status, headers=headers)


async def _timeout(request: web.Request, fault: Fault, body: bytes) -> web.StreamResponse:
    await asyncio.sleep(3600)
    raise AssertionError("nobody waits for so long")


async def _html(request: web.Request, fault: Fault, body: bytes) -> web.StreamResponse:
    return web.Response(text=PAGE.format("Just a moment...", "Checking"), content_type="text/html")


async def _truncated(request: web.Request, fault: Fault, body: bytes) -> web.StreamResponse:
    return web.Response(body=body[: len(body) // 2], content_type="application/json")


async def _empty(request: web.Request, fault: Fault, body: bytes) -> web.StreamResponse:
    return web.Response(body=b"", content_type="application/json")


async def _error200(request: web.Request, fault: Fault, body: bytes) -> web.StreamResponse:
    return web.json_response({"error": {"message": fault.text or "upstream error"}})


async def _cut(request: web.Request, fault: Fault, body: bytes) -> web.StreamResponse:
    headers = {"Content-Length": str(len(body)), "Content-Type": "application/json"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    await asyncio.sleep(0.01)
    _abort(request)
    return response


async def _stall(request: web.Request, fault: Fault, body: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    await asyncio.sleep(3600)
    return response


async def _reset(request: web.Request, fault: Fault, body: bytes) -> web.StreamResponse:
    _abort(request)
    return web.Response()


def _abort(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()


_PLAYS = {
    "timeout": _timeout,
    "html": _html,
    "truncated": _truncated,
    "empty": _empty,
    "error200": _error200,
    "cut": _cut,
    "stall": _stall,
    "reset": _reset,
}
