"""Easel's own process on a disk that is full, a database that is locked or gone, and a clock that jumps.

It says so, answers honestly, loses nothing that it accepted, and goes on by itself when it can.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.i18n import words
from bot.model import new_id
from storage import schema
from tests import postgres
from tests.fakes.telegram import Message, Person, Place
from tests.forkserver import free_port
from tests.whole.house import eventually
from tests.whole.jumping import set_clock
from tests.whole.towns import TelegramTown, discord_town, telegram_town

pytestmark = [pytest.mark.whole, pytest.mark.timeout(240)]
LONG = 60.0
"""Seconds, on a machine that is busy."""

CORGI = "/imagine a corgi in a space suit"
NOTHING_CHARGED = words().say("en", "error-storage")


async def condition(town: TelegramTown) -> str:
    _, health = await town.house.health()
    return str(health["storage"]) if health else "gone"


async def becomes(town: TelegramTown, *expected: str) -> None:
    """What ``/health`` says of storage, with its status."""
    async with asyncio.timeout(LONG):
        while (now := await condition(town)) not in expected:
            assert town.house.alive, town.house.log
            await asyncio.sleep(0.05)
    status, _ = await town.house.health()
    assert (status == 200) == (now == "ok")


async def in_order(town: TelegramTown) -> None:
    """Nothing leaked, and the books are right."""
    assert town.house.leaks() == []
    assert "Traceback" not in town.house.log
    status, said = await town.house.easel("audit")
    assert status == 0, said
    assert "Everything fits." in said


async def ordered(town: TelegramTown, home: Place, ada: Person, prompt: str = CORGI) -> Message:
    """A request of which the relay has begun to paint the picture, and is asked for it."""
    polled = town.relay.calls["poll"]
    asked = town.fake.say(home, ada, prompt)
    await eventually(lambda: town.relay.calls["poll"] > polled, LONG)
    return asked


# --- a full disk ----------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of eight megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mounting, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Take all the room there is; the file that has it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return ballast


def on(disk: Path) -> dict[str, str]:
    return {"STORE_URL": f"sqlite:///{disk}/easel.db"}


async def test_a_full_disk_before_a_request(tmp_path: Path, disk: Path) -> None:
    """What can't be written down stays at Telegram, and is served once there is room."""
    async with telegram_town(tmp_path / "home", **on(disk)) as town:
        ada, home = town.somebody()
        await town.painted(town.fake.say(home, ada, CORGI), seconds=LONG)
        spent = town.spent
        ballast = fill(disk)
        asked = [town.fake.say(home, ada, f"{CORGI} {number}") for number in range(3)]
        await becomes(town, "full")
        assert "storage is full" in town.house.log
        assert spent.now == (0, 0)
        ballast.unlink()
        for each in asked:
            await town.painted(each, LONG)
        await becomes(town, "ok")
        assert "storage takes everything again" in town.house.log
        assert spent.now == (3, 3)
        assert sum(said.media is not None for said in town.fake.answers(home)) == 4
        await in_order(town)


@asynccontextmanager
async def full_while_ordered(tmp_path: Path, disk: Path) -> AsyncIterator[tuple[TelegramTown, Message, Path]]:
    """The disk fills up while a picture is made: the town, who asked, the file that has all the room."""
    async with telegram_town(tmp_path / "home", **on(disk)) as town:
        ada, home = town.somebody()
        town.relay.delay, spent = 1.5, town.spent
        asked = await ordered(town, home, ada)
        ballast = fill(disk)
        await becomes(town, "full")
        yield town, asked, ballast
        assert spent.now == (1, 1)
        await in_order(town)


async def test_a_full_disk_while_a_picture_is_made(tmp_path: Path, disk: Path) -> None:
    """It is fetched again by its order's id, once there is room for it."""
    async with full_while_ordered(tmp_path, disk) as (town, asked, ballast):
        assert town.house.alive
        ballast.unlink()
        await town.painted(asked, LONG)
        assert len(town.answers(asked)) == 1
        await becomes(town, "ok")


async def test_a_kill_while_the_disk_is_full(tmp_path: Path, disk: Path) -> None:
    async with full_while_ordered(tmp_path, disk) as (town, asked, ballast):
        await town.house.kill()
        await town.house.launch()
        while town.house.alive and await condition(town) == "gone":
            await asyncio.sleep(0.05)  # with no room at all it may start, or say what is wrong and end
        ballast.unlink()
        if not town.house.alive:
            await town.house.start()
        await town.painted(asked, LONG)


async def test_discord_is_told_that_nothing_was_charged(tmp_path: Path, disk: Path) -> None:
    """An interaction is not kept for later: who asked reads what is the matter."""
    async with discord_town(tmp_path / "home", **on(disk)) as town:
        room, (ada,) = town.club()
        spent = town.spent
        ballast = fill(disk)
        ask = await town.fake.slash(room, ada, "imagine", prompt="a corgi")
        async with asyncio.timeout(LONG):
            while not [said for said in room.messages if NOTHING_CHARGED in said.content]:
                await asyncio.sleep(0.05)
        status, health = await town.house.health()
        assert (status, health["storage"]) == (503, "full")
        ballast.unlink()
        ask = await town.fake.slash(room, ada, "imagine", prompt="a corgi")
        await town.painted(ask, seconds=LONG)
        assert spent.now == (1, 1)


