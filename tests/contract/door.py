"""The core's side of an adapter, small enough to look into: what adapters are tested against.

`RecordingDoor` is not the core: it writes down what it is told and answers as a test wants.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from enum import StrEnum
from functools import cache
from typing import Annotated

from bot.command import Command, Pictures, Range, Rest, command
from bot.i18n import Words
from bot.model import Attachment, ChatId, Invocation, User
from bot.ports import Draft, Memory

Answer = Callable[[Invocation], Awaitable[None]]


class Mood(StrEnum):
    CALM = "calm"
    WILD = "wild"


async def imagine(
    ctx: object,
    prompt: Annotated[str, Rest()],
    n: Annotated[int, Range(1, 10)] = 1,
    mood: Mood = Mood.CALM,
) -> None: ...


async def edit(
    ctx: object,
    prompt: Annotated[str, Rest()] = "",
    images: Annotated[tuple[Attachment, ...], Pictures()] = (),
) -> None: ...


async def key(ctx: object, word: str = "") -> None: ...


async def balance(ctx: object) -> None: ...


async def again(ctx: object, job: str) -> None: ...


async def revise(ctx: object, job: str) -> None: ...


COMMANDS = (
    command(imagine),
    command(edit, menu=True),
    command(key, asks=True),
    command(balance),
    command(again, hidden=True),
    command(revise, hidden=True, asks=True),
)


class AnyWords(Words):
    """The real sentences; one that is not written (yet) is said by its id."""

    def say(self, language: str, message_id: str, /, **params: str | int | float) -> str:
        try:
            return super().say(language, message_id, **params)
        except KeyError:
            return " ".join([message_id, *map(str, params.values())])


@cache
def any_words() -> AnyWords:
    """Read once for all tests."""
    return AnyWords()


class MemoryInbox:
    """An `Inbox` that outlives the adapter under test, so that a restart can be played."""

    def __init__(self) -> None:
        self.waiting: dict[str, bytes] = {}
        self.known: set[str] = set()

    async def receive(self, events: Mapping[str, bytes]) -> list[str]:
        fresh = [event for event in events if event not in self.known]
        self.known.update(fresh)
        self.waiting.update({event: events[event] for event in fresh})
        return fresh

    async def pending(self) -> dict[str, bytes]:
        return dict(self.waiting)

    async def handled(self, event: str) -> None:
        self.waiting.pop(event, None)


class RecordingDoor:
    """Writes down every invocation, then calls ``answer`` (set it to play the core)."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.commands: Sequence[Command] = COMMANDS
        self.words: Words = any_words()
        self.answer = answer
        self.heard: list[Invocation] = []
        self.moves: list[tuple[ChatId, ChatId]] = []
        self.suggestions: list[str] = []
        self.memories: list[Memory] = []
        self.spoken = "en"
        self.sought: list[str] = []
        self.drafts: dict[tuple[str, int], Draft] = {}
        self.inboxes: dict[str, MemoryInbox] = {}
        self._news = asyncio.Condition()

    async def handle(self, invocation: Invocation) -> None:
        async with self._news:
            self.heard.append(invocation)
            self._news.notify_all()
        if self.answer is not None:
            await self.answer(invocation)

    async def suggest(self, chat: ChatId, user: User, option: str, typed: str) -> list[str]:
        return [value for value in self.suggestions if typed.lower() in value.lower()]

    async def language(self, chat: ChatId, user: User) -> str:
        return self.spoken

    async def draft(self, chat: ChatId, user: User, said: str, skip: int = 0) -> Draft:
        self.sought.append(said)
        return self.drafts.get((said, skip), Draft())

    async def moved(self, old: ChatId, new: ChatId) -> None:
        async with self._news:
            self.moves.append((old, new))
            self._news.notify_all()

    async def recall(self, chat: ChatId, limit: int) -> list[Memory]:
        return [memory for memory in self.memories if memory.post.chat == chat][-limit:]

    @asynccontextmanager
    async def turn(self, name: str, *, wait: bool = True) -> AsyncIterator[bool]:
        """Always this one's: there is no other."""
        yield True

    def inbox(self, platform: str) -> MemoryInbox:
        return self.inboxes.setdefault(platform, MemoryInbox())

    async def wait(self, count: int = 1, seconds: float = 5) -> list[Invocation]:
        """All that was heard, once it is at least ``count`` invocations."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(lambda: len(self.heard) >= count)
        return self.heard

    async def wait_moved(self, seconds: float = 5) -> list[tuple[ChatId, ChatId]]:
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(lambda: bool(self.moves))
        return self.moves
