"""A database or a disk that refuses: at every single write, for a moment or for longer, nothing is lost."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.clock import Clock
from bot.errors import StorageError
from bot.model import State
from bot.ports import FINE
from storage.condition import Condition, _word
from tests.contract.store_kit import SqlitePlace, audit, begun, painted
from tests.fakes.painter import CENT
from tests.rooms.conftest import House
from tests.rooms.test_core import done, says, used


def full() -> StorageError:
    error = StorageError()
    error.__cause__ = sqlite3.OperationalError("database or disk is full")
    error.__cause__.sqlite_errorname = "SQLITE_FULL"
    return error


def refusing(house: House, refused: range) -> Callable[[], int]:
    """Writes with these numbers are refused. Gives the count of all writes so far."""
    write, count = house.store.database.write, 0  # type: ignore[attr-defined]  # a disk can't be made full here

    async def counted(*args: Any) -> Any:
        nonlocal count
        count += 1
        if count - 1 in refused:
            raise full()
        return await write(*args)

    house.store.database.write = counted  # type: ignore[attr-defined]
    return lambda: count


async def asked_until_served(house: House) -> int:
    """Somebody asks, again where they were told that nothing was charged. How often they asked."""
    for tries in range(1, 9):
        await house.stage.say("/imagine a fox")
        if not any(says("nothing was charged")(reply) for reply in house.stage.shown()):
            await house.stage.until(done)
            return tries
        house.stage.messages.clear()
    raise AssertionError("never served")


async def refused_at(folder: Path, refused: range) -> int:
    async with House(folder).lives() as house:
        writes = refusing(house, refused)
        await asked_until_served(house)
        async with asyncio.timeout(10):
            while not (ended := await house.store.jobs(_group(house), states=(State.DONE,))):
                await asyncio.sleep(0.01)
        assert [job.cost for job in ended] == [CENT]
        assert await used(house) == (CENT, 0)
        assert len(house.painter.submits) == 1
        assert len(house.stage.messages) == 1
    audit(SqlitePlace(folder))
    return writes()


def _group(house: House) -> Any:
    return next(iter(house.stage.messages.values())).chat


async def test_a_write_that_is_refused_once_or_thrice_costs_nothing_but_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whichever write of a job's life it is: one order, one message, one charge, and the books are right."""
    monkeypatch.setattr("storage.runners._AGAIN", 0.02)
    monkeypatch.setattr("bot.patience._PACE", 0.02)
    with caplog.at_level(logging.CRITICAL):
        undisturbed = await refused_at(tmp_path / "calm", range(0))
        assert undisturbed >= 6
        moments = [range(at, at + long) for at in range(undisturbed) for long in (1, 3)]
        await asyncio.gather(*(refused_at(tmp_path / f"{m.start}-{len(m)}", m) for m in moments))


async def test_a_job_is_worked_again_until_storage_takes_it_and_else_a_few_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("storage.runners._AGAIN", 0.0)
    seen: dict[str, int] = {"tired": 0, "broken": 0}

    async with SqlitePlace(tmp_path).open() as store:
        tired, _ = await begun(store), await begun(store)

        async def work(job: str) -> None:
            name = "tired" if job == tired.id else "broken"
            seen[name] += 1
            if name == "broken":
                raise RuntimeError("inside")
            if seen[name] < 20:
                raise full()

        with caplog.at_level(logging.CRITICAL):
            task = asyncio.create_task(store.run(work))
            async with asyncio.timeout(5):
                while seen != {"tired": 20, "broken": 5}:
                    await asyncio.sleep(0)
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    assert seen == {"tired": 20, "broken": 5}


# --- how storage is -------------------------------------------------------------------------


async def test_storage_says_how_it_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    place = SqlitePlace(tmp_path)
    async with place.open() as store:
        assert store.condition == FINE
        with caplog.at_level(logging.INFO):
            sql = store.database._writer  # type: ignore[attr-defined]  # the disk's size is not in the port
            await sql.execute_fetchall("PRAGMA query_only = ON")
            await store.probe()
            assert store.condition == "read-only"
            await store.probe()
            await sql.execute_fetchall("PRAGMA query_only = OFF")
            await begun(store)
            assert store.condition == FINE
        said = [record.message for record in caplog.records if record.name == "storage.condition"]
        assert len(said) == 2, "once when it begins, once when it is over"
        await store.probe()
    assert not list((tmp_path / "spool").iterdir())


async def test_a_row_that_is_taken_does_not_mean_that_a_file_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async with SqlitePlace(tmp_path).open() as store:
        with caplog.at_level(logging.CRITICAL), monkeypatch.context() as context:
            context.setattr("storage.pictures._second_name", refuse)
            with suppress(StorageError):
                await painted(store)
            assert store.condition == "full"
            await begun(store)
            assert store.condition == "full"
        await painted(store)
        assert store.condition == FINE


def test_a_row_that_still_fits_is_no_room_again() -> None:
    condition = Condition()
    with suppress(StorageError), condition.watched():
        raise full()
    with condition.watched():
        pass
    assert condition.word == "full"
    with condition.watched(files=True):
        pass
    assert condition.word == FINE


@pytest.mark.parametrize(
    ("cause", "word"),
    [
        (OSError(errno.EROFS, "read-only"), "read-only"),
        (OSError(errno.EIO, "input/output error"), "failing"),
        (ConnectionError("gone"), "failing"),
        (LookupError("a server's driver"), "unreachable"),
        (None, "unreachable"),
        (TimeoutError("what came of a commit was not to be learnt"), "unreachable"),
        (psycopg.OperationalError("gone"), "unreachable"),
        (psycopg.errors.AdminShutdown("restarts"), "unreachable"),
        (psycopg.errors.DiskFull("no space"), "full"),
        (psycopg.errors.ReadOnlySqlTransaction("a replica"), "read-only"),
        (psycopg.errors.LockNotAvailable("somebody else"), "locked"),
        (psycopg.errors.DataCorrupted("bits"), "damaged"),
        (psycopg.errors.UndefinedTable("no such table"), "failing"),
    ],
)
def test_a_word_for_each_trouble(cause: Exception | None, word: str) -> None:
    assert _word(cause) == word


# --- the clock ------------------------------------------------------------------------------


def test_a_clock_that_is_set_is_noticed(caplog: pytest.LogCaptureFixture) -> None:
    passed, set_by = 0.0, timedelta()
    start = datetime(2026, 11, 21, tzinfo=UTC)
    clock = Clock(lambda: start + timedelta(seconds=passed) + set_by, lambda: passed)
    assert clock.steady_for(3600)
    with caplog.at_level(logging.WARNING):
        passed = 9000.0
        set_by = timedelta(minutes=4)  # what a time server does
        clock.look()
        assert clock.steady_for(3600)
        assert not caplog.records
        for jump in (timedelta(hours=7), timedelta(hours=-9)):
            set_by += jump
            clock.look()
            assert not clock.steady_for(3600)
            passed += 3599
            clock.look()
            assert not clock.steady_for(3600)
            passed += 1
            assert clock.steady_for(3600)
    assert [record.args for record in caplog.records] == [(7.0,), (-9.0,)]
