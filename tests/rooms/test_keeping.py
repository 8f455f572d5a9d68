"""What an operator does with a store besides running it: the audit, copies, moves to another database."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.errors import SetupError
from bot.i18n import words
from bot.jam import Jam
from bot.model import Allowance, AuditEntry, ChatId, Fault, Form, Key, Limit, PoolKey, Post, User, UserId, now
from bot.ports import Caps, Store
from storage import schema
from storage.keeping import archive, books, commands, copies, flow, moves, restoring
from storage.keeping.holdings import looked_at
from tests.contract.store_kit import (
    ANN,
    APPEND_ONLY,
    BEN,
    EVERYWHERE,
    HOME,
    PLACES,
    Place,
    PostgresPlace,
    SqlitePlace,
    begun,
    painted,
    placed,
    submitted,
)

POTS = (
    Limit("operator", kind="operator"),
    Limit(f"operator/{HOME}"),
    Limit(f"operator/{ANN}", kind="member"),
)
SHARED = (Limit("pot"), Limit("jam/ann", weight=1), Limit("jam/ben", weight=2))


async def live(store: Store) -> None:
    """A job in every state, and something in every table that Easel has."""
    for state in ("running", "delivering", "done", "failed", "unknown", "cancelled", "late"):
        await _reach(store, state)
    job = await begun(store, *SHARED, hold=10)
    await store.succeed(job.id, 1, [], 7)
    sealed = Key("openai", ("https://relay.example",), b"\x00\xffsealed", "sk-…abcd", "", ANN)
    await store.save_chat(HOME, key=sealed, title="Ünïcode 画 \u2028", chat_cap=Allowance(5, None))
    await store.ask(Post(HOME, "7"), BEN, Form("Title?", "imagine", "", ()))
    await store.receive("telegram", {"1": b"\x80payload", "2": b""})
    await store.handled("telegram", "2")
    await store.grant("a", ["operator"], 1000)
    await store.add_operator(UserId("telegram:1"))
    await store.audit(AuditEntry(HOME, User(ANN, "Ann"), Fault("audit-claimed")))
    await store.lend(PoolKey(HOME, User(BEN, "Ben"), replace(sealed, owner=BEN), Allowance(None, 9)))
    await store.begin_jam(Jam("k3v9abcdef", HOME, User(ANN, "Ann"), brief="a city", language="en"))
    await store.change_jam("k3v9abcdef", lambda jam: replace(jam, post=Post(HOME, "9")))
    await begun(store, user=UserId("telegram:3"))
    await store.forget(UserId("telegram:3"))


async def _reach(store: Store, state: str) -> None:
    job = await begun(store, *POTS, hold=3)
    match state:
        case "unknown":
            await store.unknown(job.id, 1, Fault("error-down"))
        case "failed" | "late":
            await store.fail(job.id, 1, Fault("error-down"))
            if state == "failed":
                await store.deliver(job.id, 1)
        case "cancelled":
            await store.unknown(job.id, 1, Fault("error-down"))
            await store.give_up(job.id)
        case "delivering" | "done":
            await store.succeed(job.id, 1, [await placed(store, state, state.encode() * 100)], 5)
            if state == "done":
                await store.deliver(job.id, 1)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    async def prepare() -> None:
        async with SqlitePlace(folder).open() as store:
            await live(store)
        async with SqlitePlace(folder).open(Caps(running=1)) as store:
            await submitted(store, *POTS, hold=3, user=BEN)
        with closing(sqlite3.connect(folder / "easel.db")) as connection, connection:
            connection.execute("INSERT INTO paces (kind, took, jobs) VALUES ('painter', 7, 1)")

    folder = tmp_path_factory.mktemp("lived")
    asyncio.run(prepare())
    (folder / "secret.key").write_text("sesame")
    return folder


@pytest.fixture
def place(lived: Path, tmp_path: Path) -> SqlitePlace:
    """A store that has lived, to do with as one likes."""
    shutil.copytree(lived, tmp_path / "here")
    return SqlitePlace(tmp_path / "here")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "_PAUSE", 0.0)


async def problems(place: Place) -> list[str]:
    report = await books.audit(lambda: looked_at(place.url, place.folder))  # type: ignore[attr-defined]
    for fault in (*report.figures, *report.problems):
        for language in words().languages:
            assert "{" not in words().say(language, fault.message_id, **fault.params)
    return [fault.message_id for fault in report.problems]


async def everything(place: Place) -> tuple[flow.Tally, dict[str, bytes]]:
    """All rows and all pictures."""
    async with looked_at(place.url, place.folder) as held:  # type: ignore[attr-defined]
        pictures = {}
        async for row in flow.pictures(held):
            pictures[row["id"]] = b"".join([part async for part in held.content(row)])
        return await flow.tally(held.read), pictures


async def refusal(work: Any) -> str:
    with pytest.raises(SetupError) as refused:
        await work
    for language in words().languages:
        assert "{" not in words().say(language, refused.value.sentence, **refused.value.params)
    return refused.value.sentence


# --- the audit ------------------------------------------------------------------------------


@pytest.mark.parametrize("where", EVERYWHERE)
async def test_what_lived_fits_also_while_it_runs(where: str, tmp_path: Path) -> None:
    place = PLACES[where](tmp_path)
    async with place.open() as store:
        await live(store)
        assert await problems(place) == []
    assert await problems(place) == []


TAMPERED = [
    ("UPDATE purse SET settled = settled + 1 WHERE account = 'operator'", ["books-sum"] * 2),
    ("UPDATE purse SET granted = granted + 1 WHERE period LIKE 'day:%' AND account = 'pot'", ["books-sum"]),
    ("DELETE FROM purse WHERE account = 'operator'", ["books-sum"] * 2),
    (
        "INSERT INTO purse (account, period, settled, held) VALUES ('x', 'day:2026-01-01', 0, 7)",
        ["books-sum"],
    ),
    ("UPDATE jobs SET state = 'done', cost = 0 WHERE state = 'unknown'", ["books-left-open"] * 3),
    ("UPDATE jobs SET state = 'unknown', cost = NULL WHERE state = 'done'", ["books-closed-early"] * 3),
    ("UPDATE jobs SET state = 'queued' WHERE state = 'done'", ["books-closed-early"] * 3 + ["books-cost"]),
    ("UPDATE jobs SET cost = 6 WHERE state = 'done'", ["books-amount"] * 3),
    ("UPDATE jobs SET cost = NULL WHERE state = 'done'", ["books-cost"] + ["books-unsettled"] * 3),
    ("UPDATE jobs SET hold = 4 WHERE state = 'queued'", ["books-amount"] * 3),
    ("UPDATE jobs SET cost = 8 WHERE cost = 7", ["books-amount"] * 2),
    ("DELETE FROM jobs WHERE state = 'queued'", ["books-no-job"] * 3),
    (
        "UPDATE ledger SET amount = amount - 1 WHERE kind = 'release' AND account = 'pot'",
        ["books-released", "books-sum", "books-sum"],
    ),
    (
        "UPDATE ledger SET account = 'elsewhere' WHERE account = 'jam/ben'",
        ["books-sum"] * 4 + ["books-amount"] * 2,
    ),
    (
        "UPDATE jobs SET hold = 1, id = 'other' WHERE state = 'queued'",
        ["books-no-job"] * 3 + ["books-unbooked"],
    ),
    (
        "DELETE FROM pictures WHERE id = (SELECT min(picture) FROM job_pictures)",
        ["books-link", "books-no-row"],
    ),
    ("UPDATE pictures SET bytes = bytes + 1", ["books-size"] * 2),
    ("UPDATE jobs SET request = '{' WHERE state = 'queued'", ["books-unreadable"]),
    ("UPDATE jobs SET created = 'monday' WHERE state = 'queued'", ["books-unreadable"]),
    ("UPDATE chats SET key_urls = 'https://relay.example'", ["books-unreadable"]),
    ("UPDATE pool_keys SET urls = '{'", ["books-unreadable"]),
    ("UPDATE jams SET state = '[]'", ["books-unreadable"]),
    ("UPDATE asks SET form = '{}'", ["books-unreadable"]),
    ("UPDATE audit SET what = ''", ["books-unreadable"]),
    ("DELETE FROM jams", ["books-orphan"]),
    (
        "UPDATE purse SET held = -1 WHERE account = 'pot'",
        [*["books-damaged"] * 2, *["books-negative"] * 2, *["books-sum"] * 2],
    ),
    (
        "UPDATE ledger SET kind = 'gift' WHERE kind = 'grant'",
        ["books-damaged", "books-kind", "books-no-job", "books-sum", "books-sum"],
    ),
    (
        "UPDATE sqlite_master SET sql = 'CREATE INDEX pictures_created ON pictures (bytes)' "
        "WHERE name = 'pictures_created'",
        ["books-damaged"] * 2,
    ),
]


@pytest.mark.parametrize(("sql", "found"), TAMPERED, ids=range(len(TAMPERED)))
async def test_whatever_was_tampered_with_is_named(place: SqlitePlace, sql: str, found: list[str]) -> None:
    with closing(sqlite3.connect(place.file)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(sql)
    assert sorted(await problems(place)) == sorted(found)


async def test_no_table_is_forgotten_here(place: SqlitePlace) -> None:
    """Whoever adds a table adds to `live` what is in it, so that all below is true of it too."""
    rows, _ = await everything(place)
    assert [name for name, count in rows.counts.items() if not count] == []


async def test_pictures_and_files_belong_together(place: SqlitePlace) -> None:
    file = next((place.folder / "pictures").iterdir())
    file.rename(file.with_name("easel-stranger.png"))
    assert sorted(await problems(place)) == ["books-no-file", "books-no-row"]


async def test_a_picture_on_its_way_and_one_that_a_crash_left_are_no_problem(
    place: SqlitePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place.open() as store:
        file = (await painted(store, "left", b"x")).path
        file.unlink()
        assert await problems(place) == []
        stranger = place.folder / "pictures" / "easel-coming.png"
        stranger.touch()

        async def meanwhile(_: float) -> None:
            stranger.unlink()

        monkeypatch.setattr("storage.keeping.books.asyncio.sleep", meanwhile)
        assert await problems(place) == []


async def test_the_ledger_only_ever_grows(tmp_path: Path) -> None:
    """A database that refuses any change of what was booked notices nothing; only accounts get new names."""
    place = SqlitePlace(tmp_path)
    async with place.open():
        pass
    with closing(sqlite3.connect(place.file)) as connection:
        connection.executescript(APPEND_ONLY)
    async with place.open() as store:
        await live(store)
        before = sum(amount for (amount,) in place.rows("SELECT amount FROM ledger"))
        await store.move_chat(HOME, ChatId("telegram:-200"))
        await store.sweep(now())
    assert place.rows("SELECT DISTINCT 1 FROM ledger WHERE account = 'operator/telegram:-200'") == [(1,)]
    assert sum(amount for (amount,) in place.rows("SELECT amount FROM ledger")) == before
    assert await problems(place) == []
    with closing(sqlite3.connect(place.file)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE ledger SET amount = 0")


def test_no_statement_takes_from_the_ledger() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in Path(schema.__file__).parent.rglob("*.py"))
    assert not re.search(r"DELETE\s+FROM\s+ledger", text, re.IGNORECASE)
    assert re.findall(r"UPDATE\s+ledger\s+SET\s+(\w+) =", text, re.IGNORECASE) == ["account"]


async def test_a_chat_that_moves_is_left_behind_in_no_table(place: SqlitePlace) -> None:
    async with place.open() as store:
        await store.move_chat(HOME, ChatId("telegram:-200"))
    left = [
        f"{table.name}.{column}"
        for table in flow.tables()
        for column in table.columns
        if any(str(HOME) in str(value) for (value,) in place.rows(f"SELECT {column} FROM {table.name}"))
    ]
    assert left == []


# --- copies ---------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [copies.backup, copies.export])
async def test_a_copy_made_while_it_runs_is_restored_whole(
    place: SqlitePlace, tmp_path: Path, make: Any
) -> None:
    file, there = tmp_path / "copy.tar", SqlitePlace(tmp_path / "there")
    async with place.open() as store:
        before = await everything(place)
        writing = asyncio.create_task(_keep_writing(store))
        manifest = await make(place.url, place.folder, file)
        writing.cancel()
    assert file.stat().st_mode & 0o077 == 0
    assert manifest.counts["jobs"] >= before[0].counts["jobs"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.tar", "here"]
    await restoring.restore(file, there.url, there.folder)
    assert await problems(there) == []
    rows, pictures = await everything(there)
    assert {name: rows.counts.get(name, 0) for name in manifest.counts} == manifest.counts
    assert pictures == before[1]
    async with there.open() as store:
        assert (await store.chat(HOME)).key == (await _chat(place)).key
        await submitted(store, *POTS, hold=3)
    assert await problems(there) == []
    assert not (there.folder / "secret.key").exists()


@pytest.mark.postgresql
async def test_a_copy_of_a_server_s_database_made_while_it_runs(place: SqlitePlace, tmp_path: Path) -> None:
    server, there = PostgresPlace(tmp_path / "server"), SqlitePlace(tmp_path / "there")
    await moves.move((place.url, place.folder), (server.url, server.folder))
    async with server.open() as store:
        writing = asyncio.create_task(_keep_writing(store))
        manifest = await copies.backup(server.url, server.folder, tmp_path / "copy.tar")
        writing.cancel()
    await restoring.restore(tmp_path / "copy.tar", there.url, there.folder)
    assert await problems(there) == []
    assert (await everything(there))[0].counts == manifest.counts
    assert (await everything(there))[1] == (await everything(place))[1]


async def _chat(place: SqlitePlace) -> Any:
    async with place.open() as store:
        return await store.chat(HOME)


async def _keep_writing(store: Store) -> None:
    while True:
        await submitted(store, *POTS, hold=3)


async def test_an_export_is_lines_that_anybody_reads(place: SqlitePlace, tmp_path: Path) -> None:
    await copies.export(place.url, place.folder, tmp_path / "x.tar")
    with tarfile.open(tmp_path / "x.tar") as tar:
        lines = tar.extractfile("rows/chats.jsonl")
        assert lines
        (chat,) = map(json.loads, lines)
        assert chat["title"] == "Ünïcode 画 \u2028"
        assert chat["key_sealed"] == {"base64": "AP9zZWFsZWQ="}
        assert {"rows/jobs.jsonl", "rows/ledger.jsonl", "manifest.json"} <= set(tar.getnames())


async def test_restoring_over_something_keeps_it_aside(place: SqlitePlace, tmp_path: Path) -> None:
    file = tmp_path / "copy.tar"
    await copies.backup(place.url, place.folder, file, place.folder / "secret.key")
    as_it_was = await everything(place)
    async with place.open() as store:
        later = await painted(store, "later", b"later")
        await submitted(store, *POTS, hold=3)
    (place.folder / "secret.key").write_text("another")
    as_it_is = await everything(place)
    assert await refusal(restoring.restore(file, place.url, place.folder)) == "setup-holds-data"
    assert await everything(place) == as_it_is
    _, kept = await restoring.restore(file, place.url, place.folder, over=True)
    assert await everything(place) == as_it_was
    assert (place.folder / "secret.key").read_text() == "sesame"
    assert not later.path.exists()
    assert kept
    assert await everything(SqlitePlace(kept)) == as_it_is
    assert (kept / "secret.key").read_text() == "another"
    assert not [path for path in place.folder.iterdir() if path.name.startswith(".restore")]


async def test_a_damaged_database_can_be_restored_over(place: SqlitePlace, tmp_path: Path) -> None:
    await copies.backup(place.url, place.folder, tmp_path / "copy.tar")
    as_it_was = await everything(place)
    place.file.write_bytes(b"rubbish" * 999)
    await restoring.restore(tmp_path / "copy.tar", place.url, place.folder, over=True)
    assert await everything(place) == as_it_was


async def test_a_killed_restore_leaves_the_old_store_whole(
    place: SqlitePlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends at any renaming: what is there is what was there, or what is restored, and never a mixture."""
    there, file = SqlitePlace(tmp_path / "there"), tmp_path / "copy.tar"
    await copies.backup(place.url, place.folder, file)
    new = await everything(place)
    async with there.open() as store:
        await begun(store, *POTS)
        await painted(store, "old", b"old")
    old, renaming, seen = await everything(there), Path.replace, []
    for left in range(6):
        moments = iter(range(left))

        def killed(self: Path, target: Path, moments: Iterator[int] = moments) -> Path:
            if next(moments, None) is None:
                raise KeyboardInterrupt
            return renaming(self, target)

        with monkeypatch.context() as context:
            context.setattr(Path, "replace", killed)
            try:
                await restoring.restore(file, there.url, there.folder, over=True)
            except KeyboardInterrupt:
                seen.append("killed")
            else:
                seen.append("done")
                break
        assert await everything(there) == old
    assert await everything(there) == new
    assert seen.count("killed") >= 2
    assert seen[-1] == "done"


