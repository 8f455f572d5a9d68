"""What is asked about servers and people: a name, a right, a private channel."""

from __future__ import annotations

import asyncio
from typing import Any

from adapters.discord.rest import Request, Rest
from bot.errors import Flooded, NotDelivered, PlatformError, Unreachable
from bot.model import ChatId, User, UserId

_ADMIN = 1 << 3 | 1 << 5  # administrator, manage guild
_NAME_IN = 2.0


class Guilds:
    """Nothing is cached but names: without intents nobody tells when something changes."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._names: dict[str, str] = {}
        self._naming = asyncio.Lock()

    async def name(self, home: ChatId) -> str:
        """A server's name, asked for once; ``""`` when Discord does not tell soon."""
        guild = home.rest.partition(":")[0]
        if guild.startswith("@"):
            return ""
        if guild not in self._names:
            try:
                async with asyncio.timeout(_NAME_IN), self._naming:
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
        return any(right & _ADMIN for right in rights)

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
