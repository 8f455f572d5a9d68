"""``/key``: the chat's own key, typed in private, tried by a call that costs nothing, sealed, taken back.

In a group the person is led to a private place: a link into the private chat on Telegram, a
form elsewhere. A key is shown as ``sk-…abcd`` and nothing else, ever.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from bot.abilities import abilities
from bot.command import Parsed, Rest
from bot.commands.options import Model
from bot.context import Context
from bot.errors import BadInput, NotAllowed, PlatformError
from bot.model import Button, Chat, ChatId, Endpoint, Field, Form, Key
from bot.moves import home_by_now
from bot.security import hint

PAYLOAD = "key_"
"""What a deep link for a chat's key starts with; the chat's home without its platform follows."""


async def key(
    ctx: Context,
    key: Annotated[str, Rest(500)] = "",
    dialect: Annotated[str | None, Parsed(str.lower)] = None,
    url: Annotated[str | None, Parsed(str)] = None,
    model: Model = None,
    chat: Annotated[str | None, Parsed(str)] = None,
) -> None:
    """Set, show or forget (``/key forget``) the key that pays in this chat."""
    forgets = key.lower() in ("forget", "remove", "delete")
    if key and not forgets:
        await taken_away(ctx)
    target = await target_chat(ctx, chat)
    if forgets:
        gone = target.key.hint if target.key else "–"
        entry = ctx.audit("audit-key-forgotten", target.home, hint=gone)
        await ctx.store.save_chat(target.home, audit=entry, key=None)
        await ctx.reply(ctx.say("key-forgotten"), private=True)
    elif not key:
        await _invite(ctx, target)
    else:
        await _keep(ctx, target, key, dialect or "", url or "", model or "")


async def target_chat(ctx: Context, named: str | None) -> Chat:
    """The chat whose key is meant; one named from a private chat needs its admin. Raises `NotAllowed`."""
    if not named or named == ctx.chat.home:
        await ctx.policy.demand_admin(ctx.invocation)
        return ctx.chat
    place = ChatId(named)
    admin = place.platform == ctx.invocation.chat.platform and await ctx.adapter.is_admin(place, ctx.user)
    if not (admin or await ctx.policy.is_operator(ctx.user)):
        raise NotAllowed("error-admin-only")
    return await ctx.store.chat(await home_by_now(ctx.store, place.home))  # asking the platform may tell


async def _invite(ctx: Context, target: Chat) -> None:
    """Lead to a private place: a link where the platform has one, a form where forms are private."""
    link = "" if ctx.invocation.private else ctx.adapter.link(PAYLOAD + target.home.rest)
    if link:
        button = Button(ctx.say("button-open-private"), url=link)
        await ctx.reply(ctx.say("key-in-private"), buttons=((button,),))
    else:
        await ask_for_key(ctx, target)


async def ask_for_key(ctx: Context, target: Chat) -> None:
    """The form for a chat's key; says what is set now."""
    title = ctx.say("form-key-change", hint=target.key.hint) if target.key else ctx.say("form-key")
    fields = (
        Field("key", ctx.say("form-key-key"), secret=True, max_length=500),
        Field("dialect", ctx.say("form-key-dialect"), required=False, choices=ctx.upstream.dialects),
        Field("url", ctx.say("form-key-url"), required=False, max_length=300),
        Field("model", ctx.say("form-key-model"), required=False, max_length=100),
    )
    await ctx.ask(Form(title, "key", f"--chat {target.home}", fields))


async def _keep(ctx: Context, target: Chat, secret: str, dialect: str, url: str, model: str) -> None:
    """Try the key, then keep it."""
    kept, endpoint = await tried(ctx, target, secret, dialect, url, model)
    entry = ctx.audit("audit-key-set", target.home, hint=kept.hint, dialect=kept.dialect)
    await ctx.store.save_chat(target.home, audit=entry, key=kept)
    text = ctx.say("key-kept", hint=kept.hint, dialect=kept.dialect)
    able = abilities(ctx.services.words, ctx.language, ctx.upstream.profile(endpoint))
    await ctx.reply(f"{text}\n{able}", private=True)


async def taken_away(ctx: Context) -> None:
    """The message that held a key, where the platform lets us.

    Raises `NotAllowed` where others read what is typed: whatever it looks like, it is no secret any more.
    """
    if ctx.invocation.origin and not ctx.invocation.pressed:
        with suppress(PlatformError):
            await ctx.adapter.delete(ctx.invocation.origin)
    if not ctx.invocation.private and ctx.adapter.link(PAYLOAD):
        raise NotAllowed("key-typed-in-group")


async def tried(
    ctx: Context, target: Chat, secret: str, dialect: str, url: str, model: str = ""
) -> tuple[Key, Endpoint]:
    """The key, sealed for that chat, and the endpoint that took it. Raises what is wrong; costs nothing."""
    urls = tuple(part.strip() for part in url.split(",") if part.strip())
    if urls and not dialect:
        dialect = await _recognised(ctx, urls, secret)
    endpoint = ctx.policy.candidate(target, dialect, urls, secret, model)
    if not endpoint.urls and endpoint.dialect in ctx.upstream.dialects and endpoint.dialect != "sandbox":
        raise BadInput("error-key-address", dialect=endpoint.dialect)
    await ctx.upstream.check(endpoint)
    sealed = ctx.services.vault.seal(secret, str(target.home))
    return Key(endpoint.dialect, endpoint.urls, sealed, hint(secret), model, ctx.user.id), endpoint


async def _recognised(ctx: Context, urls: tuple[str, ...], secret: str) -> str:
    """The dialect that the address speaks. Raises `BadInput` when that can't be told without spending."""
    found = await ctx.upstream.recognise(urls, secret)
    if found is None:
        raise BadInput("error-key-dialect", allowed=", ".join(ctx.upstream.dialects))
    return found
