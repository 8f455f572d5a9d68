"""Transactions over psycopg: a pool of connections to a server that other processes use too.

One transaction writes at a time, in all processes together, as it is with a file: an advisory lock says
whose turn it is. So what is right for one database is right for the other, and nothing ever deadlocks.
Readers see the last commit and wait for nobody. A pooler in between must pool sessions, not transactions.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg.adapt import Buffer, Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from bot.errors import SetupError, StorageError, StorageUnsure
from storage import schema
from storage.transaction import Answer, Asked, Body, Row, Transaction, hand_out

log = logging.getLogger(__name__)

T = TypeVar("T")
Connection = psycopg.AsyncConnection[DictRow]
Pool = AsyncConnectionPool[Connection]

LOCKS = 0x6561736C
"""The first half of the key of every advisory lock of ours: "easl"."""
WRITING, MIGRATING = 1, 2

_CONNECTIONS = 8
_CONNECT = 10.0  # seconds to wait for a server
_FREE = 5.0  # seconds to wait for a connection that is free, before people are told
_GIVE_UP = 4.0  # seconds until the pool waits to be asked for a connection again, and so is back soon
_TRIES = 3
_MOST_TOGETHER = 32
_FATE = 60.0  # seconds to ask after a commit whose answer was lost

_SETTINGS = """
    SET lock_timeout = '30s';
    SET idle_in_transaction_session_timeout = '15s';
    SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 4
"""
_BEGIN = f"""
    BEGIN; SELECT pg_advisory_xact_lock({LOCKS}, {WRITING});
    SELECT pg_current_xact_id()::text AS number; SAVEPOINT one
"""


class _Whole(Loader):
    """PostgreSQL's sums of bigint are numeric; ours are whole numbers."""

    def load(self, data: Buffer) -> int | float:
        text = bytes(data).decode()
        return float(text) if "." in text else int(text)


def place(url: str) -> str:
    """``host/database``, for sentences: a URL may hold a password. Raises `SetupError` if it is none."""
    try:
        words = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise SetupError("setup-store-url", scheme=url.partition(":")[0]) from None
    return f"{words.get('host') or 'localhost'}/{words.get('dbname') or ''}"


def bring_up_to_date(url: str, migrations: Path = schema.FOLDER) -> None:
    """The schema of this program, applied by one process at a time. Raises `SetupError`."""
    name = place(url)
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=int(_CONNECT)) as connection:
            connection.execute(f"SELECT pg_advisory_lock({LOCKS}, {MIGRATING})".encode())
            schema.bring_server_up_to_date(connection, name, migrations)
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise SetupError("setup-server-failed", place=name, reason=reason) from error


async def connect(url: str) -> Connection:
    """A connection of one's own, ready for use."""
    connection = await psycopg.AsyncConnection.connect(
        url, row_factory=dict_row, connect_timeout=int(_CONNECT)
    )
    await prepare(connection)
    return connection


async def prepare(connection: Connection) -> None:
    await connection.set_autocommit(True)
    connection.adapters.register_loader("numeric", _Whole)
    await connection.execute(_SETTINGS)


class Statements:
    """Statements on one connection; within a transaction or each by itself."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def all(self, sql: str, *params: Any) -> list[Row]:
        cursor = await self.connection.execute(_translated(sql), params)
        return list(await cursor.fetchall()) if cursor.description else []

    async def one(self, sql: str, *params: Any) -> Row | None:
        return next(iter(await self.all(sql, *params)), None)


class _Reading:
    """Single statements on whatever connection is free. What failed by a lost connection is asked again."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def all(self, sql: str, *params: Any) -> list[Row]:
        try:
            try:
                return await self._once(sql, params)
            except PoolTimeout:
                raise
            except psycopg.OperationalError:
                await self._pool.check()
                return await self._once(sql, params)
        except psycopg.Error as error:
            raise StorageError from error

    async def _once(self, sql: str, params: Sequence[Any]) -> list[Row]:
        async with self._pool.connection() as connection:
            return await Statements(connection).all(sql, *params)

    async def one(self, sql: str, *params: Any) -> Row | None:
        return next(iter(await self.all(sql, *params)), None)


