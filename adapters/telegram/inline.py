"""Inline mode: what a person is offered while they write ``@OurBot …`` in any chat, and messages sent so.

Such a message stands in a chat that the bot does not know and may not be part of. It is named by an id of
its own, can be repainted but takes no upload, and belongs to who sent it: so does what is spent on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from telegram import (
    InlineQueryResult,
    InlineQueryResultArticle,
    InlineQueryResultCachedDocument,
    InlineQueryResultCachedPhoto,
    InlineQueryResultCachedVideo,
    InputTextMessageContent,
    LinkPreviewOptions,
)

from adapters.telegram import encode
from bot.model import Button, ChatId, Job, User
from bot.ports import Draft

_ROOM = "inline-"
_TITLE = 60


@dataclass(frozen=True, slots=True)
class Sought:
    """Somebody is writing ``@OurBot said``; ``skip``: how much of what they are offered they saw."""

    query: str
    user: User
    said: str
    skip: int = 0


def place(person: int, message: str) -> ChatId:
    """The chat of one such message: its home is the sender's own."""
    return ChatId(f"telegram:{person}:{_ROOM}{message}")


def message(chat: ChatId) -> str:
    """The message that is the whole of this chat; ``""`` for any other chat."""
    return chat.room.removeprefix(_ROOM) if chat.room.startswith(_ROOM) else ""


def buttons(rows: tuple[tuple[Button, ...], ...]) -> tuple[tuple[Button, ...], ...]:
    """What can be done with such a message: it is its sender's, and theirs alone to delete."""
    return tuple(kept for row in rows if (kept := tuple(b for b in row if b.command != "delete")))


def results(draft: Draft, *, past: bool = True) -> list[InlineQueryResult]:
    """What is offered: the words to be painted, then pictures of the past that Telegram has."""
    return [*_words(draft), *(filter(None, map(_picture, draft.past)) if past else ())]


def _words(draft: Draft) -> Iterator[InlineQueryResult]:
    if draft.reply:
        content = InputTextMessageContent(
            encode.text(draft.reply.text), link_preview_options=LinkPreviewOptions(is_disabled=True)
        )
        markup = encode.keyboard(draft.reply.buttons)
        yield InlineQueryResultArticle(
            "paint", draft.title, content, reply_markup=markup, description=draft.note or None
        )


def _picture(job: Job) -> InlineQueryResult | None:
    kind, _, file = job.post.grip.partition(":") if job.post else ("", "", "")
    words = " ".join(job.request.prompt.split())
    title, caption = encode.cut(words, _TITLE) or job.id, encode.caption(words)
    match kind:
        case "photo":
            return InlineQueryResultCachedPhoto(job.id, file, title=title, caption=caption)
        case "video":
            return InlineQueryResultCachedVideo(job.id, file, title, caption=caption)
        case "document":
            return InlineQueryResultCachedDocument(job.id, title, file, caption=caption)
    return None
