"""The audit of the books: what does not fit, named. Everything is looked at in one snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from bot.credits import money
from bot.model import Fault, State
from storage import ledger, turns
from storage.keeping import integrity
from storage.keeping.holdings import Holdings
from storage.rows import picture_of
from storage.transaction import Row

Look = Callable[[], AbstractAsyncContextManager[Holdings]]

_PAGE = 500
_PAUSE = 1.0  # seconds after which a picture on its way has arrived

# Holds are open while a job may still cost something.
_OPEN = (State.QUEUED, State.RUNNING, State.UNKNOWN)

_KINDS = ("hold", "release", "settle", "grant")

_SUMS = """
    WITH entries AS (
        SELECT account, day,
            CASE kind WHEN 'settle' THEN amount ELSE 0 END AS settled,
            CASE kind WHEN 'hold' THEN amount WHEN 'release' THEN -amount ELSE 0 END AS held,
            CASE kind WHEN 'grant' THEN amount ELSE 0 END AS granted
        FROM ledger
    )
    SELECT account, period, sum(settled) AS settled, sum(held) AS held, sum(granted) AS granted FROM (
        SELECT account, 'day:' || day AS period, settled, held, granted FROM entries WHERE length(day) = 10
        UNION ALL SELECT account, 'month:' || substr(day, 1, 7), settled, held, granted FROM entries
        UNION ALL SELECT account, period, -settled, -held, -granted FROM purse
    ) AS differences
    GROUP BY account, period HAVING sum(settled) <> 0 OR sum(held) <> 0 OR sum(granted) <> 0
    ORDER BY account, period
"""
_NEGATIVE = """
    SELECT account, period FROM purse WHERE settled < 0 OR held < 0 OR granted < 0
    UNION SELECT account, day FROM ledger WHERE amount < 0 ORDER BY 1, 2
"""
_BOOKED = """
    SELECT booked.*, jobs.state, jobs.hold, jobs.cost FROM (
        SELECT job, account, max(weight) AS weight,
            sum(CASE kind WHEN 'hold' THEN 1 ELSE 0 END) AS holds,
            sum(CASE kind WHEN 'release' THEN 1 ELSE 0 END) AS releases,
            sum(CASE kind WHEN 'settle' THEN 1 ELSE 0 END) AS settles,
            sum(CASE kind WHEN 'hold' THEN amount ELSE 0 END) AS held,
            sum(CASE kind WHEN 'release' THEN amount ELSE 0 END) AS released,
            sum(CASE kind WHEN 'settle' THEN amount ELSE 0 END) AS settled,
            count(DISTINCT day) AS days
        FROM ledger WHERE kind <> 'grant' GROUP BY job, account
    ) AS booked LEFT JOIN jobs ON jobs.id = booked.job
    WHERE jobs.id IS NULL OR holds <> 1 OR days <> 1
        OR releases <> (CASE WHEN state IN ('queued', 'running', 'unknown') THEN 0 ELSE 1 END)
        OR settles <> (CASE WHEN cost IS NULL THEN 0 ELSE 1 END)
        OR (releases = 1 AND released <> held)
        OR weight <> 0 OR held <> hold OR (settles = 1 AND settled <> cost)
    ORDER BY booked.job, booked.account
"""
_UNBOOKED = """
    SELECT id FROM jobs WHERE (hold > 0 OR cost > 0)
    AND NOT EXISTS (SELECT 1 FROM ledger WHERE ledger.job = jobs.id) ORDER BY id
"""
_COSTS = """
    SELECT id FROM jobs WHERE (state = 'done' AND cost IS NULL)
    OR (cost IS NOT NULL AND state IN ('queued', 'running', 'unknown', 'cancelled')) ORDER BY id
"""
_UNLINKED = """
    SELECT job_pictures.job, job_pictures.picture FROM job_pictures
    LEFT JOIN jobs ON jobs.id = job_pictures.job LEFT JOIN pictures ON pictures.id = job_pictures.picture
    WHERE jobs.id IS NULL OR pictures.id IS NULL ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Report:
    """``figures`` are what was looked at, ``problems`` what does not fit, each a sentence."""

    figures: tuple[Fault, ...]
    problems: tuple[Fault, ...]


async def audit(look: Look) -> Report:
    """Add everything up again. ``look`` opens a snapshot; pictures on their way are looked at twice."""
    async with look() as now:
        figures = await _figures(now)
        looks = (integrity.damage, integrity.unreadable, _sums, _bookings)
        problems = [problem for look_at in looks async for problem in look_at(now)]
        suspects = await _files(now)
    if suspects:
        await asyncio.sleep(_PAUSE)
        async with look() as later:
            again = await _files(later)
        problems += [problem for key, problem in suspects.items() if key in again]
    return Report(tuple(figures), tuple(problems))


