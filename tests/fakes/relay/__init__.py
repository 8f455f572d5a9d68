"""A small honest image relay over loopback: strict, with keys that have balances, and faults on demand.

    async with Relay(delay=2.0, size=1_500_000) as relay:
        endpoint = Endpoint("operator", "shenfeng", (relay.url,), KEY)
        relay.fail("submit", 429, headers={"Retry-After": "1"})
        ...
        assert relay.submits[KEY] == 1

Or as a process of its own: ``python -m tests.fakes.relay --port 8900 --delay 2``.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from tests.fakes.relay import image2free_video, jobs, jojokey, openai, shenfeng, xinliu
from tests.fakes.relay.faults import Fault, Faults, play, refuse
from tests.fakes.relay.pictures import png, png64

KEY = "sk-fake-0123456789abcdef"
PRICE = 0.04

DIALECTS = {
    "image2free": image2free_video.routes,
    "jobs": jobs.routes,
    "jojokey": jojokey.routes,
    "openai": openai.routes,
    "shenfeng": shenfeng.routes,
    "xinliu": xinliu.routes,
}

Handler = Callable[[web.Request, str], Awaitable[web.StreamResponse]]
Send = Callable[[web.Request, Fault | None, bytes], Awaitable[web.StreamResponse]]

__all__ = ["KEY", "PRICE", "Fault", "Relay", "png"]


@dataclass
class Job:
    """One order. ``outcome``: succeeded, failed, fewer (one picture short), empty (none), never (no end)."""

    id: str
    key: str
    fields: dict[str, Any]
    outcome: str
    message: str | None
    size: int
    waits: float
    takes: float
    sides: tuple[int, int] | None = None
    created: float = field(default_factory=time.time)
    began: float = field(default_factory=time.monotonic)

    def status(self) -> str:
        age = time.monotonic() - self.began
        if age < self.waits:
            return "queued"
        if age < self.waits + self.takes or self.outcome == "never":
            return "running"
        return "failed" if self.outcome == "failed" else "succeeded"

    def pictures(self) -> list[bytes]:
        """In base64."""
        width, height = self.sides or map(int, self.fields.get("size", "1024x1024").split("x"))
        count = {"fewer": self.fields.get("n", 1) - 1, "empty": 0}.get(self.outcome, self.fields.get("n", 1))
        return [png64(width, height, self.size, number) for number in range(count)]


class Relay:
    """The state of a relay, and its server.

    ``delay`` and ``queued`` in seconds: how long a picture takes, and waits before. ``size`` of a
    picture in bytes. ``keys`` with their balances. ``sizes``: the only ones taken, if any are
    named; ``image_field``: the name of the files of an edit.

    Counted per key: ``submits`` (orders accepted) and ``charges`` (pictures paid for); by route:
    ``calls``; by address: ``hosts``. ``orders`` holds the fields of all orders, accepted or not.

    ``switches`` are words that a dialect's fake understands: what its page leaves open, done otherwise.
    """

    def __init__(
        self,
        dialect: str = "shenfeng",
        *,
        delay: float = 0.03,
        queued: float = 0.0,
        size: int = 20_000,
        keys: dict[str, float] | None = None,
        sizes: frozenset[str] = frozenset(),
        image_field: str = "image",
    ) -> None:
        self.dialect, self.image_field = dialect, image_field
        self.delay, self.queued, self.size, self.sizes = delay, queued, size, sizes
        self.keys = keys if keys is not None else {KEY: 1000.0}
        self.jobs: dict[str, Job] = {}
        self.submits: Counter[str] = Counter()
        self.charges: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.orders: list[dict[str, Any]] = []
        self.outcomes: list[tuple[str, str | None]] = []
        self.hosts: Counter[str] = Counter()
        self.files: dict[str, bytes] = {}
        self.sides: tuple[int, int] | None = None  # of every picture, whatever was asked for
        self.lifetime = 3600.0  # seconds for which files are handed out, where a dialect bounds that
        self.switches: set[str] = set()
        self.form = ""  # how errors are written, where a dialect has its own way
        self.url = ""
        self._faults = Faults()
        self.app = web.Application(client_max_size=512 * 1024 * 1024)
        self.app.add_routes([*DIALECTS[dialect](self), web.get("/_stats", self._stats)])
        self.app.add_routes([web.get("/files/{name}", self._file)])
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def another_address(self) -> str:
        """A second address of the same account."""
        assert self._runner
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[-1][1]}"

    async def close_first_address(self) -> None:
        """What was reached at ``url`` is not reached any more; the other address is."""
        assert self._runner
        await next(iter(self._runner.sites)).stop()

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    # what tests say

    def fail(self, route: str, what: int | str, *, times: int = 1, **how: Any) -> None:
        """The next requests to ``route`` (submit, poll, edit, generate, usage, file …) meet a `Fault`."""
        self._faults.add(route, Fault(what, **how), times)

    def mend(self) -> None:
        """Nothing fails any more."""
        self._faults.clear()

    def next_job(self, outcome: str, message: str | None = None) -> None:
        """How the next order ends; see `Job`."""
        self.outcomes.append((outcome, message))

    # what routes are made of

    def known(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A handler for requests with a key that exists; what is wrong with the others is said."""

        async def handle(request: web.Request) -> web.StreamResponse:
            key = request.headers.get("Authorization", "").removeprefix("Bearer ")
            self.hosts[request.host] += 1
            if key not in self.keys:
                return refuse(401, form=self.form or "string")
            try:
                return await handler(request, key)
            except shenfeng.Wrong as wrong:
                return refuse(400, str(wrong), self.form or "openai")

        return handle

    async def order(
        self,
        request: web.Request,
        route: str,
        key: str,
        fields: dict[str, Any],
        answer: Callable[[Job], bytes | Awaitable[bytes]],
        price: float | None = None,
        send: Send = play,
    ) -> web.StreamResponse:
        """Accept an order, unless a fault or an empty purse forbids it, and charge for it."""
        self.calls[route] += 1
        self.orders.append(fields)
        fault = self._faults.next(route)
        if fault and isinstance(fault.what, int) and not fault.accepted:
            return await play(request, fault)
        price = fields.get("n", 1) * PRICE if price is None else price
        if self.keys[key] < price:
            return refuse(402, form=self.form or "string")
        job = self._accept(key, fields, price)
        if fault and fault.what in ("reset", "timeout"):
            return await play(request, fault)
        body = answer(job)
        body = body if isinstance(body, bytes) else await body
        if not fault and job.outcome == "failed" and route not in ("submit", "video", "remix"):
            fault = Fault(400, text=job.message or "upstream error", form="openai")
        return await send(request, fault, body)

    async def ask(
        self, request: web.Request, route: str, find: Callable[[], Any], answer: Callable[[Any], bytes]
    ) -> web.StreamResponse:
        """Answer a question that costs nothing; 404 for what there is not."""
        self.calls[route] += 1
        fault = self._faults.next(route)
        if fault and isinstance(fault.what, int):
            return await play(request, fault)
        found = find()
        return refuse(404) if found is None else await play(request, fault, answer(found))

    def find(self, key: str, job_id: str) -> Job | None:
        """A job of this key."""
        job = self.jobs.get(job_id)
        return job if job and job.key == key else None

    def sync(self, answer: Callable[[Job], bytes]) -> Callable[[Job], Awaitable[bytes]]:
        """An answer that comes when the picture is made."""

        async def late(job: Job) -> bytes:
            await asyncio.sleep(job.waits + job.takes if job.outcome != "never" else 3600)
            return answer(job)

        return late

    def offer(self, picture: bytes, name: str) -> str:
        """The URL of a file that is handed to everybody."""
        self.files[name] = picture
        return f"{self.url}/files/{name}"

    def _accept(self, key: str, fields: dict[str, Any], price: float) -> Job:
        outcome, message = self.outcomes.pop(0) if self.outcomes else ("succeeded", None)
        job_id = f"job_{secrets.token_hex(8)}"
        job = Job(job_id, key, fields, outcome, message, self.size, self.queued, self.delay, self.sides)
        self.jobs[job_id] = job
        self.submits[key] += 1
        if outcome != "failed":
            self.keys[key] -= price
            self.charges[key] += fields.get("n", 1)
        return job

    async def _file(self, request: web.Request) -> web.StreamResponse:
        found = self.files.get(request.match_info["name"])
        self.calls["file"] += 1
        fault = self._faults.next("file")
        if fault and isinstance(fault.what, int):
            return await play(request, fault)
        return web.Response(body=found, content_type="image/png") if found else refuse(404)

    async def _stats(self, request: web.Request) -> web.Response:
        submits, charges = sum(self.submits.values()), sum(self.charges.values())
        return web.json_response({"submits": submits, "charges": charges, "calls": dict(self.calls)})
