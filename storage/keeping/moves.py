"""A store's copies: made while Easel runs, put back, and moved from one database to another."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.errors import SetupError
from bot.model import now
from storage import premises, schema
from storage.keeping import archive, flow
from storage.keeping.archive import DATABASE, SECRET, Manifest
from storage.keeping.holdings import (
    Holdings,
    Statements,
    demand_known,
    demand_same_schema,
    looked_at,
    owned,
    server_driver,
)
from storage.rows import picture_of
from storage.transaction import Row, Transaction

# --- out ------------------------------------------------------------------------------------


async def backup(url: str, folder: Path, file: Path, secret: Path | None = None) -> Manifest:
    """Everything at one moment in one file: an exact copy of an SQLite database, rows of a server's.

    ``secret`` is a file to put in too. Raises `SetupError`.
    """
    if premises.on_server(url):
        return await export(url, folder, file, secret)
    async with looked_at(url, folder):  # says what is wrong before anything is made
        pass
    with _drafts(file) as drafts, archive.written(file) as out:
        copy = owned(drafts / DATABASE)
        await asyncio.to_thread(_copy, premises.database_file(url), copy)
        async with looked_at(f"sqlite:///{copy}", folder) as holdings:
            missing = await _add_pictures(out, holdings, drafts)
            applied = holdings.applied
        if missing:
            async with looked_at(url, folder) as live:
                _leave_out(copy, [name for name in missing if not await _has(live, name)])
        out.add(DATABASE, copy)
        return _closed(out, applied, _counts(copy), missing, secret)


async def export(url: str, folder: Path, file: Path, secret: Path | None = None) -> Manifest:
    """Everything at one moment as lines of JSON, in one file with the pictures. Raises `SetupError`."""
    async with looked_at(url, folder) as holdings:
        demand_same_schema(holdings.applied, str(folder))
        with _drafts(file) as drafts, archive.written(file) as out:
            counts = {}
            for table in flow.tables():
                draft = owned(drafts / table.name)
                counts[table.name] = await _write(holdings.read, table, draft)
                out.add(table.file, draft)
                draft.unlink()
            missing = await _add_pictures(out, holdings, drafts)
            return _closed(out, holdings.applied, counts, missing, secret)


@contextmanager
def _drafts(file: Path) -> Iterator[Path]:
    """A folder beside a file to be, for what goes into it."""
    try:
        with TemporaryDirectory(dir=file.parent, prefix=".easel-") as drafts:
            yield Path(drafts)
    except OSError as error:
        raise SetupError(
            "setup-folder", path=str(file.parent), reason=error.strerror or str(error)
        ) from error


def _copy(database: Path, to: Path) -> None:
    """Copied in one step, which waits for nobody; as a single file."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")


async def _write(read: Transaction, table: flow.Table, to: Path) -> int:
    count = 0
    with to.open("w", encoding="utf-8") as out:
        async for row in flow.rows(read, table):
            out.write(flow.line(table, row) + "\n")
            count += 1
    return count


async def _add_pictures(out: archive.Writer, holdings: Holdings, drafts: Path) -> list[str]:
    """The ids of those that there is no file of."""
    missing = []
    async for row in flow.pictures(holdings):
        file = picture_of(row, holdings.pictures).path
        draft = drafts / file.name
        if not file.is_file():
            file = draft
            if not await _filled(draft, holdings.content(row)):
                missing.append(row["id"])
                continue
        try:
            out.add(f"pictures/{file.name}", file)
        except FileNotFoundError:  # swept just now
            missing.append(row["id"])
        draft.unlink(missing_ok=True)
    return missing


async def _filled(file: Path, content: AsyncIterator[bytes]) -> int:
    """Write a file to the disk; how many bytes. Nothing to write makes none."""
    size = 0
    with owned(file).open("wb") as out:
        async for part in content:
            size += out.write(part)
        out.flush()
        os.fsync(out.fileno())
    if not size:
        await asyncio.to_thread(file.unlink)
    return size


async def _has(live: Holdings, picture: str) -> bool:
    return await live.read.one("SELECT 1 AS found FROM pictures WHERE id = ?", picture) is not None


def _leave_out(copy: Path, swept: Iterable[str]) -> None:
    """Pictures that were swept while the copy was made."""
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executemany("DELETE FROM pictures WHERE id = ?", [(name,) for name in swept])


def _counts(database: Path) -> dict[str, int]:
    with closing(sqlite3.connect(database)) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1"
        ).fetchall()
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608
            for (name,) in names
            if "yoyo" not in name
        }


