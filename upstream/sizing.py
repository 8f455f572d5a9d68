"""Sizes that a relay may or may not take: tried, where its page does not say."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from bot.errors import BadRequest
from bot.sizes import Size
from upstream.http import Answer
from upstream.shapes import nearest_classic

T = TypeVar("T")

_ABOUT_SIZE = re.compile(r"size|dimension|resolution|width|height|ratio|尺寸|分辨率|比例", re.IGNORECASE)


async def in_a_size_it_takes(
    send: Callable[[T], Awaitable[Answer]], sizes: Sequence[T]
) -> tuple[Answer, str]:
    """Send with the first of ``sizes``; refused because of it (nothing is charged then), with the next.

    Also the id of the sentence to say when it was not the first.
    """
    for number, size in enumerate(sizes):
        try:
            return await send(size), "note-size-nearest" if number else ""
        except BadRequest as error:
            if number == len(sizes) - 1 or not _ABOUT_SIZE.search(str(error.params["detail"])):
                raise
    raise ValueError("no size to try")


def pixels_or_classic(size: Size) -> list[str]:
    """What to try: the pixels asked for, then the nearest size that all have taken; ``""``: send none."""
    return [""] if size.auto else list(dict.fromkeys((size.pixels, nearest_classic(size))))
