"""Money inside a transaction. The ledger says what happened, the purse holds its sums.

A job's rows are all booked on the day and month of its hold. What an account has used in a
period is what was settled there and what is still held. A settlement may exceed its hold, and
then the use may exceed a cap: that is the truth, and is never clipped. What was granted by hand
is added to the cap of its period.

A job is booked whole on each of its accounts, but on those with a `Limit.weight`: those of one pot bear it
together, each its share by weight (`bot.credits.split`), of the hold and of the cost alike.
"""

# ruff: noqa: S608 - what is put into statements here is constants and question marks

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.credits import split
from bot.errors import CapReached
from bot.model import Amount, Job, JobId, Limit, Standing, now
from storage.rows import marks, micros
from storage.transaction import Row, Transaction

# All of a job's holds are on one day.
_HELD = """
    SELECT account, amount, weight, day FROM ledger WHERE job = ? AND kind = 'hold' AND NOT EXISTS
        (SELECT 1 FROM ledger AS other WHERE other.job = ledger.job AND other.kind = 'release')
    ORDER BY account
"""


async def demand_room(tx: Transaction, job: Job, limits: Sequence[Limit]) -> None:
    """Raises `CapReached` when the job's hold, or a share of it, does not fit below every cap."""
    day, month = _periods(_day(job.created))
    purses = await _purses(tx, [limit.account for limit in limits], job.created)
    parts = borne(job.hold, {limit.account: limit.weight for limit in limits})
    for limit in limits:
        part = parts[limit.account]
        for name, period, cap in (("day", day, limit.daily), ("month", month, limit.monthly)):
            purse = purses.get((limit.account, period))
            left = None if cap is None else cap + _granted(purse) - _used(purse)
            if left is not None and part > left:
                raise _no_room(limit, period=name, left=max(0, left), price=part)


def _no_room(limit: Limit, *, period: str, left: Amount, price: Amount) -> CapReached:
    if limit.name:
        return CapReached("error-cap-of-one", name=limit.name, period=period, left=left, price=price)
    return CapReached(account=limit.kind, period=period, left=left, price=price)


async def hold(tx: Transaction, job: Job, limits: Sequence[Limit]) -> None:
    """Book the job's hold on every account. A hold of nothing too: it says where a cost will go."""
    weights, day = {limit.account: limit.weight for limit in limits}, _day(job.created)
    if not weights:
        return
    parts = sorted(borne(job.hold, weights).items())
    await tx.all(
        "INSERT INTO ledger (job, account, kind, amount, weight, day, booked) VALUES "
        + ", ".join(["(?, ?, 'hold', ?, ?, ?, ?)"] * len(parts)),
        *(
            value
            for name, part in parts
            for value in (job.id, name, part, weights[name], day, micros(job.created))
        ),
    )
    places = [(name, period, part) for name, part in parts for period in _periods(day)]
    await tx.all(
        "INSERT INTO purse (account, period, settled, held) VALUES "
        + ", ".join(["(?, ?, 0, ?)"] * len(places))
        + " ON CONFLICT (account, period) DO UPDATE SET held = purse.held + excluded.held",
        *(value for place in places for value in place),
    )


async def close(tx: Transaction, job: JobId, at: datetime, cost: Amount | None = None) -> None:
    """Give the hold back, and book what the job really cost if it came to that. Repeated, it does nothing."""
    held = await tx.all(_HELD, job)
    if not held:
        return
    costs = borne(cost or 0, {row["account"]: row["weight"] for row in held})
    kinds = ("release",) if cost is None else ("release", "settle")
    await tx.all(
        "INSERT INTO ledger (job, account, kind, amount, weight, day, booked) VALUES "
        + ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * len(held) * len(kinds)),
        *(
            value
            for row in held
            for kind in kinds
            for amount in (row["amount"] if kind == "release" else costs[row["account"]],)
            for value in (job, row["account"], kind, amount, row["weight"], row["day"], micros(at))
        ),
    )
    alike: dict[tuple[Amount, Amount], list[str]] = defaultdict(list)
    for row in held:
        alike[row["amount"], costs[row["account"]]].append(row["account"])
    for (released, settled), accounts in alike.items():
        await tx.all(
            "UPDATE purse SET held = held - ?, settled = settled + ? "
            f"WHERE account IN {marks(len(accounts))} AND period IN (?, ?)",
            released,
            settled,
            *accounts,
            *_periods(held[0]["day"]),
        )


def borne(amount: Amount, weights: Mapping[str, int]) -> dict[str, Amount]:
    """What each account bears of an amount: all of it, or by weight a share among those of its pot."""
    sharing: dict[str, dict[str, int]] = defaultdict(dict)
    for account, weight in weights.items():
        if weight:
            sharing[account.rpartition("/")[0]][account] = weight
    parts = dict.fromkeys(weights, amount)
    for together in sharing.values():
        parts |= split(amount, together)
    return parts


async def grant(tx: Transaction, name: str, accounts: Sequence[str], amount: Amount, when: str) -> bool:
    """Let more be used in a day and its month (``when`` is ``2026-11-21``), or in a month alone.

    ``name`` makes it happen once: false, and nothing done, when that was granted already.
    """
    if await tx.one("SELECT 1 AS found FROM ledger WHERE job = ? LIMIT 1", name):
        return False
    booked = sorted(set(accounts))
    await tx.all(
        "INSERT INTO ledger (job, account, kind, amount, day, booked) VALUES "
        + ", ".join(["(?, ?, 'grant', ?, ?, ?)"] * len(booked)),
        *(value for account in booked for value in (name, account, amount, when, micros(now()))),
    )
    places = [(account, period) for account in booked for period in _periods(when)]
    await tx.all(
        "INSERT INTO purse (account, period, settled, held, granted) VALUES "
        + ", ".join(["(?, ?, 0, 0, ?)"] * len(places))
        + " ON CONFLICT (account, period) DO UPDATE SET granted = purse.granted + excluded.granted",
        *(value for place in places for value in (*place, amount)),
    )
    return True


async def standing(read: Transaction, accounts: Sequence[str], at: datetime) -> list[Standing]:
    """How accounts stand in the day and month of ``at``."""
    day, month = _periods(_day(at))
    purses = await _purses(read, accounts, at)
    return [
        Standing(
            account,
            day=_used(purses.get((account, day))),
            month=_used(purses.get((account, month))),
            held=purses[account, month]["held"] if (account, month) in purses else 0,
            granted_day=_granted(purses.get((account, day))),
            granted_month=_granted(purses.get((account, month))),
        )
        for account in accounts
    ]


async def rename(tx: Transaction, old: str, new: str) -> None:
    """One account becomes part of another: its rows get the other's name, its sums are added."""
    await tx.all("UPDATE ledger SET account = ? WHERE account = ?", new, old)
    await tx.all(
        """
        INSERT INTO purse (account, period, settled, held, granted)
        SELECT ?, period, settled, held, granted FROM purse WHERE account = ?
        ON CONFLICT (account, period) DO UPDATE
        SET settled = purse.settled + excluded.settled, held = purse.held + excluded.held,
            granted = purse.granted + excluded.granted
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


def _used(purse: Row | None) -> Amount:
    return purse["settled"] + purse["held"] if purse else 0


def _granted(purse: Row | None) -> Amount:
    return purse["granted"] if purse else 0


def _day(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d")


def _periods(day: str) -> tuple[str, ...]:
    """``2026-11-21`` → ``day:2026-11-21``, ``month:2026-11``; of a month alone the second."""
    return (f"day:{day}", f"month:{day[:7]}") if len(day) > len("2026-11") else (f"month:{day}",)
