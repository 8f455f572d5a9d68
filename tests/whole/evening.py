"""A group's evening as a script: members, messages, presses, and what everybody sees.

One script plays on Telegram, on Discord and in the playground, each time against Easel's own process
and an honest imitation of the platform::

    @pytest.mark.parametrize("platform", PLATFORMS)
    async def test_an_evening(tmp_path: Path, platform: str) -> None:
        async with evening(platform, tmp_path) as club:
            ada = await club.member("Ada", admin=True)
            ben = await club.member("Ben")
            await ada.says("/rules slow 60")
            await ada.sees("60")
            await ben.says("/imagine a fox --size 16:9")
            picture = await ben.sees("a fox", pictures=1, button="Again")
            await ada.presses(picture, "Again")
            await club.restart()
            await ada.presses(picture, "Original")

What a member *does*: `Member.says` (a command as typed on Telegram: it becomes a slash command on
Discord), `Member.presses`, `Member.fills` (the form last shown: a modal, a dialog; on Telegram the question
is answered by a reply), `Member.follows` (a link into the private chat). All of them return at once.

What a member *sees*: `Member.sees` waits until one message looks like that and returns it (`Seen`): messages
of the group's rooms, those for this person alone, their private chat, boxes and toasts. With ``fresh=True`` a
message counts only if it looked otherwise, or was not there, when this member last did something.
`Member.never_saw` says what is on nobody's screen but others'.

Where platforms differ, a script asks: ``club.alone`` (the playground: every member is its one owner, in a tab
of their own, and an admin), ``club.slash`` (Discord: no words without a command), ``club.rooms`` (topics or
channels there: `Evening.room`). ``club.relay`` is the image service, `Evening.spent` what it counted;
``club.house`` the process.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.command import Kind
from bot.commands import COMMANDS
from bot.flags import split
from tests.contract.harness_web import Tab
from tests.fakes.discord import Ask, Channel
from tests.fakes.discord import Message as Posted
from tests.fakes.discord import Person as Account
from tests.fakes.discord.answers import MODAL
from tests.fakes.relay import KEY
from tests.fakes.telegram import Message, Person
from tests.whole.house import House, eventually, gone
from tests.whole.towns import (
    CHAT_KEY,
    WRONG_KEY,
    DiscordTown,
    Hesitant,
    Spent,
    TelegramTown,
    discord_town,
    relay,
    relaying,
    telegram_town,
)

PLATFORMS = ("telegram", "discord", "web")
SECONDS = 15.0
"""How long something may take to be seen."""


@dataclass(frozen=True)
class Seen:
    """One message of Easel's as a member sees it now. ``pictures`` counts files too.

    ``private``: this member alone sees it. ``silent``: nobody's device made a sound. ``raw`` is the
    platform's own.
    """

    id: str
    text: str
    buttons: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    pictures: int = 0
    private: bool = False
    veiled: bool = False
    silent: bool = False
    raw: Any = field(default=None, compare=False, repr=False)

    def like(self, words: Sequence[str], pictures: int | None, button: str) -> bool:
        told = all(word in self.text for word in words)
        offered = not button or any(button in label for label in self.buttons)
        return told and offered and pictures in (None, self.pictures)


class Member(ABC):
    """A person of the group. Made by `Evening.member`."""

    name: str
    club: Evening

    anonymous = False
    """Telegram: whether this admin speaks as the group."""

    def __init__(self, club: Evening, name: str) -> None:
        self.club, self.name = club, name
        self._before: set[Seen] = set()

    async def says(
        self, text: str, *pictures: bytes, to: Seen | None = None, room: str = "", private: bool = False
    ) -> None:
        """Say something in the group, in one of its rooms, or to the bot alone; in reply ``to`` a message."""
        await self._remember()
        await self._say(text, pictures, to, room, private=private)

    async def presses(self, seen: Seen, label: str) -> None:
        """Press the button that has ``label`` in its words."""
        await self._remember()
        await self._press(seen, next(each for each in seen.buttons if label in each))

    async def fills(self, **values: str) -> None:
        """Fill in the form that was shown last, and send it."""
        await self._remember()
        await self._fill(values)

    async def follows(self, seen: Seen) -> None:
        """Follow the message's link into the private chat with the bot."""
        await self._remember()
        await self._follow(seen)

    async def sees(
        self,
        *words: str,
        pictures: int | None = None,
        button: str = "",
        fresh: bool = False,
        seconds: float = SECONDS,
    ) -> Seen:
        """The latest message that has all of this, as soon as there is one."""
        until = time.monotonic() + seconds
        while True:
            looks = await self.looks()
            for seen in reversed(looks):
                if seen.like(words, pictures, button) and not (fresh and seen in self._before):
                    return seen
            if time.monotonic() > until:
                said = "\n".join(f"  {seen}" for seen in looks)
                raise AssertionError(
                    f"{self.name} sees no {words} {pictures} {button} but\n{said}\n{self.club.log[-3000:]}"
                )
            await asyncio.sleep(0.01)

    async def never_saw(self, *words: str) -> None:
        """No message says this, for this member's eyes."""
        assert not [seen for seen in await self.looks() if seen.like(words, None, "")]

    async def looks(self) -> list[Seen]:
        """All that this member sees of Easel, oldest first."""
        return [seen async for seen in self._look()]

    async def _remember(self) -> None:
        self._before = set(await self.looks())

    @abstractmethod
    async def _say(
        self, text: str, pictures: Sequence[bytes], to: Seen | None, room: str, *, private: bool
    ) -> None: ...

    @abstractmethod
    async def _press(self, seen: Seen, label: str) -> None: ...

    @abstractmethod
    async def _fill(self, values: dict[str, str]) -> None: ...

    async def _follow(self, seen: Seen) -> None:
        raise AssertionError("there is no private chat to be led to")

    @abstractmethod
    def _look(self) -> AsyncIterator[Seen]: ...


