"""The lines to the Bot API: as python-telegram-bot asks, over a client that is given to them.

The library's own request goes through the whole of httpx' client, for cookies and redirects that must
not happen here: a fifth of a small request's CPU, measured.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from telegram.error import NetworkError, TelegramError
from telegram.request import BaseRequest, RequestData

from bot.errors import BadPicture
from bot.ports import MB

_UPLOAD = 60.0  # seconds in which nothing may move of a request with files
_CHUNK = 256 * 1024


class Client(Protocol):
    """Requests that go out one for one, and answers in httpx' form, neither of which is imported here."""

    def request(
        self, method: str, url: str, headers: Mapping[str, str], *, silence: float | None, **content: Any
    ) -> Any: ...
    async def send(self, request: Any) -> Any: ...
    async def aclose(self) -> None: ...


Connect = Callable[[str, int], Client]
"""Makes a client for what is below a URL, with so many connections."""


class Line(BaseRequest):
    """At most as many calls at once as the client has ``connections``; others wait here, without a timeout.

    Whatever a request fails of is a `NetworkError` whose cause tells more.
    """

    def __init__(self, client: Client, connections: int) -> None:
        self._client = client
        self._slots = asyncio.Semaphore(connections)

    @property
    def read_timeout(self) -> None:
        """As long as the client waits."""

    async def initialize(self) -> None:
        """Nothing: a connection is made when it is needed."""

    async def shutdown(self) -> None:
        await self._client.aclose()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        *_: Any,
        **_others: Any,
    ) -> tuple[int, bytes]:
        """Of the library's four timeouts a long poll needs the first; the others are the client's."""
        content: dict[str, Any] = {}
        if request_data:
            content = {"data": request_data.json_parameters, "files": request_data.multipart_data}
        silence = _UPLOAD if content.get("files") else None
        if isinstance(read_timeout, int | float):
            silence = float(read_timeout)
        try:
            async with self._answer(method, url, silence=silence, **content) as answer:
                return answer.status_code, await answer.aread()
        except Exception as error:
            raise NetworkError(str(error) or type(error).__name__) from error

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """As the library's own, without writing an HTML page from some gateway into the log."""
        try:
            return json.loads(payload)
        except ValueError:
            raise TelegramError("the answer is not JSON") from None

    async def download(self, url: str, to: Path, most: int) -> None:
        """Stream a file. Raises `BadPicture` above ``most`` bytes, `TelegramError` when it does not come."""
        try:
            await self._stream(url, to, most)
        except (TelegramError, BadPicture):
            raise
        except Exception as error:  # which may name the URL, and so the token
            raise NetworkError(f"download: {type(error).__name__}") from None

    async def _stream(self, url: str, to: Path, most: int) -> None:
        async with self._answer("GET", url) as answer:
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

    @asynccontextmanager
    async def _answer(
        self, method: str, url: str, *, silence: float | None = None, **content: Any
    ) -> AsyncIterator[Any]:
        async with self._slots:
            answer = await self._client.send(
                self._client.request(method, url, {}, silence=silence, **content)
            )
            try:
                yield answer
            finally:
                await answer.aclose()


def hush() -> None:
    """Keep the library from saying too much: httpx logs every URL, and here every URL holds the token.

    The variable makes a flood's ``retry_after`` a timedelta; without it every flood is a warning.
    """
    for name in ("httpx", "httpcore", "telegram"):
        logging.getLogger(name).setLevel(logging.WARNING)
    os.environ.setdefault("PTB_TIMEDELTA", "true")
