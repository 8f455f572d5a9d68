"""Jobs as people ask for them. Nothing is changed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.model import ChatId, Job, JobId, Post, State, UserId
from storage import jobs, paces, rows, turns
from storage.store.base import Base


class Looking(Base):
    async def job(self, job: JobId) -> Job | None:
        return await self._maybe(self._read, await self._read.one("SELECT * FROM jobs WHERE id = ?", job))

    async def jobs(
        self, home: ChatId, *, user: UserId | None = None, states: Sequence[State] = (), limit: int = 10
    ) -> list[Job]:
        found = await jobs.find(self._read, home, user, states, limit)
        return await jobs.whole(self._read, found, self._pictures)

    async def waiting(self, home: ChatId) -> list[Job]:
        queue = await turns.queue(self._read, home)
        return [rows.job_of(row, place=place) for place, row in enumerate(queue, start=1)]

    async def outlook(self, home: ChatId) -> Mapping[JobId, float]:
        return await paces.look_ahead(self._read, home.home, self._caps)

    async def past(
        self, user: UserId, *, said: str = "", states: Sequence[State] = (), after: int = 0, limit: int = 10
    ) -> list[Job]:
        found = await jobs.past(self._read, user, said, states, after, limit)
        return await jobs.whole(self._read, found, self._pictures)

    async def job_at(self, post: Post) -> Job | None:
        row = await self._read.one(
            "SELECT * FROM jobs WHERE post_chat = ? AND post_id = ? AND post_id <> '' "
            "ORDER BY seq DESC LIMIT 1",
            post.chat,
            post.id,
        )
        return await self._maybe(self._read, row)

    async def unsettled(self) -> list[Job]:
        return [rows.job_of(row) for row in await jobs.without_id(self._read, State.UNKNOWN)]

    async def untold(self) -> list[Job]:
        return [rows.job_of(row) for row in await jobs.untold(self._read)]

    async def overview(self) -> Mapping[str, int]:
        return await jobs.count(self._read)