def _closed(
    out: archive.Writer,
    applied: Iterable[str],
    counts: dict[str, int],
    missing: Iterable[str],
    secret: Path | None,
) -> Manifest:
    if secret:
        out.add(SECRET, secret)
    manifest = Manifest(out.files, tuple(applied), counts, tuple(missing))
    out.close(manifest)
    return manifest


# --- in -------------------------------------------------------------------------------------


async def restore(file: Path, url: str, folder: Path, *, over: bool = False) -> tuple[Manifest, Path | None]:
    """Put an archive of either kind in place; and where what was there before is kept, if it was replaced.

    Raises `SetupError`: an Easel runs here, there is data already (and not ``over``), the archive is
    damaged or of a newer Easel. Nothing is changed then.
    """
    folder = premises.data_folder(folder)
    path = None if premises.on_server(url) else premises.database_file(url)
    with premises.occupied(folder, path):
        if path and not over and _holds_data(path, folder):
            raise SetupError("setup-holds-data", path=str(path))
        with TemporaryDirectory(dir=folder, prefix=".restore-") as staging:
            manifest = await _staged(file, Path(staging))
            if path:
                return manifest, _placed(Path(staging), path, folder)
            async with looked_at(f"sqlite:///{staging}/{DATABASE}", Path(staging)) as source:
                await _pour(source, url, folder)
            return manifest, None


def _holds_data(database: Path, folder: Path) -> bool:
    return database.stat().st_size > 0 or any(premises.pictures(folder).iterdir())


async def _staged(file: Path, staging: Path) -> Manifest:
    """The archive as a database of this version and its pictures, in a folder."""
    manifest = archive.unpacked(file, staging)
    database = staging / DATABASE
    if manifest.portable:
        demand_same_schema(manifest.applied, str(file))
        owned(database)
        schema.bring_up_to_date(database)
        await _load(staging, database)
    else:
        demand_known(manifest.applied, str(file))
        _demand_whole(database, file)
        schema.bring_up_to_date(database)
    counts = _counts(database)
    if any(counts.get(name) != count for name, count in manifest.counts.items()):
        raise SetupError("setup-archive-damaged", path=str(file), reason="counts")
    return manifest


def _demand_whole(database: Path, file: Path) -> None:
    try:
        with closing(sqlite3.connect(database)) as connection:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise SetupError("setup-archive-damaged", path=str(file), reason=said)


async def _load(staging: Path, database: Path) -> None:
    with _writing(database) as tx:
        for table in flow.tables():
            with (staging / table.file).open(encoding="utf-8") as lines:
                await flow.insert(tx, table, map(flow.read_line, lines))


