"""Money, chats and the people in them, what is asked of them, and their jams."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot import jam as jam_rules
from bot.jam import Jam
from bot.model import (
    Access,
    Amount,
    AuditEntry,
    Chat,
    ChatId,
    Form,
    PoolKey,
    Post,
    Spending,
    Standing,
    User,
    UserId,
    now,
)
from storage import audit as trail
from storage import chats, inbox, jams, jobs, ledger, moving, pools, spending
from storage.rows import micros
from storage.store.base import Base, written
from storage.transaction import Transaction


class People(Base):
    async def standing(self, accounts: Sequence[str]) -> list[Standing]:
        return await ledger.standing(self._read, accounts, now())

    async def usage(self, home: ChatId, month: str) -> list[Spending]:
        return await spending.of(self._read, home, month)

    @written
    async def grant(
        self,
        tx: Transaction,
        name: str,
        accounts: Sequence[str],
        amount: Amount,
        *,
        month: bool = False,
        audit: AuditEntry | None = None,
    ) -> bool:
        when = now().strftime("%Y-%m" if month else "%Y-%m-%d")
        fresh = await ledger.grant(tx, f"grant:{name}", accounts, amount, when)
        await trail.record(tx, audit if fresh else None)
        return fresh

    async def pool(self, home: ChatId) -> list[PoolKey]:
        return await pools.find(self._read, home)

    @written
    async def lend(self, tx: Transaction, key: PoolKey) -> None:
        await pools.save(tx, key)

    @written
    async def take_back(
        self, tx: Transaction, home: ChatId, giver: UserId, *, audit: AuditEntry | None = None
    ) -> bool:
        lent = next((key for key in await pools.find(tx, home) if key.giver.id == giver), None)
        if lent is None:
            return False
        await self._end_waiting(tx, [lent])
        await trail.record(tx, audit)
        return True

    # --- chats and people -----------------------------------------------------------------

    async def chat(self, home: ChatId) -> Chat:
        return await chats.load(self._read, home)

    async def chats(self, *homes: ChatId) -> list[Chat]:
        return await chats.load_each(self._read, homes)

    @written
    async def save_chat(
        self, tx: Transaction, /, home: ChatId, *, audit: AuditEntry | None = None, **changes: Any
    ) -> Chat:
        chat = replace(await chats.load(tx, home), **changes)
        await chats.save(tx, chat)
        await trail.record(tx, audit)
        return chat

    @written
    async def audit(self, tx: Transaction, entry: AuditEntry) -> None:
        await trail.record(tx, entry)

    async def audit_trail(self, home: ChatId | None, *, limit: int = 20, skip: int = 0) -> list[AuditEntry]:
        return await trail.latest(self._read, home, limit, skip)

    async def members(self, home: ChatId) -> list[User]:
        return await jobs.members(self._read, home)

    @written
    async def claim_access(self, tx: Transaction, home: ChatId) -> bool:
        chat = await chats.load(tx, home)
        if chat.access is Access.NEW:
            await chats.save(tx, replace(chat, access=Access.ASKED))
        return chat.access is Access.NEW

    @written
    async def move_chat(
        self,
        tx: Transaction,
        old: ChatId,
        new: ChatId,
        reseal: Callable[..., bytes] = lambda sealed, _="": sealed,
    ) -> None:
        if old.home != new.home:
            await moving.move(tx, old.home, new.home, reseal)
            await self._admit(tx)

    async def operators(self) -> list[UserId]:
        found = await self._read.all("SELECT member FROM operators ORDER BY since, member")
        return [UserId(row["member"]) for row in found]

    @written
    async def add_operator(self, tx: Transaction, user: UserId) -> None:
        await tx.all(
            "INSERT INTO operators (member, since) VALUES (?, ?) ON CONFLICT (member) DO NOTHING",
            user,
            micros(now()),
        )

    # --- forms ----------------------------------------------------------------------------

    @written
    async def ask(self, tx: Transaction, post: Post, user: UserId, form: Form) -> None:
        await inbox.ask(tx, post, user, form)

    async def asked(self, post: Post, user: UserId) -> Form | None:
        return await inbox.asked(self._read, post, user)

    # --- jams -----------------------------------------------------------------------------

    @written
    async def begin_jam(self, tx: Transaction, jam: Jam) -> Jam:
        return await jams.begin(tx, jam)

    @written
    async def change_jam(
        self, tx: Transaction, jam: str, change: jam_rules.Change, *, audit: AuditEntry | None = None
    ) -> Jam | None:
        after = await jams.change(tx, jam, change)
        await trail.record(tx, audit if after else None)
        return after

    async def jam(self, jam: str) -> Jam | None:
        return await jams.find(self._read, jam)

    async def jam_at(self, post: Post) -> Jam | None:
        return await jams.at(self._read, post)

    async def jam_here(self, chat: ChatId) -> Jam | None:
        return await jams.here(self._read, chat)

    async def jams_with(self, user: UserId) -> list[Jam]:
        return await jams.with_(self._read, user)

    async def jams_wanting(self, at: datetime | None = None) -> list[Jam]:
        return await jams.wanting(self._read, at)
