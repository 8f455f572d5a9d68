"""An honest small Telegram: the Bot API over loopback, checked against its own document."""

from tests.fakes.telegram.server import TOKEN, Call, FakeTelegram, Fault
from tests.fakes.telegram.world import Message, Person, Place, Stored

__all__ = ["TOKEN", "Call", "FakeTelegram", "Fault", "Message", "Person", "Place", "Stored"]
