"""Where a chat is by now: a group of Telegram gets another id when it becomes a supergroup.

Its rows move along; a link or a question that named it before is followed by what is noted here.
"""

from __future__ import annotations

from bot.model import ChatId, Form, Post, UserId
from bot.ports import Store

_NOTES, _NOBODY = ChatId("easel:moved"), UserId("easel:nobody")


async def note_move(store: Store, old: ChatId, new: ChatId) -> None:
    """Kept as long as questions are."""
    await store.ask(Post(_NOTES, str(old.home)), _NOBODY, Form("", "", str(new.home), ()))


async def home_by_now(store: Store, home: ChatId) -> ChatId:
    noted = await store.asked(Post(_NOTES, str(home)), _NOBODY)
    return ChatId(noted.text) if noted else home
