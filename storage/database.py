"""Transactions over aiosqlite: one connection that writes, one that reads, no SQL of its own.

A transaction is a coroutine that awaits nothing but the database. It runs as a whole in the
connection's own thread, one after another: half a dozen statements cost one change of threads, and
"database is locked" can't happen between tasks. Readers see the last commit and never wait for a
writer. No ``RETURNING``, which SQLite knows from 3.35 on and some systems that come with Python 3.11
do not have.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from bot.errors import StorageError
from storage.transaction import Answer, Asked, Body, Row, Transaction, hand_out

T = TypeVar("T")
BUSY_MS = 5_000

_WRITER = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)
_READER = ("PRAGMA query_only = ON",)


class Inside:
    """Statements from within the connection's thread: each is done when it is asked for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.afterwards: list[Callable[[], object]] = []
        """What is called in the event loop once all of this transaction is on the disk, and only then."""

    async def all(self, sql: str, *params: Any) -> list[Row]:
        return list(self._connection.execute(sql, params).fetchall())

    async def one(self, sql: str, *params: Any) -> Row | None:
        return next(iter(await self.all(sql, *params)), None)


class _Outside:
    """Single statements from the event loop, each a round trip and a transaction of its own."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def all(self, sql: str, *params: Any) -> list[Row]:
        with _plainly():
            return list(await self._connection.execute_fetchall(sql, params))

    async def one(self, sql: str, *params: Any) -> Row | None:
        return next(iter(await self.all(sql, *params)), None)


class Database:
    """Two connections to one file. Raises `StorageError` for whatever the file or the disk refuses."""

    def __init__(self, writer: aiosqlite.Connection, reader: aiosqlite.Connection) -> None:
        self._writer = writer
        self._line: list[Asked[Any]] = []
        self._gate = threading.Lock()
        self.read: Transaction = _Outside(reader)
        """Single statements, each a transaction of its own that changes nothing."""

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator[Database]:
        async with _connect(path, _WRITER) as writer, _connect(path, _READER) as reader:
            yield cls(writer, reader)

    async def write(self, body: Body[T]) -> T:
        """All that ``body`` does is done, or nothing of it.

        Once it is in line it runs to its end, also when the caller is cancelled meanwhile. Whoever
        comes while the disk is busy shares the next commit: one wait for the disk, for all of them.
        """
        loop = asyncio.get_running_loop()
        asked: Asked[T] = Asked(body, loop.create_future())
        with self._gate:
            first = not self._line
            self._line.append(asked)
        if first:
            # aiosqlite offers single statements; what it does with them, it does with any function.
            turn = loop.create_task(self._writer._execute(self._commit))  # type: ignore[no-untyped-call]
            turn.add_done_callback(self._committed)
        with _plainly():
            return await asked.answer

    def _commit(self) -> tuple[list[Asked[Any]], list[Answer]]:
        """In the connection's thread: everybody in line, in one commit."""
        line = self._taken()
        try:
            return line, _together(self._writer._conn, line)
        except Exception as error:
            return line, [Answer(error=error)] * len(line)

    def _committed(self, turn: asyncio.Task[tuple[list[Asked[Any]], list[Answer]]]) -> None:
        if turn.cancelled():
            return
        if error := turn.exception():  # the connection takes nothing any more: whoever waits in line is told
            line = self._taken()
            hand_out(line, [Answer(error=error)] * len(line))
        else:
            hand_out(*turn.result())

    def _taken(self) -> list[Asked[Any]]:
        with self._gate:
            line, self._line = self._line, []
        return line


def _together(connection: sqlite3.Connection, line: Sequence[Asked[Any]]) -> list[Answer]:
    """One who fails takes nobody along; who is alone fails with the transaction."""
    one = _apart if len(line) > 1 else _done
    connection.execute("BEGIN IMMEDIATE")
    try:
        answers = [one(connection, asked.body) for asked in line]
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
    return answers


def _apart(connection: sqlite3.Connection, body: Body[Any]) -> Answer:
    connection.execute("SAVEPOINT one")
    try:
        answer = _done(connection, body)
    except Exception as error:
        if not connection.in_transaction:  # SQLite itself undid it all: a full disk, a broken one
            raise
        connection.execute("ROLLBACK TO one")
        answer = Answer(error=error)
    connection.execute("RELEASE one")
    return answer


def _done(connection: sqlite3.Connection, body: Body[Any]) -> Answer:
    inside = Inside(connection)
    return Answer(_driven(body(inside)), afterwards=inside.afterwards)


def _driven(steps: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never has to wait."""
    try:
        steps.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    steps.close()
    raise RuntimeError("a transaction waited for something else than its database")


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
