"""Hearing: what Telegram says is written down before it is confirmed, and served once.

Updates come by long polling or by webhook. Either way: into the inbox, then answered for, then each
served in a task of its own, then marked handled. What a crash leaves unhandled is served at the next
start; what comes twice is known by its ``update_id``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode
from weakref import WeakValueDictionary

from telegram import Bot, Update
from telegram.error import BadRequest, Conflict, NetworkError, RetryAfter, TelegramError

from adapters.telegram import decode, inline
from adapters.telegram.decode import Bare, Heard, Me, Moved, Part
from adapters.telegram.inline import Sought
from adapters.telegram.line import Line
from adapters.telegram.press import Presses
from adapters.telegram.trouble import says, seconds
from bot.errors import EaselError, SetupError, StorageError
from bot.i18n import words
from bot.model import Attachment, ChatId, Invocation, UserId
from bot.patience import outlasting
from bot.ports import Door, Draft
from bot.settings import machine_language

log = logging.getLogger(__name__)

KINDS = ("message", "channel_post", "callback_query", "inline_query", "my_chat_member")
_POLL, _MOST_SERVED, _MOST_EACH = 30, 100, 16  # of all people, and of each
_ALBUM_QUIET = 1.0  # seconds without a further part after which an album is complete
_WORDS_FOLLOW = 5.0  # seconds in which the words for a picture may still come
_ADOPT = 5.0  # seconds between two looks for what others left
_OFFERED = 10  # seconds for which Telegram may offer the same again
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 30.0
_LONGEST_REASON = 200
_FAREWELL = 2.0  # seconds that those who are being served keep when Easel is stopped


@dataclass(slots=True)
class Album:
    """The parts that came so far. Nothing says which is the last: only silence does."""

    parts: list[Part] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def complete(self, quiet: float) -> None:
        while self.news.is_set():
            self.news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), quiet)


@dataclass(slots=True)
class Shown:
    """Pictures that somebody sent without a word, until words come or the time for them is over."""

    pictures: list[Attachment] = field(default_factory=list)
    until: float = 0.0
    worded: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, pictures: Sequence[Attachment], seconds: float) -> None:
        self.pictures.extend(pictures)
        self.until = time.monotonic() + seconds

    async def wait(self) -> bool:
        """Whether words came in time."""
        while not self.worded.is_set() and (left := self.until - time.monotonic()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.worded.wait(), left)
        return self.worded.is_set()


class Ears:
    """Hears one bot's updates and serves them through the door."""

    def __init__(self, bot: Bot, line: Line, door: Door, presses: Presses, me: Me) -> None:
        self._bot, self._line, self._door, self._presses, self._me = bot, line, door, presses, me
        self._inbox = door.inbox("telegram")
        self._slots = asyncio.Semaphore(_MOST_SERVED)
        self._own: WeakValueDictionary[UserId, asyncio.Semaphore] = WeakValueDictionary()
        self._albums: dict[str, Album] = {}
        self._shown: dict[tuple[ChatId, UserId], Shown] = {}
        self._painters = frozenset(command.name for command in door.commands if command.pictures)
        self._tasks: set[asyncio.Task[None]] = set()
        self._begun: set[str] = set()
        self._over: set[str] = set()
        self._seeking: dict[UserId, asyncio.Task[None]] = {}
        self.hearing = False
        self.standing_by = False
        """Whether another process hears now, and this one will when that one ends."""

    async def run(self, webhook: str, secret: str) -> None:
        """Until cancelled. With ``webhook`` Telegram pushes to that URL; else it is asked."""
        await self._resume()
        resuming = asyncio.create_task(self._keep_resuming(), name="telegram's inbox")
        try:
            await (self._expect(webhook, secret) if webhook else self._take_turns())
        finally:
            self.hearing = False
            resuming.cancel()
            await asyncio.gather(resuming, return_exceptions=True)
            await self._finish()

    async def _finish(self) -> None:
        """Who is being answered right now is answered: a restart would else answer them a second time."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_FAREWELL)
        unfinished = {*self._tasks, *self._seeking.values()}
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    async def _keep_resuming(self) -> None:
        """What a process heard that died is served by those that live."""
        while True:
            await asyncio.sleep(_ADOPT)
            await self._resume()

    async def _resume(self) -> None:
        """Serve what an earlier life left, or a process that is no more."""
        self._begun -= self._over
        self._over.clear()
        try:
            with contextlib.suppress(StorageError):  # which says itself how it is, and is asked again soon
                for event, raw in (await self._inbox.pending()).items():
                    if event not in self._begun:
                        self._start(event, self._decoded(json.loads(raw)))
        except EaselError as error:
            log.error("what Telegram said before the restart can't be read: %s", error)  # noqa: TRY400

    # listening

    async def _expect(self, url: str, secret: str) -> None:
        patience = Patience()
        while not self.hearing:
            try:
                await self._bot.set_webhook(url, secret_token=secret, allowed_updates=KINDS)
                self.hearing = True
            except BadRequest as error:
                raise SetupError("error-telegram-webhook", reason=error.message) from None
            except TelegramError as error:
                await patience.bear(error)
        await asyncio.Event().wait()

    async def _take_turns(self) -> None:
        """One process asks, whichever has the turn; two at once Telegram would not answer."""
        patience = Patience()
        while True:
            self.standing_by = True
            try:
                async with self._door.turn("telegram"):
                    self.standing_by = False
                    await self._poll(patience)
            except EaselError as error:
                await patience.bear(error)
            finally:
                self.hearing = False

    async def _poll(self, patience: Patience) -> None:
        """An offset confirms all updates before it, so it moves on only when they are written down."""
        offset = 0
        while True:
            try:
                if not self.hearing:
                    await self._unhook()
                updates = await self._ask(offset)
                await self.take(updates)
            except (TelegramError, EaselError) as error:
                self.hearing = False
                await patience.bear(error)
                continue
            self.hearing = True
            patience.relax()
            offset = max((update["update_id"] + 1 for update in updates), default=offset)

    async def _unhook(self) -> None:
        """With a webhook set nothing can be polled. What waits is kept."""
        if (await self._bot.get_webhook_info()).url:
            log.info(
                "Telegram had a webhook for this bot; it is taken away, since TELEGRAM_WEBHOOK_URL is not set"
            )
            await self._bot.delete_webhook()

    async def _ask(self, offset: int) -> Sequence[Mapping[str, Any]]:
        """``getUpdates``, left as it is: one update that nobody can read must not hide the others."""
        wait = _POLL if self.hearing else 0
        query = urlencode({"offset": offset, "timeout": wait, "allowed_updates": json.dumps(KINDS)})
        answer: Any = await self._line.post(
            f"{self._bot.base_url}/getUpdates?{query}", read_timeout=wait + 10
        )
        return answer  # type: ignore[no-any-return]

    # serving

    async def take(self, updates: Iterable[Mapping[str, Any]]) -> None:
        """Write down what concerns us, then serve what is new of it."""
        told = {str(update["update_id"]): update for update in updates}
        heard = {event: found for event, update in told.items() if (found := self._decoded(update))}
        for event, found in list(heard.items()):
            if isinstance(found, Sought):
                self._seek(found)
                del heard[event]
        if heard:
            for event in await self._inbox.receive({e: json.dumps(told[e]).encode() for e in heard}):
                self._start(event, heard[event])

    def _seek(self, sought: Sought) -> None:
        """Answer at once or never: as somebody types on, what they typed before is no question any more."""
        if (earlier := self._seeking.pop(sought.user.id, None)) and not earlier.done():
            earlier.cancel()
        task = self._seeking[sought.user.id] = asyncio.create_task(self._offer(sought))
        task.add_done_callback(lambda _: self._sought(sought, task))

    def _sought(self, sought: Sought, task: asyncio.Task[None]) -> None:
        if self._seeking.get(sought.user.id) is task:
            del self._seeking[sought.user.id]

    async def _offer(self, sought: Sought) -> None:
        chat = ChatId(sought.user.id)
        try:
            async with self._slots:
                draft = await self._door.draft(chat, sought.user, sought.said, sought.skip)
            await self._answered(sought, draft, past=True)
        except BadRequest as error:
            if says(error, "query is too old"):
                return
            # A picture of the past that this bot can't show any more must not hide the words.
            with contextlib.suppress(TelegramError):
                await self._answered(sought, draft, past=False)
        except TelegramError as error:
            log.info("somebody's words were not answered as they wrote: %s", error.message)

    async def _answered(self, sought: Sought, draft: Draft, *, past: bool) -> None:
        await self._bot.answer_inline_query(
            sought.query,
            inline.results(draft, past=past),
            cache_time=_OFFERED,
            is_personal=True,
            next_offset=str(draft.more) if draft.more and past else "",
        )

    def _decoded(self, update: Mapping[str, Any]) -> Heard | None:
        try:
            return decode.heard(Update.de_json(dict(update), self._bot), self._me)
        except Exception:
            log.exception("an update can't be read, and is left out")
            return None

    def _start(self, event: str, heard: Heard | None) -> None:
        """Begin to serve, once: an event may be found in the inbox while it is being served."""
        if event in self._begun:
            return
        self._begun.add(event)
        task = asyncio.create_task(self._serve(event, heard), name=f"telegram {event}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, event: str, heard: Heard | None) -> None:
        try:
            await self._do(event, heard)
        except Exception:
            # It stays in the inbox, for the next start.
            log.exception("an update could not be served")

    async def _do(self, event: str, heard: Heard | None) -> None:
        match heard:
            case Part():
                await self._gather(heard)
                return
            case Moved():
                await outlasting(self._door.moved)(decode.place(heard.old), decode.place(heard.new))
            case Bare():
                await self._show(heard)
            case Invocation():
                await self._reply(heard)
        await self._handled(event)

    async def _handled(self, event: str) -> None:
        """It is out of the inbox: nobody finds it there and begins once more, so it can be forgotten."""
        await outlasting(self._inbox.handled)(event)
        self._over.add(event)

    async def _answer(self, invocation: Invocation) -> None:
        """In its turn: whatever one person waits for, a slow relay of their own, others are served."""
        own = self._own.setdefault(invocation.user.id, asyncio.Semaphore(_MOST_EACH))
        if invocation.pressed and invocation.origin:
            async with self._presses.serving(invocation.origin.grip, invocation.user), own, self._slots:
                await self._door.handle(invocation)
        else:
            async with own, self._slots:
                await self._door.handle(invocation)

    async def _show(self, bare: Bare) -> None:
        """Wait for words to a picture: they are answered, and marked handled, before it is.

        So a crash in between finds both again, and the request keeps the id that the words gave it.
        """
        who = (bare.call.chat, bare.call.user.id)
        first = who not in self._shown
        shown = self._shown.setdefault(who, Shown())
        shown.add(bare.call.attachments, _WORDS_FOLLOW)
        if first and not await shown.wait():
            del self._shown[who]
            if bare.addressed:
                await self._answer(replace(bare.call, attachments=tuple(shown.pictures)))
            shown.answered.set()
        await shown.answered.wait()

    async def _reply(self, call: Invocation) -> None:
        """What is said, with the pictures that were sent just before where it could do with some."""
        who = (call.chat, call.user.id)
        complete = call.pressed or call.attachments or call.replied
        wants = call.command in self._painters or (call.private and not call.command)
        shown = None if complete or not wants else self._shown.pop(who, None)
        if shown is None:
            await self._answer(call)
            return
        shown.worded.set()
        await self._answer(replace(call, attachments=tuple(shown.pictures)))
        await self._handled(call.id.partition(":")[2])
        shown.answered.set()

    async def _gather(self, part: Part) -> None:
        """The first part waits for the others, then all are one invocation.

        The first is the last to be marked handled: a crash in between finds it again, and so the
        invocation keeps its id.
        """
        album = self._albums.setdefault(part.album, Album())
        album.parts.append(part)
        album.news.set()
        if len(album.parts) > 1:
            return
        await album.complete(_ALBUM_QUIET)
        del self._albums[part.album]
        match decode.gathered(album.parts, self._me):
            case Bare() as bare:
                await self._show(bare)
            case Invocation() as call:
                await self._reply(call)
        for update in sorted((part.update for part in album.parts), reverse=True):
            await self._handled(str(update))


class Patience:
    """Waits longer each time, and says once what it is waiting for."""

    def __init__(self) -> None:
        self._pause = 0.0

    async def bear(self, error: Exception) -> None:
        """Wait after a failure: what Telegram asks for, else twice as long as before."""
        if not self._pause:
            log.warning(_complaint(error))
        self._pause = min(max(self._pause * 2, _FIRST_PAUSE), _LONGEST_PAUSE)
        await asyncio.sleep(seconds(error) if isinstance(error, RetryAfter) else self._pause)

    def relax(self) -> None:
        if self._pause:
            log.info("Telegram answers again")
        self._pause = 0.0


def _complaint(error: Exception) -> str:
    """One line for the operator: what is wrong, and what to look at where Telegram can't be reached."""
    said = error.message if isinstance(error, TelegramError) else str(error)
    if isinstance(error, Conflict):
        said = "another program is listening with this token"
    elif type(error) in (NetworkError, TelegramError):
        reason = " ".join(said.split())[:_LONGEST_REASON]
        return words().say(machine_language(), "setup-telegram-silent", reason=reason)
    return f"Telegram: {said}; trying again"
