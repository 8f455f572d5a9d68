"""The Discord face: fills `bot.ports.Adapter`."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from discord import DiscordException
from yarl import URL

from adapters.discord.encode import LIMITS
from adapters.discord.fetch import download
from adapters.discord.guilds import Guilds
from adapters.discord.hear import Ears
from adapters.discord.line import Line, hush, lead_to
from adapters.discord.rest import Rest
from adapters.discord.shards import Shards
from adapters.discord.trouble import DROPPED, setup_error
from adapters.discord.voice import Voice
from bot.errors import NotDelivered, PlatformError, SetupError
from bot.i18n import words
from bot.model import ChatId, Fault, Post, Reply, Source, User, UserId
from bot.patience import patiently
from bot.ports import Door, Link, no_link
from bot.settings import machine_language

log = logging.getLogger(__name__)

OFFICIAL = "https://discord.com/api/v10"
_PAUSE, _LONGEST, _SETTLED = 1.0, 60.0, 120.0
_LONGEST_REASON = 200
_OTHERS = 30.0  # seconds in which another process has surely answered what it heard


class Discord:
    """Discord by discord.py, without privileged intents: slash commands, menus, buttons and forms.

    ``spool`` is a folder for pictures on their way. ``api_url`` may be a proxy; the gateway is the one it
    names. ``shards``: how many connections, as many as Discord says when ``None``. ``link``: of files that
    are too large for a message. One that does not listen answers all the same; with ``shared`` the
    shards are split with other processes.
    """

    name = "discord"
    limits = LIMITS

    def __init__(
        self,
        token: str,
        *,
        spool: Path,
        api_url: str = OFFICIAL,
        shards: int | None = None,
        link: Link = no_link,
        listens: bool = True,
        shared: bool = False,
    ) -> None:
        hush()
        self._listens, self._shared = listens, shared
        self._token, self._api, self._shards = token.strip(), api_url, shards
        self._rest = Rest()
        self._guilds = Guilds(self._rest)
        self._voice = Voice(self._rest, spool, self._guilds.private, link)
        self._hearing: Callable[[], bool] = lambda: False

    @property
    def ready(self) -> bool:
        return self._hearing()

    async def run(self, door: Door) -> None:
        """Serve until cancelled. Raises `SetupError` when Discord refuses the token or the sharding."""
        lead_to(self._api)
        self._voice.door = door
        ears = Ears(self._rest, self._voice, self._guilds, door)
        pause, told = _PAUSE, ""
        try:
            while True:
                since = time.monotonic()
                try:
                    await self._listen(ears, door)
                except SetupError:
                    raise
                except Exception as error:
                    if setup := setup_error(error):
                        raise setup from None
                    complaint = _complaint(error)
                    if complaint != told or time.monotonic() - since > _SETTLED:
                        log.warning(complaint)
                    told = complaint
                pause = _PAUSE if time.monotonic() - since > _SETTLED else min(pause * 2, _LONGEST)
                await asyncio.sleep(pause)
        finally:
            await ears.close()

    async def _listen(self, ears: Ears, door: Door) -> None:
        """One client, until it gives up; discord.py itself reconnects and resumes."""
        line = Line(ears.hear, self._shards)
        offering: asyncio.Task[None] | None = None
        try:
            await line.login(self._token)
            self._rest.use(line.http)
            if self._listens:
                ears.resume(_OTHERS if self._shared else 0.0)
                offering = asyncio.create_task(self._offer(ears, str(line.application_id)))
            await self._hear(line, ears, door)
        finally:
            self._hearing = lambda: False
            await ears.finish()
            self._rest.use(None)
            if offering:
                offering.cancel()
            await line.hang_up()

    async def _hear(self, line: Line, ears: Ears, door: Door) -> None:
        """All shards, this process's part of them, or none."""
        if not self._listens:
            self._hearing = lambda: True
            await asyncio.Event().wait()
        elif self._shared:
            shards = Shards(self._token, line.shard_count or 1, ears.hear, door)
            self._hearing = lambda: shards.hearing
            await shards.run()
        else:
            self._hearing = lambda: line.hearing
            await line.connect()

    async def _offer(self, ears: Ears, application: str) -> None:
        offered = patiently(NotDelivered, tries=None, wait=_PAUSE, most=_LONGEST)(ears.offer)
        try:
            await offered(application)
        except PlatformError as error:
            log.warning("Discord was not told the commands; those it has stay: %s", error)

    # saying

    async def send(self, chat: ChatId, reply: Reply, *, origin: Post | None = None, key: str = "") -> Post:
        return await self._voice.send(chat, reply, origin, key)

    async def edit(self, post: Post, reply: Reply) -> Post:
        return await self._voice.edit(post, reply)

    async def delete(self, post: Post) -> None:
        await self._voice.delete(post)

    async def orphans(self, post: Post, reply: Reply, *, origin: Post | None = None) -> list[Post]:
        """An answer is edited in, and a message in a channel has its nonce: neither is there twice."""
        return []

    # asking

    async def fetch(self, source: Source, to: Path) -> None:
        await download(source.removeprefix("discord:"), to, api=URL(self._api))

    async def is_admin(self, chat: ChatId, user: User) -> bool:
        return await self._guilds.is_admin(chat, user)

    async def ailments(self, chat: ChatId) -> list[Fault]:
        return self._guilds.ailments(chat)

    async def private(self, user: UserId) -> ChatId:
        return await self._guilds.private(user)

    async def aside(self, chat: ChatId, user: UserId) -> ChatId:
        return ChatId(f"{chat.home}:@{user.partition(':')[2]}")

    def link(self, payload: str) -> str:
        """Discord asks by forms, which are private wherever they are filled in."""
        return ""

    def link_back(self, post: Post) -> str:
        return ""


def _complaint(error: Exception) -> str:
    """One line for the operator: the cause in short, and what to look at where Discord can't be reached."""
    if not isinstance(error, (*DROPPED, OSError, DiscordException)):
        return f"Discord stopped listening, trying again: {error!r}"
    reason = " ".join(str(error).split())[:_LONGEST_REASON] or type(error).__name__
    return words().say(machine_language(), "setup-discord-silent", reason=reason)
