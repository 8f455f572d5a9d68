"""How long jobs took lately, by their kind; and with that, when those who wait may expect theirs."""

# ruff: noqa: S608 - what is put into statements here is constants and question marks

from __future__ import annotations

from bot.model import ChatId, JobId, State, now
from bot.outlook import Seat, outlook
from bot.ports import Caps
from storage import turns
from storage.rows import marks, micros
from storage.transaction import Row, Transaction

_LATELY = 8
"""Jobs that the mean rests on: the last ones count most."""

_MOST = 400
"""Jobs that a look ahead goes through; a longer queue is told its places only."""

_LEARN = f"""
    INSERT INTO paces (kind, took, jobs) VALUES (?, ?, 1) ON CONFLICT (kind) DO UPDATE
    SET took = paces.took + (excluded.took - paces.took) /
            (CASE WHEN paces.jobs < {_LATELY} THEN paces.jobs + 1 ELSE {_LATELY} END),
        jobs = paces.jobs + 1
"""
_SEAT = """
    SELECT id, home, member, state, started, seq,
        (SELECT took FROM paces WHERE paces.kind = jobs.kind) AS took FROM jobs
"""
_HERE = f"{_SEAT} WHERE {turns.LIVE} AND home = ? LIMIT {_MOST + 1}"
# Said by what a state is not, so that members are found by their own index: there may be many who run.
_ELSEWHERE = f"""
    {_SEAT} WHERE {turns.OPEN} AND state <> 'queued' AND state <> 'unknown'
    AND home <> ? AND member IN {{members}} LIMIT {_MOST + 1}
"""
_EVERYWHERE = f"{_SEAT} WHERE {turns.LIVE} LIMIT {_MOST + 1}"


async def learn(tx: Transaction, job: Row) -> None:
    """A job is done. One that a crash fell into says nothing about others."""
    if job["kind"] and job["attempt"] == 1:
        await tx.all(_LEARN, job["kind"], job["finished"] - job["started"])


def expected(row: Row) -> float | None:
    """Seconds that a job just admitted is likely to take; ``None``: it waits, or nobody knows."""
    return _seat(row, row["started"]).takes if row["state"] == State.RUNNING else None


async def look_ahead(read: Transaction, home: ChatId, caps: Caps) -> dict[JobId, float]:
    """See `bot.ports.Store.outlook`. Only where all chats share a bound do the others' jobs matter."""
    rows = await (read.all(_EVERYWHERE) if caps.running else _around(read, home))
    if len(rows) > _MOST:
        return {}
    rows.sort(key=lambda row: int(row["seq"]))
    running = [row for row in rows if row["state"] != State.QUEUED]
    waiting = [row for row in rows if row["state"] == State.QUEUED]
    at = micros(now())
    runs, waits = ([_seat(row, at) for row in some] for some in (running, waiting))
    ready = outlook(runs, waits, await _served(read, waiting), caps)
    return {JobId(row["id"]): ready[row["id"]] for row in rows if row["home"] == home and row["id"] in ready}


async def _around(read: Transaction, home: ChatId) -> list[Row]:
    """The chat's jobs, and what those who wait here have running elsewhere."""
    rows = await read.all(_HERE, home)
    members = {row["member"] for row in rows if row["state"] == State.QUEUED}
    if not members or len(rows) > _MOST:
        return rows
    return rows + await read.all(_ELSEWHERE.format(members=marks(len(members))), home, *members)


def _seat(row: Row, at: int) -> Seat:
    """What runs longer than others did is taken to need a little more."""
    took = row["took"]
    if took is not None and row["state"] != State.QUEUED:
        took = max(row["started"] + took - at, took // 10)
    return Seat(JobId(row["id"]), row["home"], row["member"], None if took is None else took / 1_000_000)


async def _served(read: Transaction, waiting: list[Row]) -> dict[tuple[str, str], int]:
    if not waiting:
        return {}
    homes, members = {row["home"] for row in waiting}, {row["member"] for row in waiting} | {""}
    found = await read.all(
        f"SELECT * FROM turns WHERE home IN {marks(len(homes))} AND member IN {marks(len(members))}",
        *homes,
        *members,
    )
    return {(row["home"], row["member"]): row["served"] for row in found}
