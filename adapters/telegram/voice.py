"""Saying things: a reply becomes a message, its picture in the best shape that Telegram takes.

One call of a method here is one attempt; who calls decides what may be repeated.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from telegram import (
    Bot,
    InputFile,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
    MessageEntity,
    ReplyParameters,
)
from telegram import User as TelegramUser
from telegram.error import BadRequest, TelegramError

from adapters.telegram import encode
from adapters.telegram.encode import Shape
from adapters.telegram.trouble import picture_refused, says, unmodified
from bot import media
from bot.errors import BadPicture
from bot.model import File, Form, Picture, Reply, User

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_FILE = (Shape.DOCUMENT,)
_PIECE = 512 * 1024

Kept = Picture | File
Medium = InputMediaPhoto | InputMediaDocument | InputMediaVideo


class Body(io.FileIO):
    """A file on its way out. httpx asks for 64 KiB at a time, and each time costs more than the bytes do."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(max(size, _PIECE) if size and size > 0 else size) or b""


@dataclass(frozen=True, slots=True)
class To:
    """Where a message goes: chat and topic, the message that it answers, the person to be named in it.

    ``quiet``: nobody's device makes a sound.
    """

    chat: int
    thread: int | None = None
    message: int | None = None
    person: User | None = None
    quiet: bool = False

    @property
    def common(self) -> dict[str, Any]:
        """Parameters that every sending method has."""
        reply = ReplyParameters(self.message, allow_sending_without_reply=True) if self.message else None
        return {
            "chat_id": self.chat,
            "message_thread_id": self.thread,
            "reply_parameters": reply,
            "disable_notification": self.quiet or None,
        }


