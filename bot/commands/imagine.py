"""``/imagine``: words to a picture."""

from __future__ import annotations

from bot.commands.options import (
    Alone,
    Compression,
    Count,
    Model,
    Prompt,
    QualityOption,
    SizeOption,
    Switch,
    with_defaults,
)
from bot.context import Context
from bot.model import Background, Format, Moderation


async def imagine(
    ctx: Context,
    prompt: Prompt,
    size: SizeOption = None,
    quality: QualityOption = None,
    n: Count = None,
    model: Model = None,
    format: Format | None = None,  # noqa: A002  # the flag's name
    background: Background | None = None,
    compression: Compression = None,
    moderation: Moderation | None = None,
    only_me: Alone = None,
) -> None:
    """Forward a prompt to the image API; the answer is the picture."""
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
    )
    await ctx.submit(request, only_me=only_me is Switch.ON)
