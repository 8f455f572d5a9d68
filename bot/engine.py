"""The engine: carries an accepted job from its row to its picture.

Recovery is the ordinary path: a job found unfinished after a crash is simply worked again, and
every step here can be repeated. What may not be repeated, the submit, is announced in the row
before it is made. A storage that refuses fails no job: what was learnt from the relay waits until it
can be written down, anything else is left to whoever runs jobs, who has it worked again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from bot import media, metrics, results
from bot.context import Services
from bot.credits import share
from bot.errors import (
    BadAnswer,
    BadKey,
    BadPicture,
    EaselError,
    NotAllowed,
    StorageError,
    UnknownOutcome,
    UpstreamDown,
    UpstreamError,
    disk_refused,
)
from bot.model import (
    Accepted,
    Endpoint,
    Job,
    JobId,
    Order,
    Picture,
    PictureId,
    Progress,
    Source,
    State,
    Succeeded,
    now,
)
from bot.patience import outlasting
from bot.presenter import passing, preview
from bot.reconciling import Reconciler
from bot.transfers import Transfers
from bot.videos import fitted

log = logging.getLogger(__name__)

_FAREWELL = 5.0
"""Seconds that what is soon over keeps when Easel is stopped: an order until its answer, a message until it
is sent."""


class Engine:
    """Gives the store its ``work``. ``transfers`` bounds how many pictures travel at once."""

    def __init__(self, services: Services, transfers: Transfers) -> None:
        self._services, self._transfers = services, transfers
        self._store, self._upstream = services.store, services.upstream
        self._presenter = services.presenter
        self.reconciler = Reconciler(services)
        self._ordering: dict[JobId, asyncio.Event] = {}
        self._showing: dict[JobId, asyncio.Task[None]] = {}
        self._tidying: dict[JobId, list[Callable[[], None]]] = {}

    async def work(self, job_id: JobId) -> None:
        """Carry one admitted job to its end, or to where an earlier worker left off and on.

        Raises `StorageError` when the database or the disk refuses: then it is to be worked again later.
        Cancelled between an order and its answer, it waits a little for the answer: what is cut off
        there may have been accepted, and can't be resumed by anyone. What is just being sent is finished
        too, so that nobody has to send it again.
        """
        work = asyncio.create_task(self._work(job_id), name=f"work {job_id}")
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            await self._farewell(job_id, work)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            raise

    async def _farewell(self, job_id: JobId, work: asyncio.Task[None]) -> None:
        """Stay a little with what is on its way: an order, the job's message, or its end."""
        awaited: list[asyncio.Task[Any]] = []
        if answered := self._ordering.get(job_id):
            awaited.append(asyncio.create_task(answered.wait()))
        showing = self._showing.get(job_id)
        if self._presenter.sending(job_id):
            awaited.append(showing or work)
        if awaited:
            await asyncio.wait(awaited, timeout=_FAREWELL)
        if showing:
            showing.cancel()

    async def _work(self, job_id: JobId) -> None:
        job = await self._store.begin(job_id)
        try:
            if job and job.state is State.RUNNING:
                # Beside the order, which waits for no message.
                showing = asyncio.create_task(self._show(job), name=f"show {job_id}")
                showing.add_done_callback(lambda _: self._showing.pop(job_id, None))
                self._showing[job_id] = showing
                job = await self._paint(job)
            if job and job.state is State.DELIVERING:
                job = await self._deliver(job)
            elif job:
                await self._tell(job)
            if job and job.invocation.startswith("jam:"):
                self._services.canvases.knock.set()
        except OSError as error:
            raise (StorageError() if disk_refused(error) else error) from error
        finally:
            if job_id in self._showing:
                await asyncio.wait([self._showing[job_id]])
            await self._tidy(job_id)
            self._presenter.forget(job_id)

    async def _show(self, job: Job) -> None:
        """The job's message, and that the chat's queue has moved if so. What fails here fails no job."""
        try:
            await self._presenter.announce(job)
            self._presenter.started(job)
            if job.waited:
                await self._presenter.advance(job.chat)
        except Exception:
            log.exception("job %s has no message yet", job.id)

    async def _paint(self, job: Job) -> Job | None:
        """running → delivering, failed or unknown; ``None`` when another worker has it."""
        folder = self._store.spool / f"{job.id}-{job.attempt}"
        try:
            return await self._generate(job, folder)
        except UnknownOutcome as error:
            log.warning("job %s: the relay may have accepted it: %s", job.id, error)
            if found := await self.reconciler.found(job, job.attempt):
                return await self._paint(found)  # once: an order that has an id is not looked for
            return await outlasting(self._store.unknown)(job.id, job.attempt, error.fault)
        except StorageError:
            raise
        except EaselError as error:
            log.info("job %s failed: %s", job.id, error)
            return await self._fail(job, error)
        except Exception as error:
            if isinstance(error, OSError) and disk_refused(error):
                raise
            log.exception("job %s failed inside Easel", job.id)
            return await self._stumble(job)
        finally:
            self._answered(job)
            self._tidy_later(job.id, partial(results.clear, folder))

    def _answered(self, job: Job) -> None:
        """The order is no longer under way: its id is written down, or its outcome is."""
        if answered := self._ordering.pop(job.id, None):
            answered.set()

    def _tidy_later(self, job: JobId, work: Callable[[], None]) -> None:
        """Files that are no longer needed go once the picture is sent: nobody waits for that."""
        self._tidying.setdefault(job, []).append(work)

    async def _tidy(self, job: JobId) -> None:
        works = self._tidying.pop(job, [])
        if works:
            await asyncio.to_thread(lambda: [work() for work in works])

    async def _fail(self, job: Job, error: EaselError) -> Job | None:
        if isinstance(error, UpstreamError):
            metrics.upstream_error(type(error).__name__)
        return await outlasting(self._store.fail)(job.id, job.attempt, error.fault)

    async def _stumble(self, job: Job) -> Job | None:
        """Our own fault: what was not yet submitted is free, of anything else it is not known."""
        latest = await outlasting(self._store.job)(job.id)
        if latest and latest.submitted:
            return await outlasting(self._store.unknown)(job.id, job.attempt, UnknownOutcome().fault)
        return await outlasting(self._store.fail)(job.id, job.attempt, EaselError().fault)

    async def _generate(self, job: Job, folder: Path) -> Job | None:
        if job.submitted and (left := await asyncio.to_thread(results.left, self._store.spool, job.id)):
            return await self._succeed(job, left)
        endpoint = await self._services.policy.endpoint_of(job)
        profile = self._upstream.profile(endpoint, job.request.model)
        resume = job.upstream_id or None
        if job.submitted and not resume and not profile.repeatable:
            raise UnknownOutcome(what="interrupted")
        results.make_room(folder)
        order = Order(job.request.composed, folder, tag=self._tag(job), language=job.language)
        if not resume:
            if job.request.video:
                fitted(profile, job.request)  # the key may be another's since it was queued
            job = await self._own_sources(job, folder)
            order = replace(await self._order(job, folder), permit=partial(self._permit, job, endpoint))
            if not profile.repeatable:
                self._ordering[job.id] = asyncio.Event()
            if not await self._store.note(job.id, job.attempt, submitted=True):
                return None
        self._presenter.ordered(job)
        return await self._follow(job, self._upstream.generate(endpoint, order, resume=resume))

    async def _permit(self, job: Job, endpoint: Endpoint) -> None:
        """Nothing is ordered by a key that was taken back, however long an order had to wait."""
        try:
            if await self._services.policy.endpoint_of(job) == endpoint:
                return
        except NotAllowed as gone:
            raise BadKey(gone.sentence) from gone
        except StorageError as error:
            raise UpstreamDown(error.sentence) from error  # nothing is on its way yet, and its money is free
        raise BadKey("error-key-gone")

    # pictures on their way in

    async def _own_sources(self, job: Job, folder: Path) -> Job:
        """Fetch what people attached and keep it: fetched once, it never expires."""
        request = job.request
        images = tuple([await self._own(source, folder) for source in request.images])
        mask = await self._own(request.mask, folder) if request.mask else None
        owned = replace(request, images=images, mask=mask)
        if owned == request:
            return job
        await self._store.note(job.id, job.attempt, request=owned)
        return replace(job, request=owned)

    async def _own(self, source: Source, folder: Path) -> Source:
        platform = source.split(":", 1)[0]
        if platform == "picture":
            return source
        raw = folder / "attached"
        async with self._transfers:
            await self._services.adapters[platform].fetch(source, raw)
            ready = await media.prepare(raw, folder)
        return (await self._store.keep(await preview(ready))).source

    async def _order(self, job: Job, folder: Path) -> Order:
        request = job.request
        images = tuple([await self._file(source) for source in request.images])
        mask = await self._file(request.mask) if request.mask else None
        return Order(request.composed, folder, images, mask, tag=self._tag(job), language=job.language)

    def _tag(self, job: Job) -> str:
        """Who asks, so that a relay can tell people apart without knowing anybody."""
        return self._services.vault.pseudonym(job.user.id, job.endpoint)

    async def _file(self, source: Source) -> Path:
        picture = await self._store.picture(PictureId(source.removeprefix("picture:")))
        if picture is None:
            raise BadPicture("error-picture-gone")
        return picture.path

    # the relay's work, and pictures on their way out

    async def _follow(self, job: Job, stream: AsyncGenerator[Progress, None]) -> Job | None:
        async with aclosing(stream) as steps:  # so that its connection is closed at once
            async for progress in steps:
                match progress:
                    case Accepted(id=upstream_id):
                        if upstream_id and not await self._note_id(job, upstream_id):
                            return None
                    case Succeeded():
                        with self._transfers.landed():
                            return await self._succeed(job, progress)
                    case _:
                        self._presenter.progress(job, progress)
        raise UnknownOutcome

    async def _note_id(self, job: Job, upstream_id: str) -> bool:
        noted = await outlasting(self._store.note)(job.id, job.attempt, upstream_id=upstream_id)
        self._answered(job)
        return noted

    async def _succeed(self, job: Job, result: Succeeded) -> Job | None:
        placed = await outlasting(self._store.place)(partial(_readable, job, result))
        if not placed:
            self._tidy_later(job.id, partial(results.forget, result))
            raise BadAnswer
        lost = len(result.files) - len(placed)
        charged = len(placed) + result.unsure
        cost = share(job.hold, charged, job.request.n) if result.cost is None else result.cost
        done = await outlasting(self._store.succeed)(
            job.id, job.attempt, placed, cost, missing=result.missing + lost, note=result.note
        )
        self._tidy_later(job.id, partial(results.forget, result))
        return done

    async def _deliver(self, job: Job) -> Job | None:
        """delivering → done; failed when the platform never takes it, which is said where that can be.

        What was painted is kept: ``/show`` brings it.
        """
        try:
            post = await self._presenter.conclude(replace(job, finished=job.finished or now()))
        except StorageError:
            raise
        except EaselError as error:
            log.warning("job %s could not be delivered: %s", job.id, error)
            done = await outlasting(self._store.fail)(job.id, job.attempt, error.fault)
            if done:
                await self._presenter.refresh(done)
        else:
            await self._tidy(job.id)
            done = await outlasting(self._store.deliver)(job.id, job.attempt, post=post)
        if done:
            metrics.finished(done)
        return done

    async def _tell(self, job: Job) -> None:
        """The sentence that a job ends in without a picture."""
        metrics.finished(job)
        await self._presenter.tell(job)


def _readable(job: Job, result: Succeeded) -> list[Picture]:
    """Those of its pictures that can be read; it is written down first. In a thread."""
    results.write(result)
    pictures = []
    for file in result.files:
        try:
            pictures.append(passing(file, media.facts(file)))
        except BadPicture as error:
            log.warning("job %s: a picture of the relay can't be read: %s", job.id, error)
    return pictures
