"""Every sentence the bot can say, in the reader's language.

Project Fluent does plurals and variables; a language is one file in ``locales/``, named by its
tag. A sentence that is missing in a language is said in English.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

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
FOLDER = Path(__file__).parent / "locales"


class Words:
    """The sentences of all languages."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._bundles = {file.stem: _bundle(file) for file in sorted(folder.glob("*.ftl"))}

    @property
    def languages(self) -> tuple[str, ...]:
        """Tags of the languages there are, e.g. ``("en", "zh-Hans")``."""
        return tuple(self._bundles)

    def match(self, *wanted: str | None) -> str:
        """The first wanted language that there is: ``zh-CN`` and ``zh`` find ``zh-Hans``; else English."""
        for tag in wanted:
            if tag and (found := self._find(tag)):
                return found
        return FALLBACK

    def named(self, said: str) -> str | None:
        """The language that a person means by its tag or by its own name: ``de``, ``Deutsch``."""
        name = said.strip().casefold()
        own = (tag for tag in self._bundles if name and name in self.say(tag, "language-name").casefold())
        return self._find(name) or next(own, None)

    def _find(self, tag: str) -> str | None:
        """``zh-Hant-TW`` finds ``zh-Hant``, then ``zh``, then any Chinese that there is."""
        have = {tag.lower(): tag for tag in self._bundles}
        said = tag.replace("_", "-").lower()
        said = _SCRIPTS.get(said, said)
        while said not in have and "-" in said:
            said = said.rpartition("-")[0]
        return have.get(said) or next((have[tag] for tag in have if tag.split("-")[0] == said), None)

    def say(self, language: str, message_id: str, /, **params: str | int | float) -> str:
        """The sentence with its variables filled in. Raises `KeyError` when no language has it."""
        for tag in (language, FALLBACK):
            bundle = self._bundles.get(tag)
            if bundle is None or not bundle.has_message(message_id):
                continue
            pattern = bundle.get_message(message_id).value
            if pattern is not None:
                text, _ = bundle.format_pattern(pattern, params)
                return str(text)
        raise KeyError(message_id)

    def has(self, message_id: str) -> bool:
        return self._bundles[FALLBACK].has_message(message_id)


def _bundle(file: Path) -> FluentBundle:
    # Isolation marks are meant for HTML with mixed directions; in a chat they show up when copied.
    bundle = FluentBundle([file.stem], use_isolating=False)
    bundle.add_resource(FluentResource(file.read_text(encoding="utf-8")))
    return bundle


@cache
def words() -> Words:
    """The sentences that ship with Easel, read once."""
    return Words()
