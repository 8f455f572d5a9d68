"""Saying things: where a message goes, and what it takes for its files to get there."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.discord import encode
from adapters.discord.answer import Answer, follow_up, followed, original
from adapters.discord.grip import DEFAULT_UPLOAD, Grip, Way
from adapters.discord.rest import Request, Rest
from adapters.discord.trouble import TokenDead, TooLarge
from adapters.discord.uploads import Baggage, packed, rungs
from bot.errors import Gone, NotDelivered, PlatformError, Unreachable
from bot.model import ChatId, Form, Post, Reply, User, UserId
from bot.ports import Door, Link, no_link
from bot.views import excess, linked

log = logging.getLogger(__name__)

_NONCE = 25
Private = Callable[[UserId], Awaitable[ChatId]]
"""Opens somebody's direct messages."""

_ORIGINAL = (Way.THINKING, Way.WHISPERING)


class Voice:
    """``folder`` takes re-encoded pictures for as long as they travel. Raises only `PlatformError`."""

    def __init__(self, rest: Rest, folder: Path, private: Private, link: Link = no_link) -> None:
        self._rest, self._folder, self._private, self._link = rest, folder, private, link
        self._answers: dict[str, Answer] = {}
        self._most: dict[str, int] = {}
        self.door: Door | None = None

    # interactions under way

    def begin(self, chat: ChatId, grip: Grip) -> Answer:
        """An interaction was heard; until `end`, what it is answered with goes through its `Answer`."""
        self._most[chat.home] = grip.upload
        self._answers[grip.interaction] = answer = Answer(self._rest, grip)
        return answer

    def end(self, grip: Grip) -> None:
        self._answers.pop(grip.interaction, None)

    def _answer(self, origin: Post | None) -> Answer | None:
        """The interaction to answer; one of an earlier process is taken as far as it had surely come."""
        grip = _grip(origin)
        if grip is None:
            return None
        if grip.way is Way.OPEN:
            grip = replace(grip, way=Way.THINKING)
        return self._answers.get(grip.interaction) or Answer(self._rest, grip)

    async def _held(self, post: Post) -> Grip | None:
        """The interaction that a message still hangs on, acknowledged: before that it is good for nothing."""
        grip = _grip(post)
        if grip and (answer := self._answers.get(grip.interaction)):
            async with answer.lock:
                pass
        return grip

    # something new

    async def send(self, chat: ChatId, reply: Reply, origin: Post | None, key: str) -> Post:
        answer = self._answer(origin)
        if answer is None:
            if reply.private and origin and not chat.rest.startswith("@"):
                raise Unreachable  # only an interaction reaches one person alone
            return await self._in_channel(chat, reply, key)
        if chat.aside:
            reply = replace(reply, private=True)
        async with answer.lock:
            answer.tried = True
            if reply.form:
                return await self._ask(answer, chat, reply.form)
            return await self._reply(answer, chat, reply, key)

    async def _ask(self, answer: Answer, chat: ChatId, form: Form) -> Post:
        try:
            if await answer.ask(encode.modal(form)):
                return Post(chat, "")
        except ValueError as error:
            log.warning("/%s can't be asked for: %s", form.command, error)
        late = Reply(await self._say(chat, answer.grip, "discord-form-late"), private=True)
        return await self._reply(answer, chat, late, "")

    async def _reply(self, answer: Answer, chat: ChatId, reply: Reply, key: str) -> Post:
        await answer.open(private=reply.private)
        if answer.way is Way.THINKING and reply.private:
            # Whoever sees the first answer was settled with the acknowledgement: this one may not be it.
            answer.turn(Way.TAKEN)
            await answer.take_back()
        if answer.way in _ORIGINAL:
            try:
                return await self._as_original(answer, chat, reply)
            except (Gone, TokenDead):
                answer.turn(Way.TAKEN)
        return await self._besides(answer.grip, chat, reply, key)

    async def _as_original(self, answer: Answer, chat: ChatId, reply: Reply) -> Post:
        said = await self._put(original("PATCH", answer.grip), chat, reply, answer.grip)
        whispered = answer.way is Way.WHISPERING
        answer.turn(Way.TAKEN)
        return _posted(chat, said["id"], answer.grip, whispered=whispered)

    async def _besides(self, grip: Grip, chat: ChatId, reply: Reply, key: str) -> Post:
        """One more message: in the channel, where a repeat does no harm, else after the first answer."""
        if not reply.private:
            try:
                return await self._in_channel(chat, reply, key)
            except Unreachable:
                if not grip.alive(time.time()):
                    raise
        try:
            said = await self._put(follow_up(grip), chat, reply, grip)
        except TokenDead:
            if not chat.aside:
                raise
            return await self._in_channel(chat, reply, key)
        return _posted(chat, said["id"], grip, whispered=reply.private)

    async def _in_channel(self, chat: ChatId, reply: Reply, key: str) -> Post:
        """A message by the bot's own right; where it has none, to the person whose place this is, alone."""
        try:
            return await self._by_right(chat, reply, key)
        except Unreachable:
            alone = await self._alone(chat)
            if alone in (None, chat):
                raise
            return await self._by_right(alone, reply, key)

    async def _alone(self, chat: ChatId) -> ChatId | None:
        """The direct messages of whose place this is: who is spoken to aside, or brought Easel along."""
        part = chat.room if chat.aside else chat.rest
        if not part.startswith("@"):
            return None
        return await self._private(UserId(f"{chat.platform}:{part[1:].partition(':')[0]}"))

    async def _by_right(self, chat: ChatId, reply: Reply, key: str) -> Post:
        request = Request("POST", "/channels/{channel_id}/messages", {"channel_id": channel(chat)})
        nonce = {"nonce": key or secrets.token_urlsafe(16)[:_NONCE], "enforce_nonce": True}
        said = await self._put(request, chat, reply, None, nonce)
        return Post(chat, said["id"])

    # what exists

    async def edit(self, post: Post, reply: Reply) -> Post:
        grip = await self._held(post)
        if grip:
            try:
                await self._put(_existing("PATCH", grip, post.id), post.chat, reply, grip)
            except (Gone, TokenDead) as error:
                if grip.way is Way.WHISPERING:
                    raise Gone from None
                if isinstance(error, Gone) and grip.way is Way.TAKEN:
                    raise
            else:
                return post
        try:
            await self._put(_in_channel("PATCH", post), post.chat, reply, grip)
        except Unreachable:
            if await self._alone(post.chat) in (None, post.chat):
                raise
            raise Gone from None  # what is said next finds the person's direct messages
        return Post(post.chat, post.id)

    async def delete(self, post: Post) -> None:
        if not post.id:
            return
        grip = await self._held(post)
        if grip:
            try:
                await self._rest.call(_existing("DELETE", grip, post.id))
            except (Gone, TokenDead):
                if grip.way is Way.WHISPERING:
                    return
            else:
                return
        try:
            await self._rest.call(_in_channel("DELETE", post))
        except Gone:
            return

    # files

    async def _put(
        self,
        request: Request,
        chat: ChatId,
        reply: Reply,
        grip: Grip | None,
        more: encode.Payload | None = None,
    ) -> dict[str, Any]:
        """One message, its files as large as this place takes them."""
        pictures = (*reply.pictures, *reply.files)[: encode.ATTACHMENTS]
        most = grip.upload if grip else self._most.get(chat.home, DEFAULT_UPLOAD)
        for rung in rungs(most, len(pictures)):
            async with packed(pictures, self._folder, rung) as baggage:
                link = no_link if reply.busy else self._link  # what is not done yet is not kept either
                notes = await self._notes(chat, grip, baggage, most, link)
                body = encode.message(reply, [upload.name for upload in baggage.uploads], *notes)
                if request.method == "POST" and reply.private and grip:
                    body["flags"] |= encode.EPHEMERAL
                if request.method == "POST" and reply.quiet:
                    body["flags"] |= encode.SILENT
                sent = replace(request, body={**body, **(more or {})}, files=baggage.uploads)
                try:
                    said = await self._rest.call(sent)
                except TooLarge:
                    continue
                if isinstance(said, dict) and "id" in said:
                    return said
                raise NotDelivered
        raise PlatformError

    async def _notes(
        self, chat: ChatId, grip: Grip | None, baggage: Baggage, most: int, link: Link
    ) -> Sequence[str]:
        """What is to be said of files that do not arrive as they are."""
        notes = []
        if baggage.shrunk:
            notes.append(await self._say(chat, grip, "picture-reencoded", count=len(baggage.shrunk)))
        for large in baggage.large:
            told = {**excess(large, most), "link": linked(large, link)}
            notes.append(await self._say(chat, grip, "file-too-large", **told))
        if baggage.left:
            notes.append(await self._say(chat, grip, "picture-left-out", count=len(baggage.left)))
        for picture in (*baggage.shrunk, *baggage.left):
            if where := link(picture):
                size = excess(picture, most)["size"]
                notes.append(await self._say(chat, grip, "file-original", size=size, link=where))
        return notes

    async def _say(self, chat: ChatId, grip: Grip | None, message_id: str, **params: str | int) -> str:
        if self.door is None:
            raise NotDelivered
        someone = User(UserId(f"{chat.platform}:0"), "", grip.locale if grip else None)
        language = await self.door.language(chat, someone)
        return self.door.words.say(language, message_id, **params)


def channel(chat: ChatId) -> str:
    """The channel of a place. Raises `Unreachable` for a home that names none."""
    _, _, found = chat.rest.partition(":")
    if not found.isdigit():
        raise Unreachable
    return found


def _grip(post: Post | None) -> Grip | None:
    """The interaction that a message still hangs on."""
    grip = Grip.read(post.grip) if post else None
    return grip if grip and grip.alive(time.time()) else None


def _posted(chat: ChatId, message: str, grip: Grip, *, whispered: bool) -> Post:
    """A message that was said through an interaction."""
    way = Way.WHISPERING if whispered else Way.TAKEN
    return Post(chat, message, str(replace(grip, way=way)))


def _existing(method: str, grip: Grip, message: str) -> Request:
    return original(method, grip) if grip.way is Way.PRESSED else followed(method, grip, message)


def _in_channel(method: str, post: Post) -> Request:
    parts = {"channel_id": channel(post.chat), "message_id": post.id}
    return Request(method, "/channels/{channel_id}/messages/{message_id}", parts)