async def _figures(now: Holdings) -> list[Fault]:
    async def count(sql: str) -> int:
        row = await now.read.one(sql)
        return int(row["found"] or 0) if row else 0

    looked = {
        "jobs": await count("SELECT count(*) AS found FROM jobs"),
        "entries": await count("SELECT count(*) AS found FROM ledger"),
        "accounts": await count("SELECT count(DISTINCT account) AS found FROM purse"),
        "pictures": await count("SELECT count(*) AS found FROM pictures"),
    }
    held = f"SELECT sum(hold) AS found FROM jobs WHERE {turns.OPEN} AND state <> 'delivering'"  # noqa: S608
    settled, open_ = money(await count("SELECT sum(cost) AS found FROM jobs")), money(await count(held))
    return [Fault("books-looked", looked), Fault("books-money", {"settled": settled, "held": open_})]


# --- money ----------------------------------------------------------------------------------


async def _sums(now: Holdings) -> AsyncIterator[Fault]:
    for row in await now.read.all(_SUMS):
        off = ", ".join(
            f"{name} {_signed(-row[name])}" for name in ("settled", "held", "granted") if row[name]
        )
        yield Fault("books-sum", {"account": row["account"], "period": row["period"], "off": off})
    for row in await now.read.all(_NEGATIVE):
        yield Fault("books-negative", {"account": row["account"], "period": row["period"]})
    for row in await now.read.all("SELECT DISTINCT kind FROM ledger"):
        if row["kind"] not in _KINDS:
            yield Fault("books-kind", {"kind": row["kind"]})
    for row in await now.read.all(_UNBOOKED):
        yield Fault("books-unbooked", {"job": row["id"]})
    for row in await now.read.all(_COSTS):
        yield Fault("books-cost", {"job": row["id"]})


async def _bookings(now: Holdings) -> AsyncIterator[Fault]:
    shared: dict[str, list[Row]] = {}
    for row in await now.read.all(_BOOKED):
        facts = {"job": row["job"], "account": row["account"]}
        if problem := _of_a_booking(row):
            yield Fault(problem, facts)
        elif row["weight"]:
            shared.setdefault(row["job"], []).append(row)
        else:
            yield Fault("books-amount", facts)
    for rows in shared.values():
        for row in _wrongly_shared(rows):
            yield Fault("books-amount", {"job": row["job"], "account": row["account"]})


def _of_a_booking(row: Row) -> str:
    """What is wrong with when a job was booked on an account; empty when only the amounts may be."""
    if row["state"] is None:
        return "books-no-job"
    if row["holds"] != 1 or row["days"] != 1:
        return "books-no-hold"
    is_open = row["state"] in _OPEN
    if is_open != (row["releases"] == 0) or row["releases"] > 1:
        return "books-closed-early" if is_open else "books-left-open"
    if row["settles"] != (row["cost"] is not None):
        return "books-unsettled"
    return "books-released" if row["releases"] and row["released"] != row["held"] else ""


def _wrongly_shared(rows: Sequence[Row]) -> list[Row]:
    """Of what bears one job together, those whose share of the hold or the cost is not theirs."""
    weights = {row["account"]: row["weight"] for row in rows}
    holds = ledger.borne(rows[0]["hold"], weights)
    costs = ledger.borne(rows[0]["cost"] or 0, weights)
    return [
        row for row in rows if (row["held"], row["settled"]) != (holds[row["account"]], costs[row["account"]])
    ]


def _signed(amount: int) -> str:
    return f"{'+' if amount > 0 else '-'}{money(abs(amount))}"


# --- pictures -------------------------------------------------------------------------------


async def _files(now: Holdings) -> Mapping[tuple[str, str], Fault]:
    """Pictures without a file, files without a picture, and links that lead nowhere."""
    # Before any row is read: a row comes before its file.
    there = await asyncio.to_thread(_sizes, now.pictures)
    found: dict[tuple[str, str], Fault] = {}
    for row in await now.read.all(_UNLINKED):
        facts = {"job": row["job"], "picture": row["picture"]}
        found["link", f"{row['job']} {row['picture']}"] = Fault("books-link", facts)
    shown = {row["picture"] for row in await now.read.all("SELECT DISTINCT picture FROM job_pictures")}
    known: set[str] = set()
    async for row in _pictures(now):
        name = picture_of(row, now.pictures).path.name
        known.add(name)
        size = there.get(name) if name in there or not now.on_server else await _size(now, row)
        # One that no job shows was never finished: a crash fell between its row and its file.
        if size != row["bytes"] and (size is not None or row["id"] in shown):
            found["file", name] = Fault("books-no-file" if size is None else "books-size", {"name": name})
    if not now.on_server:  # where each process has copies of its own
        for name in sorted(there.keys() - known):
            found["row", name] = Fault("books-no-row", {"name": name})
    return found


async def _pictures(now: Holdings) -> AsyncIterator[Row]:
    after = ""
    while page := await now.read.all("SELECT * FROM pictures WHERE id > ? ORDER BY id LIMIT ?", after, _PAGE):
        for row in page:
            yield row
        after = page[-1]["id"]


async def _size(now: Holdings, row: Row) -> int | None:
    sql = "SELECT sum(length(content)) AS found FROM picture_parts WHERE picture = ?"
    found = await now.read.one(sql, row["id"])
    return found["found"] if found else None


def _sizes(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_size for file in folder.iterdir()} if folder.is_dir() else {}
