"""All that a store holds, as it is at one moment: read while Easel runs, and without disturbing it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bot.errors import SetupError
from storage import premises, schema
from storage.rows import picture_of
from storage.transaction import Row, Transaction

_PART = 256 * 1024


@dataclass(frozen=True, slots=True)
class Holdings:
    """``read`` sees one snapshot; ``applied`` are the migrations that made the schema."""

    read: Transaction
    folder: Path
    applied: tuple[str, ...]
    on_server: bool = False

    @property
    def pictures(self) -> Path:
        return premises.pictures(self.folder)

    async def content(self, picture: Row) -> AsyncIterator[bytes]:
        """A picture's bytes, in parts; none at all when there is no file of it."""
        file = picture_of(picture, self.pictures).path
        if file.is_file():
            with await asyncio.to_thread(file.open, "rb") as opened:
                while part := await asyncio.to_thread(opened.read, _PART):
                    yield part
        elif self.on_server:
            seq, sql = 0, "SELECT content FROM picture_parts WHERE picture = ? AND seq = ?"
            while row := await self.read.one(sql, picture["id"], seq):
                yield bytes(row["content"])
                seq += 1


class Statements:
    """Statements on an SQLite connection, each done when it is asked for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        connection.row_factory = sqlite3.Row
        self._connection = connection

    async def all(self, sql: str, *params: Any) -> list[Row]:
        return list(self._connection.execute(sql, params).fetchall())

    async def one(self, sql: str, *params: Any) -> Row | None:
        return next(iter(await self.all(sql, *params)), None)


@asynccontextmanager
async def looked_at(url: str, folder: Path) -> AsyncIterator[Holdings]:
    """What the store at ``url`` holds now. Raises `SetupError` when there is none, or not of this version."""
    folder = premises.data_folder(folder)
    if premises.on_server(url):
        async with _on_server(url, folder) as holdings:
            yield holdings
        return
    path = premises.database_file(url)
    if not path.is_file() or not path.stat().st_size:
        raise SetupError("setup-nothing-kept", path=str(path))
    try:
        # "rw" and not "ro": a reader too has to make the small file that tells it of others.
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True)) as connection:
            connection.isolation_level = None
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            read = Statements(connection)
            yield Holdings(read, folder, await _applied(read, str(path), "sqlite_master"))
    except sqlite3.OperationalError as error:
        raise SetupError("setup-database-failed", path=str(path), reason=str(error)) from error
    except sqlite3.DatabaseError as error:
        raise SetupError("setup-database-broken", path=str(path)) from error


@asynccontextmanager
async def _on_server(url: str, folder: Path) -> AsyncIterator[Holdings]:
    postgres = server_driver()
    name = postgres.place(url)
    try:
        async with await postgres.connect(url) as connection:
            await connection.execute("SET idle_in_transaction_session_timeout = 0")
            await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            read = postgres.Statements(connection)
            yield Holdings(read, folder, await _applied(read, name, "pg_tables"), on_server=True)
    except postgres.psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise SetupError("setup-server-failed", place=name, reason=reason) from error


def server_driver() -> Any:
    """The module for servers. Raises `SetupError` where its libraries are not installed."""
    try:
        from storage import postgres  # noqa: PLC0415  (an extra, which few need)
    except ImportError as error:
        raise SetupError("setup-postgresql-missing") from error
    return postgres


async def _applied(read: Transaction, name: str, catalogue: str) -> tuple[str, ...]:
    """The migrations of a database. Raises `SetupError` when it is not Easel's."""
    column = "name" if catalogue == "sqlite_master" else "tablename"
    known = f"SELECT 1 AS found FROM {catalogue} WHERE {column} = ?"  # noqa: S608  # constants
    if not await read.one(known, "_yoyo_migration"):
        raise SetupError("setup-database-broken", path=name)
    rows = await read.all("SELECT migration_id FROM _yoyo_migration ORDER BY migration_id")
    return tuple(row["migration_id"] for row in rows)


def demand_known(applied: Sequence[str], name: str) -> None:
    """Raises `SetupError` when some of these migrations are of a newer program."""
    if set(applied) - _ours():
        raise SetupError("setup-database-newer", path=name)


def demand_same_schema(applied: Sequence[str], name: str) -> None:
    """Raises `SetupError` unless these migrations are exactly those of this program."""
    demand_known(applied, name)
    if _ours() - set(applied):
        raise SetupError("setup-database-older", path=name)


def _ours() -> set[str]:
    return {file.stem for file in schema.FOLDER.glob("*.sql")}


@contextmanager
def writing(database: Path) -> Iterator[Transaction]:
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


def row_counts(database: Path) -> dict[str, int]:
    with closing(sqlite3.connect(database)) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1"
        ).fetchall()
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608
            for (name,) in names
            if "yoyo" not in name
        }
