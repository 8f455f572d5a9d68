"""Jobs: how they come in, who runs, and each step of their lives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

from bot.errors import NotAllowed
from bot.model import Amount, AuditEntry, Fault, ImageRequest, Job, JobId, Limit, Picture, Post, State, now
from bot.ports import Claim, Submission
from bot.written import request_text
from storage import audit as trail
from storage import jobs, ledger, paces, pictures, rows, turns
from storage.rows import clean, micros
from storage.store.base import Base, written
from storage.transaction import Row, Transaction

_BUSY = (State.RUNNING, State.DELIVERING)


def _shown(post: Post) -> dict[str, str]:
    return {"post_chat": post.chat, "post_id": post.id, "post_grip": post.grip}


class Running(Base):
    @written
    async def submit(
        self,
        tx: Transaction,
        job: Job,
        limits: Sequence[Limit],
        *,
        pause: int = 0,
        instead: JobId | None = None,
        audit: AuditEntry | None = None,
    ) -> Submission:
        if before := await jobs.same(tx, job):
            return Submission(await self._whole(tx, before), fresh=False)
        if instead and not await self._given_up(tx, instead, audit):
            raise NotAllowed("error-decided-already")
        if pause:
            await turns.demand_pause(tx, job, pause)
        await ledger.demand_room(tx, job, limits)
        await jobs.insert(tx, job, self._presence.number)
        await ledger.hold(tx, job, limits)
        await self._admit(tx, job.created)  # who begins at once has not waited
        row = await turns.demand_patience(tx, job.id, self._caps)
        whole, ready = await self._whole(tx, row), paces.expected(row)
        return Submission(whole, fresh=True, ours=self._presence.sole, ready=ready)

    @written
    async def admit(self, tx: Transaction) -> None:
        """Let everybody run who may by the caps of this start, which may be wider than the last one's."""
        await self._admit(tx)

    async def run(self, work: Callable[[JobId], Awaitable[None]]) -> None:
        await self.runner.run(work)

    async def begin(self, job: JobId) -> Job | None:
        if begun := self.runner.begun(job):
            return begun
        anew = await self._begin(job)
        self.runner.begun(job)  # what began while this stood in line is overtaken
        return anew

    @written
    async def _begin(self, tx: Transaction, job: JobId) -> Job | None:
        return await self._maybe(tx, await jobs.begin(tx, job))

    @written
    async def note(
        self,
        tx: Transaction,
        job: JobId,
        attempt: int,
        *,
        submitted: bool | None = None,
        upstream_id: str | None = None,
        request: ImageRequest | None = None,
    ) -> bool:
        said = {
            "submitted": None if submitted is None else int(submitted),
            "upstream_id": upstream_id and clean(upstream_id),
            "request": request and request_text(request),
        }
        news = {column: value for column, value in said.items() if value is not None}
        return await jobs.note(tx, job, attempt, _BUSY, **news)

    async def claim_post(self, job: JobId) -> Claim | None:
        number, row = self._presence.number, await self._read.one("SELECT * FROM jobs WHERE id = ?", job)
        if row and row["post_id"] is None and row["announcer"] != number:
            return await self._claim_post(job, await self._presence.living(self._read))
        return Claim(await self._whole(self._read, row)) if row else None

    @written
    async def _claim_post(self, tx: Transaction, job: JobId, living: Collection[int]) -> Claim | None:
        claimed = await jobs.claim_post(tx, job, self._presence.number, living)
        if claimed is None:
            return None
        row, inherited = claimed
        return Claim(await self._whole(tx, row), inherited)

    @written
    async def leave_post(self, tx: Transaction, job: JobId) -> None:
        await tx.all(
            "UPDATE jobs SET announcer = NULL WHERE id = ? AND announcer = ?", job, self._presence.number
        )

    @written
    async def posted(self, tx: Transaction, job: JobId, post: Post) -> None:
        await jobs.assign(tx, job, **_shown(post))

    @written
    async def succeed(
        self,
        tx: Transaction,
        job: JobId,
        attempt: int,
        placed: Sequence[Picture],
        cost: Amount,
        *,
        missing: int = 0,
        note: str = "",
    ) -> Job | None:
        painted = {"state": State.DELIVERING, "cost": cost, "missing": missing, "note": clean(note)}
        row = await jobs.change(tx, job, attempt, [State.RUNNING], **painted)
        if row is None:
            return None
        if not self._album:  # with one their rows came with their bytes
            for picture in placed:
                await pictures.insert(tx, picture)
        await jobs.link(tx, job, placed)
        await ledger.close(tx, job, now(), cost)
        return rows.job_of(row, placed)

    async def deliver(self, job: JobId, attempt: int, *, post: Post | None = None) -> Job | None:
        def end(was: Row) -> State:
            return State.FAILED if was["fault"] else State.DONE

        shown = _shown(post) if post else {}
        # What it held went when its outcome was written down.
        return await self._end(job, attempt, [State.DELIVERING], end, keep_hold=True, **shown)

    async def fail(self, job: JobId, attempt: int, fault: Fault) -> Job | None:
        def next_state(was: Row) -> State:
            return State.DELIVERING if was["state"] == State.RUNNING else State.FAILED

        return await self._end(job, attempt, _BUSY, next_state, fault=rows.fault_text(fault))

    async def unknown(self, job: JobId, attempt: int, fault: Fault) -> Job | None:
        lost: dict[str, Any] = {"state": State.UNKNOWN, "fault": rows.fault_text(fault), "note": ""}
        return await self._leave(job, attempt, [State.RUNNING], keep_hold=True, **lost)

    @written
    async def told(self, tx: Transaction, job: JobId) -> None:
        await jobs.change(tx, job, None, [State.UNKNOWN], note=jobs.TOLD)

    async def look_again(self, job: JobId, *, audit: AuditEntry | None = None) -> Job | None:
        found = {"state": State.RUNNING, "fault": None}
        return await self._leave(job, None, [State.UNKNOWN], keep_hold=True, audit=audit, **found)

    @written
    async def found(
        self, tx: Transaction, job: JobId, candidates: Sequence[str], attempt: int | None = None
    ) -> Job | None:
        when = State.UNKNOWN if attempt is None else State.RUNNING
        upstream_id = await jobs.only_match(tx, job, when, [clean(name) for name in candidates])
        if not upstream_id:
            return None
        news = {"state": State.RUNNING, "fault": None, "upstream_id": upstream_id}
        row = await jobs.change(tx, job, attempt, [when], **news)
        if row and when is State.UNKNOWN:
            row = await self._admitted_anew(tx, row)
        return await self._maybe(tx, row)

    @written
    async def give_up(self, tx: Transaction, job: JobId, *, audit: AuditEntry | None = None) -> Job | None:
        return await self._given_up(tx, job, audit)

    async def _given_up(self, tx: Transaction, job: JobId, audit: AuditEntry | None) -> Job | None:
        ended: dict[str, Any] = {"state": State.FAILED, "finished": micros(now())}
        return await self._gone(tx, job, None, [State.UNKNOWN], audit=audit, **ended)

    async def cancel(self, job: JobId, *, audit: AuditEntry | None = None) -> Job | None:
        return await self._end(job, None, [State.QUEUED], State.CANCELLED, audit=audit)

    async def _end(
        self,
        job: JobId,
        attempt: int | None,
        when: Sequence[State],
        state: State | Callable[[Row], State],
        **columns: Any,
    ) -> Job | None:
        """Into a state that holds no money any more."""
        return await self._leave(job, attempt, when, state=state, finished=micros(now()), **columns)

    async def _leave(
        self, job: JobId, attempt: int | None, when: Sequence[State], **columns: Any
    ) -> Job | None:
        return await self._write(lambda tx: self._gone(tx, job, attempt, when, **columns))

    async def _gone(
        self,
        tx: Transaction,
        job: JobId,
        attempt: int | None,
        when: Sequence[State],
        *,
        keep_hold: bool = False,
        audit: AuditEntry | None = None,
        **columns: Any,
    ) -> Job | None:
        """Out of the way, so that whoever waited for the place may run."""
        row = await jobs.change(tx, job, attempt, when, **columns)
        if row is None:
            return None
        await trail.record(tx, audit)
        if row["state"] == State.DONE:
            await paces.learn(tx, row)
        if not keep_hold:
            await ledger.close(tx, job, now())
        if row["state"] == State.RUNNING:
            row = await self._admitted_anew(tx, row)
        await self._admit(tx)
        return await self._whole(tx, row)

    async def _admitted_anew(self, tx: Transaction, row: Row) -> Row:
        """The row as it is when the job may run once more: it may have begun."""
        await self.runner.admitted(tx, [row["seq"]])
        (row,) = await tx.all("SELECT * FROM jobs WHERE seq = ?", row["seq"])
        return row
