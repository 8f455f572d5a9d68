"""An order that was lost and has no id: found in the relay's list of orders, or left to the person."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import UnknownOutcome
from bot.model import State
from tests.fakes.painter import CENT
from tests.rooms.conftest import House, cut_off
from tests.rooms.test_core import done, latest, says, used


async def test_what_was_lost_is_found_at_once(house: House) -> None:
    house.painter.faults = [UnknownOutcome()]
    house.painter.listed = {"there-7": "a fox", "there-6": "an owl"}
    await house.stage.say("/imagine a fox")
    await house.stage.until(done)
    assert await used(house) == (CENT, 0)
    assert (len(house.painter.submits), house.painter.resumed) == (1, ["there-7"])
    assert len(house.stage.messages) == 1


async def test_what_is_listed_late_is_found_later(tmp_path: Path) -> None:
    house = House(tmp_path, reconciled=0.01)
    house.painter.faults = [UnknownOutcome()]
    async with house.lives():
        await house.stage.say("/imagine a fox")
        await house.stage.until(says("you decide"))
        assert await used(house) == (CENT, CENT)
        house.painter.listed = {"there-7": "a fox"}
        await house.stage.until(done)
        assert await used(house) == (CENT, 0)
    assert (len(house.painter.submits), house.painter.resumed) == (1, ["there-7"])
    assert len(house.stage.messages) == 1


async def test_what_was_lost_is_found_after_a_restart(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.painter.faults = [UnknownOutcome()]
    async with house.lives():
        await house.stage.say("/imagine a fox")
        await house.stage.until(says("you decide"))
    house.painter.listed = {"there-7": "a fox"}
    async with house.lives():
        await house.stage.until(done)
        assert await used(house) == (CENT, 0)
    assert (len(house.painter.submits), house.painter.resumed) == (1, ["there-7"])


async def test_two_alike_are_left_to_the_person(house: House) -> None:
    house.painter.faults = [UnknownOutcome(), UnknownOutcome()]
    house.painter.listed = {"there-7": "a fox", "there-8": "a fox"}
    await house.stage.say("/imagine a fox")
    await house.stage.until(says("you decide"))
    await latest(house, State.UNKNOWN)
    assert not house.painter.resumed


async def test_what_is_lost_again_is_not_looked_for_again(house: House) -> None:
    house.painter.faults, house.painter.late = [UnknownOutcome()], [UnknownOutcome()]
    house.painter.listed = {"there-7": "a fox"}
    await house.stage.say("/imagine a fox")
    shown = await house.stage.until(says("you decide"))
    assert [button.command for row in shown.buttons for button in row] == ["look", "retry", "giveup"]
    await house.stage.press("Look again")
    await house.stage.until(done)
    assert (len(house.painter.submits), house.painter.resumed) == (1, ["there-7", "there-7"])


async def test_a_look_that_goes_wrong_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> tuple[str, ...]:
        raise ValueError("a library stumbled")

    house = House(tmp_path, reconciled=0.01)
    house.painter.faults = [UnknownOutcome()]
    async with house.lives():
        with monkeypatch.context() as patch:
            patch.setattr(house.painter, "reconcile", broken)
            await house.stage.say("/imagine a fox")
            await house.stage.until(says("you decide"))
        house.painter.listed = {"there-7": "a fox"}
        await house.stage.until(done)
    assert house.painter.resumed == ["there-7"]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_to_try_again_is_decided_with_the_order_or_not_at_all(tmp_path: Path, when: str) -> None:
    house = House(tmp_path)
    house.painter.faults = [UnknownOutcome()]
    async with house.lives():
        await house.stage.say("/imagine a fox")
        await house.stage.until(says("you decide"))
        press = await cut_off(house, "Try again", when)
    async with house.lives():
        await house.bot.handle(press)
        await house.stage.until(done)
        await house.bot.handle(press)
        assert await used(house) == (CENT, 0)
    assert len(house.painter.submits) == 2
