"""``/edit``: words and pictures to a picture.

The pictures are those attached, those of the message replied to, or those of a past job; a
message of ours gives the kept originals, not what the platform made of them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from bot.command import Parsed, Pictures
from bot.commands.options import (
    Alone,
    Compression,
    Count,
    Model,
    Prompt,
    QualityOption,
    SizeOption,
    Switch,
    picked,
    sources,
    with_defaults,
)
from bot.context import Context
from bot.errors import BadInput, BadPicture
from bot.flags import chosen
from bot.model import Attachment, Background, Field, Form, Format, Job, Moderation, Source

_OTHER_FILES = ("application/", "text/", "audio/", "video/", "font/")


class Mask(StrEnum):
    """Which picture says where to paint: the last one, by its transparent parts."""

    NONE = "none"
    LAST = "last"


async def edit(
    ctx: Context,
    prompt: Prompt = "",
    image: Annotated[tuple[Attachment, ...], Pictures(16)] = (),
    of: Annotated[str | None, Parsed(str)] = None,
    size: SizeOption = None,
    quality: QualityOption = None,
    n: Count = None,
    model: Model = None,
    format: Format | None = None,  # noqa: A002  # the flag's name
    background: Background | None = None,
    compression: Compression = None,
    moderation: Moderation | None = None,
    mask: Mask = Mask.NONE,
    only_me: Alone = None,
) -> None:
    """Change pictures by words."""
    job, images = await pictures_meant(ctx, of, image)
    if not images:
        raise BadInput("error-edit-without-picture")
    if not prompt:
        await ask_for_words(ctx, job, of or "", chosen(ctx.invocation))
        return
    masked = mask is Mask.LAST
    if masked and len(images) < 2:
        raise BadInput("error-mask-alone")
    request = with_defaults(
        ctx.chat,
        prompt,
        size=size,
        quality=quality,
        n=n,
        model=model,
        format=format,
        background=background,
        compression=compression,
        moderation=moderation,
        images=images[:-1] if masked else images,
        mask=images[-1] if masked else None,
    )
    alone = only_me is Switch.ON or bool(job and job.chat.aside and only_me is None)
    await ctx.submit(request, parent=job.id if job else None, only_me=alone)


async def pictures_meant(
    ctx: Context, of: str | None, attached: tuple[Attachment, ...]
) -> tuple[Job | None, tuple[Source, ...]]:
    """The job that is edited, if it is one of ours, and all pictures to edit. Raises `BadInput`."""
    replied = ctx.invocation.replied
    job = await ctx.job(of) if of else await ctx.store.job_at(replied) if replied else None
    if job and job.pictures:
        still(job)
        # What is attached besides stays; what merely hangs on our own message is the same picture again.
        extra = sources(attached) if of else ()
        return job, (*(picture.source for picture in picked(job, of or "")[1]), *extra)
    for attachment in attached:
        if attachment.mime.startswith(_OTHER_FILES):
            raise BadPicture("error-picture-not")
    return None, sources(attached)


def still(job: Job) -> None:
    """Raise `BadInput` for a video: nobody here changes one."""
    if any(picture.moving for picture in job.pictures):
        raise BadInput("error-video-not-edited")


async def ask_for_words(ctx: Context, job: Job | None, said: str = "", flags: str = "") -> None:
    """Ask what to change, with ``flags`` for the answer; only a job of ours can be found again by then."""
    if job is None:
        raise BadInput("error-prompt-empty", command="edit")
    still(job)
    number, _ = picked(job, said)
    meant = job.id if number is None else f"{job.id} {number}"
    field = Field("prompt", ctx.say("form-edit-prompt"), long=True)
    await ctx.ask(Form(ctx.say("form-edit"), "edit", f'{flags} --of "{meant}"'.strip(), (field,)))
