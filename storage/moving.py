"""A chat got another id: everything that bears the old one bears the new one from now on."""

# ruff: noqa: S608 - what is put into statements here is names of tables and columns

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

from bot.model import POOL, Chat, ChatId
from storage import chats, ledger, pools
from storage.transaction import Transaction

Reseal = Callable[..., bytes]
"""From what is sealed, and for a key that a member lent their id."""


async def move(tx: Transaction, old: ChatId, new: ChatId, reseal: Reseal) -> None:
    """``old`` and ``new`` are homes. What both have is merged: sums are added, the new one's words win."""
    await _move_defaults(tx, old, new, reseal)
    await _move_pool(tx, old, new, reseal)
    await _move_jobs(tx, old, new)
    await _move_turns(tx, old, new)
    await _move_asks(tx, old, new)
    await _move_jams(tx, old, new)
    await _move_accounts(tx, old, new)
    await tx.all("UPDATE audit SET home = ? WHERE home = ?", new, old)


async def _move_defaults(tx: Transaction, old: ChatId, new: ChatId, reseal: Reseal) -> None:
    before = await chats.load(tx, old)
    if before.key:
        before = replace(before, key=replace(before.key, sealed=reseal(before.key.sealed)))
    await chats.save(tx, _merged(before, await chats.load(tx, new)))
    await tx.all("DELETE FROM chats WHERE home = ?", old)


def _merged(old: Chat, new: Chat) -> Chat:
    """The new chat, with the old one's answers wherever it has none of its own."""
    unsaid = Chat(new.home)
    names = [field.name for field in fields(Chat) if field.name != "home"]
    silent = [name for name in names if getattr(new, name) == getattr(unsaid, name)]
    return replace(new, **{name: getattr(old, name) for name in silent})


async def _move_pool(tx: Transaction, old: ChatId, new: ChatId, reseal: Reseal) -> None:
    """Keys that members lent; of one who lent to both the new one's stays."""
    there = {lent.giver.id for lent in await pools.find(tx, new)}
    for lent in await pools.find(tx, old):
        if lent.giver.id not in there:
            key = replace(lent.key, sealed=reseal(lent.key.sealed, lent.giver.id))
            await pools.save(tx, replace(lent, home=new, key=key))
        await pools.forget(tx, old, lent.giver.id)


async def _move_jobs(tx: Transaction, old: ChatId, new: ChatId) -> None:
    for column in ("chat", "post_chat", "origin_chat"):
        await _move_places(tx, "jobs", column, old, new)
    await tx.all("UPDATE jobs SET endpoint = ? WHERE home = ? AND endpoint = ?", new, old, old)
    lent = f"{POOL}/{old}/"
    await tx.all(
        "UPDATE jobs SET endpoint = ? || substr(endpoint, ?) WHERE home = ? AND substr(endpoint, 1, ?) = ?",
        f"{POOL}/{new}/",
        len(lent) + 1,
        old,
        len(lent),
        lent,
    )
    await tx.all("UPDATE jobs SET home = ? WHERE home = ?", new, old)


async def _move_places(tx: Transaction, table: str, column: str, old: ChatId, new: ChatId) -> None:
    """Places within the old home: itself, and whatever goes on with a colon."""
    await tx.all(
        f"UPDATE {table} SET {column} = ? || substr({column}, ?) "
        f"WHERE home = ? AND ({column} = ? OR substr({column}, 1, ?) = ?)",
        new,
        len(old) + 1,
        old,
        old,
        len(old) + 1,
        f"{old}:",
    )


async def _move_turns(tx: Transaction, old: ChatId, new: ChatId) -> None:
    await tx.all(
        """
        INSERT INTO turns (home, member, served) SELECT ?, member, served FROM turns WHERE home = ?
        ON CONFLICT (home, member) DO UPDATE
        SET served = CASE WHEN excluded.served > turns.served THEN excluded.served ELSE turns.served END
        """,
        new,
        old,
    )
    await tx.all("DELETE FROM turns WHERE home = ?", old)


async def _move_asks(tx: Transaction, old: ChatId, new: ChatId) -> None:
    await _move_places(tx, "asks", "chat", old, new)
    await tx.all("UPDATE asks SET home = ? WHERE home = ?", new, old)


async def _move_jams(tx: Transaction, old: ChatId, new: ChatId) -> None:
    """Where both places have a jam that goes on, the old one's is over."""
    await tx.all(
        "UPDATE jams SET stage = 'over', due = NULL, told = 1 WHERE home = ? AND stage <> 'over' AND EXISTS "
        "(SELECT 1 FROM jams AS others WHERE others.home = ? AND others.stage <> 'over' "
        "AND others.chat = ? || substr(jams.chat, ?))",
        old,
        new,
        new,
        len(old) + 1,
    )
    await _move_places(tx, "jam_posts", "chat", old, new)
    await tx.all("UPDATE jam_posts SET home = ? WHERE home = ?", new, old)
    for column in ("chat", "post_chat"):
        await _move_places(tx, "jams", column, old, new)
    await tx.all("UPDATE jams SET home = ? WHERE home = ?", new, old)


async def _move_accounts(tx: Transaction, old: ChatId, new: ChatId) -> None:
    for row in await tx.all("SELECT DISTINCT account FROM purse"):
        account: str = row["account"]
        moved = "/".join(new if part == old else part for part in account.split("/"))
        if moved != account:
            await ledger.rename(tx, account, moved)
