"""Faces by platform; of a platform that is not configured any more, one that reaches nobody.

What it asked for is still in the database, and worked on: it is told as soon as there is such a face again.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.errors import NotDelivered
from bot.model import ChatId, Fault, Post, Reply, Source, User, UserId
from bot.ports import Adapter, Door, Limits


class Faces(dict[str, Adapter]):
    def __missing__(self, platform: str) -> Adapter:
        return Absent(platform)


class Absent:
    """Fills `Adapter`: like a platform whose network is down."""

    limits = Limits(text=4096, caption=1024, pictures=10, edit_every=60.0, edits_per_minute=0)
    ready = False

    def __init__(self, name: str) -> None:
        self.name = name

    async def run(self, door: Door) -> None:
        await asyncio.Event().wait()

    async def send(self, chat: ChatId, reply: Reply, *, origin: Post | None = None, key: str = "") -> Post:
        raise NotDelivered

    async def edit(self, post: Post, reply: Reply) -> Post:
        raise NotDelivered

    async def delete(self, post: Post) -> None:
        raise NotDelivered

    async def orphans(self, post: Post, reply: Reply, *, origin: Post | None = None) -> list[Post]:
        return []

    async def fetch(self, source: Source, to: Path) -> None:
        raise NotDelivered

    async def is_admin(self, chat: ChatId, user: User) -> bool:
        return False

    async def ailments(self, chat: ChatId) -> list[Fault]:
        return []

    async def private(self, user: UserId) -> ChatId:
        raise NotDelivered

    async def aside(self, chat: ChatId, user: UserId) -> ChatId:
        raise NotDelivered

    def link(self, payload: str) -> str:
        return ""

    def link_back(self, post: Post) -> str:
        return ""
