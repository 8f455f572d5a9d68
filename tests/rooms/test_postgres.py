"""What is PostgreSQL's own: many processes, lost connections, its schema."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from bot.errors import SetupError, StorageError, StorageUnsure
from bot.i18n import words
from bot.model import JobId, Limit, Post, now
from bot.ports import Caps, Claim, Store
from storage import open_store, postgres, presence, schema, workers
from storage.postgres import Postgres
from storage.transaction import Transaction
from tests import postgres as server
from tests.contract.store_kit import (
    NARROW,
    WIDE,
    PostgresPlace,
    a_job,
    audit,
    begun,
    over,
    placed,
    running,
    submitted,
)

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


@pytest.fixture
def unlucky(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The next commit's answer is lost, with the connection; the commit itself may have ``arrived``."""

    def lose(*, arrived: bool) -> None:
        execute, lost = psycopg.AsyncConnection.execute, False

        async def losing(self: psycopg.AsyncConnection[object], query: object, *more: object) -> object:
            nonlocal lost
            if query != "COMMIT" or lost:
                return await execute(self, query, *more)  # type: ignore[call-overload]
            lost = True
            if arrived:
                await execute(self, "COMMIT")
            await self.close()
            raise psycopg.OperationalError("the connection is lost")

        monkeypatch.setattr(psycopg.AsyncConnection, "execute", losing)

    return lose


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_commit_whose_answer_is_lost_is_asked_for(
    place: PostgresPlace, unlucky: Callable[..., None], arrived: bool
) -> None:
    bodies = 0

    async def body(tx: Transaction) -> None:
        nonlocal bodies
        bodies += 1
        await tx.all("INSERT INTO operators (member, since) VALUES (?, ?)", f"telegram:{bodies}", 1)

    unlucky(arrived=arrived)
    async with Postgres.open(place.url) as database:
        await database.write(body)
    assert bodies == (1 if arrived else 2)
    assert len(place.rows("SELECT member FROM operators")) == 1


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_commit_that_nobody_can_be_asked_about_is_not_said_to_be_undone(
    place: PostgresPlace, unlucky: Callable[..., None], monkeypatch: pytest.MonkeyPatch, arrived: bool
) -> None:
    async def nobody(self: Postgres, number: str) -> None:
        return None

    async def body(tx: Transaction) -> None:
        await tx.all("INSERT INTO operators (member, since) VALUES (?, ?)", "telegram:1", 1)

    unlucky(arrived=arrived)
    monkeypatch.setattr(Postgres, "_fate", nobody)
    monkeypatch.setattr(postgres, "_FATE", 0.05)
    async with Postgres.open(place.url) as database:
        with pytest.raises(StorageUnsure) as told:
            await database.write(body)
    assert "may be charged" in words().say("en", told.value.message_id)
    assert len(place.rows("SELECT member FROM operators")) == arrived


async def test_one_who_fails_takes_nobody_along(place: PostgresPlace) -> None:
    async def insert(tx: Transaction, member: str | None) -> None:
        await tx.all("INSERT INTO operators (member, since) VALUES (?, ?)", member, 1)

    async with Postgres.open(place.url) as database:
        members = ["telegram:1", None, "telegram:1", "telegram:2"]
        writes = (database.write(lambda tx, member=member: insert(tx, member)) for member in members)  # type: ignore[misc]
        done = await asyncio.gather(*writes, return_exceptions=True)
    assert [isinstance(result, StorageError) for result in done] == [False, True, True, False]
    assert place.rows("SELECT member FROM operators ORDER BY member") == [("telegram:1",), ("telegram:2",)]


async def test_what_a_test_leaves_the_next_one_does_not_find(place: PostgresPlace, tmp_path: Path) -> None:
    async with place.open() as store:
        await submitted(store, Limit("pot"), hold=2)
    with psycopg.connect(place.url) as left:
        server.done()
        again = PostgresPlace(tmp_path)
        assert again.url == place.url
        assert again.rows("SELECT count(*) FROM jobs") == [(0,)]
        with pytest.raises(psycopg.OperationalError):
            left.execute("SELECT 1")
    async with again.open() as store:
        await submitted(store)
    assert again.rows("SELECT seq FROM jobs") == [(1,)]
    with psycopg.connect(place.url) as connection:
        connection.execute("ALTER TABLE jobs ADD COLUMN colour TEXT")
    server.done()
    assert PostgresPlace(tmp_path).url != place.url


# --- processes ------------------------------------------------------------------------------


@asynccontextmanager
async def two(place: PostgresPlace, caps: Caps = WIDE, here: int = 10) -> AsyncIterator[tuple[Store, Store]]:
    """Two processes, each with a folder of its own."""
    async with (
        open_store(place.url, place.folder / "one", caps, here=here) as one,
        open_store(place.url, place.folder / "two", caps, here=here) as another,
    ):
        yield one, another


async def test_a_message_is_sent_by_one_process(place: PostgresPlace) -> None:
    async with two(place) as (one, another):
        job = await submitted(one)
        assert await one.claim_post(job.id) == Claim(job)
        assert await another.claim_post(job.id) is None
        await one.leave_post(job.id)
        assert await another.claim_post(job.id) == Claim(job)
        assert await one.claim_post(job.id) is None
        post = Post(job.chat, "7")
        await another.posted(job.id, post)
        assert (found := await one.claim_post(job.id)) is not None
        assert found.job.post == post


async def test_a_message_whose_sender_died_is_sent_by_the_next(place: PostgresPlace) -> None:
    async with place.open() as first:
        job = await submitted(first)
    async with place.open() as second:
        while not (found := await second.claim_post(job.id)):
            await asyncio.sleep(0.01)
        assert found == Claim(job, inherited=True), "who died may have sent one"


