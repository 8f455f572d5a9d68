"""What begins with its own admission, and what is left to the next start."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from bot.errors import TooMany
from bot.model import Fault, JobId, State
from bot.ports import Caps, Store
from storage import turns
from storage.database import Database, Inside
from storage.transaction import Transaction
from tests.contract.store_kit import BEN, SqlitePlace, over, running, submitted

ONE = Caps(running_chat=1, running_member=1, waiting_chat=1, waiting_member=1)


class Work:
    """Remembers each job and its attempt, and is done with it when it is told."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.seen: list[tuple[JobId, int]] = []
        self.let = asyncio.Event()

    async def __call__(self, name: JobId) -> None:
        job = await self._store.begin(name)
        assert job
        self.seen.append((job.id, job.attempt))
        await self.let.wait()
        if job.state is State.RUNNING:
            await over(self._store, name, job.attempt)


@asynccontextmanager
async def at_work(store: Store) -> AsyncIterator[Work]:
    """The store's runner, from the moment on in which it takes what is admitted."""
    work = Work(store)
    async with running(store, work):
        await asyncio.sleep(0)
        yield work


async def until(work: Work, count: int) -> None:
    async with asyncio.timeout(5):
        while len(work.seen) < count:
            await asyncio.sleep(0.005)


async def test_a_job_begins_in_the_transaction_that_admits_it(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path)
    async with place.open(ONE) as store:
        async with at_work(store) as work:
            first = await submitted(store)
            assert (first.state, first.attempt) == (State.RUNNING, 1)
            second = await submitted(store)
            assert (second.state, second.attempt) == (State.QUEUED, 0)
            await until(work, 1)
            work.let.set()
            await until(work, 2)
            assert work.seen == [(first.id, 1), (second.id, 1)]


async def test_one_that_is_refused_after_all_does_not_run(tmp_path: Path) -> None:
    async with SqlitePlace(tmp_path).open(ONE) as store:
        async with at_work(store) as work:
            asked = await asyncio.gather(*(submitted(store) for _ in range(5)), return_exceptions=True)
            assert [type(answer) for answer in asked].count(TooMany) == 3
            await until(work, 1)
            work.let.set()
            await until(work, 2)
            await asyncio.sleep(0.05)
            assert len(work.seen) == 2


async def test_what_nobody_runs_is_left_to_whoever_starts(tmp_path: Path) -> None:
    async with SqlitePlace(tmp_path).open() as store:
        early = await submitted(store)
        assert (early.state, early.attempt) == (State.RUNNING, 0)
        cut_off = Work(store)
        async with running(store, cut_off):
            await until(cut_off, 1)
        work = Work(store)
        work.let.set()
        async with running(store, work):
            await until(work, 1)
        assert cut_off.seen + work.seen == [(early.id, 1), (early.id, 2)]


async def test_one_admitted_anew_while_it_is_still_at_work_runs_once_more_and_never_twice_at_once(
    tmp_path: Path,
) -> None:
    async with SqlitePlace(tmp_path).open() as store:
        async with at_work(store) as work:
            job = await submitted(store)
            await until(work, 1)
            await store.note(job.id, 1, submitted=True, upstream_id="relay-1")
            assert await store.unknown(job.id, 1, Fault("error-down"))
            assert await store.look_again(job.id)
            await asyncio.sleep(0.05)
            assert [name for name, _ in work.seen].count(job.id) == 1
            work.let.set()
            async with asyncio.timeout(5):
                while (job.id, 2) not in work.seen:
                    await asyncio.sleep(0.005)


async def test_nothing_follows_from_a_transaction_that_was_undone(tmp_path: Path) -> None:
    called: list[str] = []

    async def good(tx: Transaction) -> None:
        assert isinstance(tx, Inside)
        tx.afterwards.append(lambda: called.append("good"))

    async def bad(tx: Transaction) -> None:
        assert isinstance(tx, Inside)
        tx.afterwards.append(lambda: called.append("bad"))
        raise KeyError

    async with Database.open(tmp_path / "easel.db") as database:
        await asyncio.gather(database.write(good), database.write(bad), return_exceptions=True)
        assert called == ["good"]
        # Whoever asked is gone, and it happened all the same.
        asked = asyncio.create_task(database.write(good))
        await asyncio.sleep(0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await database.write(good)
        assert called == ["good"] * 3


async def test_a_row_that_can_t_be_read_is_trouble_for_nobody_else(tmp_path: Path) -> None:
    place = SqlitePlace(tmp_path)
    async with place.open(ONE) as store:
        async with at_work(store) as work:
            first, broken = await submitted(store), await submitted(store)
            with closing(sqlite3.connect(place.file)) as connection, connection:
                connection.execute("UPDATE jobs SET request = '{}' WHERE id = ?", (broken.id,))
            await until(work, 1)
            work.let.set()
            another = await submitted(store, chat="telegram:-200", user=BEN)
            await until(work, 2)
            assert work.seen == [(first.id, 1), (another.id, 1)]
            async with asyncio.timeout(5):
                while place.rows("SELECT count(*) FROM jobs WHERE state = 'failed'") != [(2,)]:
                    await asyncio.sleep(0.01)


async def test_a_job_admitted_while_a_start_looks_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    admitting, demand = threading.Event(), turns.demand_patience

    async def slowly(*given: Any) -> Any:
        admitting.set()
        time.sleep(0.1)  # in the database's thread, as on a slow disk
        return await demand(*given)

    monkeypatch.setattr(turns, "demand_patience", slowly)
    async with SqlitePlace(tmp_path).open() as store:
        asked = asyncio.create_task(submitted(store))
        assert await asyncio.to_thread(admitting.wait, 5)
        work = Work(store)
        work.let.set()
        async with running(store, work):
            job = await asked
            await until(work, 1)
            assert work.seen == [(job.id, 1)]


async def test_an_attempt_that_was_overtaken_is_handed_to_nobody(tmp_path: Path) -> None:
    """Somebody presses "look again" in the moment in which the job is worked once more by itself."""
    seen: list[tuple[int, int]] = []
    async with SqlitePlace(tmp_path).open() as store:

        async def work(name: JobId) -> None:
            job = await store.begin(name)
            if job and job.attempt == 1:
                await store.note(name, 1, submitted=True, upstream_id="relay-1")
                await store.unknown(name, 1, Fault("error-down"))
                pressed = asyncio.create_task(store.look_again(name))
                await asyncio.sleep(0)
                job = await store.begin(name)
                await pressed
            latest = await store.job(name)
            assert latest
            if job:
                seen.append((job.attempt, latest.attempt))
                await over(store, name, job.attempt)

        async with running(store, work):
            await asyncio.sleep(0)
            job = await submitted(store)
            async with asyncio.timeout(5):
                while (await store.jobs(job.chat))[0].state.live:
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
    assert seen
    assert all(handed == real for handed, real in seen)
