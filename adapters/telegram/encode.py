"""Ours → theirs: texts, keyboards, questions, and the forms a picture may travel in. Pure.

Everything is plain text without a parse mode, so nothing ever needs escaping. Telegram counts
lengths in code points.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from telegram import (
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMedia,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
)

from bot.model import Button, File, Form, Picture, Style
from bot.ports import MB, Limits

ALERT = 200
PHOTO_BYTES, PHOTO_SIDES, PHOTO_RATIO = 10 * MB, 10_000, 20
DOCUMENT_BYTES = 50 * MB
LIMITS = Limits(
    text=4096, caption=1024, pictures=1, edit_every=3.0, edits_per_minute=12, file=DOCUMENT_BYTES, fields=1
)
ALBUM = 10
_PLACEHOLDER, _DATA = 64, 64
_SUPERGROUP = "-100"
K = TypeVar("K", bound=Picture | File)
_STYLES = {Style.PRIMARY: "primary", Style.DANGER: "danger"}


class Shape(StrEnum):
    """How a picture travels: a photo (which Telegram re-encodes), a file, or a photo that we made smaller.

    One that moves: as a video.
    """

    PHOTO = "photo"
    DOCUMENT = "document"
    FITTED = "fitted"
    VIDEO = "video"


def cut(text: str, most: int) -> str:
    """At most ``most`` characters, ended by ``…`` where something is left out, between words if possible."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    space = max(kept.rfind(" "), kept.rfind("\n"))
    return kept[: space if space > max(0, most - 40) else most].rstrip() + "…"


def text(said: str) -> str:
    """Never empty: Telegram has no message without words."""
    return cut(said, LIMITS.text) if said.strip() else "…"


def caption(said: str) -> str | None:
    return cut(said, LIMITS.caption) or None


def keyboard(rows: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    """Raises `ValueError` for a button whose data is longer than Telegram's 64 bytes."""
    made = [[_button(button) for button in row] for row in rows if row]
    return InlineKeyboardMarkup(made) if made else None


def _button(button: Button) -> InlineKeyboardButton:
    if button.url:
        return InlineKeyboardButton(button.label, url=button.url)
    if not 0 < len(button.data.encode()) <= _DATA:
        raise ValueError(f"button data of {len(button.data.encode())} bytes")
    label = f"{button.icon} {button.label}".strip()
    return InlineKeyboardButton(label, callback_data=button.data, style=_STYLES.get(button.style))


def message_url(number: int, thread: int | None, message: str) -> str:
    """Where a supergroup's members read a message; ``""`` in other chats, whose messages have no address."""
    bare = str(number).removeprefix(_SUPERGROUP)
    if bare == str(number):
        return ""
    return "/".join(("https://t.me/c", bare, *([str(thread)] if thread else []), message))


def question(form: Form, said: str = "") -> tuple[str, ForceReply]:
    """A form's first field, asked as a message that opens a reply."""
    field = form.fields[0]
    lines = dict.fromkeys(filter(None, (said, form.title, field.label, " · ".join(field.choices))))
    hint = "" if field.secret else field.value
    placeholder = cut(" ".join((hint or field.label).split()), _PLACEHOLDER)
    markup = ForceReply(selective=True, input_field_placeholder=placeholder or None)
    return text("\n".join(lines)), markup


def known(mark: str, caption: str | None, *, veiled: bool = False) -> InputMedia:
    """What Telegram has already, by its ``mark``, to be shown in another message."""
    kind, _, file = mark.partition(":")
    if kind == "document":
        return InputMediaDocument(file, caption=caption)
    made = InputMediaVideo if kind == "video" else InputMediaPhoto
    return made(file, caption=caption, has_spoiler=veiled or None)


def shapes(picture: Picture | File) -> tuple[Shape, ...]:
    """What to try, best first. Never empty: a smaller photo can be made of every still picture."""
    if isinstance(picture, File):
        return (Shape.DOCUMENT,)
    if picture.moving:
        return Shape.VIDEO, Shape.DOCUMENT
    sides = sorted((picture.width, picture.height))
    photo = (
        picture.bytes <= PHOTO_BYTES and sum(sides) <= PHOTO_SIDES and 0 < sides[1] <= PHOTO_RATIO * sides[0]
    )
    ladder = [Shape.PHOTO] if photo else []
    ladder += [Shape.DOCUMENT] if picture.bytes <= DOCUMENT_BYTES else []
    return (*ladder, Shape.FITTED)


def batches(pictures: Sequence[K]) -> list[Sequence[K]]:
    """Albums of two to ten, as even as can be: eleven are six and five."""
    count = -(-len(pictures) // ALBUM)
    size = -(-len(pictures) // count) if count else 1
    return [pictures[at : at + size] for at in range(0, len(pictures), size)]
