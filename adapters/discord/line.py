"""The gateway: discord.py's client, reduced to what Easel hears."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import aiohttp
import discord
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

_HEARD = ("READY", "RESUMED")
_FLOOD = 30.0  # the least that discord.py takes: longer silences are the core's to wait
_CONNECTIONS = 64
_CLOSE = 5.0


def hush() -> None:
    """At DEBUG discord.py logs whole events and bodies, a key typed into a form among them."""
    logging.getLogger("discord").setLevel(logging.INFO)
    logging.getLogger("discord.state").setLevel(logging.ERROR)  # it misses intents that are not wanted
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def lead_to(api_url: str) -> None:
    """Where REST goes. discord.py keeps this for the process, as there is one Discord in it."""
    Route.BASE = api_url.rstrip("/")


class Line(discord.AutoShardedClient):
    """A connection without caches, voice or any intent: interactions arrive without one.

    ``hear`` is called with each interaction as Discord sent it. discord.py's own reading of events is cut
    down to the two that keep a session: an event that it can't read would end the client.
    With ``only``, it is that one of ``shards``.
    """

    def __init__(
        self, hear: Callable[[dict[str, Any]], None], shards: int | None, only: int | None = None
    ) -> None:
        part: dict[str, Any] = {} if only is None else {"shard_count": shards, "shard_ids": [only]}
        super().__init__(
            **part,
            intents=discord.Intents.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            guild_ready_timeout=0.0,
            max_ratelimit_timeout=_FLOOD,
            connector=aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=60.0),
        )
        self._wanted = shards
        self._connected: set[int] = set()
        parsers = self._connection.parsers
        self._connection.parsers = {name: parsers[name] for name in _HEARD} | {"INTERACTION_CREATE": hear}

    @property
    def hearing(self) -> bool:
        """Whether every shard has a session."""
        wanted = len(self.shard_ids) if self.shard_ids else self.shard_count
        return wanted is not None and len(self._connected) == wanted

    async def setup_hook(self) -> None:
        """Ask for the gateway: discord.py would go to Discord's own for some reconnects, whatever the API."""
        shards, gateway, _ = await self.http.get_bot_gateway()
        DiscordWebSocket.DEFAULT_GATEWAY = URL(gateway)
        self.shard_count = self._wanted or shards

    async def on_shard_connect(self, shard: int) -> None:
        self._connected.add(shard)

    async def on_shard_resumed(self, shard: int) -> None:
        self._connected.add(shard)

    async def on_shard_disconnect(self, shard: int) -> None:
        self._connected.discard(shard)

    async def hang_up(self) -> None:
        """Close, even when nobody is at the other end."""
        self._connected.clear()
        try:
            async with asyncio.timeout(_CLOSE):
                await self.close()
        except TimeoutError:
            await self.http.close()