class Evening(ABC):
    """The group. ``settings`` of the house are those of its town; every chat is served."""

    platform: str
    alone = slash = False
    rooms = True
    house: House
    relay: Hesitant

    @property
    def log(self) -> str:
        return self.house.log

    def spent(self, key: str = KEY) -> Spent:
        """What the relay counts on a key from now on: ``spent.now`` is (orders, pictures charged)."""
        return Spent(self.relay, key)

    @abstractmethod
    async def member(self, name: str, *, admin: bool = False, language: str = "en") -> Member: ...

    @property
    def way_back(self) -> list[str]:
        """Where a link out of the private chat leads."""
        return []

    def give_role(self, member: Member) -> str:
        """A role of this member's own; how it is mentioned."""
        raise AssertionError(f"the {self.platform} has no roles")

    async def room(self, name: str, *, nsfw: bool = False) -> str:
        """Open a topic or channel of this name (``room=`` of `Member.says`)."""
        raise AssertionError(f"the {self.platform} has no rooms")

    def forbid_pictures(self) -> None:
        """The bot may write in the group, but send no pictures there."""
        raise AssertionError(f"the {self.platform} forbids nothing")

    async def restart(self) -> None:
        """Stop Easel as an operator does, and start it again."""
        await self.house.stop()
        await self._begin()

    async def crash(self) -> None:
        """Kill Easel, and start it again."""
        await self.house.kill()
        await self._begin()

    async def _begin(self) -> None:
        await self.house.start()

    def in_order(self) -> None:
        """Nothing leaked, nothing went wrong inside, the platform is content."""
        self.house.in_order()


@asynccontextmanager
async def evening(platform: str, home: Path, **settings: str) -> AsyncIterator[Evening]:
    """Easel among people of a platform; in order at the end, unless the test failed before."""
    opened = {"telegram": _at_telegram, "discord": _at_discord, "web": _in_the_playground}[platform]
    async with opened(home, **settings) as club:
        yield club
        club.in_order()


# --- Telegram -------------------------------------------------------------------------------


class _AtTelegram(Evening):
    platform = "telegram"

    def __init__(self, town: TelegramTown) -> None:
        self.town, self.fake, self.house, self.relay = town, town.fake, town.house, town.relay
        self.place = town.fake.group("The Club", forum=True)
        self.topics: dict[str, int] = {}

    async def member(self, name: str, *, admin: bool = False, language: str = "en") -> Member:
        person = self.fake.person(name, language)
        status = "administrator" if admin else "member"
        self.place.members[person.id] = status if self.place.members else "creator" if admin else "member"
        return _TelegramMember(self, person)

    async def room(self, name: str, *, nsfw: bool = False) -> str:
        self.topics[name] = self.fake.topic(self.place, name)
        return name

    def forbid_pictures(self) -> None:
        self.place.denied = {"can_send_photos", "can_send_documents"}

    @property
    def way_back(self) -> list[str]:
        return [f"https://t.me/c/{str(self.place.id).removeprefix('-100')}"]


