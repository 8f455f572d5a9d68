"""Dialect ``openai``: OpenAI's own Images API, and whatever imitates it closely. UPSTREAMS, section 2."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

from bot.model import Balance, Order, Progress
from upstream.checks import by_models
from upstream.fields import LOOKS, STREAM, WORDS, asked, texts
from upstream.http import Form, Site
from upstream.previews import Body, painted

GENERATIONS, EDITS = "/v1/images/generations", "/v1/images/edits"
FIELDS = (*WORDS, *LOOKS, *STREAM)
"""Of both calls; and who asks, as ``safety_identifier``, in the place of which imitations know ``user``."""

OWN = "api.openai.com"


def generate(site: Site, order: Order, resume: str | None) -> AsyncGenerator[Progress, None]:
    """New pictures by JSON, edits by a form; both answer with their pictures, and have no id."""

    def body(previews: int) -> Body:
        person = "safety_identifier" if site.bases[0].host == OWN else "user"
        fields = asked(site, order, (*FIELDS, person), previews)
        return Form(texts(fields), _files(order)) if order.images else fields

    return painted(site, order, resume, EDITS if order.images else GENERATIONS, body)


async def balance(site: Site) -> Balance | None:
    """A key can't ask for that."""
    return None


async def check(site: Site) -> None:
    await by_models(site, GENERATIONS, {"model": site.endpoint.model})


def _files(order: Order) -> list[tuple[str, Path]]:
    """As OpenAI's own client names them: one picture is an ``image``, several are ``image[]``."""
    name = "image" if len(order.images) == 1 else "image[]"
    return [*((name, file) for file in order.images), *([("mask", order.mask)] if order.mask else [])]
