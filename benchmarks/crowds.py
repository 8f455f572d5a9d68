"""Crowds on the fake platforms: many people who ask for a picture at once, and what they saw when."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import httpx

PROMPT = "a corgi in a space suit, planting a flag on the moon"
_LOOK = 0.05


@dataclass(frozen=True, slots=True)
class Seen:
    """Seconds after asking: until the first sign of life, if there was one, and until the picture."""

    answered: float | None
    pictured: float


class Crowd:
    """People on one fake platform at ``url``, each in a chat of their own."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(base_url=url, timeout=60, trust_env=False)

    async def gather(self, people: int) -> None:
        """Let so many people be there."""
        raise NotImplementedError

    async def ask(self, count: int, *, within: float = 120.0) -> list[Seen]:
        """Let that many of them ask at once; done when the last one has the picture."""
        await self._post("reset")
        await self._say(count)
        until = time.monotonic() + within
        while time.monotonic() < until:
            await asyncio.sleep(_LOOK)
            seen = await self._look()
            if len(seen) == count:
                return seen
        raise TimeoutError(f"{count} people asked, {len(seen)} had their picture after {within:.0f} s")

    async def _say(self, count: int) -> None:
        raise NotImplementedError

    async def _look(self) -> list[Seen]:
        """What those saw who have their picture."""
        raise NotImplementedError

    async def _post(self, door: str, **given: Any) -> Any:
        return (await self._http.post(f"/control/{door}", json=given)).raise_for_status().json()

    async def _get(self, door: str) -> Any:
        return (await self._http.get(f"/control/{door}")).raise_for_status().json()


class TelegramCrowd(Crowd):
    _chats: list[int]
    _asked = 0.0

    async def gather(self, people: int) -> None:
        self._chats = (await self._post("people", count=people))["chats"]

    async def _say(self, count: int) -> None:
        says = [{"chat": chat, "user": chat, "text": f"/imagine {PROMPT}"} for chat in self._chats[:count]]
        self._asked = (await self._post("say", says=says))["at"]

    async def _look(self) -> list[Seen]:
        arrived = (await self._get("arrivals"))["chats"].values()
        return [
            Seen(at["text"] - self._asked if "text" in at else None, at["picture"] - self._asked)
            for at in arrived
            if "picture" in at
        ]


class DiscordCrowd(Crowd):
    _asks: list[dict[str, Any]]

    async def gather(self, people: int) -> None:
        """Each on a server of their own."""
        homes = [await self._post("server", name=f"Club {n}", people=1) for n in range(people)]
        self._asks = [
            {
                "channel": home["channel"],
                "user": home["people"][0],
                "name": "imagine",
                "options": {"prompt": PROMPT},
            }
            for home in homes
        ]

    async def _say(self, count: int) -> None:
        await self._post("slash", asks=self._asks[:count])

    async def _look(self) -> list[Seen]:
        asks = (await self._get("asks"))["asks"].values()
        return [
            Seen(at["acknowledged"] and at["acknowledged"] - at["created"], at["picture"] - at["created"])
            for at in asks
            if at["picture"]
        ]
