"""An order that is answered when its picture is made, with previews until then where they are worth it.

Such an order has no id: nobody can follow it but the connection that it was sent on. UPSTREAMS,
section 5, rows 12 and 17.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

from bot.errors import BadRequest, EaselError, UnknownOutcome
from bot.model import Order, Preview, Progress, Quality, Running, Succeeded
from upstream import tokens
from upstream.checks import fit_mask
from upstream.following import unnamed
from upstream.http import Answer, Form, Site
from upstream.results import collect, fetched
from upstream.shapes import pictures
from upstream.sse import Event

Body = Mapping[str, Any] | Form

_WORTH = 5.0  # seconds that the stream waits for a preview's URL
_ABOUT_STREAM = re.compile(r"stream|partial.?images|流式", re.IGNORECASE)


async def painted(
    site: Site, order: Order, resume: str | None, path: str, body: Callable[[int], Body]
) -> AsyncGenerator[Progress, None]:
    """POST an order and follow it to its end. ``body`` writes it with a number of previews, or none: 0.

    Refused because of the stream (OpenAI streams to verified organisations only; nothing is charged),
    it is sent once more without.
    """
    unnamed(resume)
    await fit_mask(order)
    yield Running()
    previews = _wanted(site, order)
    if previews:
        try:
            async with aclosing(_streamed(site, order, path, body(previews))) as steps:
                async for step in steps:
                    yield step
        except BadRequest as error:
            if not _ABOUT_STREAM.search(str(error.params["detail"])):
                raise
            previews = 0
    if not previews:
        answer = await site.submit(path, body(0), into=order.folder, sync=True)
        yield await _collected(site, order, answer)


def _wanted(site: Site, order: Order) -> int:
    """How many previews to ask for. At low quality they would cost as much as the picture, which comes soon.

    For several pictures no page says how they are streamed: nothing that is paid for is put at risk.
    """
    alone = order.request.n == 1 and order.request.quality is not Quality.LOW
    return site.profile.previews if alone else 0


async def _streamed(site: Site, order: Order, path: str, body: Body) -> AsyncGenerator[Progress, None]:
    shown: list[Path] = []
    last: Answer | None = None
    try:
        async with aclosing(site.stream(path, body, order.folder)) as events:
            async for event in events:
                if _partial(event):
                    sketch = await _sketched(site, order, event)
                    shown += event.files or sketch
                    for file in sketch:
                        yield Preview(file)
                elif pictures(event.data):
                    last = Answer(_listed(event.data), event.files)
                    break
        yield await _collected(site, order, last)
    except BaseException:
        for file in shown:  # a few at most, and nobody looks at them any more
            file.unlink(missing_ok=True)
        raise


async def _sketched(site: Site, order: Order, event: Event) -> list[Path]:
    """The file of a preview, fetched where it is named by URL; none where that takes too long."""
    named = pictures(event.data)
    if event.files or not named:
        return list(event.files[:1])
    try:
        async with asyncio.timeout(_WORTH):
            return list(await fetched(site, order.folder, named[:1]))
    except (EaselError, TimeoutError):
        return []


def _partial(event: Event) -> bool:
    """Whether it shows a picture that is not done."""
    index = isinstance(event.data, Mapping) and "partial_image_index" in event.data
    return "partial" in event.kind or (index and "completed" not in event.kind)


def _listed(data: Any) -> Any:
    """The last event's document in the shape that an answer without a stream has."""
    return data if isinstance(data, Mapping) and "data" in data else {"data": [data], "usage": _usage(data)}


def _usage(data: Any) -> Any:
    return data.get("usage") if isinstance(data, Mapping) else None


async def _collected(site: Site, order: Order, answer: Answer | None) -> Succeeded:
    if answer is None:
        raise UnknownOutcome(detail="the stream ended without its picture", what="unreadable")
    return await collect(site, order, answer, cost=tokens.cost(_usage(answer.data), site.profile.tokens))
