"""An order that has an id: asked for until it has ended, by whoever knows the id."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import quote

from bot.errors import UnknownOutcome
from bot.model import Order, Progress, Queued, Running, Succeeded
from upstream.http import Answer, Site
from upstream.results import collect
from upstream.shapes import DONE, FAILED, WAITING, job_id, pictures, share, status


def named(answer: Answer) -> str:
    """The id in the answer to a submit. Raises `UnknownOutcome` where there is none."""
    if found := job_id(answer.data):
        return found
    raise UnknownOutcome(detail="no job id in the answer", what="unreadable")


def unnamed(resume: str | None) -> None:
    """For relays whose orders have no id: raises `UnknownOutcome` where one is to be gone on with."""
    if resume:
        raise UnknownOutcome(detail="this image service keeps no list of orders", what="interrupted")


async def followed(
    site: Site,
    order: Order,
    path: str,
    job: str,
    *,
    resumed: bool,
    note: str = "",
    ended: Callable[[Answer], bool] | None = None,
    end: Callable[[Answer], Awaitable[Succeeded]] | None = None,
) -> AsyncIterator[Progress]:
    """How an order fares, by GETs of ``path/job``. ``resumed``: another process ordered it.

    ``ended`` tells the last answer, and ``end`` makes the result of it; as for pictures, where they are
    left out. Raises what `Site.poll` and ``end`` do.
    """
    over = ended or (lambda answer: _painted(answer, order.request.n))
    async for answer, last in site.poll(f"{path}/{quote(job, safe='')}", order, until=over, resumed=resumed):
        if last:
            yield await (end(answer) if end else collect(site, order, answer, job=job, note=note))
        else:
            yield Queued() if status(answer.data) in WAITING else Running(share(answer.data))


def _painted(answer: Answer, wanted: int) -> bool:
    """Pictures beat the word, unless it says that more are being made (row 7)."""
    said, found = status(answer.data), len(pictures(answer.data))
    return said in DONE | FAILED or found >= wanted or (found > 0 and not said)
