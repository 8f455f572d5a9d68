"""What a relay can do, in one line for people: read off its profile. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.i18n import Words
from bot.ports import Profile


def abilities(words: Words, language: str, profile: Profile) -> str:
    """``This relay: up to 10 pictures at once · sizes up to 4K · …``."""
    return words.say(language, "relay-can", list=" · ".join(_listed(words, language, profile)))


def _listed(words: Words, language: str, profile: Profile) -> Iterator[str]:
    yield words.say(language, "can-pictures", n=profile.n)
    if profile.sizes:
        yield words.say(language, "can-sizes", sizes=", ".join(profile.sizes))
    elif profile.ratios_4k:
        yield words.say(language, "can-4k-some", ratios=", ".join(profile.ratios_4k))
    else:
        yield words.say(language, "can-4k")
    yield words.say(language, "can-edits", images=profile.images)
    if profile.mask:
        yield words.say(language, "can-masks")
    if profile.previews:
        yield words.say(language, "can-previews")
    if profile.videos:
        yield words.say(language, "can-videos")
    if profile.balance:
        yield words.say(language, "can-balance")
