"""What there is in Discord: people, servers, channels, messages, interactions."""

from __future__ import annotations

import itertools
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord.spec import Refused

MB = 1024 * 1024
EPHEMERAL, SUPPRESS_EMBEDS = 1 << 6, 1 << 2
ADMINISTRATOR, MANAGE_GUILD, SEND_MESSAGES, ATTACH_FILES = 1 << 3, 1 << 5, 1 << 11, 1 << 15
EVERYONE = SEND_MESSAGES | ATTACH_FILES | 1 << 10
_EPOCH = 1_420_070_400_000

_count = itertools.count()


def snowflake() -> str:
    """An id that says when it was made, as Discord's do."""
    return str((int(time.time() * 1000) - _EPOCH) << 22 | next(_count) % (1 << 22))


@dataclass(eq=False)
class Person:
    name: str
    locale: str = "en-US"
    id: str = field(default_factory=snowflake)
    closed: bool = False
    """Takes no direct messages."""

    @property
    def json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "username": self.name.lower().replace(" ", "_"),
            "global_name": self.name,
            "discriminator": "0",
            "avatar": None,
            "public_flags": 0,
        }


@dataclass(eq=False)
class Server:
    name: str
    owner: Person
    id: str = field(default_factory=snowflake)
    upload: int = 10 * MB
    installed: bool = True
    roles: dict[str, int] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    """Roles by person."""

    def __post_init__(self) -> None:
        self.roles[self.id] = EVERYONE
        self.members.setdefault(self.owner.id, [])

    def role(self, permissions: int) -> str:
        role = snowflake()
        self.roles[role] = permissions
        return role

    def permissions(self, person: Person) -> int:
        if person is self.owner:
            return (1 << 50) - 1
        held = [self.id, *self.members.get(person.id, [])]
        total = 0
        for role in held:
            total |= self.roles[role]
        return total


@dataclass(eq=False)
class Channel:
    server: Server | None
    people: tuple[Person, ...] = ()
    id: str = field(default_factory=snowflake)
    name: str = "general"
    kind: int = 0
    nsfw: bool = False
    parent: Channel | None = None
    """Of a thread, or a post in a forum: where it was begun."""
    locked: bool = False
    rights: int = EVERYONE
    """What the bot may do here."""
    refuses: tuple[int, int, str] | None = None
    """What the bot is told when it speaks here by its own right: status, code, message."""
    messages: list[Message] = field(default_factory=list)

    @property
    def upload(self) -> int:
        return self.server.upload if self.server else 10 * MB

    def refusal(self) -> Refused | None:
        """Why the bot can't speak here by its own right."""
        if self.refuses:
            return Refused(*self.refuses)
        if self.kind == 3 or (self.server and not self.server.installed):
            return Refused(403, 50001, "Missing Access")
        if self.kind == 15:
            return Refused(400, 220001, "Forum channels take posts")
        return Refused(400, 160005, "This thread is locked") if self.locked else None

    @property
    def json(self) -> dict[str, Any]:
        said: dict[str, Any] = {"id": self.id, "type": self.kind, "flags": 0}
        if self.server:
            said |= {"guild_id": self.server.id, "name": self.name, "nsfw": self.nsfw}
        if self.parent:
            said |= {
                "parent_id": self.parent.id,
                "thread_metadata": {"archived": False, "locked": self.locked},
            }
        return said


@dataclass(eq=False)
class File:
    name: str
    size: int
    content: bytes | None
    mime: str = ""
    id: str = field(default_factory=snowflake)

    def json(self, base: str) -> dict[str, Any]:
        url = f"{base}/cdn/{self.id}/{self.name}?ex=f00d"
        said = {"id": self.id, "filename": self.name, "size": self.size, "url": url, "proxy_url": url}
        return said | ({"content_type": self.mime} if self.mime else {})


@dataclass(eq=False)
class Message:
    channel: Channel
    author: Person
    content: str = ""
    components: list[Any] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    flags: int = 0
    viewer: Person | None = None
    """Who alone sees it."""
    ask: Ask | None = None
    """The interaction that it answers."""
    thinking: bool = False
    gone: bool = False
    pings: list[str] = field(default_factory=list)
    edits: int = 0
    id: str = field(default_factory=snowflake)

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return [button for row in self.components for button in row["components"]]

    @property
    def labels(self) -> list[str]:
        return [button["label"] for button in self.buttons]

    def json(self, base: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "channel_id": self.channel.id,
            "type": 20 if self.ask else 0,
            "author": self.author.json,
            "content": self.content,
            "components": self.components,
            "attachments": [file.json(base) for file in self.files],
            "flags": self.flags | (EPHEMERAL if self.viewer else 0) | (128 if self.thinking else 0),
            "embeds": [],
            "mentions": [],
            "mention_roles": [],
            "mention_everyone": False,
            "pinned": False,
            "tts": False,
            "timestamp": "2026-01-01T00:00:00+00:00",
            "edited_timestamp": None,
        }


@dataclass(eq=False)
class Ask:
    """One interaction: what a person did, and how far it is answered. Times by the monotonic clock."""

    kind: int
    person: Person
    channel: Channel
    data: dict[str, Any]
    message: Message | None = None
    """The one whose button was pressed, or that the form came from."""
    id: str = field(default_factory=snowflake)
    token: str = field(default_factory=lambda: f"aW50ZXJhY3Rpb246{secrets.token_urlsafe(120)}")
    created: float = field(default_factory=time.monotonic)
    callback: int | None = None
    """The type of the first answer."""
    acknowledged: float | None = None
    original: Message | None = None
    modal: dict[str, Any] | None = None
    choices: list[dict[str, Any]] | None = None
    dead: bool = False
    worded: float | None = None
    pictured: float | None = None

    @property
    def quickness(self) -> float:
        """Seconds until it was acknowledged."""
        assert self.acknowledged is not None, "nobody acknowledged it"
        return self.acknowledged - self.created

    def painted(self, message: Message) -> None:
        """A message of this interaction looks different."""
        now = time.monotonic()
        if message.content and self.worded is None:
            self.worded = now
        if message.files and self.pictured is None:
            self.pictured = now


class World:
    """Everything by id."""

    def __init__(self) -> None:
        self.bot = Person("Easel")
        self.people: dict[str, Person] = {}
        self.servers: dict[str, Server] = {}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, File] = {}
        self.asks: dict[str, Ask] = {}
        self.commands: list[dict[str, Any]] = []

    def channel(self, id_: str) -> Channel:
        if id_ not in self.channels:
            raise Refused(404, 10003, "Unknown Channel")
        return self.channels[id_]

    def message(self, channel: Channel, id_: str) -> Message:
        for message in channel.messages:
            if message.id == id_ and not message.gone:
                return message
        raise Refused(404, 10008, "Unknown Message")

    def private(self, person: Person) -> Channel:
        """The direct messages between a person and the bot; always the same."""
        for channel in self.channels.values():
            if channel.kind == 1 and channel.people == (person,):
                return channel
        channel = Channel(None, (person,), kind=1)
        self.channels[channel.id] = channel
        return channel
