"""Ours → Discord's: a reply as a message, a form as a modal. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.model import Button, Field, Form, Reply, Style
from bot.ports import Limits

Payload = dict[str, Any]

TEXT = 2000
ATTACHMENTS = 10

EPHEMERAL, SUPPRESS_EMBEDS, SILENT = 1 << 6, 1 << 2, 1 << 12
_VEIL = "SPOILER_"  # by this a file's name hides it until it is touched
_ROWS, _IN_A_ROW, _LABEL = 5, 5, 80
_TITLE, _FIELDS, _CHOICES, _CUSTOM_ID, _INPUT = 45, 5, 25, 100, 4000
_STYLES = {Style.PLAIN: 2, Style.PRIMARY: 1, Style.DANGER: 4}
_LINK = 5
_MARKDOWN = re.compile(
    r"(?P<link>https?://[^\s<>]+)|(?P<sign>[\\*_~`|<>\[\]])|^(?P<indent> *)(?P<item>[#+-]|\d+(?=[.)]))",
    re.MULTILINE,
)


def message(reply: Reply, names: Sequence[str], *notes: str) -> Payload:
    """The body of a message; ``names`` are those of the files that come with it.

    The files replace all that a message had before. Nobody is pinged, whatever a prompt says,
    and addresses in it unfold no preview.
    """
    text = "\n".join(part for part in (reply.text, *notes) if part)
    veil = _VEIL if reply.veiled else ""
    return {
        "content": fitted(text),
        "components": rows(reply.buttons),
        "attachments": [{"id": str(at), "filename": f"{veil}{name}"} for at, name in enumerate(names)],
        "allowed_mentions": {"parse": []},
        "flags": SUPPRESS_EMBEDS,
    }


def fitted(text: str) -> str:
    """Escaped, and cut with an ellipsis where it is longer than a message may be."""
    said = escaped(text)
    if len(said) <= TEXT:
        return said
    kept = text[:TEXT]
    while (over := len(said := escaped(kept).rstrip()) - TEXT + 1) > 0:
        kept = kept[: len(kept) - (over + 1) // 2]
    return said + "…"


def escaped(text: str) -> str:
    """Plain words, shown as they are: no markdown, no mention, no list. Addresses stay whole."""
    return _MARKDOWN.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    if found["link"]:
        return found["link"]
    if found["sign"]:
        return "\\" + found["sign"]
    item = found["item"]
    return found["indent"] + (item + "\\" if item.isdigit() else "\\" + item)


LIMITS = Limits(
    text=TEXT,
    caption=TEXT,
    pictures=ATTACHMENTS,
    edit_every=1.5,
    edits_per_minute=60,
    replies=False,
    walled=True,
    length=lambda text: len(escaped(text)),
)


def rows(buttons: Sequence[Sequence[Button]]) -> list[Payload]:
    """Action rows, at most five of five buttons."""
    return [
        {"type": 1, "components": [_button(button) for button in row[:_IN_A_ROW]]}
        for row in buttons[:_ROWS]
        if row
    ]


def _button(button: Button) -> Payload:
    label = f"{button.icon} {button.label}".strip()[:_LABEL]
    if button.url:
        return {"type": 2, "style": _LINK, "label": label, "url": button.url}
    return {"type": 2, "style": _STYLES[button.style], "label": label, "custom_id": button.data}


def modal(form: Form) -> Payload:
    """Raises `ValueError` when command and text are longer than the 100 characters that come back."""
    custom_id = f"{form.command} {form.text}".strip()
    if len(custom_id) > _CUSTOM_ID:
        raise ValueError("a form with too long a text")
    return {
        "custom_id": custom_id,
        "title": _short(form.title),
        "components": [_labelled(field) for field in form.fields[:_FIELDS]],
    }


def _labelled(field: Field) -> Payload:
    asked = _select(field) if 0 < len(field.choices) <= _CHOICES else _input(field)
    return {"type": 18, "label": _short(field.label), "component": asked}


def _input(field: Field) -> Payload:
    most = min(field.max_length, _INPUT)
    asked: Payload = {
        "type": 4,
        "custom_id": field.name,
        "style": 2 if field.long else 1,
        "required": field.required,
        "max_length": most,
    }
    if field.value:
        asked["value"] = field.value[:most]
    return asked


def _select(field: Field) -> Payload:
    return {
        "type": 3,
        "custom_id": field.name,
        "required": field.required,
        "options": [
            {"label": choice, "value": choice, "default": choice == field.value} for choice in field.choices
        ],
    }


def _short(text: str) -> str:
    return text if len(text) <= _TITLE else text[: _TITLE - 1] + "…"
