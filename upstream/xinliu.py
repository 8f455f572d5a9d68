"""Dialect ``xinliu``: one call that streams previews and answers with URLs; a form where there is a mask.

UPSTREAMS, 002. Two addresses, a Chinese and an overseas one, lead to one account.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from bot.model import Balance, Order, Progress
from upstream.checks import by_models
from upstream.fields import LOOKS, STREAM, WORDS, asked, texts
from upstream.http import Form, Inline, Site
from upstream.previews import Body, painted

GENERATIONS, EDITS = "/v1/images/generations", "/v1/images/edits"
FIELDS = (*WORDS, *LOOKS, "user", *STREAM)
"""Of its table, all but ``image``."""

FORM = (*WORDS, *LOOKS, *STREAM)
"""The page of the other call is not known: as OpenAI has it. What it does not stream is ordered without."""


def generate(site: Site, order: Order, resume: str | None) -> AsyncGenerator[Progress, None]:
    """Pictures given are part of the same call, but where a mask says what to change of the first."""

    def body(previews: int) -> Body:
        if order.mask:
            files = [*(("image[]", file) for file in order.images), ("mask", order.mask)]
            return Form(texts(asked(site, order, FORM, previews)), files)
        images = [Inline(file) for file in order.images]
        return {**asked(site, order, FIELDS, previews), **({"image": images} if images else {})}

    return painted(site, order, resume, EDITS if order.mask else GENERATIONS, body)


async def balance(site: Site) -> Balance | None:
    """Its pages have no such call."""
    return None


async def check(site: Site) -> None:
    """Where it lists no models: an order that lacks its previews besides its prompt, a documented 400."""
    await by_models(site, GENERATIONS, {"model": site.endpoint.model, "stream": True, "partial_images": 0})
