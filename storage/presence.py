"""Who else is there: the numbers of processes that live, and what only one of them may do at a time."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Protocol
from zlib import crc32

from bot.errors import StorageError
from storage.transaction import Transaction

if TYPE_CHECKING:
    from storage.postgres import Connection

log = logging.getLogger(__name__)

_ALIVE, _TURNS = 0x6561736D, 0x6561736E
"""First halves of the keys of the locks: one a process, one a turn."""

_LOOK, _SILENCE = 2.0, 5.0  # seconds between two looks, and that one may take
_TRY = 1.0  # seconds until a turn is asked for again

_LIVING = """
    SELECT objid FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND classid = ?
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Presence(Protocol):
    """This process among those that share its database."""

    @property
    def number(self) -> int:
        """What it signs claims with in rows: they hold while it lives."""
        ...

    @property
    def known(self) -> bool:
        """Whether the others can see that it lives: the database is within reach."""
        ...

    @property
    def sole(self) -> bool:
        """Whether nobody else can ever take what this one has."""
        ...

    async def living(self, read: Transaction) -> Collection[int]:
        """The numbers of all that live."""
        ...

    def turn(self, name: str, *, wait: bool = True) -> AbstractAsyncContextManager[bool]:
        """See `bot.ports.Store.turn`."""
        ...


class Alone:
    """The one process there is: the lock on the file says so."""

    known = sole = True

    def __init__(self) -> None:
        self.number = _new_number()

    async def living(self, read: Transaction) -> Collection[int]:
        return (self.number,)

    @asynccontextmanager
    async def turn(self, name: str, *, wait: bool = True) -> AsyncIterator[bool]:
        yield True


class Among:
    """One of many. All hangs on one connection's locks, which the server frees when the process ends."""

    sole = False

    def __init__(self, url: str) -> None:
        self._url = url
        self.number = _new_number()
        self._connection: Connection | None = None
        self._asking = asyncio.Lock()
        self._turns: dict[int, asyncio.Timeout] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Among]:
        presence = cls(url)
        await presence._appear()
        watch = asyncio.create_task(presence._watch(), name="presence")
        try:
            yield presence
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            if presence._connection:
                await presence._connection.close()

    @property
    def known(self) -> bool:
        return self._connection is not None

    async def living(self, read: Transaction) -> Collection[int]:
        return {int(row["objid"]) for row in await read.all(_LIVING, _ALIVE)}

    @asynccontextmanager
    async def turn(self, name: str, *, wait: bool = True) -> AsyncIterator[bool]:
        key, mine = crc32(name.encode()) >> 1, False
        limit = asyncio.timeout(None)
        try:
            async with limit:
                while not (mine := await self._take(key, limit)) and wait:  # noqa: ASYNC110  # others say
                    await asyncio.sleep(_TRY)
                if mine:
                    log.info("it is this process's turn: %s", name)
                yield mine
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise StorageError from error
        finally:
            if mine:
                await self._give_back(key, limit)

    async def _take(self, key: int, limit: asyncio.Timeout) -> bool:
        """The server gives a lock twice to one connection, so a turn that is taken here is not asked for."""
        async with self._asking:
            if key in self._turns or not await self._lock(_TURNS, key):
                return False
            self._turns[key] = limit
            return True

    async def _give_back(self, key: int, limit: asyncio.Timeout) -> None:
        from psycopg import Error  # noqa: PLC0415  (an extra)

        async with self._asking:
            if self._turns.get(key) is limit and self._connection:
                del self._turns[key]
                with suppress(Error):
                    await self._connection.execute("SELECT pg_advisory_unlock(%s, %s)", [_TURNS, key])

    async def _lock(self, kind: int, key: int) -> bool:
        from psycopg import Error  # noqa: PLC0415  (an extra)

        if self._connection is None:
            return False
        try:
            asked = await self._connection.execute("SELECT pg_try_advisory_lock(%s, %s) AS got", [kind, key])
            row = await asked.fetchone()
        except Error:
            return False
        return bool(row and row["got"])

    async def _appear(self) -> None:
        from storage.postgres import connect  # noqa: PLC0415  (an extra)

        self._connection = await connect(self._url)
        while not await self._lock(_ALIVE, self.number):
            self.number = _new_number()  # a ghost of ours may still hold the old one

    async def _watch(self) -> None:
        from psycopg import Error  # noqa: PLC0415  (an extra)

        while True:
            await asyncio.sleep(_LOOK)
            try:
                await self._look()
            except (Error, OSError, TimeoutError) as error:
                await self._disappear(error)

    async def _look(self) -> None:
        if self._connection is None:
            await self._appear()
            log.info("this process is known to the others again")
        async with asyncio.timeout(_SILENCE), self._asking:
            if self._connection:
                await self._connection.execute("SELECT 1")

    async def _disappear(self, error: Exception) -> None:
        """The locks are lost, or will be: whoever had a turn stops."""
        if self._connection is None:
            return
        log.warning("the database is out of reach; what only one may do stops here: %s", str(error).strip())
        connection, self._connection = self._connection, None
        for limit in self._turns.values():
            limit.reschedule(asyncio.get_running_loop().time())
        self._turns.clear()
        with suppress(Exception):
            await connection.close()


def _new_number() -> int:
    return secrets.randbelow(2**31 - 1) + 1
