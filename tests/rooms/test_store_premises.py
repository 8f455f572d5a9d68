"""Opening a store: what can be wrong with a folder or a file, and what a killed process leaves."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import SetupError, StorageError
from bot.i18n import words
from bot.model import Job, Limit, Picture, State, now
from storage import open_store, schema
from tests.contract.store_kit import (
    ANN,
    BEN,
    NARROW,
    SqlitePlace,
    audit,
    begun,
    over,
    painted,
    passing,
    placed,
    submitted,
)


@pytest.fixture
def place(tmp_path: Path) -> SqlitePlace:
    return SqlitePlace(tmp_path, made=True)


async def refusal(url: str, folder: Path) -> SetupError:
    with pytest.raises(SetupError) as refused:
        async with open_store(url, folder):
            pass
    for language in words().languages:
        assert "{" not in words().say(language, refused.value.sentence, **refused.value.params)
    return refused.value


def remember(place: SqlitePlace) -> None:
    asyncio.run(_remember(place))


async def _remember(place: SqlitePlace) -> None:
    async with place.open() as store:
        await submitted(store, Limit("pot"), hold=3)


# --- where ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["easel.db", "mysql://ann:secret@host/db", "sqlite:///", "sqlite:///:memory:", ""]
)
async def test_a_url_that_is_not_known(url: str, tmp_path: Path) -> None:
    refused = await refusal(url, tmp_path)
    assert refused.sentence == "setup-store-url"
    assert "secret" not in str(refused.params)


async def test_postgresql_without_what_speaks_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("storage.postgres", raising=False)
    monkeypatch.setitem(sys.modules, "storage.postgres", None)
    refused = await refusal("postgresql://ann:secret@host/db", tmp_path)
    assert refused.sentence == "setup-postgresql-missing"


@pytest.mark.parametrize("place", ["127.0.0.1:1/db", "127.0.0.1:1/db?connect_timeout=1", "%zz/db"])
async def test_a_server_that_is_not_there(place: str, tmp_path: Path) -> None:
    refused = await refusal(f"postgresql://ann:sesame@{place}", tmp_path)
    assert refused.sentence in ("setup-server-failed", "setup-store-url")
    assert "sesame" not in str(refused.params)


async def test_a_relative_path_and_odd_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    odd = "50% of #1? [画]"
    for _ in range(2):
        async with open_store(f"sqlite:///{odd}/{odd}.db", Path(odd)) as store:
            await painted(store)
    assert (tmp_path / odd / f"{odd}.db").is_file()
    assert len(list((tmp_path / odd / "pictures").iterdir())) == 2


async def test_files_are_for_their_owner_alone(place: SqlitePlace) -> None:
    folder = place.folder / "data"
    async with open_store(place.url, folder) as store:
        await submitted(store)
        assert folder.stat().st_mode & 0o077 == 0
        assert all(file.stat().st_mode & 0o077 == 0 for file in place.folder.glob("easel.db*"))


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = await refusal(f"sqlite:///{tmp_path}/easel.db", tmp_path / "file" / "data")
    assert refused.sentence == "setup-folder"
    assert str(tmp_path / "file") in str(refused.params["path"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert (await refusal(f"sqlite:///{tmp_path}/easel.db", tmp_path)).sentence == "setup-folder"


async def test_a_database_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "easel.db").mkdir()
    assert (await refusal(f"sqlite:///{tmp_path}/easel.db", tmp_path)).sentence == "setup-database-failed"


# --- what --------------------------------------------------------------------------------------


async def test_a_file_that_is_no_database(place: SqlitePlace) -> None:
    place.file.write_bytes(b"once upon a time " * 1000)
    assert (await refusal(place.url, place.folder)).sentence == "setup-database-broken"
    assert place.file.read_bytes() == b"once upon a time " * 1000


async def test_a_database_of_some_other_program(place: SqlitePlace) -> None:
    with closing(sqlite3.connect(place.file)) as connection:
        connection.execute("CREATE TABLE jobs (id)")
    assert (await refusal(place.url, place.folder)).sentence == "setup-database-broken"


def test_a_damaged_database(place: SqlitePlace) -> None:
    remember(place)
    size = place.file.stat().st_size
    with place.file.open("r+b") as file:
        file.seek(100)
        file.write(random.Random(1).randbytes(size - 100))
    assert asyncio.run(refusal(place.url, place.folder)).sentence == "setup-database-broken"


async def test_a_database_that_somebody_else_keeps_locked(
    place: SqlitePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _remember(place)
    monkeypatch.setattr("storage.database.BUSY_MS", 20)
    with closing(sqlite3.connect(place.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = await refusal(place.url, place.folder)
    assert refused.sentence == "setup-database-failed"
    assert "locked" in str(refused.params["reason"])
    await _remember(place)


# --- migrations -----------------------------------------------------------------------------


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The migrations of an Easel to come."""
    folder = tmp_path / "migrations [1]"
    shutil.copytree(schema.FOLDER, folder)
    (folder / "0900_colours.sql").write_text(
        "CREATE TABLE colours (name TEXT NOT NULL);\nINSERT INTO colours VALUES ('red; green');\n"
        "ALTER TABLE chats ADD COLUMN colour TEXT;\n"
    )
    return folder


