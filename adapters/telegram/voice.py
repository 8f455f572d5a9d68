"""Saying things: a reply becomes a message, its picture in the best shape that Telegram takes.

One call of a method here is one attempt; who calls decides what may be repeated.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from telegram import (
    Bot,
    InputFile,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    ReplyParameters,
)
from telegram import User as TelegramUser
from telegram.error import BadRequest, TelegramError

from adapters.body import Body
from adapters.telegram import encode
from adapters.telegram.encode import Shape
from adapters.telegram.trouble import picture_refused, says, unmodified
from bot import media
from bot.errors import BadPicture
from bot.model import File, Form, Picture, Reply, User

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_FILE = (Shape.DOCUMENT,)

T = TypeVar("T")
Kept = Picture | File
Medium = InputMediaPhoto | InputMediaDocument | InputMediaVideo


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


@dataclass(frozen=True, slots=True)
class At:
    """A message that exists: in a chat, or one that somebody sent by way of us to a chat we don't know."""

    chat: int = 0
    message: int = 0
    inline: str = ""

    @property
    def named(self) -> dict[str, Any]:
        """Parameters that every editing method has."""
        if self.inline:
            return {"inline_message_id": self.inline}
        return {"chat_id": self.chat, "message_id": self.message}


def mark(message: Message) -> str:
    """What a message shows, to be shown again without the bytes: ``photo:<file id>``; ``""``: words alone."""
    if message.photo:
        return f"photo:{message.photo[-1].file_id}"
    for kind, shown in (("video", message.video), ("document", message.document)):
        if shown:
            return f"{kind}:{shown.file_id}"
    return ""


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

    async def edit(self, where: At, reply: Reply) -> str:
        """Repaint a message. It shows one picture: the first. Returns that one's `mark`, if it is new."""
        try:
            if shown := reply.pictures or reply.files:
                return await self._replace(where, reply, shown[0], _FILE if not reply.pictures else ())
            await self._reword(where, reply)
        except BadRequest as error:
            if not unmodified(error):
                raise
        return ""

    async def lend(self, person: int, reply: Reply, where: At) -> None:
        """Repaint a message that takes no upload: its picture is shown to this person first, for a moment."""
        try:
            sent = await self._show_one(To(person, quiet=True), reply, reply.pictures[0])
            try:
                medium = encode.known(mark(sent), encode.caption(reply.text), veiled=reply.veiled)
                await self._bot.edit_message_media(
                    medium, reply_markup=encode.keyboard(reply.buttons), **where.named
                )
            finally:
                with suppress(TelegramError):
                    await self._bot.delete_message(person, sent.message_id)
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

    async def _reword(self, where: At, reply: Reply) -> None:
        there: dict[str, Any] = {"reply_markup": encode.keyboard(reply.buttons), **where.named}
        try:
            await self._bot.edit_message_text(
                encode.text(reply.text), link_preview_options=_NO_PREVIEW, **there
            )
        except BadRequest as error:
            if not says(error, "there is no text in the message"):
                raise
            if reply.busy and not where.inline:
                # Progress that comes late: what it would repaint is the result, or a preview. One that
                # somebody sent by way of us is its own placeholder: asked for again, it says so.
                return
            await self._bot.edit_message_caption(caption=encode.caption(reply.text), **there)

    # pictures

    async def _show(self, to: To, reply: Reply, pictures: Sequence[Kept], *, files: bool = False) -> int:
        if len(pictures) > 1:
            return await self._albums(to, reply, pictures, files=files)
        return (await self._show_one(to, reply, pictures[0], _FILE if files else ())).message_id

    async def _show_one(self, to: To, reply: Reply, picture: Kept, shapes: Sequence[Shape] = ()) -> Message:
        said = {
            "caption": encode.caption(reply.text),
            "reply_markup": encode.keyboard(reply.buttons),
            **to.common,
        }

        async def attempt(shape: Shape, file: InputFile) -> Message:
            if shape is Shape.DOCUMENT:
                return await self._bot.send_document(
                    document=file, disable_content_type_detection=True, **said
                )
            if shape is Shape.VIDEO:
                return await self._bot.send_video(
                    video=file, has_spoiler=reply.veiled or None, **await _playing(picture), **said
                )
            return await self._bot.send_photo(photo=file, has_spoiler=reply.veiled or None, **said)

        return await self._in_some_shape(picture, attempt, shapes, attach=False)

    async def _replace(self, where: At, reply: Reply, picture: Kept, shapes: Sequence[Shape]) -> str:
        """A text or a picture becomes this picture."""

        async def attempt(shape: Shape, file: InputFile) -> str:
            painted = await self._bot.edit_message_media(
                await _medium(shape, file, encode.caption(reply.text), picture, veiled=reply.veiled),
                reply_markup=encode.keyboard(reply.buttons),
                **where.named,
            )
            return mark(painted) if isinstance(painted, Message) else ""

        return await self._in_some_shape(picture, attempt, shapes, attach=True)

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
        attempt: Callable[[Shape, InputFile], Awaitable[T]],
        shapes: Sequence[Shape],
        *,
        attach: bool,
    ) -> T:
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
            with Body(path) as file:
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
