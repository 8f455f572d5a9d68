"""``/pool``: keys that members lend to the chat, each within a cap of its giver's, taken back at any time.

Like a chat's own key it is typed in private, tried without spending, sealed, and shown as ``sk-…abcd``
at most. Others' prompts go where the key leads, so only an admin may lend one with an address.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from bot.command import Parsed, Rest
from bot.commands.caps import Cap, changed
from bot.commands.key import taken_away
from bot.commands.options import Model
from bot.context import Context
from bot.credits import money
from bot.errors import BadInput, NotAllowed
from bot.model import UNIT, Allowance, Button, Chat, ChatId, Endpoint, Field, Form, Key, PoolKey, UserId
from bot.moves import home_by_now
from bot.people import meant
from bot.security import hint

PAYLOAD = "pool_"
"""What a deep link for lending begins with; the chat's home without its platform follows, vouched for."""

_USUAL = Allowance(month=5 * UNIT)


async def pool(
    ctx: Context,
    key: Annotated[str, Rest(500)] = "",
    day: Cap = None,
    month: Cap = None,
    dialect: Annotated[str | None, Parsed(str.lower)] = None,
    url: Annotated[str | None, Parsed(str)] = None,
    model: Model = None,
    chat: Annotated[str | None, Parsed(str)] = None,
) -> None:
    """Lend this chat a key of yours, see what was used of it, take it back (``/pool forget``)."""
    target = await _target(ctx, chat)
    word, _, rest = key.partition(" ")
    if word.lower() in ("forget", "remove", "delete"):
        await _take_back(ctx, target, rest)
    elif word.lower() == "add":
        await _invite(ctx, target)
    elif key:
        await _keep(ctx, target, _cap(_USUAL, day, month), _Said(key, dialect or "", url or "", model or ""))
    elif day is not None or month is not None:
        await _recap(ctx, target, day, month)
    else:
        await _show(ctx, target)


async def _target(ctx: Context, vouched: str | None) -> Chat:
    """The chat that is lent to; from a private chat only with what its own invitation says."""
    if not vouched:
        return ctx.chat
    home = ctx.services.vault.vouched(vouched)
    if home is None or ChatId(home).platform != ctx.invocation.chat.platform:
        raise NotAllowed("error-pool-invitation")
    return await ctx.store.chat(await home_by_now(ctx.store, ChatId(home).home))


def _cap(before: Allowance, day: int | str | None, month: int | str | None) -> Allowance:
    return Allowance(changed(before.day, day), changed(before.month, month))


async def _mine(ctx: Context, target: Chat, whose: UserId) -> PoolKey:
    found = next((key for key in await ctx.store.pool(target.home) if key.giver.id == whose), None)
    if found is None:
        raise BadInput("error-pool-nothing")
    return found


async def _take_back(ctx: Context, target: Chat, who: str) -> None:
    """One's own key; an admin may send anybody's away."""
    if not who:
        await _mine(ctx, target, ctx.user.id)
        await ctx.store.take_back(target.home, ctx.user.id)
        await ctx.reply(ctx.say("pool-taken-back"), private=True)
        return
    await ctx.policy.demand_admin(ctx.invocation)
    person = await meant(ctx, who)
    lent = await _mine(ctx, target, UserId(person.id))
    entry = ctx.audit("audit-pool-removed", target.home, hint=lent.key.hint, name=person.shown)
    await ctx.store.take_back(target.home, lent.giver.id, audit=entry)
    await ctx.reply(ctx.say("pool-taken-back"), private=True)


async def _recap(ctx: Context, target: Chat, day: int | str | None, month: int | str | None) -> None:
    mine = await _mine(ctx, target, ctx.user.id)
    await ctx.store.lend(replace(mine, cap=_cap(mine.cap, day, month)))
    await _show(ctx, target)


