"""What was said to ask for a job, put together again from what was written down of it. Pure."""

from __future__ import annotations

from bot.model import Attachment, ImageRequest, Invocation, Job, Quality
from bot.sizes import Size


def asked(job: Job) -> Invocation | None:
    """The words that asked for it, its flags as options; ``None`` where a button did, or several people."""
    agreed = job.once.startswith("spend:") and not job.parent  # words, then a press that took their price
    if job.credit or (job.once and not agreed):
        return None
    return Invocation(
        id=job.invocation,
        chat=job.chat,
        user=job.user,
        command=_command(job.request),
        text=job.request.prompt,
        options=_options(job.request),
        attachments=tuple(Attachment(source) for source in job.request.images),
        private=True,
    )


def _command(request: ImageRequest) -> str:
    if request.video:
        return "remix" if request.video.remix else "video"
    return "edit" if request.images else "imagine"


def _options(request: ImageRequest) -> dict[str, str | int | bool]:
    """All that was chosen, by the person or by the chat's defaults."""
    video = request.video
    said: dict[str, str | int | bool | None] = {
        "size": _size(request.size),
        "quality": "" if request.quality is Quality.AUTO else request.quality.value,
        "n": request.n if request.n > 1 else None,
        "model": request.model,
        "format": request.output_format,
        "background": request.background,
        "compression": request.output_compression,
        "moderation": request.moderation,
        "resolution": video.resolution if video else "",
        "seconds": video.seconds or None if video else None,
        "ratio": video.ratio if video else "",
    }
    return {name: value for name, value in said.items() if value not in (None, "")}


def _size(size: Size) -> str:
    """As people say it: ``16:9``, ``16:9 4k``, ``1024x1024``."""
    return "" if size.auto else str(size).replace("@", " ")
