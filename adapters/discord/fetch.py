"""Attachments, streamed from where Discord keeps them to a file."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
from yarl import URL

from adapters.discord.trouble import DROPPED
from bot.errors import BadPicture, NotDelivered
from bot.patience import patiently
from bot.ports import MB

MOST = 25 * MB
_CDN = {("https", "cdn.discordapp.com", 443), ("https", "media.discordapp.net", 443)}
_SECONDS, _WAIT = 60.0, 0.5
_CHUNK = 256 * 1024


async def download(url: str, to: Path, *, api: URL) -> None:
    """At most 25 MB, from Discord's own hosts or the API's. `BadPicture` when that can't ever be."""
    address = URL(url)
    if not (_host(address) in _CDN or _host(address) == _host(api)):
        raise BadPicture("error-picture-gone")
    try:
        await patiently(*DROPPED, wait=_WAIT)(_stream)(address, to)
    except DROPPED:
        raise NotDelivered from None


def _host(url: URL) -> tuple[str, str | None, int | None]:
    return url.scheme, url.host, url.port


async def _stream(address: URL, to: Path) -> None:
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(address, allow_redirects=False) as response,
    ):
        if response.status in (403, 404, 410):  # its signature is a day old, or it was deleted
            raise BadPicture("error-picture-gone")
        response.raise_for_status()
        if (response.content_length or 0) > MOST:
            raise BadPicture("error-picture-too-big", most=MOST // MB)
        await _write(response, to)


async def _write(response: aiohttp.ClientResponse, to: Path) -> None:
    written = 0
    with await asyncio.to_thread(to.open, "wb") as file:
        async for chunk in response.content.iter_chunked(_CHUNK):
            written += len(chunk)
            if written > MOST:  # it may have said less
                raise BadPicture("error-picture-too-big", most=MOST // MB)
            await asyncio.to_thread(file.write, chunk)
