"""How many pictures travel at once, and who comes first."""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType
from typing import Literal


class Transfers(asyncio.Semaphore):
    """A semaphore with two lines: whoever waits ``outward`` comes before all others.

    A picture on its way to somebody is nearly there. Were the lines one, a hundred pictures that come in at
    once would all be fetched before the first of them is sent.
    """

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._free = most
        self._leaving: deque[asyncio.Future[None]] = deque()
        self._coming: deque[asyncio.Future[None]] = deque()
        self.outward = _Outward(self)
        """``async with transfers.outward``: a place for what goes to people."""

    def locked(self) -> bool:
        return not self._free

    async def acquire(self) -> Literal[True]:
        return await self._place(self._coming)

    async def acquire_outward(self) -> Literal[True]:
        return await self._place(self._leaving)

    async def _place(self, line: deque[asyncio.Future[None]]) -> Literal[True]:
        if self._free:
            self._free -= 1
            return True
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():  # it was given just now
                self.release()
            raise
        return True

    def release(self) -> None:
        """Hand the place to the next in line: it is never free while somebody waits."""
        for line in (self._leaving, self._coming):
            while line:
                place = line.popleft()
                if not place.done():
                    place.set_result(None)
                    return
        self._free += 1


class _Outward:
    def __init__(self, transfers: Transfers) -> None:
        self._transfers = transfers

    async def __aenter__(self) -> None:
        await self._transfers.acquire_outward()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transfers.release()
