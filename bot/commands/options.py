"""Options that several commands share, and how the chat's defaults fill them."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from bot.command import Parsed, Range, Rest, Usual
from bot.model import (
    UNIT,
    Amount,
    Attachment,
    Background,
    Chat,
    Format,
    ImageRequest,
    Job,
    Moderation,
    Picture,
    Quality,
    Source,
)
from bot.sizes import AUTO, SUGGESTIONS, Size, parse

MOST_PROMPT = 32_000
MOST_IMAGES = 10

Prompt = Annotated[str, Rest(MOST_PROMPT, flags=True)]
SizeOption = Annotated[Size | None, Parsed(parse, SUGGESTIONS), Usual(AUTO)]
QualityOption = Annotated[Quality | None, Usual(Quality.AUTO)]
Count = Annotated[int | None, Range(1, MOST_IMAGES), Usual(1)]
Compression = Annotated[int | None, Range(0, 100)]
Model = Annotated[str | None, Parsed(str), Usual("")]
JobName = Annotated[str, Rest(200)]


_DOLLARS = re.compile(r"\$?[0-9]{1,6}(\.[0-9]{1,6})?")


def dollars(said: str) -> Amount:
    """``2``, ``$0.50``. Raises `ValueError`."""
    if not _DOLLARS.fullmatch(said.strip()):
        raise ValueError(said)
    return int(Decimal(said.strip().lstrip("$")) * UNIT)


class Switch(StrEnum):
    ON = "on"
    OFF = "off"


Alone = Switch | None
"""Whether nobody else is to see what comes of a request: ``--only-me``."""


def with_defaults(
    chat: Chat,
    prompt: str,
    *,
    size: Size | None = None,
    quality: Quality | None = None,
    n: int | None = None,
    model: str | None = None,
    format: Format | None = None,  # noqa: A002  # the flag's name
    background: Background | None = None,
    compression: int | None = None,
    moderation: Moderation | None = None,
    images: tuple[Source, ...] = (),
    mask: Source | None = None,
) -> ImageRequest:
    """A request by the flags of a command, in which the chat's defaults stand for what wasn't said.

    An empty ``model`` was said: it is the relay's own.
    """
    return ImageRequest(
        prompt=prompt,
        model=chat.model if model is None else model,
        n=n or chat.n or 1,
        size=size or parse(chat.size),
        quality=quality or Quality(chat.quality or "auto"),
        output_format=format,
        background=background,
        images=images,
        mask=mask,
        output_compression=compression,
        moderation=moderation,
    )


def sources(attachments: tuple[Attachment, ...]) -> tuple[Source, ...]:
    return tuple(attachment.source for attachment in attachments)


def picked(job: Job, said: str) -> tuple[int | None, tuple[Picture, ...]]:
    """``"k3v9abcdef 2"`` picks the job's second picture; without a number that there is, all of them."""
    parts = said.split()
    if len(parts) == 2 and parts[1].isdecimal() and 0 < (number := int(parts[1])) <= len(job.pictures):
        return number, (job.pictures[number - 1],)
    return None, job.pictures