def test_an_old_database_is_brought_up_to_date_after_a_copy(place: SqlitePlace, newer: Path) -> None:
    remember(place)
    schema.bring_up_to_date(place.file, newer)
    schema.bring_up_to_date(place.file, newer)
    assert place.rows("SELECT name FROM colours") == [("red; green",)]
    assert audit(place) == {"pot": 3}
    (copy,) = place.folder.glob("*.before-*")
    assert copy.name == "easel.db.before-0900_colours"
    assert copy.stat().st_mode & 0o077 == 0
    shutil.copy(copy, place.file)  # what the sentence for a newer database advises
    remember(place)
    assert audit(place) == {"pot": 6}


def test_of_the_copies_before_changes_the_latest_three_are_kept(place: SqlitePlace, newer: Path) -> None:
    remember(place)
    bystander = place.file.with_name("easel.db.before-christmas")
    bystander.touch()
    for number in range(900, 905):
        (newer / f"0{number}_x.sql").write_text(f"CREATE TABLE t{number} (name TEXT);\n")
        schema.bring_up_to_date(place.file, newer)
    kept = sorted(copy.name.removeprefix("easel.db.before-") for copy in place.folder.glob("*.before-0*"))
    assert kept == ["0902_x", "0903_x", "0904_x"]
    assert bystander.exists()


def test_a_database_newer_than_the_program_is_left_alone(place: SqlitePlace, newer: Path) -> None:
    remember(place)
    schema.bring_up_to_date(place.file, newer)
    before = place.file.read_bytes()
    assert asyncio.run(refusal(place.url, place.folder)).sentence == "setup-database-newer"
    assert place.file.read_bytes() == before


def test_a_migration_that_fails_leaves_no_trace(place: SqlitePlace, newer: Path) -> None:
    remember(place)
    (newer / "0901_broken.sql").write_text("DROP TABLE operators;\nINSERT INTO nowhere VALUES (1);\n")
    with pytest.raises(SetupError):
        schema.bring_up_to_date(place.file, newer)
    remember(place)
    assert place.rows("SELECT name FROM sqlite_master WHERE name = 'colours'") == []
    (newer / "0901_broken.sql").unlink()
    schema.bring_up_to_date(place.file, newer)
    assert audit(place) == {"pot": 6}


def test_a_lock_that_a_killed_migration_left(place: SqlitePlace) -> None:
    with closing(sqlite3.connect(place.file)) as connection:
        connection.execute(
            "CREATE TABLE yoyo_lock (locked INT DEFAULT 1, ctime TIMESTAMP, pid INT, PRIMARY KEY (locked))"
        )
        connection.execute("INSERT INTO yoyo_lock (locked, pid) VALUES (1, 1)")
        connection.commit()
    remember(place)
    assert audit(place) == {"pot": 3}


