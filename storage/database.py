"""Transactions over aiosqlite: one connection that writes, one that reads, no SQL of its own.

One writer at a time (a lock here, ``BEGIN IMMEDIATE`` there), so "database is locked" can't
happen between tasks, and what a transaction has read stays true until it ends. Readers see the
last commit and never wait for a writer. Statements use ``?`` and words that PostgreSQL knows too,
so that a second driver can stand beside this one; without ``RETURNING``, which SQLite knows from
3.35 on and some systems that come with Python 3.11 do not have.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import aiosqlite

from bot.errors import StorageError

BUSY_MS = 5_000

_WRITER = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)
_READER = ("PRAGMA query_only = ON",)


class Row(Protocol):
    """A row, read by the column's name."""

    def __getitem__(self, column: str, /) -> Any: ...
    def keys(self) -> Iterable[str]: ...


class Transaction:
    """The statements of one transaction, each a round trip to the database."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def all(self, sql: str, *params: Any) -> list[Row]:
        with _plainly():
            return list(await self._connection.execute_fetchall(sql, params))

    async def one(self, sql: str, *params: Any) -> Row | None:
        """The first row, if there is one."""
        return next(iter(await self.all(sql, *params)), None)


class Database:
    """Two connections to one file. Raises `StorageError` for whatever the file or the disk refuses."""

    def __init__(self, writer: aiosqlite.Connection, reader: aiosqlite.Connection) -> None:
        self._writer = writer
        self._transaction = Transaction(writer)
        self._lock = asyncio.Lock()
        self.read = Transaction(reader)
        """Single statements, each a transaction of its own that changes nothing."""

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator[Database]:
        async with _connect(path, _WRITER) as writer, _connect(path, _READER) as reader:
            yield cls(writer, reader)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """All that is done inside is done, or nothing of it: an exception or a cancel undoes it.

        The connection works through its statements in order, so one whose caller was
        cancelled is still finished before the rollback that follows it.
        """
        async with self._lock:
            try:
                await self._transaction.all("BEGIN IMMEDIATE")
                yield self._transaction
                await self._end(self._writer.commit())
            except BaseException:
                await self._end(self._writer.rollback())
                raise

    async def _end(self, step: Awaitable[None]) -> None:
        with _plainly():
            await step


@asynccontextmanager
async def _connect(path: Path, pragmas: Iterable[str]) -> AsyncIterator[aiosqlite.Connection]:
    with _plainly():
        connection = await aiosqlite.connect(path, isolation_level=None, timeout=BUSY_MS / 1000)
    try:
        connection.row_factory = sqlite3.Row
        with _plainly():
            for pragma in pragmas:
                await connection.execute_fetchall(pragma)
        yield connection
    finally:
        await connection.close()


@contextmanager
def _plainly() -> Iterator[None]:
    """What SQLite says, as a sentence for people and a cause for the log."""
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError from error
    except ValueError as error:  # aiosqlite's word for a connection that was closed
        raise StorageError from error
