"""The Telegram face: fills `bot.ports.Adapter`."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import shutil
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from telegram import Bot, ChatMember
from telegram.constants import ChatAction
from telegram.error import BadRequest, ChatMigrated, InvalidToken, TelegramError

from adapters.telegram import ailing, encode, inline, menu
from adapters.telegram.decode import Me, address, place
from adapters.telegram.encode import ALERT, LIMITS
from adapters.telegram.hear import Ears, Patience
from adapters.telegram.line import Connect, Line, hush
from adapters.telegram.orphans import Orphans
from adapters.telegram.press import Presses
from adapters.telegram.trouble import NeverSent, says, translated
from adapters.telegram.voice import At, To, Voice
from bot.errors import BadPicture, EaselError, Gone, NotDelivered, PlatformError, SetupError, Unreachable
from bot.model import ChatId, Fault, Post, Reply, Source, User, UserId
from bot.patience import patiently
from bot.ports import MB, Door

T = TypeVar("T")
OFFICIAL = "https://api.telegram.org"
_CONNECTIONS = 8
_FETCH, _FETCH_SELF_HOSTED = 20 * MB, 50 * MB
_ADMIN_SECONDS = 60.0
_again = partial(patiently, tries=3, wait=0.25)


class Telegram:
    """Telegram by its Bot API.

    ``spool`` is a folder for pictures on their way. ``api_url`` may be a self-hosted Bot API server
    or a proxy. With ``webhook_url``, an ``https`` address that leads to `webhook`, updates are
    pushed; ``secret`` (``A-Za-z0-9_-``) proves that Telegram pushes, and is made of the token if empty.
    ``connect`` makes what it is reached by. One that does not listen answers all the same.
    """

    name = "telegram"
    limits = LIMITS

    def __init__(
        self,
        token: str,
        *,
        spool: Path,
        connect: Connect,
        api_url: str = OFFICIAL,
        webhook_url: str = "",
        secret: str = "",
        listens: bool = True,
    ) -> None:
        hush()
        token, api = token.strip(), api_url.rstrip("/")
        self._line, self._polling = (Line(connect(api, most), most) for most in (_CONNECTIONS, 1))
        self._bot = Bot(
            token,
            base_url=f"{api}/bot",
            base_file_url=f"{api}/file/bot",
            request=self._line,
            get_updates_request=self._polling,
        )
        self._voice, self._presses = Voice(self._bot, spool), Presses(self._bot)
        self._orphans = Orphans(self._bot)
        self._most_fetched = _FETCH if api == OFFICIAL else _FETCH_SELF_HOSTED
        self._webhook, self._secret = webhook_url, secret or _secret(token)
        self._listens, self._introduced = listens, False
        self._door: Door | None = None
        self._ears: Ears | None = None
        self._username = ""
        self._moved: dict[int, int] = {}
        self._admins: dict[tuple[int, int], tuple[float, bool]] = {}

    @property
    def ready(self) -> bool:
        if not self._listens:
            return self._introduced
        return self._ears is not None and (self._ears.hearing or self._ears.standing_by)

    # hearing

    async def run(self, door: Door) -> None:
        """Serve until cancelled. Raises `SetupError` when Telegram refuses the token or the webhook."""
        self._door = door
        try:
            me = await self._introduce(door)
            if not self._listens:
                self._introduced = True
                await asyncio.Event().wait()
            self._ears = Ears(self._bot, self._polling, door, self._presses, me)
            offering = asyncio.create_task(menu.offer(self._bot, door))
            try:
                await self._ears.run(self._webhook, self._secret)
            finally:
                offering.cancel()
                await asyncio.gather(offering, return_exceptions=True)
        finally:
            self._ears = None
            await asyncio.gather(self._line.shutdown(), self._polling.shutdown())

    async def _introduce(self, door: Door) -> Me:
        await asyncio.gather(self._line.initialize(), self._polling.initialize())
        patience = Patience()
        while True:
            try:
                me = await self._bot.get_me()
            except InvalidToken:
                raise SetupError("error-telegram-token") from None
            except TelegramError as error:
                await patience.bear(error)
                continue
            patience.relax()
            self._username = me.username or ""
            return Me(me.id, self._username, frozenset(command.name for command in door.commands))

    async def webhook(self, secret: str, body: bytes) -> int:
        """What Telegram pushed, with its ``X-Telegram-Bot-Api-Secret-Token``; the HTTP status to answer.

        200 only once it is written down: until then Telegram pushes again.
        """
        if not hmac.compare_digest(secret.encode(), self._secret.encode()):
            return 403
        if self._ears is None or not self._ears.hearing:
            return 503
        try:
            update = json.loads(body)
            if not isinstance(update.get("update_id"), int):
                return 400
        except (ValueError, AttributeError):
            return 400
        try:
            await self._ears.take([update])
        except EaselError:  # not written down
            return 503
        return 200

    # saying

    async def send(self, chat: ChatId, reply: Reply, *, origin: Post | None = None, key: str = "") -> Post:
        """Telegram knows no ``key``: a send whose fate is unknown is `NotDelivered` and never repeated."""
        presser = self._presses.user(origin.grip) if origin else None
        if presser and origin and reply.private and await self._whispered(origin.grip, reply):
            return Post(chat, "")
        if name := inline.message(chat):
            if not (reply.private or reply.form or reply.files):
                with suppress(Gone):
                    return await self.edit(Post(chat, name), reply)
            return await self.send(chat.home, reply)

        async def say(number: int, thread: int | None) -> Post:
            to = To(number, thread, _answered(origin, chat), presser if number < 0 else None, reply.quiet)
            said = await self._voice.send(to, reply)
            self._orphans.told(number, said)
            return Post(place(number, thread), str(said))

        return await _again(NeverSent)(self._at)(chat, say)

    async def _whispered(self, query: str, reply: Reply) -> bool:
        """Shown to who pressed, in a box, where it fits into one."""
        fits = len(reply.text) <= ALERT and not (reply.pictures or reply.files or reply.buttons or reply.form)
        return fits and await self._presses.say(query, reply.text)

    async def edit(self, post: Post, reply: Reply) -> Post:
        async def repaint(number: int, thread: int | None) -> Post:
            mark = await self._voice.edit(At(number, int(post.id)), reply)
            return Post(place(number, thread), post.id, mark or post.grip)

        async def repaint_inline(person: int, _: int | None) -> Post:
            await self._repaint_inline(person, inline.message(post.chat), reply)
            return post

        there = repaint_inline if inline.message(post.chat) else repaint
        return await _again(NotDelivered)(self._at)(post.chat, there)

    async def _repaint_inline(self, person: int, name: str, reply: Reply) -> None:
        """A preview is not worth an upload by way of the person's own chat."""
        reply = replace(reply, buttons=inline.buttons(reply.buttons))
        if reply.pictures and not reply.busy:
            await self._voice.lend(person, reply, At(inline=name))
        else:
            await self._voice.edit(At(inline=name), replace(reply, pictures=(), files=()))

    async def delete(self, post: Post) -> None:
        async def take_away(number: int, _: int | None) -> None:
            if name := inline.message(post.chat):
                await self._voice.edit(At(inline=name), Reply())
                return
            await self._bot.delete_message(number, int(post.id))

        try:
            await _again(NotDelivered)(self._at)(post.chat, take_away)
        except Gone:
            return

    async def orphans(self, post: Post, reply: Reply, *, origin: Post | None = None) -> list[Post]:
        if inline.message(post.chat):
            return []

        async def look(number: int, thread: int | None) -> list[Post]:
            answered = _answered(origin, post.chat) or 0
            found = await self._orphans.like(number, thread, int(post.id), answered, reply.text)
            return [Post(post.chat, str(message)) for message in found]

        return await self._at(post.chat, look)

    async def _at(self, chat: ChatId, call: Callable[[int, int | None], Awaitable[T]]) -> T:
        """Do something in a chat, wherever it is by now. Raises `PlatformError`."""
        number, thread = address(chat)
        try:
            try:
                return await call(self._moved.get(number, number), thread)
            except ChatMigrated as moved:
                await self._moves(number, moved.new_chat_id)
                return await call(moved.new_chat_id, None)
        except FileNotFoundError:
            raise PlatformError("error-picture-gone") from None
        except TelegramError as error:
            raise translated(error) from None

    async def _moves(self, old: int, new: int) -> None:
        self._moved[old] = new
        if self._door:
            await self._door.moved(place(old), place(new))

    # asking

    async def fetch(self, source: Source, to: Path) -> None:
        await _again(NotDelivered)(self._fetched)(source.removeprefix("telegram:"), to)

    async def _fetched(self, file_id: str, to: Path) -> None:
        """The file's URL holds the token: it is used here and shown to nobody."""
        most = self._most_fetched
        try:
            file = await self._bot.get_file(file_id)
            path = file.file_path or ""
            if (file.file_size or 0) > most:
                raise BadPicture("error-picture-too-big", most=most // MB)
            if path.startswith("/"):  # a self-hosted server in local mode: on our own disk
                await asyncio.to_thread(shutil.copyfile, path, to)
            else:
                await self._line.download(path, to, most)
        except BadRequest as error:
            if says(error, "file is too big"):  # the official server's own words, whatever stands before it
                raise BadPicture("error-picture-too-big", most=_FETCH // MB) from None
            raise BadPicture("error-picture-gone") from None
        except TelegramError as error:
            raise translated(error) from None

    async def is_admin(self, chat: ChatId, user: User) -> bool:
        try:
            number, person = address(chat)[0], int(user.id.split(":")[1])
        except ValueError:  # a place that somebody made up
            return False
        if number == person:
            return True
        now = time.monotonic()
        self._admins = {who: told for who, told in self._admins.items() if told[0] > now}
        if (number, person) not in self._admins:
            try:
                admin = await _again(NotDelivered)(self._at)(chat, partial(self._member_is_admin, person))
            except Unreachable:  # a place that does not know us
                return False
            self._admins[number, person] = (now + _ADMIN_SECONDS, admin)
        return self._admins[number, person][1]

    async def _member_is_admin(self, person: int, number: int, _: int | None) -> bool:
        try:
            member = await self._bot.get_chat_member(number, person)
        except BadRequest as error:
            if says(error, "member not found", "user not found", "participant_id_invalid"):
                return False
            raise
        return member.status in (ChatMember.OWNER, ChatMember.ADMINISTRATOR)

    async def ailments(self, chat: ChatId) -> list[Fault]:
        if address(chat)[0] > 0:
            return []
        try:
            return await _again(NotDelivered)(self._at)(chat, self._ailing)
        except Unreachable:
            return [ailing.OUT]

    async def _ailing(self, number: int, _: int | None) -> list[Fault]:
        me = await self._bot.get_me()
        there, member = await asyncio.gather(
            self._bot.get_chat(number), self._bot.get_chat_member(number, me.id)
        )
        return ailing.ailments(me, there, member)

    async def private(self, user: UserId) -> ChatId:
        number = user.split(":")[1]
        if number.startswith("-"):  # a chat that speaks for itself: an anonymous admin, a channel
            raise Unreachable
        chat = ChatId(f"telegram:{number}")
        await _again(NotDelivered)(self._at)(chat, self._knock)
        return chat

    async def _knock(self, number: int, _: int | None) -> None:
        """Nobody is written to who did not write first."""
        await self._bot.send_chat_action(number, ChatAction.TYPING)

    async def aside(self, chat: ChatId, user: UserId) -> ChatId:
        alone = await self.private(user)
        return ChatId(f"{chat.home}:@{alone.rest}")

    def link(self, payload: str) -> str:
        return f"https://t.me/{self._username}?start={payload}" if self._username else ""

    def link_back(self, post: Post) -> str:
        return encode.message_url(*address(post.chat), post.id)


def _answered(origin: Post | None, chat: ChatId) -> int | None:
    """The message that is answered, if it stands in this chat: another has one of that id too."""
    near = origin is not None and address(origin.chat)[0] == address(chat)[0]
    return int(origin.id) if origin and origin.id and near else None


def _secret(token: str) -> str:
    return hmac.new(token.encode(), b"webhook", hashlib.sha256).hexdigest()
