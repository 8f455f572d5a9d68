"""A chat platform in memory: an `Adapter` without a wire, strict about what it is given.

People act through `say` and `press`; `shown` is what they see. For tests of the core alone.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.errors import BadPicture, Gone, PlatformError
from bot.model import Attachment, Button, ChatId, Fault, File, Invocation, Post, Reply, Source, User, UserId
from bot.ports import Door, Limits

Handle = Callable[[Invocation], Awaitable[None]]


@dataclass
class Message:
    """One message as people see it, and everything it ever showed."""

    chat: ChatId
    reply: Reply
    origin: Post | None
    history: list[Reply] = field(default_factory=list)


class Stage:
    name = "stage"

    def __init__(self, *, pictures: int = 1, link: bool = False) -> None:
        self.limits = Limits(
            text=4096,
            caption=1024,
            pictures=pictures,
            edit_every=0.01,
            edits_per_minute=600,
            fields=1 if link else 5,
        )
        self.messages: dict[str, Message] = {}
        self.notes: list[tuple[ChatId, str]] = []
        self.deleted: list[str] = []
        self.edits: list[Reply] = []
        """Everything that was painted anew, in order."""
        self.keys: list[str] = []
        self.files: dict[Source, Path] = {}
        self.handed: list[bytes] = []
        self.lost: list[Post] = []
        """Messages whose ids nobody was told."""
        self.admins: set[UserId] = set()
        self.faults: list[PlatformError] = []
        self.ailing: list[Fault] = []
        self.handle: Handle | None = None
        self._link, self._ids = link, itertools.count(1)

    # the port

    @property
    def ready(self) -> bool:
        return True

    async def run(self, door: Door) -> None:
        self.handle = door.handle
        await asyncio.Event().wait()

    async def send(self, chat: ChatId, reply: Reply, *, origin: Post | None = None, key: str = "") -> Post:
        self._stumble()
        self._check(reply)
        if reply.private and origin and origin.grip == "press" and not reply.form:
            self.notes.append((chat, reply.text))
            return Post(chat, "")
        post = Post(chat, f"m{next(self._ids)}")
        self.keys.append(key)
        self.messages[post.id] = Message(chat, reply, origin, [reply])
        return post

    async def edit(self, post: Post, reply: Reply) -> Post:
        self._stumble()
        self._check(reply)
        if post.id not in self.messages:
            raise Gone
        message = self.messages[post.id]
        message.reply = reply
        message.history.append(reply)
        self.edits.append(reply)
        return post

    async def delete(self, post: Post) -> None:
        self.deleted.append(post.id)
        self.messages.pop(post.id, None)

    async def orphans(self, post: Post, reply: Reply, *, origin: Post | None = None) -> list[Post]:
        return list(self.lost)

    async def fetch(self, source: Source, to: Path) -> None:
        if source not in self.files:
            raise BadPicture("error-picture-gone")
        await asyncio.to_thread(shutil.copyfile, self.files[source], to)

    async def is_admin(self, chat: ChatId, user: User) -> bool:
        return user.id in self.admins

    async def ailments(self, chat: ChatId) -> list[Fault]:
        return self.ailing

    async def private(self, user: UserId) -> ChatId:
        return ChatId(f"stage:{user.split(':')[1]}")

    async def aside(self, chat: ChatId, user: UserId) -> ChatId:
        return ChatId(f"{chat.home}:@{user.split(':')[1]}")

    def link(self, payload: str) -> str:
        return f"https://stage.example/{payload}" if self._link else ""

    def link_back(self, post: Post) -> str:
        return f"https://stage.example/{post.chat}/{post.id}" if self._link else ""

    def _stumble(self) -> None:
        if self.faults:
            raise self.faults.pop(0)

    def _check(self, reply: Reply) -> None:
        assert len(reply.pictures) <= self.limits.pictures, "more pictures than a message shows"
        for picture in (*reply.pictures, *reply.files):
            assert picture.path.stat().st_size == picture.bytes, picture
        self.handed += [file.path.read_bytes() for file in reply.files if isinstance(file, File)]
        for button in itertools.chain.from_iterable(reply.buttons):
            assert button.label, "a button without words"
            assert button.url or len(button.data.encode()) <= 60, button.data
        labels = [b.data for b in itertools.chain.from_iterable(reply.buttons) if not b.url]
        assert len(labels) == len(set(labels)), "two buttons do the same"

    # people

    async def say(
        self, text: str, *, user: str = "ann", chat: str = "stage:group", speaks: str = "en", **more: object
    ) -> None:
        """Somebody types a command, or plain words."""
        command, _, rest = text[1:].partition(" ") if text.startswith("/") else ("", "", text)
        number = next(self._ids)
        event = Invocation(
            id=f"stage:{number}",
            chat=ChatId(chat),
            user=replace(person(user), language=speaks),
            command=command,
            text=rest,
            origin=Post(ChatId(chat), f"in{number}"),
            private=chat == f"stage:{user}",
        )
        await self._hear(replace(event, **more))  # type: ignore[arg-type]

    async def press(self, label: str, *, user: str = "ann", message: str = "", **more: object) -> None:
        """Somebody presses a button, of a certain message or of the latest that has it."""
        post, button = self._button(label, message)
        chat = self.messages[post].chat
        event = Invocation(
            id=f"stage:{next(self._ids)}",
            chat=chat,
            user=person(user),
            command=button.command,
            text=button.text,
            origin=Post(chat, post, "press"),
            pressed=True,
            private=chat == f"stage:{user}",
        )
        await self._hear(replace(event, **more))  # type: ignore[arg-type]

    async def _hear(self, event: Invocation) -> None:
        assert self.handle, "nobody listens"
        await self.handle(event)

    def _button(self, label: str, message: str) -> tuple[str, Button]:
        for post in [message] if message else reversed(self.messages):
            for button in itertools.chain.from_iterable(self.messages[post].reply.buttons):
                if label in button.label:
                    return post, button
        raise LookupError(f"nobody sees a button {label!r}")

    def attach(self, path: Path, mime: str = "image/png") -> Attachment:
        """A file that a person sends along."""
        source = Source(f"stage:file{next(self._ids)}")
        self.files[source] = path
        return Attachment(source, mime, path.stat().st_size, path.name)

    # what is seen

    def shown(self, chat: str = "stage:group") -> list[Reply]:
        return [message.reply for message in self.messages.values() if message.chat == chat]

    async def until(self, seen: Callable[[Reply], bool], chat: str = "stage:group") -> Reply:
        """Wait until a message looks like that (at most ten seconds)."""
        async with asyncio.timeout(10):
            while True:
                for reply in reversed(self.shown(chat)):
                    if seen(reply):
                        return reply
                await asyncio.sleep(0.01)


def person(name: str) -> User:
    return User(UserId(f"stage:{name}"), name.title(), "en")