# --- locked, read-only ----------------------------------------------------------------------


@asynccontextmanager
async def locked(file: Path) -> AsyncIterator[None]:
    """Another program has the database to itself."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


async def test_a_database_that_is_locked_for_a_moment_and_for_long(tmp_path: Path) -> None:
    async with telegram_town(tmp_path) as town:
        ada, home = town.somebody()
        spent = town.spent
        async with locked(tmp_path / "easel.db"):
            asked = town.fake.say(home, ada, CORGI)
            await asyncio.sleep(1.0)
            assert await condition(town) == "ok"
        await town.painted(asked, seconds=LONG)
        town.relay.delay = 1.0
        before = await ordered(town, home, ada, f"{CORGI} before")
        async with locked(tmp_path / "easel.db"):
            after = town.fake.say(home, ada, f"{CORGI} after")
            await becomes(town, "locked")
        await town.painted(before, LONG)
        await town.painted(after, LONG)
        assert spent.now == (3, 3)
        await becomes(town, "ok")
        await in_order(town)


def immutable(files: list[Path], *, yes: bool) -> bool:
    said = subprocess.run(
        ["chattr", "+i" if yes else "-i", *map(str, files)], check=False, capture_output=True
    )
    return said.returncode == 0


async def test_files_that_can_not_be_written_any_more(tmp_path: Path) -> None:
    if os.geteuid() or not shutil.which("chattr"):
        pytest.skip("only root may make files immutable")
    async with telegram_town(tmp_path) as town:
        ada, home = town.somebody()
        await town.painted(town.fake.say(home, ada, CORGI), seconds=LONG)
        spent = town.spent
        # Not the -shm: the system kills whoever writes to memory that a file no longer takes.
        files = [tmp_path / name for name in ("easel.db", "easel.db-wal", "spool", "pictures")]
        if not immutable(files, yes=True):
            pytest.skip("this file system has no immutable files")
        try:
            asked = town.fake.say(home, ada, CORGI)
            await becomes(town, "read-only")
        finally:
            immutable(files, yes=False)
        await town.painted(asked, LONG)
        assert spent.now == (1, 1)
        await becomes(town, "ok")
        await in_order(town)


async def test_a_disk_that_is_read_only_at_the_start(tmp_path: Path, disk: Path) -> None:
    async with telegram_town(tmp_path / "home", **on(disk)) as town:
        ada, home = town.somebody()
        await town.painted(town.fake.say(home, ada, CORGI), seconds=LONG)
        await town.house.stop()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        assert "Read-only file system" in await refused(town)
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        await town.house.start()
        await town.painted(town.fake.say(home, ada, CORGI), seconds=LONG)
        await in_order(town)


# --- a database of another version ----------------------------------------------------------


async def refused(town: TelegramTown) -> str:
    """It says why it can't be started, in a sentence, and ends; what it says."""
    before = len(town.house.log)
    await town.house.launch()
    assert await town.house.ended(LONG) == 1
    said = town.house.log[before:]
    assert "Traceback" not in said
    return said


async def test_a_database_of_an_older_easel_and_of_a_newer_one(tmp_path: Path, disk: Path) -> None:
    """A copy is made before it is changed; where there is no room for one, nothing is changed."""
    async with telegram_town(tmp_path / "home", **on(disk)) as town:
        await town.house.stop()
        file, first = disk / "easel.db", tmp_path / "first"
        file.unlink()
        first.mkdir()
        shutil.copy(schema.FOLDER / "0001_house.sql", first)
        schema.bring_up_to_date(file, first)
        with closing(sqlite3.connect(file)) as old, old:
            old.execute(
                "INSERT INTO chats (home, title, language, size, quality, model, access) "
                "VALUES ('telegram:-1', 'From back then', '', '', '', '', 'asked')"
            )
        as_it_was, ballast = file.read_bytes(), fill(disk)
        assert str(file) in await refused(town)
        assert file.read_bytes() == as_it_was
        ballast.unlink()
        await town.house.start()
        ada, home = town.somebody()
        await town.painted(town.fake.say(home, ada, CORGI), seconds=LONG)
        await in_order(town)
        (copy,) = disk.glob("easel.db.before-*")
        with closing(sqlite3.connect(copy)) as kept, closing(sqlite3.connect(file)) as now:
            title = "SELECT title FROM chats WHERE home = 'telegram:-1'"
            assert kept.execute(title).fetchall() == now.execute(title).fetchall() == [("From back then",)]
            (applied,) = kept.execute("SELECT count(*) FROM _yoyo_migration").fetchone()
            assert applied == 1
        await town.house.stop()
        with closing(sqlite3.connect(file)) as newer, newer:
            newer.execute("UPDATE _yoyo_migration SET migration_id = '9999_of_a_newer_easel' WHERE rowid = 1")
        as_it_is = file.read_bytes()
        assert "newer" in await refused(town)
        assert file.read_bytes() == as_it_is


