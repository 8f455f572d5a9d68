"""``/jobs``, ``/show``, ``/cancel``: what was asked for, bring it back, take it back."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from bot.command import Rest
from bot.commands.options import picked
from bot.context import Context, in_sight
from bot.errors import NotAllowed, NotFound
from bot.model import LIVE, Button, Job, State, now
from bot.views import job_card, job_line, sentence, shown_as, told

_SHOWN = 10
_SEARCHED = 100  # of what is under way

Name = Annotated[str, Rest(200)]


async def jobs(ctx: Context) -> None:
    """The latest jobs here: what waits, what runs, what is done."""
    latest = await in_sight(ctx.services, ctx.invocation.chat, ctx.user, limit=_SHOWN)
    lines = [_line(ctx, job) for job in latest]
    lines += [_bare_line(ctx, job) for job in await _in_secret(ctx)]
    if not lines:
        await ctx.reply(ctx.say("jobs-none"), private=True)
        return
    done = [job for job in latest if job.pictures][:5]
    buttons = tuple(Button(f"{i}", "show", job.id) for i, job in enumerate(latest, 1) if job in done)
    numbered = (f"{i}. {line}" for i, line in enumerate(lines, 1))
    text = "\n".join([ctx.say("jobs-title"), *numbered])
    await ctx.reply(text, buttons=(buttons,) if buttons else (), private=True)


def _line(ctx: Context, job: Job) -> str:
    """In a group with whose it is: an admin takes back anybody's."""
    line = job_line(ctx.services.words, ctx.language, job)
    return line if ctx.invocation.private else " · ".join(filter(None, (line, shown_as(job.user.name))))


async def _in_secret(ctx: Context) -> list[Job]:
    """For an admin: what is under way here that another member alone will see."""
    live = await ctx.store.jobs(ctx.chat.home, states=tuple(LIVE), limit=_SEARCHED)
    found = [job for job in live if job.chat.aside and job.user.id != ctx.user.id][:_SHOWN]
    return found if found and await ctx.policy.is_admin(ctx.invocation) else []


def _bare_line(ctx: Context, job: Job) -> str:
    """That it is there, and whose; its words are nobody else's business."""
    return ctx.say(
        "jobs-secret", job=job.id, state=ctx.say(f"state-{job.state}"), name=shown_as(job.user.name)
    )


async def show(ctx: Context, job: Name = "") -> None:
    """A past job as it was, with its buttons; ``/show <job> 2`` its second picture; alone: the last one."""
    found = await _named(ctx, job)
    if not found.pictures:
        words, fault = ctx.services.words, told(found)
        said = sentence(words, ctx.language, fault) if fault else ""
        text = "\n".join(filter(None, (job_line(words, ctx.language, found), said)))
        await ctx.reply(text, private=True)
        return
    number, pictures = picked(found, job)
    whole = replace(found, state=State.DONE, fault=None, language=ctx.language)
    most, link = ctx.adapter.limits.file, ctx.services.link
    card = job_card(ctx.services.words, whole, shown=pictures, number=number, most=most, link=link)
    if len(pictures) <= ctx.adapter.limits.pictures:
        await ctx.reply(card.text, pictures=card.pictures, buttons=card.buttons)
    else:
        await ctx.reply(card.text, files=ctx.sendable(pictures)[0], buttons=card.buttons)


async def _named(ctx: Context, name: str) -> Job:
    if name:
        return await ctx.job(name)
    painted = (State.DELIVERING, State.DONE, State.FAILED)
    latest = await in_sight(ctx.services, ctx.invocation.chat, ctx.user, states=painted, limit=_SHOWN)
    found = next((job for job in latest if job.pictures), None)
    if found is None:
        raise NotFound("error-no-such-job")
    return found


async def cancel(ctx: Context, job: Name = "") -> None:
    """Take back a job that still waits; alone: your latest. One that runs can't be taken back."""
    found = await ctx.job(job, aside=True) if job else await _own_waiting(ctx)
    await ctx.policy.demand_owner(ctx.invocation, found)
    entry = ctx.audit_job("audit-job-cancelled", found)
    cancelled = await ctx.store.cancel(found.id, audit=entry)
    if cancelled is None:
        raise NotAllowed("error-too-late-to-cancel" if found.state.live else "error-job-over")
    await show_cancelled(ctx, cancelled)
    await ctx.reply(ctx.say("job-cancelled"), private=True)


async def show_cancelled(ctx: Context, job: Job) -> None:
    """Its message says so, and who waited behind it sees their new place."""
    presenter = ctx.services.presenter
    presenter.forget(job.id)
    await presenter.refresh(replace(job, finished=now()))
    await presenter.advance(job.chat)


async def _own_waiting(ctx: Context) -> Job:
    waiting = await ctx.store.jobs(ctx.chat.home, user=ctx.user.id, states=(State.QUEUED,), limit=1)
    if not waiting:
        raise NotFound("error-nothing-waits")
    return waiting[0]
