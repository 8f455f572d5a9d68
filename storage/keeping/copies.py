"""A store in one file: made while Easel runs, of what it is at one moment."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.errors import SetupError
from storage import premises
from storage.keeping import archive, flow
from storage.keeping.archive import DATABASE, SECRET, Manifest
from storage.keeping.files import filled, owned
from storage.keeping.holdings import Holdings, demand_same_schema, looked_at, row_counts
from storage.rows import picture_of
from storage.transaction import Transaction


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
        return _closed(out, applied, row_counts(copy), missing, secret)


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
            if not await filled(draft, holdings.content(row)):
                missing.append(row["id"])
                continue
        try:
            out.add(f"pictures/{file.name}", file)
        except FileNotFoundError:  # swept just now
            missing.append(row["id"])
        draft.unlink(missing_ok=True)
    return missing


async def _has(live: Holdings, picture: str) -> bool:
    return await live.read.one("SELECT 1 AS found FROM pictures WHERE id = ?", picture) is not None


def _leave_out(copy: Path, swept: Iterable[str]) -> None:
    """Pictures that were swept while the copy was made."""
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executemany("DELETE FROM pictures WHERE id = ?", [(name,) for name in swept])


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
