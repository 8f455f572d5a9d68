"""The audit trail: what admins and the operator do is in it, and a key never is."""

from __future__ import annotations

from bot.model import UserId
from tests.unit.conftest import House

KEY = "sk-good-9876543210fedcba"


async def trail(house: House, words: str = "/audit", **more: object) -> str:
    house.stage.admins |= {house_user("ann")}
    await house.stage.say(words, **more)  # type: ignore[arg-type]
    return house.stage.shown()[-1].text


def house_user(name: str) -> UserId:
    return UserId(f"stage:{name}")


async def test_what_an_admin_does_is_in_it_and_the_key_is_not(house: House) -> None:
    house.stage.admins = {house_user("ann")}
    await house.stage.say("/settings size 16:9")
    await house.stage.say(f"/key {KEY}", chat="stage:ann")
    await house.stage.say("/key forget", chat="stage:ann")
    assert "Ann · changed the settings: size 16:9" in await trail(house)
    await house.stage.say("/audit", chat="stage:ann")
    said = house.stage.shown("stage:ann")[-1].text
    assert KEY not in said
    forgot, kept = said.splitlines()[1:]
    assert "Ann · took the key sk-…dcba away" in forgot
    assert "Ann · set the key sk-…dcba (painter)" in kept


async def test_it_is_for_admins_and_all_of_it_for_the_operator(house: House) -> None:
    await house.stage.say("/audit", user="ben")
    assert "Only an admin" in house.stage.shown()[-1].text
    assert "Only the operator" in await trail(house, "/audit everywhere")


async def test_older_entries_are_a_press_away(house: House) -> None:
    house.stage.admins = {house_user("ann")}
    for n in range(1, 10):
        await house.stage.say(f"/settings n {n}")
    await house.stage.say("/settings size 1:1")
    await house.stage.say("/settings size 2:3")
    await house.stage.say("/settings size 3:4")
    assert (await trail(house)).endswith("n 3")
    await house.stage.press("Older")
    older = house.stage.notes[-1][1]
    assert [line.rpartition(": ")[2] for line in older.splitlines()[1:]] == ["n 2", "n 1"]
