"""Our declarations → Discord's application commands; and whether Discord has them already. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from discord import Locale

from adapters.discord.encode import Payload
from bot.command import Command, Kind, Option
from bot.i18n import FALLBACK, Words

MOST_ATTACHMENTS = 5
"""Attachment options of one command: Discord has no option that takes several files."""

_DESCRIPTION, _LABEL, _TEXT, _OPTIONS = 100, 32, 6000, 25
_SLASH, _MESSAGE_MENU = 1, 3
_TYPES = {Kind.TEXT: 3, Kind.CHOICE: 3, Kind.INTEGER: 4, Kind.PICTURES: 11, Kind.PERSON: 6, Kind.ROLE: 8}
_EVERYWHERE = {"contexts": [0, 1, 2], "integration_types": [0, 1]}
_LOCALES = tuple(locale.value for locale in Locale if not locale.value.startswith(FALLBACK))
"""What Discord's clients speak; a description in any other language is refused with all the rest."""
_SUGGESTED = ("of", "job", "dialect", "model", "relay")  # known to `Door.suggest`, beside fixed ones
_COMPARED = (
    "type",
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "options",
    "contexts",
    "integration_types",
)


def declared(commands: Sequence[Command], words: Words) -> list[Payload]:
    """All commands that people may call, as Discord wants them."""
    offered = [command for command in commands if not command.hidden]
    menus = [_menu(command, words) for command in offered if command.menu]
    return [_slash(command, words) for command in offered] + menus


def menus(commands: Sequence[Command], words: Words) -> dict[str, str]:
    """The commands behind the labels of message menus, as Discord names them to us."""
    return {_said(words, FALLBACK, f"menu-{c.name}", _LABEL): c.name for c in commands if c.menu}


def _slash(command: Command, words: Words) -> Payload:
    options = [_option(option, name, words) for option in command.options for name in _names(option)]
    options.sort(key=lambda option: not option["required"])
    return {
        "type": _SLASH,
        "name": command.name,
        **_in_all_languages("description", words, f"command-{command.name}", _DESCRIPTION),
        "options": options[:_OPTIONS],
        **_EVERYWHERE,
    }


def _menu(command: Command, words: Words) -> Payload:
    label = _in_all_languages("name", words, f"menu-{command.name}", _LABEL)
    return {"type": _MESSAGE_MENU, **label, **_EVERYWHERE}


def _names(option: Option) -> Iterator[str]:
    """``image``, ``image2`` …: one for each file that may come along."""
    yield option.flag
    if option.kind is Kind.PICTURES:
        for number in range(2, min(option.most or 1, MOST_ATTACHMENTS) + 1):
            yield f"{option.flag}{number}"


def _option(option: Option, name: str, words: Words) -> Payload:
    said: Payload = {
        "type": _TYPES[option.kind],
        "name": name,
        **_in_all_languages("description", words, f"option-{option.flag}", _DESCRIPTION),
        "required": option.required and name == option.flag,
    }
    match option.kind:
        case Kind.CHOICE:
            said["choices"] = [{"name": choice, "value": choice} for choice in option.choices]
        case Kind.INTEGER:
            bounds = {"min_value": option.least, "max_value": option.most}
            said |= {key: bound for key, bound in bounds.items() if bound is not None}
        case Kind.TEXT:
            said["max_length"] = min(option.max_length, _TEXT)
            said["autocomplete"] = bool(option.suggestions) or option.name in _SUGGESTED
    return said


def _in_all_languages(key: str, words: Words, message_id: str, most: int) -> Payload:
    """A text in English, and what it is in the other languages."""
    english = _said(words, FALLBACK, message_id, most)
    others = {
        locale: said
        for locale, tag in _spoken(words).items()
        if (said := _said(words, tag, message_id, most)) != english
    }
    return {key: english, f"{key}_localizations": others}


@cache
def _spoken(words: Words) -> dict[str, str]:
    """Discord's languages that we have something of our own to say in."""
    found = {locale: words.match(locale) for locale in _LOCALES}
    return {locale: tag for locale, tag in found.items() if tag != FALLBACK}


def _said(words: Words, language: str, message_id: str, most: int) -> str:
    return words.say(language, message_id)[:most]


def same(ours: Sequence[Payload], theirs: Sequence[Payload]) -> bool:
    """Whether Discord offers exactly this already, whatever it adds of its own and in whatever order."""
    return _essence(ours) == _essence(theirs)


def _essence(commands: Sequence[Payload]) -> dict[tuple[Any, Any], Any]:
    kept = ({key: command.get(key) for key in _COMPARED} for command in commands)
    return {(command["type"] or _SLASH, command["name"]): _bare(command) for command in kept}


def _bare(value: Any) -> Any:
    """Without what says nothing: null, false, empty; lists of numbers in order."""
    if isinstance(value, dict):
        return {key: bare for key, item in value.items() if (bare := _bare(item)) is not None} or None
    if isinstance(value, list | tuple):
        bare = [_bare(item) for item in value]
        return (sorted(bare) if all(isinstance(item, int) for item in bare) else bare) or None
    return None if value is False or value == "" else value
