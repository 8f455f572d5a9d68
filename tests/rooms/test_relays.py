"""Several relays of one operator and a chat's own: who may choose which, and what it can do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.abilities import abilities
from bot.credits import Quotas
from bot.i18n import words
from bot.model import ChatId, Endpoint, State, User, UserId
from bot.offers import Offer, Offers
from bot.ports import Profile, VideoFacts
from storage.schema import bring_up_to_date
from tests.fakes.painter import CENT
from tests.rooms.conftest import House
from tests.rooms.test_core import GROUP, done, latest

ANN = "stage:ann"


def relay(name: str, *chats: str) -> Offer:
    endpoint = Endpoint(f"operator:{name}", "painter", (f"https://{name}.example",), f"sk-{name}")
    return Offer(endpoint, frozenset(map(ChatId, chats)))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    offers = (relay("fast"), relay("cheap"), relay("ours", "stage:elsewhere"))
    async with House(tmp_path, offers=offers, quotas=Quotas(total_daily=3 * CENT)).lives() as living:
        living.stage.admins.add(UserId("stage:boss"))
        yield living


async def choose(house: House, name: str) -> str:
    await house.stage.say(f"/settings --relay {name}", user="boss")
    return house.stage.shown()[-1].text


async def paint(house: House) -> str:
    """The name of the endpoint that painted."""
    before = len(house.painter.endpoints)
    await house.stage.say("/imagine a fox")
    await house.stage.until(lambda reply: done(reply) and len(house.painter.endpoints) > before)
    return house.painter.endpoints[-1].name


# --- choosing --------------------------------------------------------------------------------------


async def test_a_chat_chooses_among_those_it_may_use(house: House) -> None:
    assert await paint(house) == "operator"
    said = await choose(house, "cheap")
    assert "Image service: cheap (there are fast, cheap" in said
    assert await paint(house) == "operator:cheap"
    assert "Image service: default" in await choose(house, "default")
    assert await paint(house) == "operator"


async def test_one_that_is_for_others_is_not_there(house: House) -> None:
    for name in ("ours", "nobody"):
        assert "fast, cheap, default" in await choose(house, name)
    assert (await house.store.chat(GROUP)).relay == ""
    await house.stage.say("/settings relay ours", user="boss", chat="stage:elsewhere")
    assert (await house.store.chat(ChatId("stage:elsewhere"))).relay == "ours"


async def test_only_an_admin_chooses(house: House) -> None:
    await house.stage.say("/settings --relay cheap")
    assert "Only an admin" in house.stage.shown()[-1].text


async def test_by_a_button_too(house: House) -> None:
    await house.stage.say("/settings", user="boss")
    await house.stage.press("cheap", user="boss")
    assert (await house.store.chat(GROUP)).relay == "cheap"


async def test_names_are_offered_while_they_are_typed(house: House) -> None:
    ann = User(UserId(ANN), "Ann")
    assert await house.bot.suggest(GROUP, ann, "relay", "") == ["default", "fast", "cheap"]
    assert await house.bot.suggest(ChatId("stage:elsewhere:7"), ann, "relay", "OU") == ["ours"]


async def test_a_model_that_the_other_does_not_have_is_not_taken_along(house: House) -> None:
    await house.stage.say("/settings --model gpt-image-2", user="boss")
    await choose(house, "cheap")
    assert (await house.store.chat(GROUP)).model == "gpt-image-2"
    house.painter.facts = replace(house.painter.facts, models=("other",))
    await choose(house, "fast")
    assert (await house.store.chat(GROUP)).model == ""


async def test_where_there_is_one_relay_nothing_is_said_of_choosing(tmp_path: Path) -> None:
    async with House(tmp_path).lives() as alone:
        await alone.stage.say("/settings")
        assert "Image service" not in alone.stage.shown()[-1].text


# --- money and crashes -----------------------------------------------------------------------------


async def test_all_are_one_pot(house: House) -> None:
    await paint(house)
    await choose(house, "cheap")
    await paint(house)
    await choose(house, "fast")
    await paint(house)
    (pot,) = await house.store.standing(["operator"])
    assert pot.day == 3 * CENT
    await house.stage.say("/imagine one too many")
    assert "budget" in house.stage.shown()[-1].text


async def ordered(house: House) -> None:
    """The chat chose the relay called cheap, which has the order and is painting; its id is written down."""
    house.stage.admins.add(UserId("stage:boss"))
    house.painter.gate.clear()
    await choose(house, "cheap")
    await house.stage.say("/imagine a fox")
    async with asyncio.timeout(5):
        while not (await house.store.jobs(GROUP, limit=1))[0].upstream_id:
            await asyncio.sleep(0.01)


async def test_a_job_goes_on_where_it_was_ordered(tmp_path: Path) -> None:
    """The chat chooses another relay and the process dies, while the picture is being painted."""
    house = House(tmp_path, offers=(relay("fast"), relay("cheap")))
    async with house.lives():
        await ordered(house)
        await choose(house, "fast")
    house.painter.gate.set()
    async with house.lives():
        await house.stage.until(done)
    assert [endpoint.name for endpoint in house.painter.endpoints] == ["operator:cheap"] * 2
    assert (len(house.painter.submits), len(house.painter.resumed)) == (1, 1)


async def test_a_relay_that_was_taken_away_leaves_an_unknown_outcome(tmp_path: Path) -> None:
    house = House(tmp_path, offers=(relay("cheap"),))
    async with house.lives():
        await ordered(house)
    house.offers = ()
    async with house.lives():
        await latest(house, State.UNKNOWN)
        assert await paint_when(house) == "operator"
    assert not house.painter.resumed


async def paint_when(house: House) -> str:
    house.painter.gate.set()
    return await paint(house)


# --- a chat's own ----------------------------------------------------------------------------------

KEY = "sk-good-0123456789abcdef"


async def test_a_key_says_what_its_relay_can_do(house: House) -> None:
    await house.stage.say(f"/key {KEY} --dialect painter --url https://own.example", chat=ANN)
    said = house.stage.shown(ANN)[-1].text
    assert "up to 10 pictures at once · sizes up to 4K · edits of up to 16 pictures together · masks" in said
    assert house.painter.looked_at == []


async def test_who_does_not_know_the_dialect_need_not(house: House) -> None:
    await house.stage.say(f"/key {KEY} --url https://own.example/v1,https://other.example", chat=ANN)
    kept = (await house.store.chat(ChatId(ANN))).key
    assert kept
    assert (kept.dialect, kept.urls) == ("painter", ("https://own.example/v1", "https://other.example"))
    assert house.painter.looked_at == [kept.urls]
    assert await paint_in_private(house) == ANN


async def paint_in_private(house: House) -> str:
    await house.stage.say("/imagine a fox", chat=ANN)
    await house.stage.until(done, chat=ANN)
    return house.painter.endpoints[-1].name


async def test_what_can_not_be_told_is_asked(house: House) -> None:
    house.painter.speaks = None
    await house.stage.say(f"/key {KEY} --url https://own.example", chat=ANN)
    assert "--dialect: painter" in house.stage.shown(ANN)[-1].text
    assert (await house.store.chat(ChatId(ANN))).key is None


async def test_a_relay_without_a_public_address_wants_one(house: House) -> None:
    house.services.policy.offers = Offers(Endpoint("operator", "sandbox"))
    await house.stage.say(f"/key {KEY} --dialect painter", chat=ANN)
    assert "--url" in house.stage.shown(ANN)[-1].text
    assert (await house.store.chat(ChatId(ANN))).key is None


# --- what a relay can do ---------------------------------------------------------------------------


@pytest.mark.parametrize("language", words().languages)
def test_every_ability_is_said(language: str) -> None:
    video = VideoFacts("veo", ("720p",), (8, 8), ("16:9",), {"720p": 1})
    facts = Profile(
        ("m",),
        n=1,
        images=0,
        ratios_4k=("16:9", "9:16"),
        previews=2,
        balance=True,
        mask=True,
        videos={"m": video},
    )
    said = abilities(words(), language, facts)
    assert said.count(" · ") == 6
    assert "16:9, 9:16" in said
    assert "1024x1024" in abilities(words(), language, replace(facts, sizes=("1024x1024",)))
    assert abilities(words(), language, replace(facts, images=1)) != said


# --- the database ----------------------------------------------------------------------------------


async def test_a_chat_of_before_has_no_relay(tmp_path: Path) -> None:
    """A file that only knows the first migration is brought up to date with what it holds."""
    folder = tmp_path / "first"
    folder.mkdir()
    here = Path(__file__).parents[2] / "storage" / "migrations"
    (folder / "0001_house.sql").write_text(
        (here / "0001_house.sql").read_text(encoding="utf-8"), encoding="utf-8"
    )
    bring_up_to_date(tmp_path / "easel.db", folder)
    async with House(tmp_path, offers=(relay("cheap"),)).lives() as house:
        house.stage.admins.add(UserId("stage:boss"))
        assert (await house.store.chat(GROUP)).relay == ""
        await choose(house, "cheap")
        assert (await house.store.chat(GROUP)).relay == "cheap"
