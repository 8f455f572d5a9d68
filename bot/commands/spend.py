"""The two buttons under a question about a price."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

from bot.commands.result import repaint
from bot.context import Context
from bot.errors import NotAllowed, PlatformError
from bot.model import Form, JobId, Post, Reply
from bot.written import request_of

_SOON = (0.0, 0.05, 0.2, 0.5)  # seconds
_ANSWERED = Form("", "", "", ())


async def spend(ctx: Context) -> None:
    """Go ahead at the price that was named."""
    post, asked = await _question(ctx)
    stored = json.loads(asked.text)
    request, parent = request_of(stored["request"]), JobId(stored["parent"]) if stored["parent"] else None
    lost = stored.get("instead")
    await ctx.submit(
        request,
        parent=parent,
        once=f"spend:{post.chat}:{post.id}",
        agreed=True,
        only_me=stored.get("only_me", False),
        instead=await ctx.job(lost) if lost else None,
    )
    await ctx.store.ask(post, ctx.user.id, _ANSWERED)  # only now: a press that a crash cut off comes again
    if lost:
        await repaint(ctx, lost)
    if await ctx.store.job_at(post) is None:  # else the question has become the job's message
        with suppress(PlatformError):
            await ctx.adapter.edit(post, Reply(asked.title))


async def forgo(ctx: Context) -> None:
    """Let it be; nothing was spent."""
    post, _ = await _question(ctx)
    await ctx.store.ask(post, ctx.user.id, _ANSWERED)
    await ctx.adapter.edit(post, Reply(ctx.say("ask-price-forgone")))


async def _question(ctx: Context) -> tuple[Post, Form]:
    """The message pressed and what it asked this person. Raises `NotAllowed` for others, and later."""
    post = ctx.invocation.origin
    asked = await _asked(ctx, post) if post else None
    if post is None or asked is None or not asked.text:
        raise NotAllowed("error-not-asked")
    return post, asked


async def _asked(ctx: Context, post: Post) -> Form | None:
    """What a message asked this person: written down just after it is shown, and fingers are quick."""
    for pause in _SOON:
        await asyncio.sleep(pause)
        if asked := await ctx.store.asked(post, ctx.user.id):
            return asked
    return None
