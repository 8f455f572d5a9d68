"""What is PostgreSQL's own: many processes, lost connections, its schema."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import psycopg
import pytest

from bot.errors import SetupError, StorageError
from bot.model import Limit
from storage import open_store, postgres, schema
from storage.postgres import Postgres
from storage.transaction import Transaction
from tests import postgres as server
from tests.contract.store_kit import NARROW, PostgresPlace, a_job, audit, submitted

pytestmark = pytest.mark.postgresql


@pytest.fixture
def place(tmp_path: Path) -> PostgresPlace:
    return PostgresPlace(tmp_path)


def cut(place: PostgresPlace) -> int:
    """Every connection to the database is closed by the server; how many."""
    others = "pid <> pg_backend_pid() AND datname = current_database()"
    return len(place.rows(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))


async def test_two_processes_share_caps_and_purses(place: PostgresPlace, tmp_path: Path) -> None:
    async with (
        open_store(place.url, tmp_path / "one", NARROW) as one,
        open_store(place.url, tmp_path / "two", NARROW) as two,
    ):
        jobs = (
            store.submit(a_job(hold=1), [Limit("pot", daily=12)]) for _ in range(10) for store in (one, two)
        )
        done = await asyncio.gather(*jobs, return_exceptions=True)
    assert sum(isinstance(result, Exception) for result in done) == 8
    assert audit(place) == {"pot": 12}
    assert place.rows("SELECT count(*) FROM jobs WHERE state = 'running'") == [(1,)]
    assert place.rows("SELECT count(DISTINCT seq), max(seq) FROM jobs") == [(12, 12)]


async def test_a_folder_is_one_process_s(place: PostgresPlace) -> None:
    async with place.open():
        with pytest.raises(SetupError, match="setup-folder-taken"):
            async with place.open():
                pass


async def test_connections_that_were_closed_are_replaced(place: PostgresPlace) -> None:
    async with place.open() as store:
        job = await submitted(store)
        assert cut(place) >= 1
        assert await store.job(job.id) == job
        cut(place)
        await submitted(store, Limit("pot"), hold=2)
    assert audit(place) == {"pot": 2}


async def test_a_transaction_whose_connection_is_cut_is_done_once(place: PostgresPlace) -> None:
    tries = 0

    async def body(tx: Transaction) -> str:
        nonlocal tries
        tries += 1
        await tx.all("INSERT INTO operators (member, since) VALUES (?, ?)", f"telegram:{tries}", 1)
        if tries == 1:
            await asyncio.to_thread(cut, place)
        await tx.one("SELECT 1 AS one")
        return "done"

    async with Postgres.open(place.url) as database:
        assert await database.write(body) == "done"
    assert place.rows("SELECT member FROM operators") == [("telegram:2",)]


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_commit_whose_answer_is_lost_is_asked_for(
    place: PostgresPlace, monkeypatch: pytest.MonkeyPatch, arrived: bool
) -> None:
    bodies, execute = 0, psycopg.AsyncConnection.execute
    lost = False

    async def unlucky(self: psycopg.AsyncConnection[object], query: object, *more: object) -> object:
        nonlocal lost
        if query != "COMMIT" or lost:
            return await execute(self, query, *more)  # type: ignore[call-overload]
        lost = True
        if arrived:
            await execute(self, "COMMIT")
        await self.close()
        raise psycopg.OperationalError("the connection is lost")

    async def body(tx: Transaction) -> None:
        nonlocal bodies
        bodies += 1
        await tx.all("INSERT INTO operators (member, since) VALUES (?, ?)", f"telegram:{bodies}", 1)

    monkeypatch.setattr(psycopg.AsyncConnection, "execute", unlucky)
    async with Postgres.open(place.url) as database:
        await database.write(body)
    assert bodies == (1 if arrived else 2)
    assert len(place.rows("SELECT member FROM operators")) == 1


async def test_one_who_fails_takes_nobody_along(place: PostgresPlace) -> None:
    async def insert(tx: Transaction, member: str | None) -> None:
        await tx.all("INSERT INTO operators (member, since) VALUES (?, ?)", member, 1)

    async with Postgres.open(place.url) as database:
        members = ["telegram:1", None, "telegram:1", "telegram:2"]
        writes = (database.write(lambda tx, member=member: insert(tx, member)) for member in members)  # type: ignore[misc]
        done = await asyncio.gather(*writes, return_exceptions=True)
    assert [isinstance(result, StorageError) for result in done] == [False, True, True, False]
    assert place.rows("SELECT member FROM operators ORDER BY member") == [("telegram:1",), ("telegram:2",)]


# --- the schema -----------------------------------------------------------------------------


def test_all_who_start_at_once_find_the_schema_applied_once(place: PostgresPlace) -> None:
    from concurrent.futures import ThreadPoolExecutor

    empty = server.database(f"empty-{place.url.partition('store-')[2][:8]}")
    with ThreadPoolExecutor(4) as starting:
        list(starting.map(postgres.bring_up_to_date, [empty] * 4))
    with psycopg.connect(empty) as connection:
        names = connection.execute("SELECT migration_id FROM _yoyo_migration ORDER BY 1").fetchall()
    assert names == [(file.stem,) for file in sorted(schema.FOLDER.glob("*.sql"))]


def test_an_older_program_stops_before_a_newer_database(place: PostgresPlace, tmp_path: Path) -> None:
    newer = tmp_path / "migrations"
    shutil.copytree(schema.FOLDER, newer)
    (newer / "0900_colours.sql").write_text("CREATE TABLE colours (name TEXT NOT NULL);")
    postgres.bring_up_to_date(place.url, newer)
    postgres.bring_up_to_date(place.url, newer)
    assert place.rows("SELECT * FROM colours") == []
    with pytest.raises(SetupError, match="setup-database-newer"):
        postgres.bring_up_to_date(place.url)


def test_a_migration_that_fails_changes_nothing(place: PostgresPlace, tmp_path: Path) -> None:
    broken = tmp_path / "migrations"
    shutil.copytree(schema.FOLDER, broken)
    (broken / "0900_half.sql").write_text("CREATE TABLE half (name TEXT);\nCREATE TABLE jobs (name TEXT);")
    with pytest.raises(SetupError, match="setup-server-failed"):
        postgres.bring_up_to_date(place.url, broken)
    assert place.rows("SELECT 1 FROM information_schema.tables WHERE table_name = 'half'") == []
    postgres.bring_up_to_date(place.url)


def test_a_database_of_some_other_program_is_left_alone(tmp_path: Path) -> None:
    other = server.database(f"other-{tmp_path.name}-{tmp_path.stat().st_ino}")
    with psycopg.connect(other) as connection:
        connection.execute("CREATE TABLE jobs (id INT)")
    with pytest.raises(SetupError, match="setup-database-broken"):
        postgres.bring_up_to_date(other)
