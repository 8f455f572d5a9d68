"""Updates on their way to the bot: kept until confirmed, for a day; polled or pushed."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.fakes.telegram.spec import Params, Refused, bad

DAY = 24 * 3600.0
Json = dict[str, Any]


@dataclass
class Webhook:
    url: str
    secret: str = ""
    statuses: list[int] = field(default_factory=list)
    """What the bot's server answered, attempt by attempt."""


class Updates:
    """One bot's queue. ``skew`` seconds make everything that much older."""

    def __init__(self, told: Callable[[], None] = lambda: None) -> None:
        """``told`` is called when the bot's server has answered a push."""
        self._told = told
        self.queue: dict[int, tuple[float, Json]] = {}
        self.allowed: list[str] | None = None
        self.webhook: Webhook | None = None
        self.leads: dict[str, str] = {}
        """Where a public address leads to, as by a proxy that speaks TLS before the bot's server."""
        self.skew = 0.0
        self.hold = asyncio.Event()
        """While cleared, nothing is handed out: updates gather."""
        self.hold.set()
        self._ids = itertools.count(700_000_001)
        self._news = asyncio.Event()
        self._poller: asyncio.Future[None] | None = None
        self._pusher: asyncio.Task[None] | None = None

    def push(self, kind: str, content: Json) -> int | None:
        """Tell the bot; ``None`` when it did not ask for this kind of update."""
        if self.allowed is not None and kind not in self.allowed:
            return None
        update = next(self._ids)
        self.queue[update] = (time.monotonic() + self.skew, {"update_id": update, kind: content})
        self._news.set()
        return update

    def _fresh(self, offset: int, limit: int) -> list[Json]:
        newest = time.monotonic() + self.skew
        self.queue = {at: kept for at, kept in self.queue.items() if newest - kept[0] < DAY}
        if offset < 0:
            offset = max(self.queue, default=0) + 1 + offset
        self.queue = {at: kept for at, kept in self.queue.items() if at >= offset}
        return [update for _, update in list(self.queue.values())[:limit]]

    async def poll(self, params: Params) -> list[Json]:
        """``getUpdates``: the offset confirms all before it; a second poller ends the first one's call."""
        if self.webhook:
            raise Refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete"
                " the webhook first",
            )
        if self._poller and not self._poller.done():
            self._poller.set_result(None)
        self._poller = mine = asyncio.get_running_loop().create_future()
        self.allowed = params.get("allowed_updates") or self.allowed
        until = time.monotonic() + params.get("timeout", 0)
        while True:
            self._news.clear()
            found = (
                self._fresh(params.get("offset", 0), params.get("limit", 100)) if self.hold.is_set() else []
            )
            left = until - time.monotonic()
            if found or left <= 0:
                return found
            news = asyncio.ensure_future(self._news.wait())
            try:
                await asyncio.wait({mine, news}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            finally:
                news.cancel()
            if mine.done():
                raise Refused(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance"
                    " is running",
                )

    def release(self) -> None:
        """Hand out again what was held."""
        self.hold.set()
        self._news.set()

    def set_webhook(self, params: Params) -> None:
        url, secret = params["url"], params.get("secret_token", "")
        if url and not url.startswith(("https://", "http://127.0.0.1")):
            raise bad("bad webhook: HTTPS url must be provided for webhook")
        if not all(c.isascii() and (c.isalnum() or c in "_-") for c in secret):
            raise bad("secret token contains unallowed characters")
        self.allowed = params.get("allowed_updates") or self.allowed
        self.drop_webhook()
        if url:
            self.webhook = Webhook(url, secret)
            self._pusher = asyncio.create_task(self._deliver(self.webhook))

    def drop_webhook(self) -> None:
        self.webhook = None
        if self._pusher:
            self._pusher.cancel()

    async def _deliver(self, hook: Webhook) -> None:
        """Push in order, each again and again until it is answered by 200."""
        headers = {"Content-Type": "application/json"}
        if hook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = hook.secret
        async with aiohttp.ClientSession() as session:
            while True:
                self._news.clear()
                for update in self._fresh(0, 100):
                    while not await self._pushed(session, hook, headers, update):
                        await asyncio.sleep(0.05)
                    self.queue.pop(update["update_id"], None)
                await self._news.wait()

    async def _pushed(
        self, session: aiohttp.ClientSession, hook: Webhook, headers: Json, update: Json
    ) -> bool:
        try:
            url = self.leads.get(hook.url, hook.url)
            async with session.post(url, data=json.dumps(update), headers=headers) as answer:
                hook.statuses.append(answer.status)
                self._told()
                return answer.status == 200
        except aiohttp.ClientError:
            hook.statuses.append(0)
            return False

    async def close(self) -> None:
        self.drop_webhook()
        if self._poller and not self._poller.done():
            self._poller.set_result(None)
        if self._pusher:
            await asyncio.gather(self._pusher, return_exceptions=True)
