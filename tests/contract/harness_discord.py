"""Discord for the adapter contract: a server's channel, discord.py, and the fake REST and gateway."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.discord.adapter import Discord
from bot.command import Command
from bot.model import ChatId, Invocation, Post, User, UserId
from bot.ports import Adapter
from tests.contract.door import COMMANDS, RecordingDoor
from tests.contract.harness import Fault, Shown
from tests.fakes.discord import FakeDiscord, Message, Person
from tests.fakes.telegram.sniff import sniff

_FAULTS = {Fault.LOST: "lost", Fault.GATEWAY: "gateway", Fault.FLOOD: "flood"}
_CALLS = {"send": "P", "edit": "PATCH "}
_ESCAPED = re.compile(r"\\(.)")


class DiscordHarness:
    name = "discord"

    def __init__(self, fake: FakeDiscord, folder: Path) -> None:
        self.fake, self.folder, self.door = fake, folder, RecordingDoor(self._answering)
        self.secret = fake.token
        self.olga, self.max = fake.person("Olga Owner"), fake.person("Max Member", "zh-CN")
        self.server = fake.server("The Easel Club", self.olga, self.max)
        self.room = fake.channel(self.server)
        self._task: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self.adapter: Adapter

    async def _answering(self, _: Invocation) -> None:
        """The core is at it: what is never answered would be taken back as soon as it is done."""
        await self._over.wait()

    def _made(self, token: str) -> Discord:
        return Discord(token, spool=self.folder, api_url=self.fake.url)

    @property
    def chat(self) -> ChatId:
        return ChatId(f"discord:{self.server.id}:{self.room.id}")

    @property
    def owner(self) -> User:
        return _user(self.olga)

    @property
    def member(self) -> User:
        return _user(self.max)

    async def start(self) -> None:
        self.adapter, self._over = self._made(self.fake.token), asyncio.Event()
        self._task = asyncio.create_task(self.adapter.run(self.door))
        async with asyncio.timeout(5):
            while not (self.fake.world.commands and self.adapter.ready):
                await asyncio.sleep(0.001)

    async def stop(self) -> None:
        self._over.set()
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def stranger(self) -> Discord:
        return self._made("somebody.elses.token")

    async def say(
        self, command: str, words: str, *, pictures: Sequence[bytes] = (), reply_to: Post | None = None
    ) -> None:
        assert command
        assert reply_to is None
        files = {f"images{at if at > 1 else ''}": picture for at, picture in enumerate(pictures, 1)}
        await self.fake.slash(self.room, self.max, command, prompt=words, **files)

    async def press(self, post: Post, label: str) -> None:
        await self.fake.press(self._message(post), self.max, label)

    async def fill(self, post: Post | None, values: Sequence[str]) -> None:
        assert post is None
        ask = next(ask for ask in self.fake.world.asks.values() if ask.modal)
        await self.fake.send(ask, prompt=values[0])

    async def shown(self) -> list[Shown]:
        return [_shown(message) for message in self.fake.said(self.room)]

    async def whispered(self) -> list[str]:
        whispers = await self.fake.until(lambda: self.fake.whispers(self.room, self.max))
        return [_plain(message.content) for message in whispers]

    async def remove(self, post: Post) -> None:
        self._message(post).gone = True

    async def fail(self, call: str, fault: Fault) -> None:
        self.fake.fail(_CALLS[call], _FAULTS[fault], 7)

    async def forbid_pictures(self) -> None:
        self.room.rights &= ~(1 << 15)

    async def shut_out(self) -> None:
        self.room.refuses = 403, 50001, "Missing Access"
        for ask in self.fake.world.asks.values():
            ask.dead = True

    def _message(self, post: Post) -> Message:
        return next(message for message in self.room.messages if message.id == post.id)


def _user(person: Person) -> User:
    return User(UserId(f"discord:{person.id}"), person.name, person.locale)


def _plain(content: str) -> str:
    return _ESCAPED.sub(r"\1", content)


def _shown(message: Message) -> Shown:
    facts = [sniff(file.content or b"") for file in message.files]
    return Shown(
        id=message.id,
        text=_plain(message.content),
        pictures=tuple((each.width, each.height) for each in facts),
        files=tuple((file.name, file.content or b"") for file in message.files),
        buttons=tuple(message.labels),
        veiled=any(file.name.startswith("SPOILER_") for file in message.files),
    )


@asynccontextmanager
async def discord(folder: Path, commands: Sequence[Command] = COMMANDS) -> AsyncIterator[DiscordHarness]:
    """A face that runs until the end; what Discord would not have taken is a failure."""
    async with FakeDiscord() as fake:
        harness = DiscordHarness(fake, folder)
        harness.door.commands = tuple(commands)
        await harness.start()
        try:
            yield harness
        finally:
            await harness.stop()
        assert fake.violations == []
