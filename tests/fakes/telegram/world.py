"""Telegram as people see it: chats, topics, messages and files. No HTTP here."""

from __future__ import annotations

import hashlib
import itertools
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram.sniff import Facts, sniff
from tests.fakes.telegram.spec import Refused, bad

MB = 1024 * 1024
ANONYMOUS = {
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
Json = dict[str, Any]


@dataclass(frozen=True)
class Stored:
    """A file at Telegram."""

    id: str
    kind: str
    name: str
    facts: Facts
    size: int
    digest: str
    content: bytes = field(repr=False, default=b"")

    @property
    def mime(self) -> str:
        return self.facts.mime

    @property
    def path(self) -> str:
        return f"{self.kind}s/{self.id}{'.jpg' if self.kind == 'photo' else ''}"

    def json(self) -> Any:
        common = {"file_unique_id": f"u{self.id}", "file_size": self.size}
        if self.kind == "document":
            return {**common, "file_id": self.id, "file_name": self.name, "mime_type": self.mime}
        sides = {"width": self.facts.width, "height": self.facts.height}
        if self.kind == "video":
            return {**common, **sides, "file_id": self.id, "duration": 4, "mime_type": self.mime}
        small = {**common, "file_id": f"thumb-{self.id}", "width": 90, "height": 90, "file_size": 1200}
        return [small, {**common, **sides, "file_id": self.id}]


@dataclass(eq=False)
class Person:
    id: int
    name: str
    language: str = "en"
    started: bool = False

    @property
    def json(self) -> Json:
        first, _, last = self.name.partition(" ")
        rest = {"last_name": last} if last else {}
        return {"id": self.id, "is_bot": False, "first_name": first, **rest, "language_code": self.language}


@dataclass(eq=False)
class Message:
    id: int
    place: Place
    sender: Json = field(repr=False)
    """``from`` and ``sender_chat``, as they appear in the message."""
    text: str = ""
    media: Stored | None = None
    markup: Json | None = None
    reply_to: Message | None = None
    thread: int | None = None
    group: str | None = None
    service: Json = field(default_factory=dict)
    entities: list[Json] = field(default_factory=list)
    silent: bool = False
    veiled: bool = False
    date: int = field(default_factory=lambda: int(time.time()))
    edits: int = 0
    inline: str = ""
    """Its name to the bot, where somebody sent it by way of the bot."""

    @property
    def ours(self) -> bool:
        """Whether the bot said it."""
        return bool(self.sender.get("from", {}).get("is_bot")) and "sender_chat" not in self.sender

    @property
    def photo(self) -> Stored | None:
        return self.media if self.media and self.media.kind == "photo" else None

    @property
    def video(self) -> Stored | None:
        return self.media if self.media and self.media.kind == "video" else None

    @property
    def document(self) -> Stored | None:
        return self.media if self.media and self.media.kind == "document" else None

    @property
    def buttons(self) -> list[list[str]]:
        rows = (self.markup or {}).get("inline_keyboard", [])
        return [[button["text"] for button in row] for row in rows]

    def json(self, quoting: bool = True) -> Json:
        said: Json = {"message_id": self.id, "date": self.date, "chat": self.place.json, **self.sender}
        if self.thread is not None:
            said |= {"message_thread_id": self.thread, "is_topic_message": True}
        if self.media:
            said[self.media.kind] = self.media.json()
        if self.text:
            said["caption" if self.media else "text"] = self.text
        if found := self.entities or commands_in(self.text):
            said["caption_entities" if self.media else "entities"] = found
        if self.group:
            said["media_group_id"] = self.group
        if self.markup and "inline_keyboard" in self.markup:
            said["reply_markup"] = self.markup
        if quoting and self.reply_to:
            said["reply_to_message"] = self.reply_to.json(quoting=False)
        return said | self.service


def commands_in(text: str) -> list[Json]:
    found = re.match(r"/[A-Za-z0-9_]+(@\w+)?", text)
    return [{"type": "bot_command", "offset": 0, "length": found.end()}] if found else []


@dataclass(eq=False)
class Place:
    """A chat. ``members`` by person's id: creator, administrator, member, left …"""

    id: int
    kind: str
    title: str
    forum: bool = False
    members: dict[int, str] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict, repr=False)
    topics: dict[int, Message] = field(default_factory=dict, repr=False)
    closed: set[int] = field(default_factory=set)
    denied: set[str] = field(default_factory=set)
    """What members, or the bot where it is restricted, may not do: ``can_send_photos`` …"""
    granted: Json = field(default_factory=dict)
    """What the bot may do as an administrator."""
    moved_to: int | None = None
    kicked: bool = False

    @property
    def json(self) -> Json:
        if self.kind == "private":
            return {"id": self.id, "type": "private", "first_name": self.title}
        forum = {"is_forum": True} if self.forum else {}
        return {"id": self.id, "type": self.kind, "title": self.title, **forum}

    @property
    def seen(self) -> list[Message]:
        """What people see in the chat, oldest first."""
        return [self.messages[at] for at in sorted(self.messages)]