@contextmanager
def _writing(database: Path) -> Iterator[Transaction]:
    """One transaction on a file."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield Statements(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _placed(staging: Path, database: Path, folder: Path) -> Path | None:
    """What is staged becomes what is there; renaming the database is the moment from which on it is.

    Until then the old database has all its pictures still, after it the new one has all of its own.
    """
    kept = _kept(database, folder) if _holds_data(database, folder) else None
    pictures, fresh = premises.pictures(folder), staging / "pictures"
    names = {file.name for file in fresh.iterdir()} if fresh.is_dir() else set()
    for name in names:
        (fresh / name).replace(pictures / name)
    _on_disk(pictures)
    if (staging / SECRET).exists():
        (staging / SECRET).replace(folder / SECRET)
    (staging / DATABASE).replace(database)
    _on_disk(database.parent)
    for file in pictures.iterdir():
        if file.name not in names:
            file.unlink()
    return kept


def _kept(database: Path, folder: Path) -> Path:
    """A second name for everything that is there, in a folder of its own."""
    kept = folder / f"before-restore-{now():%Y%m%d-%H%M%S-%f}"
    (kept / "pictures").mkdir(mode=0o700, parents=True)
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # a damaged one is kept as it is
    _link(database, kept / database.name)
    for beside in (Path(f"{database}-wal"), Path(f"{database}-shm")):
        if beside.exists():
            beside.replace(kept / beside.name)
    if (folder / SECRET).exists():
        _link(folder / SECRET, kept / SECRET)
    for file in premises.pictures(folder).iterdir():
        _link(file, kept / "pictures" / file.name)
    _on_disk(kept / "pictures")
    _on_disk(kept)
    return kept


def _link(file: Path, to: Path) -> None:
    try:
        to.hardlink_to(file)
    except OSError:  # a file system without links
        shutil.copy2(file, to)


def _on_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- over -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moved:
    """What arrived, and was compared with what left: rows and pictures."""

    rows: int
    pictures: int


async def move(source: tuple[str, Path], target: tuple[str, Path]) -> Moved:
    """Everything from one store into an empty one, each a URL and a data folder. The source stays as it is.

    Raises `SetupError` when either is in use, the target holds data, or anything differs in the end;
    then the target is as empty as before.
    """
    with _nobody_in(source, target):
        if premises.on_server(source[0]):
            await _demand_quiet(source[0])
        async with looked_at(*source) as holdings:
            demand_same_schema(holdings.applied, _name(source[0]))
            return await _pour(holdings, *target)


@contextmanager
def _nobody_in(*stores: tuple[str, Path]) -> Iterator[None]:
    """The locks of both; a data folder that they share is locked once."""
    seen: set[Path] = set()
    with ExitStack() as locks:
        for url, folder in stores:
            own, path = premises.data_folder(folder), None
            if not premises.on_server(url):
                path = premises.database_file(url)
                own = path.parent if own in seen else own
            if own not in seen:
                locks.enter_context(premises.occupied(own, path))
            seen.add(own)
        yield


def _name(url: str) -> str:
    """For sentences: a URL may hold a password."""
    if premises.on_server(url):
        return str(server_driver().place(url))
    return str(premises.database_file(url))


async def _pour(source: Holdings, url: str, folder: Path) -> Moved:
    async with _empty(url, premises.data_folder(folder)) as target:
        await flow.copy_rows(source.read, target.read)
        count = 0
        async for row in flow.pictures(source):
            if target.on_server:
                await flow.insert_parts(target.read, row["id"], source.content(row))
            else:
                await _filled(picture_of(row, target.pictures).path, source.content(row))
            if await _print(source, row) != await _print(target, row):
                raise SetupError("setup-move-differs", what=row["id"])
            count += 1
        left, arrived = await flow.tally(source.read), await flow.tally(target.read)
        for table in flow.tables():
            if left.prints[table.name] != arrived.prints[table.name]:
                raise SetupError("setup-move-differs", what=table.name)
        return Moved(sum(arrived.counts.values()), count)


async def _print(holdings: Holdings, row: Row) -> bytes:
    digest = hashlib.sha256()
    async for part in holdings.content(row):
        digest.update(part)
    return digest.digest()


@asynccontextmanager
async def _empty(url: str, folder: Path) -> AsyncIterator[Holdings]:
    """An empty store to be filled, in one transaction. Raises `SetupError` when it is not, or is in use."""
    opened = (
        _empty_server(url) if premises.on_server(url) else _empty_file(premises.database_file(url), folder)
    )
    async with opened as target:
        if not await flow.is_empty(target.read):
            raise SetupError("setup-holds-data", path=_name(url))
        yield target


@asynccontextmanager
async def _empty_file(path: Path, folder: Path) -> AsyncIterator[Holdings]:
    pictures = premises.pictures(folder)
    if any(pictures.iterdir()):
        raise SetupError("setup-holds-data", path=str(pictures))
    schema.bring_up_to_date(path)
    try:
        with _writing(path) as tx:
            yield Holdings(tx, folder, ())
            _on_disk(pictures)
    except BaseException:
        for file in pictures.iterdir():
            file.unlink()
        raise


@asynccontextmanager
async def _empty_server(url: str) -> AsyncIterator[Holdings]:
    postgres = server_driver()
    await asyncio.to_thread(postgres.bring_up_to_date, url)
    await _demand_quiet(url)
    try:
        async with await postgres.connect(url) as connection:
            await connection.execute("SET idle_in_transaction_session_timeout = 0")
            async with connection.transaction():
                await connection.execute(
                    f"SELECT pg_advisory_xact_lock({postgres.LOCKS}, {postgres.WRITING})"
                )
                # Its pictures are looked for nowhere but in the database.
                yield Holdings(postgres.Statements(connection), Path(os.devnull), (), on_server=True)
    except postgres.psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise SetupError("setup-server-failed", place=postgres.place(url), reason=reason) from error


async def _demand_quiet(url: str) -> None:
    """Raises `SetupError` when somebody else is connected to the database on a server."""
    postgres = server_driver()
    try:
        async with await postgres.connect(url) as connection:
            others = await postgres.Statements(connection).one(
                "SELECT count(*) AS found FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
    except postgres.psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise SetupError("setup-server-failed", place=postgres.place(url), reason=reason) from error
    if others and others["found"]:
        raise SetupError("setup-already-running", path=postgres.place(url))
