"""Flags in free text: ``a fox --size 16:9 --n 2``, as people really type it.

Phones turn ``--`` into an em or en dash, Chinese keyboards give full-width forms. What stands
in quotes is literal, and a dash inside prose (``day -- and night``, ``狐狸——雪``) is no flag:
a flag starts a word and a Latin letter follows at once.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from bot.command import Command, Kind, Option
from bot.errors import BadInput, BadOption
from bot.model import Invocation

# A quote ends before another of its kind begins, so that thousands of opening ones are read in one go.
_QUOTED = r"\"[^\"]*\"|“[^“”]*”|„[^„“”]*[“”]|「[^「」]*」|『[^『』]*』|«[^«»]*»|＂[^＂]*＂"
_DASH = r"(?:--|－－|−−|‐‐|–|—|―)"
_TOKEN = re.compile(
    rf"(?P<quote>(?<!\w)(?:{_QUOTED}))"
    rf"|(?<!\S){_DASH}(?P<name>[A-Za-zＡ-Ｚａ-ｚ][\w-]*)"
    rf"(?:(?:\s*[=＝]\s*|\s+(?!{_DASH}[A-Za-zＡ-Ｚａ-ｚ]))(?P<value>{_QUOTED}|\S+))?"
)
SWITCH = ("on", "off")
_TRAILING = ",，.。;；、"


def split(text: str, switches: Collection[str] = ()) -> tuple[list[tuple[str, str]], str]:
    """The flags of a text, in order, as (name, value), and the text without them.

    A flag without a value has ``""``. One of ``switches`` is on where neither ``on`` nor ``off`` follows.
    Names and values are folded to their half-width forms; the remaining text is left as typed, but for
    white space where flags were.
    """
    flags: list[tuple[str, str]] = []
    kept: list[str] = []
    end = 0
    for found in _TOKEN.finditer(text):
        if found["quote"]:
            continue
        kept.append(text[end : found.start()].rstrip(" \t"))
        name, value = _fold(found["name"]).lower(), _value(found["value"] or "")
        end = found.end()
        if name in switches and value.lower() not in SWITCH:
            value, end = SWITCH[0], found.start("value") if found["value"] else end
        flags.append((name, value))
    kept.append(text[end:] if not flags else text[end:].lstrip(" \t"))
    return flags, " ".join(part for part in kept if part).replace(" \n", "\n").strip()


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _value(raw: str) -> str:
    if len(raw) >= 2 and re.fullmatch(_QUOTED, raw):
        return raw[1:-1].strip()
    return _fold(raw).rstrip(_TRAILING)


def bind(command: Command, invocation: Invocation) -> dict[str, Any]:
    """The keyword arguments for a command: what the platform typed, then flags, then free text.

    Raises `BadInput` and `BadOption`, which name the flag and what is allowed.
    """
    switches = [option.flag for option in command.options if option.choices == SWITCH]
    flags, rest = split(invocation.text, switches)
    values: dict[str, Any] = {}
    for name, raw in [*invocation.options.items(), *flags]:
        option = _known(command, name)
        values[option.name] = _read(option, raw)
    if command.rest and rest:
        values[command.rest.name] = _read(command.rest, rest)
    if command.pictures and invocation.attachments:
        values[command.pictures.name] = invocation.attachments
        if len(invocation.attachments) > (command.pictures.most or 0):
            raise BadInput("error-too-many-pictures", most=command.pictures.most or 0)
    for option in command.options:
        if option.required and values.get(option.name) in (None, ""):
            if option.name == "prompt":
                raise BadInput("error-prompt-empty", command=command.name)
            raise BadOption("error-option-missing", option=option.flag, allowed=option.allowed or "none")
    return values


def _known(command: Command, name: str) -> Option:
    option = command.option(name)
    if option is None or option.kind is Kind.PICTURES:
        names = [o.flag for o in command.options if not o.rest and o.kind is not Kind.PICTURES]
        near = difflib.get_close_matches(name, names, 1)
        allowed = ", ".join(f"--{n}" for n in near or names) or "–"
        raise BadOption("error-option-unknown", option=name[:40], allowed=allowed)
    return option


def _read(option: Option, raw: str | int | bool) -> Any:
    if option.rest:
        if len(str(raw)) > option.max_length:
            raise BadInput("error-text-too-long", length=len(str(raw)), most=option.max_length)
        return str(raw).strip()
    if raw == "":
        raise BadOption("error-option-missing", option=option.flag, allowed=option.allowed or "none")
    return option.parse(raw)


def with_text(invocation: Invocation, command: str, text: str, **options: str | int | bool) -> Invocation:
    """The same event, meant as another command."""
    return replace(invocation, command=command, text=text, options=options)
