"""Asking the operators whether a new chat may use their key."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from bot.errors import EaselError, NotAllowed
from bot.i18n import Words
from bot.model import Access, Button, Chat, ChatId, Invocation, Reply, Style, UserId
from bot.policy import Policy
from bot.ports import Adapter, Store

log = logging.getLogger(__name__)

_ROOM = 60 - len("approve ")  # bytes of a button


class Asking:
    """``language`` is the house's, for operators who chose none."""

    def __init__(
        self, store: Store, adapters: Mapping[str, Adapter], words: Words, policy: Policy, language: str
    ) -> None:
        self._store, self._adapters, self._policy = store, adapters, policy
        self._words, self._language = words, language
        self._under_way: set[ChatId] = set()

    async def ask(self, call: Invocation, chat: Chat, language: str) -> None:
        """Once for each chat; ``language`` is spoken there. Raises `NotAllowed` when nobody was reached.

        That they were asked is written down when they were: after a crash before that they are asked anew.
        """
        if chat.home in self._under_way:
            return
        self._under_way.add(chat.home)
        try:
            async with self._store.turn(f"ask about {chat.home}", wait=False) as ours:
                if ours and (await self._store.chat(chat.home)).access is Access.NEW:
                    await self._ask_all(call, chat, language)
        finally:
            self._under_way.discard(chat.home)

    async def _ask_all(self, call: Invocation, chat: Chat, language: str) -> None:
        asked = [await self._ask(one, call, chat, language) for one in await self._policy.operators()]
        if not any(asked):
            raise NotAllowed("error-operator-silent")
        await self._store.claim_access(chat.home)

    async def _ask(self, operator: UserId, call: Invocation, chat: Chat, language: str) -> bool:
        try:
            adapter = self._adapters[operator.partition(":")[0]]
            alone = await adapter.private(operator)
            chosen = (await self._store.chat(alone.home)).language
            theirs = self._words.match(chosen, self._language)
            await adapter.send(alone, self._question(theirs, call, chat, language))
        except EaselError as error:
            log.warning("operator %s could not be asked about a chat: %s", operator, error)
            return False
        return True

    def _question(self, theirs: str, call: Invocation, chat: Chat, language: str) -> Reply:
        """Its buttons name the place, and what is spoken there if there is room: so the answer is said."""
        place, home = str(call.chat), str(chat.home)
        names = (f"{place} {language}", place)
        named = next((name for name in names if len(name.encode()) <= _ROOM), home)
        title = chat.title or place
        text = self._words.say(theirs, "access-request", name=call.user.name, title=title, place=place)
        approve = Button(self._words.say(theirs, "button-approve"), "approve", named, Style.PRIMARY)
        deny = Button(self._words.say(theirs, "button-deny"), "deny", named, Style.DANGER)
        return Reply(text, buttons=((approve, deny),))
