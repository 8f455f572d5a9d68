"""An image API in memory: an `Upstream` whose every order is scripted, and which counts what it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from PIL import Image

from bot.errors import BadKey, UpstreamError
from bot.model import (
    Accepted,
    Amount,
    Balance,
    Endpoint,
    ImageRequest,
    Order,
    Preview,
    Progress,
    Running,
    Succeeded,
)
from bot.ports import Profile
from tests.fakes.relay.films import mp4

CENT: Amount = 10_000


@dataclass
class Painter:
    """Paints plain colours at a cent a picture.

    ``faults`` are raised by the next orders, one each, ``late`` once they have their id; ``gate`` holds
    every order until it is set; ``short`` pictures are withheld of each order; a video has ``film``
    bytes or more. ``listed`` is its own list of orders: their words, by id. ``speaks`` is what an address
    is recognised as; while ``busy`` no order is taken; ``endpoints`` are those that orders went to.
    """

    faults: list[UpstreamError] = field(default_factory=list)
    late: list[UpstreamError] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    short: int = 0
    film: int = 0
    previews: bool = False
    forgets: bool = False
    busy: bool = False
    cost: Amount | None = None
    credit: Balance | None = None
    submits: list[Order] = field(default_factory=list)
    resumed: list[str] = field(default_factory=list)
    endpoints: list[Endpoint] = field(default_factory=list)
    listed: dict[str, str] = field(default_factory=dict)
    speaks: str | None = "painter"
    looked_at: list[tuple[str, ...]] = field(default_factory=list)
    facts: Profile = field(
        default_factory=lambda: Profile(models=("gpt-image-2",), images=16, mask=True, resumable=True)
    )

    def __post_init__(self) -> None:
        self.gate.set()

    @property
    def dialects(self) -> tuple[str, ...]:
        return ("painter",)

    async def generate(
        self, endpoint: Endpoint, order: Order, *, resume: str | None = None
    ) -> AsyncGenerator[Progress, None]:
        self.endpoints.append(endpoint)
        if resume is None:
            while self.busy:  # a relay that says 429 until there is room
                await asyncio.sleep(0.001)
            await order.permit()
            self.submits.append(order)
            if self.faults:
                raise self.faults.pop(0)
            if not self.forgets:
                yield Accepted(f"there-{len(self.submits)}")
        else:
            self.resumed.append(resume)
        if self.late:
            raise self.late.pop(0)
        yield Running(0.5)
        await self.gate.wait()
        if self.previews:
            yield Preview(await self._paint(order, "preview"))
            yield Running(0.9)
            await asyncio.sleep(0.05)
        count = order.request.n - self.short
        files = tuple([await self._paint(order, f"out-{i}") for i in range(count)])
        yield Succeeded(files, missing=self.short, cost=self.cost)

    async def _paint(self, order: Order, name: str) -> Path:
        if order.request.video:
            film = order.folder / name
            film.write_bytes(mp4(320, 240, size=self.film))
            return film
        path = order.folder / f"{name}.png"
        size = order.request.size
        picture = Image.new("RGB", (size.width or 64, size.height or 64), "teal")
        await asyncio.to_thread(picture.save, path)
        return path

    async def reconcile(self, endpoint: Endpoint, request: ImageRequest, since: datetime) -> tuple[str, ...]:
        return tuple(name for name, words in self.listed.items() if words == request.prompt)

    async def balance(self, endpoint: Endpoint) -> Balance | None:
        return self.credit

    async def recognise(self, urls: tuple[str, ...], key: str) -> str | None:
        self.looked_at.append(urls)
        return self.speaks

    async def check(self, endpoint: Endpoint) -> None:
        if not endpoint.key.startswith(("sk-good", "sk-operators")):
            raise BadKey

    def profile(self, endpoint: Endpoint, model: str = "") -> Profile:
        return self.facts

    def estimate(self, endpoint: Endpoint, request: ImageRequest) -> Amount:
        return CENT * request.n
