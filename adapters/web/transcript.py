"""What the page shows: the latest messages, and the files that they were given."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable

from adapters.web.encode import Message, ticket
from bot.model import File, Picture

MOST_MESSAGES = 100
MOST_FILES = 400


class Transcript:
    """Bounded, in the order in which messages were first shown; a repaint keeps its place."""

    def __init__(self) -> None:
        self._messages: OrderedDict[str, Message] = OrderedDict()
        self._files: OrderedDict[str, Picture | File] = OrderedDict()
        self._dropped: deque[str] = deque(maxlen=MOST_MESSAGES)

    @property
    def messages(self) -> list[Message]:
        """Oldest first."""
        return list(self._messages.values())

    def put(self, message: Message, files: Iterable[Picture | File] = ()) -> None:
        """Show a message, or repaint the one of that id."""
        self._messages[message["id"]] = message
        while len(self._messages) > MOST_MESSAGES:
            self._messages.popitem(last=False)
        for file in files:
            self._files[ticket(file)] = file
            self._files.move_to_end(ticket(file))
        while len(self._files) > MOST_FILES:
            self._files.popitem(last=False)

    def prepend(self, message: Message) -> None:
        """A message of earlier days; one that is shown already stays as it is."""
        if message["id"] not in self._messages and len(self._messages) < MOST_MESSAGES:
            self._messages[message["id"]] = message
            self._messages.move_to_end(message["id"], last=False)

    def drop(self, message: str) -> bool:
        """Take a message away; whether it was there."""
        self._dropped.append(message)
        return self._messages.pop(message, None) is not None

    def dropped(self, message: str) -> bool:
        """Whether somebody took that message away."""
        return message in self._dropped

    def picture(self, wanted: str) -> Picture | None:
        """A picture by the ticket in its address."""
        found = self._files.get(wanted)
        return found if isinstance(found, Picture) else None

    def file(self, wanted: str) -> File | None:
        """A file of another kind, by the ticket in its address."""
        found = self._files.get(wanted)
        return found if isinstance(found, File) else None