class _TelegramMember(Member):
    club: _AtTelegram

    def __init__(self, club: _AtTelegram, person: Person) -> None:
        super().__init__(club, person.name)
        self.person = person

    async def _say(
        self, text: str, pictures: Sequence[bytes], to: Seen | None, room: str, *, private: bool
    ) -> None:
        fake = self.club.fake
        place = fake.private(self.person) if private else self.club.place
        extra: dict[str, Any] = {"album": pictures} if len(pictures) > 1 else {}
        if len(pictures) == 1:
            extra["photo"] = pictures[0]
        topic = self.club.topics[room] if room else None
        raw = to.raw if to else None
        fake.say(
            raw.place if raw else place,
            self.person,
            text,
            reply_to=raw,
            topic=raw.thread if raw else topic,
            anonymous=self.anonymous,
            **extra,
        )

    async def _press(self, seen: Seen, label: str) -> None:
        self.club.fake.press(seen.raw, label, self.person)

    async def _fill(self, values: dict[str, str]) -> None:
        """The first value answers the question that was asked last."""
        asked = await self._question()
        self.club.fake.say(asked.place, self.person, next(iter(values.values())), reply_to=asked)

    async def _question(self) -> Message:
        def latest() -> Message | None:
            found = [m for m in self._messages() if m.markup and m.markup.get("force_reply")]
            return found[-1] if found else None

        await eventually(latest)
        found = latest()
        assert found
        return found

    async def _follow(self, seen: Seen) -> None:
        payload = next(url.partition("?start=")[2] for url in seen.links if "?start=" in url)
        self.club.fake.say(self.club.fake.private(self.person), self.person, f"/start {payload}")

    def _messages(self) -> Iterator[Message]:
        fake = self.club.fake
        yield from fake.answers(self.club.place)
        if self.person.started:
            yield from fake.answers(fake.private(self.person))

    async def _look(self) -> AsyncIterator[Seen]:
        for message in sorted(self._messages(), key=lambda message: message.id):
            buttons = [b for row in (message.markup or {}).get("inline_keyboard", ()) for b in row]
            yield Seen(
                id=f"{message.place.id}/{message.id}",
                text=message.text,
                buttons=tuple(b["text"] for b in buttons if "url" not in b),
                links=tuple(b["url"] for b in buttons if "url" in b),
                pictures=1 if message.media else 0,
                private=message.place.kind == "private",
                veiled=getattr(message, "veiled", False),
                silent=getattr(message, "silent", False),
                raw=message,
            )
        for query in self.club.fake._methods.queries.values():
            if query.person is self.person and query.text:
                yield Seen(f"press {query.id}", query.text, private=True)


@asynccontextmanager
async def _at_telegram(home: Path, **settings: str) -> AsyncIterator[Evening]:
    async with telegram_town(home, **settings) as town:
        yield _AtTelegram(town)


# --- Discord --------------------------------------------------------------------------------


class _AtDiscord(Evening):
    platform, slash = "discord", True

    def __init__(self, town: DiscordTown) -> None:
        self.town, self.fake, self.house, self.relay = town, town.fake, town.house, town.relay
        self.server = town.fake.server("The Club", town.fake.person("Some Owner"))
        self.channels: dict[str, Channel] = {"": town.fake.channel(self.server)}

    async def member(self, name: str, *, admin: bool = False, language: str = "en") -> Member:
        person = self.fake.person(name, {"en": "en-US", "zh-Hans": "zh-CN"}.get(language, language))
        self.server.members[person.id] = [self.server.role(1 << 5)] if admin else []
        return _DiscordMember(self, person)

    async def room(self, name: str, *, nsfw: bool = False) -> str:
        self.channels[name] = self.fake.channel(self.server, name)
        self.channels[name].nsfw = nsfw
        return name

    def forbid_pictures(self) -> None:
        self.channels[""].rights &= ~(1 << 15)

    def give_role(self, member: Member) -> str:
        assert isinstance(member, _DiscordMember)
        role = self.server.role(0)
        self.server.members[member.person.id].append(role)
        return f"<@&{role}>"

    async def _begin(self) -> None:
        await super()._begin()
        await eventually(lambda: self.fake.gateway.live)

    def in_order(self) -> None:
        super().in_order()
        assert self.fake.violations == []


