"""Words that somebody puts into a conversation where Easel is no member, to be painted there."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Annotated

from bot.command import Command, Rest
from bot.commands.options import with_defaults
from bot.context import Context
from bot.credits import money, supported
from bot.errors import EaselError, NotAllowed, Unreachable
from bot.flags import bind, split, with_text
from bot.model import Button, ChatId, Form, Post, Reply, State, Style
from bot.ports import Draft
from bot.security import looks_like_key
from bot.views import sentence, short

_PAGE = 20
_COMMAND = "imagine"


async def draft(ctx: Context, skip: int = 0) -> Draft:
    """What is offered for the words of this invocation, without the first ``skip`` pictures of the past."""
    said = ctx.invocation.text.strip()
    words = split(said, _named(ctx, _COMMAND).options)[1]
    found = await ctx.store.past(ctx.user.id, said=words, states=(State.DONE,), after=skip, limit=_PAGE)
    past = tuple(job for job in found if job.pictures and job.post and not job.withdrawn)
    more = skip + _PAGE if len(found) == _PAGE else 0
    if skip or not said or looks_like_key(said):
        return Draft(past=past, more=more)
    button = Button(ctx.say("button-paint"), "elsewhere", await _written_down(ctx, said), Style.PRIMARY)
    reply = Reply(short(words), buttons=((button,),))
    return Draft(ctx.say("draft-title"), _note(ctx), reply, past, more)


async def elsewhere(ctx: Context, draft: Annotated[str, Rest(40)]) -> None:
    """The button under them: a picture takes their place, once, however often it is pressed."""
    found = await ctx.store.asked(_at(ctx.chat.home, draft), ctx.user.id)
    if found is None:
        raise NotAllowed("error-draft-others")
    try:
        await ctx.adapter.private(ctx.user.id)
    except Unreachable:
        raise NotAllowed("error-draft-stranger") from None
    once = replace(ctx.invocation, id=f"elsewhere:{ctx.invocation.chat}")
    ctx.invocation = with_text(once, found.command, found.text)
    command = _named(ctx, found.command)
    await command.handler(ctx, **bind(command, ctx.invocation))


async def _written_down(ctx: Context, said: str) -> str:
    """The words, for when the button is pressed; the same words have one name."""
    name = hashlib.blake2b(f"{ctx.user.id} {said}".encode(), digest_size=10).hexdigest()
    await ctx.store.ask(_at(ctx.chat.home, name), ctx.user.id, Form("", _COMMAND, said, ()))
    return name


def _at(home: ChatId, name: str) -> Post:
    return Post(home, f"draft:{name}")


def _note(ctx: Context) -> str:
    """What it would cost, or what is wrong with the words."""
    try:
        request = with_defaults(ctx.chat, **bind(_named(ctx, _COMMAND), ctx.invocation))
        endpoint = ctx.policy.payer(ctx.chat)
        supported(ctx.upstream.profile(endpoint, request.model), endpoint, request)
        price = ctx.upstream.estimate(endpoint, request)
    except EaselError as error:
        return sentence(ctx.services.words, ctx.language, error.fault)
    return ctx.say("price-about", price=money(price)) if price else ctx.say("price-nothing")


def _named(ctx: Context, name: str) -> Command:
    return next(command for command in ctx.commands if command.name == name)
