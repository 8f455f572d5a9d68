"""``/why``: what keeps somebody from having a picture made here, and how each of it is mended.

What is told are the very sentences that a request would be refused with, without making one.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated

from bot.command import Rest
from bot.commands.options import with_defaults
from bot.context import Context
from bot.errors import BadInput, CapReached, EaselError, NotAllowed, PlatformError, TooSoon, UpstreamDown
from bot.model import Amount, Endpoint, Fault, State, User, UserId, now
from bot.people import meant
from bot.policy import Payer
from bot.views import by_key, sentence

_NOTE = "note-"
_PATIENCE = 15.0
"""Seconds that the image service may take to say whether it is there."""


async def why(ctx: Context, who: Annotated[str, Rest(200)] = "") -> None:
    """Why I can't ask for pictures here; for admins: why somebody else can't."""
    meant_for = await _in_place_of(ctx, who)
    found = [fault async for fault in _hindrances(meant_for)]
    notes = [fault for fault in found if fault.message_id.startswith(_NOTE)]
    against = [fault for fault in found if fault not in notes]
    other = meant_for.user.id != ctx.user.id
    if against:
        head = ctx.say("why-not-other", name=meant_for.user.name) if other else ctx.say("why-not")
    else:
        head = ctx.say("why-fine-other", name=meant_for.user.name) if other else ctx.say("why-fine")
    lines = [f"• {sentence(ctx.services.words, ctx.language, fault)}" for fault in (*against, *notes)]
    await ctx.reply("\n".join([head, *lines]), private=True)


async def _in_place_of(ctx: Context, said: str) -> Context:
    """The same place, with the person who is meant. Raises `NotAllowed` for others but an admin."""
    call = ctx.invocation
    if not said and (call.pressed or call.replied is None):
        return ctx
    person = await meant(ctx, said)
    if person.id == ctx.user.id:
        return ctx
    await ctx.policy.demand_admin(call)
    if person.id.startswith("@"):
        raise BadInput("error-whom-unknown", name=person.shown)
    user = User(UserId(person.id), person.name)
    return Context(
        ctx.services, replace(call, user=user, roles=(), admin=None, private=False), ctx.chat, ctx.house
    )


async def _hindrances(ctx: Context) -> AsyncIterator[Fault]:
    """From the person outwards: rules, access and money, the image service, the platform; then notes."""
    try:
        await ctx.permit()
    except NotAllowed as refusal:
        yield refusal.fault
    if fault := await _too_soon(ctx):
        yield fault
    try:
        payers = await ctx.policy.payers(ctx.chat, ctx.user)
    except EaselError as refusal:
        yield refusal.fault
    else:
        room = [(payer, await _no_room(ctx, payer)) for payer in payers]
        payer, fault = next((pair for pair in room if pair[1] is None), room[0])
        if fault:
            yield fault
        if fault := await _no_relay(ctx, payer.endpoint):
            yield fault
    async for fault in _of_the_platform(ctx):
        yield fault
    if waiting := await ctx.store.waiting(ctx.chat.home):
        mine = sum(job.user.id == ctx.user.id for job in waiting)
        yield Fault("note-queue", {"count": len(waiting), "mine": mine})


async def _too_soon(ctx: Context) -> Fault | None:
    slow = ctx.chat.rules.slow
    if not slow or await ctx.policy.is_admin(ctx.invocation):
        return None
    latest = await ctx.store.jobs(ctx.chat.home, user=ctx.user.id, limit=10)
    counted = (job for job in latest if job.state not in (State.CANCELLED, State.FAILED))
    if (last := next(counted, None)) is None:
        return None
    left = slow - (now() - last.created).total_seconds()
    return TooSoon(seconds=math.ceil(left)).fault if left > 0 else None


async def _no_room(ctx: Context, payer: Payer) -> Fault | None:
    """What an ordinary picture, by the chat's defaults, would break; the narrowest account first."""
    price = ctx.upstream.estimate(payer.endpoint, with_defaults(ctx.chat, "a picture"))
    accounts = ctx.accounts(payer)
    standings = await ctx.store.standing([limit.account for limit in accounts])
    for limit, stands in reversed(list(zip(accounts, standings, strict=True))):
        caps = (
            ("day", limit.daily, stands.granted_day, stands.day),
            ("month", limit.monthly, stands.granted_month, stands.month),
        )
        for period, cap, granted, used in caps:
            left = _left(cap, granted, used)
            if left is not None and left < price:
                return CapReached(account=limit.kind, period=period, left=max(0, left), price=price).fault
    return None


def _left(cap: Amount | None, granted: Amount, used: Amount) -> Amount | None:
    return None if cap is None else cap + granted - used


async def _no_relay(ctx: Context, endpoint: Endpoint) -> Fault | None:
    """Whether the image service is there and takes the key; asking costs nothing."""
    try:
        async with asyncio.timeout(_PATIENCE):
            await ctx.upstream.check(endpoint)
    except TimeoutError:
        return UpstreamDown().fault
    except EaselError as trouble:
        return by_key(trouble.fault, endpoint.name)
    return None


async def _of_the_platform(ctx: Context) -> AsyncIterator[Fault]:
    """What the bot may not do in this place, and what it can't hear."""
    try:
        for fault in await ctx.adapter.ailments(ctx.invocation.chat):
            yield fault
    except PlatformError as trouble:
        yield trouble.fault