# --- a server that goes away ----------------------------------------------------------------


class Road:
    """The way to a server, which can be closed: who is on it is cut off, who comes is turned away."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self._socket = f"{parse_qs(where.query)['host'][0]}/.s.PGSQL.5432"
        self._port = free_port()
        self.url = f"postgresql://easel@127.0.0.1:{self._port}{where.path}"
        self._server: asyncio.Server | None = None
        self._walking: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._walk, "127.0.0.1", self._port)

    async def close(self) -> None:
        assert self._server
        self._server.close()
        for task in self._walking:
            task.cancel()
        await asyncio.gather(*self._walking, return_exceptions=True)

    async def _walk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._walking.add(task)
        try:
            there, back = await asyncio.open_unix_connection(self._socket)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(_carry(reader, back))
                    both.create_task(_carry(there, writer))
            finally:
                back.close()
        except (OSError, asyncio.CancelledError, BaseExceptionGroup):
            pass
        finally:
            self._walking.discard(task)
            writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(65536):
        writer.write(part)
        await writer.drain()
    raise ConnectionResetError


@pytest.mark.postgresql
async def test_a_database_server_that_goes_away_for_a_while(tmp_path: Path) -> None:
    road = Road(postgres.database(f"gone-{new_id()}"))
    await road.open()
    try:
        settings = {"STORE_URL": road.url, "SECRET_KEY": "correct horse battery"}
        async with telegram_town(tmp_path, **settings) as town:
            ada, home = town.somebody()
            await town.painted(town.fake.say(home, ada, CORGI), seconds=LONG)
            town.relay.delay, spent = 1.0, town.spent
            before = await ordered(town, home, ada, f"{CORGI} before")
            await road.close()
            after = town.fake.say(home, ada, f"{CORGI} after")
            await becomes(town, "unreachable")
            await road.open()
            await town.painted(before, LONG)
            await town.painted(after, LONG)
            assert spent.now == (2, 2)
            assert sum(said.media is not None for said in town.fake.answers(home)) == 3
            await becomes(town, "ok")
            await in_order(town)
    finally:
        await road.close()


# --- a clock that jumps ---------------------------------------------------------------------


async def test_a_clock_that_jumps_forward_and_back(tmp_path: Path) -> None:
    """Months ahead and back again: no picture is tidied away, no job is lost, the books are right."""
    set_clock(tmp_path, 0)
    async with telegram_town(tmp_path) as town:
        await town.house.stop()
        town.house.fresh = True  # the clock is put in place before anybody else is imported
        await town.house.launch("tests.whole.jumping")
        await town.house.healthy()
        ada, home = town.somebody()
        first = town.fake.say(home, ada, CORGI)
        await town.painted(first, seconds=LONG)
        spent = town.spent
        for jumps, jump in enumerate((7, 2000, -9, 0), start=1):
            town.relay.delay = 0.6
            asked = await ordered(town, home, ada, f"{CORGI} {jump}")
            set_clock(tmp_path, jump)
            await town.painted(asked, seconds=LONG)
            await eventually(lambda jumps=jumps: town.house.log.count("the clock was set by") == jumps)
        assert spent.now == (4, 4)
        assert re.findall(r"set by (\S+) hours", town.house.log) == ["+7.0", "+1993.0", "-2009.0", "+9.0"]
        shown = town.fake.say(home, ada, "/show")
        await town.painted(shown, seconds=LONG)
        town.house.in_order()
        await in_order(town)


# --- copies of a house that is lived in -----------------------------------------------------


async def test_a_backup_while_people_ask_and_a_new_life_from_it(tmp_path: Path) -> None:
    async with telegram_town(tmp_path / "here") as town:
        ada, home = town.somebody()
        await town.painted(town.fake.say(home, ada, CORGI), seconds=LONG)
        town.relay.delay, spent = 1.5, town.spent
        asked = await ordered(town, home, ada, f"{CORGI} later")
        copy = str(tmp_path / "copy.tar")
        status, said = await town.house.easel("backup", copy, "--with-secret")
        assert status == 0, said
        status, said = await town.house.easel("restore", copy, "--replace")
        assert (status, "Another Easel is using" in said) == (1, True)
        await town.house.kill()
        for file in tmp_path.glob("here/*"):
            if file.name != "console.log":
                shutil.rmtree(file) if file.is_dir() else file.unlink()
        status, said = await town.house.easel("restore", copy)
        assert status == 0, said
        await town.house.start()
        await town.fake.until(lambda: [said for said in town.answers(asked) if said.photo], LONG)
        assert spent.now == (1, 1)
        await in_order(town)
