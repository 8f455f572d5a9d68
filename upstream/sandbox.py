"""Dialect ``sandbox``: draws what it is asked for, in words; needs no key and no network, and costs nothing.

It gives no id: what an earlier process left unfinished is simply drawn again.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from bot.errors import BadPicture, BadRequest
from bot.i18n import words
from bot.media import in_pool, sniff
from bot.model import Background, Balance, Format, Order, Preview, Progress, Queued, Running, Succeeded
from upstream.http import Site

if TYPE_CHECKING:
    from bot.media.card import Card, Legend

_SHOWN = (0.3, 0.65)  # shares of the delay at which a sketch is shown
_SIDE = 1024


class Sandbox:
    """``delay`` in seconds: how long a picture seems to take."""

    def __init__(self, delay: float) -> None:
        self._delay = delay

    async def generate(self, site: Site, order: Order, resume: str | None) -> AsyncIterator[Progress]:
        try:
            async for progress in self._painted(order):
                yield progress
        except BadPicture as error:
            raise BadRequest(detail="a picture given can't be read") from error

    async def _painted(self, order: Order) -> AsyncIterator[Progress]:
        from bot.media.card import draw, sketch  # noqa: PLC0415 - fonts, for those who draw

        yield Queued(1)
        cards = await _cards(order)
        done = 0.1
        await asyncio.sleep(self._delay * done)
        for share in _SHOWN:
            yield Running(done)
            await asyncio.sleep(self._delay * (share - done))
            done, file = share, order.folder / f"sketch-{share}.jpg"
            await in_pool(sketch, cards[0], file, share)
            yield Preview(file)
        yield Running(done)
        await asyncio.sleep(self._delay * (1 - done))
        kind = order.request.output_format or Format.PNG
        files = [order.folder / f"card-{card.index}.{kind}" for card in cards]
        for card, file in zip(cards, files, strict=True):
            await in_pool(draw, card, file, kind.value)
        yield Succeeded(tuple(files))

    async def balance(self, site: Site) -> Balance | None:
        return None

    async def check(self, site: Site) -> None:
        """Nothing can be wrong with it."""


async def _cards(order: Order) -> list[Card]:
    from bot.media.card import Card  # noqa: PLC0415

    request = order.request
    width, height = request.size.width, request.size.height
    if request.size.auto:
        width, height = await _usual(order)
    transparent = request.background is Background.TRANSPARENT
    legend = await _legend(order.language)
    return [
        Card(request.prompt, width, height, index, request.n, order.images, order.mask, transparent, legend)
        for index in range(request.n)
    ]


async def _legend(language: str) -> Legend:
    """In the asker's language, where this machine has a font for it."""
    theirs = _legend_in(words().match(language))
    return theirs if await in_pool(lambda: theirs.legible) else _legend_in("en")


def _legend_in(language: str) -> Legend:
    from bot.media.card import Legend  # noqa: PLC0415

    ids = ("sandbox-label", "sandbox-note", "sandbox-no-font")
    return Legend(*(words().say(language, message_id) for message_id in ids))


async def _usual(order: Order) -> tuple[int, int]:
    """A square, or what an edit begins with, at about a megapixel."""
    if not order.images:
        return _SIDE, _SIDE
    facts = await sniff(order.images[0])
    slant = math.sqrt(min(3.0, max(1 / 3, facts.width / facts.height)))
    return round(_SIDE * slant / 16) * 16, round(_SIDE / slant / 16) * 16
