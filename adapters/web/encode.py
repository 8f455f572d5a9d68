"""Ours → the page's: plain data that its components paint as text, never as HTML. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from bot.command import Command, Kind, Option
from bot.i18n import Words
from bot.model import Attachment, Button, File, Form, Invocation, Picture, Reply, Style
from bot.security import looks_like_key

Message = dict[str, Any]
"""``id mine text tags pictures files buttons private busy due``: one message, ready for JSON."""

MOST_TEXT = 8000
"""Characters that one message shows."""

_FOR_GOOD = ("delete",)
"""Commands of buttons that are pressed a second time before anything is done."""

_LOOK = {
    "size", "quality", "model", "format", "background", "compression", "moderation", "resolution", "ratio"
}  # fmt: skip
"""Options that the next picture has too, unless they are changed: none that make it cost a multiple."""

_NOT_HERE = ("only_me",)
"""Options that mean nothing in the one room that there is."""

LABELS = (
    "web-all",
    "web-attach",
    "web-cancel",
    "web-clear",
    "web-close",
    "web-command",
    "web-default",
    "web-download",
    "web-drop",
    "web-easel",
    "web-empty-title",
    "web-example-one",
    "web-example-two",
    "web-example-three",
    "web-hint",
    "web-less",
    "web-next",
    "web-offline",
    "web-ok",
    "web-open",
    "web-options",
    "web-options-apart",
    "web-placeholder",
    "web-previous",
    "web-really-delete",
    "web-remove",
    "web-send",
    "web-to-latest",
    "web-upload-failed",
    "web-upload-large",
    "web-use",
    "web-words",
    "web-you",
)


def labels(words: Words, language: str) -> dict[str, str]:
    """What the page's controls say: ``{"send": "Send"}``."""
    return {name.removeprefix("web-"): words.say(language, name) for name in LABELS}


def message(id: str, reply: Reply) -> Message:  # noqa: A002  # the page's own word
    """A reply of Easel's as the page shows it."""
    return {
        "id": id,
        "mine": False,
        "text": _cut(reply.text),
        "tags": [],
        "pictures": [_picture(picture) for picture in reply.pictures],
        "files": [_file(file) if isinstance(file, File) else _picture(file) for file in reply.files],
        "buttons": [[_button(button) for button in row] for row in reply.buttons],
        "private": reply.private,
        "busy": reply.busy,
        "due": list(reply.due),
        "veiled": reply.veiled,
    }


def echo(invocation: Invocation, typed: str) -> Message:
    """A person's own words as the page shows them; of what looks like a key only the command's name."""
    slash = typed.lstrip().startswith(("/", "／"))
    text = f"/{invocation.command} …" if looks_like_key(typed) else typed
    tags = [] if slash or not invocation.command else [f"/{invocation.command}"]
    tags += [
        f"{name} {value}" for name, value in invocation.options.items() if not looks_like_key(str(value))
    ]
    return {
        "id": invocation.id,
        "mine": True,
        "text": _cut(text),
        "tags": tags,
        "pictures": [_attachment(attachment) for attachment in invocation.attachments],
        "files": [],
        "buttons": [],
        "private": False,
        "busy": False,
    }


def _cut(text: str) -> str:
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"


def ticket(file: Picture | File) -> str:
    """Names these very bytes: a preview painted over another has another address."""
    return hashlib.sha256(f"{file.path}:{file.bytes}".encode()).hexdigest()[:16]


def _file(file: File) -> dict[str, Any]:
    kind = file.name.rpartition(".")[2].upper()
    url = f"/files/{ticket(file)}/{quote(file.name)}"
    return {"id": ticket(file), "url": url, "name": file.name, "bytes": file.bytes, "kind": kind}


def _picture(picture: Picture) -> dict[str, Any]:
    return {
        "id": picture.id,
        "url": f"/pictures/{quote(picture.id)}/{quote(picture.name)}?v={ticket(picture)}",
        "name": picture.name,
        "source": picture.source,
        "width": picture.width,
        "height": picture.height,
        "bytes": picture.bytes,
        "kind": picture.mime.partition("/")[2].upper(),
        "moving": picture.moving,
    }


def _attachment(attachment: Attachment) -> dict[str, Any]:
    platform, name = attachment.source.split(":", 1)
    url = f"/pictures/{quote(name)}/picture" if platform == "picture" else f"/uploads/{quote(name)}"
    return {"id": name, "url": url, "name": attachment.name, "source": attachment.source}


def _button(button: Button) -> dict[str, Any]:
    return {
        "label": button.label,
        "command": button.command,
        "text": button.text,
        "style": Style.DANGER.value if button.command in _FOR_GOOD else button.style.value,
        "sure": button.command in _FOR_GOOD,
        "url": button.url if button.url.startswith(("https://", "http://")) else "",
    }


def form(wanted: Form, asked: str = "") -> dict[str, Any]:
    """Questions as the page's dialog asks them; ``asked``: the words that led to them."""
    return {
        "asked": asked,
        "title": wanted.title,
        "command": wanted.command,
        "text": wanted.text,
        "fields": [
            {
                "name": field.name,
                "label": field.label,
                "value": "" if field.secret else field.value,
                "required": field.required,
                "long": field.long,
                "secret": field.secret,
                "most": field.max_length,
                "choices": list(field.choices),
            }
            for field in wanted.fields
        ],
    }


def menu(commands: Sequence[Command], words: Words, language: str) -> list[dict[str, Any]]:
    """The commands that the composer offers, with their options as a form needs them."""
    return [
        {
            "name": command.name,
            "about": words.say(language, f"command-{command.name}"),
            "words": bool(command.rest),
            "needsWords": bool(command.rest and command.rest.required),
            "pictures": command.pictures.most if command.pictures else 0,
            "options": [
                {**_option(option, words, language), "stays": _paints(command) and option.name in _LOOK}
                for option in command.options
                if _asked(option)
            ],
        }
        for command in commands
        if not command.hidden
    ]


def _asked(option: Option) -> bool:
    return not (option.rest or option.kind is Kind.PICTURES or option.name in _NOT_HERE)


def _paints(command: Command) -> bool:
    return bool(command.rest and command.rest.name == "prompt")


def _option(option: Option, words: Words, language: str) -> dict[str, Any]:
    return {
        "name": option.name,
        "flag": option.flag,
        "label": words.say(language, f"label-{option.flag}"),
        "about": words.say(language, f"option-{option.flag}"),
        "kind": "text" if option.kind in (Kind.PERSON, Kind.ROLE) else option.kind.value,
        "choices": list(option.choices),
        "suggestions": list(option.suggestions),
        "least": option.least,
        "most": option.most,
        "secret": option.secret,
        "required": option.required,
    }
