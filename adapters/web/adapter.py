"""The face itself: fills the `Adapter` port and runs the server."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import uvicorn

from adapters.web import encode, page
from adapters.web.decode import PLAYGROUND, PRESSED
from adapters.web.encode import MOST_TEXT
from adapters.web.gate import Lock, loopback
from adapters.web.hear import Ears
from adapters.web.page import Tabs
from adapters.web.site import Facts, Hook, Site
from adapters.web.transcript import Transcript
from adapters.web.uploads import Uploads
from bot.errors import EaselError, Gone, SetupError
from bot.model import ChatId, Fault, File, Picture, PictureId, Post, Reply, Source, User, UserId, new_id
from bot.ports import Door, Limits, Memory

LIMITS = Limits(
    text=MOST_TEXT, caption=MOST_TEXT, pictures=10, edit_every=0.3, edits_per_minute=200, replies=False
)

_RECALLED = 40
_TOAST = 300
_FOLLOW = 1.0  # seconds between two looks at what other processes do
_GRACE = 2


class _Server(uvicorn.Server):
    """Leaves signals to the process, and sleeps until stopped; uvicorn itself wakes ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        self.should_exit = True
        self._stopped.set()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._stopped.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Web:
    """The playground at ``http://host:port``. One per process: NiceGUI's application is global.

    ``secret`` signs sessions. ``hooks`` are POST routes for whoever needs to be called from outside;
    they guard themselves. ``find`` gives a kept picture by its id, ``opens`` tells whether a link to one
    is good (its id, when it ends, its signature). ``uploads`` is a folder for
    pictures that people bring along, swept after a day. Port 0 takes a free one. One that does not
    listen has no playground; ``shared``: jobs may be run by other processes, and are shown as they move.
    """

    name = "web"
    limits = LIMITS

    def __init__(  # noqa: PLR0913  # the front door names each of them once
        self,
        host: str = "127.0.0.1",
        port: int = 8000,
        *,
        secret: bytes,
        uploads: Path,
        find: Callable[[PictureId], Awaitable[Picture | None]],
        health: Callable[[], tuple[bool, Mapping[str, object]]],
        metrics: Callable[[], bytes],
        password: str = "",
        hooks: Mapping[str, Hook] | None = None,
        opens: Callable[[PictureId, str, str], bool] = lambda *_: False,
        listens: bool = True,
        shared: bool = False,
    ) -> None:
        self._listens, self._shared = listens, shared
        self._host, self._port = host, port
        self._lock = Lock(password, secret, f"easel_{port}")
        self._facts = Facts(health, metrics, find, opens)
        self._hooks = hooks or {}
        self._uploads = Uploads(uploads)
        self._transcript, self._tabs = Transcript(), Tabs()
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
        try:
            await self._remember(door)
            async with asyncio.TaskGroup() as tasks:
                side = [tasks.create_task(self._uploads.keep_tidy())]
                if self._shared and self._listens:
                    side.append(tasks.create_task(self._follow(door)))
                await self._serve(self._site(door, tasks), listener)
                for task in side:
                    task.cancel()
        finally:
            self._server = None
            listener.close()

    def _listen(self) -> socket.socket:
        if not (self._lock.set or loopback(self._host)):
            raise SetupError("error-web-password", host=self._host)
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        try:
            listener = socket.create_server((self._host, self._port), family=family, backlog=256)
        except OSError as error:
            reason = (error.strerror or str(error)).partition(" (while")[0]  # Python's addition
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                raise SetupError("error-port-taken", port=str(self._port), reason=reason) from error
            raise SetupError("error-web-address", host=self._host, reason=reason) from error
        self._port = listener.getsockname()[1]
        return listener

    async def _remember(self, door: Door) -> None:
        """After a restart: the latest jobs, each after its words, before what has been said since."""
        for memory in reversed(await door.recall(PLAYGROUND, _RECALLED)):
            self._transcript.prepend(encode.message(memory.post.id, memory.reply))
            if memory.asked:
                self._transcript.prepend(encode.echo(memory.asked, memory.asked.text))
                self._transcript.answers(memory.post.id, memory.asked.id)

    async def _follow(self, door: Door) -> None:
        """Repaint what other processes have moved on."""
        seen = {memory.post: memory.reply for memory in await door.recall(PLAYGROUND, _RECALLED)}
        while True:
            await asyncio.sleep(_FOLLOW)
            try:
                latest = await door.recall(PLAYGROUND, _RECALLED)
            except EaselError:
                continue  # said by whoever writes there
            for memory in latest:
                if not self._transcript.dropped(memory.post.id) and seen.get(memory.post) != memory.reply:
                    self._catch_up(memory)
            seen = {memory.post: memory.reply for memory in latest}

    def _catch_up(self, memory: Memory) -> None:
        """Show what another process shows, with the words that it heard."""
        if memory.asked and not self._transcript.shown(memory.post.id):
            echo = encode.echo(memory.asked, memory.asked.text)
            self._transcript.put(echo)
            self._transcript.answers(memory.post.id, memory.asked.id)
            self._tabs.put(echo)
        self._paint(memory.post, memory.reply)

    async def _forget(self, door: Door, pressed: str) -> None:
        """After ``/forget me`` the page keeps what the store does, and the message that says how it went."""
        kept = {pressed}
        for memory in await door.recall(PLAYGROUND, _RECALLED):
            kept |= {memory.post.id, memory.asked.id if memory.asked else ""}
        for message in self._transcript.keep(kept):
            self._tabs.drop(message)

    def _site(self, door: Door, tasks: asyncio.TaskGroup) -> Site:
        site = Site(self._facts, self._lock, self._hooks, self._uploads, self._transcript, door.words)
        forget = partial(self._forget, door)
        ears = Ears(door, self._transcript, self._tabs, tasks, forget, password=self._lock.set)
        if self._listens:
            page.mount(site.app, ears.show, door.words.say(door.words.match(), "web-easel"))
        return site

    async def _serve(self, site: Site, listener: socket.socket) -> None:
        config = uvicorn.Config(
            site.gated,
            ws="websockets-sansio",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=_GRACE,
        )
        self._server = server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await asyncio.shield(serving)
        finally:
            server.stop()
            await serving

    # what the core says

    async def send(self, chat: ChatId, reply: Reply, *, origin: Post | None = None, key: str = "") -> Post:
        asker = origin.grip.removeprefix(PRESSED) if origin else ""
        if reply.form:
            self._tabs.ask(asker, encode.form(reply.form, asked=origin.id if origin else ""))
            return Post(chat, "")
        if origin and origin.grip.startswith(PRESSED) and _passing(reply):
            self._tabs.toast(asker, reply.text)
            return Post(chat, "")
        # One key, one message, over a restart too.
        post = Post(chat, f"key-{key}" if key else new_id())
        if origin:
            self._transcript.answers(post.id, origin.id)
        return self._paint(post, await self._own(reply))

    async def edit(self, post: Post, reply: Reply) -> Post:
        """Repaint a message; one that the page has forgotten since is shown again."""
        if not post.id or self._transcript.dropped(post.id):
            raise Gone
        return self._paint(post, await self._own(reply))

    async def _own(self, reply: Reply) -> Reply:
        """Files that are no pictures may be gone before anybody fetches them."""
        files = [await self._uploads.keep(file) if isinstance(file, File) else file for file in reply.files]
        return replace(reply, files=tuple(files)) if reply.files else reply

    def _paint(self, post: Post, reply: Reply) -> Post:
        message = encode.message(post.id, reply)
        self._transcript.put(message, (*reply.pictures, *reply.files))
        self._tabs.put(message)
        return post

    async def delete(self, post: Post) -> None:
        """The words that asked for it go with it."""
        for message in self._transcript.drop(post.id):
            self._tabs.drop(message)

    async def orphans(self, post: Post, reply: Reply, *, origin: Post | None = None) -> list[Post]:
        return []

    # what the core asks

    async def fetch(self, source: Source, to: Path) -> None:
        await self._uploads.fetch(source, to)

    async def is_admin(self, chat: ChatId, user: User) -> bool:
        return True

    async def ailments(self, chat: ChatId) -> list[Fault]:
        """Whoever sees the page can do all that there is."""
        return []

    async def private(self, user: UserId) -> ChatId:
        return PLAYGROUND

    async def aside(self, chat: ChatId, user: UserId) -> ChatId:
        return chat

    def link(self, payload: str) -> str:
        return ""

    def link_back(self, post: Post) -> str:
        return ""


def _passing(reply: Reply) -> bool:
    """A word for the asker alone that needs no place in the conversation."""
    bare = not (reply.pictures or reply.files or reply.buttons)
    return reply.private and bare and len(reply.text) <= _TOAST
