"""Hearing: each interaction is written down, acknowledged in time, handed to the core, and left answered.

Discord tells an interaction once. What a crash leaves unanswered is served at the next start, if the person
still waits for it. What is answered by a form is not written down: a form is shown at once or not at all.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from adapters.discord import declare, decode, encode
from adapters.discord.answer import Answer
from adapters.discord.decode import Event, Offer
from adapters.discord.grip import Grip, Way
from adapters.discord.guilds import Guilds
from adapters.discord.rest import Request, Rest
from adapters.discord.voice import Voice
from bot.command import Option
from bot.errors import EaselError, PlatformError
from bot.model import Attachment, Field, Form, Invocation
from bot.patience import outlasting
from bot.ports import Door

log = logging.getLogger(__name__)

_LATE = 2.0
_FAREWELL = 2.0  # seconds that those who are being served keep when Easel is stopped
_SEEN = 1000  # messages whose pictures are remembered until the words about them arrive
_SUGGESTED, _CHOICE = 25, 100
_CHOICES = 8


class Ears:
    """Serves interactions at the same time, each in a task of its own."""

    def __init__(self, rest: Rest, voice: Voice, guilds: Guilds, door: Door) -> None:
        self._rest, self._voice, self._guilds, self._door = rest, voice, guilds, door
        commands = {command.name: command for command in door.commands}
        self._offer = Offer(commands, declare.menus(door.commands, door.words))
        self._inbox = door.inbox("discord")
        self._resumed = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._seen: dict[str, tuple[Attachment, ...]] = {}

    def hear(self, event: dict[str, Any]) -> None:
        """An interaction arrived; what is wrong with it is its own trouble."""
        self._start(self._serve(event))

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def resume(self, others: float) -> None:
        """Serve what an earlier life left, once; others may be at it, and have ``others`` seconds."""
        if not self._resumed:
            self._resumed = True
            self._start(self._resume(others))

    async def _resume(self, others: float) -> None:
        try:
            left = await outlasting(self._inbox.pending)()
            if left and others:
                await asyncio.sleep(others)
                still = await outlasting(self._inbox.pending)()
                left = {event: raw for event, raw in left.items() if event in still}
        except EaselError as error:
            log.error("what was asked before the restart can't be read: %s", error)  # noqa: TRY400
            return
        for raw in left.values():
            self._start(self._serve(json.loads(raw), again=True))

    async def finish(self) -> None:
        """Let those who are being served have their answer, while the line is still there."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_FAREWELL)

    async def close(self) -> None:
        """Stop what is being served."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, event: Event, *, again: bool = False) -> None:
        try:
            if event["type"] == decode.AUTOCOMPLETE:
                await self._suggest(event)
            else:
                if told := decode.rights(event):
                    self._guilds.told(decode.place(event), *told[:1], thread=told[1])
                await self._remembered(event, again=again)
        except PlatformError as error:
            log.warning("an interaction was left without its answer: %s", error)
        except Exception:
            # What people typed may be in it: the payload itself is not for the log.
            log.exception("an interaction could not be served")

    async def _remembered(self, event: Event, *, again: bool) -> None:
        """Written down before it is acknowledged, until it is answered; ``again``: by an earlier life."""
        call = decode.invocation(event, self._offer)
        grip = Grip.read(call.origin.grip) if call.origin else None
        if grip is None:
            raise ValueError("an invocation that nobody can answer")
        if grip.way is Way.OPEN:
            await self._invoke(call, grip)
            return
        if not again and not await self._news(event):
            return
        if not again or await Answer(self._rest, grip).awaited():
            await self._invoke(call, grip, again=again)
        await self._inbox.handled(event["id"])

    async def _news(self, event: Event) -> bool:
        """Write it down; false when it was, since a connection that is taken up again may tell it twice."""
        try:
            return bool(await self._inbox.receive({event["id"]: json.dumps(event).encode()}))
        except EaselError:  # the core says what is wrong with the disk
            return True

    async def _invoke(self, call: Invocation, grip: Grip, *, again: bool = False) -> None:
        command = self._offer.commands.get(call.command)
        answer = self._voice.begin(call.chat, grip)
        call = self._with_pictures(call)
        meanwhile: asyncio.Task[None] | None = None
        try:
            if answer.way is Way.OPEN and (missing := decode.lacks_words(call, self._offer)):
                await self._ask_for_words(call, missing, answer)
                return
            if answer.way is Way.OPEN:
                private = decode.for_one(command, call.options)
                meanwhile = self._start(_courtesy(answer.late(_LATE, private=private)))
            elif not again:
                meanwhile = self._start(_courtesy(answer.begin()))
                await asyncio.sleep(0)  # so that it has begun before anything is said
            title = call.title or await self._guilds.name(call.chat.home)
            await self._door.handle(replace(call, title=title))
            if not again:  # then the first answer may be a job's message, from before
                await answer.close()
        finally:
            if meanwhile:
                meanwhile.cancel()
            self._voice.end(grip)

    def _with_pictures(self, call: Invocation) -> Invocation:
        """A message that is pointed at shows its pictures now, and not when the words about it arrive."""
        if call.replied is None:
            return call
        if not call.attachments:
            return replace(call, attachments=self._seen.get(call.replied.id, ()))
        self._seen[call.replied.id] = call.attachments
        if len(self._seen) > _SEEN:
            del self._seen[next(iter(self._seen))]
        return call

    async def _ask_for_words(self, call: Invocation, missing: Option, answer: Answer) -> None:
        """A form in place of the text that a menu can't take; what comes back names the message."""
        say, language = self._door.words.say, await self._door.language(call.chat, call.user)
        field = Field(missing.flag, say(language, "form-edit-prompt"), long=True)
        about = f"{decode.ABOUT}{call.replied.id if call.replied else ''}"
        form = Form(say(language, f"menu-{call.command}"), about, call.command, (field,))
        await answer.ask(encode.modal(form))

    async def _suggest(self, event: Event) -> None:
        """What fits the words typed so far; none when the core is slower than the person."""
        option, typed = decode.focused(event)
        found = await self._door.suggest(decode.place(event), decode.person(event), option, typed)
        values = [value[:_CHOICE] for value in found if value][:_SUGGESTED]
        choices = [{"name": value, "value": value} for value in values]
        grip = Grip(Way.OPEN, event["application_id"], event["id"], event["token"])
        await Answer(self._rest, grip).callback({"type": _CHOICES, "data": {"choices": choices}})

    async def offer(self, application: str) -> None:
        """Tell Discord what commands there are, if that is news."""
        ours = declare.declared(self._door.commands, self._door.words)
        path, parts = "/applications/{application_id}/commands", {"application_id": application}
        theirs = await self._rest.call(Request("GET", path, parts, {"with_localizations": "true"}))
        if declare.same(ours, theirs):
            return
        log.info("the commands changed: telling Discord")
        await self._rest.call(Request("PUT", path, parts, body=ours))


async def _courtesy(action: Coroutine[Any, Any, None]) -> None:
    """An acknowledgement that fails keeps nobody from being served: the answer finds another way."""
    try:
        await action
    except PlatformError as error:
        log.warning("an interaction could not be acknowledged: %s", error)
