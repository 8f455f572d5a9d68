"""Discord over HTTP and a websocket, as strict as its document, with faults on demand."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from aiohttp import web

from tests.fakes.discord import spec
from tests.fakes.discord.answers import Answers
from tests.fakes.discord.gateway import Gateway
from tests.fakes.discord.messages import Files, Messages
from tests.fakes.discord.people import People
from tests.fakes.discord.rest import Api
from tests.fakes.discord.spec import Match, Refused, Violation
from tests.fakes.discord.world import MB, World
from tests.fakes.telegram.multipart import parts

T = TypeVar("T")
TOKEN = "MTA0MjQyNDI0MjQyNDI0MjQyNA.GfAkE1.easel_fake_token_for_tests_only_000000"
APPLICATION = "1042424242424242424"
_BASE = "/api/v10"
_LOOK = 0.05  # seconds between two looks at what is waited for


_FILES = " files"


@dataclass
class Fault:
    """What goes wrong with the next request of a route (or the beginning of one).

    ``lost``: done, but the connection dies before the answer · ``reset``: not done, the connection dies ·
    ``gateway``: not done, 502 · ``late gateway``: done, 502 · ``hang``: done, no answer for ``value``
    seconds · ``choke``: what brings files is not even read for ``value`` seconds · ``flood``: 429 with
    ``value`` seconds · ``global``: that, for whatever the bot asks · ``garbled``: status and body, said
    to be JSON, in ``value`` · ``refuse``: status, code and message in ``value``. With `` files`` behind it,
    it waits for a request that brings files.
    """

    route: str
    kind: str
    value: Any = None


@dataclass
class Call:
    """One request as it came in; files by name with their sizes."""

    route: str
    parts: dict[str, str]
    body: Any
    at: float
    files: dict[str, int] = field(default_factory=dict)


class FakeDiscord(People):
    """``async with FakeDiscord() as fake: …`` serves on ``fake.url``; `People` act and look.

    ``check``: whether bodies are checked against the document; ``keep``: whether the bytes of
    uploads are kept. What Discord would not take is noted in ``violations``.
    """

    def __init__(self, token: str = TOKEN, *, port: int = 0, check: bool = True, keep: bool = True) -> None:
        self.token, self._port, self._check = token, port, check
        world = World()
        super().__init__(world, Gateway(world, token, APPLICATION), APPLICATION)
        messages = Messages(world, keep=keep)
        self.answers = Answers(world, messages, APPLICATION)
        self._api = Api(self, self.answers, messages)
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.violations: list[str] = []
        self.choking = 0
        """How many requests were not read."""
        self.breaks = 0
        """How many of the next downloads break off in the middle."""
        self._news = asyncio.Event()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """What ``DISCORD_API_URL`` is set to."""
        return f"{self.base}{_BASE}"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=256 * MB)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_get("/cdn/{id}/{name}", self._download)
        app.router.add_route("*", _BASE + "/{path:.*}", self._call)
        self.routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        self.base = f"http://127.0.0.1:{self._port}"
        self.gateway.url = f"ws://127.0.0.1:{self._port}/gateway"
        return self

    def routes(self, app: web.Application) -> None:
        """For more doors than Discord has."""

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.close()
        if self._runner:
            await self._runner.cleanup()

    # what tests ask for

    def fail(self, route: str, kind: str, value: Any = None, times: int = 1) -> None:
        """Queue faults for the next ``times`` requests of a route."""
        self.faults += [Fault(route, kind, value)] * times

    def called(self, route: str) -> list[Call]:
        return [call for call in self.calls if call.route.startswith(route)]

    async def until(self, condition: Callable[[], T], seconds: float = 5.0) -> T:
        """Wait until something is so; returns it. Looked at again after every request, and now and then."""
        deadline = time.monotonic() + seconds
        while not (result := condition()):
            if time.monotonic() > deadline:
                calls = Counter(call.route for call in self.calls)
                raise AssertionError(f"not within {seconds} s; {calls}; {self.violations}")
            self._news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), _LOOK)
        return result

    # HTTP

    async def _call(self, request: web.Request) -> web.StreamResponse:
        try:
            found = spec.match(request.method, "/" + request.match_info["path"])
            await self._choke(request, found)
            body, files = await _read(request)
            self._authorised(request, found)
            if self._check:
                spec.check(found, request.query, body, files=bool(files))
            return await self._answer(request, found, body, files)
        except Refused as refusal:
            if isinstance(refusal, Violation):
                self.violations.append(refusal.message)
            said = {"code": refusal.code, "message": refusal.message} | refusal.more
            return _json(said, refusal.status)

    async def _choke(self, request: web.Request, found: Match) -> None:
        chokes = (f for f in self.faults if f.kind == "choke" and found.route.startswith(f.route))
        if request.content_type.startswith("multipart/") and (fault := next(chokes, None)):
            self.faults.remove(fault)
            self.choking += 1
            await asyncio.sleep(fault.value)

    def _authorised(self, request: web.Request, found: Match) -> None:
        given = request.headers.get("Authorization")
        if (found.facts["token"] or given) and given != f"Bot {self.token}":
            raise Refused(401, 0, "401: Unauthorized")

    async def _answer(
        self, request: web.Request, found: Match, body: Any, files: Files
    ) -> web.StreamResponse:
        sizes = {name: len(content) for name, content in files.values()}
        self.calls.append(Call(found.route, found.parts, body, time.monotonic(), sizes))
        fault = next((fault for fault in self.faults if _meant(fault, found, files)), None)
        if fault:
            self.faults.remove(fault)
            if failed := _before(request, fault):
                return failed
        try:
            result = self._api.do(found, request.query, body, files)
        finally:
            self._news.set()
        failed = await _after(request, fault) if fault else None
        return failed or (web.Response(status=204) if result is None else _json(result))

    async def _download(self, request: web.Request) -> web.StreamResponse:
        file = self.world.files.get(request.match_info["id"])
        if file is None or file.content is None:
            return web.Response(status=404, text="This content is no longer available.")
        if self.breaks:
            self.breaks -= 1
            half = web.StreamResponse(headers={"Content-Length": str(file.size)})
            await half.prepare(request)
            await half.write(file.content[: file.size // 2])
            return _dead(request)
        return web.Response(body=file.content, content_type=file.mime)


async def _read(request: web.Request) -> tuple[Any, Files]:
    """The JSON body, and files by the name of their part."""
    kind = request.headers.get("Content-Type", "")
    raw = await request.read()
    if kind.startswith("multipart/form-data"):
        fields, files = parts(raw, kind)
        if set(fields) != {"payload_json"} or not all(re.fullmatch(r"files\[\d\]", name) for name in files):
            raise Violation(f"a form of {sorted(fields)} and {sorted(files)}")
        return json.loads(fields["payload_json"]), files
    if not raw:
        return None, {}
    if kind != "application/json":
        raise Violation(f"a body of type {kind}")
    return json.loads(raw), {}


def _json(said: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """As Discord sends it: discord.py reads JSON of this very type alone."""
    body = json.dumps(said).encode()
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


def _meant(fault: Fault, found: Match, files: Files) -> bool:
    return found.route.startswith(fault.route) and (bool(files) or not fault.kind.endswith(_FILES))


def _before(request: web.Request, fault: Fault) -> web.StreamResponse | None:
    """Faults that keep the request from being carried out."""
    match fault.kind.removesuffix(_FILES):
        case "flood" | "global" as kind:
            everywhere = kind == "global"
            said = {
                "message": "You are being rate limited.",
                "retry_after": fault.value,
                "global": everywhere,
            }
            headers = {"Via": "1.1 google", "Retry-After": str(fault.value)}
            return _json(said, 429, headers)
        case "garbled":
            status, body = fault.value
            headers = {"Content-Type": "application/json", "Via": "1.1 google"}
            return web.Response(status=status, body=body, headers=headers)
        case "refuse":
            raise Refused(*fault.value)
        case "gateway":
            return _gateway()
        case "reset":
            return _dead(request)
    return None


async def _after(request: web.Request, fault: Fault) -> web.StreamResponse | None:
    """Faults that keep the answer from arriving."""
    match fault.kind.removesuffix(_FILES):
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
