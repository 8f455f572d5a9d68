"""Every sentence the bot can say, in the reader's language.

Project Fluent does plurals and variables; a language is one file in ``locales/``, named by its
tag. A sentence that is missing in a language is said in English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path

from babel import localedata
from fluent.runtime import FluentBundle, FluentResource

FALLBACK = "en"
_SCRIPTS = {
    "zh-tw": "zh-hant",
    "zh-hk": "zh-hant",
    "zh-mo": "zh-hant",
    "zh-cn": "zh-hans",
    "zh-sg": "zh-hans",
}
"""What is written where, for clients that name a country alone."""
_ENTRY = re.compile(r"^([a-zA-Z][\w-]*) *=.*?(?=^[a-zA-Z#]|\Z)", re.MULTILINE | re.DOTALL)
"""A sentence as it is written in a file; none refers to another."""

_OF_NUMBERS = re.compile("number|decimal|percent|plural_form|ordinal_form")
FOLDER = Path(__file__).parent / "locales"


class Words:
    """The sentences of all languages."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._sentences = {file.stem: _Sentences(file) for file in sorted(folder.glob("*.ftl"))}

    @property
    def languages(self) -> tuple[str, ...]:
        """Tags of the languages there are, e.g. ``("en", "zh-Hans")``."""
        return tuple(self._sentences)

    def match(self, *wanted: str | None) -> str:
        """The first wanted language that there is: ``zh-CN`` and ``zh`` find ``zh-Hans``; else English."""
        for tag in wanted:
            if tag and (found := self._find(tag)):
                return found
        return FALLBACK

    def named(self, said: str) -> str | None:
        """The language that a person means by its tag or by its own name: ``de``, ``Deutsch``."""
        name = said.strip().casefold()
        own = (tag for tag in self._sentences if name and name in self.say(tag, "language-name").casefold())
        return self._find(name) or next(own, None)

    def _find(self, tag: str) -> str | None:
        """``zh-Hant-TW`` finds ``zh-Hant``, then ``zh``, then any Chinese that there is."""
        have = {tag.lower(): tag for tag in self._sentences}
        said = tag.replace("_", "-").lower()
        said = _SCRIPTS.get(said, said)
        while said not in have and "-" in said:
            said = said.rpartition("-")[0]
        return have.get(said) or next((have[tag] for tag in have if tag.split("-")[0] == said), None)

    def say(self, language: str, message_id: str, /, **params: str | int | float) -> str:
        """The sentence with its variables filled in. Raises `KeyError` when no language has it."""
        for tag in (language, FALLBACK):
            sentences = self._sentences.get(tag)
            if sentences and (text := sentences.say(message_id, params)) is not None:
                return text
        raise KeyError(message_id)

    def has(self, message_id: str) -> bool:
        return self._sentences[FALLBACK].has(message_id)


class _Sentences:
    """One language. A sentence is parsed when it is first said: all of them take a tenth of a second."""

    def __init__(self, file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        self._entries = {entry[1]: entry[0] for entry in _ENTRY.finditer(text)}
        _slim("root")
        # Isolation marks are meant for HTML with mixed directions; in a chat they show up when copied.
        self._bundle = FluentBundle([file.stem], use_isolating=False)
        for locale in accumulate(file.stem.split("-"), "{}_{}".format):
            _slim(locale)
        self._often = lru_cache(maxsize=512, typed=True)(self._said)

    def has(self, message_id: str) -> bool:
        return message_id in self._entries

    def say(self, message_id: str, params: Mapping[str, str | int | float]) -> str | None:
        """``None`` when there is no such sentence."""
        if not self.has(message_id):
            return None
        # Buttons and figures are the same again and again; what people wrote is not kept.
        said = self._said if any(isinstance(value, str) for value in params.values()) else self._often
        return said(message_id, **params)

    def _said(self, message_id: str, /, **params: str | int | float) -> str | None:
        if not self._bundle.has_message(message_id):
            self._bundle.add_resource(FluentResource(self._entries[message_id]))
        pattern = self._bundle.get_message(message_id).value
        return None if pattern is None else str(self._bundle.format_pattern(pattern, params)[0])


def _slim(locale: str) -> None:
    """Babel has calendars, places and currencies of a locale in memory; sentences need its numbers alone."""
    known = localedata.load(locale) if localedata.exists(locale) else {}
    for topic in [topic for topic in known if not _OF_NUMBERS.search(topic)]:
        del known[topic]


@cache
def words() -> Words:
    """The sentences that ship with Easel, read once."""
    return Words()
