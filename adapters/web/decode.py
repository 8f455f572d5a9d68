"""The page's → ours: what a browser says, as an `Invocation`. Pure, and trusting nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.flags import split
from bot.model import Attachment, ChatId, Invocation, Post, Source, User, UserId

PLAYGROUND = ChatId("web:playground")
"""The one place that there is."""

OWNER = UserId("web:owner")

PRESSED = "press "
"""Before the tab's name in a `Post.grip`: the answer to a press may be a passing note."""

_MOST_ATTACHMENTS = 64  # more than any command takes: the core says so, not silence
_SLASH = re.compile(r"\s*[/／](?P<command>\w+)(?:\s+|$)(?P<text>.*)", re.DOTALL)
_SOURCE = re.compile(r"(web|picture):[a-z0-9]{1,40}")
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def said(event: Mapping[str, Any], user: User, tab: str, title: str) -> Invocation:
    """Words sent from the composer: ``id text command options attachments``.

    A slash at the start names the command; otherwise it is the one chosen. The form's options go with the
    command that was chosen alone, and with none where a flag says otherwise.
    """
    text, command = str(event.get("text", "")), str(event.get("command", ""))
    options = _options(event.get("options"))
    if found := _SLASH.fullmatch(text):
        options = options if found["command"].lower() == command else {}
        command, text = found["command"].lower(), found["text"]
    typed = {name.replace("-", "_") for name, _ in split(text)[0]}
    id = _id(event)  # noqa: A001
    return Invocation(
        id=id,
        chat=PLAYGROUND,
        user=user,
        command=command,
        text=text.strip(),
        options={name: value for name, value in options.items() if name not in typed},
        attachments=_attachments(event.get("attachments")),
        origin=Post(PLAYGROUND, id, tab),
        private=True,
        admin=True,
        title=title,
    )


def pressed(event: Mapping[str, Any], user: User, tab: str, title: str) -> Invocation:
    """A button under a message: ``id post command text``."""
    return Invocation(
        id=_id(event),
        chat=PLAYGROUND,
        user=user,
        command=str(event.get("command", "")),
        text=str(event.get("text", "")),
        origin=Post(PLAYGROUND, str(event.get("post", "")), PRESSED + tab),
        pressed=True,
        private=True,
        admin=True,
        title=title,
    )


def answered(event: Mapping[str, Any], user: User, tab: str, title: str) -> Invocation:
    """A form sent off: ``id command text options``."""
    id = _id(event)  # noqa: A001
    return Invocation(
        id=id,
        chat=PLAYGROUND,
        user=user,
        command=str(event.get("command", "")),
        text=str(event.get("text", "")),
        options=_options(event.get("options")),
        origin=Post(PLAYGROUND, id, tab),
        private=True,
        admin=True,
        title=title,
    )


def languages(header: str) -> list[str]:
    """Accept-Language → tags, the most wanted first: ``"zh-CN,en;q=0.8"`` → ``["zh-CN", "en"]``."""
    wanted = []
    for at, part in enumerate(header.split(",")[:20]):
        tag, _, weight = part.strip().partition(";q=")
        if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", tag):
            wanted.append((-_weight(weight), at, tag))
    return [tag for _, _, tag in sorted(wanted)]


def _weight(text: str) -> float:
    return float(text) if re.fullmatch(r"[01](\.\d{1,3})?", text) else 1.0


def _id(event: Mapping[str, Any]) -> str:
    found = str(event.get("id", ""))
    if not _ID.fullmatch(found):
        raise ValueError("an event without an id")
    return found


def _options(given: Any) -> dict[str, str | int | bool]:
    if not isinstance(given, Mapping):
        return {}
    return {str(name): value for name, value in given.items() if isinstance(value, str | int) and value != ""}


def _attachments(given: Any) -> tuple[Attachment, ...]:
    if not isinstance(given, Sequence) or isinstance(given, str):
        return ()
    return tuple(
        Attachment(
            source=Source(str(item["source"])),
            mime=str(item.get("mime", ""))[:80],
            size=item["size"] if isinstance(item.get("size"), int) else None,
            name=str(item.get("name", ""))[:120],
        )
        for item in given[:_MOST_ATTACHMENTS]
        if isinstance(item, Mapping) and _SOURCE.fullmatch(str(item.get("source", "")))
    )
