"""What tests of a store share: places to open, jobs to submit, and an auditor."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pytest

from bot.model import ChatId, Fault, ImageRequest, Job, JobId, Limit, Picture, PictureId, User, UserId, new_id
from bot.ports import Caps, Store
from storage import open_store, postgres
from tests import postgres as server
from tests import sqlite

ANN, BEN = UserId("telegram:1"), UserId("telegram:2")
HOME = ChatId("telegram:-100")
WIDE = Caps(running_chat=1000, running_member=1000, waiting_chat=1000, waiting_member=1000)
NARROW = Caps(running_chat=1, running_member=1)


class Place(Protocol):
    """Somewhere a store lives: opened, closed, and opened again."""

    folder: Path

    def open(self, caps: Caps = WIDE) -> AbstractAsyncContextManager[Store]: ...

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a bystander reads from the database itself."""


class SqlitePlace:
    """A file in a folder; a new one is a copy that has its schema already, unless it is to be ``made``."""

    def __init__(self, folder: Path, *, made: bool = False) -> None:
        self.folder, self.made = folder, made
        self.file = folder / "easel.db"
        self.url = f"sqlite:///{self.file}"

    def open(self, caps: Caps = WIDE) -> AbstractAsyncContextManager[Store]:
        if not self.made:
            sqlite.prepare(self.file)
        return open_store(self.url, self.folder, caps)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.file)) as connection:
            return connection.execute(sql).fetchall()


class PostgresPlace:
    """A database on the run's server that is up to date and empty, and nobody else's until the test ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = server.empty(server.template("house", postgres.bring_up_to_date))

    def open(self, caps: Caps = WIDE) -> AbstractAsyncContextManager[Store]:
        return open_store(self.url, self.folder, caps)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(sql.encode()).fetchall()


PLACES = {"sqlite": SqlitePlace, "postgresql": PostgresPlace}
EVERYWHERE = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
"""The names of all places, for `pytest.fixture`."""


def a_job(user: UserId = ANN, chat: str = HOME, **fields: Any) -> Job:
    name = new_id()
    given = {
        "id": JobId(name),
        "invocation": f"event {name}",
        "request": ImageRequest("a corgi"),
        "endpoint": "operator",
        "language": "en",
    }
    return Job(chat=ChatId(chat), user=User(user, "Ann"), **{**given, **fields})


async def submitted(store: Store, *limits: Limit, **fields: Any) -> Job:
    return (await store.submit(a_job(**fields), limits)).job


async def begun(store: Store, *limits: Limit, **fields: Any) -> Job:
    job = await store.begin((await submitted(store, *limits, **fields)).id)
    assert job is not None
    return job


async def over(store: Store, job: JobId, attempt: int = 1) -> None:
    """A job fails, and somebody was told."""
    await store.fail(job, attempt, Fault("error-down"))
    await store.deliver(job, attempt)


async def painted(store: Store, name: str = "picture", content: bytes = b"PNG") -> Picture:
    """A picture that was kept."""
    return await store.keep(coming(store, name, content))


async def placed(store: Store, name: str = "picture", content: bytes = b"PNG") -> Picture:
    """A picture for a job that is about to succeed."""
    (picture,) = await store.place(lambda: [coming(store, name, content)])
    return picture


def coming(store: Store, name: str = "picture", content: bytes = b"PNG") -> Picture:
    """A picture on its way, with bytes of its own."""
    file = store.spool / name
    file.write_bytes(content)
    return passing(file, len(content))


def passing(file: Path, size: int = 1) -> Picture:
    """A picture on its way."""
    return Picture(PictureId(file.stem), file, "image/png", 64, 32, size)


APPEND_ONLY = """
    CREATE TRIGGER no_change BEFORE UPDATE OF job, kind, amount, weight, day, booked ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger was changed'); END;
    CREATE TRIGGER no_loss BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger was changed'); END;
"""
"""For SQLite: a ledger that refuses to have what was booked changed or taken away."""

_BOOKED = {
    "queued": [{"hold"}],
    "running": [{"hold"}],
    "unknown": [{"hold"}],
    "delivering": [{"hold", "release"}, {"hold", "settle", "release"}],
    "done": [{"hold", "settle", "release"}],
    "cancelled": [{"hold", "release"}],
    "failed": [{"hold", "release"}, {"hold", "settle", "release"}],
}


def audit(place: Place) -> dict[str, int]:
    """Add the ledger up again. Fails where it does not say what the purse and the jobs say.

    Returns what each account has used, in all.
    """
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    kinds: dict[tuple[str, str], set[str]] = defaultdict(set)
    effect = {"hold": (0, 1, 0), "release": (0, -1, 0), "settle": (1, 0, 0), "grant": (0, 0, 1)}
    for job, account, kind, amount, day in place.rows("SELECT job, account, kind, amount, day FROM ledger"):
        kinds[job, account].add(kind)
        for period in {f"day:{day}" if len(day) > 7 else f"month:{day}", f"month:{day[:7]}"}:
            for column, factor in enumerate(effect[kind]):
                sums[account, period][column] += factor * amount
    rows = place.rows("SELECT account, period, settled, held, granted FROM purse")
    assert {(account, period): figures for account, period, *figures in rows} == dict(sums)
    states = dict(place.rows("SELECT id, state FROM jobs"))
    for (job, account), booked in kinds.items():
        if booked == {"grant"}:
            assert job.startswith("grant:")
            continue
        assert booked in _BOOKED[states[job]], (job, account, states[job], booked)
    used: dict[str, int] = defaultdict(int)
    for (account, period), (settled, held, _) in sums.items():
        used[account] += settled + held if period.startswith("day:") else 0
    return used


@asynccontextmanager
async def running(store: Store, work: Any) -> AsyncIterator[None]:
    """The store's engine at work in the background."""
    import asyncio

    task = asyncio.create_task(store.run(work))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
