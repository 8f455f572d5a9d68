"""What is asked about servers and people: a name, a right, a private channel."""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakValueDictionary

from adapters.discord.decode import ADMIN
from adapters.discord.rest import Request, Rest
from bot.errors import Flooded, NotDelivered, PlatformError, Unreachable
from bot.model import ChatId, Fault, User, UserId

_NAME_IN = 2.0
_ADMINISTRATOR, _IN_THREADS, _ALL = 1 << 3, 1 << 38, (1 << 50) - 1
_NEEDED = (
    (1 << 10, "ailing-discord-view"),
    (1 << 11, "ailing-discord-send"),
    (1 << 15, "ailing-discord-attach"),
)
_REMEMBERED = 1000  # places whose rights were told lately


class Guilds:
    """Nothing is cached but names: without intents nobody tells when something changes."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._names: dict[str, str] = {}
        self._naming: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._rights: dict[ChatId, tuple[int, bool]] = {}

    async def name(self, home: ChatId) -> str:
        """A server's name, asked for once; ``""`` when Discord does not tell soon."""
        guild = home.rest.partition(":")[0]
        if guild.startswith("@"):
            return ""
        if guild not in self._names:
            asking = self._naming.setdefault(guild, asyncio.Lock())
            try:
                async with asyncio.timeout(_NAME_IN), asking:
                    if guild not in self._names:
                        self._names[guild] = await self._named(guild)
            except (PlatformError, TimeoutError):
                return ""
        return self._names[guild]

    async def _named(self, guild: str) -> str:
        try:
            return str((await self._guild(guild))["name"])
        except Unreachable:
            return ""

    async def is_admin(self, chat: ChatId, user: User) -> bool:
        """Whether this person owns the place, or has a role there that may manage it."""
        guild, person = chat.rest.partition(":")[0], user.id.partition(":")[2]
        if guild.startswith("@"):
            return guild == f"@{person}"
        if not guild.isdecimal():  # a place that somebody made up
            return False
        try:
            server = await self._guild(guild)
            if server["owner_id"] == person:
                return True
            parts = {"guild_id": guild, "user_id": person}
            member = await self._rest.call(Request("GET", "/guilds/{guild_id}/members/{user_id}", parts))
        except Unreachable:
            return False
        held = {*member["roles"], guild}  # everybody has the role that has the server's id
        rights = [int(role["permissions"]) for role in server["roles"] if role["id"] in held]
        return any(right & ADMIN for right in rights)

    def told(self, chat: ChatId, rights: int, *, thread: bool) -> None:
        """What the bot may do in a place, as every interaction from there says."""
        self._rights.pop(chat, None)
        self._rights[chat] = rights, thread
        if len(self._rights) > _REMEMBERED:
            del self._rights[next(iter(self._rights))]

    def ailments(self, chat: ChatId) -> list[Fault]:
        """What it may not do there; nothing where nobody has called it yet, or where it is not itself."""
        rights, thread = self._rights.get(chat, (_ALL, False))
        if chat.rest.startswith("@"):
            return []
        missing = [
            sentence for right, sentence in _NEEDED if not rights & right and not rights & _ADMINISTRATOR
        ]
        if thread and not rights & (_IN_THREADS | _ADMINISTRATOR):
            missing.append("ailing-discord-threads")
        return [*map(Fault, missing), Fault("note-discord-intents")]

    async def private(self, user: UserId) -> ChatId:
        """Open the person's direct messages; asking twice gives the same channel."""
        person = user.partition(":")[2]
        try:
            opened = await self._rest.call(
                Request("POST", "/users/@me/channels", body={"recipient_id": person})
            )
        except (NotDelivered, Flooded):
            raise
        except PlatformError:
            raise Unreachable from None
        return ChatId(f"discord:@{person}:{opened['id']}")

    async def _guild(self, guild: str) -> dict[str, Any]:
        found: dict[str, Any] = await self._rest.call(
            Request("GET", "/guilds/{guild_id}", {"guild_id": guild})
        )
        return found
