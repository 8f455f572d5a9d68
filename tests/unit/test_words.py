"""Every sentence in every language, none missing, none unused, with the variables that the code gives it."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from fluent.runtime import FluentBundle, FluentResource
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

from bot import errors
from bot.command import Command
from bot.commands import COMMANDS
from bot.i18n import FALLBACK, FOLDER, words
from bot.model import Access, State
from bot.setup import Step

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "adapters", "storage", "upstream")
LANGUAGES = tuple(sorted(file.stem for file in FOLDER.glob("*.ftl")))
OFFERED: tuple[Command, ...] = tuple(command for command in COMMANDS if not command.hidden)

FAMILIES = {
    "command-{}": {command.name for command in OFFERED},
    "menu-{}": {command.name for command in OFFERED if command.menu},
    "option-{}": {option.flag for command in OFFERED for option in command.options},
    "label-{}": {
        option.flag
        for command in OFFERED
        for option in command.options
        if not option.rest and option.flag not in ("image", "only-me")
    },
    "state-{}": {state.value for state in State},
    "button-{}": {"again", "vary", "revise", "original", "delete", "show"},
    "balance-{}": {"chat", "member", "pool"},
    "access-{}-already": {Access.ALLOWED.value, Access.DENIED.value},
    "access-{}-answer": {Access.ALLOWED.value, Access.DENIED.value},
    "access-{}-told": {Access.ALLOWED.value, Access.DENIED.value},
    "button-{}-on": {"quiet", "spoiler", "nsfw"},
    "button-{}-off": {"quiet", "spoiler", "nsfw"},
    "setup-ask-{}": {step.value for step in Step if step is not Step.DONE},
    "audit-access-{}": {Access.ALLOWED.value, Access.DENIED.value},
    "error-access-{}": {access.value for access in Access},
    "error-unsupported-{}": {
        "moderation", "compression", "compressed-format", "transparency",
        "model", "quality", "format", "background", "size", "n", "prompt", "images", "edit", "mask", "4k"
    },
}  # fmt: skip
"""Sentences whose ids are put together in the code, and all that they are put together of."""

NO_FAMILIES = {"key-{}"}
"""Looks like one, and is the name of a message."""

BRANDS = {"Easel"}

ID = re.compile(r"[a-z]+(-[a-z0-9]+)+")
SPEAKING = {"say", "audit", "audited", "_say", "_said", "_in_all_languages", "Fault", "_wrong", "_matching"}
ERRORS = {name for name in dir(errors) if isinstance(getattr(errors, name), type)}


# --- the files ------------------------------------------------------------------------------


class Variables(Visitor):
    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:  # noqa: N802
        self.names.add(node.id.name)


@cache
def resource(language: str) -> ftl.Resource:
    return FluentResource((FOLDER / f"{language}.ftl").read_text(encoding="utf-8"))


@cache
def sentences(language: str) -> dict[str, ftl.Message]:
    junk = [entry.content for entry in resource(language).body if isinstance(entry, ftl.Junk)]
    assert not junk
    messages = [entry for entry in resource(language).body if isinstance(entry, ftl.Message)]
    assert len(messages) == len({message.id.name for message in messages}), "an id stands twice"
    return {message.id.name: message for message in messages}


@cache
def variables(language: str, message: str) -> frozenset[str]:
    visitor = Variables()
    visitor.visit(sentences(language)[message])
    return frozenset(visitor.names)


def letters(language: str, message: str) -> str:
    """All words of a sentence, without variables, symbols and brands."""
    found: list[str] = []

    class Text(Visitor):
        def visit_TextElement(self, node: ftl.TextElement) -> None:  # noqa: N802
            found.append(node.value)

    Text().visit(sentences(language)[message])
    words = re.findall(r"[^\W\d_]+", " ".join(found))
    return " ".join(word for word in words if word not in BRANDS)


# --- the code -------------------------------------------------------------------------------


@dataclass
class Uses:
    """What the code says about sentences."""

    constants: set[str] = field(default_factory=set)
    ids: dict[str, str] = field(default_factory=dict)
    families: dict[str, str] = field(default_factory=dict)
    given: list[tuple[str, str, set[str]]] = field(default_factory=list)


@cache
def uses() -> Uses:
    found = Uses()
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            where = str(file.relative_to(ROOT))
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, _TELLING):  # of a hundred nodes ten
                    _note(found, node, f"{where}:{node.lineno}")
        for script in sorted((ROOT / room).rglob("*.js")):
            found.constants |= set(
                re.findall(r"[\"'`]([a-z]+(?:-[a-z0-9]+)+)[\"'`]", script.read_text(encoding="utf-8"))
            )
    return found


_TELLING = (ast.Constant, ast.JoinedStr, ast.Assign, ast.Call)


def _note(found: Uses, node: ast.AST, where: str) -> None:
    match node:
        case ast.Constant(value=str(text)):
            found.constants.add(text)
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]) if re.fullmatch(r"([a-z]+-)+", start):
            template = "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)
            found.families[template] = where
        case ast.Assign(targets=[ast.Name(id="message_id")], value=ast.Constant(value=str(text))):
            found.ids[text] = where
        case ast.Call():
            _note_call(found, node, where)
        case _:
            pass


def _note_call(found: Uses, call: ast.Call, where: str) -> None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in SPEAKING | ERRORS:
        return
    spoken = [text for argument in call.args[:3] for text in _texts(argument) if ID.fullmatch(text)]
    found.ids |= dict.fromkeys(spoken, where)
    keywords = {keyword.arg for keyword in call.keywords}
    if (
        len(spoken) == 1
        and None not in keywords
        and name not in {"Fault", "_wrong", "_matching", "_in_all_languages"}
    ):
        extra = {"detail", "request_id"} if name in ERRORS and _is_upstream(name) else set()
        found.given.append((where, spoken[0], {str(word) for word in keywords} | extra))


def _is_upstream(name: str) -> bool:
    return issubclass(getattr(errors, name), errors.UpstreamError)


def _texts(node: ast.expr) -> Iterator[str]:
    """The strings that an argument may be: both arms of a condition, nothing of a nested call."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from _texts(body)
            yield from _texts(other)
        case _:
            pass


