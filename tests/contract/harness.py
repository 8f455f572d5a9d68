"""What a platform's harness offers to the adapter contract: people who act, eyes that see, faults.

A harness has one *main* chat that several people read along, the owner of it, and a member. It is
an async context manager that has the adapter running against an honest imitation of the platform.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.model import ChatId, Invocation, Post, User
from bot.ports import Adapter
from tests.contract.door import RecordingDoor


class Can(StrEnum):
    """What not every platform can, or not every imitation plays."""

    KEEP = "keeps what was said while nobody listened"
    FLOOD = "lets a 429 through to the adapter"
    WHISPER = "shows something to one person in a chat of many"
    TALK = "hears words without a command that reply to the bot"
    SHUT_OUT = "can throw the bot out"
    REFUSE = "can refuse the bot's token"
    AIL = "can forbid the bot to send pictures"
    ADMINS = "has chats with admins and others"
    LINK = "has links that open a private chat"


class Fault(StrEnum):
    LOST = "the call is carried out, its answer is lost"
    GATEWAY = "not carried out, 502"
    FLOOD = "429, wait 7 seconds"


@dataclass(frozen=True)
class Shown:
    """A message of the bot's as people see it. ``pictures``: sides; ``files``: name and content."""

    id: str
    text: str
    pictures: tuple[tuple[int, int], ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    buttons: tuple[str, ...] = ()
    answers: str = ""
    veiled: bool = False


class Harness(Protocol):
    name: str
    adapter: Adapter
    door: RecordingDoor
    secret: str
    """The token, which no log may contain."""

    @property
    def chat(self) -> ChatId:
        """The main chat."""
        ...

    @property
    def owner(self) -> User: ...

    @property
    def member(self) -> User:
        """Neither owner nor admin; who acts below."""
        ...

    async def start(self) -> None:
        """Run a fresh adapter on the same platform and door, until it is ready."""
        ...

    async def stop(self) -> None:
        """Cancel it and wait for its end."""
        ...

    def stranger(self) -> Adapter:
        """An adapter with a token that the platform refuses (`Can.REFUSE`)."""
        ...

    async def say(
        self, command: str, words: str, *, pictures: Sequence[bytes] = (), reply_to: Post | None = None
    ) -> None:
        """The member uses a command in the main chat (empty: words alone), with pictures or in reply."""
        ...

    async def press(self, post: Post, label: str) -> None: ...

    async def fill(self, post: Post | None, values: Sequence[str]) -> None:
        """The member answers the form that was just asked (in ``post``, where it is a message)."""
        ...

    async def shown(self) -> list[Shown]:
        """What the bot shows in the main chat, oldest first."""
        ...

    async def whispered(self) -> list[str]:
        """What it showed to one person alone (`Can.WHISPER`)."""
        ...

    async def remove(self, post: Post) -> None:
        """Somebody deletes a message of the bot's."""
        ...

    async def fail(self, call: str, fault: Fault) -> None:
        """The next ``send`` or ``edit`` meets the fault."""
        ...

    async def forbid_pictures(self) -> None:
        """The bot may still write in the main chat, but send no pictures (`Can.AIL`)."""
        ...

    async def shut_out(self) -> None:
        """The bot may no longer write in the main chat (`Can.SHUT_OUT`)."""
        ...


async def heard(harness: Harness, count: int = 1) -> Invocation:
    """The latest invocation, once there are at least ``count``."""
    return (await harness.door.wait(count))[-1]


def words(invocation: Invocation) -> str:
    """The free text, typed after the command or into its option."""
    return invocation.text or str(invocation.options.get("prompt", ""))
