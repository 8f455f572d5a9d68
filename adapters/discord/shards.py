"""Shards split over processes: each takes what nobody has, one at a time, and whoever dies frees its own."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any

from adapters.discord.line import Line
from adapters.discord.trouble import setup_error
from bot.errors import EaselError, SetupError
from bot.ports import Door

log = logging.getLogger(__name__)

_IDENTIFY = 5.0  # seconds between two new sessions of one bot, as Discord wants it
_LOOK = 1.0  # seconds between two looks for a free shard; for each that one has, as long again


class Shards:
    """This process's part of ``count`` connections, each held by a turn. ``hear`` gets what they say."""

    def __init__(self, token: str, count: int, hear: Callable[[dict[str, Any]], None], door: Door) -> None:
        self._token, self._count, self._hear, self._door = token, count, hear, door
        self._mine: dict[int, asyncio.Task[None]] = {}
        self._lines: dict[int, Line] = {}
        self._refused: SetupError | None = None

    @property
    def hearing(self) -> bool:
        """Whether all that this process has are connected; it may have none, and stand by."""
        return all(shard in self._lines and self._lines[shard].hearing for shard in self._mine)

    async def run(self) -> None:
        """Until cancelled. `SetupError` when Discord refuses the token or the number of shards."""
        try:
            while True:
                if len(self._mine) < self._count:
                    await self._take_one()
                if self._refused:
                    raise self._refused
                await asyncio.sleep(_LOOK * (1 + len(self._mine)))
        finally:
            tasks = list(self._mine.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _take_one(self) -> None:
        try:
            async with self._door.turn("discord: a new session"):
                free = [shard for shard in range(self._count) if shard not in self._mine]
                for shard in random.sample(free, len(free)):
                    if await self._takes(shard):
                        await asyncio.sleep(_IDENTIFY if self._count > 1 else 0)
                        return
        except EaselError as error:
            log.warning("no shard can be taken now: %s", error)

    async def _takes(self, shard: int) -> bool:
        """Whether it was free; then it is connected in a task of its own."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._serve(shard, answer), name=f"shard {shard}")
        self._mine[shard] = task
        task.add_done_callback(lambda _: self._mine.pop(shard, None))
        return await answer

    async def _serve(self, shard: int, answer: asyncio.Future[bool]) -> None:
        """Until the turn is lost, the connection is given up, or this is cancelled."""
        try:
            async with self._door.turn(f"discord: shard {shard} of {self._count}", wait=False) as mine:
                answer.set_result(mine)
                if mine:
                    await self._connect(shard)
        except EaselError as error:
            log.warning("shard %d is left: %s", shard, error)
        except Exception as error:
            self._refused = setup_error(error)
            log.warning("shard %d was given up: %r", shard, error)
        finally:
            if not answer.done():
                answer.set_result(False)

    async def _connect(self, shard: int) -> None:
        self._lines[shard] = line = Line(self._hear, self._count, shard)
        try:
            await line.login(self._token)
            await line.connect()
        finally:
            del self._lines[shard]
            await line.hang_up()
