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
    """Runs jobs as tasks. ``admitted`` lists those that are admitted and not finished, at any time."""

    def __init__(self, admitted: Callable[[], Awaitable[list[JobId]]]) -> None:
        self._admitted = admitted
        self._knock = asyncio.Event()

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
        taken: set[JobId] = set()
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._knock.clear()
                admitted = await self._look(or_else=taken)
                for job in admitted:
                    if job not in taken:
                        tasks.create_task(persistently(work, job), name=f"job {job}")
                taken = set(admitted)
                await self._knock.wait()

    async def _look(self, or_else: set[JobId]) -> list[JobId]:
        try:
            return await self._admitted()
        except StorageError:
            log.exception("could not look for admitted jobs; trying again")
            asyncio.get_running_loop().call_later(_AGAIN, self.wake)
            return list(or_else)


async def persistently(work: Work, job: JobId) -> None:
    pause, tries = _AGAIN, 1
    while True:
        try:
            return await work(job)
        except StorageError as error:
            log.warning("job %s waits until storage takes it: %s", job, error.__cause__)
        except Exception:
            if tries >= _TRIES:
                log.exception("job %s stays as it is until the next start", job)
                return None
            log.exception("job %s failed, and is worked again", job)
            tries += 1
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST)
