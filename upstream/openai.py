"""Dialect ``openai``: OpenAI's own Images API, and whatever imitates it closely. UPSTREAMS, section 2."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from bot.errors import UnknownOutcome
from bot.model import Balance, Order, Progress
from upstream.checks import by_models, fit_mask
from upstream.fields import LOOKS, STREAM, WORDS, asked, texts
from upstream.http import Form, Site
from upstream.previews import Body, painted, wanted

GENERATIONS, EDITS = "/v1/images/generations", "/v1/images/edits"
FIELDS = (*WORDS, *LOOKS, *STREAM)
"""Of both calls; and who asks, as ``safety_identifier``, in the place of which imitations know ``user``."""

OWN = "api.openai.com"


async def generate(site: Site, order: Order, resume: str | None) -> AsyncGenerator[Progress, None]:
    """New pictures by JSON, edits by a form; both answer with their pictures, and have no id."""
    if resume:
        raise UnknownOutcome(detail="this image service keeps no list of orders")
    await fit_mask(order)

    def body(previews: int) -> Body:
        person = "safety_identifier" if site.bases[0].host == OWN else "user"
        fields = asked(site, order, (*FIELDS, person), previews)
        return Form(texts(fields), _files(order)) if order.images else fields

    path = EDITS if order.images else GENERATIONS
    async with aclosing(painted(site, order, path, body, wanted(site, order))) as steps:
        async for step in steps:
            yield step


async def balance(site: Site) -> Balance | None:
    """A key can't ask for that."""
    return None


async def check(site: Site) -> None:
    await by_models(site, GENERATIONS, {"model": site.endpoint.model})


def _files(order: Order) -> list[tuple[str, Path]]:
    """As OpenAI's own client names them: one picture is an ``image``, several are ``image[]``."""
    name = "image" if len(order.images) == 1 else "image[]"
    return [*((name, file) for file in order.images), *([("mask", order.mask)] if order.mask else [])]
