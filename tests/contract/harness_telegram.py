"""Telegram for the adapter contract: a supergroup, python-telegram-bot, and the fake Bot API."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.telegram.adapter import Telegram
from bot.model import ChatId, Post, User, UserId
from bot.ports import Adapter
from tests.contract.door import RecordingDoor
from tests.contract.harness import Fault, Shown
from tests.fakes.telegram import FakeTelegram, Message, Person
from upstream.transport import client_for

_FAULTS = {Fault.LOST: "lost", Fault.GATEWAY: "gateway", Fault.FLOOD: "flood"}
_CALLS = {"send": "sendMessage|sendPhoto", "edit": "editMessageText|editMessageMedia"}


class TelegramHarness:
    name = "telegram"

    def __init__(self, fake: FakeTelegram, folder: Path) -> None:
        self.fake, self.folder, self.door = fake, folder, RecordingDoor()
        self.secret = fake.token.split(":")[1]
        self.olga, self.max = fake.person("Olga Owner"), fake.person("Max Member", "zh-hans")
        self.room = fake.group("The Easel Club", self.olga, self.max)
        fake.private(self.max)
        self._task: asyncio.Task[None] | None = None
        self.adapter: Adapter

    def _made(self, token: str) -> Telegram:
        """Over the connections that `bot.__main__` gives it."""
        return Telegram(token, spool=self.folder, api_url=self.fake.url, connect=client_for)

    @property
    def chat(self) -> ChatId:
        return ChatId(f"telegram:{self.room.id}")

    @property
    def owner(self) -> User:
        return _user(self.olga)

    @property
    def member(self) -> User:
        return _user(self.max)

    async def start(self) -> None:
        self.adapter = self._made(self.fake.token)
        self._task = asyncio.create_task(self.adapter.run(self.door))
        await self.fake.until(lambda: self.adapter.ready and self.fake.busy["getUpdates"])

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
            await self.fake.until(lambda: not self.fake.busy["getUpdates"])

    def stranger(self) -> Telegram:
        return self._made("4242:AAEsomebody-elses-token")

    async def say(
        self, command: str, words: str, *, pictures: Sequence[bytes] = (), reply_to: Post | None = None
    ) -> None:
        text = f"/{command} {words}" if command else words
        target = self._message(reply_to) if reply_to else None
        self.fake.privacy = False
        photo = pictures[0] if len(pictures) == 1 else None
        album = pictures if len(pictures) > 1 else ()
        self.fake.say(self.room, self.max, text, photo=photo, album=album, reply_to=target)

    async def press(self, post: Post, label: str) -> None:
        self.fake.press(self._message(post), label, self.max)

    async def fill(self, post: Post | None, values: Sequence[str]) -> None:
        assert post
        assert self._message(post).markup
        self.fake.say(self.room, self.max, values[0], reply_to=self._message(post))

    async def shown(self) -> list[Shown]:
        return [_shown(message) for message in self.fake.answers(self.room)]

    async def whispered(self) -> list[str]:
        await self.fake.until(lambda: all(q.answered for q in self.fake.methods.queries.values()))
        return [query.text for query in self.fake.methods.queries.values() if query.alert]

    async def remove(self, post: Post) -> None:
        del self.room.messages[int(post.id)]

    async def fail(self, call: str, fault: Fault) -> None:
        self.fake.fail(_CALLS[call], _FAULTS[fault], 7)

    async def forbid_pictures(self) -> None:
        self.room.denied = {"can_send_photos", "can_send_documents"}

    async def shut_out(self) -> None:
        self.room.kicked = True

    def _message(self, post: Post) -> Message:
        return self.room.messages[int(post.id)]


def _user(person: Person) -> User:
    return User(UserId(f"telegram:{person.id}"), person.name, person.language)


def _shown(message: Message) -> Shown:
    photo, document = message.photo or message.video, message.document
    return Shown(
        id=str(message.id),
        text=message.text,
        pictures=((photo.facts.width, photo.facts.height),) if photo else (),
        files=((document.name, document.content),) if document else (),
        buttons=tuple(label for row in message.buttons for label in row),
        answers=str(message.reply_to.id) if message.reply_to else "",
        veiled=message.veiled,
    )


@asynccontextmanager
async def telegram(folder: Path) -> AsyncIterator[TelegramHarness]:
    async with FakeTelegram() as fake:
        harness = TelegramHarness(fake, folder)
        await harness.start()
        try:
            yield harness
        finally:
            await harness.stop()
