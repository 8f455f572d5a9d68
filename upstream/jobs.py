"""Dialect ``jobs``: generic jobs that are polled, with results by URL. UPSTREAMS, 001.

Its page also has a call that answers at once; that one is for relays without jobs.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from bot.errors import (
    BadAnswer,
    BadKey,
    NotFound,
    OutOfCredit,
    UpstreamBusy,
    UpstreamDown,
    UpstreamError,
)
from bot.model import Accepted, Balance, Order, Progress, Quality, Succeeded
from bot.sizes import Size
from upstream.following import followed, named
from upstream.http import Answer, Form, Inline, Site, mime
from upstream.results import collect
from upstream.several import several
from upstream.shapes import nearest_classic, upload_url
from upstream.sizing import in_a_size_it_takes

JOBS, UPLOAD, GENERATIONS = "/v1/jobs", "/v1/files/upload", "/v1/images/generations"

_ANY_SIZE = "1024x1024"  # the call that answers at once wants one
_FINAL = (BadKey, OutOfCredit, UpstreamBusy, UpstreamDown)  # an order after these would fare no better

Given = str | dict[str, Any]
"""A reference: its URL, or ``{"mime_type", "data_base64"}``."""


async def generate(site: Site, order: Order, resume: str | None) -> AsyncIterator[Progress]:
    note, resumed = "", bool(resume)
    if not resume:
        given = await _given(site, order)
        try:
            answer, note = await _submit(site, order, given)
        except NotFound:
            if order.mask:
                raise
            async for step in several(order, _at_once(site, given)):
                yield step
            return
        resume = named(answer)
        yield Accepted(resume)
    async for progress in followed(site, order, JOBS, resume, resumed=resumed, note=note):
        yield progress


async def balance(site: Site) -> Balance | None:
    return None


async def check(site: Site) -> None:
    """No call only tries the key; asking for a job that there is not tells as much."""
    seen = await site.probe(f"{JOBS}/{secrets.token_hex(8)}")
    if seen.status in (400, 404, 422) and seen.document is not None:
        return
    if seen.status >= 300:
        raise seen.error(site.endpoint.key)
    if seen.document is None:
        raise BadAnswer(detail="a web page in place of an answer")


async def _submit(site: Site, order: Order, given: Sequence[Given]) -> tuple[Answer, str]:
    async def send(size: Mapping[str, str]) -> Answer:
        body = {"model": _model(site, order), "input": {**_input(order, given), **size}}
        return await site.submit(JOBS, body, into=order.folder)

    return await in_a_size_it_takes(send, _sizes(order.request.size))


def _input(order: Order, given: Sequence[Given]) -> dict[str, Any]:
    request = order.request
    fields = {
        "prompt": request.prompt,
        "n": request.n,
        "response_format": "url",
        "quality": "" if request.quality is Quality.AUTO else request.quality.value,
        "output_format": request.output_format,
        "background": request.background,
        "user": order.tag,
        **_references(order, given),
    }
    return {name: value for name, value in fields.items() if value}


def _references(order: Order, given: Sequence[Given]) -> dict[str, Any]:
    """No picture stands in two fields: which of them the relay prefers is not said (row 10)."""
    if not order.mask:
        return {"reference_images": given}
    first, *others, mask = given
    return {"image_url": first, "mask": mask, "reference_images": others}


def _sizes(size: Size) -> list[dict[str, str]]:
    """What to try, never both fields together: pixels, the ratio, the nearest size that all have taken."""
    if size.auto:
        return [{}]
    ratio = [{"aspect_ratio": size.ratio}] if size.ratio else []
    classic = {"size": nearest_classic(size)}
    return [{"size": size.pixels}, *ratio, *([classic] if size.pixels != classic["size"] else [])]


def _at_once(site: Site, given: Sequence[Given]) -> Callable[[Order], Awaitable[Succeeded]]:
    """For a relay without jobs: one picture a call, all five fields always (row 6)."""

    async def one(order: Order) -> Succeeded:
        body = {
            "model": _model(site, order),
            "prompt": order.request.prompt,
            "size": _ANY_SIZE if order.request.size.auto else order.request.size.pixels,
            "response_format": "url",
            "reference_images": given,
        }
        return await collect(site, order, await site.submit(GENERATIONS, body, into=order.folder, sync=True))

    return one


async def _given(site: Site, order: Order) -> list[Given]:
    """The order's pictures, its mask last, as the relay is to find them: uploaded where that gives a URL."""
    given: list[Given] = []
    uploads = True
    for file in (*order.images, *((order.mask,) if order.mask else ())):
        url = await _uploaded(site, file) if uploads else ""
        uploads = bool(url)
        given.append(url or {"mime_type": mime(file), "data_base64": Inline(file, bare=True)})
    return given


async def _uploaded(site: Site, file: Path) -> str:
    """The URL of an upload; empty where there is none to be had (row 9). It costs nothing."""
    form = Form({"kind": "image", "purpose": "reference"}, [("file", file)])
    try:
        answer = await site.submit(UPLOAD, form)
    except _FINAL:
        raise
    except UpstreamError:
        return ""
    url = upload_url(answer.data)
    return urljoin(str(site.bases[0]), url) if url else ""


def _model(site: Site, order: Order) -> str:
    return order.request.model or site.endpoint.model
