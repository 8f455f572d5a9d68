"""An outcome that is not known, of an order that has an id: asked for again, and never ordered again."""

from __future__ import annotations

from bot.errors import ResultLost, UnknownOutcome
from bot.model import State
from tests.fakes.painter import CENT
from tests.rooms.conftest import House
from tests.rooms.test_core import done, latest, says, used

LOST = ResultLost(host="cdn.example", status="403", job="there-1")


async def test_a_lost_picture_is_asked_for_by_its_id(house: House) -> None:
    house.painter.late = [LOST, LOST]
    await house.stage.say("/imagine a fox")
    await house.stage.until(says("cdn.example does not hand it over (HTTP 403)"))
    assert await used(house) == (CENT, CENT), "the hold stays"
    await house.stage.press("Look again")
    await latest(house, State.UNKNOWN)
    await house.stage.until(says("cdn.example"))
    await house.stage.press("Look again")
    await house.stage.until(done)
    assert await used(house) == (CENT, 0)
    assert (len(house.painter.submits), house.painter.resumed) == (1, ["there-1", "there-1"])
    assert len(house.stage.messages) == 1


async def test_only_who_asked_may_look(house: House) -> None:
    house.painter.late = [LOST]
    await house.stage.say("/imagine a fox")
    await house.stage.until(says("you decide"))
    await house.stage.press("Look again", user="bob")
    assert "belongs to Ann" in house.stage.notes[-1][1]
    assert not house.painter.resumed


async def test_looking_twice_asks_once(house: House) -> None:
    house.painter.late = [LOST]
    await house.stage.say("/imagine a fox")
    await house.stage.until(says("you decide"))
    (post,) = house.stage.messages
    before = house.stage.messages[post].reply
    house.painter.gate.clear()
    await house.stage.press("Look again")
    house.stage.messages[post].reply = before  # a late press on a message not yet repainted
    await house.stage.press("Give up")
    assert "decided already" in house.stage.notes[-1][1]
    house.painter.gate.set()
    await house.stage.until(done)
    assert await used(house) == (CENT, 0)


async def test_without_an_id_there_is_nothing_to_look_for(house: House) -> None:
    house.painter.faults = [UnknownOutcome()]
    await house.stage.say("/imagine a fox")
    shown = await house.stage.until(says("you decide"))
    assert [button.command for row in shown.buttons for button in row] == ["retry", "giveup"]