# --- other processes, and their end ---------------------------------------------------------


async def test_two_easels_in_one_process(place: SqlitePlace) -> None:
    async with place.open():
        assert (await refusal(place.url, place.folder)).sentence == "setup-already-running"
        link = place.folder / "elsewhere" / "link.db"
        link.parent.mkdir()
        link.symlink_to(place.file)
        assert (await refusal(f"sqlite:///{link}", link.parent)).sentence == "setup-already-running"
    async with place.open():
        pass


@pytest.mark.parametrize("name", ["easel", "lock", "spool.db"])
async def test_a_database_that_is_named_like_a_file_of_ours(tmp_path: Path, name: str) -> None:
    async with open_store(f"sqlite:///{tmp_path}/{name}", tmp_path) as store:
        await submitted(store)


# --- a disk that refuses --------------------------------------------------------------------


async def test_a_full_disk_changes_nothing(place: SqlitePlace) -> None:
    async with place.open() as store:
        await submitted(store, Limit("pot"), hold=3)
        sql = store.database._writer  # type: ignore[attr-defined]  # the disk's size is not in the port
        ((pages,),) = await sql.execute_fetchall("PRAGMA page_count")
        await sql.execute_fetchall(f"PRAGMA max_page_count = {pages}")
        tries = [submitted(store, Limit("pot"), hold=3) for _ in range(50)]
        results = await asyncio.gather(*tries, return_exceptions=True)
        errors = [result for result in results if not isinstance(result, Job)]
        assert errors
        assert all(isinstance(error, StorageError) for error in errors)
        assert isinstance(errors[0].__cause__, sqlite3.OperationalError)
        jobs = 1 + len(results) - len(errors)
        assert len(place.rows("SELECT id FROM jobs")) == jobs
        assert (await store.standing(["pot"]))[0].held == 3 * jobs
        await sql.execute_fetchall("PRAGMA max_page_count = 1000000")
        await submitted(store, Limit("pot"), user=BEN, hold=3)
    audit(place)


async def test_a_picture_that_is_not_there(place: SqlitePlace) -> None:
    async with place.open() as store:
        with pytest.raises(StorageError):
            await store.keep(passing(store.spool / "nothing"))


async def test_a_picture_whose_row_is_refused_leaves_nothing_and_is_tried_again(place: SqlitePlace) -> None:
    async with place.open() as store:
        sql = store.database._writer  # type: ignore[attr-defined]  # the disk's size is not in the port
        ((pages,),) = await sql.execute_fetchall("PRAGMA page_count")
        await sql.execute_fetchall(f"PRAGMA max_page_count = {pages}")
        tries = await asyncio.gather(*(painted(store) for _ in range(500)), return_exceptions=True)
        kept = {made.name for made in tries if isinstance(made, Picture)}
        assert len(kept) < len(tries)
        assert {file.name for file in (place.folder / "pictures").iterdir()} == kept
        await sql.execute_fetchall("PRAGMA max_page_count = 1000000")
        assert (await store.keep(passing(store.spool / "picture"))).path.read_bytes() == b"PNG"


async def test_a_picture_that_cannot_be_moved_leaves_nothing(place: SqlitePlace) -> None:
    async with place.open() as store:
        file = store.spool / "a"
        file.write_bytes(b"a")
        pictures = place.folder / "pictures"
        pictures.rename(place.folder / "elsewhere")
        with pytest.raises(StorageError):
            await store.keep(passing(file))
        with pytest.raises(StorageError):
            await store.place(lambda: [passing(file)])
        assert place.rows("SELECT id FROM pictures") == []
        pictures.mkdir()
        (picture,) = await store.place(lambda: [passing(file)])
        assert picture.path.read_bytes() == b"a"


