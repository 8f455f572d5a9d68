"""Who spent what in a chat: the sums of the purse by day and member, with the requests that were paid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.credits import OWN
from bot.model import POOL, ChatId, Spending, User, UserId
from storage import jobs
from storage.rows import micros
from storage.transaction import Transaction

_SPENT = """
    SELECT account, substr(period, 5) AS day, settled FROM purse WHERE settled > 0
    AND substr(period, 1, 11) = ? AND (substr(account, 1, ?) = ? OR substr(account, 1, ?) = ?)
"""
_PAID = """
    SELECT member, created / 86400000000 AS day, count(*) AS requests FROM jobs
    WHERE home = ? AND created >= ? AND created < ? AND cost IS NOT NULL
    GROUP BY member, created / 86400000000
"""


async def of(read: Transaction, home: ChatId, month: str) -> list[Spending]:
    """See `bot.ports.Store.usage`."""
    ours, lent = f"{home}/", f"{POOL}/{home}/"
    spent = dict[tuple[str, str], int]()
    for row in await read.all(_SPENT, f"day:{month}", len(ours), ours, len(lent), lent):
        if member := _member(row["account"], ours, lent):
            key = row["day"], member
            spent[key] = spent.get(key, 0) + row["settled"]
    begin = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    end = (begin + timedelta(days=31)).replace(day=1)
    paid = await read.all(_PAID, home, micros(begin), micros(end))
    requests = {(_day(row["day"]), row["member"]): row["requests"] for row in paid}
    names = {user.id: user for user in await jobs.members(read, home)}
    return [
        Spending(_named(names, member), day, spent.get((day, member), 0), requests.get((day, member), 0))
        for day, member in sorted(spent.keys() | requests.keys())
    ]


def _member(account: str, ours: str, lent: str) -> str:
    """Whose account of the chat that is; empty for one that is nobody's."""
    if account.startswith(ours):
        return account.removeprefix(ours)
    member, _, rest = account.removeprefix(lent).partition("/")
    return member if rest == OWN else ""


def _named(names: Mapping[UserId, User], member: str) -> User:
    return names.get(UserId(member)) or User(UserId(member), member)


def _day(number: int) -> str:
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=number):%Y-%m-%d}"
