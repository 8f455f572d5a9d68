"""``/forget``: what Easel keeps of a person, removed when they say so."""

from __future__ import annotations

from typing import Annotated

from bot.command import Rest
from bot.context import Context
from bot.errors import NotAllowed
from bot.model import Button, Reply, State, Style


async def forget(ctx: Context, me: Annotated[str, Rest(40)] = "") -> None:
    """Say what would be removed, and ask: ``/forget me``."""
    kept = await ctx.store.past(ctx.user.id, limit=10_000)
    yes = Button(ctx.say("button-forget"), "forgetme", ctx.user.id, Style.DANGER)
    no = Button(ctx.say("button-remember"), "remember", ctx.user.id)
    await ctx.reply(ctx.say("forget-ask", jobs=len(kept)), buttons=((yes,), (no,)), private=True)


async def forgetme(ctx: Context, whose: Annotated[str, Rest(60)]) -> None:
    """Remove it: what waits is taken back first, what is at work follows when it has ended."""
    _demand_self(ctx, whose)
    for waiting in await ctx.store.past(ctx.user.id, states=(State.QUEUED,), limit=1_000):
        if cancelled := await ctx.store.cancel(waiting.id):
            await ctx.services.presenter.refresh(cancelled)
    jams = [jam for jam in await ctx.store.jams_wanting() if ctx.user.id in jam.names]
    gone = await ctx.store.forget(ctx.user.id)
    for jam in jams:
        ctx.services.canvases.show(jam.id)
    text = ctx.say("forget-done", jobs=gone.jobs, keys=gone.keys, live=gone.live)
    await _instead(ctx, text)


async def remember(ctx: Context, whose: Annotated[str, Rest(60)]) -> None:
    """Leave everything as it is."""
    _demand_self(ctx, whose)
    await _instead(ctx, ctx.say("forget-not"))


def _demand_self(ctx: Context, whose: str) -> None:
    if whose != ctx.user.id:
        raise NotAllowed("error-forget-others")


async def _instead(ctx: Context, text: str) -> None:
    """The answer takes the question's place."""
    if ctx.invocation.origin and ctx.invocation.pressed:
        await ctx.adapter.edit(ctx.invocation.origin, Reply(text))
    else:
        await ctx.reply(text, private=True)
