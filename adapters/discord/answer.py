"""One interaction and its answer, by Discord's rules.

It must be acknowledged within three seconds, once; a form must be the first answer; after "thinking…" the
first message is ``@original``, and who sees it was settled by the acknowledgement. ``@original`` is always
*edited*, which may be repeated, never sent.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace

from adapters.discord.encode import EPHEMERAL, Payload
from adapters.discord.grip import Grip, Way
from adapters.discord.rest import Request, Rest
from adapters.discord.trouble import Taken, TokenDead
from bot.errors import Gone, NotDelivered

log = logging.getLogger(__name__)

_ACKNOWLEDGE_IN, _TRIES = 2.8, 6  # as many as fit in
_MODAL, _MESSAGE, _UPDATE = 9, 5, 6
_CALLBACK = "/interactions/{webhook_id}/{webhook_token}/callback"
_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"


class Answer:
    """How far one interaction is answered; ``grip`` says it, and is what a `Post` carries on."""

    def __init__(self, rest: Rest, grip: Grip) -> None:
        self.grip = grip
        self.lock = asyncio.Lock()
        self.tried = False
        self._rest = rest

    @property
    def way(self) -> Way:
        return self.grip.way

    def turn(self, way: Way) -> None:
        self.grip = replace(self.grip, way=way)

    async def acknowledge(self) -> None:
        """Take the interaction, as its way says. One that Discord gave up is answered in the channel."""
        try:
            await self.callback(self._acknowledgement)
        except Taken:
            return
        except TokenDead:
            self.turn(Way.TAKEN)
        except NotDelivered as error:  # it may have arrived: whoever answers will see
            log.warning("an interaction could not be acknowledged: %s", error)

    async def begin(self) -> None:
        """Acknowledge, beside whatever is done about it; what is said meanwhile waits for that."""
        async with self.lock:
            await self.acknowledge()

    async def awaited(self) -> bool:
        """After a restart: whether the person still waits, for "thinking…" or within the three seconds.

        Who waited longer was told by Discord that nobody answered, and may have asked again.
        """
        try:
            await self._first(self._acknowledgement)
        except Taken:
            return True
        except TokenDead:
            return False
        return True

    async def open(self, *, private: bool) -> None:
        """Acknowledge what waited for its first answer, now that it is no form."""
        if self.way is Way.OPEN:
            self.turn(Way.WHISPERING if private else Way.THINKING)
            await self.acknowledge()

    async def ask(self, modal: Payload) -> bool:
        """Show a form; false when it is too late for one."""
        if self.way is not Way.OPEN:
            return False
        self.turn(Way.TAKEN)
        try:
            with suppress(Taken):
                await self.callback({"type": _MODAL, "data": modal})
        except (TokenDead, NotDelivered):
            return False
        return True

    async def callback(self, body: Payload) -> None:
        """The first answer, sent again when the line drops: a second one is refused, so the first arrived.

        Raises `NotDelivered` when the three seconds are over, or `TokenDead` where Discord says so.
        """
        try:
            async with asyncio.timeout(_ACKNOWLEDGE_IN):
                await self._first(body)
        except TimeoutError:
            raise NotDelivered from None

    async def _first(self, body: Payload) -> None:
        parts = {"webhook_id": self.grip.interaction, "webhook_token": self.grip.token}
        await self._rest.call(Request("POST", _CALLBACK, parts, body=body), tries=_TRIES, wait=0.1)

    @property
    def _acknowledgement(self) -> Payload:
        kind = _UPDATE if self.way is Way.PRESSED else _MESSAGE
        data = {"flags": EPHEMERAL} if self.way is Way.WHISPERING else None
        return {"type": kind, "data": data} if data else {"type": kind}

    async def late(self, seconds: float, *, private: bool) -> None:
        """After so long there will be no form: say "thinking…" while that is still allowed."""
        await asyncio.sleep(seconds)
        async with self.lock:
            await self.open(private=private)

    async def close(self) -> None:
        """The core is done. An answer that never came leaves no "thinking…" behind."""
        async with self.lock:
            await self.open(private=True)
            if self.way in (Way.THINKING, Way.WHISPERING) and not self.tried:
                self.turn(Way.TAKEN)
                await self.take_back()

    async def take_back(self) -> None:
        """Remove ``@original``, unless somebody did, or it never came to be."""
        with suppress(Gone, TokenDead):
            await self._rest.call(original("DELETE", self.grip))


def original(method: str, grip: Grip) -> Request:
    """The first message that answered, or the message with the button that was pressed in silence."""
    return Request(method, f"{_WEBHOOK}/messages/@original", _parts(grip))


def followed(method: str, grip: Grip, message: str) -> Request:
    """A message of this interaction, by its id."""
    return Request(method, f"{_WEBHOOK}/messages/{{message_id}}", {**_parts(grip), "message_id": message})


def follow_up(grip: Grip) -> Request:
    """One more message. It has no nonce, so it is sent once and never by the machine again."""
    return Request("POST", _WEBHOOK, _parts(grip), {"wait": "true"}, repeatable=False)


def _parts(grip: Grip) -> dict[str, str]:
    return {"webhook_id": grip.application, "webhook_token": grip.token}
