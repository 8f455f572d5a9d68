"""``/block`` and ``/unblock``: who may ask for nothing here any more; the operator: nowhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from bot.command import Rest
from bot.context import Context
from bot.errors import NotAllowed
from bot.model import HOUSE, Button, Chat, User, UserId
from bot.people import meant
from bot.rules import Who, with_, without

_EVERYWHERE = "everywhere"

Person = Annotated[str, Rest(200)]


async def block(ctx: Context, who: Person = "") -> None:
    """Block whoever is named, mentioned or replied to; ``everywhere`` too, for the operator."""
    chat, person = await _meant(ctx, who)
    if chat.home == ctx.chat.home and await _is_admin(ctx, person):
        raise NotAllowed("error-block-admin")
    rules = replace(chat.rules, blocked=with_(chat.rules.blocked, person))
    entry = ctx.audit("audit-blocked", chat.home, name=person.shown)
    await ctx.store.save_chat(chat.home, audit=entry, rules=rules)
    undo = Button(ctx.say("button-unblock"), "unblock", f"{person.id} {_scope(chat)}".strip())
    buttons = ((undo,),) if len(undo.data.encode()) <= 60 else ()
    told = "blocked-everywhere" if chat.home == HOUSE else "blocked"
    await ctx.reply(ctx.say(told, name=person.shown), buttons=buttons, private=True)


async def unblock(ctx: Context, who: Person = "") -> None:
    """Let them ask again."""
    chat, person = await _meant(ctx, who)
    left = without(chat.rules.blocked, person)
    if left == chat.rules.blocked:
        raise NotAllowed("error-not-blocked", name=person.shown)
    was = next(each for each in chat.rules.blocked if each.same(person))
    entry = ctx.audit("audit-unblocked", chat.home, name=was.shown)
    await ctx.store.save_chat(chat.home, audit=entry, rules=replace(chat.rules, blocked=left))
    await ctx.reply(ctx.say("unblocked", name=was.shown), private=True)


async def _meant(ctx: Context, said: str) -> tuple[Chat, Who]:
    """The row that the block stands on, and the person; who may not is refused."""
    words = said.split()
    everywhere = bool(words) and words[-1].lower() == _EVERYWHERE
    if everywhere:
        if not await ctx.policy.is_operator(ctx.user):
            raise NotAllowed("error-operator-only")
        return await ctx.store.chat(HOUSE), await meant(ctx, " ".join(words[:-1]))
    await ctx.policy.demand_admin(ctx.invocation)
    return ctx.chat, await meant(ctx, said)


async def _is_admin(ctx: Context, person: Who) -> bool:
    """An admin is bound by no block: saying so is better than a block that does nothing."""
    if person.id.startswith("@"):
        return False
    user = User(UserId(person.id), person.name)
    return user.id == ctx.user.id or await ctx.adapter.is_admin(ctx.invocation.chat, user)


def _scope(chat: Chat) -> str:
    return _EVERYWHERE if chat.home == HOUSE else ""
