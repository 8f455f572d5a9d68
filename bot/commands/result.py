"""The buttons under a result: Again, Vary, Edit, Original, Delete; and the two of an unknown outcome."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.edit import ask_for_words, still
from bot.commands.options import JobName, picked
from bot.context import Context
from bot.errors import BadPicture, NotAllowed, NotFound
from bot.model import Job, State


async def again(ctx: Context, job: JobName) -> None:
    """The same request once more."""
    found = _worded(await ctx.job(job))
    await ctx.submit(
        found.request, parent=found.id, once=f"again:{found.id}:{ctx.user.id}", only_me=found.chat.aside
    )


async def vary(ctx: Context, job: JobName) -> None:
    """The same words, with the result as the reference."""
    found = _worded(await _with_pictures(ctx, job))
    still(found)
    request = replace(found.request, images=(picked(found, job)[1][0].source,), mask=None)
    await ctx.submit(
        request, parent=found.id, once=f"vary:{found.id}:{ctx.user.id}", only_me=found.chat.aside
    )


async def revise(ctx: Context, job: JobName) -> None:
    """The Edit button: ask for the words."""
    await ask_for_words(ctx, await _with_pictures(ctx, job), job)


async def original(ctx: Context, job: JobName) -> None:
    """The files as they came from the image API, byte for byte."""
    found = await _with_pictures(ctx, job)
    files, said = ctx.sendable(picked(found, job)[1])
    await ctx.reply("\n".join(said), files=files)


async def delete(ctx: Context, job: JobName) -> None:
    """Take the message away, and the job's words and pictures. What it cost stays in the account."""
    found = await ctx.job(job)
    await ctx.policy.demand_owner(ctx.invocation, found)
    await ctx.store.delete(found.id, audit=ctx.audit_job("audit-job-deleted", found))
    if post := await ctx.pressed(found.id) or found.post:
        await ctx.adapter.delete(post)


async def look(ctx: Context, job: JobName) -> None:
    """The outcome is not known, and the relay has an id to ask for: that costs nothing."""
    found = await ctx.job(job)
    await ctx.policy.demand_owner(ctx.invocation, found)
    entry = ctx.audit_job("audit-job-looked", found)
    again = await ctx.store.look_again(found.id, audit=entry) if found.upstream_id else None
    if again is None:
        raise NotAllowed("error-decided-already")
    await ctx.services.presenter.refresh(again)


async def retry(ctx: Context, job: JobName) -> None:
    """The outcome is not known and the person wants it again, knowing that it may cost twice."""
    found = await ctx.job(job)
    await ctx.policy.demand_owner(ctx.invocation, found)
    once = f"again:{found.id}:{ctx.user.id}"
    try:
        await ctx.submit(found.request, parent=found.id, once=once, only_me=found.chat.aside, instead=found)
    finally:  # a message that still asks was not painted before a crash
        await repaint(ctx, found.id)


async def giveup(ctx: Context, job: JobName) -> None:
    """The outcome is not known and the person lets it go; what was held is free again."""
    found = await ctx.job(job)
    await ctx.policy.demand_owner(ctx.invocation, found)
    decided = await ctx.store.give_up(found.id, audit=ctx.audit_job("audit-job-given-up", found))
    await repaint(ctx, found.id)  # also when it was decided before: a crash may have come before the paint
    if decided is None:
        raise NotAllowed("error-decided-already")


async def repaint(ctx: Context, name: str) -> None:
    """A job whose outcome was unknown, once that is decided."""
    found = await ctx.job(name)
    if found.state is State.FAILED:
        await ctx.services.presenter.refresh(found)


def _worded(job: Job) -> Job:
    """A job whose words were not removed meanwhile, or that never had any."""
    if not (job.request.prompt or job.request.video):
        raise NotFound("error-job-forgotten")
    return job


async def _with_pictures(ctx: Context, name: str) -> Job:
    found = await ctx.job(name)
    if not found.pictures:
        gone = found.state in (State.DONE, State.FAILED)
        raise BadPicture("error-picture-gone" if gone else "error-job-without-picture")
    return found
