"""How many pictures travel at once, and who comes first."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Literal

_SOON = 1.0
"""Seconds that a place is kept for a picture between its coming in and its going out."""


class Transfers(asyncio.Semaphore):
    """A semaphore with two lines: whoever waits ``outward`` comes before all others.

    A picture on its way to somebody is nearly there. Were the lines one, a hundred pictures that come in at
    once would all be fetched before the first of them is sent. For the same reason a picture that has
    ``landed`` keeps a place until it goes out, if that is soon: pictures finish one after another.
    """

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._free = most
        self._landed: deque[object] = deque()
        self._leaving: deque[asyncio.Future[None]] = deque()
        self._coming: deque[asyncio.Future[None]] = deque()
        self.outward = _Outward(self)
        """``async with transfers.outward``: a place for what goes to people."""

    def locked(self) -> bool:
        return not self._free

    async def acquire(self) -> Literal[True]:
        return await self._place(self._coming, self._free - len(self._landed))

    async def acquire_outward(self) -> Literal[True]:
        if self._landed:
            self._landed.popleft()
        return await self._place(self._leaving, self._free)

    @contextmanager
    def landed(self) -> Iterator[None]:
        """A picture has come in, and is about to go out: soon after the block, unless that fails."""
        picture = object()
        self._landed.append(picture)
        asyncio.get_running_loop().call_later(_SOON, self._kept_no_longer, picture)
        try:
            yield
        except BaseException:  # pictures that fail, be it on purpose, keep nobody else's from coming in
            self._kept_no_longer(picture)
            raise

    def _kept_no_longer(self, picture: object) -> None:
        """Unless it is out: somebody waits for what comes in, and this one has to wait for something else."""
        if picture in self._landed:
            self._landed.remove(picture)
            self._hand_on()

    async def _place(self, line: deque[asyncio.Future[None]], free: int) -> Literal[True]:
        if free > 0:
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
        """Hand the place to the next in line: it is never free while somebody waits who may have it."""
        self._free += 1
        self._hand_on()

    def _hand_on(self) -> None:
        self._give(self._leaving, self._free)
        self._give(self._coming, self._free - len(self._landed))

    def _give(self, line: deque[asyncio.Future[None]], free: int) -> None:
        while line and free > 0:
            place = line.popleft()
            if not place.done():
                place.set_result(None)
                self._free, free = self._free - 1, free - 1


class _Outward:
    def __init__(self, transfers: Transfers) -> None:
        self._transfers = transfers

    async def __aenter__(self) -> None:
        await self._transfers.acquire_outward()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transfers.release()
