"""Money inside a transaction. The ledger says what happened, the purse holds its sums.

A job's rows are all booked on the day and month of its hold. What an account has used in a
period is what was settled there and what is still held. A settlement may exceed its hold, and
then the use may exceed a cap: that is the truth, and is never clipped.
"""

# ruff: noqa: S608 - what is put into statements here is constants and question marks

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.errors import CapReached
from bot.model import Amount, Job, JobId, Limit, Standing
from storage.database import Row, Transaction
from storage.rows import marks, micros


async def demand_room(tx: Transaction, job: Job, limits: Sequence[Limit]) -> None:
    """Raises `CapReached` when the job's hold does not fit below every cap."""
    day, month = _periods(_day(job.created))
    purses = await _purses(tx, [limit.account for limit in limits], job.created)
    for limit in limits:
        for name, period, cap in (("day", day, limit.daily), ("month", month, limit.monthly)):
            left = None if cap is None else cap - _used(purses.get((limit.account, period)))
            if left is not None and job.hold > left:
                raise CapReached(account=limit.kind, period=name, left=max(0, left), price=job.hold)


async def hold(tx: Transaction, job: Job, limits: Sequence[Limit]) -> None:
    """Book the job's hold on every account. A hold of nothing too: it says where a cost will go."""
    accounts, day = sorted({limit.account for limit in limits}), _day(job.created)
    if not accounts:
        return
    await tx.all(
        "INSERT INTO ledger (job, account, kind, amount, day, booked) VALUES "
        + ", ".join(["(?, ?, 'hold', ?, ?, ?)"] * len(accounts)),
        *(value for name in accounts for value in (job.id, name, job.hold, day, micros(job.created))),
    )
    places = [(name, period) for name in accounts for period in _periods(day)]
    await tx.all(
        "INSERT INTO purse (account, period, settled, held) VALUES "
        + ", ".join(["(?, ?, 0, ?)"] * len(places))
        + " ON CONFLICT (account, period) DO UPDATE SET held = purse.held + excluded.held",
        *(value for place in places for value in (*place, job.hold)),
    )


async def settle(tx: Transaction, job: JobId, cost: Amount, at: datetime) -> None:
    """Book what the job really cost, once, wherever its hold was booked."""
    booked = await tx.all(
        """
        INSERT INTO ledger (job, account, kind, amount, day, booked)
        SELECT job, account, 'settle', ?, day, ? FROM ledger WHERE job = ? AND kind = 'hold'
        ON CONFLICT (job, account, kind) DO NOTHING RETURNING account, day
        """,
        cost,
        micros(at),
        job,
    )
    await _add(tx, booked, "settled", cost)


async def release(tx: Transaction, job: JobId, at: datetime) -> None:
    """Give the hold back. Done before, it does nothing."""
    booked = await tx.all(
        """
        INSERT INTO ledger (job, account, kind, amount, day, booked)
        SELECT job, account, 'release', amount, day, ? FROM ledger WHERE job = ? AND kind = 'hold'
        ON CONFLICT (job, account, kind) DO NOTHING RETURNING account, day, amount
        """,
        micros(at),
        job,
    )
    await _add(tx, booked, "held", -booked[0]["amount"] if booked else 0)


async def standing(read: Transaction, accounts: Sequence[str], at: datetime) -> list[Standing]:
    """How accounts stand in the day and month of ``at``."""
    day, month = _periods(_day(at))
    purses = await _purses(read, accounts, at)
    return [
        Standing(
            account,
            day=_used(purses.get((account, day))),
            month=_used(purses.get((account, month))),
            held=purses[account, day]["held"] if (account, day) in purses else 0,
        )
        for account in accounts
    ]


async def rename(tx: Transaction, old: str, new: str) -> None:
    """One account becomes part of another: its rows get the other's name, its sums are added."""
    await tx.all("UPDATE ledger SET account = ? WHERE account = ?", new, old)
    await tx.all(
        """
        INSERT INTO purse (account, period, settled, held)
        SELECT ?, period, settled, held FROM purse WHERE account = ?
        ON CONFLICT (account, period) DO UPDATE
        SET settled = purse.settled + excluded.settled, held = purse.held + excluded.held
        """,
        new,
        old,
    )
    await tx.all("DELETE FROM purse WHERE account = ?", old)


async def _purses(tx: Transaction, accounts: Sequence[str], at: datetime) -> Mapping[tuple[str, str], Row]:
    """The sums of accounts in the two periods of a moment; those never used are missing."""
    if not accounts:
        return {}
    rows = await tx.all(
        f"SELECT * FROM purse WHERE account IN {marks(len(accounts))} AND period IN (?, ?)",
        *accounts,
        *_periods(_day(at)),
    )
    return {(row["account"], row["period"]): row for row in rows}


async def _add(tx: Transaction, booked: Sequence[Row], column: str, amount: Amount) -> None:
    """Follow in the purse what was just booked: one amount on some accounts, all of one day."""
    if booked:
        await tx.all(
            f"UPDATE purse SET {column} = {column} + ? "
            f"WHERE account IN {marks(len(booked))} AND period IN (?, ?)",
            amount,
            *(row["account"] for row in booked),
            *_periods(booked[0]["day"]),
        )


def _used(purse: Row | None) -> Amount:
    return purse["settled"] + purse["held"] if purse else 0


def _day(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d")


def _periods(day: str) -> tuple[str, str]:
    """``2026-11-21`` → ``day:2026-11-21``, ``month:2026-11``."""
    return f"day:{day}", f"month:{day[:7]}"
