"""Dialect ``shenfeng``: pictures by jobs that are polled, edits by a call that blocks. UPSTREAMS, 000."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime

from bot.errors import BadRequest
from bot.model import Accepted, Balance, ImageRequest, Order, Progress, Quality, Running
from upstream.following import followed, named
from upstream.history import orders_like
from upstream.http import Answer, Form, Site
from upstream.results import collect
from upstream.shapes import balance as balance_in
from upstream.sizing import in_a_size_it_takes, pixels_or_classic

JOBS, EDITS = "/v1/images/jobs", "/v1/images/edits"
HISTORY, USAGE = "/v1/images/history", "/v1/usage"

_NO_IMAGE = re.compile(r"(missing|require|no).{0,20}image|image.{0,20}(missing|require)", re.IGNORECASE)


async def generate(site: Site, order: Order, resume: str | None) -> AsyncIterator[Progress]:
    """A job for new pictures. Edits through the queue are not documented: they block, and have no id."""
    if order.images and not resume:
        yield Running()
        answer, note = await _edit(site, order)
        yield await collect(site, order, answer, note=note)
        return
    note, resumed = "", bool(resume)
    if not resume:
        answer, note = await _submit(site, order)
        resume = named(answer)
        yield Accepted(resume)
    async for progress in followed(site, order, JOBS, resume, resumed=resumed, note=note):
        yield progress


async def balance(site: Site) -> Balance | None:
    return balance_in((await site.get(USAGE)).data)


async def check(site: Site) -> None:
    await site.get(USAGE)


async def reconcile(site: Site, request: ImageRequest, since: datetime) -> tuple[str, ...]:
    """Ids of the orders made with this key that may be this one."""
    return await orders_like(site, HISTORY, request, since, pixels_or_classic(request.size))


async def _submit(site: Site, order: Order) -> tuple[Answer, str]:
    async def send(size: str) -> Answer:
        return await site.submit(
            JOBS, {"endpoint": "generations", **_fields(site, order, size), "n": order.request.n}
        )

    return await in_a_size_it_takes(send, pixels_or_classic(order.request.size))


async def _edit(site: Site, order: Order) -> tuple[Answer, str]:
    """Only what is asked for beyond the documented fields is sent beyond them."""
    request = order.request

    async def send(size: str) -> Answer:
        fields = _fields(site, order, size)
        if request.quality is Quality.AUTO:
            del fields["quality"]
        if request.n > 1:
            fields["n"] = str(request.n)
        try:
            return await upload("image", fields)
        except BadRequest as error:
            if not _NO_IMAGE.search(str(error.params["detail"])):
                raise
            return await upload("image[]", fields)

    async def upload(name: str, fields: dict[str, str]) -> Answer:
        files = [(name, path) for path in order.images]
        mask = [("mask", order.mask)] if order.mask else []
        return await site.submit(EDITS, Form(fields, files + mask), into=order.folder, sync=True)

    return await in_a_size_it_takes(send, pixels_or_classic(request.size))


def _fields(site: Site, order: Order, size: str) -> dict[str, str]:
    """The fields that generations and edits share; no ``size`` lets the relay choose."""
    fields = {
        "model": order.request.model or site.endpoint.model,
        "prompt": order.request.prompt,
        "quality": order.request.quality.value,
        "response_format": "b64_json",
    }
    return {**fields, "size": size} if size else fields
