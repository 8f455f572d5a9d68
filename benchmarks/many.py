"""Ten thousand jobs in flight in one process: what each of them costs while it waits and as it goes by.

The core and the store are Easel's own, from the typed command to the delivered picture. The chat platform
and the image API are stand-ins in memory, so that nothing but Easel is measured.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.process import ROOT, Process
from benchmarks.table import Table
from bot.model import Accepted, ChatId, Endpoint, Order, Post, Progress, Reply, Running, Succeeded
from bot.ports import Caps
from storage import database
from tests.fakes.painter import Painter
from tests.fakes.relay.pictures import png
from tests.fakes.stage import Stage
from tests.rooms.conftest import House

JOBS = 10_000
_EVERY, _WAITED = 5.0, 15.0  # seconds: between a job's signs of life; in which they are watched waiting
_TYPED_AT_ONCE = 50
_PICTURE = png(64, 64, 20_000)


def measured(jobs: int = JOBS) -> Table:
    """In a process of its own."""
    run = [sys.executable, "-m", "benchmarks.many", str(jobs)]
    found = json.loads(subprocess.run(run, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout)
    table = Table("per job", f"{jobs:,} in flight")
    for name, value in found.items():
        table.row(name, value)
    return table


@dataclass
class _Relay(Painter):
    """Takes every order. With all there it gives signs of life every few seconds, then ends them together."""

    waiting: int = 0
    accepted: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def generate(
        self, endpoint: Endpoint, order: Order, *, resume: str | None = None
    ) -> AsyncGenerator[Progress, None]:
        yield Accepted(resume or f"there-{order.tag}")
        self.waiting += 1
        await self.accepted.wait()
        while not self.ended.is_set():
            yield Running()
            try:
                await asyncio.wait_for(self.ended.wait(), _EVERY)
            except TimeoutError:
                continue
        file = order.folder / "result.png"
        file.write_bytes(_PICTURE)
        yield Succeeded((file,))


class _Chats(Stage):
    """People who remember nothing."""

    async def send(self, chat: ChatId, reply: Reply, *, origin: Post | None = None, key: str = "") -> Post:
        return Post(chat, f"m{next(self._ids)}")

    async def edit(self, post: Post, reply: Reply) -> Post:
        return post


class _Commits:
    """Counts transactions, and the commits that they share."""

    def __init__(self) -> None:
        self.transactions = self.commits = 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        together = database._together  # what a commit is, is known there alone

        def counting(connection: Any, line: Any) -> Any:
            self.transactions, self.commits = self.transactions + len(line), self.commits + 1
            return together(connection, line)

        database._together = counting
        try:
            yield
        finally:
            database._together = together


async def _flight(jobs: int, folder: Path) -> dict[str, str]:
    relay, counts, caps = _Relay(), _Commits(), Caps(1, 1, 1, 1)
    with counts.counted():
        async with House(folder, _Chats(), painter=relay, caps=caps).lives() as house:
            relay.accepted.set()
            relay.ended.set()
            await _say(house, range(-50, 0))
            await _idle(house)
            relay.accepted.clear()
            relay.ended.clear()
            relay.waiting = 0
            before, used, (transactions, commits) = _memory(), _cpu(), (counts.transactions, counts.commits)
            await _say(house, range(jobs))
            while relay.waiting < jobs:
                await asyncio.sleep(0.05)
            accepted, held = _cpu(), _memory()
            relay.accepted.set()
            await asyncio.sleep(_WAITED)
            waited = _cpu()
            relay.ended.set()
            await _idle(house)
            ended = _cpu()
    return {
        "memory while it waits": f"{(held - before) * 1000 / jobs:.1f} KB",
        "CPU until it waits": f"{(accepted - used) * 1000 / jobs:.2f} ms",
        "CPU of a minute's waiting": f"{(waited - accepted) * 1000 / jobs * 60 / _WAITED:.2f} ms",
        "CPU from its end to the picture": f"{(ended - waited) * 1000 / jobs:.2f} ms",
        "transactions": f"{(counts.transactions - transactions) / jobs:.2f}",
        "commits, some of them shared": f"{(counts.commits - commits) / jobs:.2f}",
    }


async def _say(house: House, numbers: range) -> None:
    """Each in a chat of their own."""
    turns = asyncio.Semaphore(_TYPED_AT_ONCE)

    async def one(number: int) -> None:
        async with turns:
            words = "/imagine a corgi in a space suit, planting a flag on the moon"
            await house.stage.say(words, user=f"u{number}", chat=f"stage:c{number}")

    await asyncio.gather(*map(one, numbers))


async def _idle(house: House) -> None:
    while sum((await house.store.overview()).values()):
        await asyncio.sleep(0.1)


def _memory() -> float:
    gc.collect()
    return Process(os.getpid()).memory


def _cpu() -> float:
    return time.process_time()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="easel-bench-", dir="/var/tmp") as scratch:
        print(json.dumps(asyncio.run(_flight(int(sys.argv[1]), Path(scratch)))))
