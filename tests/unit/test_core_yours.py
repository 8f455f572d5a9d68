"""What Easel keeps of a person is theirs: removed when they say so."""

from __future__ import annotations

from bot.model import State, UserId
from tests.unit.conftest import House
from tests.unit.test_core import done, latest, says


async def test_a_person_is_forgotten_when_they_say_so_twice(house: House) -> None:
    await house.stage.say("/imagine a corgi in a secret garden")
    await house.stage.until(done)
    job = await latest(house, State.DONE)
    await house.stage.say("/forget me")
    asked = await house.stage.until(says("your one request"))
    await house.stage.press(asked.buttons[0][0].label, user="ben")
    assert "Only who asked" in house.stage.notes[-1][1]
    kept = await house.store.job(job)
    assert kept is not None
    assert kept.pictures
    await house.stage.press(asked.buttons[0][0].label)
    await house.stage.until(says("Removed: the words and pictures of one request"))
    gone = await house.store.job(job)
    assert gone is not None
    assert (gone.request.prompt, gone.pictures, gone.cost) == ("", (), kept.cost)
    await house.stage.press("Again")
    assert "Its words were removed" in house.stage.notes[-1][1]


async def test_whoever_thinks_better_of_it_keeps_everything(house: House) -> None:
    await house.stage.say("/imagine a corgi")
    await house.stage.until(done)
    await house.stage.say("/forget")
    await house.stage.until(says("your one request"))
    await house.stage.press("Leave it")
    await house.stage.until(says("Everything stays"))
    assert (await house.store.past(UserId("stage:ann")))[0].request.prompt == "a corgi"
