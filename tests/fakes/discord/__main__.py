"""The fake as a process of its own, with doors for whoever drives it.

    python -m tests.fakes.discord --port 8082

- ``POST /control/server {"name": "Club", "people": 50}`` → ``{"server": …, "channel": …, "people": [...]}``
- ``POST /control/slash {"asks": [{"channel": …, "user": …, "name": "imagine", "options": {…}}]}`` →
  ``{"asks": [...]}``, the ids of the interactions
- ``POST /control/press {"channel": …, "message": …, "user": …, "label": "Again"}`` → ``{"asks": [...]}``
- ``POST /control/fail {"route": …, "kind": …, "value": …, "times": 1}``
- ``GET /control/asks`` → ``{"now": …, "asks": {id: {"created": …, "acknowledged": …, "words": …,
  "picture": …}}}`` since the last ``POST /control/reset``: when each was told, acknowledged, first
  said something, and first showed a picture
- ``GET /control/messages?channel=…`` → what the bot shows there
- ``GET /control/state`` → ``{"sessions": …, "commands": [...], "calls": {…}, "violations": [...]}``

Times are seconds of the machine's monotonic clock, comparable between processes. Bodies are checked
against Discord's document with ``--check`` alone: it costs more than all the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from collections import Counter
from typing import Any

from aiohttp import web

from tests.fakes.discord.server import TOKEN, FakeDiscord
from tests.fakes.discord.world import Ask


class Driven(FakeDiscord):
    """A fake that is driven over HTTP."""

    def routes(self, app: web.Application) -> None:
        for name in ("server", "slash", "press", "fail", "reset"):
            app.router.add_post(f"/control/{name}", self._controlled)
        for name in ("asks", "messages", "state"):
            app.router.add_get(f"/control/{name}", self._looked)

    async def _controlled(self, request: web.Request) -> web.Response:
        given = await request.json() if request.can_read_body else {}
        return web.json_response(await getattr(self, f"control_{_last(request)}")(**given))

    async def _looked(self, request: web.Request) -> web.Response:
        return web.json_response(getattr(self, f"see_{_last(request)}")(**request.query))

    async def control_server(self, name: str, people: int) -> Any:
        members = [self.person(f"Person {number}") for number in range(people)]
        server = self.server(name, *members)
        ids = [person.id for person in members]
        return {"server": server.id, "channel": self.channel(server).id, "people": ids}

    async def control_slash(self, asks: list[dict[str, Any]]) -> Any:
        told = [
            await self.slash(
                self.world.channels[one["channel"]],
                self.world.people[one["user"]],
                one["name"],
                **one["options"],
            )
            for one in asks
        ]
        return {"asks": [ask.id for ask in told]}

    async def control_press(self, channel: str, message: str, user: str, label: str) -> Any:
        found = self.world.message(self.world.channels[channel], message)
        return {"asks": [(await self.press(found, self.world.people[user], label)).id]}

    async def control_fail(self, **fault: Any) -> Any:
        self.fail(**fault)
        return {}

    async def control_reset(self) -> Any:
        self.world.asks.clear()
        self.world.files.clear()
        self.calls.clear()
        for channel in self.world.channels.values():
            channel.messages.clear()
        return {}

    def see_asks(self) -> Any:
        return {
            "now": time.monotonic(),
            "asks": {ask.id: _times(ask) for ask in self.world.asks.values()},
        }

    def see_messages(self, channel: str) -> Any:
        return [message.json(self.base) for message in self.said(self.world.channels[channel])]

    def see_state(self) -> Any:
        return {
            "sessions": len(self.gateway.live),
            "commands": [command["name"] for command in self.world.commands],
            "calls": Counter(call.route for call in self.calls),
            "violations": self.violations,
        }


def _last(request: web.Request) -> str:
    return request.path.rsplit("/", 1)[1]


def _times(ask: Ask) -> dict[str, float | None]:
    return {
        "created": ask.created,
        "acknowledged": ask.acknowledged,
        "words": ask.worded,
        "picture": ask.pictured,
    }


async def serve(token: str, port: int, *, check: bool) -> None:
    async with Driven(token, port=port, check=check, keep=False) as fake:
        print(fake.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m tests.fakes.discord", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(given.token, given.port, check=given.check))