class _DiscordMember(Member):
    club: _AtDiscord

    def __init__(self, club: _AtDiscord, person: Account) -> None:
        super().__init__(club, person.name)
        self.person = person
        self.asks: list[Ask] = []

    async def _say(
        self, text: str, pictures: Sequence[bytes], to: Seen | None, room: str, *, private: bool
    ) -> None:
        assert text.startswith("/"), "Discord hears nothing but commands"
        fake = self.club.fake
        channel = fake.private(self.person) if private else self.club.channels[room]
        name, _, words = text[1:].partition(" ")
        options: dict[str, Any] = dict(self._options(name, words))
        for at, picture in enumerate(pictures, start=1):
            options["image" if at == 1 else f"image{at}"] = picture
        self.asks.append(await fake.slash(channel, self.person, name, **options))

    @staticmethod
    def _options(name: str, words: str) -> Iterator[tuple[str, str | int]]:
        """``a fox --n 2`` as the options that the command declares."""
        command = next(each for each in COMMANDS if each.name == name)
        flags, rest = split(words)
        for flag, value in flags:
            option = command.option(flag)
            number = option is not None and option.kind is Kind.INTEGER
            yield flag.replace("-", "_"), int(value) if number else value
        if rest:
            assert command.rest, f"/{name} takes no words"
            yield command.rest.name, rest

    async def _press(self, seen: Seen, label: str) -> None:
        self.asks.append(await self.club.fake.press(seen.raw, self.person, label))

    async def _fill(self, values: dict[str, str]) -> None:
        ask = self.asks[-1]
        await eventually(lambda: ask.callback == MODAL)
        self.asks.append(await self.club.fake.send(ask, **values))

    async def _look(self) -> AsyncIterator[Seen]:
        fake = self.club.fake
        found: list[tuple[Posted, bool]] = [
            (message, message.viewer is not None)
            for channel in self.club.channels.values()
            for message in fake.said(channel, self.person)
        ]
        found += [(message, True) for message in fake.said(fake.private(self.person), self.person)]
        for message, private in sorted(found, key=lambda each: int(each[0].id)):
            yield Seen(
                id=message.id,
                text=message.content.replace("\\", ""),
                buttons=tuple(b["label"] for b in message.buttons if "url" not in b),
                links=tuple(b["url"] for b in message.buttons if "url" in b),
                pictures=len(message.files),
                private=private,
                veiled=any(file.name.startswith("SPOILER_") for file in message.files),
                silent=bool(message.flags & 1 << 12),
                raw=message,
            )


@asynccontextmanager
async def _at_discord(home: Path, **settings: str) -> AsyncIterator[Evening]:
    async with discord_town(home, **settings) as town:
        yield _AtDiscord(town)


# --- the playground -------------------------------------------------------------------------


class _InThePlayground(Evening):
    platform, alone, rooms = "web", True, False

    def __init__(self, house: House, relay: Hesitant) -> None:
        self.house, self.relay = house, relay
        self.tabs: list[Tab] = []

    async def member(self, name: str, *, admin: bool = False, language: str = "en") -> Member:
        tab = Tab(self.house.url)
        await tab.open()
        self.tabs.append(tab)
        return _PlaygroundMember(self, name, tab)

    async def _begin(self) -> None:
        await super()._begin()
        for tab in self.tabs:
            await tab.drop()
            await tab.open()


class _PlaygroundMember(Member):
    club: _InThePlayground

    def __init__(self, club: _InThePlayground, name: str, tab: Tab) -> None:
        super().__init__(club, name)
        self.tab = tab

    async def _say(
        self, text: str, pictures: Sequence[bytes], to: Seen | None, room: str, *, private: bool
    ) -> None:
        await self.tab.say(text, pictures)

    async def _press(self, seen: Seen, label: str) -> None:
        await self.tab.press(seen.id, label)

    async def _fill(self, values: dict[str, str]) -> None:
        await eventually(lambda: self.tab.form)
        fields = self.tab.form["fields"]
        assert values.keys() <= {field["name"] for field in fields}, fields
        said = [values.get(field["name"], field.get("value", "")) for field in fields]
        await self.tab.answer(said)
        self.tab.form = {}

    async def _look(self) -> AsyncIterator[Seen]:
        if self.tab.connected:
            await self.tab.settled()
        for message in self.tab.messages.values():
            if not message["mine"]:
                buttons = [button for row in message["buttons"] for button in row]
                yield Seen(
                    id=message["id"],
                    text=message["text"],
                    buttons=tuple(b["label"] for b in buttons if not b["url"]),
                    links=tuple(b["url"] for b in buttons if b["url"]),
                    pictures=len(message["pictures"]) + len(message["files"]),
                    veiled=bool(message.get("veiled")),
                    raw=message,
                )
        for at, toast in enumerate(self.tab.toasts):
            yield Seen(f"toast {at}", toast, private=True)


@asynccontextmanager
async def _in_the_playground(home: Path, **settings: str) -> AsyncIterator[Evening]:
    async with relay() as image_relay:
        house = House(
            home, {"ACCESS": "open", **relaying(image_relay), **settings}, (KEY, CHAT_KEY, WRONG_KEY)
        )
        club = _InThePlayground(house, image_relay)
        try:
            await house.start()
            yield club
        finally:
            for tab in club.tabs:
                await tab.close()
            await gone(house)