async def test_events_of_the_dead_are_served_by_one_of_the_living(place: PostgresPlace) -> None:
    async with two(place) as (one, another):
        async with open_store(place.url, place.folder / "dead") as dead:
            assert await dead.receive("telegram", {"1": b"a", "2": b"b"}) == ["1", "2"]
            assert await one.receive("telegram", {"2": b"b", "3": b"c"}) == ["3"]
            assert await one.pending("telegram") == {"3": b"c"}
        while not await another.pending("telegram"):  # the server needs a moment to see that it is dead
            await asyncio.sleep(0.01)
        found = await asyncio.gather(another.pending("telegram"), another.pending("telegram"))
        assert found == [{"1": b"a", "2": b"b"}] * 2
        assert await one.pending("telegram") == {"3": b"c"}


async def test_a_turn_is_one_s_and_passes_on(place: PostgresPlace) -> None:
    log: list[str] = []

    async def take(store: Store, name: str) -> None:
        async with store.turn("listening"):
            log.append(f"{name} begins")
            await asyncio.sleep(0.1)
            log.append(f"{name} ends")

    async with two(place) as (one, another):
        await asyncio.gather(take(one, "one"), take(another, "another"))
        assert [line.split()[1] for line in log] == ["begins", "ends"] * 2
        assert len({line.split()[0] for line in log}) == 2
        async with one.turn("listening"), another.turn("something else"):
            pass


async def test_a_turn_is_lost_with_the_connection(
    place: PostgresPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "_LOOK", 0.05)
    async with place.open() as store:

        async def listen() -> None:
            async with store.turn("listening"):
                cut(place)
                await asyncio.sleep(10)

        with pytest.raises(StorageError):
            await listen()
        async with store.turn("listening"):
            pass
        job = await submitted(store)
        async with open_store(place.url, place.folder / "another") as another:
            assert await another.claim_post(job.id) is None


async def test_a_picture_is_everybody_s_until_it_is_swept(place: PostgresPlace) -> None:
    async with two(place) as (one, another):
        job = await begun(one)
        done = await one.succeed(job.id, 1, [await placed(one, content=b"PNG" * 200_000)], 0)
        assert done
        (picture,) = done.pictures
        (found,) = (await another.jobs(job.chat))[0].pictures
        assert not found.path.exists()
        await another.at_hand([found])
        assert found.path.read_bytes() == b"PNG" * 200_000
        await one.deliver(job.id, 1)
        assert await one.sweep(now() + timedelta(days=1)) == 1
        monday = (now() - timedelta(days=2)).timestamp()
        assert not picture.path.exists()
        os.utime(found.path, (monday, monday))
        await another.sweep(now() - timedelta(days=30))
        assert not found.path.exists()
        assert place.rows("SELECT count(*) FROM picture_parts") == [(0,)]


async def test_jobs_are_shared_by_two_workers(place: PostgresPlace) -> None:
    done: list[str] = []

    async with two(place, here=2) as (one, another):

        def worker(store: Store, name: str) -> Callable[[JobId], Awaitable[None]]:
            async def work(job: JobId) -> None:
                begun = await store.begin(job)
                assert begun is not None
                await asyncio.sleep(0.02)
                await over(store, job, begun.attempt)
                done.append(name)

            return work

        for _ in range(12):
            await submitted(one)
        async with running(one, worker(one, "one")), running(another, worker(another, "another")):
            async with asyncio.timeout(20):
                while len(done) < 12:
                    await asyncio.sleep(0.02)
    assert len(done) == 12
    assert 4 <= done.count("one") <= 8
    assert place.rows("SELECT DISTINCT state, attempt FROM jobs") == [("failed", 1)]


async def test_what_one_worker_hands_over_another_does(place: PostgresPlace) -> None:
    began, done = asyncio.Event(), asyncio.Event()

    async with two(place) as (one, another):

        async def endless(job: JobId) -> None:
            await one.begin(job)
            began.set()
            await asyncio.Event().wait()

        async def quick(job: JobId) -> None:
            begun = await another.begin(job)
            assert begun is not None
            await over(another, job, begun.attempt)
            done.set()

        job = await submitted(one)
        async with asyncio.timeout(20):
            async with running(one, endless):
                await began.wait()
            async with running(another, quick):
                await done.wait()
    assert place.rows("SELECT state, attempt FROM jobs") == [("failed", 2)]
    assert job.attempt == 0


async def test_a_job_of_a_worker_that_fell_silent_goes_on_elsewhere(
    place: PostgresPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a killed one leaves is put into the rows: a worker that signed long ago, with a job in hand."""
    monkeypatch.setattr(workers, "_TAKE_OVER", 0.1)
    began, done = asyncio.Event(), asyncio.Event()

    async with two(place) as (one, another):

        async def work(job: JobId) -> None:
            begun = await another.begin(job)
            assert begun is not None
            if begun.attempt == 1:
                began.set()
                await asyncio.Event().wait()
            await over(another, job, begun.attempt)
            done.set()

        await submitted(one)
        async with asyncio.timeout(40):
            async with running(one, work):
                await began.wait()
            dead = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '16 s')"
            ((number,),) = place.rows(f"{dead} RETURNING id")
            held = f"UPDATE procrastinate_jobs SET status = 'doing', worker_id = {number} RETURNING id"
            assert len(place.rows(held)) == 1
            async with running(another, work):
                await done.wait()
    assert place.rows("SELECT state, attempt FROM jobs") == [("failed", 2)]


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
