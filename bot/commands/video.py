"""``/video``: words, and what is attached, to a moving picture; ``/remix``: a finished one goes on."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

from bot.addresses import fit
from bot.command import Parsed, Pictures, Range
from bot.commands.edit import pictures_meant
from bot.commands.options import Alone, Model, Prompt, Switch
from bot.context import Context
from bot.errors import BadInput
from bot.flags import chosen
from bot.model import Attachment, Field, Form, ImageRequest, Job, State, Video

RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "adaptive")


class Resolution(StrEnum):
    P480 = "480p"
    P720 = "720p"
    P1080 = "1080p"
    K4 = "4k"


class Use(StrEnum):
    """What the pictures are for: the video begins with them, or looks like them."""

    FRAME = "frame"
    REFERENCE = "reference"


class Sound(StrEnum):
    AUTO = "auto"
    ORIGIN = "origin"
    ON = "on"
    OFF = "off"


def _addresses(said: str) -> tuple[str, ...]:
    """Public addresses, by comma or space: the image service fetches them itself. Raises `BadAddress`."""
    return tuple(fit(url) for url in re.split(r"[\s,，]+", said) if url)


Addresses = Annotated[tuple[str, ...], Parsed(_addresses)]
Ratio = Annotated[str | None, Parsed(str, RATIOS)]
Of = Annotated[str | None, Parsed(str)]


async def video(
    ctx: Context,
    prompt: Prompt = "",
    image: Annotated[tuple[Attachment, ...], Pictures(9)] = (),
    of: Of = None,
    model: Model = None,
    resolution: Resolution | None = None,
    seconds: Annotated[int | None, Range(3, 15)] = None,
    ratio: Ratio = None,
    use: Use | None = None,
    videos: Addresses = (),
    audios: Addresses = (),
    sound: Sound | None = None,
    watermark: Switch | None = None,
    seed: Annotated[int | None, Range(0, 2_147_483_647)] = None,
    gif: Switch | None = None,
    fallback: Switch | None = None,
    only_me: Alone = None,
) -> None:
    """Make a video of words; one picture is what it begins with, several are references."""
    job, images = await pictures_meant(ctx, of, image)
    wanted = Video(
        resolution=resolution or "",
        seconds=seconds or 0,
        ratio=ratio or "",
        frames=len(images) == 1 if use is None else use is Use.FRAME,
        videos=videos,
        audios=audios,
        sound=sound or "",
        watermark=_switched(watermark),
        seed=seed,
        gif=_switched(gif),
        fallback=_switched(fallback),
    )
    request = ImageRequest(prompt, model=model or "", images=images, video=wanted)
    await ctx.submit(request, parent=job.id if job else None, only_me=only_me is Switch.ON)


def _switched(said: Switch | None) -> bool | None:
    return None if said is None else said is Switch.ON


async def remix(
    ctx: Context,
    prompt: Prompt = "",
    of: Of = None,
    resolution: Resolution | None = None,
    ratio: Ratio = None,
) -> None:
    """Go on from a finished video: the one replied to, or that of a job."""
    job = await _finished(ctx, of)
    if not prompt:
        field = Field("prompt", ctx.say("form-remix-prompt"), long=True)
        flags = f"{chosen(ctx.invocation)} --of {job.id}".strip()
        await ctx.ask(Form(ctx.say("form-remix"), "remix", flags, (field,)))
        return
    wanted = Video(resolution=resolution or "", ratio=ratio or "", remix=job.upstream_id)
    request = ImageRequest(prompt, model=job.request.model, video=wanted)
    await ctx.submit(request, parent=job.id, only_me=job.chat.aside)


async def _finished(ctx: Context, of: str | None) -> Job:
    """The video is known to the image service by its own id, so it must be the same account there."""
    replied = ctx.invocation.replied
    job = await ctx.job(of) if of else await ctx.store.job_at(replied) if replied else None
    endpoint = await ctx.endpoint()
    over = job is not None and job.state in (State.DELIVERING, State.DONE, State.FAILED)
    if job is None or not over or not (job.request.video and job.pictures and job.upstream_id):
        raise BadInput("error-remix-of-what")
    if job.endpoint != endpoint.name:
        raise BadInput("error-remix-elsewhere")
    return job
