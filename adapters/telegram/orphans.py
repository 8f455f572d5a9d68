"""Messages that were sent, and whose ids nobody lived to write down.

Telegram takes no key for a message and tells no history, so what was sent just before a kill, or before an
answer that was lost, is looked for: ids count upwards, so it stands soon after what it answers, or just
before what was sent in its place. Whether an id is a message of ours is told by a call that changes
nothing (we never share a location, so there is none to stop); what it says, by a silent reply
to it, which is taken away at once.
"""

from __future__ import annotations

import asyncio
from collections import deque

from telegram import Bot, Message, ReplyParameters
from telegram.error import BadRequest

from adapters.telegram import encode
from adapters.telegram.trouble import says

_NEAR = 12  # ids looked at on either side: in private the chats of a bot share one count
_REMEMBERED = 10_000


class Orphans:
    """``told`` is called with every message that this process said itself."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._said: set[tuple[int, int]] = set()
        self._order: deque[tuple[int, int]] = deque()

    def told(self, chat: int, message: int) -> None:
        self._said.add((chat, message))
        self._order.append((chat, message))
        if len(self._order) > _REMEMBERED:
            self._said.discard(self._order.popleft())

    async def like(self, chat: int, thread: int | None, message: int, answered: int, text: str) -> list[int]:
        """Ids of messages of ours that say what ``message`` says but for the first line, which changes.

        They stand after ``answered``; 0: nothing in this chat was.
        """
        after = range(answered + 1, answered + 1 + _NEAR) if answered else ()
        near = {*after, *range(max(1, message - _NEAR), message)}
        asked = [at for at in sorted(near) if answered < at < message and (chat, at) not in self._said]
        ours = await asyncio.gather(*(self._ours(chat, at) for at in asked))
        found = [at for at, mine in zip(asked, ours, strict=True) if mine]
        return [at for at in found if _same(await self._read(chat, thread, at), encode.text(text))]

    async def _ours(self, chat: int, message: int) -> bool:
        try:
            await self._bot.stop_message_live_location(chat, message)
        except BadRequest as error:
            return says(error, "no live location in the message")
        return False

    async def _read(self, chat: int, thread: int | None, message: int) -> Message | None:
        """A message of ours, as a reply to it quotes it."""
        try:
            probe = await self._bot.send_message(
                chat,
                encode.text(""),
                message_thread_id=thread,
                reply_parameters=ReplyParameters(message),
                disable_notification=True,
            )
        except BadRequest:  # taken away meanwhile
            return None
        await self._bot.delete_message(chat, probe.message_id)
        return probe.reply_to_message


def _same(message: Message | None, text: str) -> bool:
    return bool(message and message.text and message.text.partition("\n")[2] == text.partition("\n")[2])
