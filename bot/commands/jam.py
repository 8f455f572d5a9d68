"""``/jam`` and its buttons: several people, one prompt."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from bot import jam as rules
from bot.command import Parsed, Range, Rest
from bot.commands.options import JobName, Model, QualityOption, SizeOption, with_defaults
from bot.context import Context
from bot.credits import ask_above, supported
from bot.errors import NotAllowed, NotFound, PlatformError
from bot.flags import chosen
from bot.folding import one_line
from bot.jam import Cost, Jam, Rule
from bot.jams import carry_on
from bot.model import AuditEntry, Field, Form, new_id, now
from bot.security import looks_like_key

_FILES = 10


async def jam(
    ctx: Context,
    brief: Annotated[str, Rest(rules.BRIEF, flags=True)] = "",
    go: Annotated[Rule | None, Parsed(Rule.read, rules.RULES)] = None,
    cost: Cost | None = None,
    minutes: Annotated[int | None, Range(1, 1440)] = None,
    size: SizeOption = None,
    quality: QualityOption = None,
    model: Model = None,
    remove: Annotated[int | None, Range(1, 9999)] = None,
) -> None:
    """Make a picture together: begin, or bring the canvas of the one that goes on here to the bottom."""
    here = await ctx.store.jam_here(ctx.invocation.chat)
    if remove is not None:
        await _remove(ctx, here, remove)
        return
    await ctx.permit(brief)
    if here is None and not brief:
        field = Field("brief", ctx.say("form-jam-brief"), max_length=rules.BRIEF)
        await ctx.ask(Form(ctx.say("form-jam"), "jam", chosen(ctx.invocation), (field,)))
        return
    if here is None:
        look = with_defaults(ctx.chat, "", size=size, quality=quality, n=1, model=model)
        endpoint = await ctx.endpoint()
        supported(ctx.upstream.profile(endpoint, look.model), endpoint, look)
        due = None if minutes is None else now() + rules.minutes(minutes)
        here = await ctx.store.begin_jam(
            Jam(
                id=new_id(),
                chat=ctx.invocation.chat,
                host=ctx.user,
                brief=one_line(brief),
                language=ctx.language,
                invocation=ctx.invocation.id,
                roles=ctx.invocation.roles,
                within=ctx.invocation.within,
                nsfw=ctx.invocation.nsfw,
                rule=go or Rule(),
                cost=cost or Cost.HOST,
                look=look,
                minutes=minutes or 0,
                due=due or now() + rules.IDLE,
                timer=due is not None,
                names={ctx.user.id: ctx.user.name},
            )
        )
    await ctx.services.canvases.place(here, ctx.invocation.origin)


async def _remove(ctx: Context, here: Jam | None, number: int) -> None:
    if here is None:
        raise NotFound("error-jam-none-here")
    boss = await _boss(ctx, here)
    phrase = next((phrase for phrase in here.phrases if phrase.number == number), None)
    by_admin = phrase and ctx.user.id not in (here.host.id, phrase.author)
    entry = ctx.audit("audit-jam-phrase", name=here.name(phrase.author)) if phrase and by_admin else None
    await _change(ctx, here, lambda jam: rules.remove(jam, ctx.user, number, now(), boss=boss), audit=entry)
    await ctx.reply(ctx.say("jam-removed"), private=True)


async def jamadd(ctx: Context, jam: JobName, phrase: Annotated[str, Parsed(str)] = "") -> None:
    """The Add button, and its answer."""
    found, _ = await _named(ctx, jam)
    if not phrase:
        field = Field("phrase", ctx.say("form-jam-phrase"), max_length=rules.PHRASE)
        await ctx.ask(Form(ctx.say("form-jam-add"), "jamadd", found.id, (field,)))
        return
    if looks_like_key(phrase):
        raise NotAllowed("key-typed-in-group")
    await ctx.permit(phrase)
    await _change(ctx, found, lambda jam: rules.add(jam, ctx.user, phrase, now()))
    await _tidy(ctx)


async def _tidy(ctx: Context) -> None:
    """The question that was answered is taken away: a group needs no ten of them."""
    replied = ctx.invocation.replied
    if replied and await ctx.store.asked(replied, ctx.user.id):
        with suppress(PlatformError):
            await ctx.adapter.delete(replied)


async def jamvote(ctx: Context, jam: JobName) -> None:
    """For a phrase, or no longer for it."""
    found, (number,) = await _named(ctx, jam, 1)
    await ctx.permit()
    await _change(ctx, found, lambda jam: rules.vote(jam, ctx.user, number, now()))


async def jampick(ctx: Context, jam: JobName) -> None:
    """For a picture of the last round."""
    found, (round_, number) = await _named(ctx, jam, 2)
    await ctx.permit()
    await _change(ctx, found, lambda jam: rules.pick(jam, ctx.user, round_, number, now()))


async def jamgo(ctx: Context, jam: JobName) -> None:
    """Go: once enough people say so, the picture is ordered."""
    found, (round_,) = await _named(ctx, jam, 1)
    await ctx.permit()
    price, n = await ctx.services.canvases.quote(found)
    above = ask_above(ctx.chat)
    after = await _change(
        ctx, found, lambda jam: rules.go(jam, ctx.user, round_, now(), price=price, ask_above=above, n=n)
    )
    await carry_on(ctx.services, after)


async def jamspend(ctx: Context, jam: JobName) -> None:
    """Go ahead at the price that was named."""
    found, _ = await _named(ctx, jam)
    await ctx.permit()
    _, n = await ctx.services.canvases.quote(found)
    after = await _change(ctx, found, lambda jam: rules.spend(jam, ctx.user, now(), n=n))
    await carry_on(ctx.services, after)


async def jamforgo(ctx: Context, jam: JobName) -> None:
    """Not at that price."""
    found, _ = await _named(ctx, jam)
    await _change(ctx, found, lambda jam: rules.forgo(jam, ctx.user, now()))


async def jamend(ctx: Context, jam: JobName) -> None:
    """The end of the evening, for the host or an admin to say."""
    found, _ = await _named(ctx, jam)
    if not await _boss(ctx, found):
        raise NotAllowed("error-not-yours", name=found.host.name)
    by_admin = found.live and ctx.user.id != found.host.id
    entry = ctx.audit("audit-jam-ended", name=found.host.name) if by_admin else None
    await _change(ctx, found, lambda jam: rules.end(jam, now()), audit=entry)


async def jamalbum(ctx: Context, jam: JobName) -> None:
    """All pictures of the evening, as they came from the image API."""
    found, _ = await _named(ctx, jam)
    pictures = await ctx.services.canvases.pictures(found)
    if not pictures:
        raise NotFound("error-picture-gone")
    for at in range(0, len(pictures), _FILES):
        await ctx.reply(files=tuple(pictures[at : at + _FILES]))


async def _named(ctx: Context, said: str, numbers: int = 0) -> tuple[Jam, list[int]]:
    """The jam of this chat that a button names, and the numbers after it. Raises `NotFound`."""
    name, *rest = said.split() or [""]
    found = await ctx.store.jam(name)
    if found is None or found.chat.home != ctx.invocation.chat.home:
        raise NotFound("error-jam-none-here")
    if len(rest) != numbers or not all(number.isdecimal() for number in rest):
        raise NotFound("error-jam-none-here")
    return found, [int(number) for number in rest]


async def _boss(ctx: Context, jam: Jam) -> bool:
    """Whether this person has the last word: the host, or an admin."""
    return ctx.user.id == jam.host.id or await ctx.policy.is_admin(ctx.invocation)


async def _change(ctx: Context, jam: Jam, change: rules.Change, *, audit: AuditEntry | None = None) -> Jam:
    return await ctx.services.canvases.change(jam.id, ctx.invocation.id, change, audit=audit)
