"""Several pictures of a relay that makes one at a time: each its own order, charge and failure.

What came is delivered. An order whose fate is not known is counted as charged, or the caps in money
would not hold; the person is told (`UNSURE`), and nothing is ordered again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace

from bot.errors import (
    BadKey,
    BadRequest,
    Forbidden,
    NotFound,
    OutOfCredit,
    UnknownOutcome,
    UpstreamError,
)
from bot.model import Order, Running, Succeeded

AT_ONCE = 4
"""Orders under way at a time."""

UNSURE = "note-missing-unsure"

_ALIKE = (BadKey, OutOfCredit, Forbidden, NotFound, BadRequest)  # what one hears, all will hear

log = logging.getLogger(__name__)


async def several(
    order: Order, one: Callable[[Order], Awaitable[Succeeded]]
) -> AsyncIterator[Running | Succeeded]:
    """Ask ``one`` for each picture of the order; ends with what came of them.

    Raises `UnknownOutcome` when nothing came and one may have been charged, else the first refusal.
    """
    count, outcomes = order.request.n, dict[int, Succeeded | UpstreamError]()
    single = replace(order, request=replace(order.request, n=1))
    turns = asyncio.Semaphore(AT_ONCE)
    refused: list[UpstreamError] = []

    async def attempt(number: int) -> None:
        async with turns:
            try:
                outcomes[number] = refused[0] if refused else await one(single)
            except UpstreamError as error:
                outcomes[number] = error
                refused.extend([error] if isinstance(error, _ALIKE) else [])

    yield Running()
    trying = [asyncio.ensure_future(attempt(number)) for number in range(count)]
    try:
        for done in asyncio.as_completed(trying):
            await done
            if len(outcomes) < count:
                yield Running(len(outcomes) / count)
    finally:
        for task in trying:
            task.cancel()
        await asyncio.gather(*trying, return_exceptions=True)
    yield _together([outcomes[number] for number in range(count)])


def _together(outcomes: Sequence[Succeeded | UpstreamError]) -> Succeeded:
    came = [outcome for outcome in outcomes if isinstance(outcome, Succeeded)]
    failures = [outcome for outcome in outcomes if isinstance(outcome, UpstreamError)]
    unsure = [error for error in failures if isinstance(error, UnknownOutcome)]
    if not came:
        raise (unsure or failures)[0]
    for error in failures:
        log.info("one of %d pictures did not come: %s", len(outcomes), error)
    return replace(
        came[0],
        files=tuple(file for one in came for file in one.files),
        missing=len(failures),
        unsure=len(unsure),
        note=UNSURE if unsure else came[0].note,
    )
