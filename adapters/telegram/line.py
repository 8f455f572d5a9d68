"""The lines to the Bot API: python-telegram-bot's client, bounded, quiet, and able to stream a file down."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from telegram.error import NetworkError, TelegramError
from telegram.request import HTTPXRequest

from bot.errors import BadPicture
from bot.ports import MB

Transport = Callable[[int], Any]
"""Makes a transport of httpx, which is not imported here."""

_CHUNK = 256 * 1024


class Line(HTTPXRequest):
    """At most ``connections`` calls at once; the others wait here, cheaply and without a timeout.

    ``plain``: to a server of our own that is reached without TLS, so no list of authorities is loaded.
    ``transport`` makes what httpx sends by, for so many connections.
    """

    def __init__(self, connections: int, *, plain: bool = False, transport: Transport | None = None) -> None:
        unread = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        sent_by = {"transport": transport(connections)} if transport else {}
        super().__init__(
            connection_pool_size=connections,
            connect_timeout=10.0,
            read_timeout=30.0,
            write_timeout=20.0,
            pool_timeout=10.0,
            media_write_timeout=60.0,
            httpx_kwargs={**sent_by, **({"verify": unread} if plain else {})},
        )
        self._slots = asyncio.Semaphore(connections)

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        async with self._slots:
            return await super().do_request(*args, **kwargs)

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """As the library's own, without writing an HTML page from some gateway into the log."""
        try:
            return json.loads(payload)
        except ValueError:
            raise TelegramError("the answer is not JSON") from None

    async def download(self, url: str, to: Path, most: int) -> None:
        """Stream a file. Raises `BadPicture` above ``most`` bytes, `TelegramError` when it does not come."""
        async with self._slots:
            try:
                await self._stream(url, to, most)
            except (TelegramError, BadPicture):
                raise
            except Exception as error:
                # httpx' errors have no common base that can be named here, and may name the URL.
                raise NetworkError(f"download: {type(error).__name__}") from None

    async def _stream(self, url: str, to: Path, most: int) -> None:
        async with self._client.stream("GET", url) as answer:
            if answer.status_code != 200:
                raise NetworkError(f"download: status {answer.status_code}")
            got = 0
            file = await asyncio.to_thread(to.open, "wb")
            with file:
                async for chunk in answer.aiter_bytes(_CHUNK):
                    got += len(chunk)
                    if got > most:
                        raise BadPicture("error-picture-too-big", most=most // MB)
                    await asyncio.to_thread(file.write, chunk)


def hush() -> None:
    """Keep the library from saying too much: httpx logs every URL, and here every URL holds the token.

    The variable makes a flood's ``retry_after`` a timedelta; without it every flood is a warning.
    """
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)
    os.environ.setdefault("PTB_TIMEDELTA", "true")
