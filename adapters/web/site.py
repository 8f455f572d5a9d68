"""The HTTP around the page: login, uploads, pictures, health, metrics, hooks."""

from __future__ import annotations

import asyncio
import html
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.staticfiles import StaticFiles

from adapters.web.decode import languages
from adapters.web.gate import SESSION, Gate, Lock, address
from adapters.web.held import Held, opened
from adapters.web.transcript import Transcript
from adapters.web.uploads import TooLarge, Uploads, kind
from bot.i18n import Words
from bot.links import PATH
from bot.model import Picture, PictureId
from bot.ports import MB

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
_LOGIN = STATIC / "login.html"
_HOOK_BYTES = 4 * MB
_WRONG_PAUSE = 0.5
_PUBLIC = {
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
    ),
}

Hook = Callable[[Mapping[str, str], bytes], Awaitable[int]]
"""Takes a POST's headers (names in lower case) and body, gives the status to answer with."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the server is asked about besides the page: shown by ``/health``, ``/metrics``, ``/pictures``."""

    health: Callable[[], tuple[bool, Mapping[str, object]]]
    metrics: Callable[[], bytes]
    find: Callable[[PictureId], Awaitable[Picture | None]]
    opens: Callable[[PictureId, str, str], bool]


@cache
def version(file: str) -> str:
    """The address of a static file, another one when its content is another."""
    digest = sha256((STATIC / file).read_bytes()).hexdigest()[:10]
    return f"/static/{file}?v={digest}"


