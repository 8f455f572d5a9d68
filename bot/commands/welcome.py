"""Somebody brought Easel into a chat: who it is, and whose yes it waits for."""

from __future__ import annotations

from bot.context import Context
from bot.errors import NotAllowed
from bot.model import Access


async def welcome(ctx: Context) -> None:
    """Say hello. A chat that the operator brought Easel into is served; for another one they are asked."""
    if ctx.invocation.private:
        return
    if ctx.chat.access is Access.NEW and await ctx.policy.is_operator(ctx.user):
        entry = ctx.audit("audit-access-allowed")
        ctx.speak_for(await ctx.store.save_chat(ctx.chat.home, audit=entry, access=Access.ALLOWED))
    try:
        await ctx.endpoint()
        said = ctx.say("welcome-served")
    except NotAllowed as refusal:
        said = ctx.say(refusal.sentence, **refusal.params)
    await ctx.reply(f"{ctx.say('welcome')}\n{said}")
