"""What the page shows: the latest messages, and the files that they were given."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Container, Iterable

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
        self._asked: dict[str, str] = {}  # by the answer: the words, or the question, that it answers

    @property
    def messages(self) -> list[Message]:
        """Oldest first."""
        return list(self._messages.values())

    def put(self, message: Message, files: Iterable[Picture | File] = ()) -> None:
        """Show a message, or repaint the one of that id."""
        self._messages[message["id"]] = message
        while len(self._messages) > MOST_MESSAGES:
            self._asked.pop(self._messages.popitem(last=False)[0], None)
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

    def answers(self, message: str, asked: str) -> None:
        """Note what a message answers: somebody's words, or a question that they pressed a button of."""
        self._asked.setdefault(message, asked)

    def drop(self, message: str) -> list[str]:
        """Take away a message, others that show its job, and the words that asked for it; what was there."""
        job = _job(self._messages.get(message))
        twins = [
            name for name, other in self._messages.items() if job and name != message and _job(other) == job
        ]
        return [gone for name in (message, *twins) for gone in self._drop(name)]

    def _drop(self, message: str) -> list[str]:
        gone = []
        while message:
            self._dropped.append(message)
            if self._messages.pop(message, None):
                gone.append(message)
            asked = self._asked.pop(message, "")
            message = asked if self._settled(asked) else ""
        return gone

    def _settled(self, message: str) -> bool:
        """Whether this is a person's words, or a question about them that is answered."""
        found = self._messages.get(message)
        if found is None:
            return False
        return bool(found["mine"] or not (found["buttons"] or found["pictures"] or found["files"]))

    def withdraw(self, message: str) -> list[str]:
        """Take away a person's own words, and nothing else."""
        found = self._messages.get(message)
        return self.drop(message) if found and found["mine"] else []

    def keep(self, messages: Container[str]) -> list[str]:
        """Take away all but these; what was taken."""
        others = [message for message in self._messages if message not in messages]
        return [gone for message in others for gone in self._drop(message)]

    def dropped(self, message: str) -> bool:
        """Whether somebody took that message away."""
        return message in self._dropped

    def shown(self, message: str) -> bool:
        """Whether that message is on the page."""
        return message in self._messages

    def picture(self, wanted: str) -> Picture | None:
        """A picture by the ticket in its address."""
        found = self._files.get(wanted)
        return found if isinstance(found, Picture) else None

    def file(self, wanted: str) -> File | None:
        """A file of another kind, by the ticket in its address."""
        found = self._files.get(wanted)
        return found if isinstance(found, File) else None


def _job(message: Message | None) -> str:
    """The job that a message shows, by the button that deletes it."""
    buttons = [button for row in message["buttons"] for button in row] if message else []
    return next((button["text"].split()[0] for button in buttons if button["command"] == "delete"), "")