class World:
    """All chats and files; ids are handed out here. With ``keep`` false a file's content is forgotten."""

    def __init__(self, username: str, keep: bool = True) -> None:
        self.bot_id = 4242
        self.bot = {"id": self.bot_id, "is_bot": True, "first_name": "Easel", "username": username}
        self.keep = keep
        self.people: dict[int, Person] = {}
        self.places: dict[int, Place] = {}
        self.files: dict[str, Stored] = {}
        self.inline: dict[str, Message] = {}
        self._ids: Iterator[int] = itertools.count(1)
        self._people: Iterator[int] = itertools.count(1001)

    def person(self, name: str, language: str = "en") -> Person:
        person = Person(next(self._people), name, language)
        self.people[person.id] = person
        return person

    def private(self, person: Person) -> Place:
        person.started = True
        place = Place(person.id, "private", person.name, members={person.id: "member"})
        return self.places.setdefault(person.id, place)

    def group(self, title: str, *members: Person, kind: str = "supergroup", forum: bool = False) -> Place:
        at = next(self._ids)
        place = Place(-at if kind == "group" else -1_000_000_000_000 - at, kind, title, forum)
        place.members = {person.id: "member" for person in members}
        if members:
            place.members[members[0].id] = "creator"
        self.places[place.id] = place
        return place

    def topic(self, place: Place, name: str) -> int:
        """Open a topic; its id is that of the message that opened it."""
        service = {"forum_topic_created": {"name": name, "icon_color": 7322096}}
        opening = self.post(place, {"from": ANONYMOUS, "sender_chat": place.json}, service=service)
        opening.thread = opening.id
        place.topics[opening.id] = opening
        return opening.id

    def post(self, place: Place, sender: Json, **content: Any) -> Message:
        message = Message(next(self._ids), place, sender, **content)
        place.messages[message.id] = message
        return message

    def store(self, content: bytes, kind: str, name: str, mime: str = "") -> Stored:
        """Keep an upload. Raises `Refused` as Telegram does for what it does not take."""
        facts = sniff(content)
        if kind == "photo":
            check_photo(facts, len(content))
        if kind == "video" and (facts.mime != "video/mp4" or not facts.width):
            raise bad("wrong type of the file: a video is an MP4")
        if len(content) > 50 * MB:
            raise Refused(413, "Request Entity Too Large")
        digest = hashlib.blake2b(content, digest_size=16).hexdigest() if self.keep else str(len(content))
        facts = Facts(mime, facts.width, facts.height) if mime else facts
        at = f"file{next(self._ids)}"
        stored = Stored(at, kind, name, facts, len(content), digest, content if self.keep else b"")
        self.files[stored.id] = stored
        return stored

    def place(self, chat: int | str) -> Place:
        """The chat that the bot may write to. Raises `Refused`."""
        place = self.places.get(int(chat)) if re.fullmatch(r"-?\d+", str(chat)) else None
        if place is None:
            raise bad("chat not found")
        if place.moved_to:
            raise Refused(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=place.moved_to,
            )
        if place.kicked:
            what = (
                "was blocked by the user"
                if place.kind == "private"
                else f"was kicked from the {place.kind} chat"
            )
            raise Refused(403, f"Forbidden: bot {what}")
        return place


def check_photo(facts: Facts, size: int) -> None:
    if size > 10 * MB:
        raise bad(f"file of size {size} bytes is too big for a photo; the maximum size is {10 * MB} bytes")
    if facts.mime not in ("image/png", "image/jpeg", "image/webp", "image/gif") or not facts.width:
        raise bad("IMAGE_PROCESS_FAILED")
    sides = sorted((facts.width, facts.height))
    if sum(sides) > 10_000 or sides[1] > 20 * sides[0]:
        raise bad("PHOTO_INVALID_DIMENSIONS")