async def test_an_archive_with_one_wrong_byte_changes_nothing(place: SqlitePlace, tmp_path: Path) -> None:
    file, there = tmp_path / "copy.tar", SqlitePlace(tmp_path / "there")
    await copies.backup(place.url, place.folder, file)
    whole = file.read_bytes()
    for at in (700, len(whole) // 2, whole.index(b'"files"') + 30):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert await refusal(restoring.restore(file, there.url, there.folder)) == "setup-archive-damaged"
    for content in (whole[: len(whole) // 2], b"", b"dear diary" * 99):
        file.write_bytes(content)
        assert await refusal(restoring.restore(file, there.url, there.folder)) == "setup-archive-damaged"
    assert (
        await refusal(restoring.restore(tmp_path / "no", there.url, there.folder)) == "setup-archive-missing"
    )
    file.write_bytes(whole)
    await restoring.restore(file, there.url, there.folder)
    assert await problems(there) == []


@pytest.mark.parametrize("name", ["../easel.db", "pictures/../../x", "/tmp/x", "pictures/.hidden/x"])
async def test_an_archive_writes_nowhere_but_in_its_place(name: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("evil")
    with archive.written(tmp_path / "evil.tar") as out:
        out.add(name, tmp_path / "x")
        out.close(archive.Manifest(out.files, (), {}))
    there = SqlitePlace(tmp_path / "there")
    work = restoring.restore(tmp_path / "evil.tar", there.url, there.folder)
    assert await refusal(work) == "setup-archive-damaged"


@pytest.mark.parametrize("make", [copies.backup, copies.export])
async def test_an_archive_of_a_newer_easel(
    place: SqlitePlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Any
) -> None:
    await make(place.url, place.folder, tmp_path / "copy.tar")
    older = tmp_path / "migrations"
    shutil.copytree(schema.FOLDER, older)
    max(older.glob("*.sql")).unlink()
    monkeypatch.setattr(schema, "FOLDER", older)
    there = SqlitePlace(tmp_path / "there")
    work = restoring.restore(tmp_path / "copy.tar", there.url, there.folder)
    assert await refusal(work) == "setup-database-newer"


async def test_what_can_not_be_copied_is_said(place: SqlitePlace, tmp_path: Path) -> None:
    assert (
        await refusal(copies.backup(f"sqlite:///{tmp_path}/no.db", tmp_path, tmp_path / "a"))
        == "setup-nothing-kept"
    )
    (tmp_path / "taken").touch()
    assert await refusal(copies.backup(place.url, place.folder, tmp_path / "taken")) == "setup-archive-exists"
    assert await refusal(copies.backup(place.url, place.folder, tmp_path / "no" / "x")) == "setup-folder"
    async with place.open():
        await copies.backup(place.url, place.folder, tmp_path / "copy.tar")
        work = restoring.restore(tmp_path / "copy.tar", place.url, place.folder, over=True)
        assert await refusal(work) == "setup-already-running"


# --- moving ---------------------------------------------------------------------------------


@asynccontextmanager
async def nothing(_: Place) -> Any:
    yield


@pytest.mark.parametrize("where", EVERYWHERE)
async def test_a_store_moves_there_and_back_and_loses_nothing(
    place: SqlitePlace, where: str, tmp_path: Path
) -> None:
    there: Any = PLACES[where](tmp_path / "there")
    back = SqlitePlace(tmp_path / "back")
    before = await everything(place)
    moved = await moves.move((place.url, place.folder), (there.url, there.folder))
    assert (moved.rows, moved.pictures) == (sum(before[0].counts.values()), 2)
    assert await everything(there) == before
    assert await problems(there) == []
    again = moves.move((place.url, place.folder), (there.url, there.folder))
    assert await refusal(again) == "setup-holds-data"
    await copies.export(there.url, there.folder, tmp_path / "export.tar")
    await restoring.restore(tmp_path / "export.tar", back.url, back.folder)
    assert await everything(back) == before
    shutil.rmtree(back.folder)
    await moves.move((there.url, there.folder), (back.url, back.folder))
    assert await everything(back) == before
    assert await everything(place) == before
    assert await problems(back) == []


@pytest.mark.parametrize("where", EVERYWHERE)
async def test_nothing_moves_while_somebody_is_in(place: SqlitePlace, where: str, tmp_path: Path) -> None:
    there: Any = PLACES[where](tmp_path / "there")
    ways = ((place.url, place.folder), (there.url, there.folder))
    async with there.open():
        assert (await refusal(moves.move(*ways))) in ("setup-already-running", "setup-folder-taken")
    async with place.open():
        assert await refusal(moves.move(*ways)) == "setup-already-running"
    await moves.move(*ways)


async def test_a_move_that_fails_leaves_an_empty_target(
    place: SqlitePlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = SqlitePlace(tmp_path / "there")
    ways = ((place.url, place.folder), (there.url, there.folder))
    with monkeypatch.context() as context:
        context.setattr(flow.Tally, "add", lambda self, table, row: self.prints.update({table.name: id(row)}))
        assert await refusal(moves.move(*ways)) == "setup-move-differs"
    assert not list((there.folder / "pictures").iterdir())
    await moves.move(*ways)


# --- the command line -----------------------------------------------------------------------


def test_the_commands_say_what_they_did(place: SqlitePlace, tmp_path: Path) -> None:
    import argparse

    parser = argparse.ArgumentParser()
    commands.declare(parser.add_subparsers())

    def say(*args: str, folder: Path = place.folder) -> tuple[list[str], int]:
        kept = commands.Kept(f"sqlite:///{folder}/easel.db", folder)
        said = commands.run(parser.parse_args(args), kept)
        for line in said.lines:
            for language in words().languages:
                assert "{" not in words().say(language, line.message_id, **line.params)
        return [line.message_id for line in said.lines], said.status

    assert say("audit") == (["books-looked", "books-money", "books-fine"], 0)
    next((place.folder / "pictures").iterdir()).unlink()
    assert say("audit") == (["books-looked", "books-money", "books-no-file", "books-problems"], 1)
    bare, full = str(tmp_path / "bare.tar"), str(tmp_path / "full.tar")
    assert say("backup", bare)[0] == ["keeping-made", "keeping-missing", "keeping-no-secret"]
    assert say("export", full, "--with-secret")[0] == [
        "keeping-made",
        "keeping-missing",
        "keeping-with-secret",
    ]
    assert say("restore", full, folder=tmp_path / "a")[0] == ["keeping-restored"]
    again = say("restore", bare, "--replace", folder=tmp_path / "a")[0]
    assert again == ["keeping-restored", "keeping-before", "keeping-needs-secret"]
    urls = (f"sqlite:///{tmp_path}/a/easel.db", f"sqlite:///{tmp_path}/b/easel.db")
    assert say("move", *urls)[0] == ["keeping-moved", "keeping-next"]
    (tmp_path / "a" / "secret.key").unlink()
    with pytest.raises(SetupError, match="setup-secret-elsewhere"):
        say("backup", str(tmp_path / "c"), "--with-secret", folder=tmp_path / "a")
