"""What a strange host may answer: looked at before it is read, and bounded while it is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from bot.errors import BadAddress

_MAY_PASS = frozenset({404, 408, 425, 429})  # 404: a link may be given before its file is everywhere
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_PACKED = frozenset({"gzip", "x-gzip", "deflate", "compress", "br", "zstd"})
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")
_BATCH = 256 * 1024  # bytes written at once
_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manners:
    """How much is put up with: in seconds, but for ``tries`` and ``least``, which is bytes a second.

    A body that brings fewer than ``least`` over a ``window`` is given up; silence of a window is a
    break. Between tries ``wait``, then longer; a host that asks for more than ``obey`` is not
    tried again.
    """

    connect: float = 10.0
    window: float = 15.0
    least: float = 1024.0
    tries: int = 4
    wait: float = 0.5
    obey: float = 20.0


class Passing(BadAddress):
    """May be over at the next try, ``after`` so many seconds where the host says so."""

    after: float | None = None


async def save(response: httpx.Response, to: Path, most_bytes: int, manners: Manners) -> None:
    """Stream the body to a file, or raise `BadAddress`, `httpx.TransportError`, `OSError` and leave none."""
    _check(response, most_bytes, manners)
    try:
        with await asyncio.to_thread(to.open, "wb") as file:
            async for batch in _batches(_bounded(response, most_bytes, manners)):
                await asyncio.to_thread(file.write, batch)
            await asyncio.to_thread(file.close)
    except BaseException:  # cut off while it was opened, too
        await asyncio.to_thread(to.unlink, missing_ok=True)
        raise


def page(mime: str) -> bool:
    """Whether a content type is that of a web page."""
    return mime.partition(";")[0].strip().lower() in _PAGES


def too_large(host: str, most_bytes: int) -> BadAddress:
    return BadAddress("error-address-large", host=host, most=max(1, round(most_bytes / _MB)))


def _check(response: httpx.Response, most_bytes: int, manners: Manners) -> None:
    """Raise for what is known before the body: a refusal, a web page, something packed, too much."""
    host, headers = response.request.url.host, response.headers
    if not response.is_success:
        raise _refusal(response, manners)
    if page(headers.get("content-type", "")) or _PACKED & set(_listed(headers.get("content-encoding", ""))):
        raise BadAddress("error-address-not-file", host=host)
    if _number(headers.get("content-length", "")) > most_bytes:
        raise too_large(host, most_bytes)


def _refusal(response: httpx.Response, manners: Manners) -> BadAddress:
    status, after = response.status_code, _number(response.headers.get("retry-after", ""))
    may_pass = (status in _MAY_PASS or status >= 500) and after <= manners.obey
    kind = Passing if may_pass else BadAddress
    refusal = kind("error-address-status", host=response.request.url.host, status=str(status))
    if isinstance(refusal, Passing) and after:
        refusal.after = after
    return refusal


async def _bounded(response: httpx.Response, most_bytes: int, manners: Manners) -> AsyncIterator[bytes]:
    """The body as it comes, never unpacked. Raises when it is too much, or hardly comes."""
    clock, host = asyncio.get_running_loop().time, response.request.url.host
    total, since, before = 0, clock(), 0
    async for piece in response.aiter_raw():
        total += len(piece)
        if total > most_bytes:
            raise too_large(host, most_bytes)
        yield piece
        if (passed := clock() - since) >= manners.window:
            if total - before < manners.least * passed:
                raise BadAddress("error-address-slow", host=host)
            since, before = clock(), total


async def _batches(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    batch = bytearray()
    async for piece in pieces:
        batch += piece
        if len(batch) >= _BATCH:
            yield bytes(batch)
            batch.clear()
    yield bytes(batch)


def _listed(header: str) -> list[str]:
    return [word.strip().lower() for word in header.split(",")]


def _number(header: str) -> float:
    """A header's number; 0 when it is none (a date, say)."""
    return float(header) if _NUMBER.fullmatch(header) else 0.0
