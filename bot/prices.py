"""The price table, as ``easel prices`` prints it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.credits import money
from bot.i18n import Words
from bot.model import Endpoint
from bot.ports import Profile, Upstream, VideoFacts
from bot.sizes import TIERS

_NAME, _PRICE = 12, 10  # columns


def price_table(words: Words, language: str, upstream: Upstream) -> Iterator[str]:
    """Line by line: every dialect, its models together that cost the same, then videos."""
    yield words.say(language, "prices-title")
    for dialect in upstream.dialects:
        for models, profile in _alike(dialect, upstream):
            yield ""
            yield f"{dialect} · {', '.join(models)}"
            yield from _pictures(words, language, profile)
        for facts, models in _videos(upstream.profile(Endpoint("", dialect))):
            yield ""
            yield f"{dialect} · {', '.join(models)}"
            yield _video(words, language, facts)
    yield ""
    yield words.say(language, "prices-own")


def _alike(dialect: str, upstream: Upstream) -> Iterator[tuple[list[str], Profile]]:
    groups: list[tuple[list[str], Profile]] = []
    for model in upstream.profile(Endpoint("", dialect)).models:
        profile = upstream.profile(Endpoint("", dialect), model)
        same = (g for g in groups if (g[1].prices, g[1].tokens) == (profile.prices, profile.tokens))
        if group := next(same, None):
            group[0].append(model)
        else:
            groups.append(([model], profile))
    yield from groups


def _pictures(words: Words, language: str, profile: Profile) -> Iterator[str]:
    prices = profile.prices or {}
    if not prices:
        yield "  " + words.say(language, "prices-nothing")
        return
    yield "  " + "".ljust(_NAME) + "".join(tier.upper().rjust(_PRICE) for tier in TIERS)
    for quality in dict.fromkeys(quality for quality, _ in prices):
        row = (prices.get((quality, tier)) for tier in TIERS)
        shown = ("–" if price is None else money(price) for price in row)
        yield "  " + quality.ljust(_NAME) + "".join(price.rjust(_PRICE) for price in shown)
    if profile.credit:
        yield "  " + words.say(language, "prices-credit", price=money(profile.credit))
    if profile.tokens:
        rates = ", ".join(f"{kind} {money(rate)}" for kind, rate in profile.tokens.items())
        yield "  " + words.say(language, "prices-tokens", rates=rates)


def _videos(profile: Profile) -> Iterator[tuple[VideoFacts, list[str]]]:
    """Each family with its models."""
    families = {facts.family: facts for facts in profile.videos.values()}
    for family, facts in families.items():
        yield facts, [model for model, one in profile.videos.items() if one.family == family]


def _video(words: Words, language: str, facts: VideoFacts) -> str:
    rates = ", ".join(f"{resolution} {money(rate)}" for resolution, rate in facts.prices.items())
    return "  " + words.say(language, "prices-second" if facts.by_the_second else "prices-video", rates=rates)
