"""A job's row inside a transaction: written once, changed by steps, read back with its pictures."""

# ruff: noqa: S608 - what is put into statements here is names of columns and question marks

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from bot.model import ChatId, Job, JobId, Picture, State, User, UserId
from bot.written import request_of
from storage import turns
from storage.rows import job_of, job_values, marks, picture_of
from storage.transaction import Row, Transaction

OPEN = frozenset({State.QUEUED, State.RUNNING, State.DELIVERING, State.UNKNOWN})
_PAINTED = frozenset({State.DELIVERING, State.DONE, State.FAILED})

TOLD = "told"
"""What an unknown job notes, once its person was asked; any other ending puts its own sentence there."""

_SEARCHED = 300

_SAME = f"""
    SELECT * FROM jobs WHERE invocation = ? AND invocation <> '' AND member = ?
    UNION ALL SELECT * FROM jobs WHERE once = ? AND once <> '' AND {turns.OPEN}
    ORDER BY seq LIMIT 1
"""
_PICTURES = """
    SELECT job_pictures.job, pictures.* FROM job_pictures
    JOIN pictures ON pictures.id = job_pictures.picture WHERE job_pictures.job IN {jobs}
    ORDER BY job_pictures.job, job_pictures.seq
"""


async def same(tx: Transaction, job: Job) -> Row | None:
    """What was submitted before by the same event, or for the same intention that is still open."""
    return await tx.one(_SAME, job.invocation, job.user.id, job.once)


async def insert(tx: Transaction, job: Job, announcer: int) -> None:
    """``announcer``: the process that is going to send the job's message."""
    values = {**job_values(job), "announcer": announcer}
    await tx.all(
        f"INSERT INTO jobs (seq, {', '.join(values)}) "
        f"VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM jobs), {', '.join('?' * len(values))})",
        *values.values(),
    )


async def claim_post(
    tx: Transaction, job: JobId, announcer: int, living: Collection[int]
) -> tuple[Row, bool] | None:
    """The job, whose message ``announcer`` alone may send now, and whether another one had that right.

    ``None`` while another one is at it.
    """
    row = await tx.one("SELECT * FROM jobs WHERE id = ?", job)
    if row is None:
        return None
    inherited = row["announcer"] not in (None, announcer)
    if row["post_id"] is not None or row["announcer"] == announcer:
        return row, inherited
    if inherited and row["announcer"] in living:
        return None
    return await _set(tx, row, announcer=announcer), inherited


async def change(
    tx: Transaction, job: JobId, attempt: int | None, when: Sequence[State], **columns: Any
) -> Row | None:
    """Set columns if the job is in one of these states, and at this attempt if one is given.

    A value may be a function of the row as it was.
    """
    row = await tx.one(f"SELECT * FROM jobs WHERE id = ? AND state IN {marks(len(when))}", job, *when)
    if row is None or attempt not in (None, row["attempt"]):
        return None
    return await _set(tx, row, **{name: new(row) if callable(new) else new for name, new in columns.items()})


async def note(tx: Transaction, job: JobId, attempt: int, when: Sequence[State], **columns: Any) -> bool:
    """As `change`, for whoever needs no more than to know whether it could be done."""
    at = f"id = ? AND attempt = ? AND state IN {marks(len(when))}"
    found = await tx.one(f"SELECT id FROM jobs WHERE {at}", job, attempt, *when)
    if found and columns:
        await assign(tx, job, **columns)
    return found is not None


async def begin(tx: Transaction, job: JobId | int) -> Row | None:
    """One attempt more, for a job that was admitted; its ``seq`` names it as well."""
    column = "seq" if isinstance(job, int) else "id"
    row = await tx.one(f"SELECT * FROM jobs WHERE {column} = ? AND {turns.BUSY}", job)
    return await _set(tx, row, attempt=row["attempt"] + 1) if row else None


async def _set(tx: Transaction, row: Row, **columns: Any) -> Row:
    """The row as it is after the change."""
    await assign(tx, row["id"], **columns)
    return {**row, **columns}


async def assign(tx: Transaction, job: JobId, **columns: Any) -> None:
    assignments = ", ".join(f"{column} = ?" for column in columns)
    await tx.all(f"UPDATE jobs SET {assignments} WHERE id = ?", *columns.values(), job)


async def without_id(read: Transaction, *states: State) -> list[Row]:
    """Jobs that a relay was asked for and gave no id, oldest first."""
    return await read.all(
        f"SELECT * FROM jobs WHERE {turns.OPEN} AND state IN {marks(len(states))} "
        "AND submitted = 1 AND upstream_id = '' ORDER BY seq",
        *states,
    )


