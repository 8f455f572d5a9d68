"""Dialect ``jojokey``: one call that blocks and answers in base64. UPSTREAMS, 004.

A gateway of new-api's kind: errors carry a request id, in a header and in their text.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.errors import BadAnswer, BadRequest
from bot.model import Balance, Order, Progress, Quality, Running
from upstream.following import unnamed
from upstream.http import Answer, Site
from upstream.results import collect
from upstream.sizing import in_a_size_it_takes, pixels_or_classic

GENERATIONS, MODELS = "/v1/images/generations", "/v1/models"


async def generate(site: Site, order: Order, resume: str | None) -> AsyncIterator[Progress]:
    """Its pages have no edits, no jobs and no stream; a chat completion makes no picture there."""
    unnamed(resume)
    if order.images:
        raise BadRequest("error-unsupported-edit")

    async def send(size: str) -> Answer:
        fields = {
            "model": order.request.model or site.endpoint.model,
            "prompt": order.request.prompt,
            "size": size,
            "quality": "" if order.request.quality is Quality.AUTO else order.request.quality.value,
            "n": order.request.n,
            "response_format": "b64_json",
        }
        body = {name: value for name, value in fields.items() if value}
        return await site.submit(GENERATIONS, body, into=order.folder, sync=True)

    yield Running()
    answer, note = await in_a_size_it_takes(send, pixels_or_classic(order.request.size))
    yield await collect(site, order, answer, note=note)


async def balance(site: Site) -> Balance | None:
    return None


async def check(site: Site) -> None:
    """The list of models is free, and only given to a key that works; a gateway without one says nothing."""
    seen = await site.probe(MODELS)
    if seen.status >= 300 and not (seen.status == 404 and seen.document is not None):
        raise seen.error(site.endpoint.key)
    if seen.document is None:
        raise BadAnswer(detail="a web page in place of an answer")
