"""What people do in their tabs, carried to the core."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request

from adapters.web import decode, encode, page
from adapters.web.decode import OWNER, PLAYGROUND
from adapters.web.page import Tab, Tabs
from adapters.web.transcript import Transcript
from bot.model import Invocation, User
from bot.ports import Door

log = logging.getLogger(__name__)

_FORGETS = "forgetme"  # the command behind the button that means it
_DECODERS = {"say": decode.said, "press": decode.pressed, "answer": decode.answered}


class Ears:
    """Makes the page for each tab and answers its events, each in a task of its own."""

    def __init__(
        self,
        door: Door,
        transcript: Transcript,
        tabs: Tabs,
        tasks: asyncio.TaskGroup,
        forget: Callable[[str], Awaitable[None]],
        *,
        password: bool,
    ) -> None:
        self._door, self._transcript, self._tabs = door, transcript, tabs
        self._tasks, self._forget, self._password = tasks, forget, password

    async def show(self, request: Request) -> None:
        """Build the page for a tab, in the chat's language, else the browser's."""
        words = self._door.words
        wanted = decode.languages(request.headers.get("accept-language", ""))
        tag = words.match(*wanted)
        user = User(OWNER, words.say(tag, "web-you"), tag if wanted else None)
        language = await self._door.language(PLAYGROUND, user)
        tab = page.build(
            user,
            language,
            words=words,
            commands=self._door.commands,
            messages=self._transcript.messages,
            heard=self._heard,
            password=self._password,
        )
        self._tabs.add(tab)

    def _heard(self, tab: Tab, kind: str, event: Mapping[str, Any]) -> None:
        if kind == "ask":
            self._begin(self._suggest(tab, event))
            return
        if kind == "cancel":
            self._withdraw(str(event.get("asked", "")))
            return
        title = self._door.words.say(tab.language, "web-title")
        try:
            invocation = _DECODERS[kind](event, tab.user, tab.id, title)
        except ValueError as error:
            log.warning("a tab said what makes no sense: %s", error)
            return
        if kind == "say":
            self._echo(tab, invocation, str(event.get("text", "")))
        elif kind == "answer" and (prompt := invocation.options.get("prompt")):  # other answers may be secret
            self._echo(tab, replace(invocation, options={}), str(prompt))
        self._begin(self._handle(invocation))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.create_task(_logged(work))

    def _echo(self, tab: Tab, invocation: Invocation, typed: str) -> None:
        message = encode.echo(invocation, typed)
        self._transcript.put(message)
        self._tabs.put(message)
        tab.composer.run_method("accepted", invocation.id)

    def _withdraw(self, words: str) -> None:
        """A form was closed unanswered: what asked for it was as good as not said."""
        for message in self._transcript.withdraw(words):
            self._tabs.drop(message)

    async def _handle(self, invocation: Invocation) -> None:
        await self._door.handle(invocation)
        if invocation.command == _FORGETS and invocation.origin:
            await self._forget(invocation.origin.id)
        for tab in self._tabs:
            if tab.language != await self._door.language(PLAYGROUND, tab.user):
                tab.reload()

    async def _suggest(self, tab: Tab, event: Mapping[str, Any]) -> None:
        option, typed = str(event.get("option", "")), str(event.get("typed", ""))[:200]
        values = await self._door.suggest(PLAYGROUND, tab.user, option, typed)
        tab.composer.run_method("told", str(event.get("id", "")), values)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    """One event that can't be answered takes no other along."""
    try:
        await work
    except Exception:
        log.exception("an event of the playground was not answered")
