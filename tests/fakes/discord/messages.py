"""Writing messages as Discord lets a bot write them: limits, files, mentions, nonces."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from tests.fakes.discord.spec import Refused, Violation
from tests.fakes.discord.world import EPHEMERAL, Channel, File, Message, World
from tests.fakes.telegram.sniff import sniff

Files = Mapping[str, tuple[str, bytes]]

_ACTION_ROW = 1
_NONCES = 300.0
_EVERYONE = re.compile(r"@(everyone|here)\b")
_SOMEONE = re.compile(r"<@!?(\d+)>")
_MARK = re.compile(r"\\.")


class Messages:
    """Makes and changes messages. ``keep``: whether the bytes of files are kept."""

    def __init__(self, world: World, *, keep: bool) -> None:
        self._world, self._keep = world, keep
        self._nonces: dict[tuple[str, str], tuple[float, Message]] = {}

    def create(self, channel: Channel, body: dict[str, Any], files: Files) -> Message:
        """A message of the bot by its own right. One with an enforced nonce is not made twice."""
        if refusal := channel.refusal():
            raise refusal
        if any(person.closed for person in channel.people):
            raise Refused(403, 50007, "Cannot send messages to this user")
        nonce = str(body.get("nonce", ""))
        made, known = self._nonces.get((channel.id, nonce), (0.0, None))
        if nonce and body.get("enforce_nonce") and known and time.monotonic() - made < _NONCES:
            return known
        message = Message(channel, self._world.bot)
        self.write(message, body, files)
        channel.messages.append(message)
        if nonce:
            self._nonces[channel.id, nonce] = time.monotonic(), message
        return message

    def write(self, message: Message, body: dict[str, Any], files: Files) -> None:
        """Put what the body says into the message; what it does not name stays."""
        kept = self._attachments(message, body, files)
        content = message.content if body.get("content") is None else body["content"]
        components = message.components if body.get("components") is None else body["components"]
        if len(content) > 2000:
            raise Violation("content: Must be 2000 or fewer in length.")
        if not (content or components or kept):
            raise Refused(400, 50006, "Cannot send an empty message")
        _check_components(components)
        message.content, message.components, message.files = content, components, kept
        message.flags = (body.get("flags") or message.flags) & ~EPHEMERAL
        message.pings = [] if message.thinking or message.edits else pings(body, content)
        message.thinking = False
        if message.ask:
            message.ask.painted(message)

    def _attachments(self, message: Message, body: dict[str, Any], files: Files) -> list[File]:
        uploads = {int(name[6:-1]): file for name, file in files.items()}
        for _, content in uploads.values():
            if len(content) > message.channel.upload:
                raise Refused(413, 40005, "Request entity too large")
        listed = body.get("attachments")
        old = {file.id: file for file in message.files}
        if listed is None:
            found = [*message.files, *(self._store(*file) for file in uploads.values())]
        else:
            named = {int(entry["id"]) for entry in listed if int(entry["id"]) < 10}
            if named != uploads.keys():
                raise Violation(f"attachments name {sorted(named)}, uploaded were {sorted(uploads)}")
            found = []
            for entry in listed:
                if int(entry["id"]) in uploads:
                    name, content = uploads[int(entry["id"])]
                    found.append(self._store(entry.get("filename") or name, content))
                elif entry["id"] in old:
                    found.append(old[entry["id"]])
                else:
                    raise Violation(f"attachment {entry['id']} is neither uploaded nor there")
        if len(found) > 10:
            raise Violation("attachments: Must be 10 or fewer in length.")
        return found

    def _store(self, name: str, content: bytes) -> File:
        reduced = re.sub(r"[^A-Za-z0-9_.-]", "", name)
        file = File(reduced, len(content), content if self._keep else None, sniff(content).mime)
        self._world.files[file.id] = file
        return file


def pings(body: dict[str, Any], content: str) -> list[str]:
    """Who is pinged: without ``allowed_mentions`` everyone whom the words name."""
    bare = _MARK.sub("", content)
    allowed = body.get("allowed_mentions")
    kinds = ["users", "roles", "everyone"] if allowed is None else allowed.get("parse") or []
    found = _EVERYONE.findall(bare) if "everyone" in kinds else []
    return found + (_SOMEONE.findall(bare) if "users" in kinds else [])


def _check_components(rows: list[dict[str, Any]]) -> None:
    if len(rows) > 5:
        raise Violation("components: Must be 5 or fewer in length.")
    ids = []
    for button in (button for row in rows for button in row["components"]):
        if (button["style"] == 5) != ("url" in button) or ("url" in button) == ("custom_id" in button):
            raise Violation(f"a button needs either a custom_id or, as a link, a url: {button}")
        if not button.get("label"):
            raise Violation("a button without a label")
        ids.append(button.get("custom_id"))
    named = [name for name in ids if name]
    if len(named) != len(set(named)):
        raise Violation("components: custom_id cannot be duplicated")
