"""What admins and operators did: rows are added, never changed."""

# ruff: noqa: S608 - what is put into statements here is constants

from __future__ import annotations

from bot.model import AuditEntry, ChatId, User, UserId
from storage.rows import clean, fault_of, fault_text, micros, moment
from storage.transaction import Row, Transaction


async def record(tx: Transaction, entry: AuditEntry | None) -> None:
    """Write an entry down, if there is one, in the transaction of what it tells of."""
    if entry:
        await tx.all(
            "INSERT INTO audit (seq, home, member, member_name, what, at) "
            "VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM audit), ?, ?, ?, ?, ?)",
            entry.home,
            entry.user.id,
            clean(entry.user.name),
            fault_text(entry.what),
            micros(entry.at),
        )


async def latest(read: Transaction, home: ChatId | None, limit: int, skip: int) -> list[AuditEntry]:
    """A page of a home's entries, or of everybody's, newest first."""
    where, params = ("WHERE home = ?", [home]) if home else ("", [])
    found = await read.all(
        f"SELECT * FROM audit {where} ORDER BY seq DESC LIMIT ? OFFSET ?", *params, limit, skip
    )
    return [entry_of(row) for row in found]


def entry_of(row: Row) -> AuditEntry:
    return AuditEntry(
        home=ChatId(row["home"]),
        user=User(UserId(row["member"]), row["member_name"]),
        what=fault_of(row["what"]),
        at=moment(row["at"]),
    )
