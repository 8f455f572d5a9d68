"""Facts and prices of dialects and models."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import NotFound
from bot.model import Endpoint, ImageRequest, Quality
from bot.sizes import parse
from upstream.profiles import Profiles

RELAY = Endpoint("operator", "shenfeng", model="gpt-image-2")


@pytest.mark.parametrize(
    ("quality", "size", "n", "dollars"),
    [
        (Quality.LOW, "1024x1024", 1, 0.006),
        (Quality.HIGH, "1:1", 1, 0.17),
        (Quality.HIGH, "2k", 1, 0.43),
        (Quality.MEDIUM, "4k", 2, 0.36),
        (Quality.AUTO, "auto", 4, 0.68),
    ],
)
def test_estimates_are_exact_money(quality: Quality, size: str, n: int, dollars: float) -> None:
    request = ImageRequest("x", quality=quality, size=parse(size), n=n)
    assert Profiles().estimate(RELAY, request) == round(dollars * 1_000_000)


def test_no_estimate_is_smaller_than_a_better_known_one() -> None:
    profile = Profiles().of(RELAY)
    prices = profile.prices or {}
    for klass in ("1k", "2k", "4k"):
        low, medium, high, auto = (prices[quality, klass] for quality in ("low", "medium", "high", "auto"))
        assert 0 < low < medium < high == auto
    assert prices["high", "1k"] < prices["high", "2k"] < prices["high", "4k"]


def test_the_endpoints_own_model_is_among_the_models() -> None:
    profiles = Profiles()
    named = Endpoint("operator", "shenfeng", model="gpt-image-2-pro")
    assert profiles.of(named).models == ("gpt-image-2-pro", "gpt-image-2")
    assert profiles.of(RELAY).models == ("gpt-image-2",)


def test_prices_of_ones_own_come_first(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text("[prices.gpt-image-2.high]\n1k = 0.05\n[dialects.shenfeng]\nn = 4\n")
    profiles = Profiles(file)
    assert profiles.estimate(RELAY, ImageRequest("x", quality=Quality.HIGH)) == 50_000
    assert profiles.estimate(RELAY, ImageRequest("x", quality=Quality.LOW)) == 6_000
    assert profiles.of(RELAY).n == 4


def test_a_dialect_that_there_is_not() -> None:
    with pytest.raises(NotFound):
        Profiles().of(Endpoint("operator", "nobody"))
