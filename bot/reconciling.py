"""An order whose outcome is unknown and that has no id: looked for in the relay's own list of orders.

At once, again a little later, and after a restart. What is found is followed by its id like any other
order; nothing is ever ordered again, and what can't be told apart is left to the person. Who was not
asked, since a process died before it could, is asked here.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from bot.context import Services
from bot.errors import EaselError
from bot.model import Job, JobId

log = logging.getLogger(__name__)

_LOOK_EVERY = 20.0
_LONGEST = 3600.0
"""Seconds between two looks for one order: doubled from one to the next, up to this."""

_AT_MOST = 15.0
"""Seconds of one look: the person waits for the sentence, and the relay may just be down."""


@dataclass(frozen=True, slots=True)
class _Look:
    """When an order is looked for next, and how long after that once more; in seconds."""

    due: float
    pause: float

    def next(self, clock: float) -> _Look:
        return _Look(clock + self.pause, min(2 * self.pause, _LONGEST))


class Reconciler:
    """``every`` in seconds: how long after an order was lost it is looked for again."""

    def __init__(self, services: Services, every: float = _LOOK_EVERY) -> None:
        self._store, self._upstream = services.store, services.upstream
        self._policy, self._every = services.policy, every
        self._presenter, self._faces = services.presenter, services.adapters

    async def found(self, job: Job, attempt: int | None = None) -> Job | None:
        """The job with the id that its order has at the relay, if that can be told; running then."""
        try:
            async with asyncio.timeout(_AT_MOST):
                candidates = await self._candidates(job)
            found = await self._store.found(job.id, candidates, attempt) if candidates else None
        except (EaselError, TimeoutError) as error:
            log.info("job %s could not be looked for: %r", job.id, error)
            return None
        except Exception:  # one that can't be looked for takes no other along, and nobody's start
            log.exception("job %s could not be looked for", job.id)
            return None
        if found:
            log.info("job %s was found at the relay: %s", job.id, found.upstream_id)
        return found

    async def _candidates(self, job: Job) -> Sequence[str]:
        endpoint = await self._policy.endpoint_of(replace(job, submitted=True))
        return await self._upstream.reconcile(endpoint, job.request.composed, job.started or job.created)

    async def run(self) -> None:
        """Until cancelled, look for what is lost: at once what an earlier process left."""
        looks = {job.id: _Look(0.0, self._every) for job in await self._lost()}
        silent = {job.id for job in await self._untold()}
        while True:
            silent = await self._ask(silent)
            lost, clock = await self._lost(), time.monotonic()
            looks = {job.id: looks.get(job.id) or _Look(clock + self._every, self._every) for job in lost}
            for job in lost:
                if looks[job.id].due <= clock:
                    looks[job.id] = looks[job.id].next(clock)
                    await self.found(job)
            await asyncio.sleep(self._every)

    async def _ask(self, silent: set[JobId]) -> set[JobId]:
        """Ask about those that nobody asked about since the last look; who was not asked until now."""
        now = await self._untold()
        left = [job for job in now if job.id in silent and job.chat.platform in self._faces]
        for job in left:
            log.info("job %s: its person was not asked yet", job.id)
            try:
                async with asyncio.timeout(_AT_MOST):
                    await self._presenter.tell(job)
            except (EaselError, TimeoutError) as error:
                log.info("job %s: its person could not be asked: %r", job.id, error)
            except Exception:  # one that can't be told of takes no other along
                log.exception("job %s", job.id)
            self._presenter.forget(job.id)
        return {job.id for job in now}

    async def _lost(self) -> list[Job]:
        return await self._looked(self._store.unsettled)

    async def _untold(self) -> list[Job]:
        return await self._looked(self._store.untold)

    @staticmethod
    async def _looked(look: Callable[[], Awaitable[list[Job]]]) -> list[Job]:
        try:
            return await look()
        except EaselError:
            log.exception("could not look for unknown outcomes")
            return []
