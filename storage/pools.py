"""Keys that members lend to their chat, inside a transaction."""

from __future__ import annotations

import json

from bot.model import Allowance, ChatId, Fault, Key, PoolKey, State, User, UserId, now
from storage import jobs, ledger, turns
from storage.rows import clean, fault_text, micros
from storage.transaction import Row, Transaction

_GONE = fault_text(Fault("error-pool-gone"))


async def find(read: Transaction, home: ChatId) -> list[PoolKey]:
    found = await read.all("SELECT * FROM pool_keys WHERE home = ? ORDER BY member", home)
    return [key_of(row) for row in found]


async def of(read: Transaction, giver: UserId) -> list[PoolKey]:
    """What somebody lends, to any chat."""
    found = await read.all("SELECT * FROM pool_keys WHERE member = ? ORDER BY home", giver)
    return [key_of(row) for row in found]


def key_of(row: Row) -> PoolKey:
    giver = User(UserId(row["member"]), row["member_name"])
    urls, sealed = tuple(json.loads(row["urls"])), bytes(row["sealed"])
    key = Key(row["dialect"], urls, sealed, row["hint"], row["model"], giver.id)
    return PoolKey(ChatId(row["home"]), giver, key, Allowance(row["day"], row["month"]))


async def save(tx: Transaction, pooled: PoolKey) -> None:
    key, cap = pooled.key, pooled.cap
    await forget(tx, pooled.home, pooled.giver.id)
    await tx.all(
        "INSERT INTO pool_keys (home, member, member_name, dialect, urls, sealed, hint, model, day, month) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        pooled.home,
        pooled.giver.id,
        clean(pooled.giver.name),
        key.dialect,
        json.dumps(key.urls),
        key.sealed,
        clean(key.hint),
        clean(key.model),
        cap.day,
        cap.month,
    )


async def forget(tx: Transaction, home: ChatId, giver: str) -> None:
    await tx.all("DELETE FROM pool_keys WHERE home = ? AND member = ?", home, giver)


async def take_back(tx: Transaction, lent: PoolKey) -> list[int]:
    """The key is gone, and what waited for it is about to say so: each one's ``seq``, to be run."""
    await forget(tx, lent.home, lent.giver.id)
    found = await tx.all(f"SELECT id, seq FROM jobs WHERE {turns.QUEUED} AND endpoint = ?", lent.name)  # noqa: S608
    ended = {"state": State.DELIVERING, "fault": _GONE, "started": None, "finished": micros(now())}
    for row in found:
        await jobs.change(tx, row["id"], None, [State.QUEUED], **ended)
        await ledger.close(tx, row["id"], now())
    return [row["seq"] for row in found]
