"""What is awaited from people: forms asked by message, and events not yet handled."""

# ruff: noqa: S608 - what is put into statements here is question marks

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from bot.model import Form, Post, UserId, now
from storage.rows import form_of, form_text, marks, micros
from storage.transaction import Transaction

REMEMBER_EVENTS = timedelta(days=2)


async def ask(tx: Transaction, post: Post, user: UserId, form: Form) -> None:
    await tx.all(
        """
        INSERT INTO asks (chat, message, member, home, form, asked) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (chat, message, member) DO UPDATE SET form = excluded.form, asked = excluded.asked
        """,
        post.chat,
        post.id,
        user,
        post.chat.home,
        form_text(form),
        micros(now()),
    )


async def asked(read: Transaction, post: Post, user: UserId) -> Form | None:
    row = await read.one(
        "SELECT form FROM asks WHERE chat = ? AND message = ? AND member = ?", post.chat, post.id, user
    )
    return form_of(row["form"]) if row else None


async def receive(tx: Transaction, platform: str, events: Mapping[str, bytes], keeper: int) -> list[str]:
    """Which of the events are new, in the order given; they are pending in that order too, for ``keeper``."""
    if not events:
        return []
    known = {
        row["event"]
        for row in await tx.all(
            f"SELECT event FROM inbox WHERE platform = ? AND event IN {marks(len(events))}", platform, *events
        )
    }
    new, at = [event for event in events if event not in known], micros(now())
    if new:
        await tx.all(
            "INSERT INTO inbox (platform, event, payload, received, keeper) VALUES "
            + ", ".join(["(?, ?, ?, ?, ?)"] * len(new)),
            *(
                v
                for place, event in enumerate(new)
                for v in (platform, event, events[event], at + place, keeper)
            ),
        )
    return new


async def pending(read: Transaction, platform: str, keeper: int) -> dict[str, bytes]:
    """Those that ``keeper`` is to serve."""
    found = await read.all(
        "SELECT event, payload FROM inbox WHERE platform = ? AND payload IS NOT NULL AND keeper = ? "
        "ORDER BY received",
        platform,
        keeper,
    )
    return {row["event"]: bytes(row["payload"]) for row in found}


async def orphans(read: Transaction, platform: str, living: Collection[int]) -> list[str]:
    """Events whose keeper is dead."""
    found = await read.all(
        "SELECT event FROM inbox WHERE platform = ? AND payload IS NOT NULL "
        f"AND (keeper IS NULL OR keeper NOT IN {marks(len(living))})",
        platform,
        *living,
    )
    return [row["event"] for row in found]


async def adopt(tx: Transaction, platform: str, events: Sequence[str], keeper: int) -> None:
    if not events:
        return
    await tx.all(
        f"UPDATE inbox SET keeper = ? WHERE platform = ? AND event IN {marks(len(events))}",
        keeper,
        platform,
        *events,
    )


async def handled(tx: Transaction, platform: str, event: str) -> None:
    await tx.all("UPDATE inbox SET payload = NULL WHERE platform = ? AND event = ?", platform, event)


async def forget(tx: Transaction, before: datetime) -> None:
    """Forms asked before then, and ids of events long handled."""
    await tx.all("DELETE FROM asks WHERE asked < ?", micros(before))
    await tx.all("DELETE FROM inbox WHERE payload IS NULL AND received < ?", micros(now() - REMEMBER_EVENTS))


async def probe(tx: Transaction) -> None:
    """Change something that nobody reads."""
    await tx.all(
        "INSERT INTO inbox (platform, event, payload, received) VALUES ('easel', 'probe', NULL, ?) "
        "ON CONFLICT (platform, event) DO UPDATE SET received = excluded.received",
        micros(now()),
    )
