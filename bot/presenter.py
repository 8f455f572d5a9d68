"""One message per job, sent once, then repainted.

A job's message (its *post*) is sent at submit and becomes the picture. Progress is painted at
the platform's pace and dropped when there is no room for it; results wait for nothing but a
flood window that the platform itself closed. Everything here may be repeated: a repaint of a
message that exists does no harm, and only text is ever sent anew.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from bot import media, metrics
from bot.errors import BadPicture, EaselError, Flooded, Gone, NotDelivered, PlatformError, StorageError
from bot.i18n import Words
from bot.model import (
    ChatId,
    Job,
    JobId,
    Picture,
    PictureId,
    Post,
    Preview,
    Progress,
    Queued,
    Reply,
    Running,
    State,
    now,
)
from bot.patience import outlasting
from bot.ports import Adapter, Link, Store, Submission, no_link
from bot.transfers import Transfers
from bot.views import job_card

log = logging.getLogger(__name__)

_PATIENCE = 24 * 3600.0
"""Seconds that a result is tried again when a platform does not answer."""

_PAUSE, _LONGEST = 0.5, 120.0
"""Seconds before the first of these tries; doubled from one to the next, up to the second figure."""

_ORDER_FIRST = 0.1
"""Seconds that a placeholder waits for the order to go out: where many ask at once, orders go first."""

_MOST_CANVASES = 1_000
_HEAD = 3
"""How many of a chat's waiting jobs are seen to move up: edits are few, further back it matters little."""


class Pace:
    """How fast one chat may be spoken to: what the platform said, a budget for progress, who goes first."""

    def __init__(self) -> None:
        self._closed: dict[ChatId, float] = {}
        self._results: Counter[ChatId] = Counter()
        self._edits: dict[ChatId, deque[float]] = {}

    def close(self, chat: ChatId, seconds: float) -> None:
        """The platform wants silence in this chat."""
        self._closed[chat.home] = time.monotonic() + seconds

    def wait(self, chat: ChatId) -> float:
        """Seconds until the chat may be spoken to again."""
        left = self._closed.get(chat.home, 0.0) - time.monotonic()
        if left <= 0:
            self._closed.pop(chat.home, None)
        return max(0.0, left)

    @contextmanager
    def result(self, chat: ChatId) -> Iterator[None]:
        """While this lasts, nothing but results has room in the chat."""
        self._results[chat.home] += 1
        try:
            yield
        finally:
            self._results[chat.home] -= 1
            self._results += Counter()  # keeps those above zero alone

    def room(self, chat: ChatId, per_minute: int) -> bool:
        """Whether one more progress edit fits; counts it if it does."""
        if self.wait(chat) or self._results[chat.home]:
            return False
        now, edits = time.monotonic(), self._edits.pop(chat.home, deque[float]())
        for home in list(islice(self._edits, 2)):  # the quietest are first, and let go
            if not self._edits[home] or now - self._edits[home][-1] > 60:
                del self._edits[home]
        self._edits[chat.home] = edits
        while edits and now - edits[0] > 60:
            edits.popleft()
        if len(edits) >= per_minute:
            return False
        edits.append(now)
        return True


