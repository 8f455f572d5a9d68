"""What people do and see: they write, reply, press buttons; a test looks over their shoulder."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from tests.fakes.telegram.methods import Methods, Query, Seeking
from tests.fakes.telegram.updates import Updates
from tests.fakes.telegram.world import ANONYMOUS, Message, Person, Place, Stored, World

File = tuple[str, bytes, str]
"""Name, content, mime."""


class People:
    """The helpers that act as people. ``privacy``: in groups the bot hears only what is meant for it."""

    def __init__(self, world: World, updates: Updates, methods: Methods) -> None:
        self._world, self._updates, self._methods = world, updates, methods

    @property
    def privacy(self) -> bool:
        return self._methods.privacy

    @privacy.setter
    def privacy(self, on: bool) -> None:
        self._methods.privacy = on

    def person(self, name: str = "Ada Lovelace", language: str = "en") -> Person:
        return self._world.person(name, language)

    def private(self, person: Person) -> Place:
        """The chat of a person with the bot, started."""
        return self._world.private(person)

    def group(self, title: str, *members: Person, kind: str = "supergroup", forum: bool = False) -> Place:
        """The first member created it."""
        return self._world.group(title, *members, kind=kind, forum=forum)

    def topic(self, place: Place, name: str) -> int:
        return self._world.topic(place, name)

    def say(
        self,
        place: Place,
        person: Person | None,
        text: str = "",
        *,
        reply_to: Message | None = None,
        photo: bytes | None = None,
        document: File | None = None,
        album: Sequence[bytes | File] = (),
        topic: int | None = None,
        anonymous: bool = False,
        **extra: Any,
    ) -> Message:
        """Write a message; an album becomes several, the text is on the first of them, which is returned."""
        media = [photo, document, *album]
        stored = [self._upload(item) for item in media if item is not None]
        group = f"{stored[0].id}7700" if album else None
        said = []
        for at, one in enumerate(stored or [None]):
            message = self._world.post(
                place,
                self._sender(place, person, anonymous),
                text="" if at else text,
                media=one,
                reply_to=reply_to or place.topics.get(topic or 0),
                thread=topic,
                group=group,
                service=extra,
            )
            said.append(message)
        for message in said:
            self._tell(message)
        return said[0]

    def _upload(self, item: bytes | File) -> Stored:
        if isinstance(item, bytes):
            return self._world.store(item, "photo", "photo.jpg")
        name, content, mime = item
        return self._world.store(content, "document", name, mime)

    def _sender(self, place: Place, person: Person | None, anonymous: bool) -> dict[str, Any]:
        if person is None:
            return {"sender_chat": place.json}
        if anonymous:
            return {"from": ANONYMOUS, "sender_chat": place.json}
        return {"from": person.json}

    def _tell(self, message: Message) -> None:
        if message.place.kicked or (self._is_group(message.place) and not self._meant(message)):
            return
        self._updates.push("channel_post" if message.place.kind == "channel" else "message", message.json())

    def _is_group(self, place: Place) -> bool:
        return place.kind in ("group", "supergroup")

    def _meant(self, message: Message) -> bool:
        """Privacy mode: commands, replies to the bot, mentions and service messages."""
        answers_bot = message.reply_to is not None and message.reply_to.ours
        mentioned = f"@{self._world.bot['username']}" in message.text
        return (
            not self.privacy
            or message.text.startswith("/")
            or answers_bot
            or mentioned
            or bool(message.service)
        )

    def edit(self, message: Message, text: str) -> None:
        """A person corrects their message."""
        message.text = text
        self._updates.push("edited_message", {**message.json(), "edit_date": message.date + 1})

    def press(self, message: Message, label: str, person: Person) -> Query:
        """Press the button with this label."""
        rows = (message.markup or {}).get("inline_keyboard", [])
        data = next(b["callback_data"] for row in rows for b in row if b["text"] == label)
        query = Query(f"9{len(self._methods.queries):015}", person, message)
        self._methods.queries[query.id] = query
        which = {"inline_message_id": message.inline} if message.inline else {"message": message.json()}
        self._updates.push(
            "callback_query",
            {"id": query.id, "from": person.json, **which, "chat_instance": "77", "data": data},
        )
        return query

    def bring(self, place: Place, person: Person, status: str = "member") -> None:
        """Add the bot to a group, change what it is there, or (``left``, ``kicked``) send it away."""
        before = place.members.get(self._world.bot_id, "left")
        place.members[self._world.bot_id], place.kicked = status, status in ("left", "kicked")
        was, is_ = (self._methods.membership(place, one, self._world.bot) for one in (before, status))
        news = {"chat": place.json, "from": person.json, "date": int(time.time())}
        self._updates.push("my_chat_member", {**news, "old_chat_member": was, "new_chat_member": is_})

    def seek(self, person: Person, text: str, offset: str = "") -> Seeking:
        """Write ``@Bot text`` somewhere, and look at what is offered."""
        seeking = Seeking(f"8{len(self._methods.seeking):015}", person)
        self._methods.seeking[seeking.id] = seeking
        self._updates.push(
            "inline_query",
            {"id": seeking.id, "from": person.json, "query": text, "offset": offset, "chat_type": "private"},
        )
        return seeking

    def choose(self, place: Place, seeking: Seeking, number: int = 0) -> Message:
        """Send one of what is offered to a chat; the bot hears of it where it is a member."""
        chosen = (seeking.offered or [])[number]
        kind = chosen["type"]
        content = chosen.get("input_message_content", {})
        message = self._world.post(
            place,
            {"from": seeking.person.json, "via_bot": self._world.bot},
            text=content.get("message_text", chosen.get("caption", "")),
            media=None if kind == "article" else self._world.files[chosen[f"{kind}_file_id"]],
            markup=chosen.get("reply_markup"),
        )
        if message.markup:
            message.inline = f"AgAAAEYAA{message.id}-_xYz"
            self._world.inline[message.inline] = message
        if self._world.bot_id in place.members or place.kind == "private":
            self._updates.push("message", message.json())
        return message

    def migrate(self, place: Place) -> Place:
        """A group becomes a supergroup: another id, and nothing can be said at the old one."""
        new = self._world.group(place.title)
        new.members = dict(place.members)
        person = next(iter(self._world.people.values()))
        self.say(place, person, migrate_to_chat_id=new.id)
        self.say(new, person, migrate_from_chat_id=place.id)
        place.moved_to = new.id
        return new

    def messages(self, place: Place) -> list[Message]:
        """What people see in the chat, oldest first."""
        return place.seen

    def answers(self, place: Place) -> list[Message]:
        """What the bot said that is still to be seen."""
        return [message for message in place.seen if message.ours]