class Voice:
    """``folder`` takes re-encoded pictures for as long as they travel. Everything raises `TelegramError`."""

    def __init__(self, bot: Bot, folder: Path) -> None:
        self._bot, self._folder = bot, folder

    async def send(self, to: To, reply: Reply) -> int:
        """Say something new; the id of the message, of that with the buttons where there are several."""
        if reply.form:
            return await self._ask(to, reply.form, reply.text)
        if reply.pictures:
            said = await self._show(to, reply, reply.pictures)
            if reply.files:
                await self._show(replace(to, message=said), Reply(), reply.files, files=True)
            return said
        if reply.files:
            return await self._show(to, reply, reply.files, files=True)
        return await self._tell(to, reply)

    async def edit(self, chat: int, message: int, reply: Reply) -> None:
        """Repaint a message. It shows one picture: the first."""
        try:
            if shown := reply.pictures or reply.files:
                await self._replace(chat, message, reply, shown[0], _FILE if not reply.pictures else ())
            else:
                await self._reword(chat, message, reply)
        except BadRequest as error:
            if not unmodified(error):
                raise

    # words

    async def _tell(self, to: To, reply: Reply) -> int:
        said = await self._bot.send_message(
            text=encode.text(reply.text),
            reply_markup=encode.keyboard(reply.buttons),
            link_preview_options=_NO_PREVIEW,
            **to.common,
        )
        return said.message_id

    async def _ask(self, to: To, form: Form, said: str) -> int:
        """A question with an open reply: for whom is told by the message answered, or by naming them."""
        text, markup = encode.question(form, said)
        entities = []
        if to.person:
            name = to.person.name
            text = encode.text(f"{name}: {text}")
            mentioned = TelegramUser(int(to.person.id.split(":")[1]), name, is_bot=False)
            length = len(name.encode("utf-16-le")) // 2
            entities = [MessageEntity(MessageEntity.TEXT_MENTION, 0, length, user=mentioned)]
        asked = await self._bot.send_message(text=text, reply_markup=markup, entities=entities, **to.common)
        return asked.message_id

    async def _reword(self, chat: int, message: int, reply: Reply) -> None:
        markup = encode.keyboard(reply.buttons)
        where: dict[str, Any] = {"chat_id": chat, "message_id": message, "reply_markup": markup}
        try:
            await self._bot.edit_message_text(
                encode.text(reply.text), link_preview_options=_NO_PREVIEW, **where
            )
        except BadRequest as error:
            if not says(error, "there is no text in the message"):
                raise
            await self._bot.edit_message_caption(caption=encode.caption(reply.text), **where)

    # pictures

    async def _show(self, to: To, reply: Reply, pictures: Sequence[Kept], *, files: bool = False) -> int:
        if len(pictures) > 1:
            return await self._albums(to, reply, pictures, files=files)
        said = {
            "caption": encode.caption(reply.text),
            "reply_markup": encode.keyboard(reply.buttons),
            **to.common,
        }

        async def attempt(shape: Shape, file: InputFile) -> int:
            if shape is Shape.DOCUMENT:
                sent = await self._bot.send_document(
                    document=file, disable_content_type_detection=True, **said
                )
            elif shape is Shape.VIDEO:
                sent = await self._bot.send_video(
                    video=file, has_spoiler=reply.veiled or None, **await _playing(pictures[0]), **said
                )
            else:
                sent = await self._bot.send_photo(photo=file, has_spoiler=reply.veiled or None, **said)
            return sent.message_id

        return await self._in_some_shape(pictures[0], attempt, _FILE if files else (), attach=False)

    async def _replace(
        self, chat: int, message: int, reply: Reply, picture: Kept, shapes: Sequence[Shape]
    ) -> None:
        """A text or a picture becomes this picture."""

        async def attempt(shape: Shape, file: InputFile) -> int:
            await self._bot.edit_message_media(
                await _medium(shape, file, encode.caption(reply.text), picture, veiled=reply.veiled),
                chat_id=chat,
                message_id=message,
                reply_markup=encode.keyboard(reply.buttons),
            )
            return message

        await self._in_some_shape(picture, attempt, shapes, attach=True)

    async def _albums(self, to: To, reply: Reply, pictures: Sequence[Kept], *, files: bool) -> int:
        """Several messages. Albums can't have buttons: the words go before them, with the buttons."""
        text, said = reply.text, 0
        if reply.buttons:
            said, text = await self._tell(to, reply), ""
        photos = not files and all(encode.shapes(picture)[0] is Shape.PHOTO for picture in pictures)
        for batch in encode.batches(pictures):
            try:
                shape = Shape.PHOTO if photos else Shape.DOCUMENT
                sent = await self._album(to, text, batch, shape, veiled=reply.veiled)
            except TelegramError as error:
                if not (photos and picture_refused(error)):
                    raise
                sent = await self._album(to, text, batch, Shape.DOCUMENT)
            said, text = said or sent, ""
        return said

    async def _album(
        self, to: To, text: str, pictures: Sequence[Kept], shape: Shape, *, veiled: bool = False
    ) -> int:
        async with AsyncExitStack() as stack:
            files = [await stack.enter_async_context(self._open(p, shape, attach=True)) for p in pictures]
            items = [
                await _medium(shape, file, None if at else encode.caption(text), pictures[at], veiled=veiled)
                for at, file in enumerate(files)
            ]
            return (await self._bot.send_media_group(media=items, **to.common))[0].message_id

    async def _in_some_shape(
        self,
        picture: Kept,
        attempt: Callable[[Shape, InputFile], Awaitable[int]],
        shapes: Sequence[Shape],
        *,
        attach: bool,
    ) -> int:
        """Down the ladder until Telegram takes it."""
        refusal = BadRequest("no shape of this picture is taken")
        for shape in shapes or encode.shapes(picture):
            try:
                async with self._open(picture, shape, attach=attach) as file:
                    return await attempt(shape, file)
            except BadPicture:
                break
            except TelegramError as error:
                if not picture_refused(error):
                    raise
                refusal = BadRequest(error.message)
        raise refusal

    @asynccontextmanager
    async def _open(self, picture: Kept, shape: Shape, *, attach: bool) -> AsyncIterator[InputFile]:
        """The file that travels, read from the disk as it is sent."""
        path, name = picture.path, picture.name
        if shape is Shape.FITTED:
            path = await media.fit(
                picture.path,
                self._folder,
                most_bytes=encode.PHOTO_BYTES,
                most_sides=encode.PHOTO_SIDES,
                most_ratio=encode.PHOTO_RATIO,
            )
            name = Path(name).with_suffix(".jpg").name
        try:
            with await asyncio.to_thread(Body, path) as file:
                yield InputFile(file, filename=name, attach=attach, read_file_handle=False)
        finally:
            if path != picture.path:
                path.unlink(missing_ok=True)


async def _medium(
    shape: Shape, file: InputFile, caption: str | None, picture: Kept, *, veiled: bool = False
) -> Medium:
    """Telegram can't hide a file: it shows no more of one than a small preview."""
    if shape is Shape.DOCUMENT:
        return InputMediaDocument(file, caption=caption, disable_content_type_detection=True)
    if shape is Shape.VIDEO:
        return InputMediaVideo(file, caption=caption, has_spoiler=veiled or None, **await _playing(picture))
    return InputMediaPhoto(file, caption=caption, has_spoiler=veiled or None)


async def _playing(picture: Kept) -> dict[str, Any]:
    """So that it has its shape and length before it is loaded, and plays while it is."""
    if isinstance(picture, File):
        return {}
    shape = {"width": picture.width, "height": picture.height, "supports_streaming": True}
    length = await media.seconds(picture.path)
    return {**shape, "duration": length} if length else shape
