"""Flags in free text: ``a fox --size 16:9 --n 2``, as people really type it.

Phones turn ``--`` into an em or en dash, Chinese keyboards give ``——`` and full-width forms. What stands
in quotes is literal, and a dash inside prose (``day -- and night``, ``狐狸——雪``, ``well--known``) is no
flag: a flag starts a word and a Latin letter follows at once. Directly after a Chinese character or
an emoji only a flag that there is counts, after a full stop or comma ``--`` and any name. After a Latin
letter nothing does.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from bot.command import Command, Kind, Option
from bot.errors import BadInput, BadOption
from bot.model import Invocation

SWITCH = ("on", "off")

# One character for one, so that what is found in the folded text lies at the same place in the text itself.
_FOLDED = {
    **{wide: chr(wide - 0xFEE0).lower() for wide in range(0xFF01, 0xFF5F)},
    **{ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    **{ord(dash): "-" for dash in "−‐‑﹣"},
    **{ord(dash): "—" for dash in "–―"},
}
_CJK = r"々〇\u3040-\u312f\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
_EMOJI = r"\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
_STOP = r",.;:!?…。、·)\]}】》〉」』”’»"
_TRAILING = ",.;!?。、"
_DASH = r"(?:--|—{1,2})"

# A quote ends before another of its kind begins, so that thousands of opening ones are read in one go.
# One after a Latin letter or a digit is an inch.
_QUOTED = rf"(?<![^\W{_CJK}])\"[^\"]*\"|“[^“”]*”|„[^„“”]*[“”]|「[^「」]*」|『[^『』]*』|«[^«»]*»"
_VALUE_QUOTED = rf"{_QUOTED}|'[^']*'|‘[^‘’]*’|[\"'“”„‘’][^\s\"'“”„‘’]*[\"'“”„‘’]"


@cache
def _tokens(names: tuple[str, ...]) -> re.Pattern[str]:
    """Finds quotes and flags in a folded text, where flags of these names are known."""
    known = "|".join(re.escape(name).replace(r"\-", "[-_]") for name in names) or "(?!)"
    glued = (
        rf"(?:(?<=[{_STOP}])--(?=[a-z])"
        rf"|(?:(?<=[{_STOP}{_CJK}{_EMOJI}])|(?<=\w\")){_DASH}(?=(?:{known})(?![\w-])))"
    )
    return re.compile(
        rf"(?P<quote>{_QUOTED})"
        rf"|(?:(?<!\S){_DASH}(?=[a-z])|{glued})(?P<name>[a-z][\w-]*)"
        rf"(?:(?:\s*[=:]\s*|\s+)(?!{_DASH}[a-z])(?P<value>{_VALUE_QUOTED}|(?:(?!{glued})\S)+))?"
    )


def split(text: str, options: Sequence[Option] = ()) -> tuple[list[tuple[str, str]], str]:
    """The flags of a text, in order, as (name, value), and the text without them.

    A flag without a value has ``""``; a switch among ``options`` is on where neither ``on`` nor ``off``
    follows. Names and values are folded to their half-width forms; a text without flags is left as typed,
    one with flags but for white space where they were.
    """
    flags: list[tuple[str, str]] = []
    kept: list[str] = []
    end = 0
    switches = {option.flag: option.choices for option in options if option.choices[:2] == SWITCH}
    for found in _tokens(tuple(_names(options))).finditer(text.translate(_FOLDED)):
        if found["quote"]:
            continue
        kept.append(text[end : found.start()].rstrip(" \t"))
        name, value = found["name"].replace("_", "-"), _value(text[slice(*found.span("value"))])
        end = found.end()
        if name in switches and value.lower() not in switches[name]:
            value, end = SWITCH[0], found.start("value") if found["value"] else end
        flags.append((name, value))
    if not flags:
        return [], text.strip()
    kept.append(text[end:].lstrip(" \t"))
    return flags, " ".join(part for part in kept if part).replace(" \n", "\n").strip()


def _names(options: Sequence[Option]) -> list[str]:
    return [option.flag for option in options if not option.rest and option.kind is not Kind.PICTURES]


def _value(raw: str) -> str:
    folded = unicodedata.normalize("NFKC", raw)
    if re.fullmatch(_VALUE_QUOTED, folded):
        return folded[1:-1].strip()
    return folded.rstrip(_TRAILING)


def bind(command: Command, invocation: Invocation) -> dict[str, Any]:
    """The keyword arguments for a command: what the platform typed, flags, and free text.

    Where flags count in the free text, they do whether it was typed or came in a form or a slash option.
    Raises `BadInput` and `BadOption`, which name the flag and what is allowed.
    """
    flags, rest = split(invocation.text, command.options)
    typed = {_known(command, name).name: raw for name, raw in invocation.options.items()}
    if command.rest and command.rest.flagged and (words := str(typed.pop(command.rest.name, "")).strip()):
        more, words = split(words, command.options)
        if not words:
            raise BadInput("error-prompt-empty", command=command.name)
        flags, rest = [*flags, *more], f"{rest} {words}".strip()
    values = {name: _read(_known(command, name), raw) for name, raw in typed.items()}
    values |= _said(command, flags, values)
    if command.rest and rest:
        values[command.rest.name] = _read(command.rest, rest)
    if command.pictures and invocation.attachments:
        values[command.pictures.name] = invocation.attachments
        if len(invocation.attachments) > (command.pictures.most or 0):
            raise BadInput("error-too-many-pictures", most=command.pictures.most or 0)
    _demand(command, values)
    return values


def free_text(command: Command | None, invocation: Invocation) -> str:
    """All that a person could have typed anything into: the text, and a prompt that came as an option."""
    asked = command.rest.name if command and command.rest and command.rest.flagged else ""
    return f"{invocation.text} {invocation.options.get(asked, '')}".strip()


def _said(command: Command, flags: list[tuple[str, str]], typed: dict[str, Any]) -> dict[str, Any]:
    """The values of flags; the last of a name counts. `BadOption` where the platform typed it otherwise."""
    values: dict[str, Any] = {}
    for name, raw in flags:
        option = _known(command, name)
        values[option.name] = value = _read(option, raw)
        if option.name in typed and typed[option.name] != value:
            raise BadOption("error-option-twice", option=option.flag, value=raw[:60])
    return values


def _demand(command: Command, values: dict[str, Any]) -> None:
    for option in command.options:
        if option.required and values.get(option.name) in (None, ""):
            if option.name == "prompt":
                raise BadInput("error-prompt-empty", command=command.name)
            raise BadOption("error-option-missing", option=option.flag, allowed=option.allowed or "none")


def _known(command: Command, name: str) -> Option:
    option = command.option(name)
    if option is None or option.kind is Kind.PICTURES:
        names = _names(command.options)
        near = difflib.get_close_matches(name, names, 1)
        allowed = ", ".join(f"--{n}" for n in near or names) or "none"
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


def chosen(invocation: Invocation) -> str:
    """What a call without words chose, as flags: to be said again with the words that are asked for."""
    options = (f'--{name.replace("_", "-")} "{value}"' for name, value in invocation.options.items())
    return " ".join([invocation.text.strip(), *options]).strip()


def with_text(invocation: Invocation, command: str, text: str, **options: str | int | bool) -> Invocation:
    """The same event, meant as another command."""
    return replace(invocation, command=command, text=text, options=options)
