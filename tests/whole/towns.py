"""A town: Easel's own process among honest imitations of a platform and of a relay."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from tests.fakes.discord import TOKEN as DISCORD_TOKEN
from tests.fakes.discord import Ask, Channel, FakeDiscord
from tests.fakes.discord import Message as Posted
from tests.fakes.discord import Person as Member
from tests.fakes.relay import KEY, Relay
from tests.fakes.telegram import TOKEN, FakeTelegram, Message, Person, Place
from tests.whole.house import House, eventually, gone

CHAT_KEY = "sk-chat-9876543210fedcba"
"""A key that people have; the relay knows it, with $12.50 on it."""
WRONG_KEY = "sk-wrong-00112233445566778899"


class Hesitant(Relay):
    """Takes an order at once, and says so ``hesitation`` seconds later."""

    hesitation = 0.0

    async def order(self, *given: Any, **more: Any) -> web.StreamResponse:
        answer = await super().order(*given, **more)
        await asyncio.sleep(self.hesitation)
        return answer


def relay() -> Hesitant:
    """Quick, with the operator's key and the people's."""
    return Hesitant(delay=0.2, keys={KEY: 1000.0, CHAT_KEY: 12.5})


def relaying(relay: Relay, **more: str) -> dict[str, str]:
    """Settings of an operator who uses this relay, and lets chats with keys of their own reach it too."""
    near = {"TRUSTED_HOSTS": urlsplit(relay.url).netloc}
    return {"UPSTREAM_DIALECT": "shenfeng", "UPSTREAM_URL": relay.url, "UPSTREAM_KEY": KEY, **near, **more}


@dataclass
class Spent:
    """What a relay counted since this was made."""

    relay: Relay
    key: str = KEY
    submits: int = field(init=False)
    charges: int = field(init=False)

    def __post_init__(self) -> None:
        self.submits, self.charges = self.relay.submits[self.key], self.relay.charges[self.key]

    @property
    def now(self) -> tuple[int, int]:
        """Orders taken, pictures charged."""
        return (
            self.relay.submits[self.key] - self.submits,
            self.relay.charges[self.key] - self.charges,
        )


@dataclass
class TelegramTown:
    """People at Telegram, Easel and its relay."""

    house: House
    fake: FakeTelegram
    relay: Hesitant

    @property
    def spent(self) -> Spent:
        return Spent(self.relay)

    def somebody(self, name: str = "Ada Lovelace", language: str = "en") -> tuple[Person, Place]:
        """A person, and their private chat with the bot."""
        person = self.fake.person(name, language)
        return person, self.fake.private(person)

    def answers(self, asked: Message) -> list[Message]:
        """What the bot said to a message, as it looks now."""
        return [said for said in self.fake.answers(asked.place) if said.reply_to is asked]

    async def answer(
        self, asked: Message, *words: str, like: re.Pattern[str] | None = None, seconds: float = 15.0
    ) -> Message:
        """The one message that answers, once it says all of ``words`` (and is ``like`` that)."""

        def said() -> Message | None:
            found = self.answers(asked)
            right = found and all(word in found[0].text for word in words)
            return found[0] if right and (like is None or like.fullmatch(found[0].text)) else None

        try:
            found = await self.fake.until(said, seconds)
        except AssertionError as late:
            shown = [message.text for message in self.fake.answers(asked.place)]
            wanted = like.pattern if like else words
            raise AssertionError(f"no {wanted} in {shown}; {late}\n{self.house.log[-3000:]}") from None
        assert found
        assert len(self.answers(asked)) == 1
        return found

    async def painted(self, asked: Message, seconds: float = 15.0) -> Message:
        """The answer, once it is a finished picture."""

        def done() -> bool:
            found = self.answers(asked)
            return bool(found) and found[0].media is not None and len(found[0].buttons) >= 2

        try:
            await self.fake.until(done, seconds)
        except AssertionError as late:
            shown = [message.text for message in self.fake.answers(asked.place)]
            raise AssertionError(f"no picture but {shown}; {late}\n{self.house.log[-3000:]}") from None
        (answer,) = self.answers(asked)
        return answer

    async def says(self, place: Place, *words: str, seconds: float = 15.0) -> Message:
        """A message of the bot in this chat that holds all of ``words``."""

        def said() -> Message | None:
            found = [m for m in self.fake.answers(place) if all(word in m.text for word in words)]
            return found[-1] if found else None

        found = await self.fake.until(said, seconds)
        assert found
        return found


@asynccontextmanager
async def telegram_town(
    home: Path, port: int = 0, status: int = 200, fresh: bool = False, **settings: str
) -> AsyncIterator[TelegramTown]:
    """Started, once ``/health`` says ``status``; with every chat served unless the settings say otherwise."""
    async with FakeTelegram() as fake, relay() as image_relay:
        base = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": fake.url, "ACCESS": "open"}
        secrets = (TOKEN.split(":")[1], KEY, CHAT_KEY, WRONG_KEY)
        house = House(home, {**base, **relaying(image_relay), **settings}, secrets, port, fresh=fresh)
        try:
            await house.start(status)
            yield TelegramTown(house, fake, image_relay)
        finally:
            await gone(house)


@dataclass
class DiscordTown:
    """People at Discord, Easel and its relay."""

    house: House
    fake: FakeDiscord
    relay: Hesitant

    @property
    def spent(self) -> Spent:
        return Spent(self.relay)

    def club(self, *names: str, upload: int = 0) -> tuple[Channel, list[Member]]:
        """A server's channel and its members; the first owns it."""
        members = [self.fake.person(name) for name in names or ("Ada Lovelace",)]
        return self.fake.channel(self.fake.server("The Club", *members, upload=upload)), members

    async def painted(self, ask: Ask, count: int = 1, seconds: float = 15.0) -> Posted:
        """The one message that answers an interaction, once it is a finished picture."""

        def done() -> Posted | None:
            found = [said for said in self.fake.said(ask.channel) if said.ask is ask]
            return found[0] if found and len(found[0].files) == count and found[0].buttons else None

        return await self._seen(ask.channel, done, seconds)

    async def whispered(self, ask: Ask, *words: str, seconds: float = 15.0) -> Posted:
        """What an interaction is answered with for the asker's eyes alone."""

        def done() -> Posted | None:
            found = [said for said in self.fake.whispers(ask.channel, ask.person) if said.ask is ask]
            return next((said for said in found if all(word in said.content for word in words)), None)

        return await self._seen(ask.channel, done, seconds)

    async def says(self, channel: Channel, *words: str, seconds: float = 15.0) -> Posted:
        """What everybody reads in the channel."""

        def done() -> Posted | None:
            found = (said for said in self.fake.said(channel) if said.viewer is None)
            return next((said for said in found if all(word in said.content for word in words)), None)

        return await self._seen(channel, done, seconds)

    async def _seen(self, channel: Channel, done: Callable[[], Posted | None], seconds: float) -> Posted:
        try:
            found = await self.fake.until(done, seconds)
        except AssertionError as late:
            shown = [(said.content, said.labels, len(said.files)) for said in channel.messages]
            raise AssertionError(f"{shown}; {late}\n{self.house.log[-3000:]}") from None
        assert found
        return found


@asynccontextmanager
async def discord_town(home: Path, fresh: bool = False, **settings: str) -> AsyncIterator[DiscordTown]:
    """Started; with every server served by the operator's key unless the settings say otherwise."""
    async with FakeDiscord() as fake, relay() as image_relay:
        base = {"DISCORD_TOKEN": DISCORD_TOKEN, "DISCORD_API_URL": fake.url, "ACCESS": "open"}
        secrets = (DISCORD_TOKEN, KEY, CHAT_KEY, WRONG_KEY)
        house = House(home, {**base, **relaying(image_relay), **settings}, secrets, fresh=fresh)
        try:
            await house.start()
            await eventually(lambda: fake.world.commands)
            yield DiscordTown(house, fake, image_relay)
        finally:
            await gone(house)
