"""The Bot API over HTTP, as strict as the document, with faults on demand."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from aiohttp import web

from tests.fakes.telegram.flood import Flood, too_many
from tests.fakes.telegram.methods import Files, Methods
from tests.fakes.telegram.multipart import parts
from tests.fakes.telegram.people import People
from tests.fakes.telegram.spec import Params, Refused, bad, checked
from tests.fakes.telegram.updates import Updates
from tests.fakes.telegram.world import MB, World

T = TypeVar("T")
TOKEN = "4242:AAEasel-fake_token-for-tests-only-0000"
_SAYING = ("send", "edit")
_LOOK = 0.05  # seconds between two looks at what is waited for


@dataclass
class Fault:
    """What goes wrong with the next call of a method.

    ``lost``: done, but the connection dies before the answer · ``reset``: not done, the connection dies ·
    ``gateway``: not done, 502 · ``late gateway``: done, 502 · ``hang``: done, no answer for ``value``
    seconds · ``choke``: the body is not even read for ``value`` seconds · ``flood``: 429 with ``value``
    seconds · ``refuse``: 400 with the text ``value`` ·
    ``forbid``: 403 with the text.
    """

    method: str
    kind: str
    value: Any = None


@dataclass
class Call:
    """One call as it came in."""

    method: str
    params: Params
    at: float
    files: dict[str, int] = field(default_factory=dict)
    """Sizes of file parts."""


class FakeTelegram(People):
    """``async with FakeTelegram() as fake: …`` serves on ``fake.url``; `People` act and look."""

    def __init__(
        self, token: str = TOKEN, username: str = "EaselBot", *, port: int = 0, keep: bool = True
    ) -> None:
        self.token = token
        self._news = asyncio.Event()
        self.world, self.updates = World(username, keep), Updates(self._news.set)
        self.methods = Methods(self.world, self.updates)
        super().__init__(self.world, self.updates, self.methods)
        self.faults: list[Fault] = []
        self.flood = Flood()
        self.calls: list[Call] = []
        self.busy: Counter[str] = Counter()
        self.choking = 0
        """How many calls were not read."""
        self.arrivals: dict[int, dict[str, float]] = {}
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * MB)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.*}", self._download)
        self.routes(app)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    def routes(self, app: web.Application) -> None:
        """For more doors than Telegram has."""

    async def __aexit__(self, *_: object) -> None:
        await self.updates.close()
        if self._runner:
            await self._runner.cleanup()

    # what tests ask for

    def fail(self, method: str, kind: str, value: Any = None, times: int = 1) -> None:
        """Queue faults for the next ``times`` calls of a method (of one of several, joined by ``|``)."""
        self.faults += [Fault(method, kind, value)] * times

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    async def until(self, condition: Callable[[], T], seconds: float = 5.0) -> T:
        """Wait until something is so; returns it. Looked at again after every call.

        And now and then: what becomes of a call, as what is in an inbox, becomes so without another one.
        """
        deadline = time.monotonic() + seconds
        while not (result := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"not within {seconds} s; calls: {Counter(c.method for c in self.calls)}"
                )
            self._news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _LOOK)
        return result

    # HTTP

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            await self._choke(method)
            raw, files = await self._read(request)
            if request.match_info["token"] != self.token:
                known = request.match_info["token"].count(":") == 1
                raise Refused(401, "Unauthorized") if known else Refused(404, "Not Found")
            return await self._answer(request, method, raw, files)
        except Refused as refusal:
            return _refusal(refusal)

    async def _choke(self, method: str) -> None:
        fault = next((f for f in self.faults if f.kind == "choke" and method in f.method.split("|")), None)
        if fault:
            self.faults.remove(fault)
            self.choking += 1
            await asyncio.sleep(fault.value)

    async def _read(self, request: web.Request) -> tuple[Params, Files]:
        kind = request.headers.get("Content-Type", "")
        body = await request.read()
        raw: Params = dict(request.query)
        if kind.startswith("multipart/form-data"):
            fields, files = parts(body, kind)
            return raw | fields, files
        if kind.startswith("application/json"):
            return raw | json.loads(body), {}
        return raw | dict(await request.post()), {}

    async def _answer(
        self, request: web.Request, method: str, raw: Params, files: Files
    ) -> web.StreamResponse:
        params = checked(method, raw, files.keys())
        sizes = {name: len(content) for name, (_, content) in files.items()}
        self.calls.append(Call(method, params, time.monotonic(), sizes))
        fault = next((f for f in self.faults if method in f.method.split("|")), None)
        if fault:
            self.faults.remove(fault)
        self.busy[method] += 1
        self._news.set()
        try:
            if method.startswith(_SAYING) and "chat_id" in params:
                self.flood.count(int(params["chat_id"]))
            if fault and (failed := _before(request, fault)):
                return failed
            result = await self.methods.find(method)(params, files)
            self._arrived(method, params, files)
        finally:
            self.busy[method] -= 1
            self._news.set()
        return (await _after(request, fault) if fault else None) or web.json_response(
            {"ok": True, "result": result}
        )

    def _arrived(self, method: str, params: Params, files: Files) -> None:
        if method.startswith(_SAYING):
            kind = "picture" if files else "text"
            self.arrivals.setdefault(params.get("chat_id", 0), {}).setdefault(kind, time.monotonic())

    async def _download(self, request: web.Request) -> web.StreamResponse:
        found = [f for f in self.world.files.values() if f.path == request.match_info["path"]]
        if request.match_info["token"] != self.token or not found:
            return _refusal(Refused(404, "Not Found"))
        return web.Response(body=found[0].content)


def _refusal(refusal: Refused) -> web.Response:
    said: dict[str, Any] = {"ok": False, "error_code": refusal.status, "description": refusal.description}
    if refusal.parameters:
        said["parameters"] = refusal.parameters
    return web.json_response(said, status=refusal.status)


def _before(request: web.Request, fault: Fault) -> web.StreamResponse | None:
    """Faults that keep the call from being done."""
    match fault.kind:
        case "flood":
            raise too_many(fault.value)
        case "refuse":
            raise bad(fault.value)
        case "forbid":
            raise Refused(403, f"Forbidden: {fault.value}")
        case "gateway":
            return _gateway()
        case "reset":
            return _dead(request)
    return None


async def _after(request: web.Request, fault: Fault) -> web.StreamResponse | None:
    """Faults that keep the answer from arriving."""
    match fault.kind:
        case "lost":
            return _dead(request)
        case "late gateway":
            return _gateway()
        case "hang":
            await asyncio.sleep(fault.value)
    return None


def _gateway() -> web.Response:
    return web.Response(status=502, text="<html><h1>502 Bad Gateway</h1></html>", content_type="text/html")


def _dead(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()
