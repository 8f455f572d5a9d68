"""Server-sent events, sent in time like a relay that paints, or broken off like one that fails."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from tests.fakes.relay.faults import Fault, play

if TYPE_CHECKING:
    from tests.fakes.relay import Job


class Stream:
    """One answer in events, which take ``delay`` seconds together."""

    def __init__(self, delay: float, newline: str = "\n") -> None:
        self._delay, self._newline = delay, newline
        self._events: list[bytes] = []
        self._stays_open = False

    def of(self, job: Job, events: list[str]) -> bytes:
        """The events of a job, and their bytes altogether."""
        self._events = [event.replace("\n", self._newline).encode() for event in events]
        self._stays_open = job.outcome == "never"
        return b"".join(self._events)

    async def send(self, request: web.Request, fault: Fault | None, body: bytes) -> web.StreamResponse:
        """Stream the events; a fault is played on their bytes altogether."""
        if fault:
            return await play(request, fault, body)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        for event in self._events:
            await asyncio.sleep(self._delay / max(1, len(self._events)))
            await response.write(event)
        if self._stays_open:
            await asyncio.sleep(3600)
        await response.write_eof()
        return response