@dataclass(slots=True)
class _Canvas:
    """What is being painted for one live job.

    ``ready``: in how many seconds it was likely to be, when that was ``foreseen`` last.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    ordered: asyncio.Event = field(default_factory=asyncio.Event)
    post: Post | None = None
    gone: Post | None = None
    wanted: tuple[Job, Progress] | None = None
    painter: asyncio.Task[None] | None = None
    painted: Reply | None = None
    shown: State | None = None
    ready: float | None = None
    foreseen: State | None = None
    noted: asyncio.Task[None] | None = None
    """Its message is being written down."""
    ours: bool = False
    """Whether its message is for this process alone to send, which it did not try yet."""
    lost: bool = False
    """Whether a placeholder was sent without being told what became of it."""
    sending: bool = False
    begun: bool = False
    sketched: bool = False
    final: bool = False

    @property
    def idle(self) -> bool:
        tasks = (self.painter, self.noted)
        at_it = self.begun or self.final or self.lock.locked()
        return not at_it and all(task is None or task.done() for task in tasks)

    async def known(self) -> None:
        """Once its message, if it has one, is written down."""
        if self.noted:
            await asyncio.wait([self.noted])  # whoever waits here and is cancelled stops it no more

    @contextmanager
    def on_its_way(self) -> Iterator[None]:
        """What is cut off now may arrive, and nobody would be told."""
        self.sending = True
        try:
            yield
        finally:
            self.sending = False


class Presenter:
    """Shows jobs. ``transfers`` bounds how many pictures travel at once."""

    def __init__(
        self,
        store: Store,
        adapters: Mapping[str, Adapter],
        words: Words,
        transfers: Transfers,
        link: Link = no_link,
    ) -> None:
        self._store, self._adapters, self._words = store, adapters, words
        self._transfers, self._link = transfers, link
        self._since = now()
        self._canvases: dict[JobId, _Canvas] = {}
        self._most = _MOST_CANVASES
        self.pace = Pace()

    async def announce(self, job: Job, accepted: Submission | None = None) -> None:
        """Send the job's placeholder, unless it has a message already.

        ``accepted``: how it was, a moment ago. A platform that fails here, or wants silence, fails no job:
        its progress or its end opens the message.
        """
        canvas = self._canvas(job)
        if accepted and accepted.fresh:
            canvas.ours |= accepted.ours
            if not job.waited:
                canvas.ready, canvas.foreseen = accepted.ready, job.state
        async with canvas.lock:
            if job.state is State.RUNNING:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_ORDER_FIRST):
                        await canvas.ordered.wait()
            if canvas.final and accepted is None:
                return  # else it is opened all the same: what the person did is answered by this message
            if canvas.post is None and self.pace.wait(job.chat):
                await self._leave(job)
                return
            if job.state in (State.QUEUED, State.RUNNING) and canvas.foreseen is not job.state:
                canvas.foreseen = job.state
                canvas.ready = (await self._store.outlook(job.chat.home)).get(job.id)
            try:
                await self._open(canvas, job)
            except Flooded as flood:
                self._closed(job.chat, flood)
            except PlatformError as error:
                log.warning("job %s has no placeholder yet: %s", job.id, error)

    async def _open(self, canvas: _Canvas, job: Job) -> Post:
        """The job's message; a new one, of text alone, where there is none yet.

        Raises `NotDelivered` while another process is sending it.
        """
        if canvas.post is None and canvas.ours:
            canvas.ours = False
            canvas.post = await self._send(canvas, job)
        elif canvas.post is None:
            claimed = await self._store.claim_post(job.id)
            if claimed is None:
                raise NotDelivered
            canvas.lost = canvas.lost or claimed.inherited
            if (post := claimed.job.post) and post != canvas.gone:
                canvas.post = post
            else:
                canvas.post = await self._send(canvas, job)
        return canvas.post

    async def _send(self, canvas: _Canvas, job: Job) -> Post:
        await canvas.known()
        reply = replace(job_card(self._words, job, ready=canvas.ready), pictures=())
        adapter = self._adapters[job.chat.platform]
        key = job.id if canvas.gone is None else f"{job.id}-{canvas.gone.id[-8:]}"
        try:
            with canvas.on_its_way():
                post = await adapter.send(job.chat, reply, origin=job.origin, key=key)
        except PlatformError as error:
            canvas.lost = canvas.lost or isinstance(error, NotDelivered)
            await self._leave(job)
            raise
        canvas.painted, canvas.shown = reply, job.state
        if canvas.lost or job.attempt > 1 or job.created < self._since:
            await self._bury(adapter, job, post, reply)
        # Else it would be sent again. What is written down next, nearly always that its event is handled, is
        # so with it: one commit instead of two.
        noting = outlasting(self._store.posted)(job.id, post)
        canvas.noted = asyncio.create_task(noting, name=f"note the message of {job.id}")
        return post

    async def _leave(self, job: Job) -> None:
        """The job's message may be sent by whoever comes first."""
        self._canvas(job).ours = False
        with suppress(StorageError):
            await self._store.leave_post(job.id)

    async def _bury(self, adapter: Adapter, job: Job, post: Post, reply: Reply) -> None:
        """Take away placeholders of this job that were sent before, and whose ids were never written down."""
        try:
            for orphan in await adapter.orphans(post, reply, origin=job.origin):
                if await self._store.job_at(orphan) is None:
                    await adapter.delete(orphan)
        except EaselError as error:
            log.info("an earlier message of job %s may be left: %s", job.id, error)

    def ordered(self, job: Job) -> None:
        """Its order goes out now: there is time for words."""
        self._canvas(job).ordered.set()

    def started(self, job: Job) -> None:
        """Its message may still say that it waits, where nothing newer was heard of it."""
        canvas = self._canvas(job)
        if not canvas.begun and canvas.shown is not State.RUNNING:
            self.progress(job, Running())

    def progress(self, job: Job, progress: Progress) -> None:
        """Something moved; painted when there is room, forgotten when something newer comes first."""
        canvas = self._canvas(job)
        canvas.begun |= job.state is not State.QUEUED
        if canvas.begun and job.state is State.QUEUED:
            return
        if canvas.sketched and not isinstance(progress, Preview):
            return  # a picture is worth more than a percentage, and would be taken away by it
        canvas.sketched = isinstance(progress, Preview)
        canvas.wanted = (job, progress)
        if canvas.painter is None or canvas.painter.done():
            pause = self._adapters[job.chat.platform].limits.edit_every
            canvas.painter = asyncio.create_task(self._paint(canvas, pause), name=f"paint {job.id}")

    async def _paint(self, canvas: _Canvas, pause: float) -> None:
        while canvas.wanted and not canvas.final:
            (job, progress), canvas.wanted = canvas.wanted, None
            with suppress(BadPicture, OSError, StorageError):
                if await self._repaint(canvas, job, progress):
                    await asyncio.sleep(pause)

    async def _repaint(self, canvas: _Canvas, job: Job, progress: Progress) -> bool:
        """Whether the platform was asked."""
        adapter = self._adapters[job.chat.platform]
        shown = [await preview(progress.path)] if isinstance(progress, Preview) else None
        async with canvas.lock:
            reply = job_card(self._words, job, progress, shown, ready=canvas.ready)
            if canvas.final or reply == canvas.painted:
                return False
            if not await self._current(canvas, job):
                return False
            if not self.pace.room(job.chat, adapter.limits.edits_per_minute):
                return False
            try:
                post = await self._open(canvas, job)
                if reply == canvas.painted:
                    return False  # it was opened just now, and says so already
                canvas.post = await adapter.edit(post, reply)
                canvas.painted, canvas.shown = reply, job.state
            except Flooded as flood:
                self._closed(job.chat, flood)
            except PlatformError as error:
                log.info("progress of job %s was not shown: %s", job.id, error)
        return True

    async def _current(self, canvas: _Canvas, job: Job) -> bool:
        """Whether the job still is where it was; another process may have it, or have sent its message."""
        latest = await self._store.job(job.id)
        if latest is None or (latest.state, latest.attempt) != (job.state, job.attempt):
            return False
        canvas.post = canvas.post or latest.post
        return True

    async def advance(self, chat: ChatId) -> None:
        """The chat's queue has moved: who is next in it sees their new place, when there is room."""
        waiting = await self._store.waiting(chat.home)
        ready = await self._store.outlook(chat.home) if waiting else {}
        for job in waiting[: max(_HEAD, self._adapters[chat.platform].limits.edits_per_minute // 6)]:
            self._canvas(job).ready = ready.get(job.id)
            self.progress(job, Queued())

    async def conclude(self, job: Job) -> Post | None:
        """Paint the end of a job, picture or sentence, and stay with it until the platform took it.

        Returns its message as it is then, for whoever writes down that this is done; ``None`` where another
        has it. Raises `PlatformError` when it never can (kicked, no rights), or after a day of silence.
        """
        canvas = self._canvas(job)
        canvas.final = True
        canvas.ordered.set()
        # An edit under way is waited for, never cancelled: it could arrive after the picture.
        async with canvas.lock:
            await canvas.known()
            await self._store.at_hand(job.pictures)
            sheet = await self._sheet(job)
            try:
                most = self._adapters[job.chat.platform].limits.file
                shown = [sheet] if sheet else None
                card = job_card(self._words, job, shown=shown, most=most, link=self._link)
                return await self._insist(canvas, job, card)
            finally:
                if sheet:
                    sheet.path.unlink(missing_ok=True)

    async def tell(self, job: Job) -> None:
        """Paint the sentence that a job ends in, where the platform takes it; note a question as asked."""
        with suppress(PlatformError):
            post = await self.conclude(job)
            if post and (job.post is None or post.grip != job.post.grip):
                await outlasting(self._store.posted)(job.id, post)
        if job.state is State.UNKNOWN:
            await outlasting(self._store.told)(job.id)

    async def _sheet(self, job: Job) -> Picture | None:
        """One picture of all, where the platform's message shows fewer than there are."""
        if len(job.pictures) <= self._adapters[job.chat.platform].limits.pictures:
            return None
        paths = [picture.path for picture in job.pictures]
        return await preview(await media.contact_sheet(paths, self._store.spool))

    async def _insist(self, canvas: _Canvas, job: Job, reply: Reply) -> Post | None:
        pauses = _pauses()
        while True:
            try:
                with self.pace.result(job.chat):
                    await asyncio.sleep(self.pace.wait(job.chat))
                    return await self._finish(canvas, job, reply)
            except Flooded as flood:
                self._closed(job.chat, flood)
            except (Gone, NotDelivered) as trouble:
                if isinstance(trouble, Gone):
                    if not await self._current(canvas, job):
                        return None  # another worker has it, or somebody took it back
                    canvas.gone, canvas.post = canvas.post, None
                if (pause := next(pauses, None)) is None:
                    raise
                await asyncio.sleep(pause)

    async def _finish(self, canvas: _Canvas, job: Job, reply: Reply) -> Post:
        async with self._transfers.outward:
            post = await self._open(canvas, job)
            with canvas.on_its_way():
                canvas.post = await self._adapters[job.chat.platform].edit(post, reply)
        if canvas.post.id != post.id:  # at once: the earlier message is no more
            await outlasting(self._store.posted)(job.id, canvas.post)
        return canvas.post

    def sending(self, job: JobId) -> bool:
        """Whether the job's placeholder or its end is on its way right now."""
        canvas = self._canvases.get(job)
        return canvas is not None and canvas.sending

    async def refresh(self, job: Job) -> None:
        """Paint a job that has ended or waits again; a failure to do so is no more than a pity."""
        with suppress(EaselError):
            if job.post is not None:
                await self._store.at_hand(job.pictures)
                await self._adapters[job.chat.platform].edit(job.post, job_card(self._words, job))

    def forget(self, job: JobId) -> None:
        """The job needs no canvas any more."""
        canvas = self._canvases.pop(job, None)
        if canvas and canvas.painter:
            canvas.painter.cancel()

    def _canvas(self, job: Job) -> _Canvas:
        if job.id not in self._canvases and len(self._canvases) > self._most:
            self._clear()
            self._most = max(_MOST_CANVASES, 2 * len(self._canvases))  # where all are in use, look seldom
        canvas = self._canvases.setdefault(job.id, _Canvas())
        canvas.post = canvas.post or job.post
        return canvas

    def _clear(self) -> None:
        """Let go of those that nobody is at: jobs that another process runs, or that wait far back."""
        for job in [job for job, canvas in self._canvases.items() if canvas.idle]:
            del self._canvases[job]

    def _closed(self, chat: ChatId, flood: Flooded) -> None:
        self.pace.close(chat, flood.seconds)
        metrics.flooded(chat.platform)


def _pauses() -> Iterator[float]:
    """Seconds between the tries to show a result, until a day is over."""
    pause, over = _PAUSE, 0.0
    while over < _PATIENCE:
        yield pause
        over, pause = over + pause, min(2 * pause, _LONGEST)


async def preview(path: Path) -> Picture:
    """A file on its way, as a `Picture` that is shown but not kept. Raises `BadPicture`."""
    return passing(path, await media.sniff(path))


def passing(path: Path, facts: media.Facts) -> Picture:
    """A file on its way, and what was seen of it."""
    return Picture(PictureId(path.stem), path, facts.mime, facts.width, facts.height, facts.bytes)
