"""What is to be forgotten: a person who asks for it, and what a chat keeps no longer.

Of a job that has ended its facts and its money stay, its words and pictures go. What is still at work, or
lends a picture to work of somebody else, is forgotten by a later sweep.
"""

# ruff: noqa: S608 - what is put into statements here is names of columns and question marks

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.model import ImageRequest, JobId, Picture, UserId, now
from bot.written import request_of, request_text
from storage import jams, pictures, turns
from storage.rows import marks, micros, own_pictures, picture_of
from storage.transaction import Row, Transaction

_PAGE = 100
_ENDED = f"forgotten = 0 AND NOT ({turns.OPEN})"
_KEY = ("key_dialect", "key_urls", "key_sealed", "key_hint", "key_model", "key_owner")


@dataclass(frozen=True, slots=True)
class Due:
    """Jobs whose words and pictures are to go: a person's or a chat's, from before a moment."""

    column: str
    value: str
    before: int


async def leave(tx: Transaction, member: UserId) -> int:
    """Forget from now on what this person asked, and take away the keys that they brought; how many."""
    await tx.all(
        "INSERT INTO forgotten (member, before) VALUES (?, ?) "
        "ON CONFLICT (member) DO UPDATE SET before = excluded.before",
        member,
        micros(now()),
    )
    await tx.all("DELETE FROM asks WHERE member = ?", member)
    await jams.forget(tx, member, now())
    brought = await tx.all("SELECT home FROM chats WHERE key_owner = ?", member)
    emptied = ", ".join(f"{column} = NULL" for column in _KEY)
    await tx.all(f"UPDATE chats SET {emptied} WHERE key_owner = ?", member)
    return len(brought)


async def due(read: Transaction) -> list[Due]:
    """Who and what is to be forgotten by now."""
    people = await read.all("SELECT member, before FROM forgotten")
    chats = await read.all("SELECT home, keep_days FROM chats WHERE keep_days IS NOT NULL")
    return [
        *(Due("member", row["member"], row["before"]) for row in people),
        *(Due("home", row["home"], micros(_days_ago(row["keep_days"]))) for row in chats),
    ]


async def scrub(
    tx: Transaction, what: Due, after: int, folder: Path, *, files: bool
) -> tuple[int, list[Path], int | None]:
    """A page of jobs later than ``after``: how many were forgotten, their files, and where the next begins.

    With ``files`` those are removed already.
    """
    page = await tx.all(
        f"SELECT * FROM jobs WHERE {what.column} = ? AND created < ? AND seq > ? AND {_ENDED} "
        "ORDER BY seq LIMIT ?",
        what.value,
        what.before,
        after,
        _PAGE,
    )
    needed = await pictures.needed(tx)
    done, gone = 0, list[Path]()
    for row in page:
        shown = await _pictures(tx, row, folder)
        if needed.isdisjoint(picture.id for picture in shown):
            gone += await pictures.discard(tx, shown, files=files)
            await _blank(tx, row)
            done += 1
    if not page:
        await _settled(tx, what)
    return done, gone, page[-1]["seq"] if page else None


async def erase(tx: Transaction, job: JobId, folder: Path, *, files: bool) -> list[Path] | None:
    """The words and pictures of one job that has ended; its files. What others still need is swept later.

    ``None``: it has not ended, or was forgotten before.
    """
    row = await tx.one(f"SELECT * FROM jobs WHERE id = ? AND {_ENDED}", job)
    if row is None:
        return None
    gone = await pictures.discard(tx, await _pictures(tx, row, folder), files=files)
    await tx.all("DELETE FROM job_pictures WHERE job = ?", job)
    await _blank(tx, row)
    return gone


async def _settled(tx: Transaction, what: Due) -> None:
    """Whoever has nothing left to forget is forgotten too."""
    if what.column == "home":
        await jams.sweep(tx, what.value, what.before)
        return
    together = await _together(tx, what)
    left = f"SELECT 1 FROM jobs WHERE member = ? AND created < ? AND (forgotten = 0 OR {turns.OPEN}) LIMIT 1"
    if not together and not await tx.one(left, what.value, what.before):
        await tx.all("DELETE FROM forgotten WHERE member = ? AND before = ?", what.value, what.before)


async def _together(tx: Transaction, what: Due) -> bool:
    """Remove the prompts of jams that had this person's words; whether some are still at work."""
    names = await jams.painted_of(tx, what.value, what.before)
    if not names:
        return False
    found = await tx.all(
        f"SELECT *, CASE WHEN {turns.OPEN} THEN 1 ELSE 0 END AS open FROM jobs "
        f"WHERE id IN {marks(len(names))} AND forgotten = 0",
        *names,
    )
    for row in found:
        if not row["open"]:
            request = replace(request_of(row["request"]), prompt="")
            await tx.all(
                "UPDATE jobs SET request = ?, credit = '' WHERE id = ?", request_text(request), row["id"]
            )
    return any(row["open"] for row in found)


async def _pictures(tx: Transaction, row: Row, folder: Path) -> Sequence[Picture]:
    """What a job shows and what it began from."""
    shown = await tx.all("SELECT picture FROM job_pictures WHERE job = ?", row["id"])
    names = {one["picture"] for one in shown} | own_pictures(request_of(row["request"]))
    if not names:
        return ()
    found = await tx.all(f"SELECT * FROM pictures WHERE id IN {marks(len(names))}", *names)
    return [picture_of(one, folder) for one in found]


async def _blank(tx: Transaction, row: Row) -> None:
    await tx.all(
        "UPDATE jobs SET forgotten = 1, request = ?, member_name = '', member_handle = '', "
        "credit = '', origin_grip = '', fault = NULL WHERE id = ?",
        request_text(_wordless(request_of(row["request"]))),
        row["id"],
    )


def _wordless(request: ImageRequest) -> ImageRequest:
    video = request.video and replace(request.video, videos=(), audios=(), remix="")
    return replace(request, prompt="", images=(), mask=None, video=video)


def _days_ago(days: int) -> datetime:
    return now() - timedelta(days=days)
