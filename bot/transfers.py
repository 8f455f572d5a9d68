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

_HEAD_START = 0.02
"""Seconds that a picture on its way keeps others from beginning to come in, unless it is there sooner."""


class Transfers(asyncio.Semaphore):
    """A semaphore with two lines: whoever waits ``outward`` comes before all others.

    A picture on its way to somebody is nearly there. Were the lines one, a hundred pictures that come in at
    once would all be fetched before the first of them is sent. For the same reason a picture that has
    ``landed`` keeps a place until it goes out, if that is soon, and each has a head start on those that come
    in: where nothing but this machine holds them up, they are done one after another instead of all late.
    """

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._free = most
        self._landed: deque[object] = deque()
        self._leaving: deque[asyncio.Future[None]] = deque()
        self._coming: deque[asyncio.Future[None]] = deque()
        self._head_start: asyncio.TimerHandle | None = None
        self.outward = _Outward(self)
        """``async with transfers.outward``: a place for what goes to people."""

    def locked(self) -> bool:
        return not self._free

    async def acquire(self) -> Literal[True]:
        return await self._place(self._coming)

    async def acquire_outward(self) -> Literal[True]:
        if self._landed:
            self._landed.popleft()
        return await self._place(self._leaving)

    def release(self) -> None:
        self._free += 1
        self._no_more_ahead()

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

    async def _place(self, line: deque[asyncio.Future[None]]) -> Literal[True]:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(place)
        self._hand_on()
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():  # it was given just now
                self.release()
            raise
        return True

    def _hand_on(self) -> None:
        """Places to those in line: none is free while somebody waits who may have it."""
        while self._leaving and self._free > 0:
            self._give(self._leaving)
        while self._coming and self._free > len(self._landed) and self._head_start is None:
            self._give(self._coming)

    def _give(self, line: deque[asyncio.Future[None]]) -> None:
        """To the next in line, unless they have given up."""
        place = line.popleft()
        if place.done():
            return
        place.set_result(None)
        self._free -= 1
        if self._head_start:
            self._head_start.cancel()
        self._head_start = asyncio.get_running_loop().call_later(_HEAD_START, self._no_more_ahead)

    def _no_more_ahead(self) -> None:
        if self._head_start:
            self._head_start.cancel()
            self._head_start = None
        self._hand_on()


class _Outward:
    def __init__(self, transfers: Transfers) -> None:
        self._transfers = transfers

    async def __aenter__(self) -> None:
        await self._transfers.acquire_outward()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transfers.release()
