"""What all parts of the store stand on: the database, how it is, and who runs."""

# ruff: noqa: S608 - what is put into statements here is constants and question marks

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from bot.errors import StorageError
from bot.model import Job, JobId, PoolKey, now
from bot.ports import Caps
from storage import inbox, jobs, pictures, pools, premises, turns
from storage.album import Album
from storage.condition import UNREACHABLE, Condition
from storage.presence import Alone, Presence
from storage.runners import Embedded, Runner
from storage.transaction import Body, Driver, Row, Transaction

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound="Base")
Step = Callable[Concatenate[S, Transaction, P], Coroutine[Any, Any, T]]
Method = Callable[Concatenate[S, P], Coroutine[Any, Any, T]]


def written(step: Step[S, P, T]) -> Method[S, P, T]:
    """A method that is one transaction."""

    @wraps(step)
    async def method(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._write(lambda tx: step(self, tx, *args, **kwargs))

    return method


class Base:
    """One transaction after another, over a `Driver`."""

    def __init__(
        self,
        database: Driver,
        folder: Path,
        caps: Caps,
        *,
        runner: Runner | None = None,
        presence: Presence | None = None,
        album: Album | None = None,
    ) -> None:
        self.database = database
        self._read = database.read
        self._presence, self._album = presence or Alone(), album
        self._pictures = premises.pictures(folder)
        self._spool = premises.spool(folder)
        self._caps = caps
        self.runner: Runner = runner or Embedded(self._left, self._begin_row)
        self._condition = Condition()

    async def _write(self, body: Body[T]) -> T:
        with self._condition.watched():
            return await self.database.write(body)

    @property
    def condition(self) -> str:
        return self._condition.word if self._presence.known else UNREACHABLE

    async def probe(self) -> None:
        with suppress(StorageError), self._condition.watched(files=True):
            await pictures.probe(self._spool)  # first: the disk says more exactly what it has than SQLite
            await self.database.write(inbox.probe)

    def turn(self, name: str, *, wait: bool = True) -> AbstractAsyncContextManager[bool]:
        return self._presence.turn(name, wait=wait)

    async def _admit(self, tx: Transaction, at: datetime | None = None) -> None:
        await self.runner.admitted(tx, await turns.admit(tx, self._caps, at or now()))

    async def _end_waiting(self, tx: Transaction, lent: Sequence[PoolKey]) -> None:
        """Told by whoever runs jobs, so that the sentence is said after a crash too."""
        for key in lent:
            await self.runner.admitted(tx, await pools.take_back(tx, key))
        await self._admit(tx)

    async def _left(self) -> list[JobId]:
        """Everything that was admitted and is not over."""

        async def look(tx: Transaction) -> list[Row]:
            return await tx.all(f"SELECT id FROM jobs WHERE {turns.BUSY} ORDER BY seq")

        # In line: whoever was admitted before is seen, and whoever began with that was taken already.
        return [JobId(row["id"]) for row in await self._write(look)]

    async def _begin_row(self, tx: Transaction, seq: int) -> tuple[JobId, Job | None] | None:
        row = await jobs.begin(tx, seq)
        if row is None:
            return None
        try:
            return JobId(row["id"]), await self._whole(tx, row)
        except (KeyError, TypeError, ValueError):  # its own trouble, not that of whoever made room for it
            return JobId(row["id"]), None

    async def _maybe(self, tx: Transaction, row: Row | None) -> Job | None:
        return await self._whole(tx, row) if row else None

    async def _whole(self, tx: Transaction, row: Row) -> Job:
        (job,) = await jobs.whole(tx, [row], self._pictures)
        return job
