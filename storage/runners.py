"""Who runs an admitted job: here, this process, one asyncio task each.

`Embedded` relies on the lock in `storage.premises`: there is no other process, so whatever is found
unfinished at the start was left by a dead one, and is simply run again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

from bot.errors import StorageError
from bot.model import JobId
from storage.transaction import Transaction

log = logging.getLogger(__name__)

_AGAIN, _LONGEST = 1.0, 30.0  # seconds
_TRIES = 5  # of a job whose work fails, but not for the storage's sake

Work = Callable[[JobId], Awaitable[None]]
Look = Callable[[], Awaitable[list[JobId]]]


class Runner(Protocol):
    """Answers who runs an admitted job now, and who takes it over when that one dies."""

    async def admitted(self, tx: Transaction, seqs: Collection[int]) -> None:
        """These jobs may run from the end of this transaction on."""
        ...

    def wake(self) -> None:
        """A transaction that may have admitted somebody is over."""
        ...

    async def run(self, work: Work) -> None:
        """Call ``work`` for every admitted job, until cancelled."""
        ...


class Embedded:
    """Runs jobs as tasks. ``due`` lists those admitted and not begun, ``left`` all that a start finds."""

    def __init__(self, due: Look, left: Look) -> None:
        self._due, self._left = due, left
        self._knock = asyncio.Event()
        self._taken: set[JobId] = set()
        self._again: set[JobId] = set()

    async def admitted(self, tx: Transaction, seqs: Collection[int]) -> None:
        """Their rows say it, and there is nobody else to tell."""

    def wake(self) -> None:
        """Somebody may have been admitted: have a look. Needs no job's name, so none is ever missed."""
        self._knock.set()

    async def run(self, work: Work) -> None:
        """Until cancelled; then every job's task is cancelled and waited for.

        A job gets one task for as long as it is unfinished, so none is ever run twice at once. One
        whose work failed is worked again after a pause: a few times, and as often as it takes where
        it was the storage that refused.
        """
        look = self._left
        self._taken.clear()
        self._again.clear()
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._knock.clear()
                found = await self._look(look)
                for job in found or ():
                    if job in self._taken:
                        self._again.add(job)
                    else:
                        self._taken.add(job)
                        tasks.create_task(self._run(work, job), name=f"job {job}")
                look = look if found is None else self._due
                await self._knock.wait()

    async def _look(self, look: Look) -> list[JobId] | None:
        try:
            return await look()
        except StorageError as error:
            log.warning("could not look for admitted jobs, and look again: %s", error.__cause__)
            asyncio.get_running_loop().call_later(_AGAIN, self.wake)
            return None

    async def _run(self, work: Work, job: JobId) -> None:
        """A job that is left as it is stays taken; one admitted anew meanwhile is looked for again."""
        if await persistently(work, job):
            self._taken.discard(job)
            if job in self._again:
                self._again.discard(job)
                self.wake()


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
