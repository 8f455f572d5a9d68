"""``/claim``, and the operators' two buttons: who may use the operator's key."""

from __future__ import annotations

import logging
from typing import Annotated

from bot.command import Rest
from bot.context import Context
from bot.errors import EaselError, NotAllowed
from bot.model import Access, ChatId, Reply

log = logging.getLogger(__name__)

_DECIDED = (Access.ALLOWED, Access.DENIED)
Place = Annotated[str, Rest(100)]


async def claim(ctx: Context, code: Annotated[str, Rest(40)] = "") -> None:
    """Become the operator by the code that the latest start printed; in private only."""
    if not ctx.invocation.private:
        raise NotAllowed("error-claim-in-private")
    await ctx.policy.claim(ctx.user, code)
    log.info("%s is now the operator", ctx.user.id)
    await ctx.audited("audit-claimed")
    await ctx.reply(ctx.say("claimed", name=ctx.user.name), private=True)


async def approve(ctx: Context, place: Place) -> None:
    """Serve a chat by the operator's key."""
    await _answer(ctx, place, Access.ALLOWED)


async def deny(ctx: Context, place: Place) -> None:
    """Don't."""
    await _answer(ctx, place, Access.DENIED)


async def _answer(ctx: Context, named: str, access: Access) -> None:
    """``named``: the place, and what is spoken there. A button gives way to what another operator decided."""
    if not await ctx.policy.is_operator(ctx.user):
        raise NotAllowed("error-operator-only")
    name, _, language = named.partition(" ")
    place = ChatId(name)
    before = await ctx.store.chat(place.home)
    title = before.title or name
    if ctx.invocation.pressed and before.access in _DECIDED and before.access is not access:
        await _settle(ctx, ctx.say(f"access-{before.access}-already", title=title, place=name))
        return
    entry = ctx.audit(f"audit-access-{access}", place.home)
    chat = await ctx.store.save_chat(place.home, audit=entry, access=access)
    await _settle(ctx, ctx.say(f"access-{access}-answer", title=title))
    if before.access is not access:
        await _announce(ctx, place, chat.language or language, access)


async def _settle(ctx: Context, text: str) -> None:
    """In the place of the question; to who typed it, as an answer."""
    if ctx.invocation.pressed and ctx.invocation.origin:
        await ctx.adapter.edit(ctx.invocation.origin, Reply(text))
    else:
        await ctx.reply(text, private=True)


async def _announce(ctx: Context, place: ChatId, language: str, access: Access) -> None:
    """Tell the chat that was waiting."""
    words = ctx.services.words
    text = words.say(words.match(language, ctx.services.language), f"access-{access}-told")
    try:
        await ctx.services.adapters[place.platform].send(place, Reply(text))
    except EaselError as error:
        log.warning("chat %s could not be told of its access: %s", place, error)
