"""Who runs an admitted job: here, this process, one asyncio task each.

`Embedded` relies on the lock in `storage.premises`: there is no other process, so whatever is found
unfinished at the start was left by a dead one, and is simply run again; and whoever is admitted from
then on begins in the very transaction that admits them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Protocol

from bot.errors import StorageError
from bot.model import Job, JobId
from storage.database import Inside
from storage.transaction import Transaction

log = logging.getLogger(__name__)

_AGAIN, _LONGEST = 1.0, 30.0  # seconds
_TRIES = 5  # of a job whose work fails, but not for the storage's sake

Work = Callable[[JobId], Awaitable[None]]
Look = Callable[[], Awaitable[list[JobId]]]
Begin = Callable[[Transaction, int], Awaitable[tuple[JobId, Job | None] | None]]


class Runner(Protocol):
    """Answers who runs an admitted job now, and who takes it over when that one dies."""

    async def admitted(self, tx: Transaction, seqs: Collection[int]) -> None:
        """These jobs may run from the end of this transaction on."""
        ...

    def begun(self, job: JobId) -> Job | None:
        """A job whose attempt began when it was admitted; told once."""
        ...

    async def run(self, work: Work) -> None:
        """Call ``work`` for every admitted job, until cancelled."""
        ...


class Embedded:
    """Runs jobs as tasks.

    ``left`` lists all that a start finds, and whoever was admitted before it answers. ``begin`` is one
    attempt more at a job; without the job where its row can't be read, which whoever works it meets again.
    """

    def __init__(self, left: Look, begin: Begin) -> None:
        self._left, self._begin = left, begin
        self._tasks: asyncio.TaskGroup | None = None
        self._work: Work | None = None
        self._begun: dict[JobId, Job] = {}
        self._taken: set[JobId] = set()
        self._again: set[JobId] = set()

    async def admitted(self, tx: Transaction, seqs: Collection[int]) -> None:
        """They begin with the commit. While nobody runs, their rows say it to whoever will."""
        if self._tasks is None:
            return
        assert isinstance(tx, Inside)  # noqa: S101  # there is one driver for SQLite
        for seq in seqs:
            if begun := await self._begin(tx, seq):
                tx.afterwards.append(partial(self._take, *begun))

    def _take(self, name: JobId, job: Job | None) -> None:
        if job:
            self._begun[name] = job
        if name in self._taken:
            self._again.add(name)
        else:
            self._start(name)

    def begun(self, job: JobId) -> Job | None:
        return self._begun.pop(job, None)

    def _start(self, job: JobId) -> None:
        if self._tasks and self._work:  # else it is left to the next start
            self._taken.add(job)
            self._tasks.create_task(self._run(self._work, job), name=f"job {job}")

    async def run(self, work: Work) -> None:
        """Until cancelled; then every job's task is cancelled and waited for.

        A job gets one task for as long as it is unfinished, so none is ever run twice at once. One
        whose work failed is worked again after a pause: a few times, and as often as it takes where
        it was the storage that refused.
        """
        for known in (self._begun, self._taken, self._again):
            known.clear()
        async with asyncio.TaskGroup() as tasks:
            self._tasks, self._work = tasks, work
            try:
                for job in await self._found():
                    if job not in self._taken:
                        self._start(job)
                await asyncio.Event().wait()
            finally:
                self._tasks = None

    async def _found(self) -> list[JobId]:
        while True:
            try:
                return await self._left()
            except StorageError as error:
                log.warning("could not look for admitted jobs, and look again: %s", error.__cause__)
                await asyncio.sleep(_AGAIN)

    async def _run(self, work: Work, job: JobId) -> None:
        """A job that is left as it is stays taken; one admitted anew meanwhile is run once more."""
        if await persistently(work, job):
            self._taken.discard(job)
            if job in self._again:
                self._again.discard(job)
                self._start(job)


async def persistently(work: Work, job: JobId) -> bool:
    """Work a job to its end; false when it is left as it is until the next start."""
    pause, tries = _AGAIN, 1
    while True:
        try:
            await work(job)
        except StorageError as error:
            log.warning("job %s waits until storage takes it: %s", job, error.__cause__)
        except Exception:
            if tries >= _TRIES:
                log.exception("job %s stays as it is until the next start", job)
                return False
            log.exception("job %s failed, and is worked again", job)
            tries += 1
        else:
            return True
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST)
