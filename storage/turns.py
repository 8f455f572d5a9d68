"""Who runs next: caps, and turns between members of a chat and between chats.

A job is admitted while its chat, its member and the whole have room. Of those that could be, the
chat that was served least recently comes first, within it the member, then the oldest job.
Only live jobs are looked at, through indexes that hold nothing else.
"""

# ruff: noqa: S608 - what is put into statements here is constants of this module

from __future__ import annotations

from datetime import datetime

from bot.errors import TooMany, TooSoon
from bot.model import ChatId, Job, JobId, State
from bot.ports import Caps
from storage.rows import micros
from storage.transaction import Row, Transaction

# The partial index is used only where its own condition stands in the query, word for word.
OPEN = "state IN ('queued', 'running', 'delivering', 'unknown')"
LIVE = f"{OPEN} AND state IN ('queued', 'running', 'delivering')"
BUSY = f"{OPEN} AND state IN ('running', 'delivering')"
QUEUED = f"{OPEN} AND state = 'queued'"

# What runs is counted by index for the chats and members that wait, and for nobody else.
_NEXT = f"""
    WITH heads AS (SELECT home, member, min(seq) AS seq FROM jobs WHERE {QUEUED} GROUP BY home, member)
    SELECT heads.seq, heads.home, heads.member,
        (SELECT coalesce(max(served), 0) + 1 FROM turns) AS turn,
        (SELECT count(*) FROM (SELECT 1 FROM jobs WHERE {QUEUED} LIMIT 2) AS queued) AS waiting
    FROM heads
    LEFT JOIN turns AS chats ON chats.home = heads.home AND chats.member = ''
    LEFT JOIN turns AS members ON members.home = heads.home AND members.member = heads.member
    WHERE (SELECT count(*) FROM jobs WHERE {BUSY} AND jobs.home = heads.home) < ?
    AND (SELECT count(*) FROM jobs WHERE {BUSY} AND jobs.member = heads.member) < ?
    AND (? = 0 OR (SELECT count(*) FROM jobs WHERE {BUSY}) < ?)
    ORDER BY coalesce(chats.served, 0), coalesce(members.served, 0), heads.seq
    LIMIT 1
"""

_ADMIT = "UPDATE jobs SET state = 'running', started = ? WHERE seq = ?"

# Members of one chat in rounds: each one's first job, then each one's second, and so on.
_ORDER = f"""
    WITH queue AS (
        SELECT jobs.*,
            row_number() OVER (PARTITION BY jobs.member ORDER BY jobs.seq) AS round,
            min(jobs.seq) OVER (PARTITION BY jobs.member) AS head
        FROM jobs WHERE id IN (SELECT id FROM jobs WHERE {QUEUED} AND home = ?)
    )
    SELECT queue.* FROM queue
    LEFT JOIN turns ON turns.home = queue.home AND turns.member = queue.member
    ORDER BY queue.round, coalesce(turns.served, 0), queue.head
"""

_WAITING = f"""
    SELECT jobs.*,
        (SELECT took FROM paces WHERE paces.kind = jobs.kind) AS took,
        (SELECT count(*) FROM jobs AS others WHERE {QUEUED} AND others.home = jobs.home) AS waiting_chat,
        (SELECT count(*) FROM jobs AS others WHERE {QUEUED} AND others.member = jobs.member) AS waiting_member
    FROM jobs WHERE id = ?
"""


async def admit(tx: Transaction, caps: Caps, at: datetime) -> list[int]:
    """Let everybody run who may; each one's ``seq``. The end of whatever makes room or asks for it."""
    admitted = []
    while found := await _next(tx, caps):
        await tx.all(_ADMIT, micros(at), found["seq"])
        await tx.all(
            "INSERT INTO turns (home, member, served) VALUES (?, '', ?), (?, ?, ?) "
            "ON CONFLICT (home, member) DO UPDATE SET served = excluded.served",
            found["home"],
            found["turn"],
            found["home"],
            found["member"],
            found["turn"],
        )
        admitted.append(found["seq"])
        if found["waiting"] == 1:
            break
    return admitted


async def demand_patience(tx: Transaction, job: JobId, caps: Caps) -> Row:
    """The row of a job just submitted and admitted, or allowed to wait; what such jobs ``took``.

    Raises `TooMany`.
    """
    (row,) = await tx.all(_WAITING, job)
    if row["state"] == State.QUEUED:
        for scope, most in (("chat", caps.waiting_chat), ("member", caps.waiting_member)):
            if row[f"waiting_{scope}"] > most:
                raise TooMany(scope=scope, limit=most)
    return row


async def demand_pause(tx: Transaction, job: Job, pause: int) -> None:
    """``pause`` seconds since the member's last job here. Raises `TooSoon`.

    A last job that is still to come was asked for by a clock that was wrong: nobody waits for it.
    """
    last = await tx.one(
        "SELECT created FROM jobs WHERE home = ? AND member = ? AND state NOT IN ('cancelled', 'failed') "
        "ORDER BY seq DESC LIMIT 1",
        job.chat.home,
        job.user.id,
    )
    since = micros(job.created) - last["created"] if last else -1
    left = pause * 1_000_000 - since
    if since >= 0 and left > 0:
        raise TooSoon(seconds=-(-left // 1_000_000))


async def queue(read: Transaction, home: ChatId) -> list[Row]:
    """A chat's waiting jobs in the order in which they will be served."""
    return await read.all(_ORDER, home)


async def _next(tx: Transaction, caps: Caps) -> Row | None:
    return await tx.one(_NEXT, caps.running_chat, caps.running_member, caps.running, caps.running)
