"""An order whose fate is unknown, looked for in the relay's own list of orders. Pure but for the asking.

No page says how such a list is cut into pages or what its entries are called (UPSTREAMS, section 5,
row 5). An entry is the order when it has its words, came at its time, and contradicts it in nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model import ImageRequest, Quality
from upstream.http import Site
from upstream.shapes import job_id, moments, records, told, total

PAGES = 10
"""Pages that are looked through; a longer list says too little about one order."""

BEFORE, AFTER = timedelta(minutes=2), timedelta(minutes=30)
"""How far clocks may differ; and how long an order may have waited until the relay took it."""


async def orders_like(
    site: Site, path: str, request: ImageRequest, since: datetime, sizes: Collection[str]
) -> tuple[str, ...]:
    """Ids of the orders in the list at ``path`` that may be this one, begun at ``since``.

    None at all where the list ends, or is given up, before it reaches back to that moment: what is not
    seen may be another just like it. ``sizes``: as which the order's size may have been sent.
    """
    seen: dict[str, Mapping[str, Any]] = {}
    model = request.model or site.endpoint.model
    for number in range(1, PAGES + 1):
        document = (await site.get(path, params={"page": str(number)} if number > 1 else None)).data
        page = {job_id(entry): entry for entry in records(document)}
        fresh = {name: entry for name, entry in page.items() if name and name not in seen}
        seen |= fresh
        reached = any(all(then < since - BEFORE for then in _times(entry)) for entry in fresh.values())
        if reached or (not fresh and total(document, len(seen)) <= len(seen)):
            return tuple(name for name, entry in seen.items() if _alike(entry, request, model, since, sizes))
        if not fresh:
            break
    return ()


def _alike(
    entry: Mapping[str, Any], request: ImageRequest, model: str, since: datetime, sizes: Collection[str]
) -> bool:
    asked = {
        "model": {model},
        "size": set(sizes) if not request.size.auto else set(),
        "quality": {request.quality.value} if request.quality is not Quality.AUTO else set(),
        "n": {str(request.n)},
        "endpoint": {"edits"} if request.images else {"generations"},
    }
    words = " ".join(told(entry, "prompt").split())
    timely = any(since - BEFORE <= then <= since + AFTER for then in _times(entry))
    fits = (not values or told(entry, name) in ("", *values) for name, values in asked.items())
    return timely and bool(words) and words == " ".join(request.prompt.split()) and all(fits)


def _times(entry: Mapping[str, Any]) -> list[datetime]:
    """When it was ordered. A time without a zone may be meant as UTC, or as Chinese: either."""
    found = [
        then
        for name in ("created_at", "created", "create_time", "createdAt")
        for then in moments(entry.get(name))
    ]
    return found or [datetime.max.replace(tzinfo=UTC)]
