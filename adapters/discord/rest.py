"""Requests to Discord, with a patience that knows which of them may be repeated."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import discord
from discord.http import HTTPClient, Route

from adapters.body import Body
from adapters.discord.trouble import DROPPED, translated
from bot.errors import NotDelivered
from bot.patience import patiently

_SIGN_IN, _TEXT, _UPLOAD = 10.0, 60.0, 300.0
_TRIES, _WAIT = 4, 0.5
_OUT_OF_SERVICE = 503


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way, read from the disk as it is sent."""

    path: Path
    name: str
    mime: str


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``path`` may name ``parts``; ``repeatable``: done twice it does no more than once."""

    method: str
    path: str
    parts: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    files: Sequence[Upload] = ()
    repeatable: bool = True


class Rest:
    """Sends requests through discord.py's client: its rate limits, its repeats of 5xx, its connections.

    What discord.py leaves to its users is done here: a connection that dropped, a 503 and an answer that
    is none are tried again.
    Everything raises `PlatformError`.
    """

    def __init__(self) -> None:
        self._http: asyncio.Future[HTTPClient] | None = None

    def use(self, http: HTTPClient | None) -> None:
        """The client once it is signed in; ``None`` when it is closed."""
        if http is not None:
            self._awaited().set_result(http)
        elif self._http and self._http.done():
            self._http = None

    def _awaited(self) -> asyncio.Future[HTTPClient]:
        if self._http is None:
            self._http = asyncio.get_running_loop().create_future()
        return self._http

    async def call(self, request: Request, *, tries: int = _TRIES, wait: float | None = None) -> Any:
        """The answer's JSON. ``tries``, where the line drops, and ``wait``, the seconds before the second."""
        tries = tries if request.repeatable else 1
        attempt = patiently(*DROPPED, tries=tries, wait=_WAIT if wait is None else wait)(self._once)
        try:
            http = await asyncio.wait_for(asyncio.shield(self._awaited()), _SIGN_IN)
        except TimeoutError:
            raise NotDelivered from None
        try:
            return await attempt(http, request)
        except (discord.DiscordException, OSError, RuntimeError, *DROPPED) as error:
            raise translated(error) from None

    async def _once(self, http: HTTPClient, request: Request) -> Any:
        try:
            async with asyncio.timeout(_UPLOAD if request.files else _TEXT):
                return await self._sent(http, request)
        except (asyncio.CancelledError, TimeoutError):
            # discord.py, cut off while it waits out a global limit, would let nobody through ever again.
            http._global_over.set()
            raise
        except discord.DiscordServerError as error:
            if error.status == _OUT_OF_SERVICE:  # the one that discord.py does not repeat by itself
                raise ConnectionError(str(error)) from error
            raise
        except (ValueError, KeyError, TypeError) as error:
            # Whatever stands before Discord says that this is its JSON: who knows what became of the request.
            raise ConnectionError(f"an answer that can't be read: {error!r}") from error

    async def _sent(self, http: HTTPClient, request: Request) -> Any:
        route = Route(request.method, request.path, **request.parts)
        if request.files:
            return await self._upload(http, route, request)
        more = {"json": request.body} if request.body is not None else {}
        return await http.request(route, params=request.query, **more)

    async def _upload(self, http: HTTPClient, route: Route, request: Request) -> Any:
        with ExitStack() as opened:
            files = [_file(upload, opened) for upload in request.files]
            form: list[dict[str, Any]] = [{"name": "payload_json", "value": json.dumps(request.body)}]
            form += [
                {
                    "name": f"files[{at}]",
                    "value": file.fp,
                    "filename": upload.name,
                    "content_type": upload.mime,
                }
                for at, (file, upload) in enumerate(zip(files, request.files, strict=True))
            ]
            return await http.request(route, files=files, form=form, params=request.query)


def _file(upload: Upload, opened: ExitStack) -> discord.File:
    """discord.py asks no more of a body than any file has: to be read, rewound and closed."""
    body = opened.enter_context(Body(upload.path))
    file = discord.File(cast(io.BufferedIOBase, body), upload.name)
    opened.callback(file.close)  # which lets the body be closed again
    return file
