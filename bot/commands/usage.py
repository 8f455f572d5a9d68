"""``/usage``: who spent what in a month, as a chart for everybody and as a table for admins."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from bot.command import Rest
from bot.context import Context
from bot.credits import money
from bot.errors import BadOption
from bot.model import UNIT, Amount, Button, File, Picture, Spending, User, new_id, now
from bot.presenter import preview

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_SHOWN = 8
_FORMULA = tuple("=+-@\t\r")
"""A cell that begins so is reckoned by spreadsheets."""


@dataclass(frozen=True, slots=True)
class _Row:
    user: User
    spent: Amount
    pictures: int


async def usage(ctx: Context, when: Annotated[str, Rest(40)] = "") -> None:
    """Of this month, or of ``2026-10``; ``csv`` before it asks for the table."""
    word, _, rest = when.strip().lower().partition(" ")
    table, said = (True, rest.strip()) if word == "csv" else (False, when.strip())
    wanted = said or f"{now():%Y-%m}"
    if not _MONTH.fullmatch(wanted):
        raise BadOption(option="when", value=wanted[:40], allowed=f"{now():%Y-%m}, csv")
    if table:
        await ctx.policy.demand_admin(ctx.invocation)
    found = await ctx.store.usage(ctx.chat.home, wanted)
    if not found:
        nothing, earlier = ctx.say("usage-nothing", month=wanted), _before(wanted)
        await ctx.reply(nothing, buttons=((earlier,),), private=True)
    elif table:
        await _table(ctx, wanted, found)
    else:
        await _chart(ctx, wanted, found)


async def _chart(ctx: Context, month: str, found: Sequence[Spending]) -> None:
    rows = _by_member(found)
    first, others = rows[:_SHOWN], rows[_SHOWN:]
    title = ctx.say("usage-title", month=month, total=money(sum(row.spent for row in rows)))
    lines = [(_name(ctx, row.user), row.spent, row.pictures) for row in first]
    if others:
        name = ctx.say("usage-others", count=len(others))
        lines.append((name, sum(row.spent for row in others), sum(row.pictures for row in others)))
    text = [ctx.say("usage-line", name=name, amount=money(spent), count=n) for name, spent, n in lines]
    buttons = (Button(ctx.say("button-usage-csv"), "usage", f"csv {month}"), _before(month))
    from bot import chart  # noqa: PLC0415 - fonts, which few need

    async with ctx.services.packing:  # each is drawn by a process of its own
        drawn = await chart.bars(title, [(name, spent) for name, spent, _ in lines], ctx.store.spool)
    pictures = (await _kept(ctx, drawn),) if drawn else ()
    await ctx.reply("\n".join([title, *text]), pictures=pictures, buttons=(buttons,), private=True)


async def _kept(ctx: Context, drawn: Path) -> Picture:
    try:
        return await ctx.store.keep(await preview(drawn))
    finally:
        await asyncio.to_thread(drawn.unlink, missing_ok=True)


def _before(month: str) -> Button:
    year, number = int(month[:4]), int(month[5:])
    earlier = f"{year}-{number - 1:02}" if number > 1 else f"{year - 1}-12"
    return Button(f"◀ {earlier}", "usage", earlier)


def _by_member(found: Iterable[Spending]) -> list[_Row]:
    """The dearest first."""
    spent, pictures, users = defaultdict[str, int](int), defaultdict[str, int](int), dict[str, User]()
    for one in found:
        spent[one.user.id] += one.spent
        pictures[one.user.id] += one.requests
        users[one.user.id] = one.user
    rows = [_Row(user, spent[id_], pictures[id_]) for id_, user in users.items()]
    return sorted(rows, key=lambda row: (-row.spent, -row.pictures, row.user.name))


def _name(ctx: Context, user: User) -> str:
    return user.name or ctx.say("usage-forgotten")


async def _table(ctx: Context, month: str, found: Sequence[Spending]) -> None:
    """By day and member, in dollars, for a spreadsheet."""
    path = ctx.store.spool / f"usage-{new_id()}.csv"
    rows = _written(found).encode("utf-8-sig")
    try:
        await asyncio.to_thread(path.write_bytes, rows)
        file = File(path, f"usage-{month}.csv", "text/csv", len(rows))
        files, said = ctx.sendable([file])
        await ctx.reply("\n".join([ctx.say("usage-table", month=month), *said]), files=files, private=True)
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _written(found: Iterable[Spending]) -> str:
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["day", "member", "name", "usd", "requests"])
    for one in found:
        name = f"'{one.user.name}" if one.user.name.startswith(_FORMULA) else one.user.name
        table.writerow([one.day, one.user.id, name, f"{one.spent / UNIT:.6f}", one.requests])
    return out.getvalue()
