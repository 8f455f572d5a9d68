"""What the page shows: the latest messages, and the pictures that they were given."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable

from adapters.web.encode import Message, ticket
from bot.model import Picture

MOST_MESSAGES = 100
MOST_PICTURES = 400


class Transcript:
    """Bounded, in the order in which messages were first shown; a repaint keeps its place."""

    def __init__(self) -> None:
        self._messages: OrderedDict[str, Message] = OrderedDict()
        self._pictures: OrderedDict[str, Picture] = OrderedDict()
        self._dropped: deque[str] = deque(maxlen=MOST_MESSAGES)

    @property
    def messages(self) -> list[Message]:
        """Oldest first."""
        return list(self._messages.values())

    def put(self, message: Message, pictures: Iterable[Picture] = ()) -> None:
        """Show a message, or repaint the one of that id."""
        self._messages[message["id"]] = message
        while len(self._messages) > MOST_MESSAGES:
            self._messages.popitem(last=False)
        for picture in pictures:
            self._pictures[ticket(picture)] = picture
            self._pictures.move_to_end(ticket(picture))
        while len(self._pictures) > MOST_PICTURES:
            self._pictures.popitem(last=False)

    def prepend(self, message: Message) -> None:
        """A message of earlier days; one that is shown already stays as it is."""
        if message["id"] not in self._messages and len(self._messages) < MOST_MESSAGES:
            self._messages[message["id"]] = message
            self._messages.move_to_end(message["id"], last=False)

    def drop(self, message: str) -> bool:
        """Take a message away; whether it was there."""
        self._dropped.append(message)
        return self._messages.pop(message, None) is not None

    def shows(self, message: str) -> bool:
        return message in self._messages

    def dropped(self, message: str) -> bool:
        """Whether somebody took that message away."""
        return message in self._dropped

    def picture(self, wanted: str) -> Picture | None:
        """A picture by the ticket in its address."""
        return self._pictures.get(wanted)
