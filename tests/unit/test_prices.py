"""``easel prices``: what is printed, and an operator's own list: what is read and what is refused."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from bot.errors import SetupError
from bot.i18n import words
from bot.model import Endpoint, ImageRequest, Quality
from bot.prices import price_table
from upstream import Upstreams

ROOT = Path(__file__).parents[2]


def upstream(text: str, folder: Path) -> Upstreams:
    file = folder / "prices.toml"
    file.write_text(text, encoding="utf-8")
    return Upstreams(asyncio.Semaphore(1), prices=file)


@pytest.mark.parametrize("language", words().languages)
def test_every_dialect_and_model_has_its_prices(language: str) -> None:
    there = Upstreams(asyncio.Semaphore(1))
    lines = "\n".join(price_table(words(), language, there))
    for dialect in there.dialects:
        profile = there.profile(Endpoint("", dialect))
        block = re.findall(rf"^{dialect} · (.*)$", lines, re.MULTILINE)
        assert sorted(", ".join(block).split(", ")) == sorted([*profile.models, *profile.videos])
    assert "$0.43" in lines


def test_a_list_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as caught:
        Upstreams(asyncio.Semaphore(1), prices=tmp_path / "nowhere.toml")
    said = words().say("en", caught.value.sentence, **caught.value.params)
    assert "nowhere.toml" in said
    assert "docs/prices.md" in said


def test_the_example_of_the_page_is_a_list_that_works(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "prices.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    there = upstream(example, tmp_path)
    high = ImageRequest("x", quality=Quality.HIGH)
    assert there.estimate(Endpoint("", "jojokey"), high) == 80_000
    assert there.estimate(Endpoint("", "shenfeng"), high) == 170_000
    assert there.estimate(Endpoint("", "image2free"), ImageRequest("x")) == 8_000


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[prices.x", "end of"),
        ("[price.x]", "[price]"),
        ("prices = 3", "prices"),
        ("[prices]\nx = 3", "prices.x"),
        ("[prices.x]\nhigh = 3", "prices.x.high"),
        ("[prices.x]\nultra = { 1k = 1 }", "prices.x.ultra"),
        ("[prices.x]\nhigh = { 8k = 1 }", "prices.x.high.8k"),
        ("[prices.x]\nhigh = { 1k = -1 }", "prices.x.high.1k"),
        ("[prices.x]\nhigh = { 1k = nan }", "prices.x.high.1k"),
        ("[prices.x]\nhigh = { 1k = inf }", "prices.x.high.1k"),
        ('[prices.x]\nhigh = { 1k = "0.1" }', "prices.x.high.1k"),
        ("[prices.x]\ncredit = true", "prices.x.credit"),
        ("[dialects.nobody]\nn = 3", "dialects.nobody"),
        ('[dialects.jobs]\nprices = "nowhere"', "nowhere"),
        ('[dialects.jobs]\ntokens = "nowhere"', "nowhere"),
        ("[tokens.openai-2]\noutput = -1", "tokens.openai-2.output"),
        ("[tokens.openai-2]\naxes = { low = -1 }", "tokens.openai-2.axes"),
        ("[tokens.openai-2]\naxes = { ultra = 1 }", "tokens.openai-2.axes"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(SetupError) as caught:
        upstream(text, tmp_path)
    assert named in str(caught.value.params["reason"])
    for language in words().languages:
        assert "prices.toml" in words().say(language, caught.value.sentence, **caught.value.params)
