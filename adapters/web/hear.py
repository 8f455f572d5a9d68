"""The face itself: hears what tabs say, shows them what the core says, runs the server."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any

import uvicorn
from starlette.requests import Request

from adapters.web import decode, encode, page
from adapters.web.decode import OWNER, PLAYGROUND, PRESSED
from adapters.web.gate import Lock, loopback
from adapters.web.page import Tab, Tabs
from adapters.web.site import Facts, Hook, Site
from adapters.web.transcript import Transcript
from adapters.web.uploads import Uploads
from bot.errors import Gone, SetupError
from bot.model import ChatId, Invocation, Picture, PictureId, Post, Reply, Source, User, UserId, new_id
from bot.ports import Door, Limits

log = logging.getLogger(__name__)

LIMITS = Limits(text=8000, caption=8000, pictures=10, edit_every=0.3, edits_per_minute=200)

_RECALLED = 40
_TOAST = 300
_GRACE = 2
_DECODERS = {"say": decode.said, "press": decode.pressed, "answer": decode.answered}


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the process's own business; this server ends when its task is cancelled."""
        yield


class Web:
    """The playground at ``http://host:port``. One per process: NiceGUI's application is global.

    ``secret`` signs sessions. ``hooks`` are POST routes for whoever needs to be called from outside;
    they guard themselves. ``find`` gives a kept picture by its id. ``uploads`` is a folder for
    pictures that people bring along, swept after a day. Port 0 takes a free one.
    """

    name = "web"
    limits = LIMITS

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 8000,
        *,
        secret: str,
        uploads: Path,
        find: Callable[[PictureId], Awaitable[Picture | None]],
        health: Callable[[], tuple[bool, Mapping[str, object]]],
        metrics: Callable[[], bytes],
        password: str = "",
        hooks: Mapping[str, Hook] | None = None,
    ) -> None:
        self._host, self._port = host, port
        self._lock = Lock(password, secret, f"easel_{port}")
        self._facts = Facts(health, metrics, find)
        self._hooks = hooks or {}
        self._uploads = Uploads(uploads)
        self._transcript, self._tabs = Transcript(), Tabs()
        self._door: Door | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._server: _Server | None = None

    # the server

    @property
    def ready(self) -> bool:
        return self._server is not None and self._server.started

    @property
    def address(self) -> str:
        """Where the playground is, for people: ``http://127.0.0.1:8000``."""
        host = "127.0.0.1" if self._host in ("0.0.0.0", "::", "") else self._host  # noqa: S104
        return f"http://[{host}]:{self._port}" if ":" in host else f"http://{host}:{self._port}"

    async def run(self, door: Door) -> None:
        """Serve until cancelled. `SetupError` for a taken port, or an open one without a password."""
        listener = self._listen()
        self._door = door
        try:
            await self._remember(door)
            site = Site(self._facts, self._lock, self._hooks, self._uploads, self._transcript, door.words)
            page.mount(site.app, self._show, door.words.say(door.words.match(), "web-easel"))
            async with asyncio.TaskGroup() as self._tasks:
                tidy = self._tasks.create_task(self._uploads.keep_tidy())
                await self._serve(site, listener)
                tidy.cancel()
        finally:
            self._server = self._tasks = None
            listener.close()

    def _listen(self) -> socket.socket:
        if not (self._lock.set or loopback(self._host)):
            raise SetupError("error-web-password", host=self._host)
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            listener = socket.create_server((self._host, self._port), family=family, backlog=256)
        except OSError as error:
            reason = error.strerror or str(error)
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                raise SetupError("error-port-taken", port=self._port, reason=reason) from error
            raise SetupError("error-web-address", host=self._host, reason=reason) from error
        self._port = listener.getsockname()[1]
        return listener

    async def _serve(self, site: Site, listener: socket.socket) -> None:
        config = uvicorn.Config(
            site.gated,
            ws="websockets-sansio",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
        )
        self._server = server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await asyncio.shield(serving)
        finally:
            server.should_exit = True
            await serving

    async def _remember(self, door: Door) -> None:
        """After a restart: the latest jobs as they look now, before what has been said since."""
        for post, reply in reversed(await door.recall(PLAYGROUND, _RECALLED)):
            self._transcript.prepend(encode.message(post.id, reply))

    # what people do

    async def _show(self, request: Request) -> None:
        assert self._door is not None
        door = self._door
        wanted = decode.languages(request.headers.get("accept-language", ""))
        tag = door.words.match(*wanted)
        user = User(OWNER, door.words.say(tag, "web-you"), tag)
        tab = page.build(
            request,
            user,
            await door.language(PLAYGROUND, user),
            words=door.words,
            commands=door.commands,
            messages=self._transcript.messages,
            heard=self._heard,
            password=self._lock.set,
        )
        self._tabs.add(tab)

    def _heard(self, tab: Tab, kind: str, event: Mapping[str, Any]) -> None:
        if kind == "ask":
            self._begin(self._suggest(tab, event))
            return
        title = self._say(tab, "web-title")
        try:
            invocation = _DECODERS[kind](event, tab.user, tab.id, title)
        except ValueError as error:
            log.warning("a tab said what makes no sense: %s", error)
            return
        if kind == "say":
            self._echo(tab, invocation, str(event.get("text", "")))
        self._begin(self._handle(invocation))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Answer one event beside the others; one that fails takes nothing along."""
        if self._tasks is None:
            work.close()
            return
        self._tasks.create_task(_logged(work))

    def _echo(self, tab: Tab, invocation: Invocation, typed: str) -> None:
        assert self._door is not None
        self._put(encode.echo(invocation, typed, self._door.commands))
        tab.composer.run_method("accepted", invocation.id)

    async def _handle(self, invocation: Invocation) -> None:
        assert self._door is not None
        await self._door.handle(invocation)
        for open_tab in self._tabs:
            if open_tab.language != await self._door.language(PLAYGROUND, open_tab.user):
                open_tab.reload()

    async def _suggest(self, tab: Tab, event: Mapping[str, Any]) -> None:
        assert self._door is not None
        option, typed = str(event.get("option", "")), str(event.get("typed", ""))[:200]
        values = await self._door.suggest(PLAYGROUND, tab.user, option, typed)
        tab.composer.run_method("told", str(event.get("id", "")), values)

    def _say(self, tab: Tab, sentence: str) -> str:
        assert self._door is not None
        return self._door.words.say(tab.language, sentence)

    # what the core says

    async def send(self, chat: ChatId, reply: Reply, *, origin: Post | None = None, key: str = "") -> Post:
        asker = origin.grip.removeprefix(PRESSED) if origin else ""
        if reply.form:
            for tab in self._tabs.named(asker):
                tab.questions.run_method("ask", encode.form(reply.form))
            return Post(chat, "")
        if origin and origin.grip.startswith(PRESSED) and _passing(reply):
            for tab in self._tabs.named(asker):
                tab.conversation.run_method("toast", reply.text)
            return Post(chat, "")
        # One key, one message, over a restart too.
        post = Post(chat, f"key-{key}" if key else new_id())
        self._paint(post, reply)
        return post

    async def edit(self, post: Post, reply: Reply) -> Post:
        if not post.id:
            raise Gone
        self._paint(post, reply)
        return post

    def _paint(self, post: Post, reply: Reply) -> None:
        self._put(encode.message(post.id, reply), reply)

    def _put(self, message: encode.Message, reply: Reply | None = None) -> None:
        self._transcript.put(message, (*reply.pictures, *reply.files) if reply else ())
        self._tabs.put(message)

    async def delete(self, post: Post) -> None:
        if self._transcript.drop(post.id):
            self._tabs.drop(post.id)

    async def fetch(self, source: Source, to: Path) -> None:
        await self._uploads.fetch(source, to)

    async def is_admin(self, chat: ChatId, user: User) -> bool:
        return True

    async def private(self, user: UserId) -> ChatId:
        return PLAYGROUND

    def link(self, payload: str) -> str:
        return ""


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        log.exception("an event of the playground was not answered")


def _passing(reply: Reply) -> bool:
    """A word for the asker alone that needs no place in the conversation."""
    bare = not (reply.pictures or reply.files or reply.buttons)
    return reply.private and bare and len(reply.text) <= _TOAST
