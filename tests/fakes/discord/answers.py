"""Discord's rules of answering an interaction."""

from __future__ import annotations

import time
from typing import Any

from tests.fakes.discord.messages import Files, Messages
from tests.fakes.discord.spec import Refused, Violation
from tests.fakes.discord.world import EPHEMERAL, Ask, Message, World

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
_MAY = {
    COMMAND: {MESSAGE, DEFERRED, MODAL},
    COMPONENT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL_SUBMIT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE},
}


class Answers:
    """``patience``: seconds until an interaction nobody answered is forgotten. ``life``: of its token."""

    def __init__(self, world: World, messages: Messages, application: str) -> None:
        self._world, self._messages, self._application = world, messages, application
        self.patience, self.life = 3.0, 900.0

    def callback(self, id_: str, token: str, body: dict[str, Any], files: Files) -> Ask:
        """The first answer."""
        ask = self._world.asks.get(token)
        if ask is None or ask.id != id_:
            raise Refused(404, 10062, "Unknown interaction")
        if ask.callback is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        if time.monotonic() - ask.created > self.patience:
            raise Refused(404, 10062, "Unknown interaction")
        kind = body["type"]
        if kind not in _MAY[ask.kind] or (kind in (DEFERRED_UPDATE, UPDATE) and ask.message is None):
            raise Violation(f"an interaction of type {ask.kind} can't be answered by type {kind}")
        self._answer(ask, kind, body.get("data") or {}, files)
        ask.callback, ask.acknowledged = kind, time.monotonic()
        return ask

    def _answer(self, ask: Ask, kind: int, data: dict[str, Any], files: Files) -> None:
        if kind == MODAL:
            if len(data["components"]) > 5:
                raise Violation("components: a modal has 5 or fewer")
            ask.modal = data
        elif kind == CHOICES:
            ask.choices = data["choices"]
        elif kind in (DEFERRED_UPDATE, UPDATE):
            ask.original = ask.message
            if kind == UPDATE and ask.message:
                self._messages.write(ask.message, data, files)
        else:
            ask.original = self._new(ask, bool((data.get("flags") or 0) & EPHEMERAL))
            if kind == MESSAGE:
                self._messages.write(ask.original, data, files)

    def _new(self, ask: Ask, ephemeral: bool) -> Message:
        viewer = ask.person if ephemeral else None
        message = Message(ask.channel, self._world.bot, viewer=viewer, ask=ask, thinking=True)
        ask.channel.messages.append(message)
        return message

    def follow_up(self, application: str, token: str, body: dict[str, Any], files: Files) -> Message:
        """One more message; right after a deferral it becomes the deferred one, whatever its flags say."""
        ask = self._alive(application, token)
        original = ask.original
        if original and original.thinking and not original.gone:
            message = original
        else:
            message = self._new(ask, bool((body.get("flags") or 0) & EPHEMERAL))
        try:
            self._messages.write(message, body, files)
        except Refused:
            if message is not original:
                ask.channel.messages.remove(message)
            raise
        return message

    def find(self, application: str, token: str, message: str) -> Message:
        """``@original``, or a message of this interaction by its id."""
        ask = self._alive(application, token)
        if message == "@original":
            found = ask.original
        else:
            found = next((m for m in ask.channel.messages if m.id == message and m.ask is ask), None)
        if found is None or found.gone:
            raise Refused(404, 10008, "Unknown Message")
        return found

    def edit(self, application: str, token: str, message: str, body: dict[str, Any], files: Files) -> Message:
        found = self.find(application, token, message)
        if (body.get("flags") or 0) & EPHEMERAL:
            raise Violation("flags: an edit can't make a message ephemeral")
        self._messages.write(found, body, files)
        found.edits += 1
        return found

    def _alive(self, application: str, token: str) -> Ask:
        ask = self._world.asks.get(token)
        if ask is None or application != self._application:
            raise Refused(404, 10015, "Unknown Webhook")
        if ask.dead or time.monotonic() - ask.created > self.life:
            raise Refused(401, 50027, "Invalid Webhook Token")
        if ask.callback is None:
            raise Refused(404, 10015, "Unknown Webhook")
        return ask
