"""An honest small Discord: REST v10 and the gateway over loopback, checked against Discord's own document."""

from tests.fakes.discord.server import APPLICATION, TOKEN, Call, FakeDiscord, Fault
from tests.fakes.discord.world import Ask, Channel, Message, Person, Server

__all__ = [
    "APPLICATION",
    "TOKEN",
    "Ask",
    "Call",
    "Channel",
    "FakeDiscord",
    "Fault",
    "Message",
    "Person",
    "Server",
]
