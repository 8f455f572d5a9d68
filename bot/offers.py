"""The image services of the operator, by name, and which chats may use which."""

from __future__ import annotations

from dataclasses import dataclass

from bot.credits import OPERATOR
from bot.model import Chat, ChatId, Endpoint


@dataclass(frozen=True, slots=True)
class Offer:
    """One of several services: its endpoint is named ``operator:<name>``.

    ``chats`` are the homes that may use it; none: every chat that is served.
    """

    endpoint: Endpoint
    chats: frozenset[ChatId] = frozenset()

    @property
    def name(self) -> str:
        return self.endpoint.name.partition(":")[2]

    def serves(self, home: ChatId) -> bool:
        return not self.chats or home in self.chats


@dataclass(frozen=True, slots=True)
class Offers:
    """``usual`` serves the chats that chose none, or one that they may not use any more."""

    usual: Endpoint
    named: tuple[Offer, ...] = ()

    def names(self, home: ChatId) -> tuple[str, ...]:
        """What this chat may choose from."""
        return tuple(offer.name for offer in self.named if offer.serves(home))

    def chosen(self, chat: Chat) -> Endpoint:
        """The operator's endpoint for this chat."""
        mine = (
            offer.endpoint for offer in self.named if offer.name == chat.relay and offer.serves(chat.home)
        )
        return next(mine, self.usual)

    def find(self, name: str) -> Endpoint | None:
        """The endpoint of this name; ``None`` when the operator has taken it away."""
        if name in (OPERATOR, self.usual.name):
            return self.usual
        return next((offer.endpoint for offer in self.named if offer.endpoint.name == name), None)
