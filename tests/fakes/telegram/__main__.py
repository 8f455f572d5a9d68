"""The fake as a process of its own, with doors for whoever drives it.

    python -m tests.fakes.telegram --port 8081

- ``POST /control/people {"count": 50}`` → ``{"chats": [...]}``: people with a private chat each
- ``POST /control/group {"title": "Club", "members": 20}`` → ``{"chat": …, "members": [...]}``
- ``POST /control/say {"says": [{"chat": …, "user": …, "text": "/imagine …"}]}`` → ``{"at": …}``
- ``POST /control/press {"chat": …, "message": …, "user": …, "label": "Again"}``
- ``POST /control/fail {"method": …, "kind": …, "value": …, "times": 1}``
- ``POST /control/flood {"burst": 0, "group_minute": 20, "second": 30}``
- ``GET /control/arrivals`` → ``{"now": …, "calls": {…}, "chats": {chat: {"text": …, "picture": …}}}``:
  when the first text and the first picture arrived in each chat since the last ``POST /control/reset``
- ``GET /control/messages?chat=…`` → what the bot shows there

Times are seconds of the machine's monotonic clock, comparable between processes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from collections import Counter
from typing import Any

from aiohttp import web

from tests.fakes.telegram.flood import Flood
from tests.fakes.telegram.server import TOKEN, FakeTelegram


class Driven(FakeTelegram):
    """A fake that is driven over HTTP."""

    def routes(self, app: web.Application) -> None:
        for name in ("people", "group", "say", "press", "fail", "flood", "reset"):
            app.router.add_post(f"/control/{name}", self._controlled)
        app.router.add_get("/control/arrivals", self._arrivals)
        app.router.add_get("/control/messages", self._messages)

    async def _controlled(self, request: web.Request) -> web.Response:
        name = request.path.rsplit("/", 1)[1]
        given = await request.json() if request.can_read_body else {}
        return web.json_response(getattr(self, f"control_{name}")(**given))

    def control_people(self, count: int) -> Any:
        return {"chats": [self.private(self.person(f"Person {n}")).id for n in range(count)]}

    def control_group(self, title: str, members: int) -> Any:
        people = [self.person(f"Member {n}") for n in range(members)]
        return {"chat": self.group(title, *people).id, "members": [person.id for person in people]}

    def control_say(self, says: list[dict[str, Any]]) -> Any:
        at = time.monotonic()
        for one in says:
            self.say(self.world.places[one["chat"]], self.world.people[one["user"]], one["text"])
        return {"at": at}

    def control_press(self, chat: int, message: int, user: int, label: str) -> Any:
        self.press(self.world.places[chat].messages[message], label, self.world.people[user])
        return {"at": time.monotonic()}

    def control_fail(self, **fault: Any) -> Any:
        self.fail(**fault)
        return {}

    def control_flood(self, burst: int = 0, group_minute: int = 0, second: int = 0) -> Any:
        self.flood = Flood(burst, group_minute, second)
        return {}

    def control_reset(self) -> Any:
        self.arrivals.clear()
        self.calls.clear()
        for place in self.world.places.values():
            place.messages.clear()
        return {}

    async def _arrivals(self, _: web.Request) -> web.Response:
        calls = Counter(call.method for call in self.calls)
        return web.json_response({"now": time.monotonic(), "calls": calls, "chats": self.arrivals})

    async def _messages(self, request: web.Request) -> web.Response:
        place = self.world.places[int(request.query["chat"])]
        return web.json_response([message.json() for message in self.answers(place)])


async def serve(token: str, port: int) -> None:
    async with Driven(token, port=port, keep=False) as fake:
        print(fake.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m tests.fakes.telegram", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(given.token, given.port))