class Site:
    """The routes. ``app`` is the FastAPI application that NiceGUI is mounted on, ``gated`` what to serve."""

    def __init__(
        self,
        facts: Facts,
        lock: Lock,
        hooks: Mapping[str, Hook],
        uploads: Uploads,
        transcript: Transcript,
        words: Words,
    ) -> None:
        self._facts, self._lock, self._hooks = facts, lock, hooks
        self._uploads, self._transcript, self._words = uploads, transcript, words
        self.app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, routes=self._routes())
        self.app.mount("/static", StaticFiles(directory=STATIC))
        self.gated = Gate(self.app, lock, self._open_to_all, self._say)

    def _open_to_all(self, method: str, path: str) -> bool:
        if method == "POST":
            return path in self._hooks
        return method in ("GET", "HEAD") and (path == "/health" or path.startswith(f"{PATH}/"))

    def _routes(self) -> list[BaseRoute]:
        return [
            Route("/health", self._health, methods=["GET"]),
            Route("/metrics", self._metrics, methods=["GET"]),
            Route("/login", self._login, methods=["GET", "POST"]),
            Route("/logout", self._logout, methods=["POST"]),
            Route("/uploads", self._upload, methods=["POST"]),
            Route("/uploads/{name}", self._uploaded, methods=["GET"]),
            Route("/pictures/{id}/{name}", self._picture, methods=["GET"]),
            Route("/files/{ticket}/{name}", self._file, methods=["GET"]),
            Route(f"{PATH}/{{id}}/{{ends}}/{{signature}}/{{name}}", self._linked, methods=["GET"]),
            *(Route(path, self._hook, methods=["POST"]) for path in self._hooks),
        ]

    def _say(self, headers: Headers, sentence: str) -> str:
        language = self._words.match(*languages(headers.get("accept-language", "")))
        return self._words.say(language, sentence)

    # for machines

    async def _health(self, request: Request) -> Response:
        ready, faces = self._facts.health()
        return JSONResponse({"ready": ready, **faces}, 200 if ready else 503)

    async def _metrics(self, request: Request) -> Response:
        return Response(self._facts.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def _hook(self, request: Request) -> Response:
        try:
            body = await _body(request, _HOOK_BYTES)
            status = await self._hooks[request.url.path](dict(request.headers), body)
        except TooLarge:
            status = 413
        except Exception:
            log.exception("the hook %s failed", request.url.path)
            status = 500
        return Response(status_code=status)

    # the password

    async def _login(self, request: Request) -> Response:
        sentence, status = "", 200
        if not self._lock.set:
            return RedirectResponse("/", 303)
        if request.method == "POST":
            if self._lock.locked(address(request.scope)):
                sentence, status = "web-login-locked", 429
            elif self._lock.opens(await _password(request), address(request.scope)):
                return self._welcome(request)
            else:
                await asyncio.sleep(_WRONG_PAUSE)
                sentence, status = "web-login-wrong", 403
        return Response(self._login_page(request.headers, sentence), status, media_type="text/html")

    def _login_page(self, headers: Headers, sentence: str) -> str:
        language = self._words.match(*languages(headers.get("accept-language", "")))
        said = {
            "title": self._words.say(language, "web-login-title"),
            "password": self._words.say(language, "web-login-password"),
            "enter": self._words.say(language, "web-login-enter"),
            "wrong": self._words.say(language, sentence) if sentence else "",
            "language": language,
            "style": version("easel.css"),
            "icon": version("icon.svg"),
        }
        page = Template(_LOGIN.read_text(encoding="utf-8"))
        return page.substitute({name: html.escape(text) for name, text in said.items()})

    def _welcome(self, request: Request) -> Response:
        response = RedirectResponse("/", 303)
        secure = request.url.scheme == "https"
        response.set_cookie(
            self._lock.cookie, self._lock.token(), SESSION, httponly=True, samesite="lax", secure=secure
        )
        return response

    async def _logout(self, request: Request) -> Response:
        response = RedirectResponse("/login", 303)
        response.delete_cookie(self._lock.cookie, httponly=True, samesite="lax")
        return response

    # pictures

    async def _upload(self, request: Request) -> Response:
        try:
            name = await self._uploads.receive(request.stream())
        except TooLarge:
            # The rest of the body is not read: the connection ends with the answer.
            return JSONResponse({}, 413, headers={"Connection": "close"})
        return JSONResponse({"source": f"web:{name}"})

    async def _uploaded(self, request: Request) -> Response:
        file = await opened(self._uploads.path(request.path_params["name"]))
        if file is None:
            return PlainTextResponse(self._say(request.headers, "error-picture-gone"), 404)
        mime = await asyncio.to_thread(kind, file)
        return Held(file, mime, _cached(inline=mime.startswith("image/")))

    async def _picture(self, request: Request) -> Response:
        """Only what the page was given, or what the store knows; never a path that somebody typed."""
        wanted = PictureId(request.path_params["id"])
        picture = self._transcript.picture(request.query_params.get("v", ""))
        given = picture is not None and picture.id == wanted
        file = await opened(picture.path) if picture and given else None
        if file is None:
            picture = await self._facts.find(wanted)
            file = await opened(picture.path) if picture else None
        inline = "download" not in request.query_params
        if picture is None or file is None:
            if given and inline:
                return Response(status_code=204)  # a preview that is painted over already
            return PlainTextResponse(self._say(request.headers, "error-picture-gone"), 404)
        return Held(file, picture.mime, _cached(inline=inline, name=picture.name))

    async def _file(self, request: Request) -> Response:
        """Only what the page was given, and always to be saved, never to be shown."""
        given = self._transcript.file(request.path_params["ticket"])
        file = await opened(given.path) if given else None
        if given is None or file is None:
            return PlainTextResponse(self._say(request.headers, "error-file-gone"), 404)
        return Held(file, given.mime, _cached(inline=False, name=given.name))

    async def _linked(self, request: Request) -> Response:
        """One file, for whoever has the link to it; nothing is told of any other."""
        wanted = PictureId(request.path_params["id"])
        given = self._facts.opens(wanted, request.path_params["ends"], request.path_params["signature"])
        picture = await self._facts.find(wanted) if given else None
        file = await opened(picture.path) if picture else None
        if picture is None or file is None:
            text = self._say(request.headers, "error-link-over")
            return PlainTextResponse(text, 404, headers=_PUBLIC)
        inline = "download" not in request.query_params
        return Held(file, picture.mime, {**_cached(inline=inline, name=picture.name), **_PUBLIC})


def _cached(*, inline: bool, name: str = "") -> dict[str, str]:
    disposition = "inline" if inline else "attachment"
    file = f'; filename="{name}"' if name else ""
    return {
        "Cache-Control": "private, max-age=86400",
        "Content-Disposition": disposition + file,
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


async def _body(request: Request, most: int) -> bytes:
    """A small body, whole. Raises `TooLarge` when it is longer than that."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLarge
    return bytes(body)


async def _password(request: Request) -> str:
    try:
        form = parse_qs((await _body(request, 4096)).decode(errors="replace"))
    except TooLarge:
        return ""
    return form.get("password", [""])[0]
