"""A fair turn: one asks a hundred times, nine ask once after that; how long each of them waits.

On a real store with its own rules and runner; a picture takes 20 ms. Compared with service by arrival.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.table import Table
from bot.model import ChatId, ImageRequest, Job, JobId, User, UserId, new_id
from bot.ports import Caps, Store
from storage import open_store

MANY, OTHERS = 100, 9
LEAST = 0.95
_PICTURE = 0.02  # seconds

Asked = tuple[str, str]
"""Chat and member."""

_IN_A_CHAT = [("chat", "greedy")] * MANY + [("chat", f"member {n}") for n in range(OTHERS)]
_IN_CHATS = [("greedy", "greedy")] * MANY + [(f"chat {n}", f"member {n}") for n in range(OTHERS)]
_WAITING = {"waiting_chat": 1_000, "waiting_member": 1_000}


@dataclass
class Evening:
    """Who was served when, in the order of service; seconds since all had asked."""

    served: list[tuple[str, float]] = field(default_factory=list)

    def waits(self) -> list[tuple[int, float]]:
        """Of those who asked once, until their picture was there: pictures that came before, and seconds."""
        return [(at, seconds) for at, (who, seconds) in enumerate(self.served) if who != "greedy"]

    def before(self) -> int:
        """Pictures that the greedy one had by the time when everybody else had theirs."""
        last = max(at for who, at in self.served if who != "greedy")
        return sum(who == "greedy" and at < last for who, at in self.served)

    def jain(self) -> float:
        """Jain's index of pictures that each had by then: 1 is all alike, 0.1 is one of ten who has all."""
        return jain([self.before(), *Counter(who for who, _ in self.served if who != "greedy").values()])


def jain(shares: Sequence[float]) -> float:
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))


def _said(wait: tuple[int, float]) -> str:
    return f"{wait[0]} pictures, {wait[1]:.2f} s"


def measured() -> str:
    table = Table("", "waits: median", "longest", "the first had", "Jain's index", "by arrival")
    scenes = {
        "ten members of a chat, one picture at a time": (_IN_A_CHAT, Caps(1, 1, **_WAITING)),
        "ten chats, one picture at a time in all": (_IN_CHATS, Caps(4, 2, running=1, **_WAITING)),
        "ten members of a chat, four at a time, two each": (_IN_A_CHAT, Caps(4, 2, **_WAITING)),
    }
    for name, (asked, caps) in scenes.items():
        seen = asyncio.run(_evening(asked, caps))
        waits, alone = seen.waits(), caps.running == 1 or caps.running_chat == 1
        # Where several are painted at once, what nobody else wanted is the greedy one's: no measure of turns.
        index = f"{seen.jain():.3f}{'' if seen.jain() >= LEAST else ' ✗'}" if alone else "–"
        table.row(
            name,
            _said(waits[len(waits) // 2]),
            _said(waits[-1]),
            f"{seen.before()} of {MANY}",
            index,
            f"{jain([MANY, *[1] * OTHERS]):.3f}" if alone else "–",
        )
    return f"{table}\n\nTarget: an index of at least {LEAST}."


async def _evening(asked: Sequence[Asked], caps: Caps) -> Evening:
    """Everything is asked, then painted until nothing waits."""
    seen, left = Evening(), asyncio.Semaphore(0)
    with tempfile.TemporaryDirectory(prefix="easel-bench-", dir="/var/tmp") as scratch:
        async with open_store(f"sqlite:///{scratch}/easel.db", Path(scratch), caps) as store:
            for chat, member in asked:
                await store.submit(_job(chat, member), ())
            began = time.monotonic()

            async def work(job: JobId) -> None:
                who = await _painted(store, job)
                seen.served.append((who, time.monotonic() - began))
                left.release()

            engine = asyncio.create_task(store.run(work))
            for _ in asked:
                await left.acquire()
            engine.cancel()
            await asyncio.gather(engine, return_exceptions=True)
    return seen


async def _painted(store: Store, name: JobId) -> str:
    job = await store.begin(name)
    assert job
    await asyncio.sleep(_PICTURE)
    await store.succeed(job.id, job.attempt, [], 0)
    await store.deliver(job.id, job.attempt)
    return job.user.name


def _job(chat: str, member: str) -> Job:
    user = User(UserId(f"bench:{member}"), member)
    return Job(JobId(new_id()), ChatId(f"bench:{chat}"), user, new_id(), ImageRequest("x"), "operator", "en")
