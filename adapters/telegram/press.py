"""Presses of buttons: each wants an answer soon, or the person looks at a spinner; and can have only one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from telegram import Bot
from telegram.error import TelegramError

from bot.model import User

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Press:
    user: User
    answered: asyncio.Event = field(default_factory=asyncio.Event)


class Presses:
    """The presses being served, by their query's id."""

    def __init__(self, bot: Bot, soon: float = 1.5) -> None:
        self._bot, self._soon = bot, soon
        self._open: dict[str, Press] = {}

    def user(self, query: str) -> User | None:
        """Who pressed, while the press is being served."""
        press = self._open.get(query)
        return press.user if press else None

    @asynccontextmanager
    async def serving(self, query: str, user: User) -> AsyncIterator[None]:
        """Answers at the end, and at the latest ``soon`` seconds after the beginning, if nobody did."""
        press = self._open[query] = Press(user)
        late = asyncio.create_task(self._late(query, press))
        try:
            yield
            await self.say(query)
            await late
        finally:
            late.cancel()
            del self._open[query]

    async def _late(self, query: str, press: Press) -> None:
        try:
            async with asyncio.timeout(self._soon):
                await press.answered.wait()
        except TimeoutError:
            await self.say(query)

    async def say(self, query: str, text: str = "") -> bool:
        """Answer the press, with words in a box for the presser alone; false when it is too late for that."""
        press = self._open.get(query)
        if press is None or press.answered.is_set():
            return False
        press.answered.set()
        try:
            await self._bot.answer_callback_query(query, text or None, show_alert=True if text else None)
        except TelegramError as error:
            log.debug("a press could not be answered: %s", error.message)
            return False
        return True
