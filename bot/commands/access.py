"""``/claim``, and the operators' two buttons: who may use the operator's key."""

from __future__ import annotations

import logging
from typing import Annotated

from bot.command import Rest
from bot.context import Context
from bot.errors import EaselError, NotAllowed
from bot.model import Access, ChatId, Reply

log = logging.getLogger(__name__)

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
    await _answer(ctx, ChatId(place), Access.ALLOWED)


async def deny(ctx: Context, place: Place) -> None:
    """Don't."""
    await _answer(ctx, ChatId(place), Access.DENIED)


async def _answer(ctx: Context, place: ChatId, access: Access) -> None:
    if not await ctx.policy.is_operator(ctx.user):
        raise NotAllowed("error-operator-only")
    before = await ctx.store.chat(place.home)
    entry = ctx.audit(f"audit-access-{access}", place.home)
    chat = await ctx.store.save_chat(place.home, audit=entry, access=access)
    title = chat.title or str(place)
    text = ctx.say(f"access-{access}-answer", title=title)
    if ctx.invocation.origin:
        await ctx.adapter.edit(ctx.invocation.origin, Reply(text))
    if before.access is not access:
        await _announce(ctx, place, chat.language, access)


async def _announce(ctx: Context, place: ChatId, language: str, access: Access) -> None:
    """Tell the chat that was waiting."""
    words = ctx.services.words
    text = words.say(words.match(language, ctx.services.language), f"access-{access}-told")
    try:
        await ctx.services.adapters[place.platform].send(place, Reply(text))
    except EaselError as error:
        log.warning("chat %s could not be told of its access: %s", place, error)