def expanded() -> set[str]:
    return {family.format(part) for family, parts in FAMILIES.items() for part in parts}


# --- the tests ------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_sentences_with_the_same_variables(language: str) -> None:
    assert set(sentences(language)) == set(sentences(FALLBACK))
    different = {
        message
        for message in sentences(FALLBACK)
        if variables(language, message) != variables(FALLBACK, message)
    }
    assert not different


def test_every_sentence_that_the_code_says_is_written() -> None:
    missing = {
        (message, where) for message, where in uses().ids.items() if message not in sentences(FALLBACK)
    }
    assert not missing


def test_every_sentence_that_is_written_is_said() -> None:
    assert not set(sentences(FALLBACK)) - uses().constants - expanded()


def test_every_family_is_declared_here_and_lives_in_the_code() -> None:
    written = {
        family: where
        for family, where in uses().families.items()
        if any(re.fullmatch(family.replace("{}", ".+"), message) for message in sentences(FALLBACK))
    }
    assert {f: w for f, w in written.items() if f not in set(FAMILIES) | NO_FAMILIES} == {}
    assert set(FAMILIES) - set(uses().families) == set()


def test_every_member_of_a_family_is_written() -> None:
    assert not expanded() - set(sentences(FALLBACK))


def test_the_code_gives_every_variable_that_a_sentence_wants() -> None:
    assert len(uses().given) > 50
    wanting = {
        (where, message, *sorted(variables(FALLBACK, message) - given))
        for where, message, given in uses().given
        if message in sentences(FALLBACK) and variables(FALLBACK, message) - given
    }
    assert not wanting


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != FALLBACK])
def test_no_sentence_was_left_untranslated(language: str) -> None:
    same = {
        message
        for message in sentences(FALLBACK)
        if letters(FALLBACK, message) and letters(language, message) == letters(FALLBACK, message)
    }
    assert not {message for message in same if not _may_be_the_same(language, message)}


def _may_be_the_same(language: str, message: str) -> bool:
    """“Original” is German too: a word or two, where the letters are the same."""
    own = letters(language, "language-name")
    return unicodedata.name(own[0]).startswith("LATIN") and len(letters(FALLBACK, message).split()) < 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_can_be_said(language: str) -> None:
    """The same, whether it is read alone or with all others."""
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(resource(language))
    for message in sentences(language):
        pattern = bundle.get_message(message).value
        assert pattern is not None
        for value in ("none", "chat", 1, 5):
            params: dict[str, str | int | float] = dict.fromkeys(variables(language, message), value)
            said, faults = bundle.format_pattern(pattern, params)
            assert not faults, (message, faults)
            assert str(said).strip()
            assert words().say(language, message, **params) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_descriptions_fit_every_menu(language: str) -> None:
    """Discord: descriptions of at most 100 characters, labels of at most 32."""
    for message in sentences(language):
        if message.startswith(("command-", "option-")):
            assert len(words().say(language, message)) <= 100, message
        if message.startswith("menu-"):
            assert len(words().say(language, message)) <= 32, message


def test_a_language_is_found_by_what_clients_say() -> None:
    assert words().languages == LANGUAGES
    for said in ("en-US", "en_GB", "fr", "", None):
        assert words().match(said) == "en"
    for said in ("zh", "zh-CN", "zh_hans", "ZH-hans"):
        assert words().match(said) == "zh-Hans"
    assert words().match(None, "fr", "zh-CN", "en") == "zh-Hans"
    with pytest.raises(KeyError):
        words().say("en", "no-such-sentence")
