"""Pictures: kept, handed out, and forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from bot.errors import StorageError
from bot.model import AuditEntry, JobId, Picture, PictureId, UserId, now
from bot.ports import Forgotten
from storage import audit as trail
from storage import inbox, jobs, pictures, pools, privacy, rows
from storage.store.base import written
from storage.store.looking import Looking
from storage.transaction import Transaction

_STAY = timedelta(hours=1)


class Files(Looking):
    @property
    def spool(self) -> Path:
        return self._spool

    async def keep(self, passing: Picture) -> Picture:
        (picture,) = await self.place(lambda: [passing])
        if not self._album:
            try:
                await self._write(lambda tx: pictures.insert(tx, picture))
            except StorageError:
                await self._unplaced([picture])
                raise
        return picture

    async def place(self, look: Callable[[], Sequence[Picture]]) -> list[Picture]:
        # With an album their rows and their bytes too. A crash may leave either without the other: the sweep
        # finds both.
        with self._condition.watched(files=True):
            placed = await pictures.place(look, self._pictures)
            adding = [self._album.add(picture, picture.path) for picture in placed] if self._album else []
            troubles = await asyncio.gather(*adding, return_exceptions=True)
            for trouble in filter(None, troubles):
                await self._unplaced(placed)
                raise trouble
        return placed

    async def _unplaced(self, placed: Sequence[Picture]) -> None:
        with suppress(StorageError):
            await pictures.remove([picture.path for picture in placed])

    async def picture(self, picture: PictureId) -> Picture | None:
        row = await self._read.one("SELECT * FROM pictures WHERE id = ?", picture)
        found = row and rows.picture_of(row, self._pictures)
        return found if found and await self._at_hand(found) else None

    async def at_hand(self, pictures: Sequence[Picture]) -> None:
        if self._album:
            for picture in pictures:
                await self._at_hand(picture)

    async def _at_hand(self, picture: Picture) -> bool:
        """Whether its file is there; now, where another process has made it."""
        if await pictures.exists(picture.path):
            return True
        return self._album is not None and await self._album.fetch(picture.id, picture.path)

    # --- what is to be forgotten ----------------------------------------------------------

    async def delete(self, job: JobId, *, audit: AuditEntry | None = None) -> None:
        await self._remove(await self._delete(job, audit))

    @written
    async def _delete(self, tx: Transaction, job: JobId, audit: AuditEntry | None) -> list[Path]:
        gone = await privacy.erase(tx, job, self._pictures, files=self._album is None)
        await trail.record(tx, None if gone is None else audit)
        return gone or []

    async def forget(self, user: UserId) -> Forgotten:
        keys = await self._leave_all(user)
        gone = sum([await self._scrub(what) for what in await privacy.due(self._read) if what.value == user])
        live = await self.past(user, states=sorted(jobs.OPEN), limit=1_000)
        return Forgotten(gone, keys, len(live))

    @written
    async def _leave_all(self, tx: Transaction, user: UserId) -> int:
        lent = await pools.of(tx, user)
        await self._end_waiting(tx, lent)
        return await privacy.leave(tx, user) + len(lent)

    async def _scrub(self, what: privacy.Due) -> int:
        """A page is a transaction; how many jobs were forgotten."""
        gone, page = await self._scrub_page(what, 0)
        while page is not None:
            more, page = await self._scrub_page(what, page)
            gone += more
        return gone

    async def _scrub_page(self, what: privacy.Due, after: int) -> tuple[int, int | None]:
        folder, files = self._pictures, self._album is None
        done, gone, on = await self._write(lambda tx: privacy.scrub(tx, what, after, folder, files=files))
        await self._remove(gone)
        return done, on

    async def _remove(self, gone: Sequence[Path]) -> None:
        """With an album files go after their rows; without, they went before them."""
        if self._album:
            await pictures.remove(gone)

    async def sweep(self, before: datetime) -> int:
        await self._write(lambda tx: inbox.forget(tx, before))
        for what in await privacy.due(self._read):
            await self._scrub(what)
        swept, after = 0, ""
        while True:
            page, gone = await self._sweep(before, after)
            swept += len(gone)
            await self._remove(gone)
            if not page:
                break
            after = page[-1].id
        await self._forget_files(now() - _STAY)
        return swept

    async def _forget_files(self, before: datetime) -> None:
        """Of pictures that have no row: whoever swept it, or where a crash came before it."""
        for some in await pictures.kept(self._pictures, before.timestamp()):
            ids = {file: file.stem.rpartition("-")[2] for file in some}
            gone = await pictures.missing(self._read, list(ids.values()))
            await pictures.remove([file for file in some if ids[file] in gone])

    @written
    async def _sweep(self, tx: Transaction, before: datetime, after: str) -> tuple[list[Picture], list[Path]]:
        page = await pictures.page(tx, before, after, self._pictures)
        return page, await pictures.discard(tx, page, files=self._album is None)
