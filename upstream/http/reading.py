"""Answers, read as they arrive: pictures into files, the rest as a document."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from upstream.packing import Unpacking
from upstream.scan import Scanner, TooMuch
from upstream.sse import Event, Events

BIG = 64 * 1024
"""Bytes from which on an answer is a transfer, and waits for its turn."""

MOST = 640 * 1024 * 1024
"""Bytes of the largest answer: ten pictures of 4K as PNG, in base64."""

STALL = 60.0
"""Seconds without a byte after which a body that has begun is given up: it keeps others from their turn."""

MOMENTS = "moments"
"""Where a response's extensions hold when it was asked for, when its head came, until when it may last."""

_EXPLANATION = 64 * 1024  # bytes of an error's body that are read
_WHENEVER = (0.0, 0.0, math.inf)


class Unreadable(ValueError):
    """The body is not the JSON that was promised. ``start`` is how it begins."""

    def __init__(self, start: bytes) -> None:
        super().__init__("not readable")
        self.start = start

    @property
    def page(self) -> bool:
        """Whether a web page came: then no API was asked at all."""
        return self.start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


@dataclass(frozen=True, slots=True)
class Answer:
    """A document, with the `Path` of a file in the place of each picture; ``files`` in its order.

    ``asked`` and ``told``: when the request went out and when the answer's head came, by the loop's clock.
    """

    data: Any
    files: tuple[Path, ...] = ()
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    asked: float = 0.0
    told: float = 0.0


async def read(response: httpx.Response, into: Path | None, transfers: asyncio.Semaphore) -> Answer:
    """Read a body chunk by chunk. A big one waits for ``transfers``; a small one never does.

    Raises `Unreadable`, `httpx.TransportError` when the connection breaks, and `OSError` when the
    disk is full; no file is left behind then.
    """
    scanner, size, start = Scanner(into), 0, b""
    async with AsyncExitStack() as turn:
        try:
            async for chunk in _chunks(response):
                start = start or chunk[:2048]
                if size <= BIG < size + len(chunk):
                    await turn.enter_async_context(transfers)
                size += len(chunk)
                if size > MOST:
                    raise TooMuch("bytes")  # noqa: TRY301 - cleaned up below like every other reason
                scanner.feed(chunk)
            data = scanner.close()
        except BaseException as error:
            scanner.abandon()
            if isinstance(error, ValueError):
                raise Unreadable(start) from error
            raise
    asked, told, _ = response.extensions.get(MOMENTS, _WHENEVER)
    return Answer(data, tuple(scanner.files), response.headers, asked, told)


async def read_events(
    response: httpx.Response, into: Path, transfers: asyncio.Semaphore
) -> AsyncGenerator[Event, None]:
    """Read a body event by event. A big event waits for ``transfers``; a stream that waits holds none.

    Raises like ``read``, `Unreadable` also for a body without a single event; of events that were
    not given out no file is left behind then.
    """
    reader, start, size, count, turn = Events(into), b"", 0, 0, AsyncExitStack()
    async with turn:
        try:
            async for chunk in _chunks(response, patient=lambda: not reader.pending):
                start, size = start or chunk[:2048], size + len(chunk)
                if reader.pending <= BIG < reader.pending + len(chunk):
                    await turn.enter_async_context(transfers)
                if size > MOST:
                    raise TooMuch("bytes")  # noqa: TRY301 - cleaned up below like every other reason
                events = reader.feed(chunk)
                if reader.pending <= BIG:
                    await turn.aclose()
                for event in events:
                    count += 1
                    yield event
            for event in reader.close():
                count += 1
                yield event
        except BaseException as error:
            reader.abandon()
            if isinstance(error, ValueError):
                raise Unreadable(start) from error
            raise
    if not count:
        raise Unreadable(start)


async def explanation(response: httpx.Response) -> bytes:
    """The start of an error's body; what is cut off, or hardly comes, is left out."""
    body = b""
    with suppress(httpx.TransportError, TimeoutError, ValueError):
        async with asyncio.timeout(STALL):
            async for chunk in _chunks(response):
                body += chunk
                if len(body) > _EXPLANATION:
                    break
    return body[:_EXPLANATION]


async def _chunks(
    response: httpx.Response, patient: Callable[[], bool] = lambda: False
) -> AsyncIterator[bytes]:
    """The body as it comes, unpacked. While ``patient``, a silence is as long as the client lets it be.

    Raises `httpx.ReadTimeout` when it stops, or goes on for longer than any answer; `TooMuch`.
    """
    packing = Unpacking(response.headers.get("content-encoding", ""))
    clock, pieces = asyncio.get_running_loop().time, response.aiter_raw()
    *_, until = response.extensions.get(MOMENTS, _WHENEVER)
    while True:
        try:
            async with asyncio.timeout_at(until if patient() else min(until, clock() + STALL)):
                piece = await anext(pieces)
        except StopAsyncIteration:
            break
        except TimeoutError as error:
            raise httpx.ReadTimeout("the body stopped half-way") from error
        for chunk in packing.chunks(piece):
            yield chunk
    if rest := packing.rest():
        yield rest
