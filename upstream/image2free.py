"""Dialect ``image2free``: one picture a call, in ratios and tiers; calls block. UPSTREAMS, 003."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from bot.errors import BadRequest
from bot.model import Balance, Order, Progress, Succeeded
from bot.sizes import Size, nearest_ratio
from upstream import image2free_video
from upstream.following import unnamed
from upstream.http import Inline, Site
from upstream.results import collect
from upstream.several import several
from upstream.shapes import balance as balance_in

GENERATIONS, ME = "/v1/images/generations", "/v1/me"
QUALITIES = {"1k": "standard", "2k": "hd", "4k": "uhd"}
UHD = ("16:9", "9:16", "2:1", "1:2", "21:9", "9:21")
MOST_IMAGES = 5

_ALIKE = 0.02  # pixels whose ratio is this near to a named one are said by its name


async def generate(site: Site, order: Order, resume: str | None) -> AsyncIterator[Progress]:
    """One call for each picture; none of them has an id. Videos do."""
    if order.request.video:
        async for progress in image2free_video.generate(site, order, order.request.video, resume):
            yield progress
        return
    unnamed(resume)
    _demand(order)

    async def one(single: Order) -> Succeeded:
        answer = await site.submit(GENERATIONS, _fields(site, single), into=single.folder, sync=True)
        return await collect(site, single, answer)

    async for progress in several(order, one):
        yield progress


async def balance(site: Site) -> Balance | None:
    """In credits."""
    found = balance_in((await site.get(ME)).data)
    return replace(found, unit="credits") if found else None


async def check(site: Site) -> None:
    await site.get(ME)


def _fields(site: Site, order: Order) -> dict[str, Any]:
    """The body for one picture; ``n`` is fixed there, and not sent."""
    request = order.request
    body = {
        "model": request.model or site.endpoint.model,
        "prompt": request.prompt,
        "size": _spoken(request.size),
        "quality": QUALITIES[request.size.klass],
    }
    return {**body, "image_urls": [Inline(path) for path in order.images]} if order.images else body


def _spoken(size: Size) -> str:
    """``auto``, a ratio, or pixels that are near to none: how many pixels come, ``quality`` decides."""
    return "auto" if size.auto else nearest_ratio(size, _ALIKE) or size.pixels


def _demand(order: Order) -> None:
    """Raise `BadRequest` for what would be refused, or charged and done otherwise; nothing is sent.

    The core has looked at the profile before; a chat's key may have become another since.
    """
    size = order.request.size
    if size.klass == "4k" and _spoken(size) not in UHD:
        raise BadRequest(detail=f"uhd is made in {', '.join(UHD)} only; use hd for {size.spoken}")
    if len(order.images) > MOST_IMAGES:
        raise BadRequest(detail=f"at most {MOST_IMAGES} pictures")
    if order.mask:
        raise BadRequest(detail="no masks")
