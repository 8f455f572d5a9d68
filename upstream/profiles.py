"""Facts about dialects and models, read from ``profiles.toml``."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.errors import NotFound
from bot.model import UNIT, Amount, Endpoint, ImageRequest
from bot.ports import Profile, VideoFacts
from bot.videos import price
from upstream import tokens
from upstream.price_list import price_list

FILE = Path(__file__).with_name("profiles.toml")


class Profiles:
    """``prices``: a file of the same form whose tables come before ours. `SetupError` for a bad one."""

    def __init__(self, prices: Path | None = None) -> None:
        facts = _read(FILE)
        if prices:
            facts = _over(facts, price_list(prices, facts))
        self._profiles = {name: _profile(row, facts["prices"]) for name, row in _rows(facts)}

    def of(self, endpoint: Endpoint, model: str = "") -> Profile:
        """What a model of the endpoint can do, else its own. `NotFound` for a dialect that there is not."""
        dialect = endpoint.dialect
        profile = self._profiles.get((dialect, model or endpoint.model)) or self._profiles.get((dialect, ""))
        if profile is None:
            raise NotFound(detail=f"no dialect {endpoint.dialect}")
        if endpoint.model and endpoint.model not in profile.models:
            return replace(profile, models=(endpoint.model, *profile.models))
        return profile

    def estimate(self, endpoint: Endpoint, request: ImageRequest) -> Amount:
        """Price of one picture of this quality and size class, times their number; 0 where there is none.

        Of a video that `bot.videos.fitted` has seen: by its resolution and length.
        """
        profile = self.of(endpoint, request.model)
        if request.video:
            facts = profile.videos.get(request.model)
            return price(facts, request.video) if facts else 0
        prices = profile.prices or {}
        one = prices.get((request.quality.value, request.size.klass), 0)
        beside, slant = tokens.beside(profile, request), tokens.slant(profile, request)
        return (math.ceil(one * slant) + beside) * request.n


def _rows(facts: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """Each dialect's row, and for models that differ from it theirs: by dialect and model."""
    for dialect, row in facts["dialects"].items():
        usual = {name: value for name, value in row.items() if name != "by_model"}
        for model, changes in {"": {}, **row.get("by_model", {})}.items():
            named = {**usual, **changes}
            if "tokens" in named:
                rates = dict(facts["tokens"][named["tokens"]])
                named["axes"] = {quality: int(axis) for quality, axis in rates.pop("axes", {}).items()}
                named["tokens"] = {kind: int(Decimal(price) * UNIT) for kind, price in rates.items()}
            yield (dialect, model), named


@lru_cache(maxsize=2)
def _read(file: Path) -> dict[str, Any]:
    """A table that nobody changes, read once: parsing takes longer than all else here."""
    return tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)


def _over(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Two trees of tables as one; where both have a value, the second's."""
    merged = {**under, **over}
    for name in under.keys() & over.keys():
        if isinstance(under[name], dict) and isinstance(over[name], dict):
            merged[name] = _over(under[name], over[name])
    return merged


def _profile(row: Mapping[str, Any], prices: Mapping[str, Any]) -> Profile:
    table = dict(prices[row["prices"]])
    credited = "credit" in table
    unit = Decimal(table.pop("credit", 1))
    facts = _facts(row)
    families = facts.pop("videos", {})
    videos = {model: _videos(name, model, f, unit) for name, f in families.items() for model in f["models"]}
    by_quality = {
        (quality, klass): int(Decimal(price) * unit * UNIT)
        for quality, classes in table.items()
        for klass, price in classes.items()
    }
    credit = int(unit * UNIT) if credited else 0
    return Profile(**{**facts, "prices": by_quality, "credit": credit, "videos": videos})


def _videos(family: str, model: str, row: Mapping[str, Any], unit: Decimal) -> VideoFacts:
    facts = {name: value for name, value in _facts(row).items() if name != "models"}
    facts["fallback"] = model in facts.get("fallback", ())
    prices = {size: int(Decimal(price) * unit * UNIT) for size, price in facts.pop("prices").items()}
    return VideoFacts(family=family, prices=prices, **facts)


def _facts(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
