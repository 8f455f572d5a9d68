"""Whom a person means: by a mention, a reply, a name or an id."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.context import Context
from bot.errors import BadInput
from bot.model import User
from bot.rules import Kind, Who

_MENTION = re.compile(r"<@!?(\d+)>")
_ID = re.compile(r"[a-z]+:[-\w]+")


async def meant(ctx: Context, said: str) -> Who:
    """The person of this chat that ``said`` names; empty: whose message was replied to.

    A job's message stands for who asked for it. Raises `BadInput` for nobody and for several.
    """
    said = said.strip().rstrip(",.，。")
    if not said:
        return await _pointed_at(ctx)
    members = [*ctx.invocation.mentions, *await ctx.store.members(ctx.chat.home)]
    if wanted := _id(ctx, said):
        return next((_who(user) for user in members if user.id == wanted), Who(Kind.USER, wanted, wanted))
    return _named(said, members)


def _id(ctx: Context, said: str) -> str:
    """``<@42>`` and ``telegram:42`` are ids, of this platform's people."""
    platform = ctx.invocation.chat.platform
    if found := _MENTION.fullmatch(said):
        return f"{platform}:{found[1]}"
    return said if _ID.fullmatch(said) and said.startswith(f"{platform}:") else ""


async def _pointed_at(ctx: Context) -> Who:
    replied = None if ctx.invocation.pressed else ctx.invocation.replied
    job = await ctx.store.job_at(replied) if replied else None
    user = job.user if job else ctx.invocation.author
    if user is None:
        raise BadInput("error-whom", command=ctx.invocation.command)
    return _who(user)


def _named(said: str, members: Sequence[User]) -> Who:
    """Somebody who asked for something here. An ``@name`` that is not known may be meant all the same."""
    wanted = said.removeprefix("@").casefold()
    if said.startswith("@"):
        by_handle = [user for user in members if user.handle.casefold() == wanted]
        return _who(by_handle[0]) if by_handle else Who(Kind.USER, f"@{wanted}", said)
    same = {user.id: user for user in members if user.name.casefold() == wanted}
    found = same or {user.id: user for user in members if user.name.casefold().startswith(wanted)}
    if not found:
        raise BadInput("error-whom-unknown", name=said[:60])
    if len(found) > 1:
        several = ", ".join(f"{user.name} ({user.id})" for user in list(found.values())[:5])
        raise BadInput("error-whom-several", names=several)
    return _who(next(iter(found.values())))


def _who(user: User) -> Who:
    return Who(Kind.USER, user.id, user.name)
