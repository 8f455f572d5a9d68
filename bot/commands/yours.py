"""``/export`` and ``/forget``: what Easel keeps of a person, given to them, and removed when they say so."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Annotated

from bot.command import Rest
from bot.commands.jobs import show_cancelled
from bot.context import Context
from bot.errors import NotAllowed, Unreachable
from bot.model import Button, ChatId, Post, Reply, State, Style, new_id
from bot.parcels import Parcel, pack, parcels, said_in
from bot.ports import MB
from bot.views import Rows

_PAGE, _PARCELS, _MOST_COUNTED = 500, 3, 10_000
_BYTES = 10 * MB  # of one file, where the platform does not say how large it may be


async def export(ctx: Context, after: Annotated[str, Rest(10)] = "") -> None:
    """Every request of this person in every chat, with its pictures, as ZIP files in their private chat."""
    skip = int(after) if after.isdecimal() else 0
    jobs = await ctx.store.past(ctx.user.id, after=skip, limit=_PAGE + 1)
    jams = () if skip else await ctx.store.jams_with(ctx.user.id)
    said = tuple(words for jam in jams if (words := said_in(jam, ctx.user.id)))
    if not (jobs or said):
        await ctx.reply(ctx.say("export-nothing"), private=True)
        return
    given = list(islice(parcels(jobs[:_PAGE], ctx.adapter.limits.file or _BYTES), _PARCELS))
    count = sum(len(parcel.jobs) for parcel in given)
    wares, older = [Parcel((), (), said), *given] if said else given, skip + count if count < len(jobs) else 0
    if ctx.invocation.private:
        await _hand_over(ctx, wares, older, ctx.invocation.chat, ctx.invocation.origin)
        return
    try:
        place = await ctx.adapter.private(ctx.user.id)
        await ctx.reply(ctx.say("export-on-its-way"), private=True)
        await _hand_over(ctx, wares, older, place, None)
    except Unreachable:  # some platforms tell only of a message that somebody's private chat is closed
        raise NotAllowed("error-export-alone") from None


async def _hand_over(
    ctx: Context, wares: Sequence[Parcel], older: int, place: ChatId, origin: Post | None
) -> None:
    """One file after the other; with the last a button for what comes after ``older``, unless that is 0."""
    on = ((Button(ctx.say("button-export"), "export", str(older)),),) if older else ()
    async with ctx.services.packing:
        for number, parcel in enumerate(wares, start=1):
            await _send(ctx, parcel, place, origin, on if number == len(wares) else ())


async def _send(ctx: Context, parcel: Parcel, place: ChatId, origin: Post | None, on: Rows) -> None:
    path = ctx.store.spool / f"{new_id()}.zip"
    try:
        await ctx.store.at_hand(parcel.pictures)
        file = await pack(parcel, path, f"easel-{parcel.jobs[0].id if parcel.jobs else 'jams'}.zip")
        text = ctx.say("export-parcel", requests=len(parcel.jobs), pictures=len(parcel.pictures))
        if parcel.said:
            text = ctx.say("export-jams", jams=len(parcel.said))
        await ctx.adapter.send(place, Reply(text, files=(file,), buttons=on, private=True), origin=origin)
    finally:
        path.unlink(missing_ok=True)


async def forget(ctx: Context, me: Annotated[str, Rest(40)] = "") -> None:
    """Say what would be removed, and ask: ``/forget me``."""
    count = await _counted(ctx)
    yes = Button(ctx.say("button-forget"), "forgetme", ctx.user.id, Style.DANGER)
    no = Button(ctx.say("button-remember"), "remember", ctx.user.id)
    await ctx.reply(ctx.say("forget-ask", jobs=count), buttons=((yes,), (no,)), private=True)


async def _counted(ctx: Context) -> int:
    """A person's requests, of very many the first ten thousand; a page at a time, for words may be long."""
    count = 0
    while count < _MOST_COUNTED:
        page = len(await ctx.store.past(ctx.user.id, after=count, limit=_PAGE))
        count += page
        if page < _PAGE:
            break
    return count


async def forgetme(ctx: Context, whose: Annotated[str, Rest(60)]) -> None:
    """Remove it: what waits is taken back first, what is at work follows when it has ended."""
    _demand_self(ctx, whose)
    for waiting in await ctx.store.past(ctx.user.id, states=(State.QUEUED,), limit=1_000):
        if cancelled := await ctx.store.cancel(waiting.id):
            await show_cancelled(ctx, cancelled)
    jams = await ctx.store.jams_with(ctx.user.id)
    gone = await ctx.store.forget(ctx.user.id)
    ctx.services.canvases.knock.set()  # a jam of theirs is over
    for jam in (jam for jam in jams if jam.live):
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
    if post := await ctx.pressed():
        await ctx.adapter.edit(post, Reply(text))
    else:
        await ctx.reply(text, private=True)