async def test_pictures_whose_rows_are_refused_wait_for_them(place: SqlitePlace) -> None:
    async with place.open() as store:
        job = await begun(store)
        sql = store.database._writer  # type: ignore[attr-defined]  # the disk's size is not in the port
        await sql.execute_fetchall(
            "CREATE TRIGGER full BEFORE INSERT ON pictures BEGIN SELECT RAISE(ABORT, ''); END"
        )
        ready = [await placed(store, name) for name in ("a", "b")]
        for _ in range(3):
            with pytest.raises(StorageError):
                await store.succeed(job.id, 1, ready, 0)
        still = await store.job(job.id)
        assert still
        assert still.state is State.RUNNING
        await sql.execute_fetchall("DROP TRIGGER full")
        done = await store.succeed(job.id, 1, ready, 0)
        assert done
        assert list(done.pictures) == ready
        assert {file.name for file in (place.folder / "pictures").iterdir()} == {one.name for one in ready}


async def test_a_picture_whose_job_never_came_to_it_is_swept(place: SqlitePlace) -> None:
    async with place.open() as store:
        left = await placed(store)
        await store.sweep(now())
        assert left.path.exists()
        os.utime(left.path, (1, 1))
        await store.sweep(now() - timedelta(days=1))
        assert not left.path.exists()


async def test_a_store_that_was_closed(place: SqlitePlace) -> None:
    async with place.open() as store:
        job = await begun(store)
    with pytest.raises(StorageError):
        await store.job(job.id)
    with pytest.raises(StorageError):
        await store.cancel(job.id)


async def test_the_engine_outlives_a_bad_moment(
    place: SqlitePlace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("storage.runners._AGAIN", 0.01)
    ran = asyncio.Event()

    async def work(job: str) -> None:
        ran.set()

    async with place.open() as store:
        runner = store.runner  # type: ignore[attr-defined]  # a disk can't be made to fail for a moment
        look, moments = runner._left, iter([StorageError()])

        async def left() -> object:
            for error in moments:
                raise error
            return await look()

        monkeypatch.setattr(runner, "_left", left)
        await submitted(store)
        with caplog.at_level(logging.CRITICAL):
            task = asyncio.create_task(store.run(work))
            await asyncio.wait_for(ran.wait(), 5)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


# --- cost -----------------------------------------------------------------------------------


async def steps_of_a_submit(place: SqlitePlace) -> int:
    """SQLite's own count of instructions for a submit, and for a look at what is live."""
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += 1

    async with place.open(NARROW) as store:
        await begun(store)
        for connection in (store.database._writer, store.database.read._connection):  # type: ignore[attr-defined]
            await connection.set_progress_handler(count, 1)
        job = await submitted(store, Limit("pot", daily=1000), user=ANN, hold=1)
        await store.jobs(job.chat.home, states=[State.QUEUED, State.RUNNING])
        await store.waiting(job.chat.home)
        await store.overview()
        await store.cancel(job.id)
    return counted


async def test_a_long_history_costs_a_submit_nothing(tmp_path: Path) -> None:
    costs = []
    for history in (50, 5_000):
        place = SqlitePlace(tmp_path / str(history))
        async with place.open() as store:
            job = await begun(store)
            await over(store, job.id)
        columns = [name for (name,) in place.rows("SELECT name FROM pragma_table_info('jobs')")]
        values = ", ".join(
            {"id": "'old' || n", "seq": "n + 1", "invocation": "'old' || n"}.get(c, c) for c in columns
        )
        with closing(sqlite3.connect(place.file)) as connection:
            connection.execute(
                f"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {history}) "
                f"INSERT INTO jobs ({', '.join(columns)}) SELECT {values} FROM jobs, c"
            )
            connection.commit()
        costs.append(await steps_of_a_submit(place))
    assert costs[0] > 100
    assert costs[1] <= costs[0] * 1.1