class Postgres:
    """Fills `storage.transaction.Driver`. A connection that went away is replaced."""

    def __init__(self, url: str, pool: Pool) -> None:
        self.url, self.pool = url, pool
        self.read: Transaction = _Reading(pool)
        self._line: list[Asked[Any]] = []
        self._clerk: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Postgres]:
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # a line for every attempt to connect
        pool: Pool = AsyncConnectionPool(
            url,
            connection_class=psycopg.AsyncConnection[DictRow],
            kwargs={"row_factory": dict_row},
            configure=prepare,
            min_size=1,
            max_size=_CONNECTIONS,
            timeout=_FREE,
            reconnect_timeout=_GIVE_UP,
            open=False,
        )
        database = cls(url, pool)
        try:
            try:
                await pool.open(wait=True, timeout=_CONNECT)
            except psycopg.Error as error:
                raise StorageError from error
            yield database
        finally:
            if database._clerk:
                await asyncio.wait([database._clerk])
            await pool.close()

    async def write(self, body: Body[T]) -> T:
        loop = asyncio.get_running_loop()
        asked: Asked[T] = Asked(body, loop.create_future())
        self._line.append(asked)
        if self._clerk is None or self._clerk.done():
            self._clerk = loop.create_task(self._serve(), name="database")
        return await asked.answer

    async def aside(self, body: Body[T]) -> T:
        """A transaction that waits for nobody: for rows that nobody else can know of yet."""
        try:
            async with self.pool.connection() as connection, connection.transaction():
                return await body(Statements(connection))
        except psycopg.Error as error:
            raise StorageError from error

    async def _serve(self) -> None:
        while line := self._line[:_MOST_TOGETHER]:
            del self._line[: len(line)]
            try:
                answers = await self._commit(line)
            except Exception as error:
                answers = [Answer(error=_plain(error))] * len(line)
            hand_out(line, answers)

    async def _commit(self, line: Sequence[Asked[Any]]) -> list[Answer]:
        """Everybody in line, in one commit; from the start again where the server gave up on it."""
        for left in reversed(range(_TRIES)):
            turn = _Turn()
            try:
                async with self.pool.connection() as connection:
                    await turn.take(connection, line)
                    return turn.answers
            except (psycopg.OperationalError, psycopg.errors.InternalError) as error:
                # A lost connection, a deadlock, a server that restarts: all of it undone, but for one case.
                if turn.committing and await self._committed(turn.number):
                    return turn.answers
                if not left or isinstance(error, psycopg.errors.LockNotAvailable | PoolTimeout):
                    raise
                log.info("a transaction is tried again: %s", str(error).strip())
                await self.pool.check()
        raise AssertionError("unreachable")

    async def _committed(self, number: str) -> bool:
        """What came of a commit whose answer was lost. Raises `StorageUnsure` when nobody tells in time."""
        try:
            async with asyncio.timeout(_FATE):
                while True:
                    fate = await self._fate(number)
                    if fate in ("committed", "aborted"):
                        return fate == "committed"
                    await asyncio.sleep(0.2)
        except TimeoutError as error:
            raise StorageUnsure from error

    async def _fate(self, number: str) -> str | None:
        try:
            async with self.pool.connection() as connection:
                asked = await connection.execute("SELECT pg_xact_status(%s::xid8) AS fate", [number])
                row = await asked.fetchone()
        except psycopg.OperationalError:
            return None
        return str(row["fate"]) if row else None


class _Turn:
    """One commit of several transactions, each in a savepoint, so that one who fails takes nobody along."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.number = ""
        self.committing = False

    async def take(self, connection: Connection, line: Sequence[Asked[Any]]) -> None:
        self.number = await self._begin(connection)
        tx = Statements(connection)
        for asked in line:
            if self.answers:
                await connection.execute("SAVEPOINT one")
            self.answers.append(await self._apart(tx, asked.body))
        self.committing = True
        await connection.execute("COMMIT")

    @staticmethod
    async def _begin(connection: Connection) -> str:
        cursor = await connection.execute(_BEGIN)
        while cursor.description is None or cursor.description[0].name != "number":
            cursor.nextset()
        row = await cursor.fetchone()
        assert row  # noqa: S101  # it selects one
        return str(row["number"])

    @staticmethod
    async def _apart(tx: Statements, body: Body[Any]) -> Answer:
        try:
            answer = Answer(await body(tx))
        except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
            raise
        except Exception as error:
            if tx.connection.info.transaction_status is TransactionStatus.UNKNOWN:
                raise
            await tx.connection.execute("ROLLBACK TO one")
            answer = Answer(error=_plain(error))
        await tx.connection.execute("RELEASE one")
        return answer


def _plain(error: Exception) -> Exception:
    """What PostgreSQL says, as a sentence for people and a cause for the log."""
    if isinstance(error, psycopg.Error):
        plain = StorageError()
        plain.__cause__ = error
        return plain
    return error


@lru_cache(maxsize=1000)
def _translated(sql: str) -> bytes:
    """Our ``?`` are its ``%s``."""
    return sql.replace("%", "%%").replace("?", "%s").encode()