async def untold(read: Transaction) -> list[Row]:
    """Unknown jobs whose person may not have been asked, oldest first."""
    return await read.all(
        f"SELECT * FROM jobs WHERE {turns.OPEN} AND state = ? AND note <> ? ORDER BY seq", State.UNKNOWN, TOLD
    )


async def only_match(tx: Transaction, job: JobId, when: State, candidates: Sequence[str]) -> str:
    """The one id that can only be this job's; empty when there is none."""
    waiting = await without_id(tx, State.RUNNING, State.UNKNOWN)
    row = next((row for row in waiting if row["id"] == job and row["state"] == when), None)
    if row is None or not candidates:
        return ""
    words, endpoint = request_of(row["request"]).composed.prompt, row["endpoint"]
    alike = [other for other in waiting if other["endpoint"] == endpoint and other["id"] != job]
    if any(request_of(other["request"]).composed.prompt == words for other in alike):
        return ""
    taken = await tx.all(
        "SELECT upstream_id FROM jobs WHERE upstream_id <> '' "
        f"AND upstream_id IN {marks(len(candidates))} AND endpoint = ?",
        *candidates,
        endpoint,
    )
    left = set(candidates) - {known["upstream_id"] for known in taken}
    return left.pop() if len(left) == 1 else ""


async def find(
    read: Transaction, home: ChatId, user: UserId | None, states: Sequence[State], limit: int
) -> list[Row]:
    """The latest jobs, newest first."""
    where, params = "home = ?", [str(home)]
    if user is not None:
        where, params = f"{where} AND member = ?", [*params, user]
    if states:
        where, params = f"{where} AND state IN {marks(len(states))}", [*params, *states]
    if states and OPEN.issuperset(states):  # found by their own index, not by walking through history
        where = f"id IN (SELECT id FROM jobs WHERE {turns.OPEN} AND {where})"
    return await read.all(f"SELECT * FROM jobs WHERE {where} ORDER BY seq DESC LIMIT ?", *params, limit)


async def members(read: Transaction, home: ChatId) -> list[User]:
    """The latest who asked, by the names that they had with their latest job."""
    found = await read.all(
        "SELECT member, member_name, member_handle FROM jobs WHERE seq IN "
        "(SELECT max(seq) FROM jobs WHERE home = ? GROUP BY member) ORDER BY seq DESC LIMIT 500",
        home,
    )
    return [User(UserId(row["member"]), row["member_name"], handle=row["member_handle"]) for row in found]


async def past(
    read: Transaction, user: UserId, said: str, states: Sequence[State], after: int, limit: int
) -> list[Row]:
    """A person's jobs in all chats, newest first. Words are looked for in the latest few hundred."""
    state = f"AND state IN {marks(len(states))}" if states else ""
    rows = await read.all(
        f"SELECT * FROM jobs WHERE member = ? AND forgotten = 0 {state} ORDER BY seq DESC LIMIT ? OFFSET ?",
        user,
        *states,
        *((_SEARCHED, 0) if said else (limit, after)),
    )
    if not said:
        return rows
    wanted = said.casefold()
    found = [row for row in rows if wanted in request_of(row["request"]).prompt.casefold()]
    return found[after : after + limit]


async def whole(read: Transaction, rows: Sequence[Row], folder: Path) -> list[Job]:
    """Jobs of one chat with what other tables know: pictures, and the place in the queue."""
    kept = await _pictures(read, [row["id"] for row in rows if row["state"] in _PAINTED], folder)
    waiting = [row["home"] for row in rows if row["state"] == State.QUEUED]
    queue = [row["id"] for row in await turns.queue(read, waiting[0])] if waiting else []
    places = {job: place for place, job in enumerate(queue, start=1)}
    return [job_of(row, kept.get(row["id"], ()), places.get(row["id"], 0)) for row in rows]


async def _pictures(read: Transaction, jobs: Sequence[str], folder: Path) -> dict[str, list[Picture]]:
    kept: dict[str, list[Picture]] = {}
    if jobs:
        for row in await read.all(_PICTURES.format(jobs=marks(len(jobs))), *jobs):
            kept.setdefault(row["job"], []).append(picture_of(row, folder))
    return kept


async def link(tx: Transaction, job: JobId, pictures: Sequence[Picture]) -> None:
    if pictures:
        await tx.all(
            f"INSERT INTO job_pictures (job, seq, picture) VALUES {', '.join(['(?, ?, ?)'] * len(pictures))}",
            *(value for seq, picture in enumerate(pictures) for value in (job, seq, picture.id)),
        )


async def count(read: Transaction) -> dict[str, int]:
    """How many jobs are in each open state."""
    found = await read.all(f"SELECT state, count(*) AS jobs FROM jobs WHERE {turns.OPEN} GROUP BY state")
    return {**{state.value: 0 for state in OPEN}, **{row["state"]: row["jobs"] for row in found}}