async def _show(ctx: Context, target: Chat) -> None:
    keys = await ctx.store.pool(target.home)
    used = await ctx.store.standing([key.name for key in keys])
    lines = [ctx.say("pool-title" if keys else "pool-empty")]
    for key, stands in zip(keys, used, strict=True):
        own = key.giver.id == ctx.user.id
        lines.append(
            ctx.say(
                "pool-line",
                name=key.giver.name,
                hint=key.key.hint if own else "none",
                day=money(stands.day),
                month=money(stands.month),
                day_cap=_shown(ctx, key.cap.day),
                month_cap=_shown(ctx, key.cap.month),
            )
        )
    buttons = [Button(ctx.say("button-pool-add"), "pool", "add")]
    if any(key.giver.id == ctx.user.id for key in keys):
        buttons.append(Button(ctx.say("button-pool-forget"), "pool", "forget"))
    await ctx.reply("\n".join(lines), buttons=(tuple(buttons),), private=True)


def _shown(ctx: Context, cap: int | None) -> str:
    return ctx.say("balance-no-cap") if cap is None else money(cap)


async def _invite(ctx: Context, target: Chat) -> None:
    """Lead to a private place, as for a chat's own key."""
    payload = ctx.services.vault.vouch(str(target.home)).partition(":")[2]
    link = "" if ctx.invocation.private else ctx.adapter.link(PAYLOAD + payload)
    if link:
        button = Button(ctx.say("button-open-private"), url=link)
        await ctx.reply(ctx.say("pool-in-private"), buttons=((button,),))
    else:
        await ask_for_loan(ctx, "")


async def ask_for_loan(ctx: Context, vouched: str) -> None:
    """The form; ``vouched`` names the chat where that is not the one here."""
    fields = (
        Field("key", ctx.say("form-key-key"), secret=True, max_length=500),
        Field("month", ctx.say("form-pool-month"), "5", required=False, max_length=20),
        Field("dialect", ctx.say("form-key-dialect"), required=False, choices=ctx.upstream.dialects),
    )
    await ctx.ask(Form(ctx.say("form-pool"), "pool", f"--chat {vouched}" if vouched else "", fields))


class _Said:
    """What somebody says about a key that they lend."""

    def __init__(self, secret: str, dialect: str, url: str, model: str) -> None:
        self.secret, self.dialect, self.url, self.model = secret, dialect, url, model


async def _keep(ctx: Context, target: Chat, cap: Allowance, said: _Said) -> None:
    """Try the key, then seal it. The message that held it is taken away, where the platform lets us."""
    await taken_away(ctx)
    if said.url and (target.home != ctx.chat.home or not await ctx.policy.is_admin(ctx.invocation)):
        raise NotAllowed("error-pool-address")
    endpoint = _candidate(ctx, target, said)
    if not endpoint.urls:
        raise BadInput("error-key-address", dialect=endpoint.dialect)
    await ctx.upstream.check(endpoint)
    lent = PoolKey(target.home, ctx.user, Key("", (), b"", hint(said.secret)), cap)
    sealed = ctx.services.vault.seal(said.secret, lent.about)
    key = Key(endpoint.dialect, endpoint.urls, sealed, hint(said.secret), said.model, ctx.user.id)
    await ctx.store.lend(replace(lent, key=key))
    day, month = _shown(ctx, cap.day), _shown(ctx, cap.month)
    await ctx.reply(ctx.say("pool-kept", hint=key.hint, day=day, month=month), private=True)


def _candidate(ctx: Context, target: Chat, said: _Said) -> Endpoint:
    """The endpoint to try: at the address named, else that of the chat's own relay, else the dialect's."""
    theirs = target.key
    urls = tuple(part.strip() for part in said.url.split(",") if part.strip())
    if theirs and not urls and said.dialect in ("", theirs.dialect):
        return Endpoint(
            str(target.home), theirs.dialect, theirs.urls, said.secret, said.model or theirs.model
        )
    return ctx.policy.candidate(target, said.dialect, urls, said.secret, said.model)
